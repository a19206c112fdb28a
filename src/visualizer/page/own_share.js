// SPDX-License-Identifier: MIT
//
// The chosen function's own share of the CPU time over the range, for the line on the timeline.
// Each of its intervals costs the server a merge: while live, it is asked for less often than the
// rest.
import {fetchShare} from './api.js';
import {LivePace, wordsOf} from './live_pace.js';

export class OwnShare extends EventTarget {
  // Events: 'answer': `line` changed.
  #abort = new AbortController();
  #question = '';
  #pace = new LivePace();

  /** {fn, spans: [{begin, end (ms), weight, total}]}, or undefined without a function. */
  line = undefined;

  /** `live`: see wordsOf(). */
  async run(query, fn, live) {
    if (fn === '') return this.#clear();
    const question = JSON.stringify([query, fn]);
    const words = wordsOf(live, fn);
    if (question === this.#question || (this.line && this.#pace.spares(words))) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#question = question;
    try {
      const answer = await fetchShare(query, fn, this.#abort.signal);
      this.#pace.answered(words);
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
