// SPDX-License-Identifier: MIT
//
// The search box: asks the server as one types (it holds what the page was not sent), lights up the
// matching names and says how much of the CPU time passes through them.
import {ApiError, fetchSearch} from './api.js';
import {byId} from './dom.js';
import {clearFieldError, showFieldError} from './field_error.js';
import {formatCount, formatPercent, formatWeight} from './format.js';

const DEBOUNCE_MS = 120;

export class Search extends EventTarget {
  // Events: 'type' {q}, 'matches': `names` changed (undefined: no search).
  #timer = 0;
  #abort = new AbortController();
  result = undefined;
  names = undefined;

  constructor() {
    super();
    this.input = byId('q');
    this.output = byId('matched');
    this.input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#type(), DEBOUNCE_MS);
    });
    byId('search').addEventListener('submit', (event) => {
      event.preventDefault();
      clearTimeout(this.#timer);
      this.#type();
    });
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  show(q) {
    if (this.input.value !== q) this.input.value = q;
  }

  /**
   * Asks again: the pattern, the range or the zoom changed. `base` is the other side of a
   * comparison, or undefined. Fails only as the network does.
   */
  async run(query, path, q, unit, base) {
    this.#abort.abort();
    this.#abort = new AbortController();
    if (q === '') return this.#clear();
    try {
      const {signal} = this.#abort;
      const [answer, before] = await Promise.all(
          [fetchSearch(query, path, q, signal), base && fetchSearch(base, path, q, signal)]);
      clearFieldError(this.input);
      this.names = new Set([...answer.names, ...before?.names ?? []]);
      this.result = {...answer, names: [...this.names]};
      this.output.value = this.#sentence(this.result, unit, before);
      this.#emit('matches');
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.#clear();
      if (!(error instanceof ApiError)) throw error;
      showFieldError(this.input, error, (example) => this.#emit('type', {q: example}));
    }
  }

  #sentence({matched, total, names, names_truncated: truncated}, unit, before) {
    if (names.length === 0) return 'no match';
    const count = `${formatCount(names.length)}${truncated ? '+' : ''} name${
        names.length === 1 ? '' : 's'}`;
    const share = formatPercent(matched, total);
    if (before)
      return `now ${share} · before ${formatPercent(before.matched, before.total)} · ${count}`;
    return `${share} · ${formatWeight(matched, unit)} · ${count}`;
  }

  #clear() {
    clearFieldError(this.input);
    this.result = undefined;
    this.output.value = '';
    this.names = undefined;
    this.#emit('matches');
  }

  #type() {
    this.#emit('type', {q: this.input.value});
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
