// SPDX-License-Identifier: MIT
//
// Ties the page together. One state, kept in the URL; every change goes through change() or
// zoomTo(), every answer through present().
import {ApiError, baseQuery, fetchFlame, fetchLabels, ServerGone} from './api.js';
import {CallGraph} from './call_graph.js';
import {DiffTable} from './diff_table.js';
import {byId} from './dom.js';
import {FilterBar} from './filter_bar.js';
import {FlameView} from './flame_view.js';
import {formatSpan, formatUtc, formatWeight} from './format.js';
import {Held} from './held.js';
import {listenToKeys} from './keys.js';
import {Menu} from './menu.js';
import {OwnShare} from './own_share.js';
import {Sandwich} from './sandwich.js';
import {Search} from './search.js';
import {menuPlace, shareItems} from './share.js';
import {SourcePane} from './source_pane.js';
import {formatState, parseState, queryKey, samePath} from './state.js';
import {describeFailure, hideCard, setNotice, showEmptyRange, showEmptyStore, showFailure, showWaiting} from './states.js';
import {formatFilter, isLabelBase, parseFilter, toggled, withTerm} from './terms.js';
import {baseName, visible} from './text.js';
import {otherRange} from './time_axis.js';
import {Timeline} from './timeline.js';
import {Toolbar} from './toolbar.js';
import {describe, Tooltip} from './tooltip.js';
import {TopTable} from './top_table.js';
import {showTrail} from './trail.js';

const LIVE_MS = 5000;
const BUSY_AFTER_MS = 150;
const RETRY_MS = [1000, 2000, 5000, 10000, 30000];
const REFINE_ABOVE = 1.25;  // a view this much wider than the answer was made for asks again
const STALE_AFTER_S = 660;  // a collector's default interval, and some

let state = parseState(location);
let held;  // answers to the question of the moment
let request = new AbortController();
let timer = 0;     // of the next live refresh or retry
let underWay = 0;  // exchanges, with the zooms and paints that belong to them
let settledPaints = 0;
let failures = 0;
let stopped = false;  // by the user, who does not want the answer under way
let refused;          // the question that the server called wrong: not asked again by itself

const view = new FlameView(byId('scroller'), byId('spacer'), byId('flame'));
const tooltip = new Tooltip(byId('tooltip'));
const toolbar = new Toolbar(change);
const filterBar = new FilterBar(change);
const search = new Search();
const table = new TopTable();
const diffTable = new DiffTable();
const sandwich = new Sandwich();
const menu = new Menu();
const timeline = new Timeline();
const ownShare = new OwnShare();
const calls = new CallGraph();
const source = new SourcePane();

/** What a test, or a person at the console, can see of the page. */
window.__stackcollector = {
  get idle() {
    return underWay === 0 && settledPaints > 0 && view.atRest;
  },
  get statistics() {
    return view.statistics;
  },
  get path() {
    return view.path;
  },
  get search() {
    return search.result;
  },
  get shareLine() {
    return ownShare.line;
  },
  get timeline() {
    return timeline.answer;
  },
  /** Names that are lit up. */
  get lit() {
    return [...view.matchedNames ?? []];
  },
  rectangleIn: (half, name) => sandwich[half].rectangleOf(name),
  rectangleOf: (name) => view.rectangleOf(name),
  widestBelow: (share) => view.widestBelow(share),
};

function setState(patch, {replace = false} = {}) {
  const depth = history.state?.depth ?? 0;
  state = {...state, ...patch};
  const url = formatState(state) || location.pathname;
  if (replace || url === (location.search + location.hash || location.pathname))
    history.replaceState({depth}, '', url);
  else
    history.pushState({depth: depth + 1}, '', url);
  showState();
}

function showState() {
  toolbar.show(state);
  filterBar.show(state);
  table.show(state);
  diffTable.show(state);
  byId('only').value = state.only;
  sandwich.show(state);
  calls.show(state);
  source.show(state);
  byId('graph').hidden = state.show === 'table' || state.show === 'calls' || sandwich.shown;
  view.upward = state.view === 'flame';
  for (const graph of [view, ...sandwich.views]) graph.byModule = state.colour === 'module';
  search.show(state.q);
  lightUp();
}

/** A new question: other range, filter, grouping, order; or live on and off. */
function change(patch) {
  const before = queryKey(state);
  const wasLive = state.live;
  const stays =
      queryKey({...state, ...patch}) === before && !('sandwich' in patch || 'src' in patch);
  setState(patch, {replace: stays});
  if (queryKey(state) !== before || state.live !== wasLive)
    load();
  else
    runSides();
}

async function zoomTo(path) {
  if (!samePath(path, state.path)) setState({path});
  await showZoom();
}

/** Draws the zoom from what is held, then asks for what is still hidden. */
async function showZoom() {
  if (held?.key !== queryKey(state)) return load();
  const {path} = state;
  const near = held.covering(path, view.path) ?? held.finest(path);
  if (near) display(near.columns, near.node);
  const finest = held.finest(path);
  const sufficient = finest && (finest.node === 0 || !finest.columns.hidesBelow(finest.node));
  if (sufficient && finest.columns === near.columns) return runSides();
  await working(async (signal) => {
    if (!sufficient) held.add(await fetchFlame(held.query, path, held.width, signal));
    await view.settled();
    if (signal.aborted) return;
    const best = held.finest(path);
    if (best)
      display(best.columns, best.node);
    else
      await ask(signal);
  });
  return runSides();
}

/** Asks the question of the state anew; the answer replaces all that is held. */
async function load() {
  clearTimeout(timer);
  await working(ask);
}

async function ask(signal) {
  const width = view.devicePixels;
  const [answer, labels] =
      await Promise.all([fetchFlame(state, state.path, width, signal), fetchLabels(state, signal)]);
  await view.settled();
  if (signal.aborted) return;
  toolbar.showLabels(labels.labels, state);
  filterBar.showLabels(labels.labels);
  held = new Held(state, width, answer);
  present(answer);
}

/** Runs one exchange with the server, the latest only; dims the graph when it takes long. */
async function working(exchange) {
  request.abort();
  const mine = request = new AbortController();
  const busy = setTimeout(showBusy, BUSY_AFTER_MS);
  stopped = false;
  ++underWay;
  try {
    await exchange(mine.signal);
    if (mine === request) succeeded();
  } catch (error) {
    if (error.name !== 'AbortError')
      failed(error);
    else if (mine === request && stopped)
      showStopped();
  } finally {
    --underWay;
    clearTimeout(busy);
    if (mine === request) document.body.classList.remove('busy');
  }
}

function showBusy() {
  document.body.classList.add('busy');
  if (!view.columns && byId('card').hidden) showWaiting(false, load);
}

/** The answer under way is not wanted: what is shown stays, and nothing is asked by itself. */
function stop() {
  stopped = true;
  clearTimeout(timer);
  request.abort();
}

function showStopped() {
  if (!view.columns) return showWaiting(true, load);
  return setNotice(
      'failure', 'Loading was stopped: what is shown is not what was asked for.',
      {kind: 'warning', actions: [['Load it', load]]});
}

function present(answer) {
  const empty = answer.total === 0;
  if (answer.stored.empty)
    showEmptyStore();
  else if (empty)
    showEmptyRange(answer, state, change);
  else
    hideCard();
  setNotice(
      'warnings', answer.warnings?.length ? answer.warnings.map(visible).join(' · ') : undefined,
      {kind: 'warning'});
  byId('summary').textContent = summary(answer);
  showFreshness(answer);
  filterBar.showLeftOut(answer);
  showComparison(answer);
  if (empty) {
    view.clear();
    setNotice('path', undefined);
    showTrail(state, [], zoomTo);
    runSides();
    return;
  }
  const {node, complete} = held.first.find(state.path);
  display(held.first, node);
  if (!complete) showLostPath(view.path);
  runSides();
}

function display(columns, node) {
  view.show(columns, node);
  setNotice('path', undefined);
  tooltip.hide();
  showTrail(state, view.path, zoomTo);
  document.title = [...view.path.slice(-1).map(visible), 'stackcollector'].join(' · ');
  byId('status').value = describe(columns, {kind: 'frame', node}, node);
}

/** The URL keeps the path that is gone: with live data it may come back. */
function showLostPath(shown) {
  const wanted = visible(state.path[shown.length]);
  const caller = visible(shown.at(-1) ?? 'all');
  setNotice(
      'path', `“${wanted}” is not in this range; its closest caller “${caller}” is shown.`,
      {actions: [['Show everything', () => zoomTo([])]]});
}

function summary(answer) {
  const {range, unit, records} = answer;
  const total = answer.current?.total ?? answer.total;
  const span = (BigInt(range.until.ns) - BigInt(range.from.ns)) / 1000000000n;
  const cpu =
      unit === 'microseconds' ? `${formatWeight(total, unit)} of CPU` : formatWeight(total, unit);
  const when =
      `${formatUtc(range.from.time)} – ${formatUtc(range.until.time, range.from.time)} UTC`;
  return `${cpu} · ${when} (${formatSpan(Number(span))}) · ${
      records.toLocaleString('en-US')} record${records === 1 ? '' : 's'}`;
}

const LEAST_INTERVALS = 4;  // as the server wants of each side

function showComparison(answer) {
  diffTable.run(answer);
  if (!answer.base_range) return setNotice('compare', undefined);
  const {base_range: range, base, current, functions} = answer;
  const when =
      `${formatUtc(range.from.time)} – ${formatUtc(range.until.time, range.from.time)} UTC`;
  const few = Math.min(base.intervals, current.intervals) < LEAST_INTERVALS;
  const verdict = few ? 'Too few collections to tell change from noise: choose longer ranges.' :
                        `${functions.changed} function${
                            functions.changed === 1 ? '' : 's'} changed: ▲ takes more of the ` +
          'CPU time now, ▼ less; grey varies no more than it does anyway.';
  return setNotice(
      'compare',
      `Compared with ${when}${isLabelBase(state.base) ? `, ${visible(state.base)}` : ''}. ${
          verdict}`,
      {
        kind: few ? 'warning' : 'info',
        actions: [['Stop comparing', () => change({base: '', only: ''})]]
      });
}

/** Following a collector that stopped must not look like following an idle program. */
function showFreshness({stored, range}) {
  const show = state.live && !stored.empty;
  const age = show ? (Date.parse(range.until.time) - Date.parse(stored.last)) / 1000 : 0;
  byId('freshness').textContent = show ? `newest sample ${formatSpan(age)} ago` : '';
  const stale = age > STALE_AFTER_S;
  byId('freshness').classList.toggle('stale', stale);
  setNotice(
      'stale',
      stale ?
          `Nothing new for ${formatSpan(age)}: the collector, or what it reads, may have stopped.` :
          undefined,
      {kind: 'warning', actions: [['Stop following', () => change({live: false})]]});
}

/** What stands beside the graph follows its range and its zoom. */
async function runSides() {
  if (!held) return;
  const base = held.answer.base_range && baseQuery(held.query, held.answer);
  ++underWay;
  try {
    await Promise.all([
      search.run(held.query, view.path, state.q, held.answer.unit, base),
      state.base === '' && table.run(held.query, view.path, state),
      sandwich.run(held.query, state, base),
      timeline.run(held.query),
      ownShare.run(held.query, state.fn || state.sandwich, state.live),
      calls.run(held.query, view.path),
      source.run(held.query, state),
    ]);
  } catch (error) {
    failed(error);
  } finally {
    --underWay;
  }
}

function succeeded() {
  failures = 0;
  refused = undefined;
  toolbar.clearErrors();
  setNotice('failure', undefined);
  schedule();
}

function failed(error) {
  if (!(error instanceof ApiError || error instanceof ServerGone)) {
    setNotice(
        'failure', `The page could not show the answer: ${visible(error.message)}`,
        {kind: 'error'});
    throw error;
  }
  if (error.status === 400)
    refused = queryKey(state);
  else
    ++failures;
  schedule();
  if (refused && (error.parameter === 'from' || error.parameter === 'until')) {
    toolbar.showRangeError(error, error.parameter);
    return;
  }
  const failure = describeFailure(error, retryMs() / 1000);
  if (view.columns) {
    const text = `${failure.title}: ${failure.text}`;
    setNotice('failure', text, {kind: 'error', actions: [['Try again', load]]});
  } else {
    showFailure(failure, load);
  }
}

const retryMs = () => RETRY_MS[Math.min(Math.max(failures, 1), RETRY_MS.length) - 1];

/** The next look at the server: live, waiting for the first samples, or trying again. */
function schedule() {
  clearTimeout(timer);
  const waiting = held?.answer.stored.empty;
  if (refused === queryKey(state)) return;
  if (failures > 0)
    timer = setTimeout(load, retryMs());
  else if (state.live || waiting)
    timer = setTimeout(tick, LIVE_MS);
}

function tick() {
  if (document.hidden)
    timer = setTimeout(tick, LIVE_MS);
  else
    load();
}

function back() {
  if ((history.state?.depth ?? 0) > 0)
    history.back();
  else if (state.path.length > 0)
    zoomTo(state.path.slice(0, -1));
}

function reset() {
  if (document.body.classList.contains('busy'))
    stop();
  else if (state.src !== '')
    change({src: '', srcfile: ''});
  else if (state.sandwich !== '')
    change({sandwich: ''});
  else if (state.fn !== '')
    change({fn: ''});
  else if (state.q !== '')
    setQuery('');
  else if (state.path.length > 0)
    zoomTo([]);
}

/** One function that was chosen comes before those that a search finds. */
function lightUp() {
  const names = state.fn !== '' ? new Set([state.fn]) : search.names;
  view.setMatches(names);
  sandwich.setMatches(names);
  calls.setMatches(names);
}

/** The graph that keys pressed on `target` are for; the body's go to the one that is shown. */
function viewFor(target) {
  const views = sandwich.shown ? [sandwich.callees, sandwich.callers] : [view];
  return target === document.body ? views[0] : views.find(({canvas}) => canvas === target);
}

/** What can be done with a frame; the root of all is no function. */
function openMenu(of, node, at) {
  const path = of.columns.pathOf(node);
  const name = of === view ? path.at(-1) : of.columns.rawNames[of.columns.name[node]];
  const items = [];
  if (of === view) items.push(['Zoom into it', 'Enter', () => zoomTo(path)]);
  if (name !== undefined) {
    items.push(
        ['Callers and callees', 's', () => change({sandwich: name})],
        ['Its source', 'v', () => change({src: name, srcfile: ''})],
        ['Light it up, here and over time', 'p', () => change({fn: name})],
        ['Only stacks through it', 'f', () => addEdit('focus', name)],
        ['Leave out stacks through it', 'x', () => addEdit('drop', name)],
        ['Hide this frame', 'h', () => addEdit('hide', name)],
        ['Copy its name', '', () => navigator.clipboard?.writeText(name).catch(noClipboard)]);
  }
  const module = of.columns.modules[of.columns.module[node]];
  if (module)
    items.push([
      `Hide all of ${baseName(module)}`, '',
      () => addEdit('module', of.columns.rawModules[of.columns.module[node]])
    ]);
  menu.show(visible(name ?? 'all'), items, at);
}

/** In the graph that is shown; the keyboard goes there. */
function nextMatch(step) {
  const graph = calls.shown ? calls : viewFor(document.activeElement) ?? viewFor(document.body);
  if (!graph.nextMatch(step))
    byId('status').value = 'No frame that is shown is lit up: search (/) or choose a function.';
}

const share = () => shareItems(state, held, view, (text) => byId('status').value = text);

function noClipboard() {
  byId('status').value =
      'The browser does not let the page copy; take the link from the address bar.';
}

function openShare() {
  if (!held) return;
  const items = share().map(([text, key, act]) => [text, key, () => act()?.catch(noClipboard)]);
  menu.show('What is shown', items, menuPlace());
}

/** The frame that the keyboard stands on, else the function chosen, else the zoomed one. */
function chosenName() {
  const {columns, focus} = viewFor(document.activeElement) ?? view;
  const focused = columns && focus > 0 ? columns.rawNames[columns.name[focus]] : undefined;
  return table.focused ?? diffTable.focused ?? calls.focused ?? focused ??
      (state.fn || state.path.at(-1));
}

/** Lights the frame up wherever it is, with its line over the timeline; or puts it out. */
function pick() {
  const name = chosenName();
  if (name !== undefined) change({fn: name === state.fn ? '' : name});
}

function openSource() {
  const name = chosenName();
  if (name !== undefined) change({src: name, srcfile: ''});
}

function openSandwich() {
  const name = chosenName();
  if (name !== undefined) change({sandwich: name});
}

/** What is hidden is on no path any more. */
function addEdit(kind, name) {
  if (name === undefined) return;
  const path = kind === 'hide' ? state.path.filter((known) => known !== name) : state.path;
  change({edit: withTerm(state.edit, `${kind}:${name}`), path});
}

/** The group of that name alone; "[no version]" is what lacks the label. */
function keepGroup(name) {
  const value = name === `[no ${state.by}]` ? '' : name;
  const rest = parseFilter(state.where).filter(({key}) => key !== state.by);
  change({where: formatFilter([...rest, {key: state.by, value}])});
}

function setQuery(q) {
  setState({q}, {replace: true});
  runSides();
}

view.addEventListener('zoom', ({detail}) => zoomTo(detail.path));
view.addEventListener('paint', () => {
  if (held) ++settledPaints;
});
for (const source of [view, sandwich]) {
  source.addEventListener('focus', ({detail: {hit, view: of = view}}) => {
    byId('status').value = describe(of.columns, hit, of.zoomNode);
  });
  source.addEventListener('hover', ({detail: {hit, event, view: of = view}}) => {
    if (hit && event.pointerType !== 'touch' && !menu.open)
      tooltip.show(of.columns, hit, of.zoomNode, event);
    else
      tooltip.hide();
  });
  source.addEventListener('menu', ({detail: {hit, at, view: of = view}}) => {
    tooltip.hide();
    openMenu(of, hit.node, at);
  });
}
timeline.addEventListener('base', ({detail: {from, until}}) => change({base: `${from}..${until}`}));
timeline.addEventListener('range', ({detail}) => change({...detail, live: false}));
timeline.addEventListener('group', ({detail}) => keepGroup(detail.value));
timeline.addEventListener('answer', () => {
  view.groups = state.by === '' ? undefined : timeline.groupColours;
});
table.addEventListener('group', ({detail}) => zoomTo([detail.name]));
sandwich.addEventListener('pivot', ({detail}) => change({sandwich: detail.name}));
ownShare.addEventListener('answer', () => timeline.line = ownShare.line);
calls.addEventListener('open', ({detail}) => change({sandwich: detail.name, fn: ''}));
calls.addEventListener(
    'select', ({detail}) => change({fn: detail.name === state.fn ? '' : detail.name}));
source.addEventListener('file', ({detail}) => change({src: state.src, srcfile: detail.file}));
byId('source-close').addEventListener('click', () => change({src: '', srcfile: ''}));
byId('stop').addEventListener('click', stop);
byId('share').addEventListener('click', openShare);
byId('sandwich-close').addEventListener('click', () => change({sandwich: ''}));
view.addEventListener('resize', () => {
  if (held && view.devicePixels > held.width * REFINE_ABOVE) load();
});
search.addEventListener('type', ({detail}) => setQuery(detail.q));
search.addEventListener('matches', () => lightUp());
table.addEventListener('sort', ({detail}) => change(detail));
table.addEventListener('match', ({detail}) => change(detail));
table.addEventListener('more', () => runSides());
diffTable.addEventListener('open', ({detail}) => change({sandwich: detail.name, fn: ''}));
diffTable.addEventListener('select', ({detail}) => change({fn: detail.name}));
byId('only').addEventListener('change', ({target}) => change({only: target.value}));
table.addEventListener('open', ({detail}) => change({sandwich: detail.name, fn: ''}));
table.addEventListener('select', ({detail}) => change({fn: detail.name}));
window.addEventListener('popstate', () => {
  const before = queryKey(state);
  state = parseState(location);
  showState();
  if (queryKey(state) === before)
    showZoom();
  else
    load();
});
listenToKeys(viewFor, {
  search: () => search.focus(),
  back,
  reset,
  live: () => toolbar.toggleLive(),
  reload: load,
  sandwich: openSandwich,
  addFilter: () => filterBar.open(),
  nextMatch,
  source: openSource,
  pick,
  calls: () => change({show: state.show === 'calls' ? 'graph' : 'calls'}),
  edit: (kind) => addEdit(kind, chosenName()),
  toggleEdit: (term) => change({edit: toggled(state.edit, term)}),
  compare: () => toolbar.next('base', state),
  share: openShare,
  copyLink: () => held && share()[0][2]().catch(noClipboard),
  range: (how) => held && change(otherRange(held.answer, how)),
  panes: () => toolbar.next('show', state),
  flip: () => toolbar.next('view', state),
  order: () => toolbar.next('order', state),
});

setState({}, {replace: true});
load();
