// SPDX-License-Identifier: MIT
//
// The mock's moments, whenever it is asked: "serve" all the time, and a "stall" of 40 ms at each
// half and whole second. Late in each minute's thirds nothing runs for a while, and a "flush" of
// 120 ms comes each 4.4 s.
const ROWS = 50;
const ROW_MS = 20;
const MOMENT_US = 20000;
const STALL_MS = 40;
const FLUSH_MS = 120;
const FLUSH_EACH_MS = 4400;
const LATE_MS = 12000;  // in a third of a minute
const IDLE_MS = [15400, 16300];

/** [{ms, name}] from `from` until before `until`, in ms. */
function momentsIn(from, until) {
  const moments = [];
  for (let ms = Math.ceil(from / ROW_MS) * ROW_MS; ms < until; ms += ROW_MS) {
    const place = ms % 20000;
    if (place >= IDLE_MS[0] && place < IDLE_MS[1]) continue;
    moments.push({ms, name: 'serve'});
    if (place > LATE_MS && place % FLUSH_EACH_MS < FLUSH_MS) moments.push({ms, name: 'flush'});
    if (ms % 500 < STALL_MS) moments.push(...Array(3).fill({ms, name: 'stall'}));
  }
  return moments;
}

/** The answer without range, unit and the rest of it: `columns` of whole seconds. */
export function heatOf({from, until}, columns, fn) {
  const first = Date.parse(from.time);
  const last = Date.parse(until.time);
  const step = [1, 2, 5, 10, 60].find((seconds) => (last - first) / 1000 / seconds < columns);
  const begin = Math.floor(first / 1000 / step) * step * 1000;
  const count = Math.floor((last - begin) / 1000 / step) + 1;
  const cells = Array(count * ROWS).fill(0);
  for (const {ms, name} of momentsIn(first, last)) {
    const column = Math.floor((ms - begin) / 1000 / step);
    if (fn === '' || fn === name)
      cells[column * ROWS + Math.floor((ms % 1000) / ROW_MS)] += MOMENT_US;
  }
  return {
    fn,
    begin: new Date(begin).toISOString(),
    step_seconds: step,
    columns: count,
    rows: ROWS,
    row_ms: ROW_MS,
    bucket_us: ROW_MS * 1000,
    cells,
    timed: cells.reduce((a, b) => a + b, 0)
  };
}

/** What the graph shows of a part: "main" above what has moments in it. */
export function weightsAt({begin, end}) {
  const weights = new Map();
  for (const {name} of momentsIn(begin, end))
    weights.set(name, (weights.get(name) ?? 0) + MOMENT_US);
  return weights;
}
