// SPDX-License-Identifier: MIT
//
// Ties the page together: which part's events, keys and buttons do what.
import './first_answer.js';

import {byId} from './dom.js';
import {FrameActions} from './frame_actions.js';
import {listenToKeys} from './keys.js';
import {Page} from './page.js';
import {toggled} from './terms.js';
import {otherRange} from './time_axis.js';
import {describe} from './tooltip.js';

const page = new Page();
const actions = new FrameActions(page);
const {change, load, zoomTo} = page;
let settledPaints = 0;

/** What a test, or a person at the console, can see of the page. */
window.__stackcollector = {
  get idle() {
    return page.exchange.idle && settledPaints > 0 && page.view.atRest;
  },
  get statistics() {
    return page.view.statistics;
  },
  get path() {
    return page.view.path;
  },
  get search() {
    return page.search.result;
  },
  get shareLine() {
    return page.ownShare.line;
  },
  get heat() {
    return page.heat.answer;
  },
  get timeline() {
    return page.timeline.answer;
  },
  /** Names that are lit up. */
  get lit() {
    return [...page.view.matchedNames ?? []];
  },
  rectangleIn: (half, name) => page.sandwich[half].rectangleOf(name),
  rectangleOf: (name) => page.view.rectangleOf(name),
  widestBelow: (share) => page.view.widestBelow(share),
};

/** One step outward: the innermost thing that is open is closed. */
function reset() {
  const {state} = page;
  if (document.body.classList.contains('busy'))
    page.exchange.stop();
  else if (state.src !== '')
    change({src: '', srcfile: ''});
  else if (state.sandwich !== '')
    change({sandwich: ''});
  else if (state.fn !== '')
    change({fn: ''});
  else if (state.at !== '')
    change({at: ''});
  else if (state.q !== '')
    page.setQuery('');
  else if (state.path.length > 0)
    zoomTo([]);
}

function back() {
  if ((history.state?.depth ?? 0) > 0)
    history.back();
  else if (page.state.path.length > 0)
    zoomTo(page.state.path.slice(0, -1));
}

/** `on(part, {event: act})`: act gets the event's detail. */
function on(part, acts) {
  for (const [type, act] of Object.entries(acts))
    part.addEventListener(type, ({detail}) => act(detail));
}

function listenToGraphs() {
  const {menu, tooltip, view} = page;
  for (const graphs of [view, page.sandwich]) {
    on(graphs, {
      focus: ({hit, view: of = view}) => byId('status').value =
          describe(of.columns, hit, of.zoomNode),
      hover: ({hit, event, view: of = view}) => {
        if (hit && event.pointerType !== 'touch' && !menu.open)
          tooltip.show(of.columns, hit, of.zoomNode, event);
        else
          tooltip.hide();
      },
      menu: ({hit, at, view: of = view}) => {
        tooltip.hide();
        actions.openMenu(of, hit.node, at);
      },
    });
  }
  on(view, {
    zoom: ({path}) => zoomTo(path),
    paint: () => {
      if (page.held) ++settledPaints;
    },
    resize: () => page.refineIfWider(),
  });
  on(page.sandwich, {pivot: ({name}) => change({sandwich: name})});
  on(page.calls, {
    open: ({name}) => change({sandwich: name, fn: ''}),
    select: ({name}) => actions.pick(name),
  });
}

function listenToTables() {
  for (const table of [page.table, page.diffTable]) {
    on(table, {
      open: ({name}) => change({sandwich: name, fn: ''}),
      select: ({name}) => change({fn: name}),
    });
  }
  on(page.table, {
    group: ({name}) => zoomTo([name]),
    sort: change,
    match: change,
    more: () => page.runSides(),
  });
  byId('only').addEventListener('change', ({target}) => change({only: target.value}));
}

function listenToTimeline() {
  const {ownShare, timeline, view} = page;
  on(timeline, {
    base: ({from, until}) => change({base: `${from}..${until}`}),
    range: (range) => change({...range, live: false}),
    group: ({value}) => actions.keepGroup(value),
    answer: () => view.groups = page.state.by === '' ? undefined : timeline.groupColours,
  });
  // Absolute times: a range that moves would leave the chosen part behind.
  on(page.heat, {
    choose: ({at}) => change({at, from: page.held.query.from, until: page.held.query.until})
  });
  on(ownShare, {answer: () => timeline.line = ownShare.line});
}

function listenToButtons() {
  const acts = {
    'source-close': () => change({src: '', srcfile: ''}),
    'sandwich-close': () => change({sandwich: ''}),
    'stop': () => page.exchange.stop(),
    'share': () => actions.openShare(),
  };
  for (const [id, act] of Object.entries(acts)) byId(id).addEventListener('click', act);
}

listenToGraphs();
listenToTables();
listenToTimeline();
listenToButtons();
on(page.source, {file: ({file}) => change({src: page.state.src, srcfile: file})});
on(page.search, {type: ({q}) => page.setQuery(q), matches: () => page.lightUp()});
window.addEventListener('popstate', () => page.followUrl());
listenToKeys((target) => actions.viewFor(target), {
  search: () => page.search.focus(),
  back,
  reset,
  live: () => page.toolbar.toggleLive(),
  reload: load,
  sandwich: () => actions.openSandwich(actions.chosenName()),
  addFilter: () => page.filterBar.open(),
  nextMatch: (step) => actions.nextMatch(step),
  source: () => actions.openSource(actions.chosenName()),
  pick: () => actions.pick(actions.chosenName()),
  heat: () => page.toolbar.toggleHeat(),
  calls: () => change({show: page.state.show === 'calls' ? 'graph' : 'calls'}),
  edit: (kind) => actions.edit(kind, actions.chosenName()),
  toggleEdit: (term) => change({edit: toggled(page.state.edit, term)}),
  compare: () => page.toolbar.next('base', page.state),
  share: () => actions.openShare(),
  copyLink: () => actions.copyLink(),
  range: (how) => page.held && change(otherRange(page.held.answer, how)),
  panes: () => page.toolbar.next('show', page.state),
  flip: () => page.toolbar.next('view', page.state),
  order: () => page.toolbar.next('order', page.state),
});

page.setState({}, {replace: true});
document.body.classList.add('ready');
load();
