// SPDX-License-Identifier: MIT
//
// One function between all its callers, above, and all its callees, below. A click on a frame puts
// that one in the middle: the way back is the browser's.
import {fetchSandwich} from './api.js';
import {Columns} from './columns.js';
import {byId} from './dom.js';
import {FlameView} from './flame_view.js';
import {formatPercent, formatWeight} from './format.js';
import {LatestQuestion} from './latest_question.js';
import {visible} from './text.js';

export class Sandwich extends EventTarget {
  // Events: 'pivot' {name}, and those of its two graphs that others show: 'hover', 'focus', 'menu'
  // with {view, …}.
  #latest = new LatestQuestion();

  constructor() {
    super();
    this.pane = byId('sandwich');
    const half = (name) =>
        new FlameView(byId(`${name}-scroller`), byId(`${name}-spacer`), byId(`${name}-flame`));
    this.callers = half('callers');
    this.callees = half('callees');
    this.callers.upward = true;
    for (const view of this.views) {
      view.addEventListener('zoom', ({detail}) => this.#pivot(view, detail.path));
      for (const type of ['hover', 'focus', 'menu']) {
        view.addEventListener(type, ({detail}) => this.#emit(type, {...detail, view}));
      }
    }
  }

  get views() {
    return [this.callers, this.callees];
  }

  get shown() {
    return !this.pane.hidden;
  }

  show({sandwich}) {
    this.pane.hidden = sandwich === '';
    if (sandwich === '') this.#latest.forget();
    const name = visible(sandwich);
    if (byId('sandwich-name').textContent === name) return;
    byId('sandwich-name').textContent = byId('sandwich-name').title = name;
    byId('sandwich-cost').textContent = '';  // what stood there is another function's
    for (const view of this.views) view.clear();
  }

  /**
   * Asks again when the question changed. In a comparison both sides are asked, and it says which
   * one is drawn: now, or before where the function is gone.
   */
  async run(query, {sandwich: fn}, base) {
    const width = this.callees.devicePixels;
    const question = JSON.stringify([query, fn, width, base]);
    if (!this.shown) return;
    const both = await this.#latest.ask(question, (signal) => Promise.all([
      fetchSandwich(query, fn, width, signal),
      base && fetchSandwich(base, fn, width, signal),
    ]));
    if (both) this.#render(...both);
  }

  setMatches(names) {
    for (const view of this.views) view.setMatches(names);
  }

  #render(now, before) {
    const answer = before?.found && !now.found ? before : now;
    const {found, unit, total} = answer;
    this.pane.classList.toggle('nowhere', !found);
    byId('sandwich-cost').textContent = before ? bothCosts(now, before) : cost(now);
    for (const [view, half] of [[this.callers, answer.callers], [this.callees, answer.callees]]) {
      if (!found) {
        view.clear();
        continue;
      }
      view.show(new Columns({...half, unit, total, root: []}), 0);
    }
  }

  #pivot(view, path) {
    if (path.length > 0) this.#emit('pivot', {name: path.at(-1)});
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

function bothCosts(now, before) {
  const drawn = now.found ? 'now' : before.found ? 'before' : 'neither';
  return `now: ${cost(now)} — before: ${cost(before)} — drawn: ${drawn}`;
}

function cost({found, callees, unit, total}) {
  if (!found) return 'is not in this range';
  const {total: [all], self: [own]} = callees.nodes;
  const part = (text, weight) =>
      `${text} ${formatWeight(weight, unit)}, ${formatPercent(weight, total)}`;
  return `${part('total', all)} · ${part('self', own)} of all`;
}
