// SPDX-License-Identifier: MIT
//
// The profile model of Chrome DevTools reads our .cpuprofile: its tree and its timeline hold the
// weights that are in it. CPUPROFILE names the file; without it, one is made here.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {before, test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {loadProfile, weightsOf} from './profile_fixture.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODEL =
    './node_modules/chrome-devtools-frontend/front_end/models/cpu_profile/CPUProfileDataModel.ts';
const TOLERANCE_MS = 1e-6;

let CPUProfileDataModel;

before(async () => {
  assert.ok(
      existsSync(HERE + MODEL),
      'chrome-devtools-frontend is missing: run `npm ci` in tests/browser');
  const bundle = execFileSync(
      'esbuild', ['--bundle', '--platform=node', '--format=esm', '--loader=ts'],
      {cwd: HERE, input: `export * from '${MODEL}';`, stdio: ['pipe', 'pipe', 'inherit']});
  ({CPUProfileDataModel} =
       await import(`data:text/javascript;base64,${bundle.toString('base64')}`));
});

function addTo(map, key, value) {
  map.set(key, (map.get(key) ?? 0) + value);
}

function assertClose(actual, wanted, what) {
  assert.ok(
      Math.abs(actual - wanted) <= TOLERANCE_MS * Math.max(1, wanted),
      `${what}: ${actual} ms, not ${wanted} ms`);
}

test('CpuProfile: the DevTools tree has each function’s hits as self time', () => {
  const profile = loadProfile();
  const msPerHit = (profile.endTime - profile.startTime) / 1000 /
      profile.nodes.reduce((sum, {hitCount}) => sum + hitCount, 0);
  const expected = new Map();
  for (const {callFrame, hitCount} of profile.nodes)
    addTo(expected, callFrame.functionName, hitCount * msPerHit);

  const shown = new Map();
  const pending = [new CPUProfileDataModel(profile).root];
  for (const node of pending) {
    addTo(shown, node.functionName, node.self);
    assertClose(
        node.total, node.self + node.children.reduce((sum, child) => sum + child.total, 0),
        node.functionName);
    pending.push(...node.children);
  }
  assert.ok(expected.size > 1);
  for (const [name, self] of expected) assertClose(shown.get(name), self, name);
});

test('CpuProfile: the DevTools timeline gives each function the time its samples lasted', () => {
  const profile = loadProfile();
  const shown = new Map();
  new CPUProfileDataModel(profile).forEachFrame(
      () => {},
      (depth, node, index, start, duration, self) => addTo(shown, node.functionName, self));
  const expected = new Map();
  for (const {name, self} of weightsOf(profile)) addTo(expected, name, self / 1000);
  expected.delete('(root)');
  assert.ok(expected.size > 1);
  for (const [name, self] of expected) assertClose(shown.get(name) ?? 0, self, name);
});

if (!process.env.CPUPROFILE) {
  test('CpuProfile: the samples a, b, a, a, a read back as a:4 b:1, in their order', () => {
    const opened = [];
    const model = new CPUProfileDataModel(loadProfile());
    model.forEachFrame((depth, node) => opened.push(node.functionName), () => {});
    assert.deepEqual(opened, ['main', 'a', 'b', 'a']);
    const [main] = model.root.children;
    assert.deepEqual(
        Object.fromEntries(main.children.map(({functionName, self}) => [functionName, self])),
        {a: 40, b: 10});
  });
}
