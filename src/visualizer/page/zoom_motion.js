// SPDX-License-Identifier: MIT
//
// Which span of weight the graph shows, and the way there when a zoom moves it.
const ANIMATION_MS = 150;

const ease = (t) => 1 - (1 - t) ** 3;

export class ZoomMotion {
  span;        // {from, to} in weight
  frames = 0;  // painted on the way of all zooms so far
  #way;
  #settled = Promise.resolve();

  get moving() {
    return this.#way !== undefined;
  }

  /** Resolves when no zoom is under way. */
  settled() {
    return this.#settled;
  }

  /** Shows `to`: by way of `from` where there is one, and people want to see things move. */
  start(from, to) {
    this.#way?.finish();
    this.#way = undefined;
    const moves = from && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.span = moves ? from : to;
    if (!moves) return;
    this.#settled = new Promise((finish) => {
      this.#way = {from, to, finish, start: undefined};
    });
  }

  /** On to where it is at `now`, in ms; true when there is more of the way to come. */
  advance(now) {
    const way = this.#way;
    if (!way) return false;
    way.start ??= now;
    ++this.frames;
    const t = Math.min(1, (now - way.start) / ANIMATION_MS);
    const mix = (a, b) => a + (b - a) * ease(t);
    this.span = {from: mix(way.from.from, way.to.from), to: mix(way.from.to, way.to.to)};
    if (t < 1) return true;
    this.span = way.to;
    this.#way = undefined;
    way.finish();
    return false;
  }
}
