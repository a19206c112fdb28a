// SPDX-License-Identifier: MIT
//
// What the visualizer works out of a call tree beside the graph, for the mock.

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
