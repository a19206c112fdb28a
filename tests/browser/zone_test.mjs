// SPDX-License-Identifier: MIT
//
// Times in the zone of the URL: on the axis, in texts, in what a selection puts into the URL.
import assert from 'node:assert/strict';
import {afterEach, test} from 'node:test';

import {ticksOf, TimeScale} from '../../src/visualizer/page/time_axis.js';
import {formatTime, isoTime, useZone, zoneName} from '../../src/visualizer/page/zone.js';

import {MockPages} from './mock_pages.mjs';

const pages = new MockPages();
const at = (time) => Date.parse(time);

afterEach(() => useZone('UTC'));

/** What is written beside the ticks of a range on 900 pixels. */
function tickTexts(tz, from, until) {
  useZone(tz);
  const range = {from: {time: from}, until: {time: until}};
  return ticksOf(new TimeScale({range, begin: from, step_seconds: 3600, intervals: 1}, 900))
      .map(({text}) => text);
}

test('Zone: a moment is written with the day and the offset of the zone', () => {
  assert.equal(isoTime(at('2026-11-22T23:25:00.250Z')), '2026-11-22T23:25:00.250Z');
  assert.equal(formatTime('2026-11-22T05:25:00.250Z'), '2026-11-22 05:25:00');
  for (const [tz, time] of [
           ['Europe/Berlin', '2026-11-23T00:25:00+01:00'],
           ['Asia/Kathmandu', '2026-11-23T05:10:00+05:45'],
           ['America/St_Johns', '2026-11-22T19:55:00-03:30'],
           ['-03:30', '2026-11-22T19:55:00-03:30'],
           ['+0200', '2026-11-23T01:25:00+02:00'],
  ]) {
    useZone(tz);
    assert.equal(zoneName(), tz);
    assert.equal(isoTime(at('2026-11-22T23:25:00Z')), time);
    assert.equal(formatTime('2026-11-22T23:25:00Z'), time.slice(0, 19).replace('T', ' '));
  }
});

test('Zone: the day is left out where it is the same in the zone', () => {
  useZone('Europe/Berlin');
  assert.equal(formatTime('2026-11-22T23:30:00Z', '2026-11-22T22:30:00Z'), '2026-11-23 00:30:00');
  assert.equal(formatTime('2026-11-23T01:00:00Z', '2026-11-22T23:30:00Z'), '02:00:00');
});

test('Zone: one that the browser does not know is written, and named, as UTC', () => {
  useZone('Mars/Phobos');
  assert.equal(zoneName(), 'UTC');
  assert.equal(isoTime(0), '1970-01-01T00:00:00Z');
});

test('Zone: ticks stand at round times of the zone, once clocks change too', () => {
  const night = ['2026-11-22T22:00:00Z', '2026-11-23T00:30:00Z'];
  assert.deepEqual(
      tickTexts('Asia/Kathmandu', ...night), ['04:00', '04:30', '05:00', '05:30', '06:00']);
  assert.deepEqual(tickTexts('Europe/Berlin', ...night), [
    '23:00',
    '23:30',
    '2026-11-23',
    '00:30',
    '01:00',
  ]);
  assert.deepEqual(
      tickTexts('Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T05:00:00Z'),
      ['01:00', '03:00', '04:00', '05:00', '06:00']);
  assert.deepEqual(
      tickTexts('Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z'),
      ['2026-10-25', '01:00', '02:00', '03:00', '04:00']);
});

test('Zone: chosen beside the range, kept in the URL, asked of the server', async () => {
  // Chromium calls it Asia/Katmandu.
  const driver = await pages.visit('', {timezoneId: 'Asia/Kathmandu'});
  await driver.idle();
  await driver.shows('#summary', '05:25:00 – 05:40:00 UTC');
  await driver.page.selectOption('#choose-tz', 'Asia/Kathmandu');
  await driver.shows('#summary', '11:10:00 – 11:25:00 Asia/Kathmandu');
  await driver.idle();
  assert.equal(driver.parameters().get('tz'), 'Asia/Kathmandu');
  for (const path of ['/api/v1/flame', '/api/v1/timeline', '/api/v1/labels']) {
    const asked = pages.server.requests.filter(({pathname}) => pathname === path).at(-1);
    assert.equal(asked.searchParams.get('tz'), 'Asia/Kathmandu', path);
  }
  await driver.page.goBack();
  await driver.shows('#summary', '05:25:00 – 05:40:00 UTC');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Zone: a link has its own, whatever the browser’s is', async () => {
  const driver = await pages.visit('?tz=Europe/Berlin', {timezoneId: 'America/New_York'});
  await driver.idle();
  await driver.shows('#summary', '06:25:00 – 06:40:00 Europe/Berlin');
  await driver.page.keyboard.press('[');
  await driver.until(() => location.search.includes('from=') && window.__stackcollector.idle);
  assert.equal(driver.parameters().get('from'), '2026-11-22T06:10:00+01:00');
  assert.equal(driver.parameters().get('tz'), 'Europe/Berlin');
  assert.equal(pages.flameRequests().at(-1).searchParams.get('from'), '2026-11-22T06:10:00+01:00');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Zone: one that is none is refused under its box, with examples that work', async () => {
  const driver = await pages.visit('?tz=Mars/Phobos');
  await driver.shows('#choose-tz-error', 'expected a time zone');
  assert.equal(await driver.page.getAttribute('#choose-tz', 'aria-invalid'), 'true');
  await driver.page.click('#choose-tz-error >> text=Europe/Berlin');
  await driver.shows('#summary', '06:25:00 – 06:40:00 Europe/Berlin');
  await driver.until(() => document.getElementById('choose-tz-error').hidden);
  assert.equal(driver.parameters().get('tz'), 'Europe/Berlin');
  await driver.page.selectOption('#choose-tz', 'UTC');
  await driver.shows('#summary', '05:25:00 – 05:40:00 UTC');
  assert.equal(driver.parameters().get('tz'), null);
  await driver.close();
});
