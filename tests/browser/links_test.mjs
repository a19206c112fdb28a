// SPDX-License-Identifier: MIT
//
// Links that no page of ours wrote: whatever stands in one, the page opens, says what is wrong with
// it, and offers the way out. And links to frames of any name, opened again.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {parseState} from '../../src/visualizer/page/state.js';
import {visible} from '../../src/visualizer/page/text.js';

import {Driver} from './driver.mjs';
import {MockPages} from './mock_pages.mjs';
import {pprofOf, serve, storeOf, TemporaryFolder} from './programs.mjs';

const pages = new MockPages();
const LONG = 'ns::'.repeat(3000) + 'f';
const NAMES = [
  '__proto__',  'constructor',
  'toString',   'hasOwnProperty',
  'undefined',  'null',
  'NaN',        '42',
  '-1',         '[object Object]',
  ' ',          '%',
  '%3B',        '%253B',
  ';',          'a;b',
  '#path=x',    '?q=1',
  '&edit=mine', 'a=b',
  '+',          'a+b c',
  '/',          '..',
  '\\',         '\u202eabc',
  'שלום',       '\u200b',
  '\ufeff',     '\ufffd',
  'a\nb',       '~(',
  'hide:x',     'mine',
  '…',          '😀'.repeat(300),
  LONG
];

let visualizer;
const folder = new TemporaryFolder();

before(async () => {
  const stacks = NAMES.map((name) => [['main', name, 'leaf'], 10]);
  visualizer = await serve(await storeOf(folder.path, pprofOf(stacks)));
});

after(() => {
  visualizer?.stop();
  folder.remove();
});

/** What went wrong but for the answers that refuse, which are expected here. */
const unexpected = ({problems}) => problems.filter((problem) => !/status of 4\d\d/.test(problem));

async function opened(query) {
  const driver = await pages.visit(query);
  await driver.idle();
  return driver;
}

const encoded = (name) => encodeURIComponent(name.replaceAll('%', '%25').replaceAll(';', '%3B'));

test('Link: a label may be named as what every object has', async () => {
  pages.server.set({labels: JSON.parse('{"__proto__": ["x", "y"], "constructor": ["z"]}')});
  for (const [where, offered] of [['__proto__=x', 'with __proto__ y'], ['constructor=z', '']]) {
    const driver = await opened(`?where=${where}`);
    assert.ok((await driver.statistics()).nodes > 1, where);
    const choices = await driver.page.evaluate(
        () => [...document.querySelectorAll('#filters option')].map((one) => one.textContent));
    assert.ok(choices.includes('by __proto__') && choices.includes('by constructor'));
    assert.ok(offered === '' || choices.includes(offered));
    await driver.page.keyboard.press('a');
    for (const label of ['=__proto__', '=constructor'])
      await driver.page.selectOption('#filter-what', label);
    assert.deepEqual(driver.problems, []);
    await driver.close();
  }
});

test('Link: states that no page wrote open without a script error', async () => {
  const states = [
    '?path=%',
    '?path=%E0%A4%A',
    '?path=;;;',
    '?path=%ED%A0%80',
    '?where=toString=x',
    '?by=__proto__',
    '?edit=constructor:x;__proto__',
    '?edit=;;',
    '?base=__proto__=x',
    '?base=..',
    '?show=constructor',
    '?view=x&colour=x&only=x',
    '?from=-1hour&from=-2hours',
    '?live=0',
    '?sandwich=__proto__',
    '?src=__proto__',
    '?fn=constructor&show=both',
    '?q=%28',
    '#path=' +
        'a;'.repeat(100000),
    '#path=%',
    '#q=recv',
    '?show=both&base=3600&sort=x&match=%5B'
  ];
  const driver = await pages.visit('');
  for (const state of states) {
    await driver.page.goto('about:blank');
    await driver.page.goto(pages.server.url + state);
    await driver.until(
        () => window.__stackcollector?.idle || !document.getElementById('card').hidden, undefined,
        state.slice(0, 60));
    assert.deepEqual(unexpected(driver), [], state.slice(0, 60));
  }
  await driver.close();
});

test('Link: live=0 is not live', async () => {
  const driver = await opened('?live=0');
  assert.equal(await driver.page.getAttribute('#live', 'aria-pressed'), 'false');
  assert.equal(driver.parameters().get('live'), null);
  await driver.close();
});

test('Link: what was refused can be taken out of the question', async () => {
  const driver = await pages.visit('?order=odd&q=recv');
  await driver.shows('#card', 'order: expected one of heavy, name');
  await driver.page.click('#card >> text=Heaviest first');
  await driver.idle();
  assert.ok((await driver.statistics()).nodes > 1);
  assert.equal(new URL(driver.page.url()).search, '?q=recv');
  await driver.close();
});

test('Link: a refusal beside the graph goes with its reason', async () => {
  const driver = await pages.visit('?show=both&sort=odd');
  await driver.shows('#notices', 'sort: expected one of self, total, name');
  assert.ok((await driver.statistics()).nodes > 1);
  await driver.page.click('text=Sort by self');
  await driver.until(
      () => document.getElementById('notices').textContent === '' &&
          document.querySelectorAll('#top-rows tr').length > 1);
  assert.deepEqual(unexpected(driver), []);
  await driver.close();
});

test('Link: frames of any name are zoomed to, and shown between callers and callees', async () => {
  const driver = await Driver.open(pages.browser, visualizer.url);
  for (const name of NAMES.filter((each) => each !== LONG)) {
    const said = JSON.stringify(name.slice(0, 40));
    const fn = encodeURIComponent(name);
    await driver.page.goto(`${visualizer.url}?from=-1h&path=main;${encoded(name)}&sandwich=${fn}`);
    await driver.zoomed(['main', name]);
    assert.equal(await driver.text('#sandwich-name'), visible(name), said);
    assert.match(await driver.text('#sandwich-cost'), /^total \d/, said);
    const {path, sandwich} = parseState(new URL(driver.page.url()));
    assert.deepEqual([path, sandwich], [['main', name], name]);
    assert.deepEqual(driver.problems, [], said);
  }
  await driver.close();
});

test(
    'Link: a name too long for a request is kept in the fragment, and what it prevents is said',
    async () => {
      const driver =
          await Driver.open(pages.browser, visualizer.url, {query: `?from=-1h#path=main;${LONG}`});
      await driver.zoomed(['main', LONG]);
      await driver.page.keyboard.press('s');
      await driver.shows('#notices', 'a name or a filter in it is too long');
      await driver.page.reload();
      await driver.zoomed(['main', LONG]);
      await driver.shows('#notices', 'a name or a filter in it is too long');
      await driver.page.keyboard.press('Escape');
      await driver.until(() => document.getElementById('notices').textContent === '');
      assert.deepEqual(unexpected(driver), []);
      await driver.close();
    });
