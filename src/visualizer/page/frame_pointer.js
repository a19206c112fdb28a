// SPDX-License-Identifier: MIT
//
// What the pointer does on the graph: hovering, a click, the menu.
import {ROW_PX} from './painter.js';

/** `view`: the FlameView whose canvas it is. */
export function listenToPointer(view) {
  const {canvas} = view;
  canvas.addEventListener('pointermove', (event) => hover(view, event, hitAt(view, event)));
  canvas.addEventListener('pointerleave', (event) => hover(view, event, undefined));
  canvas.addEventListener('click', (event) => click(view, event));
  canvas.addEventListener('contextmenu', (event) => openMenu(view, event));
}

function hitAt(view, event) {
  const box = view.canvas.getBoundingClientRect();
  return view.hitAt(event.clientX - box.left, event.clientY - box.top);
}

function hover(view, event, hit) {
  view.setHover(hit?.kind === 'frame' ? hit.node : undefined);
  view.canvas.style.cursor = hit ? 'pointer' : '';
  view.emit('hover', {hit, event});
}

function click(view, event) {
  const hit = hitAt(view, event);
  if (!hit) return;
  if (hit.kind === 'ancestor') return view.zoom(view.columns.rootPath.slice(0, hit.row));
  view.pointAt(hit.node);
  view.zoom(view.columns.pathOf(hit.node));
}

/** By the right button on what is under it; by the menu key, which has no place, on the focus. */
function openMenu(view, event) {
  const byKey = event.button !== 2 && !event.ctrlKey;  // a Mac clicks with Ctrl
  if (byKey && view.focus === undefined) return;
  const hit = byKey ? {kind: 'frame', node: view.focus} : hitAt(view, event);
  if (hit?.kind !== 'frame') return;
  event.preventDefault();
  view.focus = hit.node;
  const at = byKey ? below(view, hit.node) : {x: event.clientX, y: event.clientY};
  view.emit('menu', {hit, at});
}

/** The lower left corner of a frame. */
function below(view, node) {
  const {left, top} = view.cornerOf(node);
  return {x: left, y: top + ROW_PX};
}
