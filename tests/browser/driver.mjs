// SPDX-License-Identifier: MIT
//
// Drives the page in Chromium: opens it, waits for what it says of itself, gathers what went wrong.
import assert from 'node:assert/strict';

const WAIT_MS = 20000;
const POLL_MS = 20;

export class Driver {
  constructor(page, url) {
    this.page = page;
    this.url = url;
    this.problems = [];
  }

  /**
   * A page of its own context; `problems` gathers script errors, refused policies and failed
   * loads.
   */
  static async open(
      browser, url, {query = '', viewport = {width: 1280, height: 720}, ...context} = {}) {
    const page = await (await browser.newContext({viewport, ...context})).newPage();
    const driver = new Driver(page, url);
    page.on('pageerror', (error) => driver.problems.push(`script: ${error.stack}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        driver.problems.push(`console: ${message.text()}`);
    });
    await page.goto(url + query);
    return driver;
  }

  close() {
    return this.page.context().close();
  }

  /**
   * Polls from here: the page's policy forbids the evaluation that Playwright's own waiting uses.
   */
  async until(predicate, argument, what = predicate) {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const value = await this.page.evaluate(predicate, argument);
      if (value) return value;
      if (Date.now() > end)
        assert.fail(`waited in vain for: ${what}; problems: ${this.problems.join(' | ')}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  idle() {
    return this.until(() => window.__stackcollector?.idle);
  }

  zoomed(path) {
    return this.until(
        (wanted) =>
            window.__stackcollector.idle && JSON.stringify(window.__stackcollector.path) === wanted,
        JSON.stringify(path), `zoom to ${path.join(';')}`);
  }

  async clickFrame(name) {
    const box = await this.until(
        (wanted) => window.__stackcollector.rectangleOf(wanted), name, `frame ${name}`);
    await this.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  }

  async hoverFrame(name) {
    const box = await this.until(
        (wanted) => window.__stackcollector.rectangleOf(wanted), name, `frame ${name}`);
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  }

  async search(pattern) {
    await this.page.fill('#q', pattern);
    await this.until(
        (q) => window.__stackcollector.idle && new URLSearchParams(location.search).get('q') === q,
        pattern, `search for ${pattern}`);
  }

  statistics() {
    return this.page.evaluate(() => window.__stackcollector.statistics);
  }

  searchResult() {
    return this.page.evaluate(() => window.__stackcollector.search);
  }

  text(selector) {
    return this.page.textContent(selector);
  }

  shows(selector, part) {
    return this.until(([where, wanted]) => {
      const element = document.querySelector(where);
      return element && !element.hidden && element.textContent.includes(wanted);
    }, [selector, part], `“${part}” in ${selector}`);
  }

  /**
   * A picture for docs/images: written where STACKCOLLECTOR_PICTURES names a folder, else only
   * taken.
   */
  async picture(name) {
    const folder = process.env.STACKCOLLECTOR_PICTURES;
    const png = await this.page.screenshot(folder ? {path: `${folder}/${name}.png`} : {});
    assert.ok(png.length > 1000);
  }

  parameters() {
    return new URL(this.page.url()).searchParams;
  }
}
