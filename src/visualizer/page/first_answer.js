// SPDX-License-Identifier: MIT
//
// The first question is asked before the parts of the page are made, so that the server works on it
// meanwhile: this module stands first among the imports of all.
import {fetchFlame, widthToAsk} from './api.js';
import {parseState, queryKey, samePath} from './state.js';

let first = askAhead();

function askAhead() {
  const state = parseState(location);
  const width = widthToAsk(innerWidth * devicePixelRatio);  // the graph is not wider
  const leave = new AbortController();
  const answer = fetchFlame(state, state.path, width, leave.signal);
  answer.catch(() => {});  // whoever takes it hears of it
  return {state, width, leave, answer};
}

/** {answer, width} for the state; `width` is at least the one that was asked for. */
export async function askFlame(state, width, signal) {
  const ahead = first;
  first = undefined;
  if (ahead && queryKey(ahead.state) === queryKey(state) && ahead.width >= width &&
      samePath(ahead.state.path, state.path)) {
    signal.addEventListener('abort', () => ahead.leave.abort(), {once: true});
    return {answer: await ahead.answer, width: ahead.width};
  }
  ahead?.leave.abort();
  return {answer: await fetchFlame(state, state.path, width, signal), width};
}
