// SPDX-License-Identifier: MIT
//
// The zone in which the page writes moments: the one of its URL. The server reads `from` and
// `until` in the same.

const MINUTE_MS = 60000;
const UTC = {
  name: 'UTC',
  east: () => 0
};

// Browsers go by names that the tz database gave up; servers need not have those any more.
const RENAMED = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

let zone = UTC;

/** `tz` as the state has it; one that this browser does not know is written as UTC. */
export function useZone(tz) {
  if (tz === zone.name) return;
  zone = tz === UTC.name ? UTC : fixedZone(tz) ?? namedZone(tz) ?? UTC;
}

export function zoneName() {
  return zone.name;
}

export function browserZone() {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return RENAMED[name] ?? name;
}

function fixedZone(tz) {
  const [, sign, hours, minutes = '0'] = tz.match(/^([+\- ])(\d\d)(?::?(\d\d))?$/) ?? [];
  if (!sign) return undefined;
  const east = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -MINUTE_MS : MINUTE_MS);
  return {name: tz.replace(' ', '+'), east: () => east};
}

function namedZone(tz) {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: tz,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric'
    });
    return {name: tz, east: (ms) => eastBy(format, ms)};
  } catch {
    return undefined;
  }
}

function eastBy(format, ms) {
  const parts =
      Object.fromEntries(format.formatToParts(ms).map(({type, value}) => [type, Number(value)]));
  const {year, month, day, hour, minute, second} = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** How far the zone's clocks are before UTC, in ms. */
export function eastOf(ms) {
  return zone.east(ms);
}

/** RFC 3339 in the zone: "2026-11-22T06:25:00+01:00". */
export function isoTime(ms) {
  if (zone === UTC) return localText(ms, 0) + 'Z';
  const minutes = Math.trunc(eastOf(ms) / MINUTE_MS);
  const two = (number) => String(number).padStart(2, '0');
  const offset = `${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return localText(ms, minutes * MINUTE_MS) + (minutes < 0 ? '-' : '+') + offset;
}

function localText(ms, east) {
  return new Date(ms + east).toISOString().replace(/(\.000)?Z$/, '');
}

/** {day: "2026-11-22", clock: "06:25:00"}, whole seconds. */
export function dayAndClock(ms) {
  const [day, clock] = localText(ms, eastOf(ms)).replace(/\.\d+$/, '').split('T');
  return {day, clock};
}

/** "06:25:00.250": for moments within seconds. */
export function clockOf(ms) {
  return `${dayAndClock(ms).clock}.${String(ms % 1000).padStart(3, '0')}`;
}

/** "2026-11-22 06:25:00"; the date is left out when `sameDayAs` falls on the same day. */
export function formatTime(isoText, sameDayAs) {
  const {day, clock} = dayAndClock(Date.parse(isoText));
  const same = sameDayAs !== undefined && dayAndClock(Date.parse(sameDayAs)).day === day;
  return same ? clock : `${day} ${clock}`;
}
