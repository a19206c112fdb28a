// SPDX-License-Identifier: MIT
//
// What the pointer is on: name, module, total and self. Follows the pointer and stays in the
// window.
import {element} from './dom.js';
import {formatPercent, formatWeight} from './format.js';

const OFFSET_PX = 14;
const EDGE_PX = 8;

/** Sentence for the status line and for screen readers. */
export function describe(columns, hit, zoomNode) {
  const facts = factsOf(columns, hit, zoomNode);
  const rows = facts.rows.map(({label, weight, ofAll}) => `${label} ${weight}, ${ofAll} of all`);
  return [facts.title, ...rows, facts.note].filter(Boolean).join(' · ');
}

function factsOf(columns, hit, zoomNode) {
  if (hit.kind === 'ancestor') {
    const name = hit.row === 0 ? 'all' : columns.rootPath[hit.row - 1];
    return {title: name, rows: [], note: 'Above the zoomed frame. Click to zoom out to it.'};
  }
  const row = (label, weight) => ({
    label,
    weight: formatWeight(weight, columns.unit),
    ofAll: formatPercent(weight, columns.rangeTotal),
    ofZoom: formatPercent(weight, columns.total[zoomNode]),
  });
  if (columns.diff) return diffFacts(columns, hit);
  if (hit.kind === 'rest') {
    const note = hit.node === zoomNode ? 'Narrower than half a pixel each.' :
                                         'Click to zoom in and see them.';
    return {title: 'Frames too narrow to draw', rows: [row('total', hit.weight)], note};
  }
  const {node} = hit;
  return {
    title: columns.label(node),
    origin: columns.moduleOf(node),
    inlined: columns.inlined[node] === 1,
    rows: [row('total', columns.total[node]), row('self', columns.self[node])],
  };
}

/** In a comparison widths are no weights: both sides have their own. */
function diffFacts(columns, hit) {
  if (hit.kind === 'rest')
    return {title: 'Frames too narrow to draw', rows: [], note: 'Click to zoom in and see them.'};
  const {node} = hit;
  const {diff} = columns;
  const row = (label, weight, total) => ({
    label,
    weight: formatWeight(weight, columns.unit),
    ofAll: formatPercent(weight, total),
  });
  return {
    title: columns.label(node),
    origin: columns.moduleOf(node),
    inlined: columns.inlined[node] === 1,
    rows: [
      row('before', diff.base[node], diff.totals[0]), row('now', diff.current[node], diff.totals[1])
    ],
    note: diff.change(node).text,
  };
}

export class Tooltip {
  constructor(box) {
    this.box = box;
  }

  hide() {
    this.box.hidden = true;
  }

  show(columns, hit, zoomNode, event) {
    const facts = factsOf(columns, hit, zoomNode);
    const zoomed = !columns.diff && (zoomNode !== 0 || columns.rootPath.length > 0);
    this.box.replaceChildren(element('div', {className: 'tip-name'}, facts.title));
    const origin =
        [facts.inlined ? 'inlined into its caller' : '', facts.origin].filter(Boolean).join(' · ');
    if (origin) this.box.append(element('div', {className: 'tip-origin'}, origin));
    if (facts.rows.length > 0) this.box.append(table(facts.rows, zoomed));
    if (facts.note) this.box.append(element('div', {className: 'tip-note'}, facts.note));
    this.box.hidden = false;
    this.#place(event.clientX, event.clientY);
  }

  #place(x, y) {
    const {offsetWidth: width, offsetHeight: height} = this.box;
    const roomRight = window.innerWidth - width - EDGE_PX;
    const below = y + OFFSET_PX + height + EDGE_PX <= window.innerHeight;
    const left = Math.max(EDGE_PX, Math.min(x + OFFSET_PX, roomRight));
    const top = below ? y + OFFSET_PX : Math.max(EDGE_PX, y - OFFSET_PX - height);
    this.box.style.transform = `translate(${left}px, ${top}px)`;
  }
}

function table(rows, zoomed) {
  const cell = (text, className = '') => element('td', {className}, text);
  const head =
      element('tr', {}, cell(''), cell(''), cell('of all'), ...(zoomed ? [cell('of zoomed')] : []));
  const body = rows.map(
      ({label, weight, ofAll, ofZoom}) => element(
          'tr', {}, element('th', {scope: 'row'}, label), cell(weight, 'tip-weight'), cell(ofAll),
          ...(zoomed ? [cell(ofZoom)] : [])));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body));
}
