// SPDX-License-Identifier: MIT
//
// The state of the page IS its URL: what is shown can be linked, reloaded and gone back from.
// Frames are addressed by their names from the root, never by position, so that a link outlives
// the data it was made from.

const TEXT_DEFAULTS = {
  from: '-15minutes',
  until: 'now',
  tz: 'UTC',  // of days and times of day
  where: '',  // labels: 'thread=main;version!=2'
  by: '',
  order: 'heavy',
  edit: '',  // of the stacks: 'drop:malloc;hide:std::sort;mine'
  at: '',    // within the range, where sample times were kept: 'BEGIN..END'
  heat: '',  // '1': the heat map is shown
  base: '',  // compared with: 'range' (the one before), seconds ago, 'FROM..UNTIL', 'host=web-1;…'
  only: '',        // functions of a comparison: 'changed', 'new', 'vanished'
  colour: '',      // by namespace; 'module'
  view: 'icicle',  // the root on top; 'flame': at the bottom
  q: '',
  show: 'graph',  // 'both': the table beside it; 'table'; 'calls': who calls whom
  sort: 'self',   // of the table; 'total', 'name'
  match: '',      // functions in the table
  fn: '',         // the function that is lit up
  sandwich: '',   // the function between its callers and its callees, '' for the graph
  src: '',        // the function whose source is shown
  srcfile: '',    // the one of its files that was chosen
};

/** What is longer goes into the fragment, which no server sees and none refuses as too long. */
const MAX_QUERY_PART = 2000;
const MAX_QUERY = 6000;

/** Labels that a link may name as parameters of their own, as the server's do. */
const PLAIN_LABELS = ['host', 'port', 'thread'];

/** Frame names, root first, joined as the server reads them. */
export function encodePath(names) {
  return names.map((name) => name.replaceAll('%', '%25').replaceAll(';', '%3B')).join(';');
}

export function decodePath(text) {
  if (text === '') return [];
  return text.split(';').map((name) => name.replaceAll(/%3B/gi, ';').replaceAll('%25', '%'));
}

/** `url`: anything with `search` and `hash`, such as `location`. */
export function parseState({search, hash}) {
  const params = new URLSearchParams(search);
  for (const [key, value] of new URLSearchParams(hash.slice(1))) {
    if (!params.has(key)) params.set(key, value);
  }
  const state = {path: decodePath(params.get('path') ?? ''), live: (params.get('live') ?? '0') !== '0'};
  for (const [key, value] of Object.entries(TEXT_DEFAULTS)) state[key] = params.get(key) || value;
  const plain = PLAIN_LABELS.filter((label) => params.get(label))
                    .map((label) => encodePath([`${label}=${params.get(label)}`]));
  state.where = [...plain, state.where].filter(Boolean).join(';');
  return state;
}

/** The URL from its query on; what equals the default is left out. */
export function formatState(state) {
  const parts = [];
  for (const [key, value] of Object.entries(TEXT_DEFAULTS)) {
    if (state[key] !== value) parts.push(`${key}=${encodeReadably(state[key])}`);
  }
  if (state.path.length > 0) parts.push(`path=${encodeReadably(encodePath(state.path))}`);
  if (state.live) parts.push('live=1');
  let room = MAX_QUERY;
  const kept = parts.filter(({length}) => length > MAX_QUERY_PART || (room -= length) < 0);
  const sent = parts.filter((part) => !kept.includes(part));
  const after = (mark, list) => list.length > 0 ? mark + list.join('&') : '';
  return after('?', sent) + after('#', kept);
}

/** Percent-encoding that spares what a query may hold, so that C++ names stay readable. */
function encodeReadably(text) {
  return encodeURIComponent(text.toWellFormed?.() ?? text)
      .replaceAll(/%(3A|3B|3D|2C|2F|40)/g, (code) => decodeURIComponent(code));
}

/**
 * Which answer the server would give: two states with the same key differ in zoom and search
 * alone.
 */
export function queryKey(state) {
  return JSON.stringify(
      ['from', 'until', 'tz', 'where', 'by', 'edit', 'at', 'order', 'base'].map((key) => state[key]));
}

export function samePath(a, b) {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
