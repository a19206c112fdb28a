// SPDX-License-Identifier: MIT
//
// Every state of the page that is not a graph: what it says, what it offers, that nothing covers
// it, and its picture in docs/images/states (STACKCOLLECTOR_PICTURES=that folder writes them).
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Driver} from './driver.mjs';
import {MockPages} from './mock_pages.mjs';
import {startMockServer} from './mock_server.mjs';

const pages = new MockPages();
const SMALL = {
  viewport: {width: 900, height: 420}
};

/** What is said stands in the window, and a click on it would reach it. */
async function seen(driver, selector) {
  const reached = await driver.page.evaluate((where) => {
    const {left, top, width, height} = document.querySelector(where).getBoundingClientRect();
    const at = document.elementFromPoint(left + width / 2, top + height / 2);
    return at?.closest(where) !== null;
  }, selector);
  assert.ok(reached, `${selector} is covered or outside`);
}

const cardSays = async (driver, title, ...parts) => {
  await driver.shows('#card', title);
  for (const part of parts) await driver.shows('#card', part);
  await seen(driver, '#card h1');
};

test('State: an empty store has the command that fills it', async () => {
  pages.server.set({storeEmpty: true});
  const driver = await pages.visit('', SMALL);
  await cardSays(driver, 'No profiles yet', 'collector --host localhost --ports 16384');
  await driver.picture('empty-store');
  await driver.close();
});

test('State: an empty range has links to the nearest data on either side', async () => {
  pages.server.set({
    rangeEmpty: true,
    nearest: {before: '2026-11-22T05:02:10.5Z', after: '2026-11-22T05:39:00Z'}
  });
  const driver = await pages.visit('?from=2026-11-22T05:10:00Z&until=2026-11-22T05:25:00Z', SMALL);
  await cardSays(driver, 'No samples in this range');
  const links = await driver.page.evaluate(
      () => [...document.querySelectorAll('#card a')].map(
          (a) => [a.textContent, a.getAttribute('href')]));
  assert.deepEqual(links, [
    [
      'The nearest data before: 2026-11-22 05:02:10 UTC',
      '?from=2026-11-22T04:47:11Z&until=2026-11-22T05:02:11Z'
    ],
    [
      'The nearest data after: 2026-11-22 05:39:00 UTC',
      '?from=2026-11-22T05:39:00Z&until=2026-11-22T05:54:00Z'
    ]
  ]);
  await driver.picture('empty-range');
  pages.server.set({});
  await driver.page.click('text=The nearest data before');
  await driver.idle();
  assert.ok((await driver.statistics()).nodes > 1);
  await driver.close();
});

test('State: where nothing matches, each filter can be dropped', async () => {
  const driver = await pages.visit('?where=host=web-9;thread!=main&edit=drop:malloc', SMALL);
  await cardSays(
      driver, 'Nothing matches the filter', 'Drop host = web-9', 'Drop thread ≠ main',
      'Drop “without malloc”', 'Drop all filters');
  await driver.picture('no-match');
  await driver.page.click('text=Drop host = web-9');
  await driver.until(() => document.getElementById('card').hidden);
  assert.equal(driver.parameters().get('where'), 'thread!=main');
  await driver.close();
});

test('State: loading says so and can be stopped; stopped can be loaded', async () => {
  pages.server.set({delayMs: 60000});
  const driver = await pages.visit('', SMALL);
  await cardSays(driver, 'Loading…');
  await seen(driver, '#stop');
  await driver.picture('loading');
  await driver.page.keyboard.press('Escape');
  await cardSays(driver, 'Stopped', 'before the answer was there');
  await driver.picture('stopped');
  pages.server.set({});
  await driver.page.click('#card >> text=Load it');
  await driver.idle();
  assert.ok((await driver.statistics()).nodes > 1);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test(
    'State: stopping keeps the graph that is there and says that it is not the one asked for',
    async () => {
      const driver = await pages.visit('', SMALL);
      await driver.idle();
      pages.server.set({delayMs: 60000});
      await driver.page.click('text=6 h');
      await driver.until(() => document.body.classList.contains('busy'));
      await driver.page.click('#stop');
      await driver.shows('#notices', 'what is shown is not what was asked for');
      assert.ok((await driver.statistics()).drawn > 1);
      await driver.close();
    });

test('State: live without anything new says since when', async () => {
  pages.server.set({lastStored: '2026-11-22T05:18:00Z'});
  const driver = await pages.visit('?live=1', SMALL);
  await driver.shows(
      '#notices', 'Nothing new for 22 min: the collector, or what it reads, may have stopped.');
  await seen(driver, '.notice');
  await driver.shows('#freshness.stale', 'newest sample 22 min ago');
  await driver.picture('stale-live');
  await driver.page.click('text=Stop following');
  await driver.until(() => document.querySelector('[data-key=stale]') === null);
  await driver.close();
});

test('State: a busy store is asked again by itself', async () => {
  pages.server.set({failWith: 503});
  const driver = await pages.visit('', SMALL);
  await cardSays(driver, 'The store is busy', 'too many open files', 'Trying again in ');
  await driver.picture('store-busy');
  pages.server.set({});
  await driver.until(() => document.getElementById('card').hidden);
  await driver.close();
});

test('State: a server that is gone is told from one that refuses, and found again', async () => {
  const other = await startMockServer();
  const driver = await Driver.open(pages.browser, other.url, SMALL);
  await driver.idle();
  await other.close();
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', 'The visualizer does not answer');
  await seen(driver, '.notice.error');
  await driver.picture('server-gone');
  await driver.close();
});
