// SPDX-License-Identifier: MIT
//
// What can be done with a frame, a function or a group that is shown: by the menu and by keys.
import {byId} from './dom.js';
import {menuPlace, shareItems} from './share.js';
import {formatFilter, parseFilter, withTerm} from './terms.js';
import {baseName, visible} from './text.js';

export class FrameActions {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** The graph that keys pressed on `target` are for; the body's go to the one that is shown. */
  viewFor(target) {
    const {sandwich, view} = this.#page;
    const views = sandwich.shown ? [sandwich.callees, sandwich.callers] : [view];
    return target === document.body ? views[0] : views.find(({canvas}) => canvas === target);
  }

  /** Of a frame of `of`, one of the graphs; the root of all is no function. */
  openMenu(of, node, at) {
    const page = this.#page;
    const path = of.columns.pathOf(node);
    const name = of === page.view ? path.at(-1) : of.columns.rawNames[of.columns.name[node]];
    const items = [];
    if (of === page.view) items.push(['Zoom into it', 'Enter', () => page.zoomTo(path)]);
    if (name !== undefined) items.push(...this.#itemsFor(name));
    const module = of.columns.modules[of.columns.module[node]];
    const rawModule = of.columns.rawModules[of.columns.module[node]];
    if (module)
      items.push([`Hide all of ${baseName(module)}`, '', () => this.edit('module', rawModule)]);
    page.menu.show(visible(name ?? 'all'), items, at);
  }

  /** In the graph that is shown; the keyboard goes there. */
  nextMatch(step) {
    const {calls} = this.#page;
    const shown = this.viewFor(document.activeElement) ?? this.viewFor(document.body);
    if (!(calls.shown ? calls : shown).nextMatch(step))
      say('No frame that is shown is lit up: search (/) or choose a function.');
  }

  /** The frame that the keyboard stands on, else the function chosen, else the zoomed one. */
  chosenName() {
    const {table, diffTable, calls, state, view} = this.#page;
    const {columns, focus} = this.viewFor(document.activeElement) ?? view;
    const focused = columns && focus > 0 ? columns.rawNames[columns.name[focus]] : undefined;
    return table.focused ?? diffTable.focused ?? calls.focused ?? focused ??
        (state.fn || state.path.at(-1));
  }

  /** Lights the frame up wherever it is, with its line over the timeline; or puts it out. */
  pick(name) {
    if (name !== undefined) this.#page.change({fn: name === this.#page.state.fn ? '' : name});
  }

  openSource(name) {
    if (name !== undefined) this.#page.change({src: name, srcfile: ''});
  }

  openSandwich(name) {
    if (name !== undefined) this.#page.change({sandwich: name});
  }

  /** What is hidden is on no path any more. */
  edit(kind, name) {
    if (name === undefined) return;
    const {state, change} = this.#page;
    const path = kind === 'hide' ? state.path.filter((known) => known !== name) : state.path;
    change({edit: withTerm(state.edit, `${kind}:${name}`), path});
  }

  /** The group of that name alone; "[no version]" is what lacks the label. */
  keepGroup(name) {
    const {state, change} = this.#page;
    const value = name === `[no ${state.by}]` ? '' : name;
    const rest = parseFilter(state.where).filter(({key}) => key !== state.by);
    change({where: formatFilter([...rest, {key: state.by, value}])});
  }

  openShare() {
    if (!this.#page.held) return;
    const items =
        this.#shareItems().map(([text, key, act]) => [text, key, () => act()?.catch(noClipboard)]);
    const title = this.#page.state.base === '' ? 'What is shown' : 'What is shown; files: now';
    this.#page.menu.show(title, items, menuPlace());
  }

  copyLink() {
    if (this.#page.held) this.#shareItems()[0][2]().catch(noClipboard);
  }

  #shareItems() {
    const {held, state, view, sandwich} = this.#page;
    const canvases = (sandwich.shown ? sandwich.views : [view])
                         .map(({canvas}) => canvas)
                         .filter((canvas) => canvas.offsetParent !== null);
    return shareItems(state, {held, path: view.path, canvases}, say);
  }

  #itemsFor(name) {
    return [
      ['Callers and callees', 's', () => this.openSandwich(name)],
      ['Its source', 'v', () => this.openSource(name)],
      ['Light it up, here and over time', 'p', () => this.#page.change({fn: name})],
      ['Only stacks through it', 'f', () => this.edit('focus', name)],
      ['Leave out stacks through it', 'x', () => this.edit('drop', name)],
      ['Hide this frame', 'h', () => this.edit('hide', name)],
      ['Copy its name', '', () => navigator.clipboard?.writeText(name).catch(noClipboard)],
    ];
  }
}

function say(text) {
  byId('status').value = text;
}

function noClipboard() {
  say('The browser does not let the page copy; take the link from the address bar.');
}
