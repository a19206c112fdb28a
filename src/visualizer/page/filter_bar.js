// SPDX-License-Identifier: MIT
//
// What of the range is looked at, as chips: labels that are kept or left out on either side of a
// comparison, what was taken out of the stacks, and a part of a second. Each chip is removed by its cross; a label's
// text turns "is" into "is not". New ones come from a small form that offers what the store holds.
import {byId, element, renew} from './dom.js';
import {formatPercent, formatWeight} from './format.js';
import {describeSpan, parseSpanAt} from './heat_cells.js';
import {decodePath, encodePath} from './state.js';
import {describeEdit, formatFilter, isLabelBase, parseFilter, withTerm} from './terms.js';
import {visible} from './text.js';

const FRAME_TERMS = [
  ['focus', 'only stacks through'],
  ['drop', 'no stacks through'],
  ['hide', 'hide frames'],
  ['module', 'hide a module'],
];
const LABEL_SIGNS = [['=', 'is'], ['!=', 'is not']];
const FRAME_SIGNS = [[':', 'named'], ['~', 'matching']];

const options = (pairs) => pairs.map(([value, text]) => element('option', {value}, text));

export class FilterBar {
  #labels = new Map();
  #state;

  constructor(change) {
    this.change = change;
    this.dialog = byId('add-filter');
    this.what = byId('filter-what');
    this.sign = byId('filter-sign');
    this.value = byId('filter-value');
    this.side = byId('filter-side');
    byId('filter-open').addEventListener('click', () => this.open());
    this.what.addEventListener('change', () => this.#offer());
    byId('filter-form').addEventListener('submit', () => this.#add());
    byId('filter-cancel').addEventListener('click', () => this.dialog.close());
  }

  open() {
    const labels = [...this.#labels.keys()];
    this.what.replaceChildren(
        element('optgroup', {label: 'Label'}, ...options(labels.map((l) => [`=${l}`, visible(l)]))),
        element('optgroup', {label: 'Frames'}, ...options(FRAME_TERMS)));
    this.value.value = '';
    this.side.value = '';
    this.#offer();
    this.dialog.showModal();
  }

  /** labels: a Map of the range's values by key. */
  showLabels(labels) {
    this.#labels = labels;
  }

  show(state) {
    this.#state = state;
    const chips = [
      ...this.#labelChips('where', '', state.where),
      ...(isLabelBase(state.base) ? this.#labelChips('base', 'before: ', state.base) : []),
      ...decodePath(state.edit).map((term) => this.#editChip(term)),
      ...(state.at === '' ? [] : [this.#spanChip(state.at)]),
    ];
    byId('chip-row').hidden = chips.length === 0;
    renew(byId('chips'), ...chips);
  }

  /** Weight that the edits took away is never silent. */
  showLeftOut({left_out: leftOut = 0, total, unit, current, base}) {
    const out = current ? current.left_out : leftOut;
    const rest = current ? current.total : total;
    const text = (name, weight, kept) =>
        `${name}${formatWeight(weight, unit)} (${formatPercent(weight, weight + kept)}) left out`;
    const parts = [];
    if (out > 0) parts.push(text(current ? 'now ' : '', out, rest));
    if (base?.left_out > 0) parts.push(text('before ', base.left_out, base.total));
    byId('left-out').textContent = parts.join(' · ');
  }

  #labelChips(key, before, text) {
    const filter = parseFilter(text);
    return filter.map((term, i) => {
      const says = `${term.key} ${term.negated ? 'is not' : 'is'} ${term.value || '(none)'}`;
      const replaced = (...by) => this.change({[key]: formatFilter(filter.toSpliced(i, 1, ...by))});
      return chip(
          visible(`${before}${says}`), () => replaced({...term, negated: !term.negated}),
          () => replaced());
    });
  }

  #editChip(term) {
    const rest = decodePath(this.#state.edit).filter((known) => known !== term);
    return chip(
        visible(describeEdit(term)), undefined, () => this.change({edit: encodePath(rest)}));
  }

  #spanChip(at) {
    const span = parseSpanAt(at);
    return chip(
        `sampled at ${span ? describeSpan(span) : visible(at)}`, undefined,
        () => this.change({at: ''}));
  }

  /** Fits the signs and the values on offer to what is being asked for. */
  #offer() {
    const label = this.#label();
    const pairs = label !== undefined ? LABEL_SIGNS : FRAME_SIGNS;
    this.sign.replaceChildren(...options(this.what.value === 'module' ? pairs.slice(0, 1) : pairs));
    this.side.hidden = label === undefined;
    byId('filter-values')
        .replaceChildren(...(this.#labels.get(label) ?? []).map((value) => element('option', {value})));
  }

  #label() {
    return this.what.value.startsWith('=') ? this.what.value.slice(1) : undefined;
  }

  #add() {
    const label = this.#label();
    const {value} = this.value;
    const {where, base, edit} = this.#state;
    if (label === undefined) {
      if (value !== '')
        this.change({edit: withTerm(edit, `${this.what.value}${this.sign.value}${value}`)});
      return;
    }
    const term = {key: label, value, negated: this.sign.value === '!='};
    const key = this.side.value === 'base' ? 'base' : 'where';
    const before = key === 'where' ? where : isLabelBase(base) ? base : '';
    this.change({[key]: formatFilter([...parseFilter(before), term])});
  }
}

function chip(text, toggle, remove) {
  const name = toggle ?
      element('button', {type: 'button', title: 'Turn into its opposite', onclick: toggle}, text) :
      element('span', {}, text);
  const cross = element(
      'button',
      {type: 'button', className: 'cross', 'aria-label': `Remove: ${text}`, onclick: remove}, '×');
  return element('span', {className: 'chip'}, name, cross);
}
