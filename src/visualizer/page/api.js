// SPDX-License-Identifier: MIT
//
// The visualizer's HTTP interface. Every call takes an AbortSignal and rejects with one of
//   ApiError    the server refused the question or failed (it says why),
//   ServerGone  nothing, or nothing sensible, answered,
//   AbortError  (the platform's) the caller lost interest.
import {encodePath, LABELS} from './state.js';

const MAX_ROOT_LENGTH = 4000;
const COMPARED_FUNCTIONS = 1000;

export class ApiError extends Error {
  constructor(status, body) {
    super(body.error ?? `HTTP ${status}`);
    this.status = status;
    this.parameter = body.parameter;
    this.value = body.value;
    this.position = body.position;
    this.examples = body.examples ?? [];
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

/** What the calls share; empty filters are not sent. */
function common(query, path) {
  const params = {from: query.from, until: query.until};
  for (const label of [...LABELS, 'by']) {
    if (query[label]) params[label] = query[label];
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

/** The graph of the range, or of its comparison with query.base. */
export function fetchFlame(query, path, width, signal) {
  const params = {...common(query, path), width, order: query.order};
  if (query.base === '') return getJson('flame', params, signal);
  return getJson('diff', {...params, limit: COMPARED_FUNCTIONS, ...baseOf(query.base)}, signal);
}

/** "range" or seconds ago, "FROM..UNTIL", "host=web-1". */
function baseOf(base) {
  const [from, until] = base.split('..');
  if (until !== undefined) return {base_from: from, base_until: until};
  const label = /^(\w+)=(.*)$/s.exec(base);
  return label ? {[`base_${label[1]}`]: label[2]} : {base_shift: base};
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

export function fetchTimeline(query, intervals, signal) {
  return getJson('timeline', {...common(query, []), intervals}, signal);
}

export function fetchLabels(query, signal) {
  return getJson('labels', {from: query.from, until: query.until}, signal);
}
