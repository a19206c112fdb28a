// SPDX-License-Identifier: MIT
//
// The table of functions: what it shows, how it is sorted, filtered, walked and used.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';
import {bigTree, HOSTILE, hostileTree} from './trees.mjs';

const pages = new MockPages();

const rowsOf = (driver) => driver.page.evaluate(
    () => [...document.querySelectorAll('#top-rows tr')].map(
        (row) => [row.querySelector('.fn'), ...row.querySelectorAll('td')].map(
            ({textContent}) => textContent)));

async function opened(query = '?show=both', options) {
  const driver = await pages.visit(query, options);
  await driver.idle();
  return driver;
}

test('Table: stands beside the graph with self and total of every function', async () => {
  const driver = await opened();
  const rows = await rowsOf(driver);
  assert.deepEqual(rows[0], ['sqlite3VdbeExec', '2.7 s', '16.6 %', '7.38 s', '45.3 %']);
  const self = rows.map((row) => Number.parseFloat(row[2]));
  assert.deepEqual(self, [...self].sort((a, b) => b - a));
  assert.ok((await driver.statistics()).drawn > 1);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test(
    'Table: names stand in the middle of their rows, whether scopes are cut off or not',
    async () => {
      const driver = await opened('?show=both', {viewport: {width: 900, height: 600}});
      const off = await driver.page.evaluate(() => {
        const middle = (box) => box.top + box.height / 2;
        return [...document.querySelectorAll('#top-rows tr')].map((row) => {
          const text = document.createRange();
          text.selectNodeContents(row.querySelector('.fn-end') ?? row.querySelector('.fn'));
          return Math.abs(
              middle(text.getBoundingClientRect()) - middle(row.getBoundingClientRect()));
        });
      });
      assert.ok(off.length > 5);
      assert.ok(off.every((px) => px <= 2), `${off}`);
      await driver.close();
    });

test('Table: t shows it beside the graph, then alone, then not; the URL says so', async () => {
  const driver = await opened('');
  const {keyboard} = driver.page;
  assert.ok(!await driver.page.isVisible('#top'));
  await keyboard.press('t');
  await driver.until(() => location.search === '?show=both' && window.__stackcollector.idle);
  assert.ok(await driver.page.isVisible('#top') && await driver.page.isVisible('#flame'));
  await keyboard.press('t');
  await driver.until(() => location.search === '?show=table');
  assert.ok(!await driver.page.isVisible('#flame'));
  await keyboard.press('t');
  await driver.until(() => location.search === '');
  assert.ok(!await driver.page.isVisible('#top'));
  await driver.close();
});

test(
    'Table: a header sorts and says so; a filter asks the server; both survive a reload',
    async () => {
      const driver = await opened();
      await driver.page.click('#sort-total');
      await driver.until(
          () => location.search.includes('sort=total') && window.__stackcollector.idle);
      assert.equal((await rowsOf(driver))[0][0], 'start_thread');
      assert.equal(
          await driver.page.getAttribute('th:has(#sort-total)', 'aria-sort'), 'descending');
      await driver.page.fill('#match', 'json');
      await driver.until(
          () => location.search.includes('match=json') && window.__stackcollector.idle);
      await driver.page.reload();
      await driver.idle();
      assert.deepEqual((await rowsOf(driver)).map(([name]) => name), [
        'shop::json::Parser::ParseObject', 'shop::json::Parser::ParseString',
        'shop::json::Parser::ParseNumber'
      ]);
      await driver.shows('#top-rest', 'more · self');
      await driver.close();
    });

test('Table: a wrong filter is refused under its box', async () => {
  const driver = await opened();
  await driver.page.fill('#match', '(');
  await driver.shows('#match-error', 'missing )');
  await driver.page.click('#match-error >> text=malloc|free');
  await driver.until(() => document.getElementById('match-error').hidden);
  assert.deepEqual((await rowsOf(driver)).map(([name]) => name), ['_int_malloc', 'malloc']);
  await driver.close();
});

test('Table: a row lights its function up in the graph; Escape puts it out', async () => {
  const driver = await opened();
  await driver.page.click('.fn >> text=recv');
  await driver.until(() => location.search.includes('fn=recv'));
  assert.deepEqual(await driver.page.evaluate(() => window.__stackcollector.lit), ['recv']);
  assert.equal(await driver.page.getAttribute('.fn >> text=recv', 'aria-pressed'), 'true');
  await driver.page.keyboard.press('Escape');
  await driver.until(() => location.search === '?show=both');
  assert.deepEqual(await driver.page.evaluate(() => window.__stackcollector.lit), []);
  await driver.close();
});

test('Table: arrows walk its rows, Enter chooses one', async () => {
  const driver = await opened();
  await driver.page.focus('#top-rows button');
  await driver.page.keyboard.press('ArrowDown');
  await driver.page.keyboard.press('Enter');
  const second = (await rowsOf(driver))[1][0];
  await driver.until((name) => new URLSearchParams(location.search).get('fn') === name, second);
  await driver.close();
});

test('Table: follows the zoom, its shares are those of the range', async () => {
  const driver = await opened(`?show=both&path=${PLACE.join(';')}&sort=total`);
  assert.deepEqual(
      (await rowsOf(driver)).map(([name]) => name).slice(0, 2),
      ['shop::OrderService::Place', 'shop::Database::Execute<shop::InsertOrder>']);
  await driver.page.focus('#flame');
  await driver.page.keyboard.press('Escape');
  await driver.zoomed([]);
  assert.equal((await rowsOf(driver))[0][0], 'start_thread');
  await driver.close();
});

test('Table: shows 200 functions, says what the rest is, and shows it when asked', async () => {
  pages.server.set({tree: bigTree(3000)});
  const driver = await opened('?show=table');
  assert.equal((await rowsOf(driver)).length, 200);
  await driver.page.click('text=Show them');
  await driver.until(() => document.querySelectorAll('#top-rows tr').length > 2000);
  assert.equal(await driver.text('#top-rest'), '');
  await driver.close();
});

test('Table: hostile names are text', async () => {
  pages.server.set({tree: hostileTree()});
  const driver = await opened();
  assert.equal((await rowsOf(driver)).length, HOSTILE.length + 1);
  assert.equal(await driver.page.locator('#top img, #top script').count(), 0);
  assert.equal(await driver.page.evaluate(() => window.__hacked), undefined);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});
