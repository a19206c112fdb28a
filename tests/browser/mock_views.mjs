// SPDX-License-Identifier: MIT
//
// What the visualizer works out of a call tree beside the graph, for the mock.

import {sealed} from './trees.mjs';

/** Each function's self and total below `top`, a stack counted once per function. */
export function costByFunction(top) {
  const costs = new Map();
  const pending = [[top, new Set()]];
  while (pending.length > 0) {
    const [node, above] = pending.pop();
    if (!costs.has(node.name))
      costs.set(node.name, {name: node.name, module: node.module, self: 0, total: 0});
    const cost = costs.get(node.name);
    cost.self += node.self;
    if (!above.has(node.name)) cost.total += node.total;
    const below = new Set(above).add(node.name);
    for (const child of node.children) pending.push([child, below]);
  }
  return [...costs.values()].filter(({name, self}) => name !== 'all' || self > 0);
}

/** {tree, leftOut}: what "focus:", "drop:" and "hide:" terms leave of a tree. */
export function editedTree(tree, terms) {
  const names = (kind) => terms.filter((term) => term.startsWith(`${kind}:`))
                              .map((term) => term.slice(kind.length + 1));
  const [focus, drop, hide] = ['focus', 'drop', 'hide'].map(names);
  const root = {...tree, self: 0, children: []};
  const visit = (node, into, through) => {
    const met = [...through, node.name];
    if (drop.includes(node.name)) return;
    let place = into;
    if (node !== tree && !hide.includes(node.name)) {
      place = into.children.find(({name}) => name === node.name);
      if (!place) into.children.push(place = {...node, self: 0, children: []});
    }
    if (focus.every((name) => met.includes(name))) place.self += node.self;
    for (const child of node.children) visit(child, place, met);
  };
  visit(tree, root, []);
  sealed(root);
  const clean = (node) => {
    node.children = node.children.filter(({total}) => total > 0);
    node.children.forEach(clean);
  };
  clean(root);
  return {tree: root, leftOut: tree.total - root.total};
}

export function topOf(top, {sort, limit, matches}) {
  const by = {
    self: (a, b) => b.self - a.self || b.total - a.total,
    total: (a, b) => b.total - a.total,
    name: (a, b) => (a.name < b.name ? -1 : 1)
  }[sort];
  const all = costByFunction(top);
  const rows = all.filter(({name}) => matches(name)).sort(by).slice(0, limit);
  const rest = all.filter((cost) => !rows.includes(cost));
  const names = [...new Set(rows.map(({name}) => name))];
  const modules = [...new Set(rows.map(({module}) => module))];
  return {
    root_total: top.total,
    groups: {names: [], total: []},
    names,
    modules,
    rows: {
      name: rows.map(({name}) => names.indexOf(name)),
      module: rows.map(({module}) => modules.indexOf(module)),
      self: rows.map(({self}) => self),
      total: rows.map(({total}) => total)
    },
    rest: {functions: rest.length, self: rest.reduce((sum, {self}) => sum + self, 0)},
  };
}

/** The callers and the callees of a function as two trees with it as root; its outermost calls. */
export function sandwichOf(tree, fn) {
  const root = ({name, module, inlined}) => ({name, module, inlined, self: 0, children: []});
  const child = (parent, like) => {
    const known = parent.children.find(({name}) => name === like.name);
    if (known) return known;
    parent.children.push(root(like));
    return parent.children.at(-1);
  };
  let callers, callees;
  const addBelow = (into, node) => {
    into.self += node.self;
    for (const below of node.children) addBelow(child(into, below), below);
  };
  const visit = (node, above) => {
    if (node.name !== fn) {
      for (const below of node.children) visit(below, [node, ...above]);
      return;
    }
    callers ??= root(node);
    callees ??= root(node);
    above.slice(0, -1).reduce(child, callers).self += node.total;
    addBelow(callees, node);
  };
  visit(tree, []);
  return callers && {callers: sealed(callers), callees: sealed(callees)};
}

/** CPU time that goes up and down over the range, the same in every run; its sum is `total`. */
export function timelineOf(range, total, by, groups) {
  const step = 30;
  const begin = Math.floor(Date.parse(range.from.time) / 1000 / step) * step;
  const intervals = Math.min(
      1000, Math.max(1, Math.ceil(Date.parse(range.until.time) / 1000 / step) - begin / step));
  const names = total === 0 ? [] : by ? groups : ['all'];
  const height = (g, i) => 1 + Math.sin(i / 3 + g) * 0.4 + (i === 11 ? 2 : 0);
  const values = names.map((_, g) => Array.from({length: intervals}, (_, i) => height(g, i)));
  const sum = values.flat().reduce((a, b) => a + b, 0);
  return {
    begin: new Date(begin * 1000).toISOString().replace('.000Z', 'Z'),
    step_seconds: step,
    intervals,
    groups: names,
    values: values.map((row) => row.map((value) => Math.round((value * total) / sum))),
    rest: {groups: 0, values: Array(intervals).fill(0)},
    warnings: []
  };
}

/** A function's share that swings about its mean; no samples in the fifth interval. */
export function shareOf({begin, step_seconds, values: [all] = [[]]}, own) {
  const sum = all.reduce((a, b) => a + b, 0) || 1;
  const total = all.map((value, i) => (i === 4 ? 0 : value));
  const swing = (i) => 1 + 0.5 * Math.sin(i);
  return {
    begin,
    step_seconds,
    total,
    function: total.map((value, i) => Math.round(value * (own / sum) * swing(i)))
  };
}

/** The heaviest functions below `top` and the calls between them; what is left out is led past. */
export function callGraphOf(top, most) {
  const costs =
      costByFunction(top).filter(({name}) => name !== 'all').sort((a, b) => b.total - a.total);
  const kept = costs.slice(0, most);
  const place = new Map(kept.map(({name}, i) => [name, i]));
  const edges = new Map();
  const visit = (node, caller, direct) => {
    const own = place.get(node.name);
    if (own !== undefined && caller !== undefined && own !== caller) {
      const key = `${caller} ${own}`;
      const edge = edges.get(key) ?? {from: caller, to: own, weight: 0, direct: 0};
      edges.set(
          key, {...edge, weight: edge.weight + node.total, direct: edge.direct | Number(direct)});
    }
    for (const child of node.children) visit(child, own ?? caller, own !== undefined);
  };
  visit(top, undefined, false);
  const all = [...edges.values()].filter(({weight}) => weight * 500 >= top.total);
  const column = (key) => all.map((edge) => edge[key]);
  return {
    names: kept.map(({name}) => name),
    modules: kept.map(({module}) => module),
    nodes: {self: kept.map(({self}) => self), total: kept.map(({total}) => total)},
    edges: {
      from: column('from'),
      to: column('to'),
      weight: column('weight'),
      direct: column('direct')
    },
    rest: costs.length - kept.length
  };
}

/**
 * Columns of a comparison: what `changes` ({name: factor}) names took so many times as much
 * before, when there were `baseIntervals` collections.
 */
export function diffOf(columns, costs, total, changes, baseIntervals) {
  const before = (name, weight) => Math.round(weight * (changes[name] ?? 1));
  const judged = (names, weights, selfs) => ({
    base: names.map((name, i) => before(name, weights[i])),
    current: weights,
    base_self: names.map((name, i) => before(name, selfs[i])),
    current_self: selfs,
    low: names.map((name) => (name in changes ? (changes[name] > 1 ? -15e7 : 2e6) : -1e6)),
    high: names.map((name) => (name in changes ? (changes[name] > 1 ? -11e7 : 15e6) : 1e6)),
    tested: names.map(() => 1),
    significant: names.map((name) => (name in changes ? 1 : 0))
  });
  const {names, nodes} = columns;
  const widths = (column) => column.map((weight) => Math.round((1e9 * weight) / (total || 1)));
  costs.sort((a, b) => (b.name in changes) - (a.name in changes) || b.total - a.total);
  return {
    ...columns,
    total: total > 0 ? 1e9 : 0,
    base: {total, left_out: 0, records: baseIntervals, intervals: baseIntervals},
    current: {total, left_out: columns.leftOut ?? 0, records: 12, intervals: 12},
    nodes: {
      ...nodes,
      ...judged(nodes.name.map((name) => names[name]), nodes.total, nodes.self),
      total: widths(nodes.total),
      self: widths(nodes.self),
      hidden: widths(nodes.hidden)
    },
    functions: {
      names: costs.map(({name}) => name),
      rows: judged(
          costs.map(({name}) => name), costs.map((cost) => cost.total),
          costs.map(({self}) => self)),
      rest: 0,
      changed: Object.keys(changes).length
    }
  };
}
