// SPDX-License-Identifier: MIT
//
// The functions of a comparison: what each had of either side's CPU time, what changed first. What
// varies no more than it does anyway is grey; a verdict is never told by colour alone.
import {byId, element, renew, walkRows} from './dom.js';
import {formatCount, formatPercent} from './format.js';
import {tableName, visible} from './text.js';
import {changeOf, verdictOf} from './verdict.js';

const CHOICES = {
  changed: ({verdict}) => verdict === 'more' || verdict === 'less',
  new: ({base}) => base === 0,
  vanished: ({current}) => current === 0,
};

export class DiffTable extends EventTarget {
  // Events: 'select' {name} ('' for none), 'open' {name}.
  #buttons = new Map();  // of the rows -> raw name

  constructor() {
    super();
    this.body = byId('diff-rows');
    this.body.addEventListener('keydown', walkRows);
  }

  /** Name of the function whose row the keyboard is on. */
  get focused() {
    return this.#buttons.get(document.activeElement);
  }

  /** The state's part: which functions, which is chosen. */
  show({only, match, fn}) {
    this.only = only;
    this.match = match;
    this.fn = fn;
    if (this.answer) this.#render();
  }

  run(answer) {
    this.answer = answer.base_range ? answer : undefined;
    byId('diff').hidden = !this.answer;
    byId('top').hidden = Boolean(this.answer);
    byId('only').hidden = !this.answer;
    if (this.answer) this.#render();
  }

  #rows() {
    const {functions: {names, rows}, base, current} = this.answer;
    const pattern = patternOf(this.match);
    return names
        .map((name, i) => ({
               name,
               base: rows.base[i],
               current: rows.current[i],
               change: changeOf(rows, i, base.total, current.total),
               verdict: verdictOf(rows, i, base.total, current.total),
             }))
        .filter((row) => pattern.test(row.name) && (CHOICES[this.only]?.(row) ?? true));
  }

  #render() {
    const rows = this.#rows();
    this.#buttons.clear();
    renew(this.body, ...rows.map((row) => this.#row(row)));
    byId('top-empty').hidden = rows.length > 0;
    const {rest} = this.answer.functions;
    byId('top-rest').textContent =
        rest > 0 ? `${formatCount(rest)} more with smaller changes` : '';
  }

  #row({name, base, current, change, verdict}) {
    const select = () => this.#emit('select', {name: this.fn === name ? '' : name});
    const open = () => this.#emit('open', {name});
    const button = element(
        'button', {
          type: 'button',
          className: 'fn',
          'aria-pressed': String(this.fn === name),
          onclick: select,
          ondblclick: open
        },
        tableName(visible(name)));
    if (tableName(visible(name)) !== visible(name))
      button.setAttribute('aria-label', visible(name));
    this.#buttons.set(button, name);
    const badge = base === 0 ? 'new' : current === 0 ? 'gone' : '';
    return element(
        'tr', {
          title: `${visible(name)}\n${change.text}`,
          className: `${verdict} ${this.fn === name ? 'selected' : ''}`
        },
        element(
            'th', {scope: 'row'}, button,
            badge ? element('span', {className: 'badge'}, badge) : ''),
        element('td', {}, formatPercent(base, this.answer.base.total)),
        element('td', {}, formatPercent(current, this.answer.current.total)),
        element('td', {className: 'points'}, change.points));
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

/** As the server reads patterns; one that is none is refused where the search is. */
function patternOf(match) {
  try {
    return new RegExp(match, /[A-Z]/.test(match.replaceAll(/\\./g, '')) ? '' : 'i');
  } catch {
    return /(?!)/;
  }
}
