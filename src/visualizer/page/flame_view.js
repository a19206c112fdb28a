// SPDX-License-Identifier: MIT
//
// The graph: which columns are shown, what part of them, how far scrolled, what the pointer and the
// keyboard are on. The canvas has the size of the viewport and stays put in a tall spacer, so that
// any depth scrolls natively and no canvas limit is met.
import {layOut, Layout} from './layout.js';
import {Painter, ROW_PX} from './painter.js';

const ANIMATION_MS = 150;
const ROWS_ABOVE_ZOOM = 2;  // kept in view over the zoomed frame when it must be scrolled to

const FLIPPED = {
  up: 'down',
  down: 'up'
};

const ease = (t) => 1 - (1 - t) ** 3;

export class FlameView extends EventTarget {
  // Events: 'zoom' {path}, 'hover' {hit, event} (hit undefined: nothing), 'focus' {hit}, 'paint',
  // 'menu' {hit, at: {x, y} in client pixels}.
  #layout = new Layout();
  #animation;
  #frameRequest = 0;
  #settled = Promise.resolve();
  #paints = 0;
  #zoomFrames = 0;  // painted on the way of all zooms so far
  #flags;           // {columns, names, byName}: of the search at hand
  #byKeyboard = false;
  #upward = false;

  constructor(scroller, spacer, canvas) {
    super();
    this.scroller = scroller;
    this.spacer = spacer;
    this.canvas = canvas;
    this.painter = new Painter(canvas);
    this.zoomNode = 0;
    scroller.addEventListener('scroll', () => this.#scrolled(), {passive: true});
    canvas.addEventListener('pointermove', (event) => this.#hover(event));
    canvas.addEventListener('pointerleave', (event) => this.#hover(event, true));
    canvas.addEventListener('click', (event) => this.#click(event));
    canvas.addEventListener('contextmenu', (event) => this.#menu(event));
    canvas.addEventListener('focus', () => {
      if (canvas.matches(':focus-visible')) this.reveal();
    });
    new ResizeObserver(() => this.#resize()).observe(scroller);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.painter.readTheme();
      this.requestPaint();
    });
    this.#resize();
  }

  /** Names from the root to the zoomed frame. */
  get path() {
    return this.columns ? this.columns.pathOf(this.zoomNode) : [];
  }

  /** Whether the root lies at the bottom and the calls grow upward. */
  set upward(upward) {
    if (upward === this.#upward) return;
    this.#upward = upward;
    if (this.columns) this.#scrollToRow(this.columns.row(this.zoomNode), ROWS_ABOVE_ZOOM);
    this.requestPaint();
  }

  /** Colours of the first row below the root, by name; undefined: as any frame. */
  set groups(groups) {
    this.painter.groups = groups;
    this.requestPaint();
  }

  set byModule(byModule) {
    this.painter.byModule = byModule;
    this.requestPaint();
  }

  /** Width in device pixels: what the server prunes for. */
  get devicePixels() {
    return Math.min(10000, Math.max(100, Math.ceil(this.canvas.width / 100) * 100));
  }

  get statistics() {
    return {
      paints: this.#paints,
      nodes: this.columns?.count ?? 0,
      drawn: this.#layout.size,
      zoomFrames: this.#zoomFrames
    };
  }

  /** Whether what is painted is what is to be shown. */
  get atRest() {
    return !this.#animation && !this.#frameRequest;
  }

  /** Resolves when no zoom is under way. */
  settled() {
    return this.#settled;
  }

  /**
   * Shows `node` of `columns` over the full width; moves there when both ends of the way are held.
   */
  show(columns, node) {
    const before = this.columns && columns.find(this.path);
    const focusPath =
        this.columns && this.focus !== undefined ? this.columns.pathOf(this.focus) : undefined;
    const from = before?.complete ? this.#spanOf(columns, before.node) : undefined;
    const moves = from && before.node !== node;
    this.columns = columns;
    this.zoomNode = node;
    this.hover = undefined;
    const focused = focusPath && columns.find(focusPath);
    this.focus = focused?.complete ? focused.node : undefined;
    this.#fitSpacer();
    this.#animate(moves ? from : undefined, this.#spanOf(columns, node));
  }

  clear() {
    this.columns = undefined;
    this.#layout.clear();
    this.focus = this.hover = undefined;
    this.spacer.style.height = '';
    this.requestPaint();
  }

  /** Names to light up: a Set of names as shown, or undefined for no search. */
  setMatches(names) {
    this.matchedNames = names;
    this.requestPaint();
  }

  /** Moves the keyboard's frame: 'up', 'down', 'previous', 'next' as one sees it. */
  move(step) {
    if (!this.columns) return;
    const direction = {up: 'parent', down: 'child'}[this.#upward ? FLIPPED[step] : step] ?? step;
    const node = this.#neighbour(this.focus ?? this.zoomNode, direction);
    if (node >= 0) this.setFocus(node);
  }

  /** The keyboard came to the graph: shows on which frame it stands. */
  reveal() {
    if (this.columns) this.setFocus(this.focus ?? this.zoomNode);
  }

  setFocus(node) {
    this.focus = node;
    this.#byKeyboard = true;
    this.#scrollToRow(this.columns.row(node), 0);
    this.requestPaint();
    this.#emit('focus', {hit: {kind: 'frame', node}});
  }

  /** Puts the keyboard on the next lit frame below the zoom, `step` 1 or -1, and round again. */
  nextMatch(step) {
    const flags = this.#matchFlags();
    if (!flags) return false;
    const {columns, zoomNode} = this;
    const count = columns.end[zoomNode] - zoomNode;
    const from = (this.focus ?? zoomNode) - zoomNode;
    for (let i = 1; i <= count; ++i) {
      const node = zoomNode + ((((from + step * i) % count) + count) % count);
      if (flags[columns.name[node]] !== 1) continue;
      this.setFocus(node);
      this.canvas.focus({preventScroll: true});
      return true;
    }
    return false;
  }

  zoomToFocus() {
    if (this.focus !== undefined) this.#zoom(this.columns.pathOf(this.focus));
  }

  /** Where the widest painted frame of that name is, in client pixels. */
  rectangleOf(name) {
    const {node, left, width, row, rest} = this.#layout;
    let best = -1;
    for (let k = 0; k < this.#layout.size; ++k) {
      if (!rest[k] && this.columns.label(node[k]) === name && (best < 0 || width[k] > width[best]))
        best = k;
    }
    if (best < 0) return undefined;
    const box = this.canvas.getBoundingClientRect();
    const y = box.top + this.#topOf(row[best]);
    return {x: box.left + left[best], y, width: width[best], height: ROW_PX};
  }

  /** The name of the widest painted frame that fills at most `share` of the view. */
  widestBelow(share) {
    const {node, width, rest} = this.#layout;
    let best = -1;
    for (let k = 0; k < this.#layout.size; ++k) {
      if (!rest[k] && width[k] <= share * this.painter.width &&
          (best < 0 || width[k] > width[best]))
        best = k;
    }
    return best < 0 ? undefined : this.columns.label(node[best]);
  }

  requestPaint() {
    if (!this.#frameRequest) this.#frameRequest = requestAnimationFrame((now) => this.#paint(now));
  }

  #spanOf(columns, node) {
    return {from: columns.x[node], to: columns.x[node] + columns.total[node]};
  }

  #animate(from, to) {
    this.span = from ?? to;
    this.#animation?.finish();
    this.#animation = undefined;
    if (from && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.#settled = new Promise((finish) => {
        this.#animation = {from, to, finish, start: undefined};
      });
    } else {
      this.span = to;
    }
    this.requestPaint();
  }

  #advance(now) {
    const motion = this.#animation;
    if (!motion) return;
    motion.start ??= now;
    ++this.#zoomFrames;
    const t = Math.min(1, (now - motion.start) / ANIMATION_MS);
    const mix = (a, b) => a + (b - a) * ease(t);
    this.span = {
      from: mix(motion.from.from, motion.to.from),
      to: mix(motion.from.to, motion.to.to)
    };
    if (t < 1) return this.requestPaint();
    this.span = motion.to;
    this.#animation = undefined;
    motion.finish();
  }

  #paint(now) {
    this.#frameRequest = 0;
    this.#advance(now);
    if (this.columns) {
      const rows = [this.#rowAt(0), this.#rowAt(this.painter.height)];
      layOut(
          this.columns, {
            ...this.span,
            width: this.painter.width,
            firstRow: Math.min(...rows),
            lastRow: Math.max(...rows),
          },
          this.#layout);
    }
    this.painter.paint({
      columns: this.columns,
      layout: this.#layout,
      topOf: (row) => this.#topOf(row),
      upward: this.#upward,
      zoomNode: this.zoomNode,
      matches: this.#matchFlags(),
      hover: this.hover,
      focus: this.#byKeyboard ? this.focus : undefined,
      ancestors: this.columns ? this.#ancestorNames() : [],
    });
    ++this.#paints;
    if (!this.#animation) this.#emit('paint');
  }

  #ancestorNames() {
    return this.columns.rootPath.length > 0 ? ['all', ...this.columns.rootPath.slice(0, -1)] : [];
  }

  /** One flag per name of the columns; made once per search and columns. */
  #matchFlags() {
    if (!this.matchedNames || !this.columns) return undefined;
    if (this.#flags?.columns !== this.columns || this.#flags.names !== this.matchedNames) {
      const byName =
          Uint8Array.from(this.columns.rawNames, (name) => (this.matchedNames.has(name) ? 1 : 0));
      this.#flags = {columns: this.columns, names: this.matchedNames, byName};
    }
    return this.#flags.byName;
  }

  #resize() {
    this.painter.resize(this.scroller.clientWidth, this.scroller.clientHeight);
    this.requestPaint();
    this.#emit('resize');
  }

  /** Of a row's upper edge, in px below the canvas's. */
  #topOf(row) {
    const top = this.#upward ? this.scroller.scrollHeight - (row + 1) * ROW_PX : row * ROW_PX;
    return top - this.scroller.scrollTop;
  }

  #rowAt(y) {
    const below = y + this.scroller.scrollTop;
    return Math.floor((this.#upward ? this.scroller.scrollHeight - below : below) / ROW_PX);
  }

  #fitSpacer() {
    const {scrollHeight: before} = this.scroller;
    this.spacer.style.height = `${(this.columns.deepestRow(this.zoomNode) + 2) * ROW_PX}px`;
    if (this.#upward) this.scroller.scrollTop += this.scroller.scrollHeight - before;
    this.#scrollToRow(this.columns.row(this.zoomNode), ROWS_ABOVE_ZOOM);
  }

  /** Brings a row into view; with `callers` so many rows towards the root with it. */
  #scrollToRow(row, callers) {
    const top = this.#topOf(row);
    const {clientHeight} = this.scroller;
    if (top >= 0 && top + ROW_PX <= clientHeight) return;
    const toTop = callers > 0 ? !this.#upward : top < 0;
    const margin = (callers > 0 ? callers : toTop ? 0 : 1) * ROW_PX;
    this.scroller.scrollTop += toTop ? top - margin : top + ROW_PX + margin - clientHeight;
  }

  #hitAt(event) {
    if (!this.columns) return undefined;
    const box = this.canvas.getBoundingClientRect();
    const row = this.#rowAt(event.clientY - box.top);
    if (row < this.columns.rootPath.length) return {kind: 'ancestor', row};
    const k = this.#layout.at(event.clientX - box.left, row);
    if (k < 0) return undefined;
    const node = this.#layout.node[k];
    if (!this.#layout.rest[k]) return {kind: 'frame', node};
    const weight = (this.#layout.width[k] / this.painter.width) * (this.span.to - this.span.from);
    return {kind: 'rest', node, weight};
  }

  #scrolled() {
    this.hover = undefined;
    this.#emit('hover', {});
    this.requestPaint();
  }

  #hover(event, left = false) {
    const hit = left ? undefined : this.#hitAt(event);
    const node = hit?.kind === 'frame' ? hit.node : undefined;
    if (node !== this.hover) {
      this.hover = node;
      this.requestPaint();
    }
    this.canvas.style.cursor = hit ? 'pointer' : '';
    this.#emit('hover', {hit, event});
  }

  #click(event) {
    const hit = this.#hitAt(event);
    if (!hit) return;
    if (hit.kind === 'ancestor') return this.#zoom(this.columns.rootPath.slice(0, hit.row));
    this.focus = hit.node;
    this.#byKeyboard = false;
    this.#zoom(this.columns.pathOf(hit.node));
  }

  /** By the right button on what is under it; by the menu key, which has no place, on the focus. */
  #menu(event) {
    const byKey = event.button !== 2 && !event.ctrlKey;  // a Mac clicks with Ctrl
    if (byKey && this.focus === undefined) return;
    const hit = byKey ? {kind: 'frame', node: this.focus} : this.#hitAt(event);
    if (hit?.kind !== 'frame') return;
    event.preventDefault();
    this.focus = hit.node;
    const k = this.#layout.indexOf(hit.node);
    const box = this.canvas.getBoundingClientRect();
    const at = byKey ? {
      x: box.left + (this.#layout.left[k] ?? 0),
      y: box.top + this.#topOf(this.columns.row(hit.node)) + ROW_PX
    } :
                       {x: event.clientX, y: event.clientY};
    this.#emit('menu', {hit, at});
  }

  #zoom(path) {
    this.#emit('zoom', {path});
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }

  #neighbour(node, direction) {
    const {columns} = this;
    if (direction === 'parent') return columns.parent[node];
    if (direction === 'child') return columns.heaviestChild(node);
    const k = this.#layout.indexOf(node);
    const step = direction === 'next' ? 1 : -1;
    for (let i = k + step; k >= 0 && i >= 0 && i < this.#layout.size; i += step) {
      if (this.#layout.row[i] === this.#layout.row[k] && !this.#layout.rest[i])
        return this.#layout.node[i];
    }
    return -1;
  }
}
