// SPDX-License-Identifier: MIT
//
// The timeline: what it shows, how a part of the range is chosen.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {otherRange, ticksOf, TimeScale} from '../../src/visualizer/page/time_axis.js';

import {MockPages} from './mock_pages.mjs';

const pages = new MockPages();
const RANGE = {
  from: {time: '2026-11-22T05:25:00Z'},
  until: {time: '2026-11-22T05:40:00Z'}
};

test('Timeline: intervals that the range cuts keep their true lengths', () => {
  const scale = new TimeScale(
      {range: RANGE, begin: '2026-11-22T05:24:00Z', step_seconds: 120, intervals: 8}, 900);
  assert.deepEqual(
      scale.spans.map(({seconds}) => seconds), [60, 120, 120, 120, 120, 120, 120, 120]);
  assert.deepEqual([scale.spans[0].left, scale.spans[7].right], [0, 900]);
  assert.equal(scale.text(scale.moment(450.3)), '2026-11-22T05:32:30Z');
  assert.deepEqual(
      ticksOf(scale).map(({text}) => text),
      ['05:26', '05:28', '05:30', '05:32', '05:34', '05:36', '05:38']);
});

test('Timeline: a range moves by its own width and stretches about its middle', () => {
  const moved = (how) => Object.values(otherRange({range: RANGE}, how)).slice(0, 2);
  assert.deepEqual(moved({shift: -1}), ['2026-11-22T05:10:00Z', '2026-11-22T05:25:00Z']);
  assert.deepEqual(moved({stretch: 2}), ['2026-11-22T05:17:30Z', '2026-11-22T05:47:30Z']);
  const [from, until] = moved({stretch: 0});
  assert.ok(from < until, 'a range never shrinks to nothing');
});

const drag = async (driver, fromShare, toShare) => {
  const box = await (await driver.page.$('#timeline-canvas')).boundingBox();
  const at = (share) => [box.x + share * box.width, box.y + box.height / 2];
  await driver.page.mouse.move(...at(fromShare));
  await driver.page.mouse.down();
  await driver.page.mouse.move(...at(toShare), {steps: 3});
};

test(
    'Timeline: dragging selects a part of the range, for everything, and back returns',
    async () => {
      const driver = await pages.visit();
      await driver.idle();
      await drag(driver, 0.2, 0.6);
      assert.ok(await driver.page.isVisible('#timeline-brush'));
      await driver.page.mouse.up();
      await driver.until(() => location.search.includes('from=') && window.__stackcollector.idle);
      assert.equal(driver.parameters().get('from'), '2026-11-22T05:28:00Z');
      assert.equal(driver.parameters().get('until'), '2026-11-22T05:34:00Z');
      assert.equal(pages.flameRequests().at(-1).searchParams.get('until'), '2026-11-22T05:34:00Z');
      await driver.shows('#summary', '6 min');
      await driver.page.goBack();
      await driver.shows('#summary', '15 min');
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Timeline: Escape while dragging leaves the range alone; so does a mere click', async () => {
  const driver = await pages.visit();
  await driver.idle();
  await drag(driver, 0.2, 0.6);
  await driver.page.keyboard.press('Escape');
  await driver.page.mouse.up();
  await drag(driver, 0.5, 0.5);
  await driver.page.mouse.up();
  assert.equal(await driver.page.evaluate(() => location.search), '');
  await driver.close();
});

test('Timeline: [ ] - = move and stretch the range from the keyboard', async () => {
  const driver = await pages.visit();
  await driver.idle();
  for (const [key, from, until] of [['[', '05:10:00', '05:25:00'], ['=', '05:13:45', '05:21:15']]) {
    await driver.page.keyboard.press(key);
    await driver.until(
        (wanted) => location.search.includes(wanted) && window.__stackcollector.idle, from);
    assert.equal(driver.parameters().get('until'), `2026-11-22T${until}Z`);
  }
  await driver.close();
});

test('Timeline: is stacked by the grouping; a name of the legend keeps that group', async () => {
  const driver = await pages.visit('?by=thread');
  await driver.idle();
  assert.deepEqual(
      await driver.page.evaluate(
          () => [...document.querySelectorAll('#timeline-legend button')].map(
              (b) => b.textContent)),
      ['main', 'worker-0', 'worker-1']);
  await driver.page.click('#timeline-legend >> text=worker-0');
  await driver.until(
      () => new URLSearchParams(location.search).get('where') === 'thread=worker-0' &&
          window.__stackcollector.idle);
  await driver.close();
});

test('Timeline: says what an interval holds, to the pointer and to a screen reader', async () => {
  const driver = await pages.visit();
  await driver.idle();
  assert.match(
      await driver.page.getAttribute('#timeline-canvas', 'aria-label'),
      /most 2026-11-22 05:30:30 – 05:31:00 · .* s · \d\.\d\d cores/);
  await driver.page.hover('#timeline-canvas');
  await driver.shows('#timeline-tip', 'cores');
  await driver.close();
});
