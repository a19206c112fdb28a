// SPDX-License-Identifier: MIT
//
// Which frames of the columns are to be painted, and where: a pure function of the columns, the
// shown span of weight and the rows in view. Its cost grows with what is visible, not with what is
// held: a subtree that is too narrow, off to a side or below the last row is stepped over whole.

/** Frames narrower than this are painted together as one remainder. */
export const MIN_FRAME_PX = 0.5;

/** Growing lists of rectangles, reused from paint to paint. */
export class Layout {
  node = [];   // of each frame; for a remainder, the frame whose children it stands for
  left = [];   // px, clipped to the view
  width = [];  // px, clipped to the view
  row = [];
  rest = [];  // 1: a remainder, the children of `node` that are too narrow or were not sent

  clear() {
    for (const list of [this.node, this.left, this.width, this.row, this.rest]) list.length = 0;
  }

  push(node, left, width, row, rest) {
    this.node.push(node);
    this.left.push(left);
    this.width.push(width);
    this.row.push(row);
    this.rest.push(rest);
  }

  get size() {
    return this.node.length;
  }

  /** Index of the rectangle at a point, or -1. */
  at(x, row) {
    for (let k = this.size - 1; k >= 0; --k) {
      if (this.row[k] === row && x >= this.left[k] && x < this.left[k] + this.width[k]) return k;
    }
    return -1;
  }

  indexOf(node) {
    for (let k = 0; k < this.size; ++k) {
      if (this.node[k] === node && !this.rest[k]) return k;
    }
    return -1;
  }

  /** Index of the widest frame of which `wanted` is true, or -1. */
  widest(wanted) {
    let best = -1;
    for (let k = 0; k < this.size; ++k) {
      const wider = best < 0 || this.width[k] > this.width[best];
      if (wider && !this.rest[k] && wanted(k)) best = k;
    }
    return best;
  }

  /** Index of the next frame of the same row, `step` 1 to the right and -1 to the left, or -1. */
  beside(k, step) {
    for (let i = k + step; k >= 0 && i >= 0 && i < this.size; i += step) {
      if (this.row[i] === this.row[k] && !this.rest[i]) return i;
    }
    return -1;
  }
}

/** The children of one frame that are too narrow to be painted, gathered from left to right. */
class Remainder {
  constructor(node, row) {
    this.node = node;
    this.row = row;
    this.left = 0;
    this.width = 0;
  }

  add(left, width, out, viewWidth) {
    const gap = left - (this.left + this.width);
    if (this.width > 0 && gap > MIN_FRAME_PX) this.flush(out, viewWidth);
    if (this.width === 0) this.left = left;
    this.width = left + width - this.left;
  }

  flush(out, viewWidth) {
    const left = Math.max(0, this.left);
    const width = Math.min(viewWidth, this.left + this.width) - left;
    if (width >= MIN_FRAME_PX) out.push(this.node, left, width, this.row, 1);
    this.width = 0;
  }
}

/**
 * Fills `out` with what `view` shows: {from, to} in weight, {width} in px, {firstRow, lastRow}
 * inclusive. Frames of one row come from left to right.
 */
export function layOut(columns, view, out) {
  out.clear();
  const {x, total, hidden, filled, end} = columns;
  const scale = view.width / (view.to - view.from);
  if (!(scale > 0)) return;
  const open = [];  // remainders of the frames that the walk is inside of, outermost first

  const close = () => {
    const rest = open.pop();
    const {node} = rest;
    if (hidden[node] > 0) {
      rest.add((x[node] + filled[node] - view.from) * scale, hidden[node] * scale, out, view.width);
    }
    rest.flush(out, view.width);
  };

  for (let i = 0; i < columns.count;) {
    while (open.length > 0 && end[open.at(-1).node] <= i) close();
    const row = columns.row(i);
    const left = (x[i] - view.from) * scale;
    const width = total[i] * scale;
    const inView = left + width > 0 && left < view.width;
    if (inView && width < MIN_FRAME_PX) open.at(-1)?.add(left, width, out, view.width);
    if (!inView || width < MIN_FRAME_PX) {
      i = end[i];
      continue;
    }
    if (row >= view.firstRow) {
      const clipped = Math.max(0, left);
      out.push(i, clipped, Math.min(view.width, left + width) - clipped, row, 0);
    }
    if (row >= view.lastRow) {
      i = end[i];
      continue;
    }
    open.push(new Remainder(i, row + 1));
    ++i;
  }
  while (open.length > 0) close();
}
