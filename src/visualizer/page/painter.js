// SPDX-License-Identifier: MIT
//
// Puts a layout onto the canvas. Knows colours and text, not where frames come from nor what a
// click means.
import {Bars} from './bars.js';
import {colourIndex, currentTheme, groupColour} from './palette.js';
import {baseName} from './text.js';
import {TextFit} from './text_fit.js';
import {SIGNS} from './verdict.js';

export const ROW_PX = 20;
const TEXT_PAD_PX = 5;
const MIN_TEXT_PX = 26;
const GAP_PX = 1;
const MIN_GAP_FRAME_PX = 4;  // narrower frames stand without a gap: they would vanish in it

export class Painter {
  #colours = new WeakMap();  // columns -> colour index by node, filled as frames come into view

  #byModule = false;
  #bars;

  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', {alpha: false});
    this.#bars = new Bars(this.context, {row: ROW_PX, gap: GAP_PX, widthWithGap: MIN_GAP_FRAME_PX});
    this.readTheme();
  }

  /** By namespace, or by module. */
  set byModule(byModule) {
    if (byModule === this.#byModule) return;
    this.#byModule = byModule;
    this.#colours = new WeakMap();
  }

  readTheme() {
    this.theme = currentTheme();
    this.pattern = this.#hatchPattern();
    this.text = new TextFit(this.context);
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    this.width = width;
    this.height = height;
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  /** scene: {columns, layout, topOf, upward, zoomNode, matches, hover, focus, ancestors} */
  paint(scene) {
    const {context, theme} = this;
    const {layout} = scene;
    this.#bars.begin(this.ratio, theme.background);
    for (let k = 0; k < layout.size; ++k) {
      if (!layout.rest[k]) this.#addBar(scene, k);
    }
    this.#bars.put();
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.font = theme.font;
    context.fontKerning = 'none';
    context.direction = 'ltr';
    context.textBaseline = 'middle';
    this.#paintAncestors(scene);
    for (let k = 0; k < layout.size; ++k) {
      if (layout.rest[k])
        this.#paintRest(scene, k);
      else if (layout.width[k] >= MIN_TEXT_PX)
        this.#paintName(scene, k);
    }
    this.#outline(scene, scene.hover, theme.hover, 1);
    this.#outline(scene, scene.focus, theme.focus, 2);
  }

  #paintAncestors(scene) {
    scene.ancestors.forEach((name, row) => {
      const top = scene.topOf(row);
      if (top < -ROW_PX || top > this.height) return;
      this.#bar(0, top, this.width, this.theme.root);
      this.#label(name, 0, top, this.width, this.theme.inkFaint, false);
    });
  }

  // An inlined frame closes the gap to its caller: one piece of machine code, two names.
  #addBar(scene, k) {
    const {columns, layout, upward} = scene;
    const inlined = columns.inlined[layout.node[k]] === 1;
    this.#bars.add(
        layout.left[k], scene.topOf(layout.row[k]), layout.width[k], this.#fill(scene, k),
        inlined && !upward, inlined && upward);
  }

  #fill({columns, layout, matches, zoomNode}, k) {
    const {theme} = this;
    const node = layout.node[k];
    if (matches) return matches[columns.name[node]] === 1 ? theme.match : theme.faded;
    const isRoot = node === 0 && columns.rootPath.length === 0;
    if (isRoot || isAbove(columns, node, zoomNode)) return theme.root;
    if (columns.diff) return this.#verdictFill(columns.diff, node);
    if (this.groups && columns.row(node) === 1)
      return groupColour(theme, this.groups.get(columns.rawNames[columns.name[node]]) ?? -1);
    return theme.fills[this.#colour(columns, node)];
  }

  #paintName({columns, layout, matches, topOf, zoomNode}, k) {
    const {theme} = this;
    const node = layout.node[k];
    let ink = isAbove(columns, node, zoomNode) ? theme.inkFaint : theme.ink;
    if (matches) ink = matches[columns.name[node]] === 1 ? theme.matchInk : theme.inkFaint;
    const sign = columns.diff && SIGNS[columns.diff.verdict(node)];
    this.#label(
        columns.label(node), layout.left[k], topOf(layout.row[k]), layout.width[k], ink,
        columns.inlined[node] === 1, sign);
  }

  #paintRest({layout, topOf}, k) {
    this.#bar(layout.left[k], topOf(layout.row[k]), layout.width[k], this.pattern);
  }

  #bar(left, top, width, fill) {
    const snap = (value) => Math.round(value * this.ratio) / this.ratio;
    const from = snap(left);
    const gap = width >= MIN_GAP_FRAME_PX ? GAP_PX : 0;
    this.context.fillStyle = fill;
    this.context.fillRect(
        from, snap(top), Math.max(snap(left + width) - from - gap, 1 / this.ratio),
        ROW_PX - GAP_PX);
  }

  #label(name, left, top, width, ink, italic, sign = '') {
    const before = sign ? `${sign} ` : '';
    const fitted = this.text.fit(name, width - 2 * TEXT_PAD_PX, before);
    if (fitted === '') return;
    const shown = before + fitted;
    this.context.fillStyle = ink;
    if (italic) this.context.font = `italic ${this.theme.font}`;
    this.context.fillText(shown, left + TEXT_PAD_PX, top + ROW_PX / 2);
    if (italic) this.context.font = this.theme.font;
  }

  #outline(scene, node, colour, thickness) {
    const k = node === undefined ? -1 : scene.layout.indexOf(node);
    if (k < 0) return;
    const {context} = this;
    const inset = thickness / 2;
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(
        scene.layout.left[k] + inset, scene.topOf(scene.layout.row[k]) + inset,
        Math.max(1, scene.layout.width[k] - GAP_PX - thickness), ROW_PX - GAP_PX - thickness);
  }

  #verdictFill(diff, node) {
    return this.theme.verdicts[diff.verdict(node)]?.[diff.strength(node)] ?? this.theme.root;
  }

  #colour(columns, node) {
    let known = this.#colours.get(columns);
    if (!known) {
      known = new Int16Array(columns.count).fill(-1);
      this.#colours.set(columns, known);
    }
    if (known[node] < 0)
      known[node] = colourIndex(this.#family(columns, node), columns.label(node));
    return known[node];
  }

  #family(columns, node) {
    const module = this.#byModule ? baseName(columns.moduleOf(node)) : '';
    return module || columns.family(node);
  }

  #hatchPattern() {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const pen = tile.getContext('2d');
    pen.strokeStyle = this.theme.hatch;
    for (const shift of [-6, 0, 6]) {
      pen.moveTo(shift - 1, 7);
      pen.lineTo(shift + 7, -1);
    }
    pen.stroke();
    return this.context.createPattern(tile, 'repeat');
  }
}

function isAbove(columns, node, zoomNode) {
  return columns.depth[node] < columns.depth[zoomNode];
}
