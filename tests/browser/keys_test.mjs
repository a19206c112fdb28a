// SPDX-License-Identifier: MIT
//
// The page without a mouse.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';

const pages = new MockPages();

test(
    'Keys: arrows walk the frames, Enter zooms, Backspace returns, Escape shows everything',
    async () => {
      const driver = await pages.visit();
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
  const driver = await pages.visit(`?path=${PLACE.join(';')}`);
  await driver.zoomed(PLACE);
  await driver.page.focus('#filters select:last-child');
  await driver.page.keyboard.press('Tab');
  assert.equal(await driver.page.evaluate(() => document.activeElement.id), 'flame');
  await driver.page.keyboard.press('ArrowDown');
  await driver.shows('#status', 'shop::Database::Execute<shop::InsertOrder>');
  await driver.close();
});

test('Keys: / searches, Escape leaves the box and then clears it, ? explains', async () => {
  const driver = await pages.visit();
  await driver.idle();
  const {keyboard} = driver.page;
  await keyboard.press('/');
  await keyboard.type('json');
  await driver.until(
      () =>
          new URLSearchParams(location.search).get('q') === 'json' && window.__stackcollector.idle);
  await keyboard.press('Escape');
  assert.equal(driver.parameters().get('q'), 'json');
  await keyboard.press('Escape');
  await driver.until(() => !location.search.includes('q='));
  await keyboard.press('?');
  assert.ok(await driver.page.isVisible('#keys'));
  assert.equal(await driver.page.evaluate(() => document.querySelector('#keys').scrollTop), 0);
  await keyboard.press('Escape');
  assert.ok(!await driver.page.isVisible('#keys'));
  await driver.close();
});

test(
    'Keys: i turns the graph over, arrows still go where they point; o orders by name',
    async () => {
      const driver = await pages.visit();
      await driver.idle();
      const {keyboard} = driver.page;
      const top = async (name) =>
          (await driver.page.evaluate((n) => window.__stackcollector.rectangleOf(n), name)).y;
      assert.ok(await top('all') < await top('start_thread'));
      await keyboard.press('i');
      await driver.until(() => location.search === '?view=flame' && window.__stackcollector.idle);
      assert.ok(await top('all') > await top('start_thread'));
      await keyboard.press('ArrowUp');  // the root
      await keyboard.press('ArrowUp');
      await driver.shows('#status', 'start_thread');
      await keyboard.press('ArrowDown');
      await driver.shows('#status', 'all');
      await keyboard.press('o');
      await driver.until(
          () => location.search === '?order=name&view=flame' && window.__stackcollector.idle);
      assert.equal(pages.flameRequests().at(-1).searchParams.get('order'), 'name');
      await driver.close();
    });

test('Keys: the sheet and the manual name every key that does something', () => {
  const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const commands = [...read('src/visualizer/page/keys.js').matchAll(/^ {4}'(.+?)': /gm)].map(
      ([, key]) => key.replace('Escape', 'Esc'));
  assert.ok(commands.length >= 25);
  const sheet = read('src/visualizer/page/index.html');
  const manual = read('docs/querying.md');
  for (const key of commands) {
    assert.ok(sheet.includes(`<kbd>${key}</kbd>`), `the sheet lacks ${key}`);
    assert.ok(manual.includes(`\`${key}\``), `docs/querying.md lacks ${key}`);
  }
});

test(
    'Keys: an answer that comes while one is in a list leaves the keyboard where it is',
    async () => {
      const driver = await pages.visit(`?show=both&by=thread&edit=drop:malloc&path=${PLACE[0]}`);
      await driver.idle();
      const held = () => driver.page.evaluate(() => {
        const {activeElement: at} = document;
        return [at.closest('[id]').id, at.getAttribute('aria-label') ?? at.textContent];
      });
      for (const where
               of ['#top-rows tr:nth-child(4) button', '#timeline-legend button', '.chip .cross',
                   '#crumbs a']) {
        await driver.page.focus(where);
        const before = await held();
        await driver.page.evaluate((at) => document.querySelector(at).dataset.old = 'old', where);
        await driver.page.keyboard.press('o');
        await driver.idle();
        await driver.until((at) => document.querySelector(at)?.dataset.old !== 'old', where);
        assert.deepEqual(await held(), before, where);
      }
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Keys: a chip that is removed hands the keyboard to the next one', async () => {
  const driver = await pages.visit('?edit=drop:malloc;hide:recv');
  await driver.idle();
  await driver.page.focus('.chip .cross');
  await driver.page.keyboard.press('Enter');
  await driver.until(
      () => document.querySelectorAll('.chip').length === 1 && window.__stackcollector.idle);
  assert.equal(
      await driver.page.evaluate(() => document.activeElement.getAttribute('aria-label')),
      'Remove: hidden: recv');
  await driver.close();
});
