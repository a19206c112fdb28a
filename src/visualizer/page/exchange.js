// SPDX-License-Identifier: MIT
//
// The exchanges with the server: the latest one only, the graph dimmed when it takes long, asked
// again by itself when it failed, when the page is live, and while there is nothing yet.
import {ApiError, ServerGone} from './api.js';
import {byId} from './dom.js';
import {describeFailure, setNotice, showFailure, showWaiting, wayOut} from './states.js';
import {visible} from './text.js';

const LIVE_MS = 5000;
const BUSY_AFTER_MS = 150;
const RETRY_MS = [1000, 2000, 5000, 10000, 30000];

export class Exchange {
  stopped = false;  // the latest one, by the user, who does not want its answer
  #page;
  #request = new AbortController();
  #timer = 0;     // of the next live refresh or retry
  #underWay = 0;  // exchanges, with the zooms and paints that belong to them
  #failures = 0;
  #refused;  // the question that the server called wrong: not asked again by itself
  #failedBeside = new Set();

  /**
   * `page`: load() asks, `question` names what it asks for, `live` and `waiting` (for the first
   * samples) say whether to ask again, `drawn` whether there is a graph; change(),
   * showRangeError(), clearErrors().
   */
  constructor(page) {
    this.#page = page;
  }

  get idle() {
    return this.#underWay === 0;
  }

  /** Forgets the next look at the server: it is looked at now. */
  hold() {
    clearTimeout(this.#timer);
  }

  /** Runs `exchange(signal)`, instead of the one under way. */
  async run(exchange) {
    this.#request.abort();
    const mine = this.#request = new AbortController();
    const busy = setTimeout(() => this.#showBusy(), BUSY_AFTER_MS);
    this.stopped = false;
    ++this.#underWay;
    try {
      await exchange(mine.signal);
      if (mine === this.#request) this.#succeeded();
    } catch (error) {
      if (error.name !== 'AbortError')
        this.#failed(error);
      else if (mine === this.#request && this.stopped)
        this.#showStopped();
    } finally {
      --this.#underWay;
      clearTimeout(busy);
      if (mine === this.#request) document.body.classList.remove('busy');
    }
  }

  /** Runs `what` goes beside the latest exchange, and fails as it would until that succeeds. */
  async beside(what, exchange) {
    ++this.#underWay;
    try {
      await exchange();
      if (this.#failedBeside.delete(what) && this.#failedBeside.size === 0)
        setNotice('failure', undefined);
    } catch (error) {
      this.#failedBeside.add(what);
      this.#failed(error);
    } finally {
      --this.#underWay;
    }
  }

  /** The answer under way is not wanted: what is shown stays, and nothing is asked by itself. */
  stop() {
    this.stopped = true;
    this.hold();
    this.#request.abort();
  }

  #load = () => this.#page.load();

  #showBusy() {
    document.body.classList.add('busy');
    if (!this.#page.drawn && byId('card').hidden) showWaiting(false, this.#load);
  }

  #showStopped() {
    if (!this.#page.drawn) return showWaiting(true, this.#load);
    return setNotice(
        'failure', 'Loading was stopped: what is shown is not what was asked for.',
        {kind: 'warning', actions: [['Load it', this.#load]]});
  }

  #succeeded() {
    this.#failures = 0;
    this.#refused = undefined;
    this.#page.clearErrors();
    setNotice('failure', undefined);
    this.#schedule();
  }

  #failed(error) {
    if (!(error instanceof ApiError || error instanceof ServerGone)) {
      setNotice(
          'failure', `The page could not show the answer: ${visible(error.message)}`,
          {kind: 'error'});
      throw error;
    }
    if (error.refusal)
      this.#refused = this.#page.question;
    else
      ++this.#failures;
    this.#schedule();
    if (this.#refused && ['from', 'until', 'tz'].includes(error.parameter))
      this.#page.showRangeError(error);
    else
      this.#showFailure(error);
  }

  #showFailure(error) {
    const failure = describeFailure(error, this.#retryMs / 1000);
    const action = wayOut(error, this.#page.change) ?? ['Try again', this.#load];
    if (!this.#page.drawn) return showFailure(failure, action);
    const text = `${failure.title}: ${failure.text}`;
    return setNotice('failure', text, {kind: 'error', actions: [action]});
  }

  get #retryMs() {
    return RETRY_MS[Math.min(Math.max(this.#failures, 1), RETRY_MS.length) - 1];
  }

  #schedule() {
    this.hold();
    if (this.#refused === this.#page.question) return;
    if (this.#failures > 0)
      this.#timer = setTimeout(this.#load, this.#retryMs);
    else if (this.#page.live || this.#page.waiting)
      this.#timer = setTimeout(() => this.#tick(), LIVE_MS);
  }

  #tick() {
    if (document.hidden)
      this.#timer = setTimeout(() => this.#tick(), LIVE_MS);
    else
      this.#page.load();
  }
}
