// SPDX-License-Identifier: MIT
//
// What the page does when things are not as they should be, and its keyboard: against the mock, whose
// store can be emptied, broken and slowed down between two requests.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {startMockServer} from './mock_server.mjs';
import {bigTree, deepTree, HOSTILE, hostileTree, serviceTree} from './trees.mjs';

const PLACE = ['start_thread', 'shop::WorkerPool::Run', 'shop::http::Server::HandleRequest', 'shop::OrderService::Place'];
const ROW_PX = 20;

let browser, server;

before(async () => {
  browser = await launchChromium();
  server = await startMockServer();
});

beforeEach(() => {
  server.set({tree: serviceTree()});
  server.requests.length = 0;
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function visit(query = '', options = {}) {
  return Driver.open(browser, server.url, {query, ...options});
}

const flameRequests = () => server.requests.filter(({pathname}) => pathname === '/api/v1/flame');

test('Page: an empty store says which command fills it, and shows the first samples by itself', async () => {
  server.set({storeEmpty: true});
  const driver = await visit();
  await driver.shows('#card', 'collector --host localhost --ports 16384');
  server.set({});
  await driver.until(() => document.getElementById('card').hidden);
  assert.ok((await driver.statistics()).nodes > 1);
  await driver.close();
});

test('Page: an empty range offers what is stored', async () => {
  server.set({rangeEmpty: true});
  const driver = await visit();
  await driver.shows('#card', 'No samples in this range');
  server.set({});
  await driver.page.click('text=Show all that is stored');
  await driver.until(() => document.getElementById('card').hidden);
  assert.equal(driver.parameters().get('from'), '2026-11-20T00:00:00Z');
  await driver.close();
});

test('Page: a filter that matches nothing is named and can be dropped', async () => {
  const driver = await visit('?host=web-9');
  await driver.shows('#card', 'Nothing matches the filter');
  await driver.page.click('text=Drop host = web-9');
  await driver.until(() => document.getElementById('card').hidden);
  assert.equal(driver.parameters().get('host'), null);
  await driver.close();
});

test('Page: a wrong time is refused under its box, with a caret and examples that work', async () => {
  const driver = await visit();
  await driver.idle();
  await driver.page.fill('#from', '-15foo');
  await driver.page.keyboard.press('Enter');
  await driver.shows('#from-error', "expected a unit such as 'minutes'");
  assert.equal(await driver.text('#from-error pre'), '-15foo\n   ^');
  await driver.page.click('#from-error >> text=-15minutes');
  await driver.until(() => document.getElementById('from-error').hidden);
  assert.equal(await driver.page.inputValue('#from'), '-15minutes');
  await driver.close();
});

test('Page: a wrong expression shows the server’s words and lights up nothing', async () => {
  const driver = await visit();
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
  const driver = await visit();
  await driver.idle();
  server.set({failWith: 500});
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', 'too many open files');
  assert.ok((await driver.statistics()).drawn > 1);
  server.set({});
  await driver.until(() => document.querySelector('.notice.error') === null);
  await driver.close();
});

test('Page: a server that is gone is told from one that refuses', async () => {
  const other = await startMockServer();
  const driver = await Driver.open(browser, other.url);
  await driver.idle();
  await other.close();
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', 'does not answer');
  await driver.close();
});

test('Page: a first load that fails offers to try again', async () => {
  server.set({failWith: 503});
  const driver = await visit();
  await driver.shows('#card', 'could not answer');
  server.set({});
  await driver.page.click('text=Try again');
  await driver.until(() => document.getElementById('card').hidden);
  await driver.close();
});

test('Page: a slow answer dims what is shown until it is there', async () => {
  const driver = await visit();
  await driver.idle();
  server.set({delayMs: 700});
  await driver.page.click('text=6 h');
  await driver.until(() => document.body.classList.contains('busy'));
  await driver.until(() => !document.body.classList.contains('busy'));
  await driver.shows('#summary', '6 h');
  await driver.close();
});

test('Page: the store’s warnings are shown, made visible', async () => {
  server.set({warnings: ['2 records were unreadable: \u202Egnp']});
  const driver = await visit();
  await driver.shows('#notices', '2 records were unreadable: \\u{202e}gnp');
  await driver.close();
});

test('Page: a path that is gone falls back to its longest prefix and says so', async () => {
  const driver = await visit(`?path=${[...PLACE, 'gone', 'deeper'].join(';')}`);
  await driver.zoomed(PLACE);
  await driver.shows('#notices', '“gone” is not in this range');
  await driver.page.click('text=Show everything');
  await driver.zoomed([]);
  await driver.until(() => document.querySelector('[data-key=path]') === null);
  await driver.close();
});

test('Page: live asks again and keeps the zoom', async () => {
  const driver = await visit(`?live=1&path=${PLACE.join(';')}`);
  await driver.zoomed(PLACE);
  await driver.shows('#freshness', 'newest sample 7 s ago');
  const before = flameRequests().length;
  for (const end = Date.now() + 15000; flameRequests().length === before && Date.now() < end;) await driver.idle();
  assert.ok(flameRequests().length > before);
  await driver.zoomed(PLACE);
  assert.deepEqual(flameRequests().at(-1).searchParams.get('root'), PLACE.join(';'));
  await driver.close();
});

test('Page: filter, grouping and order go to the server and into the URL', async () => {
  const driver = await visit();
  await driver.idle();
  await driver.page.selectOption('[aria-label="Filter by thread"]', 'worker-1');
  await driver.page.selectOption('[aria-label="Group by"]', 'host');
  await driver.page.selectOption('[aria-label="Order of siblings"]', 'name');
  await driver.until(() => new URLSearchParams(location.search).get('order') === 'name' && window.__stackcollector.idle);
  const asked = flameRequests().at(-1).searchParams;
  assert.deepEqual(['thread', 'by', 'order'].map((key) => asked.get(key)), ['worker-1', 'host', 'name']);
  assert.equal(driver.page.url().split('?')[1], 'thread=worker-1&by=host&order=name');
  await driver.close();
});

test('Keys: arrows walk the frames, Enter zooms, Backspace returns, Escape shows everything', async () => {
  const driver = await visit();
  await driver.idle();
  const {keyboard} = driver.page;
  await keyboard.press('ArrowDown');  // the root
  for (const name of PLACE) {
    await keyboard.press('ArrowDown');
    await driver.shows('#status', name);
  }
  await keyboard.press('ArrowRight');
  await driver.shows('#status', 'shop::json::Parser::ParseObject');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await driver.zoomed(PLACE);
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  await driver.zoomed(PLACE.slice(0, -1));
  await keyboard.press('Backspace');
  await driver.zoomed(PLACE);
  await keyboard.press('Escape');
  await driver.zoomed([]);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Keys: Tab reaches the graph and says on which frame it stands', async () => {
  const driver = await visit(`?path=${PLACE.join(';')}`);
  await driver.zoomed(PLACE);
  await driver.page.focus('#filters select:last-child');
  await driver.page.keyboard.press('Tab');
  assert.equal(await driver.page.evaluate(() => document.activeElement.id), 'flame');
  await driver.page.keyboard.press('ArrowDown');
  await driver.shows('#status', 'shop::Database::Execute<shop::InsertOrder>');
  await driver.close();
});

test('Page: an answer that is not the visualizer’s is said so', async () => {
  server.set({tree: {name: 'all', total: 1, self: 1, children: [], broken: true}});
  const driver = await visit();
  await driver.shows('#notices', 'The page could not show the answer');
  await driver.close();
});

test('Keys: / searches, Escape leaves the box and then clears it, ? explains', async () => {
  const driver = await visit();
  await driver.idle();
  const {keyboard} = driver.page;
  await keyboard.press('/');
  await keyboard.type('json');
  await driver.until(() => new URLSearchParams(location.search).get('q') === 'json' && window.__stackcollector.idle);
  await keyboard.press('Escape');
  assert.equal(driver.parameters().get('q'), 'json');
  await keyboard.press('Escape');
  await driver.until(() => !location.search.includes('q='));
  await keyboard.press('?');
  assert.ok(await driver.page.isVisible('#keys'));
  await keyboard.press('Escape');
  assert.ok(!await driver.page.isVisible('#keys'));
  await driver.close();
});

test('Page: without motion, a zoom is there at once', async () => {
  const driver = await visit('', {reducedMotion: 'reduce'});
  await driver.idle();
  const {paints} = await driver.statistics();
  await driver.clickFrame(PLACE.at(-1));
  await driver.zoomed(PLACE);
  assert.ok((await driver.statistics()).paints - paints <= 4);
  await driver.close();
});

test('Page: the tooltip and the trail show hostile names as text and run nothing', async () => {
  server.set({tree: hostileTree()});
  for (const name of HOSTILE) {
    const driver = await visit(`?path=${encodeURIComponent(name.replaceAll('%', '%25').replaceAll(';', '%3B'))}`);
    await driver.zoomed([name]);
    await driver.hoverFrame('constructor');
    assert.equal(await driver.page.evaluate(() => window.__hacked), undefined);
    assert.equal(await driver.page.locator('#crumbs img, #crumbs script, #tooltip img').count(), 0);
    assert.doesNotMatch(await driver.text('#crumbs'), /[\u202A-\u202E\u200B\u0007]/);
    assert.deepEqual(driver.problems, []);
    await driver.close();
  }
});

test('Page: at 100,000 nodes a paint touches only what can be seen', async () => {
  server.set({tree: bigTree(100000), prune: false});
  const driver = await visit('', {viewport: {width: 1600, height: 1000}});
  await driver.idle();
  const first = await driver.statistics();
  assert.equal(first.nodes, 100000);
  assert.ok(first.drawn > 200 && first.drawn < 8000, `drawn: ${first.drawn}`);
  const asked = flameRequests().length;
  const widest = await driver.page.evaluate(() => window.__stackcollector.widestBelow(0.5));
  await driver.clickFrame(widest);
  await driver.until(() => window.__stackcollector.idle && window.__stackcollector.path.length > 0);
  const zoomed = await driver.statistics();
  assert.ok(zoomed.paints - first.paints > 2, 'the zoom is animated');
  assert.ok(zoomed.drawn < 8000);
  assert.equal(flameRequests().length, asked, 'nothing was hidden, so nothing is asked');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Page: a zoom into pruned data is refined from the same moment', async () => {
  server.set({tree: bigTree(100000)});
  const driver = await visit();
  await driver.idle();
  const before = await driver.statistics();
  const widest = await driver.page.evaluate(() => window.__stackcollector.widestBelow(0.2));
  await driver.clickFrame(widest);
  await driver.until(() => window.__stackcollector.idle && window.__stackcollector.path.length > 0);
  const after = await driver.statistics();
  assert.notEqual(after.nodes, before.nodes);
  const asked = flameRequests().at(-1).searchParams;
  assert.equal(asked.get('from'), '2026-11-22T05:25:00Z');
  assert.equal(asked.get('until'), '2026-11-22T05:40:00Z');
  await driver.close();
});

test('Page: 5,000 frames deep scrolls on a canvas no taller than the window', async () => {
  server.set({tree: deepTree(5000)});
  const driver = await visit();
  await driver.idle();
  const heights = await driver.page.evaluate(() => {
    const scroller = document.getElementById('scroller');
    scroller.scrollTop = scroller.scrollHeight;
    return {content: scroller.scrollHeight, canvas: document.getElementById('flame').clientHeight, window: innerHeight};
  });
  assert.ok(heights.content > 5000 * ROW_PX && heights.canvas <= heights.window);
  await driver.clickFrame('recurse_5000');
  await driver.until(() => window.__stackcollector.idle && window.__stackcollector.path.length === 5000);
  await driver.page.reload();
  await driver.until(() => window.__stackcollector?.idle && window.__stackcollector.path.length === 5000);
  assert.ok(server.requests.every(({href}) => href.length < 6000), 'no request line is too long');
  await driver.close();
});
