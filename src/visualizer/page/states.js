// SPDX-License-Identifier: MIT
//
// What the page says when there is no graph to show, or when the graph is not what was asked for.
// A card takes the graph's place; a notice stands above it.
import {byId, element} from './dom.js';
import {decodePath, encodePath, formatState} from './state.js';
import {describeEdit, formatFilter, parseFilter} from './terms.js';
import {visible} from './text.js';
import {formatTime, isoTime, zoneName} from './zone.js';

const COMMAND = 'collector --host localhost --ports 16384 --interval 5 --dbpath DIRECTORY';

function showCard(title, ...content) {
  byId('card').replaceChildren(element('h1', {}, title), ...content);
  byId('card').hidden = false;
}

export function hideCard() {
  byId('card').hidden = true;
}

const paragraph = (...content) => element('p', {}, ...content);
const action = (text, onclick) => element('button', {type: 'button', onclick}, text);

export function showEmptyStore() {
  showCard(
      'No profiles yet',
      paragraph(
          'The store is empty. Start a program that calls ', element('code', {}, 'run_profiler()'),
          ', and a collector that reads it:'),
      element('pre', {className: 'command'}, COMMAND),
      paragraph(
          'DIRECTORY is what the visualizer was given as ', element('code', {}, '--dbpath'),
          '. The graph appears here with the first samples.'));
}

/** Nothing in the range: filters that can be dropped, and where the stored data lies. */
export function showEmptyRange(answer, state, change) {
  if (answer.at) return showEmptySpan(state, change);
  const {range, stored} = answer;
  const span = `${formatTime(range.from.time)} and ${
      formatTime(range.until.time, range.from.time)} ${zoneName()}`;
  const drops = dropActions(state, change);
  const whole =
      `${formatTime(stored.first)} – ${formatTime(stored.last, stored.first)} ${zoneName()}`;
  showCard(
      drops.length > 0 ? 'Nothing matches the filter' : 'No samples in this range',
      paragraph(nothingText(answer, drops.length > 0, span)),
      element(
          'div', {className: 'actions'}, ...drops, ...nearestLinks(answer, state),
          action(
              `Show all that is stored: ${whole}`,
              () => change({from: stored.first, until: stored.last, live: false})),
          action(
              'Show the last stored quarter of an hour',
              () => change({from: beforeEnd(stored.last, 15), until: stored.last, live: false}))));
}

/** What has no sample times, or was idle: the range around it may have more. */
function showEmptySpan(state, change) {
  showCard(
      'Nothing was sampled then',
      paragraph(
          'No sample that is asked for has its time in this part of the range. Samples without a ',
          'time are in no such part.'),
      element(
          'div', {className: 'actions'}, action('Show the whole range', () => change({at: ''})),
          ...dropActions(state, change)));
}

/** As links: the range as long as the one asked for, at the nearest data on either side. */
function nearestLinks({range, nearest = {}}, state) {
  const length = Date.parse(range.until.time) - Date.parse(range.from.time);
  const link = (words, time, from, until) => element(
      'a', {href: formatState({...state, from: isoTime(from), until: isoTime(until), live: false})},
      `${words}: ${formatTime(time)} ${zoneName()}`);
  const links = [];
  if (nearest.before) {
    const at = Math.ceil(Date.parse(nearest.before) / 1000) * 1000;
    links.push(link('The nearest data before', nearest.before, at - length, at));
  }
  if (nearest.after) {
    const at = Math.floor(Date.parse(nearest.after) / 1000) * 1000;
    links.push(link('The nearest data after', nearest.after, at, at + length));
  }
  return links;
}

function nothingText({left_out: leftOut}, filtered, span) {
  if (leftOut > 0)
    return `All samples between ${span} were left out by what is asked of the stacks.`;
  return `Nothing${filtered ? ' with these labels' : ''} was recorded between ${span}.`;
}

/** One for each filter, so that the one at fault can be dropped; and one for all. */
function dropActions(state, change) {
  const labels = parseFilter(state.where);
  const edits = decodePath(state.edit);
  const drops = labels.map(
      ({key, value, negated}, i) => action(
          `Drop ${visible(`${key} ${negated ? '≠' : '='} ${value}`)}`,
          () => change({where: formatFilter(labels.toSpliced(i, 1))})));
  drops.push(...edits.map(
      (term, i) => action(
          `Drop “${visible(describeEdit(term))}”`,
          () => change({edit: encodePath(edits.toSpliced(i, 1))}))));
  if (drops.length > 1) drops.push(action('Drop all filters', () => change({where: '', edit: ''})));
  return drops;
}

function beforeEnd(time, minutes) {
  return isoTime(Date.parse(time) - minutes * 60000);
}

const BUSY = 503;

const WAYS_OUT = new Map([
  ['where', ['Drop the label filters', {where: ''}]],
  ['at', ['Show the whole range', {at: ''}]],
  ['edit', ['Drop what is asked of the stacks', {edit: ''}]],
  ['base', ['Stop comparing', {base: '', only: ''}]],
  ['order', ['Heaviest first', {order: 'heavy'}]],
  ['sort', ['Sort by self', {sort: 'self'}]],
]);

/** [text, act] that takes what was refused out of the question, where that is a part of it. */
export function wayOut({parameter = ''}, change) {
  const found = WAYS_OUT.get(parameter.startsWith('base_') ? 'base' : parameter);
  return found && [found[0], () => change(found[1])];
}

/** {title, text}: the server refused for now, failed, or is not there. */
export function describeFailure({status, refusal, message}, retrySeconds) {
  if (refusal) return {title: 'The question was refused', text: visible(message)};
  const again = `Trying again in ${retrySeconds} s.`;
  if (status === BUSY) return {title: 'The store is busy', text: `${visible(message)}. ${again}`};
  if (status)
    return {title: 'The visualizer could not answer', text: `${visible(message)}. ${again}`};
  return {
    title: 'The visualizer does not answer',
    text: `${visible(message)} It may have been stopped, or the network is gone. ${again}`
  };
}

export function showFailure({title, text}, [label, act]) {
  showCard(title, paragraph(text), element('div', {className: 'actions'}, action(label, act)));
}

/** Before the first answer; `byUser`: it was stopped, else it is on its way. */
export function showWaiting(stopped, load) {
  if (stopped) {
    showCard(
        'Stopped', paragraph('Loading was stopped before the answer was there.'),
        element('div', {className: 'actions'}, action('Load it', load)));
  } else {
    showCard('Loading…', paragraph('The store is being read. Long ranges take a while.'));
  }
}

/** One notice per key; `undefined` as text takes it away. */
export function setNotice(key, text, {kind = 'info', actions = []} = {}) {
  const old = byId('notices').querySelector(`[data-key="${key}"]`);
  if (text === undefined) return old?.remove();
  if (old?.dataset.text === text) return undefined;
  const notice = element(
      'div', {className: `notice ${kind}`}, element('span', {}, text),
      ...actions.map(([label, onclick]) => action(label, onclick)));
  notice.dataset.key = key;
  notice.dataset.text = text;
  if (old)
    old.replaceWith(notice);
  else
    byId('notices').append(notice);
  return undefined;
}
