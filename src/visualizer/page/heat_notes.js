// SPDX-License-Identifier: MIT
//
// A heat map in words: what stands below it, and the table of its heaviest cells.
import {element} from './dom.js';
import {formatPercent, formatWeight} from './format.js';
import {describeSpan, heaviest, spanOf} from './heat_cells.js';
import {visible} from './text.js';

const LISTED = 20;
const NO_TIMES =
    'No sample times were kept in this range. A collector with --sample-times keeps them in a store ' +
    'directory, and this shows what happens within a second; ClickHouse stores have none.';

export function noteOf(answer) {
  const {bucket_us: bucket, cells, fn, unit, total, untimed, across, step_seconds: step} = answer;
  const warnings = answer.warnings.map(visible);
  if (bucket === 0)
    return [total > 0 ? NO_TIMES : 'Nothing was sampled in this range.', ...warnings].join(' · ');
  const most = cells.reduce((sum, cell) => Math.max(sum, cell), 0);
  const notes = [`most in one cell: ${formatWeight(most, unit)}`];
  if (fn !== '') notes.unshift(`of ${visible(fn)}`);
  if (step > 1) notes.push(`a column is ${step} s: a shorter range shows each second`);
  if (untimed.total > 0) notes.push(untimedText(answer));
  notes.push(...warnings);
  if (across !== 0) notes.push(acrossText(across, unit));
  return notes.join(' · ');
}

function untimedText({total, untimed: {total: weight, targets, more}}) {
  const names = targets.map(visible).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return `${formatPercent(weight, total)} of the CPU time has no sample times: ${names}`;
}

function acrossText(across, unit) {
  const weight = formatWeight(Math.abs(across), unit);
  return across > 0 ? `${weight} of the graph lies before the range, or came without a time` :
                      `${weight} is in collections that end after the range`;
}

/** A row for each of the heaviest cells, with a button that calls choose(cell). */
export function rowsOf(answer, choose) {
  return heaviest(answer, LISTED).map((cell) => {
    const weight = answer.cells[cell];
    const when = describeSpan(spanOf(answer, cell));
    const button = element('button', {type: 'button', onclick: () => choose(cell)}, when);
    return element(
        'tr', {}, element('td', {}, button), element('td', {}, formatWeight(weight, answer.unit)),
        element('td', {}, formatPercent(weight, answer.timed)));
  });
}
