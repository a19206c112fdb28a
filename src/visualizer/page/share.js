// SPDX-License-Identifier: MIT
//
// Taking what is shown elsewhere: as a link, as a file for another tool, as a picture.
import {exportUrl} from './api.js';
import {byId} from './dom.js';
import {formatState} from './state.js';
import {withTerm} from './terms.js';

const FILES = [
  ['folded stacks', 'folded'],
  ['pprof', 'pprof'],
  ['Chrome .cpuprofile', 'cpuprofile'],
  ['speedscope', 'speedscope'],
  ['callgrind', 'callgrind'],
  ['Graphviz call graph', 'dot'],
  ['SVG picture', 'svg'],
];

/**
 * What the menu offers. `held` is what was answered: its moments are the link's, so that others see
 * the same; a live link keeps the words. `path` leads to the frame that is shown, `canvases` show
 * it, from top to bottom: none where a table or boxes do.
 */
export function shareItems(state, {held, path, canvases}, say) {
  const link = (of) => async () => {
    await navigator.clipboard.writeText(new URL(formatState(of) || '.', location.href).href);
    say('The link was copied.');
  };
  const {from, until, at} = held.query;
  const there = {...state, from, until, at, base: baseOf(state.base, held.answer), live: false};
  const items = [
    ['Copy link to these very times', 'y', link(there)],
    ['Copy live link', '', link(state)],
  ];
  for (const [text, format] of FILES) {
    items.push([`Save as ${text}`, '', () => download(fileUrl(state, held.query, path, format))]);
  }
  if (canvases.length > 0) items.push(['Save as PNG picture', '', () => savePicture(canvases)]);
  return items;
}

/** Moments in place of words: "yesterday" is another day tomorrow. */
function baseOf(base, {base_range: range}) {
  return base.includes('..') ? `${range.from.time}..${range.until.time}` : base;
}

/** Between callers and callees all stacks through the function are shown, whatever the zoom. */
function fileUrl({sandwich}, query, path, format) {
  if (sandwich === '') return exportUrl(query, path, format);
  return exportUrl({...query, edit: withTerm(query.edit, `focus:${sandwich}`)}, [], format);
}

function download(href, name = '') {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.download = name;
  anchor.click();
}

function savePicture(canvases) {
  const picture = document.createElement('canvas');
  picture.width = Math.max(...canvases.map(({width}) => width));
  picture.height = canvases.reduce((sum, {height}) => sum + height, 0);
  let top = 0;
  for (const canvas of canvases) {
    picture.getContext('2d').drawImage(canvas, 0, top);
    top += canvas.height;
  }
  picture.toBlob((blob) => {
    const href = URL.createObjectURL(blob);
    download(href, 'flamegraph.png');
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  });
}

export function menuPlace() {
  const {left, bottom} = byId('share').getBoundingClientRect();
  return {x: left, y: bottom + 4};
}
