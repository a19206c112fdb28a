// SPDX-License-Identifier: MIT
//
// Fits a frame's name into its width: the longest reading that fits, else the shortest one cut with
// an ellipsis. Advances are measured once per character, not once per text.
import {shorterNames} from './text.js';

const ELLIPSIS = '…';
const MIN_LETTERS = 2;

export class TextFit {
  #advance = new Map();
  #readings = new Map();

  constructor(context) {
    this.context = context;
  }

  /** `before` stands in front of the name and is never cut. */
  fit(name, fullWidth, before = '') {
    const width = fullWidth - this.#widthOf(before, Infinity);
    if (width < 3 * this.#widthOf(ELLIPSIS, Infinity)) return '';
    if (this.#widthOf(name, width) <= width) return name;
    let shortest = name;
    for (const reading of this.#shorter(name)) {
      if (this.#widthOf(reading, width) <= width) return reading;
      shortest = reading;
    }
    return this.#cut(shortest, width);
  }

  #cut(text, width) {
    let room = width - this.#widthOf(ELLIPSIS, Infinity);
    let kept = '';
    for (const c of text) {
      room -= this.#advanceOf(c);
      if (room < 0) break;
      kept += c;
    }
    return kept.length < MIN_LETTERS ? '' : kept.trimEnd() + ELLIPSIS;
  }

  /** The width of `text`, or anything above `limit` once it is passed. */
  #widthOf(text, limit) {
    let sum = 0;
    for (const c of text) {
      sum += this.#advanceOf(c);
      if (sum > limit) break;
    }
    return sum;
  }

  #advanceOf(c) {
    let advance = this.#advance.get(c);
    if (advance === undefined) {
      advance = this.context.measureText(c).width;
      this.#advance.set(c, advance);
    }
    return advance;
  }

  #shorter(name) {
    let readings = this.#readings.get(name);
    if (!readings) {
      readings = shorterNames(name);
      this.#readings.set(name, readings);
    }
    return readings;
  }
}
