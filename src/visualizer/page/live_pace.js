// SPDX-License-Identifier: MIT
//
// What costs the server more than a graph is not asked for with each refresh of a live page.
const LIVE_MS = 30000;

export class LivePace {
  #like = '';
  #at = 0;

  /** Whether the latest answer to a question in those words, '' when not live, will do. */
  spares(like) {
    return like !== '' && like === this.#like && Date.now() - this.#at < LIVE_MS;
  }

  answered(like) {
    this.#like = like;
    this.#at = Date.now();
  }
}

/** The words of a question about `fn`; `live`: those of the page's question, '' when not live. */
export function wordsOf(live, fn) {
  return live && JSON.stringify([live, fn]);
}
