/**
 * What staff tap in front of a page: the one dialog with its choices, name tiles and PIN; the guard
 * of what ends help; the short notes at the foot, such as what was saved, with undo. It asks and
 * answers by a call; what is done with the answer is for the page to say.
 */
import { begun, make } from './dom.js';
import { t } from './strings.js';

/** @typedef {Object<string, any>} Json */

const PIN_DIGITS = 4;
const HOLD_MS = 1000;
const SURE_MS = 6000;
const LEFT_MS = 60000;

/** The dialog. Esc closes it, and a minute without a touch: what is behind it may be an alert. */
export class Sheet {
  constructor() {
    this.dialog = /** @type {HTMLDialogElement} */ (make('dialog', { class: 'sheet' }));
    document.body.append(this.dialog);
    /** @type {((key: string) => void)|null} */
    this.typed = null;
    /** @type {HTMLElement|null} */
    this.shown = null;
    this.left = 0;
    this.dialog.addEventListener('pointerdown', () => this.stay());
    this.dialog.addEventListener('keydown', (event) => {
      this.stay();
      if (!this.typed || !(/^[0-9]$/.test(event.key) || event.key === 'Backspace')) return;
      event.preventDefault();
      this.typed(event.key);
    });
  }

  close() {
    this.dialog.close();
  }

  /** For another minute, and for as long as a note is begun. */
  stay() {
    clearTimeout(this.left);
    this.left = setTimeout(
      () => (begun(this.dialog) ? this.stay() : this.close()),
      LEFT_MS,
    );
  }

  /** @param {string} title @param {(Node|null)[]} parts @param {boolean} [typing] */
  show(title, parts, typing = false) {
    if (!typing) this.typed = null;
    this.shown = make(
      'div',
      { class: 'inside', tabindex: -1 },
      make('h1', { text: title }),
      ...parts,
      make('button', {
        class: 'quiet back',
        type: 'button',
        text: t('cancel'),
        click: () => this.close(),
      }),
    );
    this.dialog.setAttribute('aria-label', title);
    this.dialog.replaceChildren(this.shown);
    if (!this.dialog.open) this.dialog.showModal();
    this.stay();
    this.shown.focus(); // Else the keys go nowhere once the button that was pressed is gone.
    return this.shown;
  }

  /** @param {string} title @param {string} question @param {{value: any, text: string}[]} choices
   * @param {(value: any) => void} chosen @param {Node|null} [more] */
  choose(title, question, choices, chosen, more = null) {
    const buttons = choices.map(({ value, text }) =>
      make('button', {
        ...{ class: 'act', type: 'button', text, data: { value } },
        click: () => chosen(value),
      }),
    );
    this.show(title, [
      make('h2', { text: question }),
      make('div', { class: 'choices' }, ...buttons),
      more,
    ]);
  }

  /** Name tiles: those on duty first. `why` says why somebody cannot be chosen now.
   * @param {string} title @param {string} question @param {Json[]} people
   * @param {{guest: boolean, why: (person: Json) => string}} rules
   * @param {(person: string) => void} chosen @param {Node|null} [more] */
  names(title, question, people, { guest, why }, chosen, more = null) {
    const sorted = [...people].sort((one, other) => Number(other.on_duty) - Number(one.on_duty));
    const tiles = [...sorted, ...(guest ? [{ id: 'guest', name: t('guest'), on_duty: true }] : [])];
    const buttons = tiles.map((one) => {
      const because = why(one);
      const small = because || (one.on_duty ? '' : t('off_duty'));
      return make(
        'button',
        {
          ...{ class: 'act person', type: 'button', disabled: Boolean(because) },
          data: { person: one.id },
          click: () => chosen(one.id),
        },
        make('b', { text: one.name }),
        small ? make('small', { text: small }) : null,
      );
    });
    this.show(title, [
      make('h2', { text: question }),
      make('div', { class: 'choices people' }, ...buttons),
      more,
    ]);
  }

  /** @param {string} title @param {string} name @param {string} why of the try before
   * @param {(pin: string) => void} entered */
  pin(title, name, why, entered) {
    let digits = '';
    const shown = make('output', { class: 'pin' });
    const draw = () => {
      shown.textContent = '*'.repeat(digits.length).padEnd(PIN_DIGITS, '_');
    };
    this.typed = (/** @type {string} */ key) => {
      if (key === 'Backspace') digits = digits.slice(0, -1);
      else if (digits.length < PIN_DIGITS) digits += key;
      draw();
      if (digits.length === PIN_DIGITS) entered(digits);
    };
    const keys = [...'123456789', 'Backspace', '0'].map((key) =>
      make('button', {
        ...{ class: 'act', type: 'button', data: { digit: key } },
        text: key === 'Backspace' ? t('pin_erase') : key,
        click: () => this.typed?.(key),
      }),
    );
    draw();
    const parts = [
      make('h2', { text: t('pin', { name }) }),
      why ? make('p', { class: 'wrong', role: 'alert', text: why }) : null,
      shown,
      make('div', { class: 'pad' }, ...keys),
    ];
    this.show(title, parts, true);
  }
}

/** A button that ends something, with its guard: hold it for a second, or tap it and then confirm
 * beside it, far enough away that no second tap of a shaking hand does it.
 * @param {string} text @param {string} action @param {() => void} sure @returns {HTMLElement} */
export function guarded(text, action, sure) {
  let timer = 0;
  let asked = 0;
  const confirm = make('button', {
    ...{ class: 'act sure', type: 'button', text: t('sure', { what: text }), hidden: true },
    data: { sure: action },
    click: () => done(),
  });
  const button = make('button', {
    ...{ class: 'act ending', type: 'button', text, data: { action }, title: t('hold') },
    pointerdown: () => {
      button.dataset.holding = 'true';
      timer = setTimeout(done, HOLD_MS);
    },
    pointerup: release,
    pointerleave: release,
    pointercancel: release,
    click: () => {
      confirm.hidden = false;
      clearTimeout(asked);
      asked = setTimeout(() => {
        confirm.hidden = true;
      }, SURE_MS);
    },
  });
  function release() {
    clearTimeout(timer);
    delete button.dataset.holding;
  }
  function done() {
    release();
    clearTimeout(asked);
    confirm.hidden = true;
    sure();
  }
  return make('div', { class: 'guarded' }, button, confirm);
}

/** Notes at the foot of a page, some with a button. */
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
