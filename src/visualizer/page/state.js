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

/** A longer path goes into the fragment, which no server sees and none refuses as too long. */
const MAX_QUERY_PATH = 2000;

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
  const path = params.get('path') ?? new URLSearchParams(hash.slice(1)).get('path') ?? '';
  const state = {path: decodePath(path), live: params.has('live')};
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
  const path = state.path.length > 0 ? `path=${encodeReadably(encodePath(state.path))}` : '';
  const sent = path.length <= MAX_QUERY_PATH;
  if (path && sent) parts.push(path);
  if (state.live) parts.push('live=1');
  const query = parts.length > 0 ? `?${parts.join('&')}` : '';
  return sent ? query : `${query}#${path}`;
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
      ['from', 'until', 'tz', 'where', 'by', 'edit', 'order', 'base'].map((key) => state[key]));
}

export function samePath(a, b) {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
