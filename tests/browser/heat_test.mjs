// SPDX-License-Identifier: MIT
//
// The heat map: what it shows, how a part of a second is chosen, by pointer, keys and table.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {cellsOf, describeCell, heaviest, parseSpanAt, spanOf} from '../../src/visualizer/page/heat_cells.js';
import {noteOf} from '../../src/visualizer/page/heat_notes.js';

import {heatOf} from './mock_heat.mjs';
import {MockPages} from './mock_pages.mjs';

const pages = new MockPages();
const ROWS = 50;
const TWENTY_SECONDS = '?from=2026-11-22T05:38:00Z&until=2026-11-22T05:38:20Z&heat=1';

function answerOf(from, until, columns = 300) {
  const range =
      Object.fromEntries(Object.entries({from, until})
                             .map(([key, time]) => [key, {time, ns: `${Date.parse(time)}000000`}]));
  return {range, unit: 'microseconds', ...heatOf(range, columns, '')};
}

test('Heat cells: two of them, in either order, are the time from the one to the other', () => {
  const answer = answerOf('2026-11-22T05:38:00Z', '2026-11-22T05:38:20Z');
  const text = ({begin, end}) => [begin, end].map((ms) => new Date(ms).toISOString().slice(17, 23));
  assert.deepEqual(text(spanOf(answer, 25)), ['00.500', '00.520']);
  assert.deepEqual(text(spanOf(answer, 3 * ROWS + 2, 25)), ['00.500', '03.060']);
  assert.deepEqual(text(spanOf(answer, 20 * ROWS, 20 * ROWS + 7)), ['20.000', '20.001']);
  assert.deepEqual(cellsOf(answer, spanOf(answer, 25, 3 * ROWS + 2)), {first: 25, last: 152});
  assert.match(describeCell(answer, 26), /00\.520 – 05:38:00\.540 · 80 ms/);
  assert.deepEqual(heaviest(answer, 5), [0, 1, 25, 26, ROWS]);
});

test('Heat cells: a column of several seconds counts whole, cut by the range', () => {
  const answer = answerOf('2026-11-22T05:38:01Z', '2026-11-22T05:38:20Z', 10);
  assert.equal(answer.step_seconds, 2);
  const text = ({begin, end}) => [begin, end].map((ms) => new Date(ms).toISOString().slice(17, 23));
  assert.deepEqual(text(spanOf(answer, 3)), ['01.000', '02.000']);
  assert.deepEqual(text(spanOf(answer, ROWS, 2 * ROWS)), ['02.000', '06.000']);
  assert.match(describeCell(answer, ROWS + 1), /20 – 40 ms of each second/);
});

test('Heat cells: of a URL’s `at` two plain moments are understood, nothing else', () => {
  assert.equal(parseSpanAt('-20s..-19s'), undefined);
  assert.equal(parseSpanAt(''), undefined);
  assert.equal(parseSpanAt('2026-11-22T05:38:01Z..2026-11-22T05:38:01Z'), undefined);
  const {begin, end} = parseSpanAt('2026-11-22T05:38:01.5Z..2026-11-22T05:38:02Z');
  assert.equal(end - begin, 500);
});

test('Heat note: what the store warns of is said with cells and without', () => {
  const answer = {
    ...answerOf('2026-11-22T05:38:00Z', '2026-11-22T05:38:20Z'),
    total: 1,
    untimed: {total: 0, targets: [], more: 0},
    across: 0,
    warnings: ['2 records were unreadable: \u202Egnp', 'another']
  };
  const warned = / · 2 records were unreadable: \\u\{202e\}gnp · another$/;
  assert.match(noteOf(answer), warned);
  assert.match(noteOf({...answer, bucket_us: 0}), warned);
  assert.match(noteOf({...answer, bucket_us: 0, total: 0}), warned);
});

/** Where a cell's middle is, in the window. */
async function placeOf(driver, column, row) {
  const box = await (await driver.page.$('#heat-canvas')).boundingBox();
  const columns = 20;  // of TWENTY_SECONDS; the one that begins at its end has no width
  return [
    box.x + ((column + 0.5) / columns) * box.width, box.y + (1 - (row + 0.5) / ROWS) * box.height
  ];
}

async function heatShown(query = TWENTY_SECONDS) {
  const driver = await pages.visit(query);
  await driver.until(() => window.__stackcollector?.heat && window.__stackcollector.idle);
  return driver;
}

const names = (driver) => driver.page.evaluate(
    () => ['serve', 'stall'].filter((name) => window.__stackcollector.rectangleOf(name)));

const settled = (driver, at) => driver.until(
    (wanted) => (new URLSearchParams(location.search).get('at') ?? '') === wanted &&
        window.__stackcollector.idle,
    at);

test('Heat map: a stall each half second is dark in its cells and in no other', async () => {
  const driver = await heatShown();
  const columns = await driver.page.evaluate(() => {
    const {width, height} = document.querySelector('#heat-canvas');
    const pen = document.querySelector('#heat-canvas').getContext('2d');
    const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
    const at = (column, row) =>
        pixels[Math.floor((1 - (row + 0.5) / 50) * height) * width + Math.floor(((column + 0.5) / 20) * width)];
    return [3, 11].map((column) => Array.from({length: 50}, (_, row) => at(column, row)));
  });
  for (const colours of columns) {
    const like = (row) => colours.flatMap((colour, i) => (colour === colours[row] ? [i] : []));
    assert.deepEqual(like(25), [0, 1, 25, 26]);
    assert.equal(like(10).length, 46);
  }
  assert.match(await driver.page.getAttribute('#heat-canvas', 'aria-label'), /most .* 80 ms/);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test(
    'Heat map: two clicks show what lies between, in all views; back and the chip return',
    async () => {
      const driver = await heatShown();
      await driver.page.mouse.click(...await placeOf(driver, 3, 25));
      await driver.shows('#heat-cell', 'begins at');
      await driver.page.mouse.click(...await placeOf(driver, 3, 26));
      const at = '2026-11-22T05:38:03.500Z..2026-11-22T05:38:03.540Z';
      await settled(driver, at);
      assert.equal(pages.flameRequests().at(-1).searchParams.get('at'), at);
      assert.deepEqual(await names(driver), ['serve', 'stall']);
      await driver.shows('#summary', '160 ms of CPU at 05:38:03.500 – 05:38:03.540');
      await driver.shows('#chips', 'sampled at 05:38:03.500 – 05:38:03.540');
      await driver.picture('heatmap');
      const context = pages.server.requests.filter(({pathname}) => /heat|timeline/.test(pathname));
      assert.ok(
          context.every(({searchParams}) => !searchParams.has('at')), 'they show what is around');
      await driver.page.goBack();
      await settled(driver, '');
      await driver.page.goForward();
      await settled(driver, at);
      await driver.page.click('#chips .cross');
      await settled(driver, '');
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Heat map: a drag chooses too; Escape takes back a first click', async () => {
  const driver = await heatShown();
  await driver.page.mouse.click(...await placeOf(driver, 5, 10));
  await driver.shows('#heat-cell', 'begins at');
  await driver.page.keyboard.press('Escape');
  assert.equal(await driver.page.evaluate(() => document.querySelector('#heat-cell').value), '');
  await driver.page.mouse.move(...await placeOf(driver, 5, 10));
  await driver.page.mouse.down();
  await driver.page.mouse.move(...await placeOf(driver, 5, 20), {steps: 3});
  await driver.page.mouse.up();
  await settled(driver, '2026-11-22T05:38:05.200Z..2026-11-22T05:38:05.420Z');
  assert.deepEqual(await names(driver), ['serve']);
  await driver.close();
});

test('Heat map: u shows it, arrows and Enter choose, Escape gives the range back', async () => {
  const driver = await pages.visit(TWENTY_SECONDS.replace('&heat=1', ''));
  await driver.idle();
  await driver.page.keyboard.press('u');
  await driver.until(() => window.__stackcollector.heat && window.__stackcollector.idle);
  await driver.page.focus('#heat-canvas');
  for (const key of ['ArrowRight', 'ArrowUp', 'Enter', 'ArrowRight', 'Enter'])
    await driver.page.keyboard.press(key);
  await settled(driver, '2026-11-22T05:38:01.020Z..2026-11-22T05:38:02.040Z');
  await driver.page.keyboard.press('Escape');
  await settled(driver, '');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Heat map: the table has the heaviest parts, each a button that shows it', async () => {
  const driver = await heatShown();
  await driver.page.click('#heat-list');
  const rows = await driver.page.evaluate(
      () => [...document.querySelectorAll('#heat-rows tr')].map((row) => row.textContent));
  assert.equal(rows.length, 20);
  assert.ok(rows.every((row) => row.includes('80 ms')), rows.join('\n'));
  await driver.page.click('#heat-rows tr:nth-child(3) button');
  await settled(driver, '2026-11-22T05:38:00.500Z..2026-11-22T05:38:00.520Z');
  await driver.close();
});

test('Heat map: shows the selected function alone', async () => {
  const driver = await heatShown(`${TWENTY_SECONDS}&fn=stall`);
  await driver.shows('#heat-note', 'of stall');
  const {cells} = await driver.page.evaluate(() => window.__stackcollector.heat);
  assert.deepEqual([cells[0], cells[2], cells[25], cells[27]], [60000, 0, 60000, 0]);
  await driver.close();
});

test('Heat map: another range, following, and a comparison end what was chosen', async () => {
  const chosen = '&at=2026-11-22T05:38:03.500Z..2026-11-22T05:38:03.540Z';
  for (const act of ['#quick button', '#live']) {
    const driver = await heatShown(TWENTY_SECONDS + chosen);
    await driver.shows('#chips', 'sampled at');
    await driver.page.click(act);
    await settled(driver, '');
    await driver.close();
  }
  const driver = await heatShown(TWENTY_SECONDS + chosen);
  await driver.page.keyboard.press('c');
  await settled(driver, '');
  assert.equal(driver.parameters().get('base'), 'range');
  await driver.close();
});

test('Heat map: a part that was asked for in words is outlined, too', async () => {
  const outlined = () => {
    const canvas = document.getElementById('heat-canvas');
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const match = [0x7a, 0x3f, 0xc4];
    return data.some((_, i) => i % 4 === 0 && match.every((part, j) => data[i + j] === part));
  };
  const whole = await heatShown();
  assert.equal(await whole.page.evaluate(outlined), false);
  await whole.close();
  const driver = await heatShown(`${TWENTY_SECONDS}&at=-117seconds..-114seconds`);
  assert.equal(await driver.page.evaluate(outlined), true);
  await driver.close();
});

test(
    'Heat map: is not asked for with each refresh while live, but for each other question',
    async () => {
      const asked = () =>
          pages.server.requests.filter(({pathname}) => pathname.endsWith('/heat')).length;
      const driver = await heatShown('?from=-1minutes&heat=1&live=1');
      assert.equal(asked(), 1);
      pages.server.set({secondsOn: 5});
      const graphs = pages.flameRequests().length;
      await driver.page.keyboard.press('r');
      await driver.idle();
      assert.ok(pages.flameRequests().length > graphs);
      assert.equal(asked(), 1);
      await driver.page.fill('#from', '-2minutes');
      await driver.page.press('#from', 'Enter');
      await driver.until(
          () => window.__stackcollector.idle &&
              window.__stackcollector.heat.begin === '2026-11-22T05:38:05.000Z');
      assert.equal(asked(), 2);
      pages.server.set({secondsOn: 10});
      await driver.page.click('#live');
      await driver.idle();
      assert.equal(asked(), 3);
      await driver.close();
    });

/** As by the browser's way back, so that nothing else of the page is touched. */
const follow = (driver, search) => driver.page.evaluate((to) => {
  history.pushState({}, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}, search);

test('Heat map: while live, back at the function that is shown, none is awaited', async () => {
  const query = '?from=-1minutes&heat=1&live=1&fn=';
  const driver = await heatShown(`${query}serve`);
  await driver.page.route(/heat.*fn=stall/, () => {});  // and never an answer
  await follow(driver, `${query}stall`);
  await driver.until(() => document.querySelector('#heat.loading'));
  await follow(driver, `${query}serve`);
  await driver.until(() => !document.querySelector('#heat.loading'));
  await driver.idle();
  assert.equal(await driver.page.evaluate(() => window.__stackcollector.heat.fn), 'serve');
  await driver.close();
});

test('Heat map: says where no sample times were kept, and how they are', async () => {
  pages.server.set({noTimes: true});
  const driver = await heatShown();
  await driver.shows('#heat-note', 'collector with --sample-times');
  await driver.close();
});

test('Heat map: names what has no times, as text', async () => {
  const evil = '<img src=x onerror=window.__owned=1>\u202e:1';
  pages.server.set({untimed: {total: 60e6, targets: ['web-2:2', evil], more: 4}});
  const driver = await heatShown(`${TWENTY_SECONDS}&fn=${encodeURIComponent(evil)}`);
  await driver.shows('#heat-note', 'of the CPU time has no sample times: web-2:2, <img');
  await driver.shows('#heat-note', 'and 4 more');
  assert.equal(await driver.page.evaluate(() => window.__owned), undefined);
  assert.ok(!(await driver.text('#heat-note')).includes('\u202e'));
  await driver.close();
});

test(
    'Heat map: a refusal stands in its place, and is asked anew when it is shown again',
    async () => {
      pages.server.set({refuseHeat: 'ask for a shorter range'});
      const driver = await pages.visit(TWENTY_SECONDS);
      await driver.shows('#heat-note', 'No heat map: from: ask for a shorter range');
      assert.equal(await driver.page.$('.notice.error'), null);
      pages.server.set({});
      await driver.page.keyboard.press('u');
      await driver.page.keyboard.press('u');
      await driver.until(() => window.__stackcollector.heat);
      await driver.close();
    });

test('Heat map: without an answer its name tells of none', async () => {
  const driver = await heatShown();
  const name = () => driver.page.getAttribute('#heat-canvas', 'aria-label');
  assert.match(await name(), /most .* 80 ms/);
  pages.server.set({refuseHeat: 'ask for a shorter range'});
  await driver.page.fill('#from', '2026-11-22T05:38:01Z');
  await driver.page.press('#from', 'Enter');
  await driver.shows('#heat-note', 'No heat map');
  assert.equal(await name(), 'CPU time within each second');
  await driver.close();
});

test('Heat map: says that it loads, and that it failed until it does not', async () => {
  const driver = await pages.visit(TWENTY_SECONDS.replace('&heat=1', ''));
  await driver.idle();
  pages.server.set({delayMs: 700});
  await driver.page.keyboard.press('u');
  await driver.shows('#heat-note', 'Loading…');
  await driver.until(() => window.__stackcollector.heat);
  await driver.page.keyboard.press('u');
  pages.server.set({failWith: 503});
  await driver.page.keyboard.press('u');
  await driver.shows('#heat-note', 'No heat map: open /var/lib/store');
  await driver.shows('#notices', 'The store is busy');
  pages.server.set({});
  await driver.until(() => window.__stackcollector.heat);
  await driver.until(() => !document.querySelector('.notice.error'));
  await driver.close();
});

test(
    'Heat map: a part in which nothing was sampled, and one that is none, offer the range',
    async () => {
      pages.server.set({rangeEmpty: true});
      const driver = await pages.visit(
          `${TWENTY_SECONDS}&at=2026-11-22T05:38:03.500Z..2026-11-22T05:38:03.540Z`);
      await driver.shows('#card', 'Nothing was sampled then');
      pages.server.set({});
      await driver.page.click('text=Show the whole range');
      await settled(driver, '');
      await driver.until(() => document.getElementById('card').hidden);
      await driver.page.goto(`${driver.url}${TWENTY_SECONDS}&at=x`);
      await driver.shows('#card', 'expected two moments');
      await driver.page.click('text=Show the whole range');
      await settled(driver, '');
      await driver.close();
    });
