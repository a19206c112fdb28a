// SPDX-License-Identifier: MIT
//
// Answers that come in another order than they were asked for.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {LatestQuestion} from '../../src/visualizer/page/latest_question.js';
import {PacedQuestion, wordsOf} from '../../src/visualizer/page/paced_question.js';

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

const live = (fn) => wordsOf('-15minutes', fn);

test('Paced question: one that is awaited is not asked again in the same words', async () => {
  const paced = new PacedQuestion();
  const server = deafServer();
  const first = paced.ask('05:00', live('f'), server.get);
  assert.equal(await paced.ask('05:05', live('f'), server.get), undefined);
  assert.equal(server.open.length, 1);
  server.open[0].resolve('as of 05:00');
  assert.equal(await first, 'as of 05:00');
  assert.equal(paced.isAwaited, false);
});

test(
    'Paced question: when not live, another moment is asked for although one is awaited',
    async () => {
      const paced = new PacedQuestion();
      const server = deafServer();
      const asked = ['05:00', '05:05'].map((at) => paced.ask(at, wordsOf('', 'f'), server.get));
      server.open.forEach(({resolve}, i) => resolve(i));
      assert.deepEqual(await Promise.all(asked), [undefined, 1]);
    });

test('Paced question: back at what was answered, nothing else is awaited any more', async () => {
  const paced = new PacedQuestion();
  const server = deafServer();
  let heard;
  await paced.ask('05:00 f', live('f'), async () => 'f');
  const other = paced.ask('05:05 g', live('g'), (signal) => {
    heard = signal;
    return server.get();
  });
  assert.equal(paced.isAwaited, true);
  assert.equal(await paced.ask('05:10 f', live('f'), server.get), undefined);
  assert.deepEqual([paced.isAwaited, heard.aborted, server.open.length], [false, true, 1]);
  server.open[0].resolve('g');
  assert.equal(await other, undefined);
});

test('Paced question: an answer does for half a minute, then it is asked again', async (t) => {
  const paced = new PacedQuestion();
  let [now, asked] = [1000000, 0];
  t.mock.method(Date, 'now', () => now);
  const get = async () => ++asked;
  assert.equal(await paced.ask('05:00', live('f'), get), 1);
  now += 29000;
  assert.equal(await paced.ask('05:29', live('f'), get), undefined);
  now += 1000;
  assert.equal(await paced.ask('05:30', live('f'), get), 2);
});

test('Paced question: a refusal fails again unasked, another failure is asked again', async () => {
  const paced = new PacedQuestion();
  let asked = 0;
  const fails = (error) => async () => {
    ++asked;
    throw error;
  };
  const [refused, busy] = [refusal(), new Error('busy')].map(fails);
  await assert.rejects(paced.ask('05:00', live('f'), refused), /refused/);
  await assert.rejects(paced.ask('05:05', live('f'), refused), /refused/);
  assert.equal(asked, 1);
  for (const at of ['05:10', '05:15']) {
    await assert.rejects(paced.ask(at, live('g'), busy), /busy/);
    assert.equal(paced.isAwaited, false);
  }
  assert.equal(asked, 3);
});

test('Paced question: what is forgotten is asked again', async () => {
  const paced = new PacedQuestion();
  assert.equal(await paced.ask('05:00', live('f'), async () => 1), 1);
  paced.forget();
  assert.equal(await paced.ask('05:05', live('f'), async () => 2), 2);
});
