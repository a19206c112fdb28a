// SPDX-License-Identifier: MIT
//
// Lays a graph out in layers, callers above callees (after Sugiyama): cycles are broken, each node
// stands below all that lead to it, long edges get a bend in each layer that they cross, layers are
// ordered by the middle of their neighbours, and neighbours pull each other straight.
// Pure: nodes are numbers, widths and heights are given.

const SWEEPS = 12;
const GAP_X = 24;
const GAP_Y = 52;
const BEND_WIDTH = 6;

/** Edges with those turned round that would close a cycle: {from, to, turned}. */
function withoutCycles(count, edges) {
  const below = Array.from({length: count}, () => []);
  edges.forEach(({from, to}, i) => below[from].push({to, i}));
  const colour = new Uint8Array(count);  // 1: on the way, 2: done
  const turned = new Uint8Array(edges.length);
  const visit = (start) => {
    const way = [{node: start, next: 0}];
    colour[start] = 1;
    while (way.length > 0) {
      const here = way.at(-1);
      const edge = below[here.node][here.next++];
      if (!edge) {
        colour[here.node] = 2;
        way.pop();
      } else if (colour[edge.to] === 1) {
        turned[edge.i] = 1;
      } else if (colour[edge.to] === 0) {
        colour[edge.to] = 1;
        way.push({node: edge.to, next: 0});
      }
    }
  };
  for (let node = 0; node < count; ++node)
    if (colour[node] === 0) visit(node);
  return edges.map(
      ({from, to}, i) =>
          turned[i] ? {from: to, to: from, turned: true} : {from, to, turned: false});
}

/** Of each node: the length of the longest way to it. */
function layersOf(count, edges) {
  const layer = new Int32Array(count);
  const waiting = new Int32Array(count);
  for (const {to} of edges) ++waiting[to];
  const ready = [];
  for (let node = 0; node < count; ++node)
    if (waiting[node] === 0) ready.push(node);
  for (let i = 0; i < ready.length; ++i) {
    for (const {from, to} of edges) {
      if (from !== ready[i]) continue;
      layer[to] = Math.max(layer[to], layer[from] + 1);
      if (--waiting[to] === 0) ready.push(to);
    }
  }
  return layer;
}

/** Cuts edges that cross layers into pieces: `chains[i]` are the nodes along edge i. */
function withBends(edges, layer, widths) {
  const layers = Array.from(layer);
  const wide = [...widths];
  const chains = edges.map(({from, to}) => {
    const chain = [from];
    for (let at = layers[from] + 1; at < layers[to]; ++at) {
      chain.push(layers.length);
      layers.push(at);
      wide.push(BEND_WIDTH);
    }
    return [...chain, to];
  });
  return {layers, wide, chains};
}

function neighboursOf(count, chains) {
  const up = Array.from({length: count}, () => []);
  const down = Array.from({length: count}, () => []);
  for (const chain of chains) {
    for (let i = 1; i < chain.length; ++i) {
      up[chain[i]].push(chain[i - 1]);
      down[chain[i - 1]].push(chain[i]);
    }
  }
  return {up, down};
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function order(rows, {up, down}) {
  const place = new Map();
  const number = (row) => row.forEach((node, i) => place.set(node, i));
  rows.forEach(number);
  const sort = (row, neighbours) => {
    const key = new Map(row.map((node) => {
      const near = neighbours[node];
      return [node, near.length > 0 ? mean(near.map((n) => place.get(n))) : place.get(node)];
    }));
    row.sort((a, b) => key.get(a) - key.get(b) || place.get(a) - place.get(b));
    number(row);
  };
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    if (sweep % 2 === 0)
      rows.forEach((row) => sort(row, up));
    else
      [...rows].reverse().forEach((row) => sort(row, down));
  }
}

/** Centres along a row that are as near to the wished ones as their widths allow. */
function spread(row, wished, wide) {
  const left = [];
  row.forEach((node, i) => {
    const before = i === 0 ? -Infinity : left[i - 1] + (wide[row[i - 1]] + wide[node]) / 2 + GAP_X;
    left.push(Math.max(wished[i], before));
  });
  // What was pushed to the right as a whole comes back by half of it.
  const push = mean(left.map((x, i) => x - wished[i]));
  return left.map((x) => x - push);
}

function placeAcross(rows, {up, down}, wide) {
  const x = new Float64Array(wide.length);
  for (const row of rows) {
    let at = 0;
    for (const node of row) {
      x[node] = at + wide[node] / 2;
      at += wide[node] + GAP_X;
    }
    for (const node of row) x[node] -= at / 2;
  }
  for (let sweep = 0; sweep < SWEEPS; ++sweep) {
    const neighbours = sweep % 2 === 0 ? up : down;
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wished = row.map(
          (node) =>
              neighbours[node].length > 0 ? mean(neighbours[node].map((n) => x[n])) : x[node]);
      spread(row, wished, wide).forEach((value, i) => x[row[i]] = value);
    }
  }
  return x;
}

/**
 * nodes: [{width, height}], edges: [{from, to}] without loops. Answers {width, height, nodes:
 * [{x, y}] (upper left corners), edges: [[[x, y], …]] (from caller to callee)}.
 */
export function layOutGraph(nodes, edges) {
  const acyclic = withoutCycles(nodes.length, edges);
  const layer = layersOf(nodes.length, acyclic);
  const {layers, wide, chains} = withBends(acyclic, layer, nodes.map(({width}) => width));
  const rows = [];
  layers.forEach((at, node) => (rows[at] ??= []).push(node));
  const neighbours = neighboursOf(layers.length, chains);
  order(rows, neighbours);
  const x = placeAcross(rows, neighbours, wide);
  const left = Math.min(...x.map((centre, i) => centre - wide[i] / 2));
  const tall = Math.max(0, ...nodes.map(({height}) => height));
  const top = (node) => layers[node] * (tall + GAP_Y);
  const line = (chain) => chain.flatMap((node, i) => {
    const centre = x[node] - left;
    if (node >= nodes.length) return [[centre, top(node)], [centre, top(node) + tall]];
    return [[centre, top(node) + (i === 0 ? nodes[node].height : 0)]];
  });
  return {
    width: Math.max(...x.map((centre, i) => centre + wide[i] / 2)) - left,
    height: rows.length * (tall + GAP_Y) - GAP_Y,
    nodes: nodes.map(({width}, node) => ({x: x[node] - left - width / 2, y: top(node)})),
    edges: chains.map((chain, i) => (acyclic[i].turned ? line(chain).reverse() : line(chain))),
  };
}
