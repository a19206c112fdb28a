// SPDX-License-Identifier: MIT
//
// Links and files of what is shown.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';

const pages = new MockPages();

async function opened(query) {
  const driver = await pages.visit(
      query, {permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true});
  await driver.idle();
  return driver;
}

const copied = (driver) => driver.page.evaluate(() => navigator.clipboard.readText());

test('Share: y copies a link to the very moments, with zoom and search', async () => {
  const driver = await opened(`?from=-1hour&q=json&path=${PLACE.join(';')}&live=1`);
  await driver.page.focus('#flame');
  await driver.page.keyboard.press('y');
  await driver.shows('#status', 'The link was copied.');
  const link = new URL(await copied(driver));
  assert.equal(link.searchParams.get('from'), '2026-11-22T04:40:00Z');
  assert.equal(link.searchParams.get('until'), '2026-11-22T05:40:00Z');
  assert.deepEqual(
      ['q', 'path', 'live'].map((key) => link.searchParams.get(key)),
      ['json', PLACE.join(';'), null]);
  await driver.page.goto(link.href);
  await driver.zoomed(PLACE);
  await driver.close();
});

test('Share: the live link keeps the words', async () => {
  const driver = await opened('?from=-1hour&live=1');
  await driver.page.click('#share');
  await driver.page.click('#menu >> text=Copy live link');
  await driver.shows('#status', 'The link was copied.');
  assert.equal(new URL(await copied(driver)).search, '?from=-1hour&live=1');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Share: saves what lies below the zoom as a file', async () => {
  const driver = await opened(`?path=${PLACE.join(';')}`);
  await driver.page.focus('#flame');
  await driver.page.keyboard.press('e');
  const [download] = await Promise.all([
    driver.page.waitForEvent('download'), driver.page.click('#menu >> text=Save as folded stacks')
  ]);
  assert.match(
      readFileSync(await download.path(), 'utf8'), new RegExp(`^main;work ${PLACE.join(';')} 1$`));
  const asked = pages.server.requests.at(-1).searchParams;
  assert.deepEqual(
      ['format', 'from'].map((key) => asked.get(key)), ['folded', '2026-11-22T05:25:00Z']);
  await driver.close();
});

test('Share: saves the picture', async () => {
  const driver = await opened('');
  await driver.page.keyboard.press('e');
  const [download] = await Promise.all(
      [driver.page.waitForEvent('download'), driver.page.click('#menu >> text=PNG')]);
  assert.equal(readFileSync(await download.path()).subarray(1, 4).toString(), 'PNG');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Share: the link names the moments of what is compared with, too', async () => {
  const driver = await opened('?from=-1hour&base=-3hours..-2hours');
  await driver.page.keyboard.press('y');
  await driver.shows('#status', 'The link was copied.');
  const {base_range: range} =
      await (
          await fetch(pages.server.requests.findLast(({pathname}) => pathname === '/api/v1/diff')))
          .json();
  assert.equal(
      new URL(await copied(driver)).searchParams.get('base'),
      `${range.from.time}..${range.until.time}`);
  await driver.close();
});
