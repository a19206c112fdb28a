// SPDX-License-Identifier: MIT
//
// The page and its peers, each asked for the same: {navigation, zoom, memory, bytes, search}, in
// milliseconds and bytes, ours also for {asked, answered}, moments on the way of the navigation;
// what one does not have is undefined. The peers get their file from memory and not compressed, so
// that nothing but their own work is in their time; what it would weigh compressed is their
// `bytes`.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

import {clickToPainted, countBytes, inChromium, rendererBytes} from './chromium.mjs';

const RANGE = 'from=2026-11-22T05:00:00Z&until=2026-11-22T06:00:00Z';
const PATTERN = 'Parser<.*>::Merge\\d*7$';

/** A visualizer that nothing was asked of yet: {url, stop()}. */
export async function startVisualizer(program, store) {
  const child =
      spawn(program, ['--port', '0', '--dbpath', store], {stdio: ['ignore', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout});
  const url = await new Promise((resolve, reject) => {
    lines.once('line', (line) => resolve(line.trim()));
    child.once('exit', (code) => reject(new Error(`visualizer ended with ${code}`)));
  });
  return {url, stop: () => child.kill('SIGTERM')};
}

export function ours(program, store) {
  return async () => {
    const server = await startVisualizer(program, store);
    try {
      return await inChromium((page, session) => measureOurs(page, session, server.url));
    } finally {
      server.stop();
    }
  };
}

async function measureOurs(page, session, url) {
  const wire = await countBytes(session, (from) => from.includes('/api/v1/flame'));
  await page.goto(`${url}?${RANGE}`, {waitUntil: 'commit'});
  // A frame that begins with an answer draws it.
  const navigation = await page.evaluate(
      () => window.benchPainted(() => window.__stackcollector?.statistics.nodes > 0));
  const {asked, answered} = await page.evaluate(momentsOfAnswer);
  await page.waitForFunction(() => window.__stackcollector.idle);
  const {bytes} = wire;
  const memory = await rendererBytes(page, session);
  const box = await page.evaluate(() => {
    const {widestBelow, rectangleOf} = window.__stackcollector;
    return rectangleOf(widestBelow(0.6));
  });
  const zoom = await clickToPainted(
      page, {x: box.x + box.width / 2, y: box.y + box.height / 2},
      'window.__stackcollector.path.length > 0');
  const search = await page.evaluate(async ([range, pattern]) => {
    const began = performance.now();
    await (await fetch(`api/v1/search?${range}&q=${encodeURIComponent(pattern)}`)).json();
    return performance.now() - began;
  }, [RANGE, PATTERN]);
  return {asked, answered, navigation, zoom, memory, bytes, search};
}

// In the page.
function momentsOfAnswer() {
  const [{startTime, responseEnd}] =
      performance.getEntriesByType('resource').filter(({name}) => name.includes('/api/v1/flame'));
  return {asked: startTime, answered: responseEnd};
}

/** `site`: see serve(). Without animation, and nothing drawn below half a pixel. */
export function d3FlameGraph(site, compressedBytes) {
  return () => inChromium(async (page, session) => {
           await page.goto(`${site}d3.html`, {waitUntil: 'commit'});
           const navigation =
               await page.evaluate(() => window.benchPainted(() => window.benchDrawn === true));
           const memory = await rendererBytes(page, session);
           const at = await page.evaluate(() => window.benchWidestBelow(0.6));
           const zoom = await clickToPainted(page, at, 'window.benchZoomed()');
           const search = await page.evaluate((pattern) => window.benchSearch(pattern), PATTERN);
           return {navigation, zoom, memory, bytes: compressedBytes, search};
         });
}

/** Its zoom is a double click, and counts as painted with the first frame after it. */
export function speedscope(site, compressedBytes) {
  return () => inChromium(async (page, session) => {
           const profile = encodeURIComponent(`${site}profile.json`);
           await page.goto(
               `${site}speedscope/index.html#profileURL=${profile}&view=left-heavy`,
               {waitUntil: 'commit'});
           // Its overlays, one of the map and one of the graph, come with the profile.
           const navigation = await page.evaluate(
               () => window.benchPainted(() => document.querySelectorAll('canvas').length >= 3));
           const memory = await rendererBytes(page, session);
           const zoom = await clickToPainted(page, {x: 500, y: 200}, 'true', {double: true});
           return {navigation, zoom, memory, bytes: compressedBytes, search: undefined};
         });
}
