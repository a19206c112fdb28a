// SPDX-License-Identifier: MIT
//
// Frame names come from foreign programs. Control, bidirectional, invisible and unassigned-by-eye
// characters are shown as \u{…}, so that no name can hide, reorder or impersonate another.

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const UNSEEN_ALL = new RegExp(UNSEEN.source, 'gu');
const MAX_SHORT_SOURCE = 4096;

export function visible(text) {
  if (!UNSEEN.test(text)) return text;
  return text.replace(UNSEEN_ALL, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

/** The name without what stands in <…>, as long as the brackets pair up: "std::vector<…>::at". */
export function withoutTemplateArguments(name) {
  if (name.length > MAX_SHORT_SOURCE || /\boperator\s*[<>-]/.test(name)) return name;
  let depth = 0;
  let out = '';
  for (const c of name) {
    if (c === '>' && --depth < 0) return name;
    if (depth === 0) out += c;
    if (c === '<' && depth++ === 0) out += '…';
  }
  return depth === 0 ? out : name;
}

/** Shorter readings of a name, longest first; each keeps its end, where C++ says what it is. */
export function shorterNames(name) {
  const plain = withoutTemplateArguments(name);
  if (/[[(/ ]/.test(plain)) return plain === name ? [] : [plain];
  const parts = plain.split('::');
  const readings = plain === name ? [] : [plain];
  for (let i = Math.max(1, parts.length - 2); i < parts.length; ++i) {
    readings.push(parts.slice(i).join('::'));
  }
  return readings;
}

/** What a frame is coloured by: its outermost namespace, else its module, else its own name. */
export function familyOf(name, module) {
  const plain = withoutTemplateArguments(name);
  const scope = plain.indexOf('::');
  if (scope > 0 && !/[[(/]/.test(plain.slice(0, scope))) {
    return plain.slice(plain.lastIndexOf(' ', scope) + 1, scope);
  }
  return baseName(module) || name;
}

/** "/usr/lib/libc.so.6" -> "libc". */
export function baseName(module) {
  return module.slice(module.lastIndexOf('/') + 1).replace(/\.so(\.[\w.]+)?$/, '').replace(/-[\d.]+$/, '');
}
