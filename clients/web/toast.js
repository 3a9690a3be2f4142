/** Short notes at the foot of a page, some with a button: what was saved, what was not, undo. */
import { make } from './dom.js';

export class Toasts {
  constructor() {
    this.node = make('div', { class: 'toasts', role: 'status' });
    document.body.append(this.node);
  }

  /** @param {string} text @param {string} kind stored, unsaved @param {number} stays ms
   * @param {{label: string, act: () => void}|null} [button] @returns {HTMLElement} */
  add(text, kind, stays, button = null) {
    const node = make('div', { class: `toast ${kind}`, data: { kind } }, make('span', { text }));
    if (button) {
      const click = () => {
        if (stays < Infinity) node.remove();
        button.act();
      };
      node.append(make('button', { class: 'quiet', type: 'button', text: button.label, click }));
    }
    this.node.append(node);
    if (stays < Infinity) setTimeout(() => node.remove(), stays);
    return node;
  }
}
