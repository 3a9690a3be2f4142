/**
 * Taking a device's rights away: said what it means, confirmed on the same spot, and then done in the
 * name of a coordinator or a manager who gives a PIN.
 */
import { guarded } from './sheet.js';
import { make } from './dom.js';
import { t, two } from './strings.js';
import './watch_words.js';

/** @typedef {Object<string, any>} Json */

/** What goes with this device, in a sentence each. @param {Json} site @param {string} device
 * @returns {string[]} */
export function lostWith(site, device) {
  const buttons = /** @type {Json[]} */ (site.buttons ?? []);
  const screens = /** @type {Json[]} */ (site.screens ?? []);
  const own = buttons.filter((one) => one.device_id === device && one.booth != null);
  const bare = own
    .map((one) => one.booth)
    .filter((booth) => !buttons.some((one) => one.booth === booth && one.device_id !== device));
  const isScreen = screens.some((one) => one.device_id === device);
  const others = screens.some((one) => one.device_id !== device && one.able);
  return [
    bare.length ? t('drop_last_button', { booths: bare.map(two).join(', ') }) : '',
    isScreen && !others ? t('drop_last_screen') : '',
  ].filter(Boolean);
}

/** Ask, and do it. @param {import('./house.js').House} house @param {string} device
 * @param {string} name */
export function dropDevice(house, device, name) {
  const title = t('drop_title', { name });
  const { sheet, toasts } = house.actions;
  sheet.show(title, [
    make('p', { text: t('drop_about') }),
    ...lostWith(house.site() ?? {}, device).map((text) => make('p', { class: 'wrong', text })),
    guarded(t('drop_do'), 'drop', () => who('')),
  ]);

  /** @param {string} why of the try before */
  function who(why) {
    const people = house.inCharge();
    const choices = house.withPin(people);
    const not = (/** @type {Json} */ one) => choices.find((other) => other.value === one.id)?.more ?? '';
    const more = why ? make('p', { class: 'wrong', role: 'alert', text: why }) : null;
    sheet.names(title, t('drop_who'), people, { guest: false, why: not }, (one) => pin(one, ''), more);
  }

  /** @param {string} person @param {string} why of the try before */
  function pin(person, why) {
    sheet.pin(title, house.nameOf(person), why, (digits) => save(person, digits));
  }

  /** @param {string} person @param {string} digits */
  async function save(person, digits) {
    const shown = sheet.show(title, [make('p', { class: 'saving', text: t('saving') })]);
    const path = `/v1/devices/${encodeURIComponent(device)}/revoke`;
    const { status, body } = await house.send(title, path, { body: { person, pin: digits } });
    const looking = sheet.shown === shown;
    if (status < 300) {
      if (looking) sheet.close();
      toasts.add(t('drop_done', { name }), 'stored', 6000);
      return;
    }
    const why = house.refusal(body, person, 'watch_refused');
    if (!looking) toasts.add(`${title}. ${why}`, 'unsaved', 12000);
    else if (house.waitOf(person)) who(why);
    else if (String(body.type || '').endsWith('_pin')) pin(person, why);
    else sheet.show(title, [make('p', { class: 'wrong', role: 'alert', text: why })]);
  }
}
