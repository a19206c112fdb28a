// SPDX-License-Identifier: MIT
//
// Every file that the page saves holds what the page shows: under the filters, without what was
// dropped, below the zoom. Each is opened by a reader that is not ours, where there is one.
import assert from 'node:assert/strict';
import {copyFileSync, readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {gunzipSync} from 'node:zlib';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {ours, pprofOf, run, serve, storeOf, TemporaryFolder} from './programs.mjs';

const STACKS = [
  [['main', 'serve', 'parse'], 30],
  [['main', 'serve', 'parse', 'malloc'], 20],
  [['main', 'serve', 'send'], 15],
  [['main', 'idle', 'parse'], 25],
];
const MS = 10;
// Below main;serve, without malloc.
const VIEW = '?from=-1h&edit=drop:malloc&path=main;serve';
const SHOWN = {
  parse: 30,
  send: 15
};
const SUM = 45;

let browser, visualizer, driver;
const folder = new TemporaryFolder();

before(async () => {
  browser = await launchChromium();
  visualizer = await serve(await storeOf(folder.path, pprofOf(STACKS)));
  driver = await Driver.open(browser, visualizer.url, {query: VIEW});
  await driver.zoomed(['main', 'serve']);
});

after(async () => {
  await browser?.close();
  visualizer?.stop();
  folder.remove();
});

/** Again where the click came to nothing, as beside other downloads it seldom does. */
async function choose(item) {
  const button = driver.page.locator(`#menu >> text=${item}`);
  await driver.until(
      () => !document.getElementById('menu').hidden || document.getElementById('share').click());
  await button.click({timeout: 2000}).catch(() => choose(item));
}

/** Where the file is that this item of the menu saves. */
async function saved(item) {
  const [download] =
      await Promise.all([driver.page.waitForEvent('download'), choose(`Save as ${item}`)]);
  const path = folder.file(download.suggestedFilename());
  copyFileSync(await download.path(), path);
  return path;
}

const text = async (item) => readFileSync(await saved(item), 'utf8');

test('Saved: folded stacks', async () => {
  assert.equal(await text('folded stacks'), 'main;serve;parse 30\nmain;serve;send 15\n');
});

test('Saved: pprof has the shown functions alone', async () => {
  const path = await saved('pprof');
  const bytes = gunzipSync(readFileSync(path));
  assert.ok(bytes.includes('parse') && bytes.includes('send'));
  assert.ok(!bytes.includes('malloc') && !bytes.includes('idle'));
  await run(ours('cpuprofile'), 'convert', path, '-o', folder.file('again.folded'));
  const again = readFileSync(folder.file('again.folded'), 'utf8');
  assert.match(again, /^main;serve;parse 30$/m);
});

test('Saved: cpuprofile takes as long as what is shown', async () => {
  const profile = JSON.parse(await text('Chrome'));
  const micros = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  assert.equal(micros, SUM * MS * 1000);
  const names = profile.nodes.map(({callFrame}) => callFrame.functionName);
  assert.deepEqual(names.slice(1).sort(), ['main', 'parse', 'send', 'serve']);
});

test('Saved: speedscope weighs what is shown', async () => {
  const {profiles: [{samples, weights}], shared: {frames}} = JSON.parse(await text('speedscope'));
  assert.equal(weights.reduce((sum, weight) => sum + weight, 0), SUM * MS * 1e6);
  const leaves = samples.map((stack) => frames[stack.at(-1)].name).sort();
  assert.deepEqual(leaves, Object.keys(SHOWN));
});

test('Saved: callgrind_annotate lists the shown functions with their cost', async () => {
  const listed = await run('callgrind_annotate', '--auto=no', await saved('callgrind'));
  for (const [name, samples] of Object.entries(SHOWN)) {
    const cost = (samples * MS * 1000).toLocaleString('en-US');
    assert.match(listed, new RegExp(`${cost} .*${name}`));
  }
  assert.doesNotMatch(listed, /malloc|idle/);
});

test('Saved: graphviz draws the shown functions', async () => {
  const svg = await run('dot', '-Tsvg', await saved('Graphviz'));
  assert.equal(svg.match(/class="node"/g).length, 4);
  assert.ok(svg.includes('total 300.00 ms (66.7 %)'));
});

test('Saved: the browser shows the SVG', async () => {
  const picture = await Driver.open(browser, pathToFileURL(await saved('SVG')).href);
  const titles = await picture.page.evaluate(
      () => [...document.querySelectorAll('g title')].map((title) => title.textContent));
  assert.deepEqual(
      titles.map((title) => title.split('\n')[0]), ['all', 'main', 'serve', 'parse', 'send']);
  assert.ok(titles.includes('send\n150.00 ms (33.3 %)'));
  await picture.close();
});

test('Saved: the PNG is as large as what is shown, in a sandwich both of its halves', async () => {
  const size = async () => {
    const png = readFileSync(await saved('PNG'));
    return [png.readUInt32BE(16), png.readUInt32BE(20)];
  };
  const canvases = (...ids) => driver.page.evaluate(
      (list) =>
          list.map((id) => document.getElementById(id)).map(({width, height}) => [width, height]),
      ids);
  assert.deepEqual(await size(), (await canvases('flame'))[0]);
  await driver.page.goto(`${visualizer.url}?from=-1h&sandwich=parse`);
  await driver.idle();
  const both = await size();
  const [[width, upper], [, lower]] = await canvases('callers-flame', 'callees-flame');
  assert.deepEqual(both, [width, upper + lower]);
});

test('Saved: in a sandwich files hold all stacks through the function', async () => {
  await driver.page.goto(`${visualizer.url}?from=-1h&path=main;idle&sandwich=malloc`);
  await driver.idle();
  assert.equal(await text('folded stacks'), 'main;serve;parse;malloc 20\n');
});

test('Saved: below a frame that is gone files hold what is shown in its place', async () => {
  await driver.page.goto(`${visualizer.url}?from=-1h&path=main;serve;gone`);
  await driver.zoomed(['main', 'serve']);
  assert.equal((await text('folded stacks')).split('\n').length, 4);
});

test('Saved: a table is no picture', async () => {
  await driver.page.goto(`${visualizer.url}?from=-1h&show=table`);
  await driver.idle();
  await driver.page.click('#share');
  assert.equal(await driver.page.locator('#menu >> text=PNG').count(), 0);
  assert.equal(await driver.page.locator('#menu >> text=Save as').count(), 7);
  await driver.page.keyboard.press('Escape');
  assert.deepEqual(driver.problems, []);
});
