// SPDX-License-Identifier: MIT
//
// The two lists of terms that a question carries, as the URL and the server read them: labels
// ("thread=main;version!=2") and edits of stacks ("drop:malloc;mine"). Texts that are no term are
// kept as they are: the server says what is wrong with them.
import {decodePath, encodePath} from './state.js';

/** [{key, value, negated}] */
export function parseFilter(text) {
  return decodePath(text).map((term) => {
    const [, key, sign, value] = /^([^=]*?)(!?=)(.*)$/s.exec(term) ?? [, term, '=', ''];
    return {key, value, negated: sign === '!='};
  });
}

export function formatFilter(filter) {
  return encodePath(filter.map(({key, value, negated}) => `${key}${negated ? '!=' : '='}${value}`));
}

/** A base of labels: its terms, and those of the filter whose keys it does not name. */
export function baseFilter(where, base) {
  const own = parseFilter(base);
  const keys = new Set(own.map(({key}) => key));
  return formatFilter([...parseFilter(where).filter(({key}) => !keys.has(key)), ...own]);
}

/** Whether a base is labels, not a range: no time holds '='. */
export const isLabelBase = (base) => base.includes('=');

const EDITS = {
  focus: 'only through',
  drop: 'without',
  hide: 'hidden:',
  module: 'hidden module:',
  mine: 'only my code',
  recursion: 'recursion folded',
};

/** The term in words: "without malloc", "hidden: /^std::/". */
export function describeEdit(term) {
  const [, kind, sign, name] = /^([a-z]+)(?:([:~])(.*))?$/s.exec(term) ?? [];
  if (!Object.hasOwn(EDITS, kind)) return term;
  return [EDITS[kind], sign === '~' ? `/${name}/` : name].filter(Boolean).join(' ');
}

/** The list with the term, or without it where it was there. */
export function toggled(text, term) {
  const terms = decodePath(text);
  const rest = terms.filter((known) => known !== term);
  return encodePath(rest.length < terms.length ? rest : [...terms, term]);
}

/** The list with the term. */
export function withTerm(text, term) {
  return encodePath([...decodePath(text).filter((known) => known !== term), term]);
}
