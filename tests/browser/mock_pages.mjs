// SPDX-License-Identifier: MIT
//
// Chromium and the mock for a test file: started before its tests, ended after them, the mock's
// store put back to the believable service before each.
import {after, before, beforeEach} from 'node:test';

import {launchChromium} from './browser.mjs';
import {Driver} from './driver.mjs';
import {startMockServer} from './mock_server.mjs';
import {serviceTree} from './trees.mjs';

/** A path that is in serviceTree(). */
export const PLACE = [
  'start_thread', 'shop::WorkerPool::Run', 'shop::http::Server::HandleRequest',
  'shop::OrderService::Place'
];

export class MockPages {
  constructor() {
    before(async () => {
      this.browser = await launchChromium();
      this.server = await startMockServer();
    });
    beforeEach(() => {
      this.server.set({tree: serviceTree()});
      this.server.requests.length = 0;
    });
    after(async () => {
      await this.browser?.close();
      await this.server?.close();
    });
  }

  visit(query = '', options = {}) {
    return Driver.open(this.browser, this.server.url, {query, ...options});
  }

  flameRequests() {
    return this.server.requests.filter(({pathname}) => pathname === '/api/v1/flame');
  }
}
