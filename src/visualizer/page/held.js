// SPDX-License-Identifier: MIT
//
// The answers to one question (range, filters, grouping, order), each for another zoom. A zoom is
// drawn at once from what is held; the server is asked only when it could show more.
import {Columns} from './columns.js';
import {queryKey, samePath} from './state.js';

const MAX_HELD = 12;

export class Held {
  #all = [];  // the latest used last

  /** `query` is asked again with its resolved moments: a refinement shows the same instant. */
  constructor(query, width, answer) {
    this.key = queryKey(query);
    this.width = width;
    const {range, at} = answer;
    this.query = {
      ...query,
      from: range.from.time,
      until: range.until.time,
      at: at ? `${at.begin}..${at.end}` : ''
    };
    this.answer = answer;
    this.first = this.add(answer);
  }

  add(answer) {
    const columns = new Columns(answer);
    this.#all =
        this.#all.filter((held) => !samePath(held.rootPath, columns.rootPath)).slice(1 - MAX_HELD);
    this.#all.push(columns);
    return columns;
  }

  /** {columns, node} that hold both paths, so that the way between them can be shown. */
  covering(path, otherPath) {
    for (const columns of this.#finestFirst()) {
      const found = columns.find(path);
      if (found?.complete && columns.find(otherPath)?.complete) return {columns, node: found.node};
    }
    return undefined;
  }

  finest(path) {
    return this.covering(path, path);
  }

  #finestFirst() {
    return [...this.#all].sort((a, b) => b.rootPath.length - a.rootPath.length);
  }
}
