// SPDX-License-Identifier: MIT
//
// What of the range is looked at: label filters as chips, and what is taken out of the stacks.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {MockPages, PLACE} from './mock_pages.mjs';

const pages = new MockPages();

async function opened(query = '') {
  const driver = await pages.visit(query);
  await driver.idle();
  return driver;
}

const chips = (driver) => driver.page.evaluate(
    () => [...document.querySelectorAll('.chip')].map(({firstChild}) => firstChild.textContent));

const queryIs = (driver, query) => driver.until(
    (wanted) => decodeURIComponent(location.search) === wanted && window.__stackcollector.idle,
    query);

const asked = () => pages.flameRequests().at(-1).searchParams;

test(
    'Filter: any label of the range is offered with its values, from the keyboard alone',
    async () => {
      pages.server.set({labels: {host: ['web-1'], thread: ['main'], version: ['1.2', '1.3']}});
      const driver = await opened();
      const {keyboard} = driver.page;
      await keyboard.press('a');
      assert.equal(await driver.page.evaluate(() => document.activeElement.id), 'filter-value');
      await driver.page.selectOption('#filter-what', '=version');
      assert.deepEqual(
          await driver.page.evaluate(
              () => [...document.querySelectorAll('#filter-values option')].map(
                  ({value}) => value)),
          ['1.2', '1.3']);
      await driver.page.focus('#filter-value');
      await keyboard.type('1.2');
      await keyboard.press('Enter');
      await queryIs(driver, '?where=version=1.2');
      assert.deepEqual(await chips(driver), ['version is 1.2']);
      assert.equal(asked().get('where'), 'version=1.2');
      assert.deepEqual(driver.problems, []);
      await driver.close();
    });

test('Filter: a chip turns into its opposite and goes away; back brings it again', async () => {
  const driver = await opened('?where=thread=main;host=localhost');
  assert.deepEqual(await chips(driver), ['thread is main', 'host is localhost']);
  await driver.page.click('.chip >> text=thread is main');
  await queryIs(driver, '?where=thread!=main;host=localhost');
  assert.equal(asked().get('where'), 'thread!=main;host=localhost');
  await driver.page.click('[aria-label="Remove: host is localhost"]');
  await queryIs(driver, '?where=thread!=main');
  await driver.page.goBack();
  await queryIs(driver, '?where=thread!=main;host=localhost');
  assert.deepEqual(await chips(driver), ['thread is not main', 'host is localhost']);
  await driver.close();
});

test('Filter: two label sets compare; the base’s chips say so', async () => {
  const driver = await opened('?where=host=localhost;thread=main');
  await driver.page.click('#filter-open');
  await driver.page.selectOption('#filter-what', '=thread');
  await driver.page.fill('#filter-value', 'worker-1');
  await driver.page.selectOption('#filter-side', 'base');
  await driver.page.click('#filter-form >> text=Add');
  await queryIs(driver, '?where=host=localhost;thread=main&base=thread=worker-1');
  const {searchParams} =
      pages.server.requests.findLast(({pathname}) => pathname === '/api/v1/diff');
  assert.equal(searchParams.get('where'), 'host=localhost;thread=main');
  assert.equal(searchParams.get('base_where'), 'host=localhost;thread=worker-1');
  assert.deepEqual((await chips(driver)).at(-1), 'before: thread is worker-1');
  await driver.close();
});

test('Filter: Cancel and Escape add nothing', async () => {
  const driver = await opened();
  for (const leave
           of [() => driver.page.click('#filter-cancel'),
              () => driver.page.keyboard.press('Escape')]) {
    await driver.page.click('#filter-open');
    await driver.page.fill('#filter-value', 'x');
    await leave();
    assert.ok(!await driver.page.isVisible('#add-filter'));
    assert.equal(await driver.page.evaluate(() => location.search), '');
  }
  await driver.close();
});

test(
    'Group: any label of the range; graph and legend have one colour per group, the table its rows',
    async () => {
      pages.server.set({labels: {host: ['a'], version: ['start_thread', 'main', '[unsampled]']}});
      const driver = await opened('?show=both');
      await driver.page.selectOption('[aria-label="Group by"]', 'version');
      await queryIs(driver, '?by=version&show=both');
      assert.equal(asked().get('by'), 'version');
      const rows = await driver.page.evaluate(
          () => [...document.querySelectorAll('#top-groups .fn')].map(
              ({textContent}) => textContent));
      assert.deepEqual(rows, ['start_thread', 'main', '[unsampled]']);
      const {legend, painted} = await driver.page.evaluate(() => {
        const swatch = [...document.querySelectorAll('#timeline-legend button')]
                           .find(({textContent}) => textContent === 'main')
                           .firstChild;
        const canvas = document.getElementById('flame');
        const box = canvas.getBoundingClientRect();
        const at = window.__stackcollector.rectangleOf('main');
        const [x, y] = [at.x - box.left + at.width - 6, at.y - box.top + at.height / 2].map(
            (v) => Math.round(v * devicePixelRatio));
        return {
          legend: getComputedStyle(swatch).backgroundColor,
          painted: `rgb(${
                  [...canvas.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3)].join(
                      ', ')})`
        };
      });
      assert.equal(painted, legend);
      await driver.page.click('#top-groups >> text=main');
      await driver.zoomed(['main']);
      await driver.close();
    });

test(
    'Edit: f, x and h act on the frame the keyboard is on; what is left out is shown', async () => {
      const driver = await opened('?fn=epoll_wait');
      const {keyboard} = driver.page;
      await keyboard.press('x');
      await queryIs(driver, '?edit=drop:epoll_wait&fn=epoll_wait');
      assert.deepEqual(await chips(driver), ['without epoll_wait']);
      await driver.shows('#left-out', '210 ms (1.29 %) left out');
      assert.equal(
          await driver.page.evaluate(() => window.__stackcollector.rectangleOf('epoll_wait')),
          undefined);
      await driver.page.goto(`${pages.server.url}?fn=recv`);
      await driver.idle();
      await keyboard.press('f');
      await queryIs(driver, '?edit=focus:recv&fn=recv');
      await driver.shows('#summary', '160 ms of CPU');
      await keyboard.press('h');
      await queryIs(driver, '?edit=focus:recv;hide:recv&fn=recv');
      await driver.shows('#summary', '160 ms of CPU');
      await driver.close();
    });

test('Edit: hiding a frame on the way to the zoom keeps the zoom', async () => {
  const driver = await opened(`?path=${PLACE.join(';')}`);
  await driver.page.keyboard.press('h');
  await driver.zoomed(PLACE.slice(0, -1));
  assert.deepEqual(await chips(driver), [`hidden: ${PLACE.at(-1)}`]);
  assert.equal(await driver.page.$('[data-key=path]'), null);
  await driver.close();
});

test('Edit: the menu of a frame has them, its module too; every answer gets them', async () => {
  const driver = await opened('?show=both&q=json');
  const box = await driver.page.evaluate(() => window.__stackcollector.rectangleOf('recv'));
  await driver.page.mouse.click(box.x + box.width / 2, box.y + 5, {button: 'right'});
  await driver.page.click('#menu >> text=Hide all of libc');
  await queryIs(driver, '?edit=module:/usr/lib/x86_64-linux-gnu/libc.so.6&q=json&show=both');
  for (const path of ['flame', 'top', 'search', 'timeline']) {
    const last = pages.server.requests.findLast(({pathname}) => pathname === `/api/v1/${path}`);
    assert.equal(last.searchParams.get('edit'), 'module:/usr/lib/x86_64-linux-gnu/libc.so.6', path);
  }
  await driver.close();
});

test(
    'Edit: m and R go on and off; edits that leave nothing are named and can be dropped',
    async () => {
      const driver = await opened();
      await driver.page.keyboard.press('m');
      await queryIs(driver, '?edit=mine');
      await driver.page.keyboard.press('Shift+R');
      await queryIs(driver, '?edit=mine;recursion');
      await driver.page.keyboard.press('m');
      await queryIs(driver, '?edit=recursion');
      await driver.page.goto(`${pages.server.url}?edit=focus:nowhere`);
      await driver.shows('#card', 'left out by what is asked of the stacks');
      await driver.page.click('text=Drop “only through nowhere”');
      await driver.until(() => document.getElementById('card').hidden);
      await driver.close();
    });

test('Search: n and N walk the frames that are lit up, and round again', async () => {
  const driver = await opened('?q=ParseString|recv');
  const walked = [];
  for (const key of ['n', 'n', 'n', 'N']) {
    await driver.page.keyboard.press(key === 'N' ? 'Shift+N' : key);
    walked.push((await driver.page.inputValue('#status').catch(() => driver.text('#status')))
                    .split(' · ')[0]);
  }
  const [string, recv] = ['shop::json::Parser::ParseString', 'recv'];
  assert.deepEqual(walked, [string, recv, string, recv]);
  await driver.close();
});

test('Edit: x acts on the frame of the keyboard between callers and callees too', async () => {
  const driver = await opened('?sandwich=shop::Reactor::Loop');
  const {keyboard} = driver.page;
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await driver.shows('#status', 'shop::http::Connection::Read');
  await keyboard.press('x');
  await driver.until(() => location.search.includes('edit=drop:shop::http::Connection::Read'));
  await driver.close();
});
