// SPDX-License-Identifier: MIT
//
// The chosen function's own share of the CPU time over the range, for the line on the timeline.
// Each of its intervals costs the server a merge: while live, it is asked for less often than the
// rest.
import {fetchShare} from './api.js';
import {PacedQuestion, wordsOf} from './paced_question.js';

export class OwnShare extends EventTarget {
  // Events: 'answer': `line` changed.
  #latest = new PacedQuestion();

  /** {fn, spans: [{begin, end (ms), weight, total}]}, or undefined without a function. */
  line = undefined;

  /** `live`: see wordsOf(). */
  async run(query, fn, live) {
    if (fn === '') return this.#clear();
    const question = JSON.stringify([query, fn]);
    const answer = await this.#latest.ask(
        question, wordsOf(live, fn), (signal) => fetchShare(query, fn, signal));
    if (!answer) return;
    this.line = {fn, spans: spansOf(answer)};
    this.dispatchEvent(new CustomEvent('answer'));
  }

  #clear() {
    this.#latest.forget();
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
