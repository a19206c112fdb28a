// SPDX-License-Identifier: MIT
//
// What a part of the page asks the server: of its questions the latest counts, and an answer to
// another one is never shown.
export class LatestQuestion {
  #abort = new AbortController();
  #text = '';
  #refusal;  // of that question

  /** Whether `question` is on its way, was answered, or would be refused again. */
  is(question) {
    return this.#text === question;
  }

  /**
   * The answer of `get(signal)`, or undefined where that is out of date, or is there already. Fails
   * as `get` does; what was refused fails so again without being asked, as it still is not
   * answered; what did not fail for the question's fault may be asked again.
   */
  async ask(question, get) {
    if (this.is(question)) {
      if (this.#refusal) throw this.#refusal;
      return undefined;
    }
    this.forget();
    this.#text = question;
    const {signal} = this.#abort;
    try {
      const answer = await get(signal);
      return signal.aborted ? undefined : answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error.refusal)
        this.#refusal = error;
      else
        this.#text = '';
      throw error;
    }
  }

  forget() {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#text = '';
    this.#refusal = undefined;
  }
}
