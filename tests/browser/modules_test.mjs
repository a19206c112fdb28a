// SPDX-License-Identifier: MIT
//
// The page's modules that need no browser.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Columns} from '../../src/visualizer/page/columns.js';
import {formatCount, formatPercent, formatSpan, formatWeight} from '../../src/visualizer/page/format.js';
import {Held} from '../../src/visualizer/page/held.js';
import {Layout, layOut, MIN_FRAME_PX} from '../../src/visualizer/page/layout.js';
import {decodePath, encodePath, formatState, parseState} from '../../src/visualizer/page/state.js';
import {baseFilter, describeEdit, formatFilter, parseFilter, toggled, withTerm} from '../../src/visualizer/page/terms.js';
import {baseName, familyOf, scopesAndEnd, shorterNames, visible, withoutTemplateArguments} from '../../src/visualizer/page/text.js';

import {startMockServer} from './mock_server.mjs';
import {bigTree, HOSTILE, serviceTree} from './trees.mjs';

async function answerFor(tree, {prune = false, ...parameters} = {}) {
  const server = await startMockServer();
  server.set({tree, prune});
  const asked = new URLSearchParams({from: '-15minutes', until: 'now', ...parameters});
  const answer = await (await fetch(`${server.url}api/v1/flame?${asked}`)).json();
  await server.close();
  return answer;
}

const columnsOf = async (tree, options) => new Columns(await answerFor(tree, options));

function layoutOf(columns, view) {
  const layout = new Layout();
  layOut(
      columns, {from: 0, to: columns.total[0], width: 1600, firstRow: 0, lastRow: 65535, ...view},
      layout);
  return layout;
}

test('Columns: parents, ends and left edges follow from preorder and depth', async () => {
  const columns = await columnsOf(serviceTree());
  for (let i = 1; i < columns.count; ++i) {
    const p = columns.parent[i];
    assert.equal(columns.depth[i], columns.depth[p] + 1);
    assert.ok(p < i && i < columns.end[p] && columns.end[i] <= columns.end[p]);
    assert.ok(columns.x[i] >= columns.x[p]);
    assert.ok(columns.x[i] + columns.total[i] <= columns.x[p] + columns.total[p] - columns.self[p]);
  }
  assert.equal(columns.end[0], columns.count);
});

test(
    'Columns: every node is found by its own path, a lost path by its longest prefix', async () => {
      const columns = await columnsOf(serviceTree());
      for (let i = 0; i < columns.count; ++i) {
        assert.deepEqual(columns.find(columns.pathOf(i)), {node: i, complete: true});
      }
      const {node, complete} = columns.find(['main', 'shop::Reactor::Loop', 'gone', 'recv']);
      assert.equal(columns.label(node), 'shop::Reactor::Loop');
      assert.equal(complete, false);
    });

test('Columns: a zoomed answer holds only what lies below its root', async () => {
  const columns =
      await columnsOf(serviceTree(), {root: encodePath(['main', 'shop::Reactor::Loop'])});
  assert.equal(columns.find(['main']), undefined);
  assert.deepEqual(columns.find(['main', 'shop::Reactor::Loop']), {node: 0, complete: true});
  assert.equal(columns.row(0), 2);
});

for (const order of ['heavy', 'name']) {
  test(`Layout: paints exactly the frames of half a pixel and more, order ${order}`, async () => {
    const columns = await columnsOf(bigTree(20000), {order});
    const layout = layoutOf(columns);
    const scale = 1600 / columns.total[0];
    const wide = Array.from(columns.total).filter((total) => total * scale >= MIN_FRAME_PX).length;
    const frames = layout.rest.filter((rest) => rest === 0).length;
    assert.equal(frames, wide);
    assert.ok(frames > 100 && frames < columns.count / 4);
  });
}

test(
    'Layout: frames of one row neither overlap nor leave the view, wherever it looks', async () => {
      const columns = await columnsOf(bigTree(5000), {prune: true, width: 1600});
      for (const [from, to] of [[0, 1], [0.1, 0.2], [0.37, 0.371], [0.9, 1]]) {
        const layout =
            layoutOf(columns, {from: from * columns.total[0], to: to * columns.total[0]});
        const byRow = new Map();
        for (let k = 0; k < layout.size; ++k) {
          assert.ok(layout.left[k] >= 0 && layout.left[k] + layout.width[k] <= 1600 + 1e-6);
          byRow.set(
              layout.row[k],
              [...(byRow.get(layout.row[k]) ?? []), [layout.left[k], layout.width[k]]]);
        }
        for (const spans of byRow.values()) {
          spans.sort((a, b) => a[0] - b[0]);
          for (let k = 1; k < spans.length; ++k)
            assert.ok(spans[k][0] >= spans[k - 1][0] + spans[k - 1][1] - 1e-6);
        }
      }
    });

test('Layout: hidden weight and frames too narrow to see stand together as one remainder', () => {
  const nodes = {
    depth: [0, 1, 1, 1],
    name: [0, 1, 2, 3],
    module: [0, 0, 0, 0],
    total: [10000, 6000, 2, 2],
    self: [0, 6000, 2, 2],
    hidden: [3996, 0, 0, 0],
    inlined: [0, 0, 0, 0]
  };
  const columns = new Columns({
    root: [],
    names: ['all', 'a', 'b', 'c'],
    modules: [''],
    nodes,
    total: 10000,
    unit: 'samples'
  });
  const layout = layoutOf(columns, {width: 1000});
  const rest = layout.rest.indexOf(1);
  assert.equal(layout.rest.filter(Boolean).length, 1);
  assert.equal(layout.node[rest], 0);
  assert.equal(layout.row[rest], 1);
  assert.ok(Math.abs(layout.left[rest] - 600) < 1e-6 && Math.abs(layout.width[rest] - 400) < 1e-6);
});

test('Layout: steps over rows that are not in view', async () => {
  const columns = await columnsOf(serviceTree());
  const layout = layoutOf(columns, {firstRow: 3, lastRow: 5});
  assert.deepEqual([...new Set(layout.row)].sort(), [3, 4, 5]);
});

test('Layout: finds the frame under a point and nothing beside it', async () => {
  const columns = await columnsOf(serviceTree());
  const layout = layoutOf(columns);
  const k = layout.indexOf(1);
  assert.equal(layout.at(layout.left[k] + 1, 1), k);
  assert.equal(layout.at(1599.9, 4), -1);
});

test(
    'Held: the way between two zooms is shown in columns that hold both, the goal in the finest',
    async () => {
      const query = {from: '-1hour', until: 'now', where: '', by: '', edit: '', order: 'heavy'};
      const held = new Held(query, 1600, await answerFor(serviceTree()));
      const path = ['main', 'shop::Reactor::Loop'];
      held.add(await answerFor(serviceTree(), {root: encodePath(path)}));
      assert.deepEqual(held.covering(path, []).columns.rootPath, []);
      assert.deepEqual(held.finest(path).columns.rootPath, path);
      assert.equal(held.query.until, '2026-11-22T05:40:00Z');
      assert.equal(held.finest(['nowhere']), undefined);
    });

test('State: what is written to the URL is read back, whatever the names hold', () => {
  const states = [[], ['main'], HOSTILE, ['a;b', '100%', '%3B', 'x & y = z', '+', '#']].map(
      (path) => ({
        ...parseState(new URL('http://host/')),
        path,
        q: '^std::(a|b)&+ #',
        where: 'host=web-1;version!=a%3Bb',
        edit: 'drop:operator%3B;hide~^std::;mine',
        live: true,
        order: 'name'
      }));
  for (const state of states)
    assert.deepEqual(parseState(new URL(formatState(state), 'http://host/')), state);
  assert.equal(formatState(parseState(new URL('http://host/'))), '');
});

test(
    'State: host, port and thread may be parameters of their own, as the server takes them', () => {
      const {where} = parseState(new URL('http://host/?thread=a;b&host=web-1&where=version!=2'));
      assert.equal(where, 'host=web-1;thread=a%3Bb;version!=2');
      assert.deepEqual(
          parseFilter(where).map(({key, value, negated}) => [key, value, negated]),
          [['host', 'web-1', false], ['thread', 'a;b', false], ['version', '2', true]]);
      assert.equal(formatFilter(parseFilter(where)), where);
    });

test('Terms: a base of labels keeps what it does not name', () => {
  assert.equal(baseFilter('host=a;version=1', 'version=2'), 'host=a;version=2');
  assert.equal(baseFilter('host=a;host=b', 'host!=a'), 'host!=a');
  assert.equal(baseFilter('', 'x=y=z'), 'x=y=z');
});

test('Terms: an edit reads as words, is added once and taken back', () => {
  assert.deepEqual(
      ['focus:a', 'drop~^b', 'hide:c:d', 'module:libc.so.6', 'mine', 'recursion', 'odd'].map(
          describeEdit),
      [
        'only through a', 'without /^b/', 'hidden: c:d', 'hidden module: libc.so.6', 'only my code',
        'recursion folded', 'odd'
      ]);
  assert.equal(withTerm(withTerm('mine', 'drop:a;b'), 'drop:a;b'), 'mine;drop:a%3Bb');
  assert.equal(toggled(toggled('drop:a', 'mine'), 'mine'), 'drop:a');
});

test('State: C++ names stay readable in the URL', () => {
  const state = {...parseState(new URL('http://host/')), path: ['main', 'svc::Server::Run']};
  assert.equal(formatState(state), '?path=main;svc::Server::Run');
});

test('State: a path too long for a request is kept in the fragment', () => {
  const path = Array.from({length: 5000}, (_, i) => `recurse_${i}`);
  const url =
      new URL(formatState({...parseState(new URL('http://host/')), q: 'x', path}), 'http://host/');
  assert.equal(url.search, '?q=x');
  assert.deepEqual(parseState(url).path, path);
});

test('State: a path survives its own separators', () => {
  const path = ['operator;', '50%', '%3B', 'plain'];
  assert.equal(encodePath(path), 'operator%3B;50%25;%253B;plain');
  assert.deepEqual(decodePath(encodePath(path)), path);
});

test('Text: what cannot be seen is spelled out, what can stays', () => {
  assert.equal(visible('safe\u202Egnirts'), 'safe\\u{202e}gnirts');
  assert.equal(
      visible('a\u0007b\u200Bc\u2028d\u{E0041}'), 'a\\u{7}b\\u{200b}c\\u{2028}d\\u{e0041}');
  assert.equal(visible('имя::函数 <T>'), 'имя::函数 <T>');
});

test('Text: a name of spaces is no gap, and no other space passes for the usual one', () => {
  assert.equal(visible('  '), '\\u{20}\\u{20}');
  assert.equal(visible(''), '');
  assert.equal(visible(' a b '), ' a b ');
  assert.equal(visible('a\u00a0b\u3000c\u3164\u2800'), 'a\\u{a0}b\\u{3000}c\\u{3164}\\u{2800}');
});

test('Text: template arguments are left out only where the brackets pair up', () => {
  assert.equal(withoutTemplateArguments('std::map<int, std::less<int>>::at'), 'std::map<…>::at');
  assert.equal(withoutTemplateArguments('a::operator<<'), 'a::operator<<');
  assert.equal(withoutTemplateArguments('a::operator->'), 'a::operator->');
  assert.equal(withoutTemplateArguments('broken<int'), 'broken<int');
  assert.equal(withoutTemplateArguments('broken>'), 'broken>');
});

test('Text: shorter readings keep the end of a name', () => {
  assert.deepEqual(shorterNames('shop::http::Server::Handle'), ['Server::Handle', 'Handle']);
  assert.deepEqual(
      shorterNames('std::vector<int>::at'), ['std::vector<…>::at', 'vector<…>::at', 'at']);
  assert.deepEqual(shorterNames('[libfoo.so+0x1f3c]'), []);
  assert.deepEqual(shorterNames('main'), []);
  assert.deepEqual(
      scopesAndEnd('nlohmann::detail::parser<…>::parse'),
      ['nlohmann::detail::parser<…>::', 'parse']);
  assert.deepEqual(scopesAndEnd('std::vector<int>::at'), ['', 'std::vector<int>::at']);
  assert.deepEqual(scopesAndEnd('[libfoo.so+0x1f3c]'), ['', '[libfoo.so+0x1f3c]']);
});

test('Text: a frame is coloured by its scopes, else by its module', () => {
  assert.equal(familyOf('shop::http::Server::Handle', '/srv/orderd'), 'shop::http');
  assert.equal(familyOf('std::sort<int*>', '/srv/orderd'), 'std');
  assert.equal(familyOf('sqlite3_step', '/usr/lib/libsqlite3.so.0.8.6'), 'libsqlite3');
  assert.equal(familyOf('main', ''), 'main');
  assert.equal(baseName('/usr/lib/ld-2.31.so'), 'ld');
});

test('Format: weights read as CPU time or as samples', () => {
  const cpu = (us) => formatWeight(us, 'microseconds');
  assert.deepEqual(
      [0, 840, 84000, 12430000, 119e6, 3412e6, 43440e6].map(cpu),
      ['0 s', '840 µs', '84 ms', '12.4 s', '119 s', '56 min 52 s', '12 h 4 min']);
  assert.deepEqual([999.7, 999999, 119.6e6].map(cpu), ['1 ms', '1 s', '2 min 0 s']);
  assert.deepEqual([1, 1234].map((n) => formatWeight(n, 'samples')), ['1 sample', '1,234 samples']);
});

test('Format: counts are grouped by thousands', () => {
  assert.deepEqual(
      [0, 999, 1000, 20000, 1234567, 999.6].map(formatCount),
      ['0', '999', '1,000', '20,000', '1,234,567', '1,000']);
});

test('Format: a share never rounds to all or to nothing unless it is', () => {
  assert.deepEqual(
      [[0, 5], [1, 1e9], [1, 300], [1, 3], [999999, 1e6], [5, 5], [1, 0]].map(
          ([a, b]) => formatPercent(a, b)),
      ['0 %', '<0.01 %', '0.33 %', '33.3 %', '>99.99 %', '100 %', '–']);
});

test('Format: spans', () => {
  assert.deepEqual(
      [0, 59, 900, 9000, 259200].map(formatSpan), ['0 s', '59 s', '15 min', '2 h 30 min', '3 d']);
});
