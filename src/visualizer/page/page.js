// SPDX-License-Identifier: MIT
//
// The page's state, kept in the URL, and its parts, which show it. Every change goes through
// change() or zoomTo(), every answer through #present().
import {endExpectation, expectComparison, showAnswerNotes, showLostPath} from './answer_notes.js';
import {ApiError, baseQuery, fetchFlame, fetchLabels} from './api.js';
import {CallGraph} from './call_graph.js';
import {DiffTable} from './diff_table.js';
import {byId} from './dom.js';
import {Exchange} from './exchange.js';
import {FilterBar} from './filter_bar.js';
import {askFlame} from './first_answer.js';
import {FlameView} from './flame_view.js';
import {HeatMap} from './heat_map.js';
import {Held} from './held.js';
import {Menu} from './menu.js';
import {OwnShare} from './own_share.js';
import {Sandwich} from './sandwich.js';
import {Search} from './search.js';
import {SourcePane} from './source_pane.js';
import {formatState, parseState, queryKey, samePath} from './state.js';
import {hideCard, setNotice, showEmptyRange, showEmptyStore} from './states.js';
import {visible} from './text.js';
import {Timeline} from './timeline.js';
import {Toolbar} from './toolbar.js';
import {describe, Tooltip} from './tooltip.js';
import {TopTable} from './top_table.js';
import {showTrail} from './trail.js';
import {useZone} from './zone.js';

const REFINE_ABOVE = 1.25;  // a view this much wider than the answer was made for asks again

export class Page {
  state = parseState(location);
  held;  // answers to the question of the moment

  #sides;  // what runSides() returned, until it asks

  // Methods that are handed on.
  load = () => this.#load();
  change = (patch) => this.#change(patch);
  zoomTo = (path) => this.#zoomTo(path);

  view = new FlameView(byId('scroller'), byId('spacer'), byId('flame'));
  tooltip = new Tooltip(byId('tooltip'));
  toolbar = new Toolbar(this.change);
  filterBar = new FilterBar(this.change);
  search = new Search();
  table = new TopTable();
  diffTable = new DiffTable();
  sandwich = new Sandwich();
  menu = new Menu();
  timeline = new Timeline();
  ownShare = new OwnShare();
  heat = new HeatMap();
  calls = new CallGraph();
  source = new SourcePane();
  exchange = new Exchange(this);

  // What the exchange asks of it.
  get question() {
    return queryKey(this.state);
  }
  get live() {
    return this.state.live;
  }
  get waiting() {
    return this.held?.answer.stored.empty;
  }
  get drawn() {
    return this.view.columns !== undefined;
  }
  showRangeError(error) {
    this.toolbar.showRangeError(error, error.parameter);
  }
  clearErrors() {
    this.toolbar.clearErrors();
  }

  setState(patch, options) {
    this.#goTo(patch, options);
    this.#show();
  }

  /** Without #show(), for what shows in the graph alone. */
  #goTo(patch, {replace = false} = {}) {
    const depth = history.state?.depth ?? 0;
    this.state = {...this.state, ...patch};
    const url = formatState(this.state) || location.pathname;
    if (replace || url === (location.search + location.hash || location.pathname))
      history.replaceState({depth}, '', url);
    else
      history.pushState({depth: depth + 1}, '', url);
  }

  setQuery(q) {
    this.setState({q}, {replace: true});
    this.runSides();
  }

  /** The browser went back or forth: the URL tells what to show. */
  followUrl() {
    const before = this.question;
    this.state = parseState(location);
    this.#show();
    if (this.question === before)
      this.#showZoom();
    else
      this.load();
  }

  refineIfWider() {
    if (this.held && this.view.devicePixels > this.held.width * REFINE_ABOVE) this.load();
  }

  /** One function that was chosen comes before those that a search finds. */
  lightUp() {
    const names = this.state.fn !== '' ? new Set([this.state.fn]) : this.search.names;
    for (const graph of [this.view, this.sandwich, this.calls]) graph.setMatches(names);
  }

  /** What stands beside the graph follows its range and its zoom. */
  runSides() {
    return this.#sides ??= this.exchange.beside('sides', () => this.#askSides());
  }

  /** After the graph, which they would keep waiting. */
  async #askSides() {
    await this.view.painted();
    this.#sides = undefined;
    const {held, state, view} = this;
    if (!held) return;
    const whole = {...held.query, at: ''};  // around the part that was chosen
    const fn = state.fn || state.sandwich;
    const live = state.live ? held.key : '';
    const base = held.answer.base_range && baseQuery(held.query, held.answer);
    await Promise.all([
      this.search.run(held.query, view.path, state.q, held.answer.unit, base),
      state.base === '' && this.table.run(held.query, view.path, state),
      this.sandwich.run(held.query, state, base),
      this.timeline.run(whole),
      this.ownShare.run(whole, fn, live),
      this.heat.run(whole, fn, live, held.query.at),
      this.calls.run(held.query, view.path),
      this.source.run(held.query, state),
    ]);
  }

  #show() {
    const {state} = this;
    useZone(state.tz);
    for (const part
             of [this.toolbar, this.filterBar, this.table, this.diffTable, this.sandwich,
                 this.calls, this.source, this.heat])
      part.show(state);
    byId('only').value = state.only;
    const legend = [state.by, state.fn, state.sandwich].some((name) => name !== '');
    byId('timeline-legend').classList.toggle('expected', legend);  // its room before its answer
    byId('graph').hidden = state.show === 'table' || state.show === 'calls' || this.sandwich.shown;
    this.view.upward = state.view === 'flame';
    for (const graph of [this.view, ...this.sandwich.views])
      graph.byModule = state.colour === 'module';
    this.search.show(state.q);
    this.lightUp();
  }

  /** A new question: other range, filter, grouping, order; or live on and off. */
  #change(asked) {
    const patch = {...consequences(asked), ...asked};
    const before = this.question;
    const wasLive = this.state.live;
    const stays = queryKey({...this.state, ...patch}) === before && !('sandwich' in patch) &&
        !('src' in patch);
    this.setState(patch, {replace: stays});
    if (this.question !== before || this.state.live !== wasLive)
      this.load();
    else
      this.runSides();
  }

  async #zoomTo(path) {
    if (!samePath(path, this.state.path)) this.#goTo({path});
    await this.#showZoom();
  }

  /** Draws the zoom from what is held, then asks for what is still hidden. */
  async #showZoom() {
    const {held, view, state: {path}} = this;
    if (held?.key !== this.question) return this.load();
    const near = held.covering(path, view.path) ?? held.finest(path);
    if (near) this.#display(near.columns, near.node);
    const finest = held.finest(path);
    const sufficient = finest && (finest.node === 0 || !finest.columns.hidesBelow(finest.node));
    if (sufficient && finest.columns === near.columns) return this.runSides();
    await this.exchange.run((signal) => this.#refine(path, sufficient, signal));
    return this.runSides();
  }

  async #refine(path, sufficient, signal) {
    const {held, view} = this;
    if (!sufficient) held.add(await fetchFlame(held.query, path, held.width, signal));
    await view.settled();
    if (signal.aborted) return;
    const best = this.held.finest(path);
    if (best)
      this.#display(best.columns, best.node);
    else
      await this.#ask(signal);
  }

  /** Asks the question of the state anew; the answer replaces all that is held. */
  async #load() {
    this.exchange.hold();
    await this.exchange.run((signal) => this.#ask(signal));
  }

  async #ask(signal) {
    const {state, view} = this;
    expectComparison(state, this.change);
    const {answer, width} = await askFlame(state, view.devicePixels, signal).catch((error) => {
      if (error instanceof ApiError || this.exchange.stopped) endExpectation();
      throw error;
    });
    await view.settled();
    if (signal.aborted) return;
    this.held = new Held(this.state, width, answer);
    this.#present(answer);
    this.exchange.beside('labels', () => this.#showLabels(this.held));
  }

  /** The graph does not wait for the names of what it may be filtered by. */
  async #showLabels(held) {
    await this.view.painted();
    if (held !== this.held) return;
    const labels = await fetchLabels(held.query);
    if (held !== this.held) return;
    this.toolbar.showLabels(labels, this.state);
    this.filterBar.showLabels(labels);
  }

  #present(answer) {
    if (answer.stored.empty)
      showEmptyStore();
    else if (answer.total === 0)
      showEmptyRange(answer, this.state, this.change);
    else
      hideCard();
    showAnswerNotes(answer, this.state, this.change);
    this.filterBar.showLeftOut(answer);
    this.diffTable.run(answer);
    if (answer.total === 0)
      this.#clearGraph();
    else
      this.#presentGraph();
    this.runSides();
  }

  #clearGraph() {
    this.view.clear();
    setNotice('path', undefined);
    showTrail(this.state, [], this.zoomTo);
  }

  #presentGraph() {
    const {node, complete} = this.held.first.find(this.state.path);
    this.#display(this.held.first, node);
    if (!complete) showLostPath(this.state, this.view.path, this.zoomTo);
  }

  #display(columns, node) {
    const {view} = this;
    view.show(columns, node);
    setNotice('path', undefined);
    this.tooltip.hide();
    showTrail(this.state, view.path, this.zoomTo);
    document.title = [...view.path.slice(-1).map(visible), 'stackcollector'].join(' · ');
    byId('status').value = describe(columns, {kind: 'frame', node}, node);
  }
}

/** A part of a second belongs to the range it was chosen in, and is compared with nothing. */
function consequences(patch) {
  if (patch.at) return {base: '', only: '', live: false};
  return ['from', 'until', 'live', 'base'].some((key) => patch[key]) ? {at: ''} : {};
}
