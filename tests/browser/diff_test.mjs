// SPDX-License-Identifier: MIT
//
// Two periods side by side: how one gets there, what the page says of frames and functions.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {changeOf, strengthOf, verdictOf} from '../../src/visualizer/page/verdict.js';

import {MockPages, PLACE} from './mock_pages.mjs';

const pages = new MockPages();

const asked = () =>
    pages.server.requests.filter(({pathname}) => pathname === '/api/v1/diff').at(-1)?.searchParams;

const rowsOf = (driver) => driver.page.evaluate(
    () => [...document.querySelectorAll('#diff-rows tr')].map(
        (row) => [row.className.trim(), ...[...row.children].map(({textContent}) => textContent)]));

async function opened(query) {
  const driver = await pages.visit(query);
  await driver.idle();
  return driver;
}

test('Verdict: in words, signs and strengths', () => {
  const columns = {
    base: [100, 100, 100, 0],
    current: [200, 90, 60, 5],
    low: [5e7, -2e7, -6e7, 0],
    high: [15e7, 1e7, -2e7, 0],
    tested: [1, 1, 1, 0],
    significant: [1, 0, 1, 0]
  };
  const of = (read) => [0, 1, 2, 3].map((i) => read(columns, i, 1000, 1000));
  assert.deepEqual(of(verdictOf), ['more', 'same', 'less', 'unknown']);
  assert.deepEqual(of(strengthOf), [4, 2, 3, 2]);
  assert.deepEqual(
      of(changeOf).map(({points}) => points), ['▲ +10.0', '−1.00', '▼ −4.00', '+0.50']);
  assert.match(
      changeOf(columns, 0, 1000, 1000).text, /^\+10\.0 points, 95 % confidence: \+5\.00 to/);
  assert.match(changeOf(columns, 1, 1000, 1000).text, /no more than it varies anyway/);
  assert.match(changeOf(columns, 3, 1000, 1000).text, /too little to tell/);
});

test(
    'Compare: c compares with the range before, says what changed, and c again stops', async () => {
      const driver = await opened('');
      await driver.page.keyboard.press('c');
      await driver.until(() => location.search === '?base=range' && window.__stackcollector.idle);
      assert.equal(asked().get('base_shift'), 'range');
      await driver.shows('#notices', '3 functions changed: ▲ takes more');
      await driver.page.keyboard.press('c');
      await driver.until(() => location.search === '' && window.__stackcollector.idle);
      assert.equal(await driver.page.locator('.notice').count(), 0);
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Compare: a link to a comparison keeps the graph where it is first drawn', async () => {
  pages.server.set({delayMs: 600_000});
  const driver = await pages.visit('?base=range', {viewport: {width: 1920, height: 900}});
  const heightOf = () =>
      driver.page.evaluate(() => document.getElementById('notices').offsetHeight);
  await driver.shows('#notices', 'Comparing…');
  const expected = await heightOf();
  pages.server.set({delayMs: 0});
  await driver.page.reload();
  await driver.shows('#notices', 'functions changed');
  assert.ok(expected > 0);
  assert.equal(await heightOf(), expected);
  await driver.close();
});

test('Compare: the table puts changes first, with both shares and a verdict', async () => {
  const driver = await opened('?base=86400&show=both');
  const rows = await rowsOf(driver);
  assert.deepEqual(
      rows.slice(0, 3).map(([verdict, name]) => [verdict, name]),
      [['less', 'sqlite3BtreeInsert'], ['more', 'epoll_waitnew'], ['more', 'recv']]);
  assert.deepEqual(rows[0].slice(2), ['19.9 %', '6.63 %', '▼ −13.3']);
  assert.ok(rows.slice(3).every(([verdict]) => verdict === 'same'));
  await driver.page.selectOption('#only', 'new');
  await driver.until(() => location.search.includes('only=new'));
  assert.equal((await rowsOf(driver)).length, 1);
  await driver.page.reload();
  await driver.idle();
  assert.equal((await rowsOf(driver)).length, 1);
  assert.equal(asked().get('base_shift'), '86400');
  await driver.close();
});

test(
    'Compare: the tooltip holds both sides and the confidence, the zoom works as ever',
    async () => {
      const driver = await opened('?base=range');
      await driver.hoverFrame('shop::json::Parser::ParseObject');
      await driver.shows('#tooltip', 'before');
      await driver.shows('#tooltip', 'no more than it varies anyway');
      await driver.clickFrame(PLACE.at(-1));
      await driver.zoomed(PLACE);
      await driver.page.reload();
      await driver.zoomed(PLACE);
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Compare: a filter’s other values are there to compare with', async () => {
  const driver = await opened('?thread=main');
  await driver.page.selectOption('[aria-label="Compare"]', 'thread=worker-0');
  await driver.until(
      () => new URLSearchParams(location.search).get('base') === 'thread=worker-0' &&
          window.__stackcollector.idle);
  assert.deepEqual(
      ['where', 'base_where', 'base_shift'].map((key) => asked().get(key)),
      ['thread=main', 'thread=worker-0', null]);
  await driver.close();
});

test('Compare: Shift and dragging over the timeline chooses what to compare with', async () => {
  const driver = await opened('');
  const box = await (await driver.page.$('#timeline-canvas')).boundingBox();
  await driver.page.keyboard.down('Shift');
  await driver.page.mouse.move(box.x + box.width * 0.2, box.y + 20);
  await driver.page.mouse.down();
  await driver.page.mouse.move(box.x + box.width * 0.4, box.y + 20, {steps: 3});
  await driver.page.mouse.up();
  await driver.page.keyboard.up('Shift');
  await driver.until(() => location.search.includes('base=') && window.__stackcollector.idle);
  assert.equal(driver.parameters().get('base'), '2026-11-22T05:28:00Z..2026-11-22T05:31:00Z');
  assert.equal(asked().get('base_from'), '2026-11-22T05:28:00Z');
  assert.equal(asked().get('base_until'), '2026-11-22T05:31:00Z');
  await driver.close();
});

test('Compare: search and callers look at both sides, and say which is drawn', async () => {
  const driver = await opened('?base=3600&q=json');
  const searched = () =>
      pages.server.requests.filter(({pathname}) => pathname === '/api/v1/search');
  assert.deepEqual(
      searched().map(({searchParams}) => searchParams.get('from')).sort(),
      ['2026-11-22T03:40:00Z', '2026-11-22T05:25:00Z']);
  await driver.shows('#matched', 'before');
  await driver.page.goto(`${pages.server.url}?base=3600&sandwich=recv`);
  await driver.idle();
  assert.match(
      await driver.text('#sandwich-cost'), /^now: total .* — before: total .* — drawn: now$/);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Compare: says whether there was nothing to compare with, or too little', async () => {
  for (const [baseIntervals, words] of [[0, 'Nothing was collected there'], [2, 'Too few']]) {
    pages.server.set({baseIntervals});
    const driver = await pages.visit('?base=range');
    await driver.shows('#notices', words);
    await driver.close();
  }
});

test('Compare: what is stopped is not said to be under way, unless it is asked again', async () => {
  const driver = await opened('');
  pages.server.set({delayMs: 600_000});
  await driver.page.keyboard.press('c');
  await driver.shows('#notices', 'Comparing…');
  await driver.until(() => document.body.classList.contains('busy'));
  await driver.page.keyboard.press('Escape');
  await driver.shows('#notices', 'Loading was stopped');
  assert.ok(!(await driver.text('#notices')).includes('Comparing'));
  for (const again of ['Load it', 'r']) {  // the second instead of the first
    if (again === 'r')
      await driver.page.keyboard.press(again);
    else
      await driver.page.click(`text=${again}`);
    await driver.shows('#notices', 'Comparing…');
  }
  pages.server.set({delayMs: 0});
  await driver.page.keyboard.press('r');
  await driver.shows('#notices', '3 functions changed');
  assert.ok(!(await driver.text('#notices')).includes('stopped'));
  await driver.close();
});

test('Compare: what is refused is not said to be under way', async () => {
  const driver = await pages.visit('?from=garbage&base=range');
  await driver.until(() => !document.getElementById('from-error').hidden);
  assert.ok(!(await driver.text('#notices')).includes('Comparing'));
  await driver.page.fill('#from', '-1hour');
  await driver.page.press('#from', 'Enter');
  await driver.shows('#notices', 'Stop comparing');
  await driver.close();
});
