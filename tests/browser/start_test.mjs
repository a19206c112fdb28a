// SPDX-License-Identifier: MIT
//
// What the page asks for, and in which order, until its first frame is painted.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {encodePath} from '../../src/visualizer/page/state.js';

import {MockPages, PLACE} from './mock_pages.mjs';

const BEFORE_THE_GRAPH = ['/', '/assets/app.js', '/assets/style.css', '/api/v1/flame'];

const pages = new MockPages();
const asked = () => pages.server.requests.map(({pathname}) => pathname);

test(
    'Start: four requests come before the first frame, two after it, none of them twice',
    async () => {
      const driver = await pages.visit();
      await driver.idle();
      const before = asked().slice(0, BEFORE_THE_GRAPH.length);
      assert.deepEqual([...before].sort(), [...BEFORE_THE_GRAPH].sort());
      assert.equal(before.at(-1), '/api/v1/flame');
      assert.deepEqual(asked().slice(before.length).sort(), ['/api/v1/labels', '/api/v1/timeline']);
      await driver.close();
    });

test('Start: what stands beside the graph is asked for when the graph was painted', async () => {
  const driver = await pages.visit('?by=thread&show=both');
  await driver.page.addInitScript(() => {
    const {prototype} = CanvasRenderingContext2D;
    const {putImageData} = prototype;
    prototype.putImageData = function(...put) {
      if (window.__stackcollector?.statistics.nodes > 0) window.painted ??= performance.now();
      return putImageData.apply(this, put);
    };
  });
  await driver.page.reload();
  await driver.idle();
  const {painted, asked: moments} = await driver.page.evaluate(
      () => ({
        painted: window.painted,
        asked: performance.getEntriesByType('resource')
                   .filter(({name}) => /(labels|timeline|top)\?/.test(name))
                   .map(({startTime}) => startTime)
      }));
  assert.equal(moments.length, 3);
  assert.ok(moments.every((moment) => moment >= painted), `${painted}: ${moments}`);
  await driver.close();
});

test('Start: the graph is asked for as the URL says, once', async () => {
  const path = encodeURIComponent(encodePath(PLACE));
  const driver = await pages.visit(`?from=-1hour&where=thread%3Dmain&order=name&path=${path}`);
  await driver.idle();
  const [graph, ...more] = pages.flameRequests();
  assert.deepEqual(more, []);
  assert.equal(graph.searchParams.get('from'), '-1hour');
  assert.equal(graph.searchParams.get('where'), 'thread=main');
  assert.equal(graph.searchParams.get('order'), 'name');
  assert.equal(graph.searchParams.get('root'), encodePath(PLACE));
  assert.deepEqual(await driver.page.evaluate(() => window.__stackcollector.path), PLACE);
  await driver.close();
});

test('Start: a graph that the server refuses says so, and the next question is asked', async () => {
  const driver = await pages.visit('?from=garbage');
  await driver.until(() => !document.getElementById('from-error').hidden);
  await driver.page.fill('#from', '-1hour');
  await driver.page.press('#from', 'Enter');
  await driver.idle();
  assert.deepEqual(
      pages.flameRequests().map(({searchParams}) => searchParams.get('from')),
      ['garbage', '-1hour']);
  await driver.close();
});
