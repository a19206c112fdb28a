// SPDX-License-Identifier: MIT
//
// The table of functions: what each costs over all stacks below the zoomed frame, pruned by
// nothing. A real table, so that it is also the way of keyboards and screen readers to every
// function of the range.
import {ApiError, fetchTop} from './api.js';
import {byId, element, renew, walkRows} from './dom.js';
import {clearFieldError, showFieldError} from './field_error.js';
import {formatCount, formatPercent, formatWeight} from './format.js';
import {LatestQuestion} from './latest_question.js';
import {baseName, scopesAndEnd, tableName, visible} from './text.js';

const DEBOUNCE_MS = 120;
const FIRST_ROWS = 200;
const MOST_ROWS = 5000;
const SORTS = ['name', 'self', 'total'];

export class TopTable extends EventTarget {
  // Events: 'sort' {sort}, 'match' {match}, 'select' {name} ('' for none), 'open' {name}, 'more',
  // 'group' {name}.
  #latest = new LatestQuestion();
  #timer = 0;
  #limit = FIRST_ROWS;
  #buttons = new Map();  // raw name -> button of its row
  #chosen;               // the function whose row was brought into view

  constructor() {
    super();
    this.pane = byId('table-pane');
    this.input = byId('match');
    this.body = byId('top-rows');
    this.input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#emit('match', {match: this.input.value}), DEBOUNCE_MS);
    });
    byId('top-filter').addEventListener('submit', (event) => event.preventDefault());
    for (const sort of SORTS)
      byId(`sort-${sort}`).addEventListener('click', () => this.#emit('sort', {sort}));
    this.body.addEventListener('keydown', walkRows);
    byId('top-groups').addEventListener('keydown', walkRows);
  }

  get shown() {
    return !this.pane.hidden;
  }

  /** Name of the function whose row the keyboard is on. */
  get focused() {
    return [...this.#buttons].find(([, button]) => button === document.activeElement)?.[0];
  }

  /** The state's part of the table: sorting, filter, selection. */
  show({sort, match, fn, show}) {
    this.pane.hidden = show !== 'both' && show !== 'table';
    if (this.input.value !== match) this.input.value = match;
    for (const column of SORTS) {
      const direction = column === 'name' ? 'ascending' : 'descending';
      byId(`sort-${column}`)
          .parentElement.setAttribute('aria-sort', column === sort ? direction : 'none');
    }
    this.#select(fn);
  }

  /** Asks again when the question changed. Fails only as the network does. */
  async run(query, path, state) {
    const asked = {sort: state.sort, match: state.match, limit: this.#limit};
    const question = JSON.stringify([query, path, asked]);
    if (!this.shown) return;
    try {
      const answer =
          await this.#latest.ask(question, (signal) => fetchTop(query, path, asked, signal));
      if (!answer) return;
      clearFieldError(this.input);
      this.#render(answer, state.fn);
    } catch (error) {
      if (!(error instanceof ApiError && error.parameter === 'match')) throw error;
      showFieldError(this.input, error, (example) => this.#emit('match', {match: example}));
    }
  }

  focus() {
    const selected = this.body.querySelector('[aria-pressed=true]');
    (selected ?? this.body.querySelector('button') ?? this.input).focus();
  }

  #render(answer, fn) {
    const {rows, names, modules, unit, total, rest} = answer;
    this.#buttons.clear();
    const lines = rows.name.map(
        (name, i) => this.#row(
            {name: names[name], module: modules[rows.module[i]]}, rows.self[i], rows.total[i],
            {unit, total}));
    renew(this.body, ...lines);
    renew(byId('top-groups'), ...this.#groupRows(answer));
    this.#select(fn);
    byId('top-rest').replaceChildren(...this.#restOf(rest, lines.length, unit));
    byId('top-empty').hidden = lines.length > 0;
  }

  #row({name, module}, self, weight, {unit, total}) {
    const shown = visible(name);
    const select = () => this.#emit(
        'select',
        {name: this.#buttons.get(name).getAttribute('aria-pressed') === 'true' ? '' : name});
    const button = element(
        'button', {
          type: 'button',
          className: 'fn',
          onclick: select,
          ondblclick: () => this.#emit('open', {name})
        },
        ...cutBefore(tableName(shown)));
    if (tableName(shown) !== shown) button.setAttribute('aria-label', shown);
    this.#buttons.set(name, button);
    const origin = module ? element('span', {className: 'origin'}, baseName(visible(module))) : '';
    const bar = (value) => shareCell(value, total);
    return element(
        'tr', {title: module ? `${shown}\n${visible(module)}` : shown},
        element('th', {scope: 'row'}, button, origin), element('td', {}, formatWeight(self, unit)),
        bar(self), element('td', {}, formatWeight(weight, unit)), bar(weight));
  }

  /** What each value of the grouping weighs; its button zooms to it. */
  #groupRows({groups, unit, total}) {
    return groups.names.map((name, i) => {
      const open = () => this.#emit('group', {name});
      const button =
          element('button', {type: 'button', className: 'fn', onclick: open}, visible(name));
      return element(
          'tr', {title: visible(name)}, element('th', {scope: 'row'}, button), element('td', {}),
          element('td', {}), element('td', {}, formatWeight(groups.total[i], unit)),
          shareCell(groups.total[i], total));
    });
  }

  /** Brought into view when it is chosen, and not again with every answer. */
  #select(fn) {
    const chosen = fn !== this.#chosen;
    this.#chosen = this.#buttons.has(fn) ? fn : undefined;
    for (const [name, button] of this.#buttons) {
      const selected = name === fn;
      button.setAttribute('aria-pressed', String(selected));
      button.closest('tr').classList.toggle('selected', selected);
      if (selected && chosen) button.closest('tr').scrollIntoView({block: 'nearest'});
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }

  /** What the rows leave out, so that they and this make up the whole. */
  #restOf({functions, self}, shown, unit) {
    if (functions === 0) return [];
    const text = `${formatCount(functions)} more · self ${formatWeight(self, unit)}`;
    if (shown < FIRST_ROWS || shown >= MOST_ROWS) return [text];
    const show = () => {
      this.#limit = MOST_ROWS;
      this.#emit('more');
    };
    return [
      text, ' ', element('button', {type: 'button', className: 'link', onclick: show}, 'Show them')
    ];
  }
}

/** So that where there is no room for all, the scopes give way. */
function cutBefore(name) {
  const [scopes, end] = scopesAndEnd(name);
  if (!scopes) return [name];
  return [
    element('span', {className: 'fn-scopes'}, scopes), element('span', {className: 'fn-end'}, end)
  ];
}

function shareCell(value, total) {
  const cell = element('td', {className: 'share'}, formatPercent(value, total));
  cell.style.setProperty('--share', `${total > 0 ? (100 * value) / total : 0}%`);
  return cell;
}
