// SPDX-License-Identifier: MIT
//
// The few DOM calls the page makes. Text enters the document through textContent only: a name from
// a profile can never become markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties, `on…` listeners and children (nodes or text). */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on'))
      node.addEventListener(key.slice(2), value);
    else if (key in node)
      node[key] = value;
    else
      node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const nameOf = (node) => node.getAttribute('aria-label') ?? node.textContent;

/**
 * New content for `parent`. Where the keyboard stood in the old one it goes on from what has the
 * same name, else from what has the same place: an answer that comes by itself leaves it alone.
 */
export function renew(parent, ...children) {
  const held = document.activeElement;
  const inside = () => [...parent.querySelectorAll(held.localName)];
  const place = parent.contains(held) ? inside().indexOf(held) : -1;
  parent.replaceChildren(...children);
  if (place < 0) return;
  const now = inside();
  const next = now.find((node) => nameOf(node) === nameOf(held)) ?? now[place] ?? now.at(-1);
  next?.focus({preventScroll: true});
}

/** For a table's body: the arrows go from row to row, by the button that each begins with. */
export function walkRows(event) {
  const step = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[event.key];
  if (!step) return;
  event.preventDefault();
  event.target.closest('tr')[step]?.querySelector('button').focus();
}
