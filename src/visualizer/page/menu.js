// SPDX-License-Identifier: MIT
//
// The menu of a frame: right button, or the menu key. Items are buttons, walked with the arrows;
// Escape, a click elsewhere or a choice closes it and gives the focus back.
import {byId, element} from './dom.js';

const EDGE_PX = 8;

export class Menu {
  #back;

  constructor() {
    this.box = byId('menu');
    this.box.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', (event) => {
      if (!this.box.contains(event.target)) this.close();
    });
  }

  get open() {
    return !this.box.hidden;
  }

  /** items: [[text, key or '', action]] */
  show(title, items, {x, y}) {
    this.#back = document.activeElement;
    const button = ([text, key, action]) => element(
        'button', {
          type: 'button',
          role: 'menuitem',
          onclick: () => {
            this.close();
            action();
          }
        },
        element('span', {}, text), key ? element('kbd', {}, key) : '');
    this.box.replaceChildren(
        element('div', {className: 'menu-title', title}, title), ...items.map(button));
    this.box.hidden = false;
    const left = Math.min(x, window.innerWidth - this.box.offsetWidth - EDGE_PX);
    const top = Math.min(y, window.innerHeight - this.box.offsetHeight - EDGE_PX);
    this.box.style.transform =
        `translate(${Math.max(EDGE_PX, left)}px, ${Math.max(EDGE_PX, top)}px)`;
    this.box.querySelector('button').focus();
  }

  close() {
    if (!this.open) return;
    this.box.hidden = true;
    this.#back?.focus({preventScroll: true});
  }

  #key(event) {
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      this.close();
    }
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.box.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length].focus();
  }
}
