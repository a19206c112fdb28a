// SPDX-License-Identifier: MIT
//
// Call trees that are the same in every run: {name, module, inlined, self, children, total}.

const LIBC = '/usr/lib/x86_64-linux-gnu/libc.so.6';
const SQLITE = '/usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6';
const ZSTD = '/usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4';
const APP = '/srv/shop/orderd';

export function frame(name, self, children = [], {module = APP, inlined = false} = {}) {
  return {name, module, inlined, self, children};
}

/**
 * Fills in totals and returns the tree; children stand heaviest first. No recursion: some are
 * deep.
 */
export function sealed(root) {
  const parentsFirst = [root];
  for (const node of parentsFirst) parentsFirst.push(...node.children);
  for (const node of parentsFirst.reverse()) {
    node.total = node.children.reduce((sum, child) => sum + child.total, node.self);
    node.children.sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  }
  return root;
}

function sqlite(scale) {
  return frame('sqlite3_step', 40 * scale, [
    frame('sqlite3VdbeExec', 900 * scale, [
      frame('sqlite3BtreeIndexMoveto', 420 * scale, [
        frame('moveToChild', 150 * scale, [frame('getAndInitPage', 110 * scale, [], {module: SQLITE})], {module: SQLITE}),
        frame('vdbeRecordCompareString', 260 * scale, [frame('__memcmp_avx2_movbe', 170 * scale, [], {module: LIBC})],
            {module: SQLITE}),
      ], {module: SQLITE}),
      frame('sqlite3BtreeInsert', 180 * scale, [frame('balance', 120 * scale, [frame('__memmove_avx_unaligned', 60 * scale,
          [], {module: LIBC})], {module: SQLITE})], {module: SQLITE}),
      frame('sqlite3VdbeSerialGet', 90 * scale, [], {module: SQLITE, inlined: true}),
    ], {module: SQLITE}),
  ], {module: SQLITE});
}

const pair = 'std::pair<std::string const, shop::Price>';

function handler(scale) {
  return frame('shop::http::Server::HandleRequest', 60 * scale, [
    frame('shop::OrderService::Place', 110 * scale, [
      frame('shop::Database::Execute<shop::InsertOrder>', 50 * scale, [sqlite(scale)]),
      frame('shop::PriceTable::Total', 130 * scale, [
        frame(`std::_Hashtable<std::string, ${pair}, std::allocator<${pair}>>::find`, 240 * scale, [
          frame('std::_Hash_bytes', 310 * scale, [], {module: '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30'}),
          frame('std::operator==<char>', 70 * scale, [], {inlined: true}),
        ], {inlined: true}),
      ]),
    ]),
    frame('shop::json::Parser::ParseObject', 190 * scale, [
      frame('shop::json::Parser::ParseString', 330 * scale, [
        frame('std::string::push_back', 80 * scale, [frame('operator new', 40 * scale, [frame('malloc', 95 * scale, [
          frame('_int_malloc', 120 * scale, [], {module: LIBC})], {module: LIBC})], {module: LIBC})], {inlined: true}),
      ]),
      frame('shop::json::Parser::ParseNumber', 105 * scale, [frame('strtod', 88 * scale, [], {module: LIBC})]),
    ]),
    frame('shop::http::Compress', 20 * scale, [
      frame('ZSTD_compressBlock_doubleFast', 520 * scale, [frame('ZSTD_count', 140 * scale, [], {module: ZSTD, inlined: true})],
          {module: ZSTD}),
    ]),
  ]);
}

/** A believable service; weights in microseconds of CPU. */
export function serviceTree() {
  const unit = 1000;
  const worker = (scale) => frame(
      'start_thread', 0,
      [frame(
          'shop::WorkerPool::Run', 15 * unit * scale,
          [
            handler(unit * scale),
            frame('std::condition_variable::wait', 6 * unit * scale, [], {module: LIBC})
          ])],
      {module: LIBC});
  return sealed(frame('all', 0, [
    worker(3),
    frame('main', 2 * unit, [frame('shop::Reactor::Loop', 90 * unit, [
      frame('epoll_wait', 210 * unit, [], {module: LIBC}),
      frame('shop::http::Connection::Read', 130 * unit, [frame('recv', 160 * unit, [], {module: LIBC}),
        frame('[liblz4.so.1+0x1f3c]', 37 * unit, [], {module: '/usr/lib/x86_64-linux-gnu/liblz4.so.1'})]),
    ])]),
    frame('[unsampled]', 11 * unit, [], {module: ''}),
  ], {module: ''}));
}

/** Names that try to hide, reorder, break out of the page or out of a path. */
export const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>window.__hacked=1</script>',
  'safe\u202Egnirts\u202C',
  'zero\u200Bwidth\u0007bell',
  'semi;colon%3B%25percent',
  '__proto__',
  'имя::функция',
  'a'.repeat(3000),
];

export function hostileTree() {
  return sealed(frame(
      'all', 0, HOSTILE.map((name, i) => frame(name, 100 + i, [frame('constructor', 50)])),
      {module: ''}));
}

/**
 * About `count` nodes, heavy-tailed as call trees are; a small generator of its own keeps it the
 * same everywhere.
 */
export function bigTree(count) {
  let seed = 12345;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 4294967296;
  };
  const root = frame('all', 0, [], {module: ''});
  const all = [root];
  while (all.length < count) {
    const parent = all[Math.floor(random() ** 1.6 * all.length)];
    const n = parent.children.length;
    const child = frame(
        `ns${Math.floor(random() * 40)}::Type${n}::function_${all.length % 5000}`,
        Math.ceil(1 / (random() + 0.0005)));
    parent.children.push(child);
    all.push(child);
  }
  return sealed(root);
}

/** One stack of `depth` frames. */
export function deepTree(depth) {
  let node = frame(`recurse_${depth}`, 1000);
  for (let i = depth - 1; i > 0; --i) node = frame(`recurse_${i}`, 1, [node]);
  return sealed(frame('all', 0, [node], {module: ''}));
}
