/**
 * A guard for what ends help: hold the button for a second, or tap it and then confirm beside it,
 * far enough away that no second tap of a shaking hand does it.
 */
import { make } from './dom.js';
import { t } from './strings.js';

const HOLD_MS = 1000;
const SURE_MS = 6000;

/** The button with its guard. @param {string} text @param {string} action
 * @param {() => void} sure @returns {HTMLElement} */
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
