// SPDX-License-Identifier: MIT
//
// Frame names come from foreign programs. Control, bidirectional, invisible and unassigned-by-eye
// characters are shown as \u{…}, so that no name can hide, reorder or impersonate another.

// Last: letters and marks that are drawn as nothing, and all spaces that are not the usual one.
const UNSEEN =
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0]|(?! )\p{Zs}/u;
const BLANK = /^ +$/;
const PLAIN = /^ *[!-~][ -~]*$/;  // most names: told much faster
const UNSEEN_ALL = new RegExp(UNSEEN.source, 'gu');
const NO_SCOPES = /[[/]|\([^)]*(::|\()/;  // parameters, "[module+0x1f]"
const MAX_SHORT_SOURCE = 4096;
const MAX_ROW_NAME = 64;

export function visible(text) {
  if (PLAIN.test(text)) return text;
  const spelled = (c) => `\\u{${c.codePointAt(0).toString(16)}}`;
  if (BLANK.test(text)) return text.replaceAll(' ', spelled);
  return UNSEEN.test(text) ? text.replace(UNSEEN_ALL, spelled) : text;
}

/** The name without what stands in <…>, as long as the brackets pair up: "std::vector<…>::at". */
export function withoutTemplateArguments(name) {
  if (!name.includes('<') || name.length > MAX_SHORT_SOURCE || /\boperator\s*[<>-]/.test(name))
    return name;
  let depth = 0;
  let out = '';
  let from = 0;  // what comes from here on is not in `out` yet
  for (const {0: bracket, index} of name.matchAll(/[<>]/g)) {
    if (bracket === '<' && depth++ === 0) out += `${name.slice(from, index + 1)}…`;
    if (bracket === '>' && --depth < 0) return name;
    if (depth === 0) from = index;
  }
  return depth === 0 ? out + name.slice(from) : name;
}

/** For a row, whose title has the whole: long names without their template arguments. */
export function tableName(name) {
  return name.length > MAX_ROW_NAME ? withoutTemplateArguments(name) : name;
}

/** ["a::b::", "c"]; ['', name] where there is nothing to cut. */
export function scopesAndEnd(name) {
  const plain = withoutTemplateArguments(name);
  if (plain !== name && plain.includes('<')) return ['', name];
  const end = scopesOf(name).at(-1);
  return [name.slice(0, name.length - end.length), end];
}

/** Shorter readings of a name, longest first; each keeps its end, where C++ says what it is. */
export function shorterNames(name) {
  const plain = withoutTemplateArguments(name);
  const readings = plain === name ? [] : [plain];
  const parts = scopesOf(plain);
  for (let i = Math.max(1, parts.length - 2); i < parts.length; ++i) {
    readings.push(parts.slice(i).join('::'));
  }
  return readings;
}

const TWO_SCOPES = /^\w+::\w+(?=::)/;  // of most names: told much faster

/** What a frame is coloured by: its two outermost scopes, else its module, else its own name. */
export function familyOf(name, module) {
  const [two] = NO_SCOPES.test(name) ? [] : TWO_SCOPES.exec(name) ?? [];
  if (two) return two;
  const scopes = scopesOf(withoutTemplateArguments(name)).slice(0, -1);
  if (scopes.length === 0) return baseName(module) || name;
  const outermost = scopes[0].slice(scopes[0].lastIndexOf(' ') + 1);
  return [outermost, ...scopes.slice(1, 2)].join('::');
}

/**
 * "a::b::c" in parts; a name that is no plain C++ name ("[module+0x1f]", parameters) stays whole.
 */
function scopesOf(plain) {
  return NO_SCOPES.test(plain) ? [plain] : plain.split('::');
}

/** "/usr/lib/libc.so.6" -> "libc". */
export function baseName(module) {
  return module.slice(module.lastIndexOf('/') + 1)
      .replace(/\.so(\.[\w.]+)?$/, '')
      .replace(/-[\d.]+$/, '');
}
