// SPDX-License-Identifier: MIT
//
// The keyboard. Keys typed into a field belong to the field; Escape leaves it.
import {byId} from './dom.js';

const ARROWS = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'previous',
  ArrowRight: 'next'
};

/**
 * actions: one per command; viewFor(element): the FlameView that keys pressed there are meant for.
 */
export function listenToKeys(viewFor, actions) {
  const sheet = byId('keys');
  const showSheet = () => {
    sheet.showModal();
    sheet.scrollTop = 0;  // the button that closes it, which gets the focus, is its end
  };
  byId('help').addEventListener('click', showSheet);
  const commands = {
    '/': actions.search,
    'Backspace': actions.back,
    'Escape': actions.reset,
    'l': actions.live,
    'r': actions.reload,
    'c': actions.compare,
    'e': actions.share,
    's': actions.sandwich,
    'a': actions.addFilter,
    'n': () => actions.nextMatch(1),
    'N': () => actions.nextMatch(-1),
    'f': () => actions.edit('focus'),
    'x': () => actions.edit('drop'),
    'h': () => actions.edit('hide'),
    'm': () => actions.toggleEdit('mine'),
    'R': () => actions.toggleEdit('recursion'),
    't': actions.panes,
    'g': actions.calls,
    'u': actions.heat,
    'v': actions.source,
    'p': actions.pick,
    'y': actions.copyLink,
    'i': actions.flip,
    'o': actions.order,
    '[': () => actions.range({shift: -1}),
    ']': () => actions.range({shift: 1}),
    '-': () => actions.range({stretch: 2}),
    '=': () => actions.range({stretch: 0.5}),
    '?': showSheet,
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]'))
      return;
    if (event.target.matches('input, select, textarea')) {
      if (event.key === 'Escape') {
        event.preventDefault();
        viewFor(document.body).canvas.focus({preventScroll: true});
      }
      return;
    }
    if (commands[event.key]) {
      event.preventDefault();
      commands[event.key]();
    } else if (viewFor(event.target)) {
      frameKey(viewFor(event.target), event);
    }
  });
}

function frameKey(view, event) {
  const direction = ARROWS[event.key];
  if (!direction && event.key !== 'Enter') return;
  event.preventDefault();
  if (document.activeElement !== view.canvas) {
    view.canvas.focus({preventScroll: true});
    view.reveal();
  } else if (direction)
    view.move(direction);
  else
    view.zoomToFocus();
}
