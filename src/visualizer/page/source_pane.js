// SPDX-License-Identifier: MIT
//
// The source of a function, where the visualizer may read it: each line with what the frames cost
// that have it.
import {fetchSource} from './api.js';
import {byId, element} from './dom.js';
import {formatPercent, formatWeight} from './format.js';
import {LatestQuestion} from './latest_question.js';
import {visible} from './text.js';

export class SourcePane extends EventTarget {
  // Events: 'file' {file}.
  #latest = new LatestQuestion();

  constructor() {
    super();
    this.pane = byId('source');
    this.file = byId('source-file');
    this.file.addEventListener(
        'change',
        () => this.dispatchEvent(new CustomEvent('file', {detail: {file: this.file.value}})));
  }

  get shown() {
    return !this.pane.hidden;
  }

  show({src}) {
    this.pane.hidden = src === '';
    if (src === '') this.#latest.forget();
  }

  async run(query, {src: fn, srcfile: file}) {
    const question = JSON.stringify([query, fn, file]);
    if (!this.shown) return;
    const answer =
        await this.#latest.ask(question, (signal) => fetchSource(query, fn, file, signal));
    if (answer) this.#render(answer);
  }

  #render({fn, file, files, found, reason, lines, costs, total, unit}) {
    byId('source-name').textContent = visible(fn);
    this.file.replaceChildren(...files.map((value) => element('option', {value}, visible(value))));
    this.file.value = file;
    this.file.hidden = files.length === 0;
    const byLine = new Map(costs.line.map((line, i) => [line, i]));
    byId('source-reason').textContent = found ? '' : `No source: ${visible(reason)}.`;
    const costOf = (i) => ({self: costs.self[i], total: costs.total[i], names: costs.names[i]});
    const numbers = found ? lines.map((_, i) => i + 1) : costs.line;
    const rows = numbers.map((line) => {
      const i = byLine.get(line);
      const cost = i === undefined ? undefined : costOf(i);
      const text = found ? visible(lines[line - 1].replace(/\r$/, '').replaceAll('\t', '    ')) :
                           cost.names.map(visible).join(', ');
      return row(line, text, cost, total, unit);
    });
    byId('source-rows').replaceChildren(...rows);
    const own = costs.names.findIndex((names) => names.includes(fn));
    const target = rows[numbers.indexOf(costs.line[own])];
    target?.classList.add('selected');
    target?.scrollIntoView({block: 'center'});
  }
}

function row(line, text, cost, total, unit) {
  const cells = cost ? [cost.self, cost.total].map((weight) => costCell(weight, total, unit)) :
                       [element('td'), element('td')];
  const says = cost ? {title: cost.names.map(visible).join('\n'), className: 'paid'} : {};
  return element(
      'tr', says, element('th', {scope: 'row'}, line === 0 ? '?' : String(line)), ...cells,
      element('td', {className: 'code'}, text));
}

function costCell(weight, total, unit) {
  const cell = element(
      'td', {className: 'share', title: formatWeight(weight, unit)}, formatPercent(weight, total));
  cell.style.setProperty('--share', `${total > 0 ? (100 * weight) / total : 0}%`);
  return cell;
}
