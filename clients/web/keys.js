/**
 * A desk with a keyboard: one key picks an alert or does something to it. Single keys can be
 * switched off, count for nothing where somebody types, and never end anything.
 */
import { keep, kept } from './strings.js';

/** @type {Object<string, string>} */
const ACTIONS = { o: 'on_my_way', b: 'at_booth', m: 'more_people', d: 'direct_line' };

export class Keys {
  /** @param {{pick: (place: number) => void, act: (action: string) => void,
   *   silence: () => void}} options */
  constructor(options) {
    this.options = options;
    const asked = new URLSearchParams(location.search).get('keys');
    this.on = asked ? asked !== 'off' : kept('keys') !== 'off';
    addEventListener('keydown', (event) => this.pressed(event));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (target.matches?.('input, textarea, select') || document.querySelector('dialog[open]')) return;
    if (event.key === '?') this.help();
    if (!this.on) return;
    const key = event.key.toLowerCase();
    if (/^[1-9]$/.test(key)) this.options.pick(Number(key) - 1);
    else if (key === 's') this.options.silence();
    else if (ACTIONS[key]) this.options.act(ACTIONS[key]);
    else return;
    event.preventDefault();
  }

  /** @param {boolean} on */
  turn(on) {
    this.on = on;
    keep('keys', on ? 'on' : 'off');
  }

  async help() {
    const { help } = await import('./keys_help.js').catch(() => ({ help: null }));
    if (!document.querySelector('dialog[open]')) help?.(this);
  }
}
