// SPDX-License-Identifier: MIT
//
// Which names of a graph's columns are lit up: found by a search, or chosen.
export class LitNames {
  names;   // a Set of names as shown, or undefined for none
  #known;  // {columns, names, flags}: of the search at hand

  /** One flag per name of the columns, made once per search and columns; undefined for none. */
  flagsOf(columns) {
    const {names} = this;
    if (!names || !columns) return undefined;
    if (this.#known?.columns !== columns || this.#known.names !== names) {
      const flags = Uint8Array.from(columns.rawNames, (name) => (names.has(name) ? 1 : 0));
      this.#known = {columns, names, flags};
    }
    return this.#known.flags;
  }

  /** The next lit node below `root` after `from`, `step` 1 or -1, and round again; or -1. */
  next(columns, root, from, step) {
    const flags = this.flagsOf(columns);
    if (!flags) return -1;
    const count = columns.end[root] - root;
    for (let i = 1; i <= count; ++i) {
      const node = root + ((((from - root + step * i) % count) + count) % count);
      if (flags[columns.name[node]] === 1) return node;
    }
    return -1;
  }
}
