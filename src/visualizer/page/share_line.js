// SPDX-License-Identifier: MIT
//
// Draws one function's share of the CPU time as a line over the timeline's bars: from 0 at the
// bottom to its highest share, which the legend names. Intervals without samples interrupt it.
import {formatPercent} from './format.js';

const HALO_PX = 4;
const LINE_PX = 1.75;

const shareOf = ({weight, total}) => (total > 0 ? weight / total : undefined);

export function mostShare(spans) {
  return spans.reduce((most, span) => Math.max(most, shareOf(span) ?? 0), 0);
}

/** "0.5 % to 3 %", of the intervals that have samples. */
export function shareRange(spans) {
  const known = spans.filter(({total}) => total > 0);
  if (known.length === 0) return 'no samples';
  const [least, most] = [Math.min, Math.max].map((pick) => pick(...known.map(shareOf)));
  return `${formatPercent(least, 1)} to ${formatPercent(most, 1)}`;
}

export function spanAt(spans, ms) {
  return spans.find(({begin, end}) => ms >= begin && ms < end);
}

/** Points in px, one list per stretch without a gap. */
export function stretches(spans, scale, bottom, height) {
  const most = mostShare(spans) || 1;
  const lists = [[]];
  for (const span of spans) {
    const share = shareOf(span);
    if (share === undefined) {
      lists.push([]);
      continue;
    }
    const middle = (Math.max(span.begin, scale.from) + Math.min(span.end, scale.until)) / 2;
    lists.at(-1).push([scale.x(middle), bottom - (share / most) * height]);
  }
  return lists.filter(({length}) => length > 0);
}

export function drawShareLine(pen, lists, {ink, halo}) {
  for (const [colour, width] of [[halo, LINE_PX + HALO_PX], [ink, LINE_PX]]) {
    pen.strokeStyle = colour;
    pen.fillStyle = colour;
    pen.lineWidth = width;
    pen.lineJoin = 'round';
    for (const points of lists) {
      pen.beginPath();
      points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
      pen.stroke();
      if (points.length > 1) continue;
      pen.beginPath();
      pen.arc(...points[0], width, 0, 2 * Math.PI);
      pen.fill();
    }
  }
  pen.lineWidth = 1;
}
