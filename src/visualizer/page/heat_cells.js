// SPDX-License-Identifier: MIT
//
// What the cells of a heat map's answer stand for. A cell is its place in `cells`: a column's rows
// together, the beginning of the second first. Pure functions; times in ms.
import {formatWeight} from './format.js';
import {clockOf} from './zone.js';

const NS_PER_MS = 1000000n;

/**
 * {begin, end} of what two cells and all between them hold, in either order. Where a column is
 * several seconds it counts whole: its rows are parts of each of them.
 */
export function spanOf(answer, a, b = a) {
  const {rows, row_ms: rowMs, step_seconds: step, range} = answer;
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  const columnMs = step * 1000;
  const at = (cell) => Date.parse(answer.begin) + Math.floor(cell / rows) * columnMs;
  const [begin, end] = step === 1 ?
      [at(first) + (first % rows) * rowMs, at(last) + (last % rows + 1) * rowMs] :
      [at(first), at(last) + columnMs];
  const from = Number((BigInt(range.from.ns) + NS_PER_MS - 1n) / NS_PER_MS);
  const until = Number(BigInt(range.until.ns) / NS_PER_MS) + 1;  // the range's end is inclusive
  const within = (ms) => Math.min(Math.max(ms, from), until);
  return {begin: within(begin), end: within(end)};  // as long as nothing beside the range
}

/** As the URL and the server have it: exact whatever the zone. */
export function formatSpanAt({begin, end}) {
  return `${new Date(begin).toISOString()}..${new Date(end).toISOString()}`;
}

/** {begin, end} of a state's `at`, undefined for what is not made of two plain moments. */
export function parseSpanAt(text) {
  const [begin, end] = text.split('..').map((moment) => Date.parse(moment));
  return end > begin ? {begin, end} : undefined;
}

/** "05:39:10.500 – 05:39:11.240" */
export function describeSpan({begin, end}) {
  return `${clockOf(begin)} – ${clockOf(end)}`;
}

/** The first and the last cell with a part of the span; undefined where it lies beside the map. */
export function cellsOf(answer, {begin, end}) {
  const place = (ms) => {
    const column = Math.floor((ms - Date.parse(answer.begin)) / (answer.step_seconds * 1000));
    const row = answer.step_seconds === 1 ? Math.floor((ms % 1000) / answer.row_ms) : 0;
    return column * answer.rows + row;
  };
  const first = Math.max(place(begin), 0);
  const last = Math.min(place(end - 1), answer.cells.length - 1);
  return last < first ? undefined : {first, last};
}

/** "05:39:10.500 – 05:39:10.520 · 80 ms"; of a column of several seconds, which part of each. */
export function describeCell(answer, cell) {
  const weight = formatWeight(answer.cells[cell], answer.unit);
  const {step_seconds: step, rows, row_ms: rowMs} = answer;
  const row = cell % rows;
  const part = step === 1 ? '' : ` · ${row * rowMs} – ${(row + 1) * rowMs} ms of each second`;
  const span = spanOf(answer, cell);
  if (span.end <= span.begin) return 'outside of the range';
  return `${describeSpan(span)}${part} · ${weight}`;
}

/** The cells with the most, that first; none without weight. */
export function heaviest(answer, count) {
  return [...answer.cells.keys()]
      .filter((cell) => answer.cells[cell] > 0)
      .sort((a, b) => answer.cells[b] - answer.cells[a] || a - b)
      .slice(0, count);
}
