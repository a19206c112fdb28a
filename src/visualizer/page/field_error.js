// SPDX-License-Identifier: MIT
//
// The server's refusal under the box it is about: what was typed with a caret where it went wrong,
// the reason, and examples that fill the box.
import {byId, element} from './dom.js';
import {visible} from './text.js';

export function showFieldError(input, error, useExample) {
  const box = byId(`${input.id}-error`);
  input.setAttribute('aria-invalid', 'true');
  const parts = [];
  if (Number.isInteger(error.position)) parts.push(element('pre', {}, caretLines(error)));
  const reason = error.message.replace(`${error.parameter}: `, '');
  parts.push(element('span', {className: 'reason'}, visible(reason)));
  const examples = error.examples.map(
      (example) => element(
          'button', {type: 'button', className: 'link', onclick: () => useExample(example)},
          example));
  if (examples.length > 0)
    parts.push(element('span', {className: 'examples'}, 'Try ', ...examples));
  box.replaceChildren(...parts);
  box.hidden = false;
}

export function clearFieldError(input) {
  input.removeAttribute('aria-invalid');
  byId(`${input.id}-error`).hidden = true;
}

/** The position counts UTF-8 bytes; the caret stands under the character they fall in. */
function caretLines({value = '', position}) {
  const bytes = new TextEncoder().encode(value).subarray(0, position);
  const before = visible(new TextDecoder().decode(bytes));
  return `${visible(value)}\n${' '.repeat([...before].length)}^`;
}
