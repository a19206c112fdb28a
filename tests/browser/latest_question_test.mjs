// SPDX-License-Identifier: MIT
//
// Answers that come in another order than they were asked for.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {LatestQuestion} from '../../src/visualizer/page/latest_question.js';

function refusal() {
  return Object.assign(new Error('refused'), {refusal: true});
}

// A server that answers when it is told to, and does not hear that nobody waits any more.
function deafServer() {
  const open = [];
  return {
    open,
    get: () => new Promise((resolve, reject) => open.push({resolve, reject})),
  };
}

test('Latest question: an answer to an older one is never given, whenever it comes', async () => {
  const latest = new LatestQuestion();
  const server = deafServer();
  const first = latest.ask('total', server.get);
  const second = latest.ask('self', server.get);
  server.open[1].resolve('by self');
  server.open[0].resolve('by total');
  assert.equal(await second, 'by self');
  assert.equal(await first, undefined);
});

test('Latest question: asked back, the older one is asked again', async () => {
  const latest = new LatestQuestion();
  const server = deafServer();
  const asked = ['a', 'ab', 'a'].map((question) => latest.ask(question, server.get));
  assert.equal(server.open.length, 3);
  server.open.forEach(({resolve}, i) => resolve(i));
  assert.deepEqual(await Promise.all(asked), [undefined, undefined, 2]);
});

test('Latest question: what was answered is not asked again until it is forgotten', async () => {
  const latest = new LatestQuestion();
  let asked = 0;
  const get = async () => ++asked;
  assert.equal(await latest.ask('a', get), 1);
  assert.equal(await latest.ask('a', get), undefined);
  latest.forget();
  assert.equal(await latest.ask('a', get), 2);
});

test(
    'Latest question: what is refused fails again unasked, what failed otherwise is asked',
    async () => {
      const latest = new LatestQuestion();
      let asked = 0;
      const fails = (error) => async () => {
        ++asked;
        throw error;
      };
      await assert.rejects(latest.ask('a', fails(refusal())), /refused/);
      await assert.rejects(latest.ask('a', fails(refusal())), /refused/);
      assert.equal(asked, 1);
      await assert.rejects(latest.ask('b', fails(new Error('busy'))), /busy/);
      await assert.rejects(latest.ask('b', fails(new Error('busy'))), /busy/);
      assert.equal(asked, 3);
    });

test('Latest question: a refusal ends with its question', async () => {
  const latest = new LatestQuestion();
  const refuse = async () => {
    throw refusal();
  };
  await assert.rejects(latest.ask('a', refuse), /refused/);
  assert.equal(await latest.ask('b', async () => 'b'), 'b');
  assert.equal(await latest.ask('b', refuse), undefined);
  await assert.rejects(latest.ask('a', refuse), /refused/);
  latest.forget();
  assert.equal(await latest.ask('a', async () => 'a'), 'a');
});

test('Latest question: the older one is aborted, and its failure is nobody\'s', async () => {
  const latest = new LatestQuestion();
  const server = deafServer();
  let heard;
  const first = latest.ask('a', (signal) => {
    heard = signal;
    return server.get();
  });
  const second = latest.ask('b', server.get);
  assert.equal(heard.aborted, true);
  server.open[0].reject(new Error('gone'));
  server.open[1].resolve('b');
  assert.equal(await first, undefined);
  assert.equal(await second, 'b');
});
