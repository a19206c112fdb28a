// SPDX-License-Identifier: MIT
//
// One headless Chromium for one measurement, and what is asked of it: when something was painted,
// what the renderer holds, what came over the wire.
import {readdirSync, readFileSync} from 'node:fs';
import {chromium} from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-extensions',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
];
const VIEWPORT = {
  width: 1640,
  height: 1000
};
const MOST_MS = 300_000;  // and then it has failed

/** Runs `measure(page, session)` in a browser of its own; it has to come to an end. */
export async function inChromium(measure) {
  const browser = await chromium.launch({executablePath: CHROMIUM, headless: true, args: FLAGS});
  const late = setTimeout(() => browser.close(), MOST_MS);
  try {
    // Our page's policy would refuse the expressions that are measured by.
    const page =
        await browser.newPage({viewport: VIEWPORT, reducedMotion: 'reduce', bypassCSP: true});
    page.setDefaultTimeout(MOST_MS);
    await page.addInitScript(installClock);
    const session = await page.context().newCDPSession(page);
    return await measure(page, session);
  } finally {
    clearTimeout(late);
    await browser.close();
  }
}

// In the page. benchPainted(ready): the moment at which the first frame was handed on that began
// with ready() true. A message that is sent while a frame begins comes after the whole of it: all
// callbacks, style, layout, painting and the hand-over to the compositor are one task.
function installClock() {
  window.benchPainted = (ready) => new Promise((resolve) => {
    const look = () => {
      if (!ready()) return requestAnimationFrame(look);
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      return port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
}

/** Milliseconds from the click at `at` until `ready`, an expression, was painted. */
export async function clickToPainted(page, at, ready, {double = false} = {}) {
  await page.evaluate(([expression, type]) => {
    window.benchClick = new Promise((resolve) => {
      addEventListener(type, (event) => {
        const began = event.timeStamp;
        window.benchPainted(new Function(`return ${expression}`))
            .then((end) => resolve(end - began));
      }, {capture: true, once: true});
    });
  }, [ready, double ? 'dblclick' : 'click']);
  await (double ? page.mouse.dblclick(at.x, at.y) : page.mouse.click(at.x, at.y));
  return page.evaluate(() => window.benchClick);
}

/** What the page's renderer holds for itself alone, in bytes. */
export async function rendererBytes(page, session) {
  await session.send('HeapProfiler.collectGarbage');
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(privateBytes);
  return Math.max(...all);
}

// The browsers of others on this machine have renderers as well: only children of ours count.
function privateBytes(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    if (!command.includes('--type=renderer') || !isOurs(pid)) return 0;
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const kilobytes =
        [...rollup.matchAll(/^Private_\w+:\s+(\d+)/gm)].map((match) => Number(match[1]));
    return kilobytes.reduce((sum, each) => sum + each, 0) * 1024;
  } catch {
    return 0;  // it ended meanwhile
  }
}

function isOurs(pid) {
  for (let at = Number(pid); at > 1;) {
    if (at === process.pid) return true;
    at = Number(/^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${at}/stat`, 'latin1'))[1]);
  }
  return false;
}

/** Counts the bytes of answers, as they came, of URLs that `wanted` says yes to. */
export async function countBytes(session, wanted) {
  const urls = new Map();
  const counted = {bytes: 0};
  await session.send('Network.enable');
  session.on(
      'Network.responseReceived', ({requestId, response}) => urls.set(requestId, response.url));
  session.on('Network.loadingFinished', ({requestId, encodedDataLength}) => {
    if (wanted(urls.get(requestId) ?? '')) counted.bytes += encodedDataLength;
  });
  return counted;
}
