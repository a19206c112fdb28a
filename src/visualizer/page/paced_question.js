// SPDX-License-Identifier: MIT
//
// Questions that cost the server more than a graph: not asked with each refresh of a live page, nor
// while the answer to one in the same words is awaited.
import {LatestQuestion} from './latest_question.js';

const LIVE_MS = 30000;
const NONE = {
  words: '',
  at: 0
};

export class PacedQuestion {
  #latest = new LatestQuestion();
  #outcome = NONE;  // of the last question that was answered or, with its `refusal`, refused
  #awaited;         // {words} of the one that is under way

  get isAwaited() {
    return this.#awaited !== undefined;
  }

  /**
   * As LatestQuestion.ask(). `words` are those of the question, '' when not live: an outcome in the
   * same words will do for a while, and what is awaited in others is not wanted then.
   */
  async ask(question, words, get) {
    if (words !== '' && words === this.#awaited?.words) return undefined;
    if (!this.#spares(words)) return this.#askAnew(question, words, get);
    if (this.#awaited) this.#stopWaiting();
    if (this.#outcome.refusal) throw this.#outcome.refusal;
    return undefined;
  }

  forget() {
    this.#stopWaiting();
    this.#outcome = NONE;
  }

  async #askAnew(question, words, get) {
    const mine = {words};
    try {
      const answer = await this.#latest.ask(question, (signal) => {
        this.#awaited = mine;
        return get(signal);
      });
      if (answer) this.#outcome = {words, at: Date.now()};
      return answer;
    } catch (error) {
      this.#outcome = error.refusal ? {words, at: Date.now(), refusal: error} : NONE;
      throw error;
    } finally {
      if (this.#awaited === mine) this.#awaited = undefined;
    }
  }

  #spares(words) {
    const {words: last, at} = this.#outcome;
    return words !== '' && words === last && Date.now() - at < LIVE_MS;
  }

  #stopWaiting() {
    this.#latest.forget();
    this.#awaited = undefined;
  }
}

/** The words of a question about `fn`; `live`: those of the page's question, '' when not live. */
export function wordsOf(live, fn) {
  return live && JSON.stringify([live, fn]);
}
