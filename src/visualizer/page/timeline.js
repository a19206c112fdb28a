// SPDX-License-Identifier: MIT
//
// CPU time over the range, on top of the graph: a bar per interval, stacked by the grouping.
// Heights are rates, so that the first and the last interval, which the range cuts, compare with
// the others. Dragging selects a part of the range.
import {fetchTimeline} from './api.js';
import {byId, element, renew} from './dom.js';
import {formatPercent, formatSpan, formatWeight} from './format.js';
import {LatestQuestion} from './latest_question.js';
import {currentTheme, groupColour} from './palette.js';
import {drawShareLine, shareRange, spanAt, stretches} from './share_line.js';
import {visible, withoutTemplateArguments} from './text.js';
import {describeInterval, placeTip, ticksOf, TimeScale} from './time_axis.js';
import {formatTime} from './zone.js';

const PX_PER_INTERVAL = 8;
const MIN_BRUSH_PX = 4;
const AXIS_PX = 16;
const HEAD_PX = 6;

export class Timeline extends EventTarget {
  // Events: 'range' {from, until} as RFC 3339, 'base' (likewise, with Shift), 'group' {value},
  // 'answer'.
  #latest = new LatestQuestion();
  #line;
  #brush;  // {from, to} in px, while dragging

  constructor() {
    super();
    this.box = byId('timeline');
    this.canvas = byId('timeline-canvas');
    this.tip = byId('timeline-tip');
    this.mark = byId('timeline-brush');
    this.pen = this.canvas.getContext('2d');
    new ResizeObserver(() => this.#draw()).observe(this.box);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.canvas.addEventListener('pointerdown', (event) => this.#down(event));
    this.canvas.addEventListener('pointermove', (event) => this.#move(event));
    this.canvas.addEventListener('pointerup', (event) => this.#up(event));
    this.canvas.addEventListener('pointercancel', () => this.#cancel());
    this.canvas.addEventListener('pointerleave', () => this.tip.hidden = true);
    document.addEventListener('keydown', (event) => event.key === 'Escape' && this.#cancel());
  }

  async run(query) {
    const question = JSON.stringify(query);
    const intervals =
        Math.max(10, Math.min(1000, Math.floor(this.box.clientWidth / PX_PER_INTERVAL)));
    const answer = await this.#latest.ask(
        question, (signal) => fetchTimeline(query, intervals, signal));
    if (!answer) return;
    this.answer = answer;
    this.#draw();
    this.#emit('answer');
  }

  get rows() {
    const {groups, values, rest} = this.answer;
    const named = groups.map((name, i) => ({name, values: values[i], colour: i}));
    const others = {name: `${rest.groups} others`, values: rest.values, colour: -1};
    return rest.groups > 0 ? [...named, others] : named;
  }

  /** A function's own share as a line over the bars: OwnShare.line, or undefined for none. */
  set line(line) {
    this.#line = line;
    this.#draw();
  }

  /** Which colour each named group has, for who paints the same groups. */
  get groupColours() {
    return new Map(this.rows.map(({name, colour}) => [name, colour]));
  }

  #draw() {
    if (!this.answer) return;
    const ratio = window.devicePixelRatio || 1;
    const {clientWidth: width, clientHeight: height} = this.canvas;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.theme = currentTheme();
    this.scale = new TimeScale(this.answer, width);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.#drawAxis(width, height);
    this.#drawBars(height - AXIS_PX - HEAD_PX, height - AXIS_PX);
    if (this.#line) {
      const lists =
          stretches(this.#line.spans, this.scale, height - AXIS_PX, height - AXIS_PX - HEAD_PX);
      drawShareLine(this.pen, lists, {ink: this.theme.shareLine, halo: this.theme.background});
    }
    this.#showLegend();
  }

  #drawAxis(width, height) {
    const {pen, theme} = this;
    pen.font = theme.smallFont;
    pen.textBaseline = 'middle';
    pen.strokeStyle = theme.line;
    pen.beginPath();
    for (const {ms, text} of ticksOf(this.scale)) {
      const x = Math.round(this.scale.x(ms)) + 0.5;
      pen.moveTo(x, HEAD_PX);
      pen.lineTo(x, height - AXIS_PX);
      pen.fillStyle = theme.inkFaint;
      pen.fillText(
          text, Math.min(x + 3, width - pen.measureText(text).width - 3), height - AXIS_PX / 2);
    }
    pen.moveTo(0, height - AXIS_PX + 0.5);
    pen.lineTo(width, height - AXIS_PX + 0.5);
    pen.stroke();
  }

  #drawBars(fullHeight, bottom) {
    const {scale, rows, pen} = this;
    const sums = scale.spans.map((_, i) => rows.reduce((sum, {values}) => sum + values[i], 0));
    const most = Math.max(...sums, Number.MIN_VALUE);
    scale.spans.forEach(({left, right}, i) => {
      const gap = right - left > 3 ? 1 : 0;
      let top = bottom;
      for (const {values, colour} of rows) {
        const tall = (values[i] / most) * fullHeight;
        pen.fillStyle = groupColour(this.theme, colour);
        pen.fillRect(left, top - tall, Math.max(right - left - gap, 0.5), tall);
        top -= tall;
      }
    });
    const at = sums.indexOf(most);
    this.canvas.setAttribute(
        'aria-label',
        at < 0 ? 'CPU time over the range: none' :
                 `CPU time over the range, most ${describeInterval(this.answer, scale, at)}`);
  }

  /** What the colours mean; a click keeps that group alone. */
  #showLegend() {
    const rows =
        this.answer.groups[0] === 'all' && this.answer.groups.length === 1 ? [] : this.rows;
    renew(byId('timeline-legend'), ...this.#lineLegend(), ...rows.map(({name, colour}) => {
      const swatch = element('span', {className: 'swatch'});
      swatch.style.background = groupColour(this.theme, colour);
      const pick = () => this.#emit('group', {value: name});
      const tag = colour < 0 ? 'span' : 'button';
      return element(
          tag, colour < 0 ? {} : {type: 'button', title: `Only ${visible(name)}`, onclick: pick},
          swatch, visible(name));
    }));
  }

  #lineLegend() {
    if (!this.#line) return [];
    const {fn, spans} = this.#line;
    const text = `${visible(withoutTemplateArguments(fn))}: ${shareRange(spans)}`;
    return [element(
        'span', {className: 'line-name', title: visible(fn)},
        element('span', {className: 'line-swatch'}), element('span', {}, text))];
  }

  #down(event) {
    if (event.button !== 0 || !this.scale) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#brush = {from: this.#xOf(event), to: this.#xOf(event)};
  }

  #move(event) {
    if (!this.scale) return;
    if (this.#brush) {
      this.#brush.to = this.#xOf(event);
      const [from, to] = this.#chosen();
      this.mark.hidden = to - from < MIN_BRUSH_PX;
      this.mark.style.left = `${from}px`;
      this.mark.style.width = `${to - from}px`;
    }
    this.#showTip(event);
  }

  #up(event) {
    const [from, to] = this.#brush ? this.#chosen() : [0, 0];
    this.#cancel();
    if (to - from < MIN_BRUSH_PX) return;
    const [first, last] = [this.scale.moment(from), this.scale.moment(to)];
    if (last <= first) return;
    const range = {from: this.scale.text(first), until: this.scale.text(last)};
    this.#emit(event.shiftKey ? 'base' : 'range', range);
  }

  #cancel() {
    this.#brush = undefined;
    this.mark.hidden = true;
  }

  #chosen() {
    const {from, to} = this.#brush;
    return [Math.min(from, to), Math.max(from, to)];
  }

  #xOf(event) {
    const {left, width} = this.canvas.getBoundingClientRect();
    return Math.max(0, Math.min(width, event.clientX - left));
  }

  #showTip(event) {
    const i = this.scale.spans.findIndex(({right}) => this.#xOf(event) < right);
    if (i < 0) return;
    const lines =
        [element('div', {className: 'tip-name'}, describeInterval(this.answer, this.scale, i))];
    for (const {name, values} of this.answer.groups.length > 1 ? this.rows : []) {
      if (values[i] > 0)
        lines.push(
            element('div', {}, `${visible(name)} · ${formatWeight(values[i], this.answer.unit)}`));
    }
    const own = this.#line && spanAt(this.#line.spans, this.scale.moment(this.#xOf(event)));
    if (own) {
      const share = formatPercent(own.weight, own.total);
      lines.push(element('div', {}, `${visible(this.#line.fn)} · ${share}`));
    }
    if (this.#brush && !this.mark.hidden) {
      const [first, last] = this.#chosen().map((x) => this.scale.moment(x));
      const span = formatSpan((last - first) / 1000);
      lines.push(element(
          'div', {className: 'tip-note'},
          `${formatTime(this.scale.text(first))} – ${
              formatTime(this.scale.text(last), this.scale.text(first))} (${span})`));
    }
    this.tip.replaceChildren(...lines);
    this.tip.hidden = false;
    placeTip(this.tip, event);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
