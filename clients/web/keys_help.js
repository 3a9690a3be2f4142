/**
 * The dialog that says which keys there are, fetched when somebody first asks for it.
 */
import { make } from './dom.js';
import { learn, t } from './strings.js';

const HELP = ['1-9', 'O', 'B', 'M', 'S', 'D', '?', 'Esc'];

learn({
  keys: ['KEYS', 'TOETSEN'],
  keys_on: ['Single keys work here', 'Losse toetsen werken hier'],
  'key_1-9': ['Pick an alert', 'Kies een alarm'],
  key_o: ['On my way', 'Ik ga'],
  key_b: ['At the booth', 'Bij de plek'],
  key_m: ['More people', 'Meer mensen'],
  key_s: ['Silence this screen', 'Dit scherm stil'],
  key_d: ['Direct line', 'Directe lijn'],
  'key_?': ['These keys', 'Deze toetsen'],
  key_esc: ['Close what is open in front', 'Sluit wat ervoor staat'],
});

/** @param {import('./keys.js').Keys} keys */
export function help(keys) {
  const choice = /** @type {HTMLInputElement} */ (
    make('input', { type: 'checkbox', checked: keys.on, change: () => keys.turn(choice.checked) })
  );
  // It is there only while it is open: a page has one dialog.
  const dialog = /** @type {HTMLDialogElement} */ (
    make('dialog', { class: 'sheet', 'aria-label': t('keys'), close: () => dialog.remove() })
  );
  const close = () => dialog.close();
  const rows = HELP.flatMap((key) => [
    make('dt', {}, make('kbd', { text: key })),
    make('dd', { text: t(`key_${key.toLowerCase()}`) }),
  ]);
  dialog.append(
    make(
      'div',
      { class: 'inside', tabindex: -1 },
      make('h1', { text: t('keys') }),
      make('dl', { class: 'keys' }, ...rows),
      make('label', { class: 'check' }, choice, make('span', { text: t('keys_on') })),
      make('button', { class: 'quiet back', type: 'button', text: t('cancel'), click: close }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
