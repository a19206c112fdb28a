// SPDX-License-Identifier: MIT
//
// The visualizer's HTTP interface over a tree in memory: what the page is tested against when there
// is no real one. `server.set({...})` changes the store between two requests.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {fileURLToPath} from 'node:url';

import {heatOf, weightsAt} from './mock_heat.mjs';
import {callGraphOf, costByFunction, diffOf, editedTree, sandwichOf, shareOf, timelineOf, topOf} from './mock_views.mjs';
import {frame, sealed, serviceTree} from './trees.mjs';

const PAGE = fileURLToPath(new URL('../../src/visualizer/page/', import.meta.url));
const CSP =
    'default-src \'none\'; script-src \'self\'; style-src \'self\'; img-src \'self\' data:; connect-src \'self\'; ' +
    'frame-ancestors \'none\'; base-uri \'none\'';
const HIDDEN_BELOW_PX = 0.25;
const LONGEST_REQUEST = 8 << 10;  // bytes of its line, as the visualizer has it
const NOW = Date.parse('2026-11-22T05:40:00Z');
let now = NOW;
const EXAMPLES = ['-15minutes', '2026-11-22T05:00:00Z', 'yesterday 14:00', '1700000000'];
const UNITS = {
  seconds: 1e3,
  minutes: 60e3,
  hour: 3600e3,
  hours: 3600e3,
  day: 86400e3,
  days: 86400e3
};

const DEFAULTS = {
  tree: undefined,  // of everything stored
  unit: 'microseconds',
  prune: true,
  storeEmpty: false,
  rangeEmpty: false,
  nearest: {},  // of an empty range
  lastStored: '2026-11-22T05:39:53Z',
  warnings: [],
  changes: {recv: 0.2, sqlite3BtreeInsert: 3, epoll_wait: 0},  // before / now, of a comparison
  baseIntervals: 12,
  noTimes: false,
  untimed: {total: 0, targets: [], more: 0},
  refuseHeat: '',  // why
  failWith: 0,     // HTTP status for every call
  delayMs: 0,
  secondsOn: 0,  // that passed
  source: {
    found: true,
    reason: '',
    lines: [
      '#include "order.h"', '', 'int Place() {', '\treturn 1;  // <script>alert(1)</script>', '}'
    ],
    costs: {line: [3], self: [110000], total: [5600000], names: [['shop::OrderService::Place']]}
  },
  labels: {host: ['localhost'], port: ['16384'], thread: ['main', 'worker-0', 'worker-1']},
};

class BadRequest extends Error {
  constructor(body) {
    super(body.error);
    this.body = body;
  }
}

function moment(text, parameter) {
  const bad = (position, error) => new BadRequest(
      {error: `${parameter}: ${error}`, parameter, value: text, position, examples: EXAMPLES});
  const answer = (ms, relative) =>
      ({text, time: new Date(ms).toISOString().replace('.000Z', 'Z'), ns: `${ms}000000`, relative});
  if (text === 'now') return answer(now, true);
  const relative = /^-(\d+)([a-z]*)$/.exec(text);
  if (relative) {
    const [, count, unit] = relative;
    if (!UNITS[unit]) throw bad(1 + count.length, 'expected a unit such as \'minutes\'');
    return answer(now - count * UNITS[unit], true);
  }
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw bad(0, 'expected a time');
  return answer(ms, false);
}

function spanOf(at) {
  try {
    const [begin, end] = at.split('..').map((text) => moment(text, 'at').time);
    if (Date.parse(end) > Date.parse(begin)) return {begin, end};
  } catch {
    // Neither is one of the two.
  }
  throw new BadRequest(
      {error: 'at: expected two moments, BEGIN..END', parameter: 'at', value: at, examples: []});
}

function treeAt({begin, end}) {
  const weights = weightsAt({begin: Date.parse(begin), end: Date.parse(end)});
  const functions = [...weights].map(([name, weight]) => frame(name, weight));
  return sealed(frame('all', 0, functions.length > 0 ? [frame('main', 0, functions)] : []));
}

const split = (text) =>
    text ? text.split(';').map((name) => name.replaceAll('%3B', ';').replaceAll('%25', '%')) : [];

const ZONE_EXAMPLES = ['UTC', '+02:00', 'Europe/Berlin'];

function checkZone(tz) {
  if (tz === null || tz.startsWith('+') || tz.includes('/') && !tz.startsWith('Mars')) return;
  const error = 'tz: expected a time zone';
  throw new BadRequest({error, parameter: 'tz', value: tz, examples: ZONE_EXAMPLES});
}

function rangeOf(params) {
  checkZone(params.get('tz'));
  return {from: moment(params.get('from'), 'from'), until: moment(params.get('until'), 'until')};
}

function descend(tree, root) {
  const path = split(root);
  let node = tree;
  const found = [];
  for (const name of path) {
    const next = node.children.find((child) => child.name === name);
    if (!next) break;
    node = next;
    found.push(name);
  }
  return {node, found, complete: found.length === path.length};
}

/** The tree under `top` as columns, without what would be narrower than `least`. */
function columnsOf(top, least, order) {
  const names = new Map();
  const modules = new Map();
  const index = (map, key) => map.get(key) ?? map.set(key, map.size).get(key);
  const nodes = {depth: [], name: [], module: [], total: [], self: [], hidden: [], inlined: []};
  const pending = [[top, 0]];
  while (pending.length > 0) {
    const [node, depth] = pending.pop();
    const shown = node.children.filter((child) => child.total >= least);
    if (order === 'name') shown.sort((a, b) => (a.name < b.name ? -1 : 1));
    nodes.depth.push(depth);
    nodes.name.push(index(names, node.name));
    nodes.module.push(index(modules, node.module));
    nodes.total.push(node.total);
    nodes.self.push(node.self);
    nodes.hidden.push(node.total - node.self - shown.reduce((sum, child) => sum + child.total, 0));
    nodes.inlined.push(node.inlined ? 1 : 0);
    for (let i = shown.length - 1; i >= 0; --i) pending.push([shown[i], depth + 1]);
  }
  return {names: [...names.keys()], modules: [...modules.keys()], nodes};
}

function oneOf(params, parameter, values) {
  const value = params.get(parameter) ?? values[0];
  if (values.includes(value)) return value;
  const error = `${parameter}: expected one of ${values.join(', ')}`;
  throw new BadRequest({error, parameter, value, examples: values});
}

function regexOf(pattern, parameter) {
  try {
    return new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
  } catch {
    throw new BadRequest({
      error: `${parameter}: missing ): ${pattern}`,
      parameter,
      value: pattern,
      position: 0,
      examples: ['malloc|free']
    });
  }
}

function search(top, pattern) {
  const regex = regexOf(pattern, 'q');
  const names = new Set();
  let matched = 0;
  const pending = [[top, false]];
  while (pending.length > 0) {
    const [node, above] = pending.pop();
    const hit = regex.test(node.name);
    if (hit) names.add(node.name);
    if (hit && !above) matched += node.total;
    for (const child of node.children) pending.push([child, above || hit]);
  }
  return {total: top.total, matched, names: [...names], names_truncated: false};
}

class MockServer {
  requests = [];

  constructor() {
    this.set({});
    this.http = createServer((request, response) => this.#answer(request, response));
  }

  set(options) {
    this.options = {...DEFAULTS, tree: this.options?.tree ?? serviceTree(), ...options};
    now = NOW + 1000 * this.options.secondsOn;
  }

  async listen(port = 0) {
    await new Promise((resolve) => this.http.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.http.address().port}/`;
    return this;
  }

  close() {
    this.http.closeAllConnections?.();
    return new Promise((resolve) => this.http.close(resolve));
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    this.requests.push(url);
    const [status, type, body] = await this.#route(url);
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Security-Policy': CSP,
      'X-Content-Type-Options': 'nosniff'
    });
    response.end(body);
  }

  async #route(url) {
    if (url.pathname === '/')
      return [200, 'text/html; charset=utf-8', readFileSync(`${PAGE}index.html`)];
    if (url.pathname === '/assets/style.css')
      return [200, 'text/css', readFileSync(`${PAGE}style.css`)];
    if (url.pathname === '/assets/app.js') return [200, 'text/javascript', this.#bundle()];
    if (url.pathname === '/api/v1/export')
      return [200, 'text/plain', `main;work ${url.searchParams.get('root') ?? ''} 1`];
    const call = {
      '/api/v1/flame': () => this.#flame(url.searchParams),
      '/api/v1/search': () => this.#search(url.searchParams),
      '/api/v1/top': () => this.#top(url.searchParams),
      '/api/v1/sandwich': () => this.#sandwich(url.searchParams),
      '/api/v1/timeline': () => this.#timeline(url.searchParams),
      '/api/v1/share': () => this.#share(url.searchParams),
      '/api/v1/heat': () => this.#heat(url.searchParams),
      '/api/v1/callgraph': () => this.#callGraph(url.searchParams),
      '/api/v1/source': () => this.#source(url.searchParams),
      '/api/v1/diff': () => this.#diff(url.searchParams),
      '/api/v1/labels': () => ({labels: this.options.labels})
    }[url.pathname];
    if (!call) return [404, 'application/json', '{"error":"no such page"}'];
    if (url.href.length - url.origin.length > LONGEST_REQUEST)
      return [414, 'text/plain', 'too long'];
    const {delayMs, failWith} = this.options;
    await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
    if (failWith)
      return [failWith, 'application/json', '{"error":"open /var/lib/store: too many open files"}'];
    try {
      return [200, 'application/json', JSON.stringify(call())];
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return [400, 'application/json', JSON.stringify(error.body)];
    }
  }

  #bundle() {
    this.bundle ??= execFileSync(
        'esbuild', ['--bundle', '--format=esm', '--minify', '--target=es2022', `${PAGE}app.js`]);
    return this.bundle;
  }

  #tree(params) {
    return this.#edited(params).tree;
  }

  /** A label's value that is not stored leaves nothing; any other keeps all. */
  #edited(params) {
    const {storeEmpty, rangeEmpty, labels} = this.options;
    const tree = params.get('at') ? treeAt(spanOf(params.get('at'))) : this.options.tree;
    const unknown = split(params.get('where'))
                        .map((term) => /^(.*?)(!?)=(.*)$/.exec(term))
                        .some(
                            ([, key, negated, value]) => !negated &&
                                !(Object.hasOwn(labels, key) && labels[key].includes(value)));
    if (storeEmpty || rangeEmpty || unknown)
      return {tree: {...tree, total: 0, self: 0, children: []}, leftOut: 0};
    const terms = split(params.get('edit'));
    return terms.length > 0 ? editedTree(tree, terms) : {tree, leftOut: 0};
  }

  #flame(params) {
    const {tree, leftOut} = this.#edited(params);
    const range = rangeOf(params);
    const {node, found, complete} = descend(tree, params.get('root'));
    const least = this.options.prune ?
        (HIDDEN_BELOW_PX * node.total) / Number(params.get('width') ?? 1600) :
        0;
    return {
      range,
      ...(params.get('at') && {at: spanOf(params.get('at'))}),
      stored: this.options.storeEmpty ?
          {empty: true} :
          {empty: false, first: '2026-11-20T00:00:00Z', last: this.options.lastStored},
      ...(tree.total === 0 && !this.options.storeEmpty && {nearest: this.options.nearest}),
      records: tree.total > 0 ? 12 : 0,
      warnings: this.options.warnings,
      unit: this.options.unit,
      total: tree.total,
      left_out: leftOut,
      root: found,
      root_complete: complete,
      ...(tree.broken ? {} : columnsOf(node, least, oneOf(params, 'order', ['heavy', 'name']))),
    };
  }

  #top(params) {
    const regex = regexOf(params.get('match') ?? '', 'match');
    const tree = this.#tree(params);
    const {node, found, complete} = descend(tree, params.get('root'));
    return {
      unit: this.options.unit,
      total: tree.total,
      root: found,
      root_complete: complete,
      ...topOf(node, {
        sort: oneOf(params, 'sort', ['self', 'total', 'name']),
        limit: Number(params.get('limit') ?? 200),
        matches: (name) => regex.test(name)
      }),
      ...(params.get('by') && {
        groups: {
          names: tree.children.map(({name}) => name),
          total: tree.children.map(({total}) => total)
        }
      })
    };
  }

  #diff(params) {
    const answer = this.#flame(params);
    const tree = this.#tree(params);
    const {names, modules, nodes} = answer;
    return {
      ...answer,
      base_range: {from: moment('-2hours', 'base_from'), until: moment('-1hour', 'base_until')},
      ...diffOf(
          {names, modules, nodes, leftOut: answer.left_out}, costByFunction(tree), tree.total,
          this.options.changes, this.options.baseIntervals)
    };
  }

  #timeline(params) {
    const range = rangeOf(params);
    const by = params.get('by');
    const {total} = this.#tree(params);
    const only = split(params.get('where')).find((term) => term.startsWith(`${by}=`));
    const {labels} = this.options;
    const stored = Object.hasOwn(labels, by) ? labels[by] : [`[no ${by}]`];
    const groups = only ? [only.slice(by.length + 1)] : stored;
    return {range, unit: this.options.unit, ...timelineOf(range, total, by, groups)};
  }

  #share(params) {
    const range = rangeOf(params);
    const fn = params.get('fn');
    const own = costByFunction(this.#tree(params)).find(({name}) => name === fn)?.total ?? 0;
    const timeline = timelineOf(range, this.#tree(params).total, null, []);
    return {range, unit: this.options.unit, fn, ...shareOf(timeline, own)};
  }

  #heat(params) {
    const {noTimes, refuseHeat, unit, untimed} = this.options;
    const range = rangeOf(params);
    if (refuseHeat) throw new BadRequest({error: `from: ${refuseHeat}`, parameter: 'from'});
    const heat = heatOf(range, Number(params.get('columns')), params.get('fn') ?? '');
    const none = {bucket_us: 0, cells: heat.cells.map(() => 0), timed: 0};
    const total = heat.timed + untimed.total;
    return {range, unit, ...heat, ...(noTimes && none), total, across: 0, untimed, warnings: []};
  }

  #callGraph(params) {
    const tree = this.#tree(params);
    const {node, found, complete} = descend(tree, params.get('root'));
    return {
      range: rangeOf(params),
      unit: this.options.unit,
      total: tree.total,
      root: found,
      root_complete: complete,
      ...callGraphOf(node, Number(params.get('nodes')))
    };
  }

  #source(params) {
    const file = '/srv/shop/order.cc';
    return {
      range: rangeOf(params),
      unit: this.options.unit,
      fn: params.get('fn'),
      file: params.get('file') ?? file,
      files: [file, '/srv/shop/order.h'],
      total: this.#tree(params).total,
      ...this.options.source
    };
  }

  #sandwich(params) {
    const tree = this.#tree(params);
    const halves = sandwichOf(tree, params.get('fn'));
    const columns = (half) =>
        columnsOf(half, this.options.prune ? half.total / 5000 : 0, params.get('order'));
    return {
      unit: this.options.unit,
      total: tree.total,
      fn: params.get('fn'),
      found: halves !== undefined,
      ...(halves && {callers: columns(halves.callers), callees: columns(halves.callees)})
    };
  }

  #search(params) {
    return search(descend(this.#tree(params), params.get('root')).node, params.get('q'));
  }
}

export function startMockServer(port) {
  return new MockServer().listen(port);
}

// node mock_server.mjs PORT: to look at the page by hand.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startMockServer(Number(process.argv[2] ?? 0));
  process.stdout.write(`${server.url}\n`);
}
