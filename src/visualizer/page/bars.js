// SPDX-License-Identifier: MIT
//
// The bars of frames, as pixels. Of each row one line is written, and copied to the row's other
// lines: thousands of narrow frames cost what they cover of one line, and no call into the browser
// each.
import {pixelOf} from './palette.js';

const SHORT = 16;  // pixels up to which a loop is faster than a call

export class Bars {
  #image;
  #pixels = new Uint32Array(0);
  #rows = new Map();  // the line that was written of each row -> one past the row's last line

  /** `row`, `gap`: px of a row, and of what stays free below a bar and beside a wide one. */
  constructor(context, {row, gap, widthWithGap}) {
    this.context = context;
    this.row = row;
    this.gap = gap;
    this.widthWithGap = widthWithGap;
  }

  /** Begins anew, `ratio` device pixels a px, on the whole canvas. */
  begin(ratio, background) {
    const {width, height} = this.context.canvas;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = this.context.createImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    }
    this.ratio = ratio;
    this.#rows.clear();
    this.#pixels.fill(pixelOf(background));
  }

  /**
   * Edges fall on device pixels, so that neighbours neither blur nor overlap. `gapAbove` and
   * `gapBelow`: whether it closes the gap there.
   */
  add(left, top, width, fill, gapAbove, gapBelow) {
    const {ratio, row, gap} = this;
    const from = Math.round(left * ratio);
    const free = width >= this.widthWithGap ? Math.round(gap * ratio) : 0;
    const to = Math.max(Math.round((left + width) * ratio) - free, from + 1);
    const pixel = pixelOf(fill);
    const first = Math.round(top * ratio);
    const end = Math.round((top + row - gap) * ratio);
    this.#addLine(first, end, from, to, pixel);
    if (gapAbove) this.#fillLines(Math.round((top - gap) * ratio), first, from, to, pixel);
    if (gapBelow) this.#fillLines(end, Math.round((top + row) * ratio), from, to, pixel);
  }

  /** Onto the canvas. */
  put() {
    const {width} = this.#image;
    for (const [line, end] of this.#rows) {
      for (let y = line + 1; y < end; ++y)
        this.#pixels.copyWithin(y * width, line * width, (line + 1) * width);
    }
    this.context.putImageData(this.#image, 0, 0);
  }

  #addLine(first, end, from, to, pixel) {
    const line = Math.max(0, first);
    const last = Math.min(end, this.#image.height);
    if (line >= last) return;
    this.#rows.set(line, last);
    this.#fillLines(line, line + 1, from, to, pixel);
  }

  #fillLines(first, end, from, to, pixel) {
    const {width, height} = this.#image;
    const pixels = this.#pixels;
    const begin = Math.max(0, from);
    const stop = Math.min(width, to);
    const last = Math.min(end, height);
    for (let y = Math.max(0, first); y < last; ++y) {
      const line = y * width;
      if (stop - begin > SHORT)
        pixels.fill(pixel, line + begin, line + stop);
      else
        for (let x = line + begin; x < line + stop; ++x) pixels[x] = pixel;
    }
  }
}
