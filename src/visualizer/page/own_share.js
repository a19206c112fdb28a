// SPDX-License-Identifier: MIT
//
// The chosen function's own share of the CPU time over the range, for the line on the timeline.
// Each of its intervals costs the server a merge: while live, it is asked for less often than the
// rest.
import {fetchShare} from './api.js';

const LIVE_MS = 30000;

export class OwnShare extends EventTarget {
  // Events: 'answer': `line` changed.
  #abort = new AbortController();
  #question = '';
  #askedAt = 0;

  /** {fn, spans: [{begin, end (ms), weight, total}]}, or undefined without a function. */
  line = undefined;

  async run(query, fn, live) {
    if (fn === '') return this.#clear();
    const question = JSON.stringify([query, fn]);
    const fresh = live && this.line?.fn === fn && Date.now() - this.#askedAt < LIVE_MS;
    if (question === this.#question) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#question = fresh ? '' : question;
    if (fresh) return;
    try {
      const answer = await fetchShare(query, fn, this.#abort.signal);
      this.#askedAt = Date.now();
      this.line = {fn, spans: spansOf(answer)};
      this.dispatchEvent(new CustomEvent('answer'));
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#question = '';
      throw error;
    }
  }

  #clear() {
    this.#abort.abort();
    this.#question = '';
    if (!this.line) return;
    this.line = undefined;
    this.dispatchEvent(new CustomEvent('answer'));
  }
}

function spansOf({begin, step_seconds: step, total, function: own}) {
  const first = Date.parse(begin);
  return total.map((all, i) => ({
                     begin: first + i * step * 1000,
                     end: first + (i + 1) * step * 1000,
                     weight: own[i],
                     total: all
                   }));
}
