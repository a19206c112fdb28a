// SPDX-License-Identifier: MIT
//
// Where the moments of a timeline's answer lie on the screen, and how they read.
import {formatWeight} from './format.js';
import {dayAndClock, eastOf, formatTime, isoTime} from './zone.js';

const TICK_SECONDS = [
  1,    2,    5,    10,    15,    30,    60,    120,    300,    600,     900,
  1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000
];
const PX_PER_TICK = 110;
const DAY_MS = 86400000;
const EDGE_PX = 8;

export class TimeScale {
  constructor(answer, width) {
    this.from = Date.parse(answer.range.from.time);
    this.until = Math.max(Date.parse(answer.range.until.time), this.from + 1);
    this.width = width;
    const begin = Date.parse(answer.begin);
    const step = answer.step_seconds * 1000;
    /** Of each interval, cut by the range: {left, right} in px, {begin, end} in ms, seconds. */
    this.spans = Array.from({length: answer.intervals}, (_, i) => {
      const first = Math.max(begin + i * step, this.from);
      const last = Math.min(begin + (i + 1) * step, this.until);
      return {
        begin: first,
        end: last,
        left: this.x(first),
        right: this.x(last),
        seconds: Math.max((last - first) / 1000, 0.001)
      };
    });
  }

  x(ms) {
    return ((ms - this.from) / (this.until - this.from)) * this.width;
  }

  /** To the second, unless the range is so short that this would be coarse. */
  moment(x) {
    const ms = this.from + (x / this.width) * (this.until - this.from);
    const unit = this.until - this.from > 60000 ? 1000 : 1;
    return Math.round(ms / unit) * unit;
  }

  text(ms) {
    return isoTime(ms);
  }
}

/** At round times of the zone's clocks, but at none that they skip. */
export function ticksOf(scale) {
  const least = ((scale.until - scale.from) / 1000 / scale.width) * PX_PER_TICK;
  const step = 1000 * (TICK_SECONDS.find((seconds) => seconds >= least) ?? TICK_SECONDS.at(-1));
  const ticks = [];
  const first = Math.ceil((scale.from + eastOf(scale.from)) / step) * step;
  for (let local = first, ms; (ms = momentOf(local)) < scale.until; local += step) {
    const {day, clock} = dayAndClock(ms);
    if (ms + eastOf(ms) !== local) continue;
    ticks.push(
        {ms,
         text: local % DAY_MS === 0 ? day :
             step % 60000 === 0     ? clock.slice(0, 5) :
                                      clock});
  }
  return ticks;
}

/** When the zone's clocks show `local`, a moment as if it were UTC's. */
function momentOf(local) {
  const near = local - eastOf(local);
  return local - eastOf(near);
}

/** "09:51:00 – 09:51:10 · 4.2 s · 0.42 cores"; of an interval that the range cuts no rate. */
export function describeInterval(answer, scale, i) {
  const {begin, end, seconds} = scale.spans[i];
  const sum = answer.values.reduce((all, row) => all + row[i], answer.rest.values[i]);
  const when =
      `${formatTime(scale.text(begin))} – ${formatTime(scale.text(end), scale.text(begin))}`;
  const known = answer.unit === 'microseconds' && seconds === answer.step_seconds;
  const cores = known ? ` · ${(sum / 1e6 / seconds).toFixed(2)} cores` : '';
  return `${when} · ${formatWeight(sum, answer.unit)}${cores}`;
}

export function placeTip(tip, event) {
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - EDGE_PX);
  tip.style.transform = `translate(${Math.max(EDGE_PX, left)}px, ${event.clientY + 18}px)`;
}

/** The range moved by its own width (`shift`) or stretched about its middle (`stretch`). */
export function otherRange({range}, {shift = 0, stretch = 1}) {
  const from = Date.parse(range.from.time);
  const until = Date.parse(range.until.time);
  const middle = (from + until) / 2 + shift * (until - from);
  const half = Math.max(((until - from) / 2) * stretch, 500);
  const text = (ms) => isoTime(Math.round(ms / 1000) * 1000);
  return {from: text(middle - half), until: text(middle + half), live: false};
}
