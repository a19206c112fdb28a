// SPDX-License-Identifier: MIT
//
// Hostile names the whole way: target, collector, store, API, page, and every file that can be
// saved. Nothing runs, no policy is broken, every name can be read.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';

import {visible} from '../../src/visualizer/page/text.js';
import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {HOSTILE, holdsUnseen} from './hostile_names.mjs';
import {pprofOf, run, serve, storeOf, TemporaryFolder} from './programs.mjs';

const WEIGHT = 10;

let browser, visualizer;
const folder = new TemporaryFolder();

before(async () => {
  const stacks = HOSTILE.map(({name}) => [['main', name], WEIGHT]);
  visualizer = await serve(await storeOf(folder.path, pprofOf(stacks)));
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  visualizer?.stop();
  folder.remove();
});

async function file(format) {
  const response = await fetch(`${visualizer.url}api/v1/export?format=${format}`);
  assert.equal(response.status, 200);
  return response;
}

const lacking = (text) => HOSTILE.filter(({number}) => !text.includes(`${number}`));

/** A page that counts what must not happen in it. */
async function watched(url, query = '') {
  const context = await browser.newContext({viewport: {width: 1600, height: 900}});
  const page = await context.newPage();
  const reports = [];
  await page.exposeFunction('__report', (text) => reports.push(text));
  await page.addInitScript(() => {
    document.addEventListener(
        'securitypolicyviolation', (event) => window.__report(`${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on('dialog', (dialog) => {
    reports.push(`dialog ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(url).host) reports.push(`asked ${request.url()}`);
  });
  const driver = new Driver(page, url);
  await page.goto(url + query);
  return {driver, page, reports};
}

async function assertHarmless({page, reports}) {
  assert.equal(await page.evaluate(() => window.__owned), undefined);
  assert.deepEqual(reports, []);
}

test('Hostile names: there are two hundred of them, and the API tells each as it is', async () => {
  assert.ok(HOSTILE.length >= 200, `${HOSTILE.length}`);
  const text = await (await fetch(`${visualizer.url}api/v1/top?limit=5000`)).text();
  assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
  const {names} = JSON.parse(text);
  for (const {name} of HOSTILE) assert.ok(names.includes(name), JSON.stringify(name.slice(0, 200)));
});

test('Hostile names: the graph and its tooltip show every one and run none', async () => {
  const watch = await watched(visualizer.url, '?from=-1h');
  const {driver, page} = watch;
  await driver.idle();
  for (const {number, name} of HOSTILE) {
    const shown = await driver.page.evaluate(async (wanted) => {
      const box = window.__stackcollector.rectangleOf(wanted);
      return box && {x: box.x + box.width / 2, y: box.y + box.height / 2};
    }, visible(name));
    assert.ok(shown, `no frame for ${number}`);
    await page.mouse.move(shown.x, shown.y);
    await driver.until(
        (wanted) => document.querySelector('#tooltip').textContent.includes(wanted), `${number}`);
    const text = await driver.text('#tooltip .tip-name');
    assert.ok(!holdsUnseen(text), `${number}: ${JSON.stringify(text.slice(0, 200))}`);
  }
  await assertHarmless(watch);
  await page.context().close();
});

test('Hostile names: the page finds and zooms into them unharmed', async () => {
  const watch = await watched(visualizer.url, '?from=-1h');
  const {driver, page} = watch;
  await driver.idle();
  for (const {number, name} of HOSTILE.filter((_, i) => i % 20 === 0)) {
    await driver.search(`${number}`);
    assert.equal((await driver.searchResult()).names.length, 1);
    await driver.clickFrame(visible(name));
    await driver.zoomed(['main', name]);
    await page.keyboard.press('Escape');  // the search
    await page.keyboard.press('Escape');  // the zoom
    await driver.zoomed([]);
  }
  await assertHarmless(watch);
  await page.context().close();
});

test('Hostile names: the SVG, opened where scripts would run, shows every one and runs none', async () => {
  const path = folder.file('hostile.svg');
  writeFileSync(path, await (await file('svg')).text());
  const watch = await watched(pathToFileURL(path).href);
  const titles = await watch.page.evaluate(
      () => [...document.querySelectorAll('title')].map((title) => title.textContent));
  assert.deepEqual(lacking(titles.join('\n')), []);
  for (const title of titles) assert.ok(!holdsUnseen(title.replaceAll('\n', '')), title.slice(0, 200));
  const tags = await watch.page.evaluate(
      () => [...new Set([...document.querySelectorAll('*')].map((node) => node.localName))].sort());
  assert.deepEqual(tags, ['g', 'rect', 'svg', 'text', 'title']);
  await assertHarmless(watch);
  await watch.page.context().close();
});

test('Hostile names: folded stacks have a line, and JSON a member, for each', async () => {
  const folded = (await (await file('folded')).text()).trimEnd().split('\n');
  assert.equal(folded.length, HOSTILE.length);
  for (const line of folded) assert.match(line, / 10$/);
  for (const format of ['speedscope', 'cpuprofile']) {
    const text = await (await file(format)).text();
    assert.deepEqual(lacking(text), []);
    assert.doesNotMatch(text, /[<>&]/);
    JSON.parse(text);
  }
});

test('Hostile names: callgrind_annotate and graphviz read them as names', async () => {
  const callgrind = folder.file('hostile.callgrind');
  writeFileSync(callgrind, await (await file('callgrind')).text());
  const listed = await run('callgrind_annotate', '--auto=no', '--threshold=100', callgrind);
  assert.deepEqual(lacking(listed), []);
  const dot = folder.file('hostile.dot');
  writeFileSync(dot, await (await file('dot')).text());
  const svg = await run('dot', '-Tsvg', dot);
  assert.equal(svg.match(/class="node"/g).length, 80);
});

test('Hostile names: pprof keeps them byte for byte', async () => {
  const path = folder.file('hostile.pb.gz');
  writeFileSync(path, Buffer.from(await (await file('pprof')).arrayBuffer()));
  const {gunzipSync} = await import('node:zlib');
  const {readFileSync} = await import('node:fs');
  const raw = gunzipSync(readFileSync(path));
  for (const {name} of HOSTILE) assert.ok(raw.includes(Buffer.from(name)), name.slice(0, 100));
});
