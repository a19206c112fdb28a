// SPDX-License-Identifier: MIT
//
// What single lines cost, the whole way: a library compiled with -g is recorded with the lines that
// ran, goes into a store, and stands beside its source on the page.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {gunzipSync} from 'node:zlib';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {ours, run, serve, storeOf, TemporaryFolder} from './programs.mjs';

const ROOT = join(import.meta.dirname, '../..');
const SOURCE = 'tests/cpuprofile/spin_library.cc';
const LIBRARY = process.env.SPIN_LIBRARY;
// Of spin_for, which calls Hidden<int64_t>, into which Inlined is inlined.
const LINES = readFileSync(join(ROOT, SOURCE), 'utf8').split('\n');
const lineOf = (text) => 1 + LINES.findIndex((line) => line.includes(text));

let browser, visualizer, driver;
const folder = new TemporaryFolder();

before(async () => {
  const recorded = folder.file('spin.pb.gz');
  await run(
      ours('cpuprofile'), 'record', '--lines', '-o', recorded, '--', ours('spinner'), LIBRARY);
  visualizer = await serve(
      await storeOf(folder.path, gunzipSync(readFileSync(recorded))), '--source-root', ROOT);
  browser = await launchChromium();
  driver = await Driver.open(browser, visualizer.url, {query: '?from=-1h&src=spin_for'});
});

after(async () => {
  await browser?.close();
  visualizer?.stop();
  folder.remove();
});

const ask = async (path) => (await fetch(`${visualizer.url}api/v1/${path}`)).json();

test('Lines: self stands where code ran, total also where it was called', async () => {
  const {found, file, costs, total} = await ask('source?from=-1h&fn=spin_for');
  assert.ok(found);
  assert.ok(file.endsWith(SOURCE), file);
  const costOf = (text) => {
    const i = costs.line.indexOf(lineOf(text));
    return i < 0 ? {self: 0, total: 0} : {self: costs.self[i], total: costs.total[i]};
  };
  const loop = costOf('for (uint64_t i = 0;');
  const call = costOf('while (clock() < end) Inlined();');
  const outer = costOf('spin::Hidden(clock()');
  assert.ok(loop.self > 0);
  assert.equal(loop.total, loop.self);
  assert.ok(call.total >= loop.total, 'the caller’s line holds what it calls');
  assert.ok(outer.total >= call.total);
  assert.ok(outer.total <= total);
  assert.deepEqual(costOf('inline void Inlined() {'), {self: 0, total: 0});
  assert.equal(outer.self + call.self < loop.self, true, 'the loop ran, not its callers');
});

test('Lines: the page shows them beside the source', async () => {
  await driver.until(() => document.querySelector('#source-rows .paid'));
  const paid = await driver.page.evaluate(
      () => [...document.querySelectorAll('#source-rows .paid')].map(
          (row) =>
              [Number(row.querySelector('th').textContent),
               row.querySelector('.code').textContent.trim()]));
  const shown = new Map(paid);
  for (const text of ['for (uint64_t i = 0;', 'while (clock() < end)', 'spin::Hidden(clock()']) {
    assert.ok(shown.get(lineOf(text))?.includes(text), text);
  }
  assert.deepEqual(driver.problems, []);
});

test('Lines: the graph is made of functions, however many of their lines ran', async () => {
  const {names, rows} = await ask('top?from=-1h&limit=50');
  const inlined = names.findIndex((name) => name.includes('Inlined'));
  assert.equal(rows.name.filter((name) => name === inlined).length, 1);
  const {nodes, names: shown} = await ask('flame?from=-1h&width=4000');
  const hot = shown.findIndex((name) => name.includes('Hidden'));
  assert.equal(nodes.name.filter((name) => name === hot).length, 1);
});
