// SPDX-License-Identifier: MIT
//
// Our own programs around a browser test: a profile of any names goes the way of every profile, from
// a target through the collector into a store, and is served by the visualizer.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';

const BIN = process.env.STACKCOLLECTOR_BIN ?? '';
const MOST_OUTPUT_BYTES = 256 << 20;

export class TemporaryFolder {
  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'stackcollector-browser-'));
  }
  file(name) {
    return join(this.path, name);
  }
  remove() {
    rmSync(this.path, {recursive: true, force: true});
  }
}

/** What a program prints; a failing one fails the test with what it said. */
export async function run(program, ...args) {
  const {stdout} = await promisify(execFile)(program, args, {maxBuffer: MOST_OUTPUT_BYTES});
  return stdout;
}

export function ours(name) {
  assert.ok(existsSync(join(BIN, name)), `${name} is not in STACKCOLLECTOR_BIN=${BIN}: build it`);
  return join(BIN, name);
}

/**
 * A new store in `folder` with one window that holds `pprof`, bytes or what makes them when they are
 * asked for; `options` are the collector's.
 */
export async function storeOf(folder, pprof, ...options) {
  const target = createServer((request, response) => {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'X-Stacksampler-Instance': 'ab',
      'X-Stacksampler-Window': '1'
    });
    response.end(typeof pprof === 'function' ? pprof() : pprof);
  });
  await new Promise((resolve) => target.listen(0, '127.0.0.1', resolve));
  const {port} = target.address();
  const store = join(folder, 'store');
  await run(ours('collector'), '--once', '--host', '127.0.0.1', '--ports', `${port}`, '--dbpath', store, ...options);
  target.close();
  return store;
}

/** {url, stop()} */
export async function serve(store, ...options) {
  const visualizer = spawn(
      ours('visualizer'), ['--port', '0', '--dbpath', store, ...options],
      {stdio: ['ignore', 'pipe', 'inherit']});
  const lines = createInterface({input: visualizer.stdout});
  const [url] = await new Promise((resolve, reject) => {
    lines.once('line', (line) => resolve([line.trim()]));
    visualizer.once('exit', (code) => reject(new Error(`visualizer ended with ${code}`)));
  });
  return {url, stop: () => visualizer.kill('SIGTERM')};
}

/**
 * Stacks [[names root first], weight] of `period` nanoseconds each, as pprof, of a window that ends
 * at `end` in ns; with a third member, nanoseconds since the epoch, sampled then.
 */
export function pprofOf(stacks, period = 10_000_000, end = 0) {
  const strings = new Map([['', 0]]);
  const intern = (text) => {
    if (!strings.has(text)) strings.set(text, strings.size);
    return strings.get(text);
  };
  const [samples, count, cpu, nanoseconds] = ['samples', 'count', 'cpu', 'nanoseconds'].map(intern);
  const functions = new Map();
  const idOf = (name) => {
    if (!functions.has(name)) functions.set(name, functions.size + 1);
    return functions.get(name);
  };
  const parts = [
    bytes(1, [...number(1, samples), ...number(2, count)]),
    bytes(1, [...number(1, cpu), ...number(2, nanoseconds)]),
  ];
  for (const [names, weight, moment] of stacks) {
    const locations = names.map(idOf).reverse();
    const label = moment === undefined ? [] : bytes(3, [...number(1, intern('end_timestamp_ns')), ...number(3, moment)]);
    parts.push(bytes(
        2,
        [...bytes(1, locations.flatMap(varint)), ...bytes(2, [weight, weight * period].flatMap(varint)), ...label]));
  }
  for (const [name, id] of functions) {
    parts.push(bytes(4, [...number(1, id), ...bytes(4, [...number(1, id)])]));
    parts.push(bytes(5, [...number(1, id), ...number(2, intern(name))]));
  }
  parts.push(bytes(11, [...number(1, cpu), ...number(2, nanoseconds)]), number(12, period));
  if (end > 0) parts.push(number(9, end), number(10, 0));
  for (const text of strings.keys()) parts.push(bytes(6, Buffer.from(text)));
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function varint(value) {
  const out = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push(value % 128 + 128);
  return [...out, value];
}

const number = (field, value) => [...varint(field * 8), ...varint(value)];

/** A field of bytes; not by spreading, for a name may be longer than a call takes arguments. */
function bytes(field, content) {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), Buffer.from(content)]);
}
