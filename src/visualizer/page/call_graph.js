// SPDX-License-Identifier: MIT
//
// Who calls whom: the heaviest functions below the zoom as boxes, what goes through each call as
// the width of its line. An SVG of elements, never of markup; every box is a button.
import {fetchCallGraph} from './api.js';
import {layOutGraph} from './call_layout.js';
import {byId} from './dom.js';
import {formatCount, formatPercent, formatWeight} from './format.js';
import {LatestQuestion} from './latest_question.js';
import {colourIndex, currentTheme} from './palette.js';
import {samePath} from './state.js';
import {baseName, familyOf, shorterNames, visible} from './text.js';

const SVG = 'http://www.w3.org/2000/svg';
const NODES = 40;
const BOX = {
  height: 40,
  least: 150,
  most: 260
};
const PX_PER_LETTER = 6.6;
const PAD = 20;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** The longest reading of a name that fits a box, cut where none does. */
export function boxLabel(name) {
  const room = Math.floor((BOX.most - 16) / PX_PER_LETTER);
  const readings = [name, ...shorterNames(name)];
  const fits = readings.find(({length}) => length <= room);
  return fits ?? `${[...readings.at(-1)].slice(0, room - 1).join('')}…`;
}

export class CallGraph extends EventTarget {
  // Events: 'open' {name}, 'select' {name}.
  #latest = new LatestQuestion();
  #boxes = new Map();  // raw name -> its box
  #path = [];
  #placed = false;     // it was scrolled to its beginning: what one scrolled to since, stays

  constructor() {
    super();
    this.pane = byId('calls');
    matchMedia('(prefers-color-scheme: dark)')
        .addEventListener('change', () => this.answer && this.#render());
  }

  get shown() {
    return !this.pane.hidden;
  }

  /** Name of the function whose box the keyboard is on. */
  get focused() {
    return [...this.#boxes].find(([, box]) => box === document.activeElement)?.[0];
  }

  show({show, sandwich, colour}) {
    this.pane.hidden = show !== 'calls' || sandwich !== '';
    const byModule = colour === 'module';
    if (byModule === this.byModule) return;
    this.byModule = byModule;
    if (this.answer) this.#render();
  }

  async run(query, path) {
    const question = JSON.stringify([query, path]);
    if (!this.shown) return;
    const answer = await this.#latest.ask(
        question, (signal) => fetchCallGraph(query, path, NODES, signal));
    if (!answer) return;
    this.answer = answer;
    this.#placed = this.#placed && samePath(path, this.#path);
    this.#path = path;
    this.#render();
  }

  setMatches(names) {
    this.names = names;
    for (const [name, box] of this.#boxes) {
      box.classList.toggle('lit', names?.has(name) ?? false);
      box.classList.toggle('faded', names !== undefined && !names.has(name));
    }
  }

  /** Puts the keyboard on the next lit box, `step` 1 or -1, and round again. */
  nextMatch(step) {
    const lit = [...this.#boxes].filter(([name]) => this.names?.has(name)).map(([, box]) => box);
    if (lit.length === 0) return false;
    const at = lit.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : lit.length - 1) : (at + step + lit.length) % lit.length;
    lit[next].focus();
    return true;
  }

  #render() {
    const {names, edges, rest} = this.answer;
    const labels = names.map((name) => boxLabel(visible(name)));
    const boxes = labels.map(
        (label) => ({
          width: Math.min(BOX.most, Math.max(BOX.least, label.length * PX_PER_LETTER + 16)),
          height: BOX.height
        }));
    const calls = edges.from.map((from, i) => ({from, to: edges.to[i]}));
    const layout = layOutGraph(boxes, calls);
    const {focused} = this;
    this.#boxes.clear();
    const theme = currentTheme();
    const [width, height] = [layout.width + 2 * PAD, layout.height + 2 * PAD];
    byId('calls-picture')
        .replaceChildren(svg(
            'svg', {width, height, viewBox: `${- PAD} ${- PAD} ${width} ${height}`},
            ...layout.edges.map((points, i) => this.#edge(points, i)),
            ...layout.nodes.map((at, i) => this.#box(i, {...at, ...boxes[i]}, labels[i], theme))));
    byId('calls-rest').textContent = rest > 0 ?
        `The ${names.length} heaviest functions; ${
            formatCount(rest)} more are not drawn.` :
        '';
    this.setMatches(this.names);
    this.#boxes.get(focused)?.focus({preventScroll: true});
    if (!this.#placed) this.#scrollTo(layout.nodes, boxes);
    this.#placed = true;
  }

  /** Where a picture is wider than its pane, the heaviest function stands in the middle. */
  #scrollTo(places, boxes) {
    const {total} = this.answer.nodes;
    const heaviest = total.indexOf(Math.max(...total));
    if (heaviest < 0) return;
    const middle = PAD + places[heaviest].x + boxes[heaviest].width / 2;
    this.pane.scrollLeft = middle - this.pane.clientWidth / 2;
  }

  #edge(points, i) {
    const {edges, names, total, unit} = this.answer;
    const weight = edges.weight[i];
    const share = total > 0 ? weight / total : 0;
    const [from, to] = [edges.from[i], edges.to[i]].map((n) => visible(names[n]));
    const past = edges.direct[i] ? '' : ' (past functions that are not drawn)';
    const text =
        `${from} → ${to}: ${formatWeight(weight, unit)}, ${formatPercent(weight, total)}${past}`;
    const [x, y] = points.at(-1);
    const [middleX, middleY] = points.length === 2 ?
        [(points[0][0] + x) / 2, (points[0][1] + y) / 2] :
        points[Math.floor(points.length / 2)];
    return svg(
        'g', {class: edges.direct[i] ? 'call' : 'call past'}, svg('title', {}, text),
        svg('path', {d: curve(points), 'stroke-width': (1 + 9 * share).toFixed(2)}),
        svg('path', {class: 'head', d: `M${x - 4} ${y - 8}L${x} ${y}L${x + 4} ${y - 8}Z`}),
        svg('text', {x: middleX + 6, y: middleY}, formatPercent(weight, total)));
  }

  #box(i, {x, y, width, height}, label, theme) {
    const {names, modules, nodes, total, unit} = this.answer;
    const name = visible(names[i]);
    const module = visible(modules[i]);
    const family = (this.byModule && baseName(module)) || familyOf(name, module);
    const cost = `self ${formatPercent(nodes.self[i], total)} · total ${
        formatPercent(nodes.total[i], total)}`;
    const says = `${name}, self ${formatWeight(nodes.self[i], unit)}, total ${
        formatWeight(nodes.total[i], unit)}`;
    const box =
        svg('g', {class: 'box', tabindex: 0, role: 'button', 'aria-label': says},
            svg('title', {}, [name, module, cost].filter(Boolean).join('\n')),
            svg('rect', {x, y, width, height, rx: 5, fill: theme.fills[colourIndex(family, name)]}),
            svg('text', {x: x + 8, y: y + 16}, label),
            svg('text', {class: 'cost', x: x + 8, y: y + 32}, cost));
    box.addEventListener('click', () => this.#emit('select', {name: names[i]}));
    box.addEventListener('dblclick', () => this.#emit('open', {name: names[i]}));
    box.addEventListener('keydown', (event) => this.#key(event, names[i]));
    this.#boxes.set(names[i], box);
    return box;
  }

  #key(event, name) {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    this.#emit('open', {name});
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

/** Through all points, leaving and arriving straight down. */
function curve(points) {
  const [first, ...rest] = points;
  let [x, y] = first;
  let path = `M${x.toFixed(1)} ${y.toFixed(1)}`;
  for (const [toX, toY] of rest) {
    const middle = (y + toY) / 2;
    path += `C${[x, middle, toX, middle, toX, toY].map((v) => v.toFixed(1)).join(' ')}`;
    [x, y] = [toX, toY];
  }
  return path;
}
