// SPDX-License-Identifier: MIT
//
// The way of a visitor: open, zoom, search, reload, go back. Runs against any visualizer that has
// data: STACKCOLLECTOR_URL names it (with a query, if a range other than the default is meant);
// without it, against the mock. SCREENSHOT: where to put a picture of the zoomed, searched page.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {startMockServer} from './mock_server.mjs';

const WIDE_ENOUGH = 0.02;
const SCREENSHOT_SIZE = {
  width: 1280,
  height: 720
};

let browser, server, base, query;

before(async () => {
  browser = await launchChromium();
  if (!process.env.STACKCOLLECTOR_URL) server = await startMockServer();
  const url = new URL(process.env.STACKCOLLECTOR_URL ?? server.url);
  query = url.search;
  url.search = '';
  base = url.href;
});

after(async () => {
  await browser?.close();
  await server?.close();
});

async function api(call, parameters) {
  const own = Object.fromEntries(new URLSearchParams(query));
  const asked = new URLSearchParams({from: '-15minutes', until: 'now', ...own, ...parameters});
  const response = await fetch(`${base}api/v1/${call}?${asked}`);
  assert.equal(response.status, 200);
  return response.json();
}

/**
 * The path of the heaviest frames, at most `length` long and wide enough to point at, as the API
 * tells it.
 */
async function heaviestPath(length) {
  const {names, nodes, total} = await api('flame', {width: 1280, order: 'heavy'});
  const path = [];
  for (let i = 1; path.length < length && nodes.depth[i] === path.length + 1; ++i) {
    if (nodes.total[i] < WIDE_ENOUGH * total) break;
    path.push(names[nodes.name[i]]);
  }
  assert.ok(path.length > 0, 'there is data to look at');
  return path;
}

const escapeRegex = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('Page: paints the stored profile without a script error or a refused policy', async () => {
  const driver = await Driver.open(browser, base, {query});
  await driver.idle();
  const {nodes, drawn, paints} = await driver.statistics();
  assert.ok(nodes > 1 && drawn > 1 && paints > 0);
  assert.match(await driver.text('#summary'), /of CPU|samples/);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Page: a click zooms, the URL says so, reload keeps it, back leaves it', async () => {
  const path = await heaviestPath(2);
  const driver = await Driver.open(browser, base, {query});
  await driver.idle();
  await driver.clickFrame(path.at(-1));
  await driver.zoomed(path);
  assert.ok(driver.parameters().get('path').includes(
      path.at(-1).replaceAll('%', '%25').replaceAll(';', '%3B')));

  await driver.page.reload();
  await driver.zoomed(path);
  await driver.page.goBack();
  await driver.zoomed([]);
  assert.equal(driver.parameters().get('path'), null);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Page: a search shows the matched total of the API and survives a reload', async () => {
  const name = (await heaviestPath(4)).at(-1);
  const pattern = `^${escapeRegex(name)}$`;
  const driver = await Driver.open(browser, base, {query});
  await driver.idle();
  await driver.search(pattern);
  const shown = await driver.searchResult();
  assert.ok(shown.names.includes(name));
  assert.ok(shown.matched > 0 && shown.matched <= shown.total);
  assert.match(await driver.text('#matched'), /\d %/);
  if (server) assert.equal(shown.matched, (await api('search', {q: pattern})).matched);

  await driver.page.reload();
  await driver.shows('#matched', '%');
  assert.equal(await driver.page.inputValue('#q'), pattern);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('Page: has a picture taken while the pointer is on a frame', async () => {
  const driver =
      await Driver.open(browser, base, {query, viewport: SCREENSHOT_SIZE, deviceScaleFactor: 2});
  await driver.idle();
  const path = await heaviestPath(6);
  await driver.hoverFrame(path.at(-1));
  await driver.shows('#tooltip', 'total');
  const picture = await driver.page.screenshot({path: process.env.SCREENSHOT});
  assert.ok(picture.length > 10000, 'more than an empty page');
  assert.deepEqual(driver.problems, []);
  await driver.close();
});
