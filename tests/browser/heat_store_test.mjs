// SPDX-License-Identifier: MIT
//
// The heat map the whole way: samples with times, the collector, a store, the visualizer, the page.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {pprofOf, serve, storeOf, TemporaryFolder} from './programs.mjs';

const PERIOD_NS = 5000000;
const BUCKET_MS = 20;
const EVIL = '<img src=x onerror=window.__owned=1>';

const ATTEMPTS = 10;

let browser, visualizer, end;
const folders = [];

/** Four whole seconds: "serve" in each bucket, a stall for 40 ms of each half second. */
function stalling() {
  const stacks = [];
  for (let ms = end - 4000; ms < end; ms += BUCKET_MS) {
    stacks.push([['main', 'serve'], 1, ms * 1e6]);
    if (ms % 500 < 2 * BUCKET_MS) stacks.push([['main', EVIL], 3, ms * 1e6]);
  }
  return stacks;
}

function pprofOfNow() {
  const now = Date.now();
  end = Math.floor(now / 1000) * 1000;
  return pprofOf(stalling(), PERIOD_NS, now * 1e6);
}

/**
 * Whether the times are the ones planted: of an answer that took a second the collector moves
 * them.
 */
async function unmoved() {
  const at = `${new Date(end - 4000).toISOString()}..${new Date(end - 3980).toISOString()}`;
  return (await functionsAt(at)).length === 2;
}

before(async () => {
  do {
    visualizer?.stop();
    folders.push(new TemporaryFolder());
    visualizer = await serve(await storeOf(folders.at(-1).path, pprofOfNow, '--sample-times=20ms'));
  } while (!await unmoved() && folders.length < ATTEMPTS);
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  visualizer?.stop();
  for (const folder of folders) folder.remove();
});

const ask = async (path) => (await fetch(`${visualizer.url}api/v1/${path}`)).json();

/** [{name, self}], the heaviest first. */
async function functionsAt(at) {
  const {names, rows} = await ask(`top?${new URLSearchParams({from: '-1h', at})}`);
  return rows.name.map((name, i) => ({name: names[name], self: rows.self[i]}))
      .filter(({self}) => self > 0);
}

test('Heat map: a stall that was sampled twice a second stands in its cells', async () => {
  const heat = await ask('heat?from=-5min&columns=500');
  assert.equal(heat.step_seconds, 1);
  assert.equal(heat.bucket_us, BUCKET_MS * 1000);
  assert.equal(heat.timed, 4 * (50 + 4 * 3) * PERIOD_NS / 1000);
  assert.deepEqual([heat.total, heat.untimed.total, heat.across], [heat.timed, 0, 0]);
  const stalls =
      heat.cells.flatMap((cell, i) => (cell === 4 * PERIOD_NS / 1000 ? [i % heat.rows] : []));
  assert.deepEqual(stalls, Array(4).fill([0, 1, 25, 26]).flat());
});

test('Heat map: one of them, chosen on the page, is all that the page shows', async () => {
  const driver = await Driver.open(browser, visualizer.url, {query: '?from=-5min&heat=1'});
  await driver.until(() => window.__stackcollector?.heat && window.__stackcollector.idle);
  await driver.page.click('#heat-list');
  await driver.page.click('#heat-rows tr:nth-child(3) button');
  await driver.until(
      () => location.search.includes('at=') && window.__stackcollector.idle &&
          document.querySelector('#summary').textContent.includes('20 ms of CPU at'));
  const begin = end - 4000 + 500;
  const at = `${new Date(begin).toISOString()}..${new Date(begin + BUCKET_MS).toISOString()}`;
  assert.equal(driver.parameters().get('at'), at);
  assert.deepEqual(await functionsAt(at), [{name: EVIL, self: 15000}, {name: 'serve', self: 5000}]);
  assert.ok(await driver.page.evaluate((name) => window.__stackcollector.rectangleOf(name), EVIL));
  assert.equal(await driver.page.evaluate(() => window.__owned), undefined);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Heat map: between two stalls nothing of them is left', async () => {
  const at = `${new Date(end - 1960).toISOString()}..${new Date(end - 1500).toISOString()}`;
  assert.deepEqual(await functionsAt(at), [{name: 'serve', self: 23 * 5000}]);
});
