// SPDX-License-Identifier: MIT
//
// What the peers are given, made out of our own answers, from memory.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {extname} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SPEEDSCOPE = `${HERE}node_modules/speedscope/dist/release/`;
const D3_HTML = '<!doctype html><meta charset=utf-8><div id=chart></div>' +
    '<script type=module src=d3.js></script>';
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json'
};

/** {tree, profile}: for d3-flame-graph and for speedscope, as buffers. */
export async function filesOf(visualizerUrl) {
  const answer = await fetch(`${visualizerUrl}api/v1/export?format=speedscope&from=0`);
  if (!answer.ok) throw new Error(`export: ${await answer.text()}`);
  const profile = Buffer.from(await answer.arrayBuffer());
  return {tree: Buffer.from(JSON.stringify(treeOf(JSON.parse(profile)))), profile};
}

/** The stacks of a speedscope file as {name, value, children}; a value holds its children's. */
function treeOf({shared: {frames}, profiles}) {
  const root = {name: 'all', value: 0, children: new Map()};
  for (const {samples, weights} of profiles) {
    samples.forEach((stack, i) => {
      let node = root;
      node.value += weights[i];
      for (const frame of stack) {
        if (!node.children.has(frame))
          node.children.set(frame, {name: frames[frame].name, value: 0, children: new Map()});
        node = node.children.get(frame);
        node.value += weights[i];
      }
    });
  }
  const listed = ({name, value, children}) =>
      ({name, value, children: [...children.values()].map(listed)});
  return listed(root);
}

export const compressedBytes = (file) => gzipSync(file, {level: 6}).length;

/** {url, close()} */
export async function serve({tree, profile}) {
  const d3 = execFileSync(
      'esbuild',
      ['--bundle', '--format=esm', '--minify', '--loader:.css=text', `${HERE}d3_page.mjs`]);
  const own = {'/d3.html': D3_HTML, '/d3.js': d3, '/tree.json': tree, '/profile.json': profile};
  const server = createServer((request, response) => {
    const {pathname} = new URL(request.url, 'http://host');
    const file = SPEEDSCOPE + pathname.replace('/speedscope/', '');
    const body = own[pathname] ?? (existsSync(file) ? readFileSync(file) : undefined);
    response.writeHead(
        body ? 200 : 404, {'Content-Type': TYPES[extname(pathname)] ?? 'application/octet-stream'});
    response.end(body ?? '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close()};
}
