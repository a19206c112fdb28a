// SPDX-License-Identifier: MIT
//
// The page beside d3-flame-graph and speedscope, on the same trees, taking turns.
// usage: page_bench.mjs BUILD_DIR [--runs N] [--nodes N,N,...] [--alone-from N]
// Ends with 1 when one of them did not come to an end, with what it said.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {d3FlameGraph, ours, speedscope, startVisualizer} from './contestants.mjs';
import {compressedBytes, filesOf, serve} from './site.mjs';

const ROWS = [
  ['navigation', 'to the question, ms', 'asked', (value) => value.toFixed(0)],
  ['navigation', 'to the answer, ms', 'answered', (value) => value.toFixed(0)],
  ['navigation', 'to painted, ms', 'navigation', (value) => value.toFixed(0)],
  ['zoom', 'click to painted, ms', 'zoom', (value) => value.toFixed(1)],
  ['memory', 'of the renderer, MB', 'memory', (value) => (value / 1e6).toFixed(0)],
  ['bytes', 'of the first frame, KB', 'bytes', (value) => (value / 1e3).toFixed(0)],
  ['search', 'of a regex, ms', 'search', (value) => value.toFixed(1)],
];

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    'runs': {type: 'string', default: '3'},
    'nodes': {type: 'string', default: '1000,10000,100000,1000000,10000000'},
    'alone-from': {type: 'string', default: '5000000'},  // beyond, the peers are not asked
  }
});
const bin = join(positionals[0] ?? 'build/release', 'bin');

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const load = () => readFileSync('/proc/loadavg', 'latin1').split(' ').slice(0, 3).join(' ');

async function contestantsFor(store, withPeers) {
  const all = {'ours': ours(join(bin, 'visualizer'), store)};
  if (!withPeers) return {all, close: () => {}};
  const server = await startVisualizer(join(bin, 'visualizer'), store);
  const files = await filesOf(server.url);
  server.stop();
  const site = await serve(files);
  all['d3-flame-graph'] = d3FlameGraph(site.url, compressedBytes(files.tree));
  all['speedscope'] = speedscope(site.url, compressedBytes(files.profile));
  return {all, close: site.close};
}

function print(nodes, results) {
  const names = Object.keys(results);
  const line = (cells) =>
      console.log(cells.map((cell, i) => i ? cell.padStart(18) : cell.padEnd(36)).join(''));
  line([`${nodes.toLocaleString('en-US')} calls`, ...names]);
  for (const [name, what, key, format] of ROWS) {
    const medians = names.map((name) => median(results[name].map((each) => each[key])));
    const cells = medians.map((value, i) => {
      if (value === undefined) return '-';  // it has none, or did not come to an end
      return i === 0 ? format(value) : `${format(value)} (${(value / medians[0]).toFixed(1)}x)`;
    });
    line([`${name} ${what}`, ...cells]);
  }
  console.log('');
}

async function compare(nodes, folder) {
  const store = join(folder, `${nodes}`);
  execFileSync(join(bin, 'page_store'), [`${nodes}`, store]);
  const {all, close} = await contestantsFor(store, nodes < Number(values['alone-from']));
  const results = {};
  for (let run = 0; run < Number(values.runs); ++run) {
    for (const [name, measure] of Object.entries(all)) {
      const measured = await measure().catch((error) => ({failed: error.message}));
      if (measured.failed) process.exitCode = 1;
      (results[name] ??= []).push(measured);
      console.error(`${nodes} calls, ${name}: ${JSON.stringify(measured)}`);
    }
  }
  close();
  rmSync(store, {recursive: true});
  print(nodes, results);
}

const folder = mkdtempSync(join(tmpdir(), 'page-bench-'));
try {
  console.log(`medians of ${values.runs} runs; load average ${load()}\n`);
  for (const nodes of values.nodes.split(',').map(Number)) await compare(nodes, folder);
  console.log(`load average ${load()}`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
