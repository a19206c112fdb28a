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

/** For a table's body: the arrows go from row to row, by the button that each begins with. */
export function walkRows(event) {
  const step = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[event.key];
  if (!step) return;
  event.preventDefault();
  event.target.closest('tr')[step]?.querySelector('button').focus();
}
