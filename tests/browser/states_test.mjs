// SPDX-License-Identifier: MIT
//
// What the page does when things are not as they should be: the mock's store is emptied, broken and
// slowed down between two requests.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Driver} from './driver.mjs';
import {MockPages, PLACE} from './mock_pages.mjs';
import {startMockServer} from './mock_server.mjs';

const pages = new MockPages();

test(
    'Page: an empty store says which command fills it, and shows the first samples by itself',
    async () => {
      pages.server.set({storeEmpty: true});
      const driver = await pages.visit();
      await driver.shows('#card', 'collector --host localhost --ports 16384');
      pages.server.set({});
      await driver.until(() => document.getElementById('card').hidden);
      assert.ok((await driver.statistics()).nodes > 1);
      await driver.close();
    });

test('Page: an empty range offers what is stored', async () => {
  pages.server.set({rangeEmpty: true});
  const driver = await pages.visit();
  await driver.shows('#card', 'No samples in this range');
  pages.server.set({});
  await driver.page.click('text=Show all that is stored');
  await driver.until(() => document.getElementById('card').hidden);
  assert.equal(driver.parameters().get('from'), '2026-11-20T00:00:00Z');
  await driver.close();
});

test('Page: a filter that matches nothing is named and can be dropped', async () => {
  const driver = await pages.visit('?host=web-9');
  await driver.shows('#card', 'Nothing matches the filter');
  await driver.page.click('text=Drop host = web-9');
  await driver.until(() => document.getElementById('card').hidden);
  assert.equal(driver.page.url().includes('?'), false);
  await driver.close();
});

test(
    'Page: a wrong time is refused under its box, with a caret and examples that work',
    async () => {
      const driver = await pages.visit();
      await driver.idle();
      await driver.page.fill('#from', '-15foo');
      await driver.page.keyboard.press('Enter');
      await driver.shows('#from-error', 'expected a unit such as \'minutes\'');
      assert.equal(await driver.text('#from-error pre'), '-15foo\n   ^');
      await driver.page.click('#from-error >> text=-15minutes');
      await driver.until(() => document.getElementById('from-error').hidden);
      assert.equal(await driver.page.inputValue('#from'), '-15minutes');
      await driver.close();
    });

test('Page: a wrong expression shows the server’s words and lights up nothing', async () => {
  const driver = await pages.visit();
  await driver.idle();
  await driver.search('(');
  await driver.shows('#q-error', 'missing )');
  assert.equal(await driver.searchResult(), undefined);
  await driver.page.click('#q-error >> text=malloc|free');
  await driver.until(() => document.getElementById('q-error').hidden);
  assert.deepEqual((await driver.searchResult()).names.sort(), ['_int_malloc', 'malloc']);
  await driver.close();
});

test('Page: a failing server keeps the graph, says why and recovers by itself', async () => {
  const driver = await pages.visit();
  await driver.idle();
  pages.server.set({failWith: 500});
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', 'too many open files');
  assert.ok((await driver.statistics()).drawn > 1);
  pages.server.set({});
  await driver.until(() => document.querySelector('.notice.error') === null);
  await driver.close();
});

test('Page: a server that is gone is told from one that refuses', async () => {
  const other = await startMockServer();
  const driver = await Driver.open(pages.browser, other.url);
  await driver.idle();
  await other.close();
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', 'does not answer');
  await driver.close();
});

test('Page: a first load that fails offers to try again', async () => {
  pages.server.set({failWith: 500});
  const driver = await pages.visit();
  await driver.shows('#card', 'could not answer');
  await driver.shows('#card .actions button', 'Try again');
  pages.server.set({});
  // It tries again by itself too: on a busy machine the button may be gone before a pointer is there.
  await driver.page.evaluate(() => document.querySelector('#card .actions button')?.click());
  await driver.until(() => document.getElementById('card').hidden);
  await driver.close();
});

test('Page: a slow answer dims what is shown until it is there', async () => {
  const driver = await pages.visit();
  await driver.idle();
  pages.server.set({delayMs: 700});
  await driver.page.click('text=6 h');
  await driver.until(() => document.body.classList.contains('busy'));
  await driver.until(() => !document.body.classList.contains('busy'));
  await driver.shows('#summary', '6 h');
  await driver.close();
});

test('Page: the store’s warnings are shown, made visible', async () => {
  pages.server.set({warnings: ['2 records were unreadable: \u202Egnp']});
  const driver = await pages.visit();
  await driver.shows('#notices', '2 records were unreadable: \\u{202e}gnp');
  await driver.close();
});

test('Page: a path that is gone falls back to its longest prefix and says so', async () => {
  const driver = await pages.visit(`?path=${[...PLACE, 'gone', 'deeper'].join(';')}`);
  await driver.zoomed(PLACE);
  await driver.shows('#notices', '“gone” is not in this range');
  await driver.page.click('text=Show everything');
  await driver.zoomed([]);
  await driver.until(() => document.querySelector('[data-key=path]') === null);
  await driver.close();
});

test('Page: live asks again and keeps the zoom', async () => {
  const driver = await pages.visit(`?live=1&path=${PLACE.join(';')}`);
  await driver.zoomed(PLACE);
  await driver.shows('#freshness', 'newest sample 7 s ago');
  const before = pages.flameRequests().length;
  for (const end = Date.now() + 15000; pages.flameRequests().length === before && Date.now() < end;)
    await driver.idle();
  assert.ok(pages.flameRequests().length > before);
  await driver.zoomed(PLACE);
  assert.deepEqual(pages.flameRequests().at(-1).searchParams.get('root'), PLACE.join(';'));
  await driver.close();
});

test('Page: filter, grouping and order go to the server and into the URL', async () => {
  const driver = await pages.visit('?thread=worker-1');
  await driver.idle();
  await driver.page.selectOption('[aria-label="Group by"]', 'host');
  await driver.page.selectOption('[aria-label="Order of siblings"]', 'name');
  await driver.until(
      () => new URLSearchParams(location.search).get('order') === 'name' &&
          window.__stackcollector.idle);
  const asked = pages.flameRequests().at(-1).searchParams;
  assert.deepEqual(
      ['where', 'by', 'order'].map((key) => asked.get(key)), ['thread=worker-1', 'host', 'name']);
  assert.equal(driver.page.url().split('?')[1], 'where=thread=worker-1&by=host&order=name');
  await driver.close();
});

test('Page: an answer that is not the visualizer’s is said so', async () => {
  pages.server.set({tree: {name: 'all', total: 1, self: 1, children: [], broken: true}});
  const driver = await pages.visit();
  await driver.shows('#notices', 'The page could not show the answer');
  await driver.close();
});
