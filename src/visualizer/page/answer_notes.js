// SPDX-License-Identifier: MIT
//
// What is said about an answer beside the graph: its range, warnings, age, what it is compared
// with.
import {byId} from './dom.js';
import {formatCount, formatSpan, formatWeight} from './format.js';
import {describeSpan, parseSpanAt} from './heat_cells.js';
import {setNotice} from './states.js';
import {isLabelBase} from './terms.js';
import {visible} from './text.js';
import {formatTime, zoneName} from './zone.js';

const STALE_AFTER_S = 660;  // a collector's default interval, and some
const COMPARING = 'Comparing…';
const LEAST_INTERVALS = 4;  // of each side of a comparison, as the server wants

export function showAnswerNotes(answer, state, change) {
  setNotice(
      'warnings', answer.warnings?.length ? answer.warnings.map(visible).join(' · ') : undefined,
      {kind: 'warning'});
  byId('summary').textContent = summary(answer);
  showFreshness(answer, state, change);
  showComparison(answer, state, change);
}

/** The comparison's notice has its room before its answer: the graph is not pushed down by it. */
export function expectComparison({base}, change) {
  if (base === '') return setNotice('compare', undefined);
  if (byId('notices').querySelector('[data-key="compare"]')) return undefined;
  return setNotice('compare', COMPARING, {actions: [stopComparing(change)]});
}

/** The comparison was refused, failed or was stopped: what was compared before still stands. */
export function endExpectation() {
  const notice = byId('notices').querySelector('[data-key="compare"]');
  if (notice?.dataset.text === COMPARING) notice.remove();
}

const stopComparing = (change) => ['Stop comparing', () => change({base: '', only: ''})];

/** The URL keeps the path that is gone: with live data it may come back. */
export function showLostPath(state, shown, zoomTo) {
  const wanted = visible(state.path[shown.length]);
  const caller = visible(shown.at(-1) ?? 'all');
  setNotice(
      'path', `“${wanted}” is not in this range; its closest caller “${caller}” is shown.`,
      {actions: [['Show everything', () => zoomTo([])]]});
}

function summary(answer) {
  const {range, unit, records, at} = answer;
  const total = answer.current?.total ?? answer.total;
  const span = (BigInt(range.until.ns) - BigInt(range.from.ns)) / 1000000000n;
  const cpu =
      unit === 'microseconds' ? `${formatWeight(total, unit)} of CPU` : formatWeight(total, unit);
  const when = `${formatTime(range.from.time)} – ${formatTime(range.until.time, range.from.time)} ${
      zoneName()}`;
  if (at) return `${cpu} at ${describeSpan(parseSpanAt(`${at.begin}..${at.end}`))} · of ${when}`;
  return `${cpu} · ${when} (${formatSpan(Number(span))}) · ${formatCount(records)} record${
      records === 1 ? '' : 's'}`;
}

function showComparison(answer, state, change) {
  if (!answer.base_range) return setNotice('compare', undefined);
  const {base_range: range, base, current, functions} = answer;
  const when = `${formatTime(range.from.time)} – ${formatTime(range.until.time, range.from.time)} ${
      zoneName()}`;
  const few = Math.min(base.intervals, current.intervals) < LEAST_INTERVALS;
  const verdict = base.intervals === 0 ? 'Nothing was collected there.' :
      current.intervals === 0          ? 'Nothing was collected in this range.' :
      few ? 'Too few collections to tell change from noise: choose longer ranges.' :
      functions.changed === 0 ?
            'No function changed: all vary no more than they do anyway, and are grey.' :
            `${functions.changed} function${
                functions.changed === 1 ? '' : 's'} changed: ▲ takes more of the ` +
          'CPU time now, ▼ less; grey varies no more than it does anyway.';
  return setNotice(
      'compare',
      `Compared with ${when}${isLabelBase(state.base) ? `, ${visible(state.base)}` : ''}. ${
          verdict}`,
      {kind: few ? 'warning' : 'info', actions: [stopComparing(change)]});
}

/** Following a collector that stopped must not look like following an idle program. */
function showFreshness({stored, range}, state, change) {
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
