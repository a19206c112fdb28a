// SPDX-License-Identifier: MIT
//
// speedscope, as published, reads our .cpuprofile and shows the weights that are in it.
// CPUPROFILE names the file; without it, one is made here.
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {loadProfile, weightsOf} from './profile_fixture.mjs';

const SPEEDSCOPE = fileURLToPath(new URL('node_modules/speedscope/dist/release/', import.meta.url));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json'
};
const UNITS_US = {
  ns: 1e-3,
  'µs': 1,
  ms: 1e3,
  s: 1e6
};
const ROUNDING = 0.0051;  // two decimals are shown
const TALL = {
  width: 1200,
  height: 4000
};  // speedscope makes rows for what is in view
const MIN_ROWS = 100;

let browser, server, base;

before(async () => {
  assert.ok(existsSync(SPEEDSCOPE), 'speedscope is missing: run `npm ci` in tests/browser');
  browser = await launchChromium();
  server = createServer((request, response) => {
    const {pathname} = new URL(request.url, 'http://host');
    const file = SPEEDSCOPE + pathname.slice(1);
    const body = pathname === '/profile.cpuprofile' ? JSON.stringify(loadProfile()) :
                                                      existsSync(file) && readFileSync(file);
    response.writeHead(
        body ? 200 : 404, {'Content-Type': TYPES[extname(pathname)] ?? 'application/octet-stream'});
    response.end(body || '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${server.address().port}/`;
});

after(async () => {
  await browser?.close();
  server?.close();
});

/**
 * Whether a cell such as "1.50ms (30%)" or "1:02.50 (30%)" is what speedscope rounds so many
 * microseconds to.
 */
function shows(cell, wanted) {
  const minutes = /^(\d+):([\d.]+)/.exec(cell);
  if (minutes) return Math.abs((minutes[1] * 60 + Number(minutes[2])) * 1e6 - wanted) <= 1e6;
  const [, number, unit] = /^([\d.,]+)(ns|µs|ms|s)/.exec(cell);
  return Math.abs(Number(number.replaceAll(',', '')) * UNITS_US[unit] - wanted) <=
      ROUNDING * UNITS_US[unit];
}

test(
    'CpuProfile: speedscope shows each function’s self and total as they were written',
    async () => {
      const driver = await Driver.open(browser, base, {
        viewport: TALL,
        query:
            `index.html#profileURL=${encodeURIComponent(`${base}profile.cpuprofile`)}&view=sandwich`
      });
      await driver.until(() => document.querySelectorAll('tr').length > 1);
      const rows = await driver.page.evaluate(
          () => [...document.querySelectorAll('tr')].slice(1).map(
              (row) => [...row.cells].map((cell) => cell.textContent.trim())));
      await driver.close();

      const expected =
          weightsOf(loadProfile()).filter(({name, total}) => name !== '(root)' && total > 0);
      assert.ok(
          rows.length >= Math.min(expected.length, MIN_ROWS),
          `${rows.length} rows of ${expected.length}`);
      for (const [total, self, name] of rows) {
        const found = expected.findIndex(
            (wanted) =>
                wanted.name === name && shows(total, wanted.total) && shows(self, wanted.self));
        assert.ok(
            found >= 0,
            `${name}: total ${total}, self ${self} is not among ${JSON.stringify(expected)}`);
        expected.splice(found, 1);
      }
    });
