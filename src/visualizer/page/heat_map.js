// SPDX-License-Identifier: MIT
//
// CPU time within each second: a column per second, its parts from the bottom up, darker (in the
// dark theme: lighter) for more. Two clicks, or a drag, choose what lies between two cells; so do
// the arrows and Enter. The table of the heaviest cells is the same for a screen reader.
import {fetchHeat} from './api.js';
import {byId, element, renew, walkRows} from './dom.js';
import {cellsOf, describeCell, describeSpan, formatSpanAt, heaviest, parseSpanAt, spanOf} from './heat_cells.js';
import {noteOf, rowsOf} from './heat_notes.js';
import {HeatPainter} from './heat_painter.js';
import {PacedQuestion, wordsOf} from './paced_question.js';
import {currentTheme} from './palette.js';
import {visible} from './text.js';
import {placeTip} from './time_axis.js';

const PX_PER_COLUMN = 4;
const MOST_COLUMNS = 500;
const NAME = 'CPU time within each second';

export class HeatMap extends EventTarget {
  // Events: 'choose' {at} as the state has it.
  #latest = new PacedQuestion();
  #cursor = 0;  // the cell of the keyboard
  #start;       // the first of the two cells
  #pressed;     // where the pointer went down
  #end;         // where it is

  constructor() {
    super();
    this.box = byId('heat');
    this.canvas = byId('heat-canvas');
    this.tip = byId('timeline-tip');
    this.painter = new HeatPainter(this.canvas);
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    const on = (type, act) => this.canvas.addEventListener(type, (event) => act(event));
    on('pointerdown', (event) => this.#down(event));
    on('pointermove', (event) => this.#move(event));
    on('pointerup', (event) => this.#up(event));
    on('pointercancel', () => this.#forget());
    on('pointerleave', () => this.tip.hidden = true);
    on('keydown', (event) => this.#key(event));
    on('focus', () => this.#sayCursor());
    on('blur', () => this.#hideCursor());
    byId('heat-list').addEventListener('click', () => this.#toggleTable());
    byId('heat-rows').addEventListener('keydown', walkRows);
  }

  show({heat, at}) {
    this.box.hidden = heat === '';
    if (this.box.hidden) {
      this.#latest.forget();
      this.#clear();
    }
    this.chosen = parseSpanAt(at);
    this.#draw();
  }

  /**
   * `query` of the whole range; `fn`: of that function alone; `live`: see wordsOf(); `at`: the part
   * that is shown, in moments, whatever the words that it was asked for in.
   */
  async run(query, fn, live, at) {
    if (this.box.hidden) return;
    this.chosen = parseSpanAt(at);
    this.#draw();
    const question = JSON.stringify([query, fn]);
    try {
      const answer = await this.#latest.ask(
          question, wordsOf(live, fn), (signal) => this.#fetch(query, fn, signal));
      if (answer) this.#take(answer);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.box.classList.toggle('loading', this.#latest.isAwaited);
    }
  }

  #fetch(query, fn, signal) {
    this.box.classList.add('loading');
    if (!this.answer) byId('heat-note').textContent = 'Loading…';
    const columns =
        Math.min(MOST_COLUMNS, Math.max(10, Math.floor(this.canvas.clientWidth / PX_PER_COLUMN)));
    return fetchHeat(query, fn, columns, signal);
  }

  #clear() {
    this.answer = undefined;
    byId('heat-rows').replaceChildren();
    this.#forget();
  }

  #take(answer) {
    this.#moveTo(answer);
    byId('heat-note').textContent = noteOf(answer);
    renew(byId('heat-rows'), ...rowsOf(answer, (cell) => this.#choose(cell, cell)));
    this.#draw();
  }

  /** What is being chosen stays where it is in time: a live range moves on below it. */
  #moveTo(answer) {
    const old = this.answer;
    const placed = (cell) => {
      if (!old || cell === undefined) return undefined;
      const {begin, end} = spanOf(old, cell);
      return cellsOf(answer, {begin, end: Math.max(end, begin + 1)})?.first;
    };
    this.#start = placed(this.#start);
    this.#pressed = placed(this.#pressed);
    this.#end = placed(this.#end) ?? 0;
    this.#cursor = placed(this.#cursor) ?? 0;
    this.answer = answer;
    if (byId('heat-cell').value !== '') this.#sayCursor();
  }

  /** What is refused would be refused again: it is said here. Other failures are the page's. */
  #fail(error) {
    this.#clear();
    byId('heat-note').textContent = `No heat map: ${visible(error.message)}`;
    if (!error.refusal) throw error;
  }

  #toggleTable() {
    const table = byId('heat-table');
    table.hidden = !table.hidden;
    byId('heat-list').setAttribute('aria-expanded', String(!table.hidden));
  }

  #draw() {
    const theme = currentTheme();
    const outlines = [];
    const marked = this.answer && this.#marked();
    if (marked) outlines.push({...marked, colour: theme.match});
    if (document.activeElement === this.canvas)
      outlines.push({first: this.#cursor, last: this.#cursor, colour: theme.focus});
    this.painter.draw(this.answer, theme, outlines);
    this.canvas.setAttribute('aria-label', this.answer ? this.#label() : NAME);
  }

  #label() {
    const [cell] = heaviest(this.answer, 1);
    const most = cell === undefined ? 'none' : `most ${describeCell(this.answer, cell)}`;
    return `${NAME}, ${most}. Arrows move, Enter chooses begin and end.`;
  }

  #marked() {
    const other = this.#pressed === undefined ? this.#cursor : this.#end;
    const start = this.#pressed ?? this.#start;
    if (start !== undefined) return this.#ordered(start, other);
    return this.chosen && cellsOf(this.answer, this.chosen);
  }

  #ordered(a, b) {
    return cellsOf(this.answer, spanOf(this.answer, a, b));
  }

  #down(event) {
    if (event.button !== 0 || !this.answer) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#pressed = this.#end = this.painter.cellAt(event);
    this.#draw();
  }

  #move(event) {
    if (!this.answer) return;
    const cell = this.#end = this.painter.cellAt(event);
    const from = this.#pressed ?? this.#start ?? cell;
    if (this.#pressed === undefined && this.#start !== undefined) this.#cursor = cell;
    if (from !== cell || this.#pressed !== undefined) this.#draw();
    const lines = [element('div', {className: 'tip-name'}, describeCell(this.answer, cell))];
    if (from !== cell)
      lines.push(
          element('div', {className: 'tip-note'}, describeSpan(spanOf(this.answer, from, cell))));
    this.tip.replaceChildren(...lines);
    this.tip.hidden = false;
    placeTip(this.tip, event);
  }

  /** A drag chooses; a click is the first or the second of two. */
  #up(event) {
    if (this.#pressed === undefined) return;
    const [from, to] = [this.#pressed, this.painter.cellAt(event)];
    this.#pressed = undefined;
    if (from === to)
      this.#pick(to);
    else
      this.#choose(from, to);
  }

  #pick(cell) {
    this.#cursor = cell;
    if (this.#start !== undefined) return this.#choose(this.#start, cell);
    this.#start = cell;
    this.#sayCursor();
    return undefined;
  }

  #choose(a, b) {
    this.#forget();
    const span = spanOf(this.answer, a, b);
    if (span.end > span.begin)
      this.dispatchEvent(new CustomEvent('choose', {detail: {at: formatSpanAt(span)}}));
  }

  #forget() {
    this.#start = this.#pressed = undefined;
    byId('heat-cell').value = '';
    this.#draw();
  }

  #key(event) {
    if (!this.answer || event.ctrlKey || event.metaKey || event.altKey) return;
    const {rows, columns} = this.answer;
    const row = this.#cursor % rows;
    const steps = {
      ArrowLeft: -rows,
      ArrowRight: rows,
      ArrowUp: row < rows - 1 ? 1 : 0,
      ArrowDown: row > 0 ? -1 : 0,
      Home: row - this.#cursor,
      End: (columns - 1) * rows + row - this.#cursor
    };
    const pending = event.key === 'Escape' && this.#start !== undefined;
    if (!(event.key in steps) && event.key !== 'Enter' && event.key !== ' ' && !pending) return;
    event.preventDefault();
    event.stopPropagation();
    if (pending) return this.#forget();
    if (!(event.key in steps)) return this.#pick(this.#cursor);
    const next = this.#cursor + steps[event.key];
    if (next >= 0 && next < rows * columns) this.#cursor = next;
    return this.#sayCursor();
  }

  /** A cell that was begun from stays said: the end is still to be chosen. */
  #hideCursor() {
    if (this.#start === undefined) byId('heat-cell').value = '';
    this.#draw();
  }

  #sayCursor() {
    if (!this.answer) return;
    const from = this.#start;
    const begun = from === undefined ? '' :
                                       ` · begins at ${describeCell(this.answer, from)}: ` +
            'choose the end, or Escape';
    byId('heat-cell').value = describeCell(this.answer, this.#cursor) + begun;
    this.#draw();
  }
}
