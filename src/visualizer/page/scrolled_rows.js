// SPDX-License-Identifier: MIT
//
// Which rows of the graph are in view. The canvas has the size of the viewport and stays put in a
// tall spacer, so that any depth scrolls natively and no canvas limit is met.
import {ROW_PX} from './painter.js';

const ROWS_ABOVE_ZOOM = 2;  // kept in view over the zoomed frame when it must be scrolled to

export class ScrolledRows {
  upward = false;  // the root lies at the bottom and the calls grow upward
  #height = 0;     // of the window on the rows
  #top = 0;        // where it was scrolled to, which a browser changes where it grows over the end

  constructor(scroller, spacer) {
    this.scroller = scroller;
    this.spacer = spacer;
  }

  /** Of a row's upper edge, in px below the canvas's. */
  topOf(row) {
    return this.tops(row);
  }

  /** topOf() as long as nothing scrolls: the browser is asked once, and not for every frame. */
  get tops() {
    const {scrollHeight, scrollTop} = this.scroller;
    const bottom = scrollHeight - scrollTop - ROW_PX;
    return this.upward ? (row) => bottom - row * ROW_PX : (row) => row * ROW_PX - scrollTop;
  }

  at(y) {
    const below = y + this.scroller.scrollTop;
    return Math.floor((this.upward ? this.scroller.scrollHeight - below : below) / ROW_PX);
  }

  /** {firstRow, lastRow} of a canvas of that height. */
  within(height) {
    const rows = [this.at(0), this.at(height)];
    return {firstRow: Math.min(...rows), lastRow: Math.max(...rows)};
  }

  /** Room for `count` rows; upward, what is shown keeps its place over the root. */
  fit(count) {
    const {scrollHeight: before} = this.scroller;
    this.spacer.style.height = `${count * ROW_PX}px`;
    if (this.upward) this.#scrollBy(this.scroller.scrollHeight - before);
  }

  /** The window has another height: what stood at the root's end of it stays there. */
  resized() {
    const {clientHeight} = this.scroller;
    if (clientHeight === 0) return;  // hidden, and back at its place afterwards
    if (this.upward) this.scroller.scrollTop = this.#top + this.#height - clientHeight;
    this.#height = clientHeight;
    this.scrolled();
  }

  scrolled() {
    if (this.scroller.clientHeight === this.#height) this.#top = this.scroller.scrollTop;
  }

  clear() {
    this.spacer.style.height = '';
  }

  bringIntoView(row) {
    this.#bring(row, 0);
  }

  /** The same, with some of its callers. */
  bringZoomIntoView(row) {
    this.#bring(row, ROWS_ABOVE_ZOOM);
  }

  #bring(row, callers) {
    const top = this.topOf(row);
    const {clientHeight} = this.scroller;
    if (top >= 0 && top + ROW_PX <= clientHeight) return;
    const toTop = callers > 0 ? !this.upward : top < 0;
    const margin = (callers > 0 ? callers : toTop ? 0 : 1) * ROW_PX;
    this.#scrollBy(toTop ? top - margin : top + ROW_PX + margin - clientHeight);
  }

  #scrollBy(px) {
    this.scroller.scrollTop += px;
    this.scrolled();
  }
}
