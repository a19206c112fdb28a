// SPDX-License-Identifier: MIT
//
// The graph: which columns are shown, what part of them, what the pointer and the keyboard are on.
import {widthToAsk} from './api.js';
import {listenToPointer} from './frame_pointer.js';
import {layOut, Layout} from './layout.js';
import {LitNames} from './lit_names.js';
import {Painter, ROW_PX} from './painter.js';
import {ScrolledRows} from './scrolled_rows.js';
import {ZoomMotion} from './zoom_motion.js';

const FLIPPED = {
  up: 'down',
  down: 'up'
};

export class FlameView extends EventTarget {
  // Events: 'zoom' {path}, 'hover' {hit, event} (hit undefined: nothing), 'focus' {hit}, 'paint',
  // 'menu' {hit, at: {x, y} in client pixels}.
  #layout = new Layout();
  #motion = new ZoomMotion();
  #rows;
  #frameRequest = 0;
  #painted;
  #paints = 0;
  #lit = new LitNames();
  #byKeyboard = false;

  constructor(scroller, spacer, canvas) {
    super();
    this.scroller = scroller;
    this.canvas = canvas;
    this.#rows = new ScrolledRows(scroller, spacer);
    this.painter = new Painter(canvas);
    this.zoomNode = 0;
    scroller.addEventListener('scroll', () => this.#scrolled(), {passive: true});
    listenToPointer(this);
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
    if (upward === this.#rows.upward) return;
    this.#rows.upward = upward;
    if (this.columns) this.#rows.bringZoomIntoView(this.columns.row(this.zoomNode));
    this.requestPaint();
  }

  /** Colours of the first row below the root, by name; undefined: as any frame. */
  set groups(groups) {
    if (groups === this.painter.groups) return;
    this.painter.groups = groups;
    this.requestPaint();
  }

  set byModule(byModule) {
    this.painter.byModule = byModule;
    this.requestPaint();
  }

  /** Width in device pixels: what the server prunes for. */
  get devicePixels() {
    return widthToAsk(this.canvas.width);
  }

  get statistics() {
    return {
      paints: this.#paints,
      nodes: this.columns?.count ?? 0,
      drawn: this.#layout.size,
      zoomFrames: this.#motion.frames
    };
  }

  /** Whether what is painted is what is to be shown. */
  get atRest() {
    return !this.#motion.moving && !this.#frameRequest;
  }

  /** Resolves when what was asked to be painted has been handed on. */
  painted() {
    return this.#painted ?? Promise.resolve();
  }

  /** Resolves when no zoom is under way. */
  settled() {
    return this.#motion.settled();
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
    this.#rows.fit(columns.deepestRow(node) + 2);
    this.#rows.bringZoomIntoView(columns.row(node));
    this.#motion.start(moves ? from : undefined, this.#spanOf(columns, node));
    this.requestPaint();
  }

  clear() {
    this.columns = undefined;
    this.#layout.clear();
    this.focus = this.hover = undefined;
    this.#rows.clear();
    this.requestPaint();
  }

  get matchedNames() {
    return this.#lit.names;
  }

  /** Names to light up: a Set of names as shown, or undefined for no search. */
  setMatches(names) {
    if (names === this.#lit.names) return;
    this.#lit.names = names;
    this.requestPaint();
  }

  /** Moves the keyboard's frame: 'up', 'down', 'previous', 'next' as one sees it. */
  move(step) {
    if (!this.columns) return;
    const direction = {up: 'parent', down: 'child'}[this.#rows.upward ? FLIPPED[step] : step] ??
        step;
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
    this.#rows.bringIntoView(this.columns.row(node));
    this.requestPaint();
    this.emit('focus', {hit: {kind: 'frame', node}});
  }

  /** Puts the keyboard on the next lit frame below the zoom, `step` 1 or -1, and round again. */
  nextMatch(step) {
    const node = this.#lit.next(this.columns, this.zoomNode, this.focus ?? this.zoomNode, step);
    if (node < 0) return false;
    this.setFocus(node);
    this.canvas.focus({preventScroll: true});
    return true;
  }

  zoomToFocus() {
    if (this.focus !== undefined) this.zoom(this.columns.pathOf(this.focus));
  }

  /** What is painted at a point of the canvas. */
  hitAt(x, y) {
    if (!this.columns) return undefined;
    const row = this.#rows.at(y);
    if (row < this.columns.rootPath.length) return {kind: 'ancestor', row};
    const k = this.#layout.at(x, row);
    if (k < 0) return undefined;
    const node = this.#layout.node[k];
    if (!this.#layout.rest[k]) return {kind: 'frame', node};
    const {from, to} = this.#motion.span;
    return {kind: 'rest', node, weight: (this.#layout.width[k] / this.painter.width) * (to - from)};
  }

  setHover(node) {
    if (node === this.hover) return;
    this.hover = node;
    this.requestPaint();
  }

  /** The pointer chose a frame: the keyboard goes on from there, unseen. */
  pointAt(node) {
    this.focus = node;
    this.#byKeyboard = false;
  }

  zoom(path) {
    this.emit('zoom', {path});
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }

  /**
   * The upper left corner of a frame, in client pixels; one that is not painted begins leftmost.
   */
  cornerOf(node) {
    const box = this.canvas.getBoundingClientRect();
    const left = this.#layout.left[this.#layout.indexOf(node)] ?? 0;
    return {left: box.left + left, top: box.top + this.#rows.topOf(this.columns.row(node))};
  }

  /** Where the widest painted frame of that name is, in client pixels. */
  rectangleOf(name) {
    const {node, width} = this.#layout;
    const best = this.#layout.widest((k) => this.columns.label(node[k]) === name);
    if (best < 0) return undefined;
    const {left, top} = this.cornerOf(node[best]);
    return {x: left, y: top, width: width[best], height: ROW_PX};
  }

  /** The name of the widest painted frame that fills at most `share` of the view. */
  widestBelow(share) {
    const {node, width} = this.#layout;
    const best = this.#layout.widest((k) => width[k] <= share * this.painter.width);
    return best < 0 ? undefined : this.columns.label(node[best]);
  }

  requestPaint() {
    if (this.#frameRequest) return;
    this.#painted = new Promise((resolve) => {
      this.#frameRequest = requestAnimationFrame((now) => {
        try {
          this.#paint(now);
        } finally {
          setTimeout(resolve);  // the frame itself is made after this
        }
      });
    });
  }

  #spanOf(columns, node) {
    return {from: columns.x[node], to: columns.x[node] + columns.total[node]};
  }

  #paint(now) {
    this.#frameRequest = 0;
    if (this.#motion.advance(now)) this.requestPaint();
    if (this.columns) this.#layOut();
    this.painter.paint({
      columns: this.columns,
      layout: this.#layout,
      topOf: this.#rows.tops,
      upward: this.#rows.upward,
      zoomNode: this.zoomNode,
      matches: this.#lit.flagsOf(this.columns),
      hover: this.hover,
      focus: this.#byKeyboard ? this.focus : undefined,
      ancestors: this.columns ? this.#ancestorNames() : [],
    });
    ++this.#paints;
    if (!this.#motion.moving) this.emit('paint');
  }

  #layOut() {
    const {width, height} = this.painter;
    layOut(this.columns, {...this.#motion.span, width, ...this.#rows.within(height)}, this.#layout);
  }

  #ancestorNames() {
    return this.columns.rootPath.length > 0 ? ['all', ...this.columns.rootPath.slice(0, -1)] : [];
  }

  #resize() {
    this.#rows.resized();
    this.painter.resize(this.scroller.clientWidth, this.scroller.clientHeight);
    this.requestPaint();
    this.emit('resize');
  }

  #scrolled() {
    this.#rows.scrolled();
    this.hover = undefined;
    this.emit('hover', {});
    this.requestPaint();
  }

  #neighbour(node, direction) {
    const {columns} = this;
    if (direction === 'parent') return columns.parent[node];
    if (direction === 'child') return columns.heaviestChild(node);
    const k = this.#layout.beside(this.#layout.indexOf(node), direction === 'next' ? 1 : -1);
    return k < 0 ? -1 : this.#layout.node[k];
  }
}
