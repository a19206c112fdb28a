// SPDX-License-Identifier: MIT
//
// Callers and callees of one function: the ways there, the picture, the ways back.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';
import {frame, sealed} from './trees.mjs';

const pages = new MockPages();

const inHalf = (driver, half, name) => driver.until(
    ([where, wanted]) => window.__stackcollector.rectangleIn(where, wanted), [half, name],
    `${name} in ${half}`);

const asks = (driver, name) => driver.until(
    (wanted) => new URLSearchParams(location.search).get('sandwich') === wanted &&
        window.__stackcollector.idle,
    name, `sandwich of ${name}`);

test('Sandwich: callers stand above the function, callees below it', async () => {
  const driver = await pages.visit('?sandwich=malloc');
  await driver.shows('#sandwich-cost', 'total 645 ms, 3.96 % · self 285 ms, 1.75 % of all');
  const caller = await inHalf(driver, 'callers', 'operator new');
  const own = await inHalf(driver, 'callers', 'malloc');
  const callee = await inHalf(driver, 'callees', '_int_malloc');
  assert.ok(caller.y < own.y && own.y < callee.y);
  assert.ok(Math.abs(caller.width - own.width) < 1 && callee.width < own.width);
  assert.ok(!await driver.page.isVisible('#flame'));
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Sandwich: a click puts another function in the middle, back and Escape return', async () => {
  const driver = await pages.visit('?sandwich=malloc');
  const box = await inHalf(driver, 'callers', 'operator new');
  await driver.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await asks(driver, 'operator new');
  await driver.shows('#sandwich-name', 'operator new');
  await driver.page.goBack();
  await asks(driver, 'malloc');
  await driver.page.focus('#callees-flame');
  await driver.page.keyboard.press('Escape');
  // Opened without the graph, the page draws it in its next frame: until then it has no height.
  await driver.until(
      () => location.search === '' && document.getElementById('flame').clientHeight > 0);
  await driver.close();
});

test('Sandwich: s opens it for the frame that the keyboard is on', async () => {
  const driver = await pages.visit();
  await driver.idle();
  const {keyboard} = driver.page;
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await keyboard.press('s');
  await asks(driver, PLACE[0]);
  await driver.close();
});

test('Sandwich: arrows and Enter walk its halves', async () => {
  const driver = await pages.visit('?sandwich=malloc');
  await inHalf(driver, 'callers', 'operator new');
  await driver.page.focus('#callers-flame');
  await driver.page.keyboard.press('ArrowUp');
  await driver.shows('#status', 'operator new · total 645 ms, 3.96 % of all');
  await driver.page.keyboard.press('Enter');
  await asks(driver, 'operator new');
  await driver.close();
});

test('Sandwich: the right button offers it, a double click on a row opens it', async () => {
  const driver = await pages.visit('?show=both');
  await driver.idle();
  const box = await driver.page.evaluate(() => window.__stackcollector.rectangleOf('sqlite3_step'));
  await driver.page.mouse.click(box.x + 5, box.y + 5, {button: 'right'});
  await driver.shows('#menu', 'Callers and callees');
  await driver.page.keyboard.press('ArrowDown');
  await driver.page.keyboard.press('Enter');
  await asks(driver, 'sqlite3_step');
  await driver.page.dblclick('.fn >> text=recv');
  await asks(driver, 'recv');
  await driver.close();
});

test('Sandwich: the menu closes by Escape and gives the keyboard back', async () => {
  const driver = await pages.visit();
  await driver.idle();
  await driver.page.focus('#flame');
  await driver.page.keyboard.press('ArrowDown');
  await driver.page.keyboard.press('Shift+F10');
  await driver.shows('#menu', 'Zoom into it');
  await driver.page.keyboard.press('Escape');
  assert.ok(!await driver.page.isVisible('#menu'));
  assert.equal(await driver.page.evaluate(() => document.activeElement.id), 'flame');
  await driver.close();
});

test('Sandwich: a function that is not in the range is said so', async () => {
  const driver = await pages.visit('?sandwich=%3Cb%3Egone');
  await driver.shows('#sandwich-cost', 'is not in this range');
  assert.equal(await driver.text('#sandwich-name'), '<b>gone');
  await driver.close();
});

test(
    'Sandwich: a name too long to ask for is said so, however often, over no picture', async () => {
      const long = 'x'.repeat(9000);
      const refused = () => pages.server.requests.filter(({href}) => href.includes(long)).length;
      pages.server.set(
          {tree: sealed(frame('all', 0, [frame(long, 0, [frame('malloc', 1000, [])])]))});
      const driver = await pages.visit('?from=-5minutes&sandwich=malloc');
      const box = await inHalf(driver, 'callers', long);
      await driver.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await driver.shows('#notices', 'does not fit into a request');
      assert.equal(
          await driver.page.evaluate(
              () => window.__stackcollector.rectangleIn('callers', 'malloc')),
          undefined);
      let asked;
      for (const again of [1, 2]) {
        asked = refused();
        const graphs = pages.flameRequests().length;
        await driver.page.click('.notice.error >> text=Try again');
        await driver.until(() => window.__stackcollector.idle);
        assert.equal(pages.flameRequests().length, graphs + 1, `load ${again}`);
        assert.match(await driver.text('#notices'), /does not fit into a request/);
      }
      assert.equal(refused(), asked, 'what is known to be refused is not asked again');
      await driver.close();
    });
