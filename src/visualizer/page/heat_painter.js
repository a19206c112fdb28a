// SPDX-License-Identifier: MIT
//
// Paints the cells of a heat map's answer, and knows where they lie on the screen.
import {TimeScale} from './time_axis.js';

export class HeatPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext('2d');
  }

  /** `outlines`: [{first, last, colour}], the cells around which a frame is drawn. */
  draw(answer, theme, outlines) {
    const {canvas, pen} = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    this.answer = answer;
    if (!answer || canvas.width === 0) return;
    this.scale = new TimeScale({...answer, intervals: answer.columns}, canvas.width);
    const {cells} = answer;
    const most = cells.reduce((sum, cell) => Math.max(sum, cell), 0);
    for (let cell = 0; cell < cells.length; ++cell) {
      if (cells[cell] === 0) continue;
      const level = Math.ceil(Math.sqrt(cells[cell] / most) * theme.heat.length);
      pen.fillStyle = theme.heat[level - 1];
      pen.fillRect(...this.#boxOf(cell));
    }
    for (const outline of outlines) this.#outline(outline);
  }

  /** The cell under the pointer; at an edge the last one. */
  cellAt(event) {
    const {rows, columns} = this.answer;
    const {left, top, width, height} = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * this.canvas.width;
    const column = this.scale.spans.findIndex(({right}) => x < right);
    const row = Math.floor((1 - (event.clientY - top) / height) * rows);
    const at = column < 0 ? columns - 1 : column;
    return at * rows + Math.max(0, Math.min(rows - 1, row));
  }

  /** [x, y, width, height] in device pixels; cells share their edges. */
  #boxOf(cell) {
    const {rows} = this.answer;
    const {left, right} = this.scale.spans[Math.floor(cell / rows)];
    const edge = (row) => Math.round((1 - row / rows) * this.canvas.height);
    const [x, top] = [Math.round(left), edge((cell % rows) + 1)];
    return [x, top, Math.max(Math.round(right) - x, 1), edge(cell % rows) - top];
  }

  /** Column by column; where one is several seconds all its rows are meant. */
  #outline({first, last, colour}) {
    const {rows, step_seconds: step} = this.answer;
    const [from, to] = [first, last].map((cell) => Math.floor(cell / rows));
    this.pen.strokeStyle = colour;
    this.pen.lineWidth = 2;
    for (let column = from; column <= to; ++column) {
      const low = column === from && step === 1 ? first % rows : 0;
      const high = column === to && step === 1 ? last % rows : rows - 1;
      const [x, top, width] = this.#boxOf(column * rows + high);
      const [, y, , tall] = this.#boxOf(column * rows + low);
      this.pen.strokeRect(x, top, width, y + tall - top);
    }
  }
}
