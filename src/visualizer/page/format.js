// SPDX-License-Identifier: MIT
//
// Numbers as people read them. Pure functions; the locale is fixed so that a link reads
// the same for everyone.

const MICROSECOND_STEPS = [
  {below: 999.5, text: (us) => `${trim(us)} µs`},
  {below: 999.5e3, text: (us) => `${trim(us / 1e3)} ms`},
  {below: 119.5e6, text: (us) => `${trim(us / 1e6)} s`},
  {below: 7199.5e6, text: (us) => pair(us / 1e6, 60, 'min', 's')},
  {below: Infinity, text: (us) => pair(us / 60e6, 60, 'h', 'min')},
];

/** Three significant digits, never in exponential form. */
function trim(value) {
  if (value >= 100) return Math.round(value).toString();
  return value.toPrecision(3).replace(/\.?0+$/, '');
}

function pair(value, base, big, small) {
  const whole = Math.round(value);
  return `${Math.floor(whole / base)} ${big} ${whole % base} ${small}`;
}

/** "1,234,567". The platform's own way needs a dozen milliseconds to find its locale. */
export function formatCount(count) {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A weight in the unit of the answer: CPU time ("12.4 s") or samples ("1,234 samples"). */
export function formatWeight(weight, unit) {
  if (unit !== 'microseconds') {
    return `${formatCount(weight)} sample${weight === 1 ? '' : 's'}`;
  }
  if (weight <= 0) return '0 s';
  return MICROSECOND_STEPS.find((step) => weight < step.below).text(weight);
}

export function formatPercent(part, whole) {
  if (!(whole > 0)) return '–';
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.01) return '<0.01 %';
  if (part < whole && percent > 99.99) return '>99.99 %';
  return `${percent >= 99.995 || percent < 10 ? trimPercent(percent) : percent.toFixed(1)} %`;
}

function trimPercent(percent) {
  return percent >= 99.995 || percent === 0 ? percent.toFixed(0) : percent.toFixed(2);
}

/** A span of wall time from whole seconds: "15 min", "2 h 30 min", "3 d". */
export function formatSpan(seconds) {
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  let rest = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
