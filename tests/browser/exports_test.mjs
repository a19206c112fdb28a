// SPDX-License-Identifier: MIT
//
// What cpuprofile writes for other people's tools, read by these tools: speedscope,
// callgrind_annotate, graphviz, and the browser for the SVG.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {ours, pprofOf, run, TemporaryFolder} from './programs.mjs';

// 100 samples of 10 ms. "walk" calls itself: its total is 70, not more.
const STACKS = [
  [['main', 'walk', 'walk', 'std::less<int>::operator()'], 30],
  [['main', 'walk', 'walk'], 20],
  [['main', 'walk'], 20],
  [['main', 'operator<<'], 25],
  [['main'], 5],
];
const MS = 10;
const EXPECTED = {
  main: {self: 5, total: 100},
  walk: {self: 40, total: 70},
  'operator<<': {self: 25, total: 25},
  'std::less<int>::operator()': {self: 30, total: 30},
};

let browser;
const folder = new TemporaryFolder();

async function converted(name) {
  writeFileSync(folder.file('in.pb'), pprofOf(STACKS));
  await run(ours('cpuprofile'), 'convert', folder.file('in.pb'), '-o', folder.file(name));
  return folder.file(name);
}

before(async () => {
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  folder.remove();
});

test('speedscope: shows each function’s self and total as they were sampled', async () => {
  const file = await converted('out.speedscope.json');
  const release = fileURLToPath(new URL('node_modules/speedscope/dist/release/', import.meta.url));
  const types = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css'};
  const server = createServer((request, response) => {
    const {pathname} = new URL(request.url, 'http://host');
    response.writeHead(200, {'Content-Type': types[extname(pathname)] ?? 'application/json'});
    response.end(readFileSync(pathname === '/profile.json' ? file : release + pathname.slice(1)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}/`;
  const driver = await Driver.open(browser, base, {
    query: `index.html#profileURL=${encodeURIComponent(`${base}profile.json`)}&view=sandwich`
  });
  await driver.until(() => document.querySelectorAll('tr').length > 1);
  const rows = await driver.page.evaluate(
      () => [...document.querySelectorAll('tr')].slice(1).map(
          (row) => [...row.cells].map((cell) => cell.textContent.trim())));
  await driver.close();
  server.close();
  const shown = Object.fromEntries(rows.map(([total, self, name]) => [name, {self, total}]));
  assert.deepEqual(Object.keys(shown).sort(), Object.keys(EXPECTED).sort());
  for (const [name, {self, total}] of Object.entries(EXPECTED)) {
    assert.match(shown[name].self, new RegExp(`\\(${self}(\\.0+)?%\\)`), name);
    assert.match(shown[name].total, new RegExp(`\\(${total}(\\.0+)?%\\)`), name);
  }
});

test('callgrind: callgrind_annotate agrees on self, totals and calls', async () => {
  const file = await converted('out.callgrind');
  const numbers = async (...options) => {
    const text = await run('callgrind_annotate', '--auto=no', '--threshold=100', ...options, file);
    const found = {};
    for (const line of text.split('\n')) {
      const row = /^\s*([\d,]+) \(\s*[\d.]+%\)\s+(?:\*\s+)?\?\?\?:(.+?)(?: \[.*\])?$/.exec(line);
      if (row) found[row[2]] ??= Number(row[1].replaceAll(',', ''));
    }
    return found;
  };
  const self = await numbers();
  const inclusive = await numbers('--inclusive=yes');
  for (const [name, wanted] of Object.entries(EXPECTED)) {
    assert.equal(self[name], wanted.self * MS * 1000, `self of ${name}`);
    assert.equal(inclusive[name], wanted.total * MS * 1000, `total of ${name}`);
  }
  const tree = await run('callgrind_annotate', '--auto=no', '--tree=calling', '--inclusive=yes', file);
  assert.match(tree, /700,000 .*>\s+\?\?\?:walk \(1x\)/);
  assert.match(tree, /250,000 .*>\s+\?\?\?:operator<< \(1x\)/);
});

test('dot: graphviz lays it out, a box per function and an arrow per call', async () => {
  const svg = await run('dot', '-Tsvg', await converted('out.dot'));
  assert.equal(svg.match(/class="node"/g).length, 4);
  assert.equal(svg.match(/class="edge"/g).length, 4);  // walk calls itself
  assert.ok(svg.includes('std::less&lt;int&gt;::operator()'));
  assert.ok(svg.includes('total 700.00 ms (70.0 %)'));
});

test('svg: the browser shows every frame, each with its name and cost as a tooltip', async () => {
  const driver = await Driver.open(browser, pathToFileURL(await converted('out.svg')).href);
  const frames = await driver.page.evaluate(
      () => [...document.querySelectorAll('g')].map((group) => {
        const {x, y, width} = group.querySelector('rect').getBoundingClientRect();
        return {title: group.querySelector('title').textContent, x, y, width};
      }));
  const byName = (name) => frames.filter(({title}) => title.startsWith(`${name}\n`));
  assert.deepEqual(frames.map(({title}) => title.split('\n')[0]), [
    'all', 'main', 'walk', 'walk', 'std::less<int>::operator()', 'operator<<'
  ]);
  assert.equal(byName('operator<<')[0].title, 'operator<<\n250.00 ms (25.0 %)');
  assert.ok(Math.abs(byName('walk')[0].width / byName('main')[0].width - 0.7) < 0.01);
  assert.ok(byName('operator<<')[0].x > byName('walk')[0].x + byName('walk')[0].width - 1);
  assert.deepEqual(driver.problems, []);
  await driver.close();
});

test('svg: without scripts, links, styles or anything from elsewhere', async () => {
  const text = readFileSync(await converted('out.svg'), 'utf8');
  const tags = new Set([...text.matchAll(/<([a-z]+)/gi)].map(([, tag]) => tag));
  assert.deepEqual([...tags].sort(), ['g', 'rect', 'svg', 'text', 'title']);
  assert.doesNotMatch(text.replace('http://www.w3.org/2000/svg', ''), /href|url\(|https?:|\son\w+=/);
});
