// SPDX-License-Identifier: MIT
//
// Range, panes, filters, grouping and order. Reads the state, reports what the user wants through
// `change(patch)`; holds nothing of its own but what is being typed.
import {byId, element} from './dom.js';
import {clearFieldError, showFieldError} from './field_error.js';
import {formatFilter, parseFilter} from './terms.js';
import {visible} from './text.js';
import {browserZone} from './zone.js';

const QUICK = [
  ['5 min', '-5minutes', 'The last 5 minutes'],
  ['15 min', '-15minutes', 'The last 15 minutes'],
  ['1 h', '-1hour', 'The last hour'],
  ['6 h', '-6hours', 'The last 6 hours'],
  ['1 d', '-1day', 'The last day'],
  ['7 d', '-7days', 'The last 7 days'],
];

const ZONES = [
  ['UTC', 'UTC'], ...[browserZone()].filter((name) => name !== 'UTC').map((name) => [name, name])
];
const ORDERS = [['heavy', 'heaviest first'], ['name', 'by name']];

const BASES = [
  ['', 'no comparison'],
  ['range', 'with the range before'],
  ['3600', 'with an hour before'],
  ['86400', 'with a day before'],
  ['604800', 'with a week before'],
];
const COLOURS = [['', 'colour: namespace'], ['module', 'colour: module']];
const VIEWS = [['icicle', 'root on top'], ['flame', 'root at bottom']];
const PANES = [
  ['graph', 'Graph', 'The graph alone (t)'],
  ['both', 'Both', 'Functions beside the graph (t)'],
  ['table', 'Table', 'The functions alone (t)'],
  ['calls', 'Calls', 'Who calls whom (g)'],
];

export class Toolbar {
  #inputs = {from: byId('from'), until: byId('until')};
  #selects = {};
  #quick = [];
  #panes = [];

  constructor(change) {
    this.change = change;
    byId('range').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#commitRange();
    });
    for (const input of Object.values(this.#inputs))
      input.addEventListener('change', () => this.#commitRange());
    this.#quick = QUICK.map(
        ([text, from, title]) => element(
            'button', {type: 'button', title, onclick: () => this.change({from, until: 'now'})},
            text));
    byId('quick').append(...this.#quick);
    byId('live').addEventListener('click', () => this.toggleLive());
    byId('heat-toggle').addEventListener('click', () => this.toggleHeat());
    this.#panes = PANES.map(
        ([show, text, title]) =>
            element('button', {type: 'button', title, onclick: () => this.change({show})}, text));
    byId('panes').append(...this.#panes);
    this.#addSelect('tz', 'Time zone', ZONES, byId('zone'));
    this.#addSelect('by', 'Group by', groupings(new Map()));
    this.#addSelect('order', 'Order of siblings', ORDERS);
    this.#addSelect('base', 'Compare', BASES);
    this.#addSelect('colour', 'What gives a frame its colour', COLOURS);
    this.#addSelect('view', 'Direction of the graph', VIEWS);
  }

  /** Following needs an end that moves. */
  toggleLive() {
    const live = byId('live').getAttribute('aria-pressed') !== 'true';
    this.change(live ? {live, until: 'now'} : {live});
  }

  toggleHeat() {
    const shown = byId('heat-toggle').getAttribute('aria-pressed') === 'true';
    this.change({heat: shown ? '' : '1'});
  }

  /** The next pane, order or direction, and round again. */
  next(key, state) {
    const choices =
        {show: PANES.slice(0, 3), order: ORDERS, view: VIEWS, base: BASES.slice(0, 2)}[key];
    const at = choices.findIndex(([value]) => value === state[key]);
    this.change({[key]: choices[(at + 1) % choices.length][0]});
  }

  show(state) {
    for (const [key, input] of Object.entries(this.#inputs)) {
      if (input !== document.activeElement || input.value !== state[key]) input.value = state[key];
    }
    QUICK.forEach(([, from], i) => {
      this.#quick[i].setAttribute(
          'aria-pressed', String(state.from === from && state.until === 'now'));
    });
    PANES.forEach(([show], i) => {
      this.#panes[i].setAttribute('aria-pressed', String(state.show === show));
    });
    byId('live').setAttribute('aria-pressed', String(state.live));
    byId('heat-toggle').setAttribute('aria-pressed', String(state.heat !== ''));
    for (const [key, select] of Object.entries(this.#selects))
      this.#choose(key, select, state[key]);
  }

  /** Offers to group by, and to compare, what the store holds in the range. */
  showLabels(labels, state) {
    this.#selects.by.replaceChildren(
        ...groupings(labels).map(([value, text]) => option(value, text)));
    this.#choose('by', this.#selects.by, state.by);
    this.#offerBases(labels, state);
  }

  /** A filter's other values are what its range can be compared with. */
  #offerBases(labels, state) {
    const others =
        parseFilter(state.where)
            .filter(({negated}) => !negated)
            .flatMap(
                ({key, value: own}) => (labels.get(key) ?? [])
                                           .filter((value) => value !== own)
                                           .map(
                                               (value) =>
                                                   [formatFilter([{key, value}]),
                                                    `with ${visible(`${key} ${value}`)}`]));
    this.#selects.base.replaceChildren(
        ...[...BASES, ...others].map(([value, text]) => option(value, text)));
    this.#choose('base', this.#selects.base, state.base);
  }

  showRangeError(error, key) {
    const input = this.#inputs[key] ?? this.#selects[key];
    showFieldError(input, error, (example) => this.change({[key]: example}));
    input.focus();
  }

  clearErrors() {
    [...Object.values(this.#inputs), this.#selects.tz].forEach(clearFieldError);
  }

  #commitRange() {
    this.change({from: this.#inputs.from.value.trim(), until: this.#inputs.until.value.trim()});
  }

  #addSelect(key, title, options, place = byId('filters')) {
    const select = element(
        'select', {
          id: `choose-${key}`,
          title,
          'aria-label': title,
          onchange: () => this.change({[key]: select.value})
        },
        ...options.map(([value, text]) => option(value, text)));
    this.#selects[key] = select;
    place.append(select);
  }

  /** A value from the URL is shown even if the range does not hold it. */
  #choose(key, select, value) {
    if (![...select.options].some((known) => known.value === value))
      select.append(option(value, visible(value)));
    select.value = value;
    select.classList.toggle('active', value !== select.options[0].value);
  }
}

function groupings(labels) {
  return [['', 'no grouping'], ...[...labels.keys()].map((key) => [key, `by ${visible(key)}`])];
}

function option(value, text) {
  return element('option', {value}, text);
}
