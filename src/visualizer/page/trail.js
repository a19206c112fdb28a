// SPDX-License-Identifier: MIT
//
// The way from the root to the zoomed frame, as links: each is the URL of that zoom.
import {byId, element, renew} from './dom.js';
import {formatState} from './state.js';
import {visible, withoutTemplateArguments} from './text.js';

const SHOWN_AT_END = 4;

export function showTrail(state, path, zoomTo) {
  const crumb = (length) => {
    const name = visible(length === 0 ? 'all' : path[length - 1]);
    const text = withoutTemplateArguments(name);
    if (length === path.length)
      return element('li', {}, element('b', {title: name, 'aria-current': 'location'}, text));
    const target = path.slice(0, length);
    const follow = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      zoomTo(target);
    };
    const href = formatState({...state, path: target}) || './';
    return element('li', {}, element('a', {href, title: name, onclick: follow}, text));
  };
  const firstShown = Math.max(1, path.length - SHOWN_AT_END + 1);
  const items = [crumb(0)];
  if (firstShown > 1) items.push(element('li', {className: 'skipped'}, `${firstShown - 1} more`));
  for (let length = firstShown; length <= path.length; ++length) items.push(crumb(length));
  renew(byId('crumbs'), ...items);
}
