/**
 * A desk with a keyboard: one key picks an alert or does something to it. Single keys can be
 * switched off, count for nothing where somebody types, and never end anything.
 */
import { make } from './dom.js';
import { keep, kept, t } from './strings.js';

/** @type {Object<string, string>} */
const ACTIONS = { o: 'on_my_way', b: 'at_booth', m: 'more_people', d: 'direct_line' };
const HELP = ['1-9', 'O', 'B', 'M', 'S', 'D', '?', 'Esc'];

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
    if (event.key === '?') return this.help();
    if (!this.on) return;
    const key = event.key.toLowerCase();
    if (/^[1-9]$/.test(key)) this.options.pick(Number(key) - 1);
    else if (key === 's') this.options.silence();
    else if (ACTIONS[key]) this.options.act(ACTIONS[key]);
    else return;
    event.preventDefault();
  }

  help() {
    const choice = /** @type {HTMLInputElement} */ (
      make('input', {
        type: 'checkbox',
        checked: this.on,
        change: () => {
          this.on = choice.checked;
          keep('keys', this.on ? 'on' : 'off');
        },
      })
    );
    // It is there only while it is open: a page has one dialog.
    const dialog = /** @type {HTMLDialogElement} */ (
      make('dialog', { class: 'sheet', 'aria-label': t('keys'), close: () => dialog.remove() })
    );
    const close = () => dialog.close();
    dialog.append(
      make(
        'div',
        { class: 'inside', tabindex: -1 },
        make('h1', { text: t('keys') }),
        make(
          'dl',
          { class: 'facts' },
          ...HELP.flatMap((key) => [
            make('dt', {}, make('kbd', { text: key })),
            make('dd', { text: t(`key_${key.toLowerCase()}`) }),
          ]),
        ),
        make('label', { class: 'check' }, choice, make('span', { text: t('keys_on') })),
        make('button', { class: 'quiet back', type: 'button', text: t('cancel'), click: close }),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }
}
