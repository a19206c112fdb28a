// SPDX-License-Identifier: MIT
//
// The graph with trees that are big, deep, pruned or hostile.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';
import {bigTree, deepTree, HOSTILE, hostileTree} from './trees.mjs';

const ROW_PX = 20;

const pages = new MockPages();

test('Page: without motion, a zoom is there at once', async () => {
  const driver = await pages.visit('', {reducedMotion: 'reduce'});
  await driver.idle();
  await driver.clickFrame(PLACE.at(-1));
  await driver.zoomed(PLACE);
  assert.equal((await driver.statistics()).zoomFrames, 0);
  await driver.close();
});

test('Page: the tooltip and the trail show hostile names as text and run nothing', async () => {
  pages.server.set({tree: hostileTree()});
  for (const name of HOSTILE) {
    const driver = await pages.visit(
        `?path=${encodeURIComponent(name.replaceAll('%', '%25').replaceAll(';', '%3B'))}`);
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
  pages.server.set({tree: bigTree(100000), prune: false});
  const driver = await pages.visit('', {viewport: {width: 1600, height: 1000}});
  await driver.idle();
  const first = await driver.statistics();
  assert.equal(first.nodes, 100000);
  assert.ok(first.drawn > 200 && first.drawn < 8000, `drawn: ${first.drawn}`);
  const asked = pages.flameRequests().length;
  const widest = await driver.page.evaluate(() => window.__stackcollector.widestBelow(0.5));
  await driver.clickFrame(widest);
  await driver.until(() => window.__stackcollector.idle && window.__stackcollector.path.length > 0);
  const zoomed = await driver.statistics();
  assert.ok(zoomed.zoomFrames > 1, 'the zoom is animated');
  assert.ok(zoomed.drawn < 8000);
  assert.equal(pages.flameRequests().length, asked, 'nothing was hidden, so nothing is asked');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Page: a zoom into pruned data is refined from the same moment', async () => {
  pages.server.set({tree: bigTree(100000)});
  const driver = await pages.visit();
  await driver.idle();
  const before = await driver.statistics();
  const widest = await driver.page.evaluate(() => window.__stackcollector.widestBelow(0.2));
  await driver.clickFrame(widest);
  await driver.until(() => window.__stackcollector.idle && window.__stackcollector.path.length > 0);
  const after = await driver.statistics();
  assert.notEqual(after.nodes, before.nodes);
  const asked = pages.flameRequests().at(-1).searchParams;
  assert.equal(asked.get('from'), '2026-11-22T05:25:00Z');
  assert.equal(asked.get('until'), '2026-11-22T05:40:00Z');
  await driver.close();
});

test('Page: 5,000 frames deep scrolls on a canvas no taller than the window', async () => {
  pages.server.set({tree: deepTree(5000)});
  const driver = await pages.visit();
  await driver.idle();
  const heights = await driver.page.evaluate(() => {
    const scroller = document.getElementById('scroller');
    scroller.scrollTop = scroller.scrollHeight;
    return {
      content: scroller.scrollHeight,
      canvas: document.getElementById('flame').clientHeight,
      pixels: document.getElementById('flame').height / devicePixelRatio,
      window: innerHeight
    };
  });
  assert.ok(heights.content > 5000 * ROW_PX && heights.canvas <= heights.window);
  assert.equal(heights.pixels, heights.canvas);
  await driver.until(() => window.__stackcollector.rectangleOf('recurse_5000'));
  const {drawn, nodes} = await driver.statistics();
  assert.ok(nodes > 5000);
  const rows = Math.ceil(heights.canvas / ROW_PX) + 1;
  assert.ok(drawn <= rows, `one frame a row: ${drawn} were drawn in ${rows} rows`);
  await driver.clickFrame('recurse_5000');
  await driver.until(
      () => window.__stackcollector.idle && window.__stackcollector.path.length === 5000);
  await driver.page.reload();
  await driver.until(
      () => window.__stackcollector?.idle && window.__stackcollector.path.length === 5000);
  assert.ok(
      pages.server.requests.every(({href}) => href.length < 6000), 'no request line is too long');
  await driver.close();
});

test(
    'Page: with the root at the bottom a deep graph opens there and zooms as it does', async () => {
      pages.server.set({tree: deepTree(500)});
      const driver = await pages.visit('?view=flame');
      await driver.idle();
      const {y} = await driver.page.evaluate(() => window.__stackcollector.rectangleOf('all'));
      const bottom = await driver.page.evaluate(
          () => document.getElementById('scroller').getBoundingClientRect().bottom);
      assert.ok(y < bottom && y > bottom - 3 * ROW_PX, `the root is at ${y} of ${bottom}`);
      await driver.clickFrame('recurse_3');
      await driver.zoomed(['recurse_1', 'recurse_2', 'recurse_3']);
      await driver.page.reload();
      await driver.zoomed(['recurse_1', 'recurse_2', 'recurse_3']);
      assert.ok(await driver.page.evaluate(() => window.__stackcollector.rectangleOf('recurse_3')));
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Page: by module, frames of one library have one hue and of two have two', async () => {
  const driver = await pages.visit('?colour=module');
  await driver.idle();
  /** The pixel near the right end of a frame, where no text is. */
  const colourOf = (name) => driver.page.evaluate((wanted) => {
    const {x, y, width} = window.__stackcollector.rectangleOf(wanted);
    const canvas = document.getElementById('flame');
    const box = canvas.getBoundingClientRect();
    const pixel =
        canvas.getContext('2d').getImageData(x - box.left + width - 4, y - box.top + 3, 1, 1);
    return [...pixel.data].slice(0, 3);
  }, name);
  const distance = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));
  const [step, exec, run] =
      await Promise.all(['sqlite3_step', 'sqlite3VdbeExec', 'shop::WorkerPool::Run'].map(colourOf));
  assert.ok(distance(step, exec) < 20, `${step} ${exec}`);
  assert.ok(distance(step, run) > 30, `${step} ${run}`);
  await driver.page.selectOption('[aria-label="What gives a frame its colour"]', '');
  await driver.until(() => location.search === '' && window.__stackcollector.idle);
  assert.ok(distance(run, await colourOf('shop::WorkerPool::Run')) > 0);
  await driver.close();
});

test('Page: with the root at the bottom a window of another height keeps it there', async () => {
  pages.server.set({tree: deepTree(100)});
  const driver = await pages.visit('?view=flame', {viewport: {width: 900, height: 700}});
  await driver.idle();
  const overTheEnd = () => driver.page.evaluate(() => {
    const {y} = window.__stackcollector.rectangleOf('all');
    return Math.round(document.getElementById('scroller').getBoundingClientRect().bottom - y);
  });
  assert.equal(await overTheEnd(), ROW_PX);
  for (const height of [480, 620]) {
    await driver.page.setViewportSize({width: 900, height});
    await driver.until((wanted) => innerHeight === wanted && window.__stackcollector.idle, height);
    await driver.page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await overTheEnd(), ROW_PX, `${height}`);
  }
  await driver.close();
});

test('Page: a paint that fails leaves the rest of the page alive', async () => {
  const driver = await pages.visit();
  await driver.idle();
  await driver.page.evaluate(() => {
    const pen = document.getElementById('flame').getContext('2d');
    pen.fillText = () => {
      delete pen.fillText;
      throw new Error('no paint');
    };
  });
  await driver.page.keyboard.press('r');
  await driver.until(
      () => !Object.hasOwn(document.getElementById('flame').getContext('2d'), 'fillText'));
  await driver.idle();
  await driver.page.keyboard.press('t');
  await driver.until(() => document.querySelector('#top-rows tr'));
  assert.equal(driver.problems.length, 1);
  assert.match(driver.problems[0], /no paint/);
  await driver.close();
});
