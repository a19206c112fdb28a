// SPDX-License-Identifier: MIT
//
// Who calls whom, the source pane, and the chosen function's own share over time.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {layOutGraph} from '../../src/visualizer/page/call_layout.js';
import {mostShare, shareRange, stretches} from '../../src/visualizer/page/share_line.js';

import {MockPages, PLACE} from './mock_pages.mjs';
import {HOSTILE, hostileTree} from './trees.mjs';

const pages = new MockPages();

async function opened(query) {
  const driver = await pages.visit(query);
  await driver.idle();
  return driver;
}

const box = (width = 100) => ({width, height: 40});
const edges = (...pairs) => pairs.map(([from, to]) => ({from, to}));

test('Layout: callers stand above callees, boxes of one layer do not overlap', () => {
  const nodes = Array.from({length: 30}, (_, i) => box(60 + (i * 37) % 160));
  const calls = nodes.flatMap(
      (_, i) => [2 * i + 1, 2 * i + 2, 3 * i + 5]
                    .filter((to) => to < 30 && to > i)
                    .map((to) => [i, to]));
  const layout = layOutGraph(nodes, edges(...calls));
  for (const [from, to] of calls) assert.ok(layout.nodes[from].y < layout.nodes[to].y);
  const at = layout.nodes.map(({x, y}, i) => ({x, y, right: x + nodes[i].width}));
  for (const a of at) {
    assert.ok(a.x >= -0.01 && a.right <= layout.width + 0.01);
    for (const b of at) assert.ok(a === b || a.y !== b.y || a.right <= b.x || b.right <= a.x);
  }
});

test('Layout: a cycle is drawn with its edges in their true directions', () => {
  const layout = layOutGraph([box(), box(), box()], edges([0, 1], [1, 2], [2, 0]));
  const [first, , back] = layout.edges;
  assert.ok(first[0][1] < first.at(-1)[1]);
  assert.ok(back[0][1] > back.at(-1)[1], 'the edge that closes the cycle leads up');
});

test(
    'Layout: long edges bend in the layers that they cross; nothing and one node are drawn', () => {
      const layout = layOutGraph([box(), box(), box()], edges([0, 1], [1, 2], [0, 2]));
      assert.deepEqual(layout.edges.map(({length}) => length), [2, 2, 4]);
      assert.equal(layOutGraph([box()], []).nodes.length, 1);
      assert.deepEqual(layOutGraph([], []).nodes, []);
    });

test('Calls: g draws the heaviest functions as buttons that say what they cost', async () => {
  const driver = await opened('');
  await driver.page.keyboard.press('g');
  await driver.until(() => location.search === '?show=calls' && window.__stackcollector.idle);
  assert.ok(!await driver.page.isVisible('#table-pane') && !await driver.page.isVisible('#flame'));
  const names = await driver.page.evaluate(
      () => [...document.querySelectorAll('#calls .box')].map((b) => b.getAttribute('aria-label')));
  assert.ok(names.length > 10 && names.length <= 40);
  assert.ok(names.some((name) => /^start_thread, self 0 s, total \d/.test(name)));
  await driver.page.focus('#calls .box[aria-label^="recv,"]');
  await driver.page.keyboard.press('Enter');
  await driver.until(
      () => location.search.includes('sandwich=recv') && window.__stackcollector.idle);
  await driver.page.keyboard.press('Escape');
  await driver.until(() => !location.search.includes('sandwich'));
  assert.ok(await driver.page.isVisible('#calls'));
  await driver.page.keyboard.press('g');
  await driver.until(() => location.search === '');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Calls: a search lights boxes up; edits and zoom go to the server', async () => {
  const driver =
      await opened(`?show=calls&q=json&edit=drop:recv&path=${PLACE.slice(0, 2).join(';')}`);
  assert.ok(await driver.page.evaluate(() => document.querySelectorAll('#calls .lit').length) > 0);
  const {searchParams} =
      pages.server.requests.findLast(({pathname}) => pathname === '/api/v1/callgraph');
  assert.equal(searchParams.get('edit'), 'drop:recv');
  assert.equal(searchParams.get('root'), PLACE.slice(0, 2).join(';'));
  await driver.close();
});

test('Calls: n walks the boxes that are lit up; x drops the one it is on', async () => {
  const driver = await opened('?show=calls&q=^(recv|epoll_wait)$');
  const walked = [];
  for (let i = 0; i < 3; ++i) {
    await driver.page.keyboard.press('n');
    walked.push(await driver.page.evaluate(
        () => document.activeElement.getAttribute('aria-label').split(',')[0]));
  }
  assert.deepEqual(walked, ['epoll_wait', 'recv', 'epoll_wait']);
  await driver.page.keyboard.press('x');
  await driver.until(
      () => location.search.includes('edit=drop:epoll_wait') && window.__stackcollector.idle);
  await driver.close();
});

test('Calls: hostile names stay text', async () => {
  pages.server.set({tree: hostileTree()});
  const driver = await opened('?show=calls');
  const titles = await driver.page.evaluate(
      () => [...document.querySelectorAll('#calls .box title')].map(
          ({textContent}) => textContent));
  assert.ok(titles.some((title) => title.includes(HOSTILE[0])));
  assert.equal(
      await driver.page.evaluate(
          () => document.querySelectorAll('#calls img, #calls script').length),
      0);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Source: v opens the frame’s source at its line, as text; Escape closes it', async () => {
  const driver = await opened('?fn=shop::OrderService::Place');
  await driver.page.keyboard.press('v');
  await driver.until(() => location.search.includes('src=') && window.__stackcollector.idle);
  assert.equal(await driver.text('#source .selected .code'), 'int Place() {');
  assert.ok(
      (await driver.text('#source-rows')).includes('    return 1;  // <script>alert(1)</script>'));
  assert.equal(await driver.text('#source .selected td >> nth=1'), '34.4 %');
  await driver.page.selectOption('#source-file', '/srv/shop/order.h');
  await driver.until(() => location.search.includes('srcfile=') && window.__stackcollector.idle);
  const asked = pages.server.requests.findLast(({pathname}) => pathname === '/api/v1/source');
  assert.equal(asked.searchParams.get('file'), '/srv/shop/order.h');
  await driver.page.keyboard.press('Escape');
  await driver.until(() => location.search === '?fn=shop::OrderService::Place');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Source: where it is not to be had, it says why and what the lines cost', async () => {
  const costs = {line: [0, 42], self: [1, 2], total: [3, 4], names: [['a'], ['main', 'b']]};
  pages.server.set(
      {source: {found: false, reason: 'no such file below the source roots', lines: [], costs}});
  const driver = await opened('?src=main');
  await driver.shows('#source-reason', 'No source: no such file below the source roots.');
  assert.equal(await driver.text('#source .selected .code'), 'main, b');
  await driver.close();
});

const span = (begin, weight, total) => ({begin, end: begin + 10, weight, total});

test(
    'Share: the line goes from nothing to its highest share and breaks where nothing was sampled',
    () => {
      const spans = [span(0, 1, 10), span(10, 0, 0), span(20, 4, 10), span(30, 2, 10)];
      const scale = {from: 0, until: 40, x: (ms) => ms * 10};
      assert.equal(mostShare(spans), 0.4);
      assert.equal(shareRange(spans), '10.0 % to 40.0 %');
      assert.deepEqual(stretches(spans, scale, 60, 50), [[[50, 47.5]], [[250, 10], [350, 35]]]);
      assert.equal(shareRange([span(0, 0, 0)]), 'no samples');
    });

test(
    'Share: the chosen function or the one in the middle has its line, named in the legend',
    async () => {
      const driver = await opened('?fn=recv');
      await driver.shows('#timeline-legend', 'recv: ');
      assert.equal(
          (await driver.page.evaluate(() => window.__stackcollector.shareLine)).fn, 'recv');
      await driver.page.keyboard.press('Escape');
      await driver.until(() => !window.__stackcollector.shareLine);
      assert.equal(await driver.text('#timeline-legend'), '');
      await driver.page.goto(`${pages.server.url}?path=main;shop::Reactor::Loop`);
      await driver.idle();
      assert.equal(await driver.page.evaluate(() => window.__stackcollector.shareLine), undefined);
      await driver.page.keyboard.press('p');
      await driver.until(() => window.__stackcollector.shareLine?.fn === 'shop::Reactor::Loop');
      await driver.page.goto(`${pages.server.url}?path=main;shop::Reactor::Loop&sandwich=recv`);
      await driver.until(() => window.__stackcollector.shareLine?.fn === 'recv');
      await driver.close();
    });

test(
    'Live: keeps zoom, chosen function, keyboard and filters, and asks for the share less often',
    async () => {
      const driver = await opened(`?live=1&fn=recv&edit=drop:malloc&path=${PLACE.join(';')}`);
      await driver.page.keyboard.press('ArrowDown');
      await driver.page.keyboard.press('ArrowDown');
      for (let refreshed = 0; refreshed < 3; ++refreshed) {
        const before = pages.flameRequests().length;
        await driver.page.keyboard.press('r');
        for (const end = Date.now() + 15000;
             pages.flameRequests().length === before && Date.now() < end;)
          await driver.idle();
        await driver.zoomed(PLACE);
      }
      const {searchParams} = pages.flameRequests().at(-1);
      assert.equal(searchParams.get('edit'), 'drop:malloc');
      assert.equal(searchParams.get('root'), PLACE.join(';'));
      assert.equal(driver.parameters().get('fn'), 'recv');
      const shares = pages.server.requests.filter(({pathname}) => pathname === '/api/v1/share');
      assert.ok(shares.length < pages.flameRequests().length);
      await driver.page.keyboard.press('Enter');
      await driver.zoomed([...PLACE, 'shop::Database::Execute<shop::InsertOrder>']);
      await driver.close();
    });
