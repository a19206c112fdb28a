// SPDX-License-Identifier: MIT
//
// The visualizer's HTTP interface. Every call takes an AbortSignal and rejects with one of
//   ApiError    the server refused the question or failed (it says why),
//   ServerGone  nothing, or nothing sensible, answered,
//   AbortError  (the platform's) the caller lost interest.
import {encodePath} from './state.js';
import {baseFilter, isLabelBase} from './terms.js';

const MAX_ROOT_LENGTH = 4000;
const COMPARED_FUNCTIONS = 1000;
const BAD_REQUEST = 400;
const TOO_LONG = 414;
const TOO_LONG_TEXT =
    'What is asked for does not fit into a request: a name or a filter in it is too long';

export class ApiError extends Error {
  constructor(status, body) {
    super(body.error ?? `HTTP ${status}`);
    this.status = status;
    this.parameter = body.parameter;
    this.value = body.value;
    this.position = body.position;
    this.examples = body.examples ?? [];
  }

  /** Whether the question is at fault: asked again it would be refused again. */
  get refusal() {
    return this.status === BAD_REQUEST || this.status === TOO_LONG;
  }
}

export class ServerGone extends Error {}

async function getJson(path, params, signal) {
  let response, body;
  try {
    response = await fetch(`api/v1/${path}?${new URLSearchParams(params)}`, {signal});
    body = await response.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServerGone('The visualizer does not answer.');
  }
  if (response.status === TOO_LONG) throw new ApiError(TOO_LONG, {error: TOO_LONG_TEXT});
  if (!response.ok) throw new ApiError(response.status, parseOr(body, {}));
  return parseOr(body) ?? Promise.reject(new ServerGone('The answer is not the visualizer’s.'));
}

function parseOr(text, fallback) {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** UTC is what the server takes without being told. */
function times({from, until, tz}) {
  return {from, until, ...(tz !== 'UTC' && {tz})};
}

/** What the calls share; empty filters are not sent. */
function common(query, path) {
  const params = times(query);
  for (const key of ['where', 'by', 'edit', 'at']) {
    if (query[key]) params[key] = query[key];
  }
  if (path.length > 0) params.root = encodePath(askablePath(path));
  return params;
}

/** The longest beginning of the path that fits into a request; what lies below it comes along. */
function askablePath(path) {
  let length = 0;
  const end =
      path.findIndex((name) => (length += encodeURIComponent(name).length + 3) > MAX_ROOT_LENGTH);
  return end < 0 ? path : path.slice(0, end);
}

/** A graph that wide on the screen is asked for so: widths that differ little share an answer. */
export function widthToAsk(devicePixels) {
  return Math.min(10000, Math.max(100, Math.ceil(devicePixels / 100) * 100));
}

/** The graph of the range, or of its comparison with query.base. */
export function fetchFlame(query, path, width, signal) {
  const params = {...common(query, path), width, order: query.order};
  if (query.base === '') return getJson('flame', params, signal);
  return getJson('diff', {...params, limit: COMPARED_FUNCTIONS, ...baseOf(query)}, signal);
}

/** "range" or seconds ago, "FROM..UNTIL", "host=web-1;version!=2". */
function baseOf({base, where}) {
  if (isLabelBase(base)) return {base_where: baseFilter(where, base)};
  const [from, until] = base.split('..');
  return until !== undefined ? {base_from: from, base_until: until} : {base_shift: base};
}

/** The other side of a comparison as a question of its own; `answer` says what it covers. */
export function baseQuery(query, {base_range: range}) {
  const where = isLabelBase(query.base) ? baseFilter(query.where, query.base) : query.where;
  return {...query, base: '', where, from: range.from.time, until: range.until.time};
}

export function fetchSearch(query, path, pattern, signal) {
  return getJson('search', {...common(query, path), q: pattern}, signal);
}

/** asked: {sort, match, limit} */
export function fetchTop(query, path, {match, ...asked}, signal) {
  return getJson('top', {...common(query, path), ...asked, ...(match && {match})}, signal);
}

export function fetchSandwich(query, fn, width, signal) {
  return getJson('sandwich', {...common(query, []), fn, width, order: query.order}, signal);
}

/** How much of the CPU time `fn` took, interval by interval. */
export function fetchShare(query, fn, signal) {
  return getJson('share', {...common(query, []), fn}, signal);
}

/** How much was sampled in each part of each second, of all or of `fn`. */
export function fetchHeat(query, fn, columns, signal) {
  return getJson('heat', {...common(query, []), columns, ...(fn && {fn})}, signal);
}

export function fetchCallGraph(query, path, nodes, signal) {
  return getJson('callgraph', {...common(query, path), nodes}, signal);
}

export function fetchSource(query, fn, file, signal) {
  return getJson('source', {...common(query, []), fn, ...(file && {file})}, signal);
}

/** Where the file is that holds what lies below `path`. */
export function exportUrl(query, path, format) {
  return `api/v1/export?${new URLSearchParams({...common(query, path), format})}`;
}

export function fetchTimeline(query, intervals, signal) {
  return getJson('timeline', {...common(query, []), intervals}, signal);
}

/** A Map of values by key: a label may have any name, such as "constructor". */
export async function fetchLabels(query, signal) {
  const {labels} = await getJson('labels', times(query), signal);
  return new Map(Object.entries(labels));
}
