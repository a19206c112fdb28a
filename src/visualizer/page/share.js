// SPDX-License-Identifier: MIT
//
// Taking what is shown elsewhere: as a link, as a file for another tool, as a picture.
import {exportUrl} from './api.js';
import {byId} from './dom.js';
import {formatState} from './state.js';

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
 * the same; a live link keeps the words.
 */
export function shareItems(state, held, view, say) {
  const link = (of) => async () => {
    await navigator.clipboard.writeText(new URL(formatState(of) || '.', location.href).href);
    say('The link was copied.');
  };
  const {from, until} = held.query;
  const items = [
    ['Copy link to these very times', 'y', link({...state, from, until, live: false})],
    ['Copy live link', '', link(state)],
  ];
  for (const [text, format] of FILES) {
    items.push([`Save as ${text}`, '', () => download(exportUrl(held.query, state.path, format))]);
  }
  items.push(['Save as PNG picture', '', () => savePicture(view.canvas)]);
  return items;
}

function download(href, name = '') {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.download = name;
  anchor.click();
}

function savePicture(canvas) {
  canvas.toBlob((blob) => {
    const href = URL.createObjectURL(blob);
    download(href, 'flamegraph.png');
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  });
}

export function menuPlace() {
  const {left, bottom} = byId('share').getBoundingClientRect();
  return {x: left, y: bottom + 4};
}
