// SPDX-License-Identifier: MIT
//
// One answer of /api/v1/flame as typed arrays: no object per frame, so that a million of them cost
// what a million numbers cost. Nodes stand in preorder; node 0 is the frame that was asked for.
//   x[i]       where a frame begins, in weight from the left edge of node 0
//   parent[i]  -1 for node 0
//   end[i]     one past the last node of the subtree: [i + 1, end[i]) are the descendants of i
// Children begin at their parent's left edge; then comes the parent's hidden weight, then its self.
import {familyOf, visible} from './text.js';
import {changeOf, strengthOf, verdictOf} from './verdict.js';

/** What a comparison adds: both sides' weights and the verdict on each frame. */
class DiffColumns {
  constructor({nodes, base, current}) {
    for (const key of ['base', 'current', 'low', 'high', 'tested', 'significant'])
      this[key] = Float64Array.from(nodes[key]);
    this.totals = [base.total, current.total];
  }

  verdict(node) {
    return verdictOf(this, node, ...this.totals);
  }

  strength(node) {
    return strengthOf(this, node, ...this.totals);
  }

  change(node) {
    return changeOf(this, node, ...this.totals);
  }
}

export class Columns {
  constructor(answer) {
    const {nodes} = answer;
    this.count = nodes.depth.length;
    this.rootPath = answer.root;
    this.unit = answer.unit;
    this.rangeTotal = answer.total;
    this.rawNames = answer.names;
    this.names = answer.names.map(visible);
    this.rawModules = answer.modules;
    this.modules = answer.modules.map(visible);
    this.depth = Uint16Array.from(nodes.depth);
    this.name = Uint32Array.from(nodes.name);
    this.module = Uint32Array.from(nodes.module);
    this.total = Float64Array.from(nodes.total);
    this.self = Float64Array.from(nodes.self);
    this.hidden = Float64Array.from(nodes.hidden);
    this.inlined = Uint8Array.from(nodes.inlined);
    if (nodes.base) this.diff = new DiffColumns(answer);
    this.#link();
  }

  #families = new Map();

  #link() {
    const {count, depth, total} = this;
    this.parent = new Int32Array(count);
    this.end = new Uint32Array(count);
    this.x = new Float64Array(count);
    const open = [];                         // the latest node at each depth
    const filled = new Float64Array(count);  // weight of the children placed so far
    for (let i = 0; i < count; ++i) {
      const p = depth[i] === 0 ? -1 : open[depth[i] - 1];
      open[depth[i]] = i;
      this.parent[i] = p;
      this.end[i] = i + 1;
      if (p < 0) continue;
      this.x[i] = this.x[p] + filled[p];
      filled[p] += total[i];
    }
    for (let i = count - 1; i > 0; --i) {
      const p = this.parent[i];
      if (this.end[i] > this.end[p]) this.end[p] = this.end[i];
    }
    this.filled = filled;
  }

  /** Row on the page: the zoomed-away frames above node 0 keep theirs. */
  row(node) {
    return this.rootPath.length + this.depth[node];
  }

  label(node) {
    return this.names[this.name[node]];
  }

  moduleOf(node) {
    return this.modules[this.module[node]];
  }

  /** Colour family; the same (name, module) pair is looked at once. */
  family(node) {
    const key = this.name[node] * this.modules.length + this.module[node];
    let family = this.#families.get(key);
    if (family === undefined) {
      family = familyOf(this.label(node), this.moduleOf(node));
      this.#families.set(key, family);
    }
    return family;
  }

  /** Names from the root of all data to `node`. The root itself has no name in a path. */
  pathOf(node) {
    const below = [];
    for (let i = node; i > 0; i = this.parent[i]) below.push(this.rawNames[this.name[i]]);
    return [...this.rootPath, ...below.reverse()];
  }

  /** The node at `path`, or at its longest prefix held here; undefined when it lies outside. */
  find(path) {
    const inside = this.rootPath.every((name, i) => path[i] === name);
    if (!inside) return undefined;
    let node = 0;
    for (const name of path.slice(this.rootPath.length)) {
      const next = this.#child(node, name);
      if (next < 0) return {node, complete: false};
      node = next;
    }
    return {node, complete: true};
  }

  #child(node, name) {
    for (let i = node + 1; i < this.end[node]; i = this.end[i]) {
      if (this.rawNames[this.name[i]] === name) return i;
    }
    return -1;
  }

  heaviestChild(node) {
    let best = -1;
    for (let i = node + 1; i < this.end[node]; i = this.end[i]) {
      if (best < 0 || this.total[i] > this.total[best]) best = i;
    }
    return best;
  }

  deepestRow(node) {
    let deepest = this.depth[node];
    for (let i = node; i < this.end[node]; ++i) deepest = Math.max(deepest, this.depth[i]);
    return this.rootPath.length + deepest;
  }

  /** Whether a finer answer for `node` could show more than is held. */
  hidesBelow(node) {
    for (let i = node; i < this.end[node]; ++i) {
      if (this.hidden[i] > 0) return true;
    }
    return false;
  }
}
