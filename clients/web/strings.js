/**
 * Every word the booth page and the shared parts say, in English and Dutch, and the one way to say
 * it. It holds no words of the staff's pages: those are in words.js, so that the booth stays small.
 */

/** @type {Object<string, [string, string]>} */
const CATALOGUE = {
  booth: ['Booth', 'Plek'],
  help: ['HELP', 'HULP'],
  press_once: ['press once', 'één keer drukken'],
  ready: ['Ready', 'Klaar'],
  works: ['Works. Checked {time}', 'Werkt. Gecontroleerd {time}'],
  checking: ['Checking the connection…', 'Verbinding controleren…'],
  no_network: ['NO NETWORK', 'GEEN NETWERK'],
  no_network_long: [
    'No connection. In need: press, and shout for help.',
    'Geen verbinding. Bij nood: druk, en roep om hulp.',
  ],
  sending: ['SENDING…', 'VERSTUREN…'],
  sending_word: ['Sending', 'Versturen'],
  press_again: ['You can press again', 'Je kunt nog eens drukken'],
  press_worse: ['PRESS AGAIN IF WORSE', 'ERGER? DRUK NOG EENS'],
  sent: ['Sent', 'Verstuurd'],
  pressed_times: ['pressed {n}×', '{n}× gedrukt'],
  sounding_on: ['Sounding on {n} staff screens', 'Klinkt op {n} schermen'],
  sounding_on_1: ['Sounding on 1 staff screen', 'Klinkt op 1 scherm'],
  sounding_wait: ['Waiting for the staff screens', 'Wachten op de schermen van het team'],
  sounding_gone: ['Not sounding on any screen now', 'Klinkt nu op geen enkel scherm'],
  sounded: ['Staff screens have sounded', 'Schermen hebben geklonken'],
  coming_wait: ['Looking for someone', 'We zoeken iemand'],
  coming_still: ['Still looking for someone', 'We zoeken nog iemand'],
  coming: ['SOMEONE IS COMING', 'ER KOMT IEMAND'],
  on_the_way: ['on the way {time}', 'onderweg {time}'],
  there: ['SOMEONE IS HERE', 'ER IS IEMAND BIJ JE'],
  not_alone: ['You are not alone. Staff are coming.', 'Je bent niet alleen. Het team komt.'],
  not_alone_here: ['You are not alone.', 'Je bent niet alleen.'],
  not_alone_yet: [
    'You are not alone. Staff are being called.',
    'Je bent niet alleen. Het team wordt geroepen.',
  ],
  no_news: ['Connection lost: no news for {time}', 'Verbinding weg: {time} geen nieuws'],
  mistake: ['Pressed by mistake?', 'Per ongeluk gedrukt?'],
  mistake_sending: ['Telling staff…', 'Doorgeven…'],
  mistake_told: [
    'Staff know it may be a mistake. They still look in.',
    'Het team weet het. Ze komen toch even kijken.',
  ],
  recovering: [
    'Staff keep an eye on you. Press if you need help.',
    'Het team let op je. Druk als je hulp nodig hebt.',
  ],
  ended: [
    'Staff ended the alert. Press if you need help.',
    'Het team heeft het alarm beëindigd. Druk als je hulp nodig hebt.',
  ],
  not_sent: ['NOT SENT', 'NIET VERSTUURD'],
  shout: ['SHOUT FOR HELP', 'ROEP OM HULP'],
  try_again: ['HELP – try again', 'HULP – probeer opnieuw'],
  trying: ['trying again … {n} · sends itself', 'opnieuw … {n} · verstuurt zichzelf'],
  sent_before: ['Sent before, at {time}', 'Eerder verstuurd, om {time}'],
  call: ['CALL', 'BEL'],
  call_unknown: ['Call the emergency number', 'Bel het alarmnummer'],
  hold: ['Hold 3 s: siren off 1 min', 'Houd 3 s: sirene 1 min uit'],
  siren_off: ['Siren off for {time}', 'Sirene uit: nog {time}'],
  siren_touch: ['Touch the screen for the siren', 'Raak het scherm aan voor de sirene'],
  nobody: ['NO ONE HAS ANSWERED', 'NIEMAND HEEFT GEREAGEERD'],
  nobody_call: [
    'No one has answered. Call {number} yourself.',
    'Niemand heeft gereageerd. Bel zelf {number}.',
  ],
  unpaired: ['NOT PAIRED', 'NIET GEKOPPELD'],
  unpaired_long: ['This is not an alarm button', 'Dit is geen alarmknop'],
  unpaired_shout: ['In need: shout for help', 'Bij nood: roep om hulp'],
  pair_it: ['Pair this device', 'Koppel dit apparaat'],
  somewhere: ['Somewhere in the house', 'Ergens in huis'],
  other_language: ['Nederlands', 'English'],
  drill: ['DRILL', 'OEFENING'],
  drill_booth_note: [
    'THIS IS A DRILL. In need: press, it is always real.',
    'DIT IS EEN OEFENING. Bij nood: druk, dat is altijd echt.',
  ],
};
const LANGUAGES = ['en', 'nl'];
let spoken = 0;

/** More words, for pages that need more. @param {Object<string, [string, string]>} words */
export function learn(words) {
  Object.assign(CATALOGUE, words);
}

/** The text of this key in the page's language, its {slots} filled.
 * @param {string} key @param {Object<string, string|number>} [slots] */
export function t(key, slots = {}) {
  const text = CATALOGUE[key]?.[spoken] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(slots[name] ?? whole));
}

/** Whether there is a text of this key. @param {string} key */
export const has = (key) => key in CATALOGUE;

export const language = () => LANGUAGES[spoken];

/** Speak this language where we can; `?lang=` in the address beats everything but a person.
 * @param {string|null|undefined} wanted @param {boolean} [byPerson] */
export function speak(wanted, byPerson = false) {
  const asked = byPerson ? null : new URLSearchParams(location.search).get('lang');
  const found = [asked, wanted, navigator.language]
    .map((one) => LANGUAGES.indexOf(String(one || '').slice(0, 2)))
    .find((one) => one >= 0);
  spoken = found ?? 0;
  document.documentElement.lang = language();
  document.documentElement.dir = 'ltr';
  dress(document);
}

/** Put the words in place of every element marked `data-t="key"`. @param {ParentNode} root */
export function dress(root) {
  for (const node of root.querySelectorAll('[data-t]')) {
    say(node, t(/** @type {HTMLElement} */ (node).dataset.t || ''));
  }
}

/** Set a text only if it is another, so that screen readers and layout are left in peace.
 * @param {Element|null} node @param {string|number} text */
export function say(node, text) {
  if (node && node.textContent !== String(text)) node.textContent = String(text);
}

/** Minutes and seconds, such as 0:42 or 1:02:03. @param {number} milliseconds */
export function duration(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** Time of day at the site. @param {string|number} moment @param {string} [zone]
 * @param {boolean} [seconds] */
export function clock(moment, zone, seconds = true) {
  /** @type {Intl.DateTimeFormatOptions} */
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (seconds) shape.second = '2-digit';
  try {
    return new Intl.DateTimeFormat('nl', { ...shape, timeZone: zone || undefined }).format(
      new Date(moment),
    );
  } catch {
    return new Intl.DateTimeFormat('nl', shape).format(new Date(moment));
  }
}

/** A booth's number as people say it. @param {number|null|undefined} number */
export const two = (number) => (number == null ? '?' : String(number).padStart(2, '0'));

/** An id nobody else has made; also where the browser offers no randomUUID. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keep and fetch small things over a reload; a browser that refuses costs us only that.
 * @param {string} key @param {any} value */
export function keep(key, value) {
  try {
    localStorage.setItem(`directline.${key}`, JSON.stringify(value));
  } catch {
    /* Private windows and full disks: the page works on, only not over a reload. */
  }
}

/** @param {string} key @returns {any} */
export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(`directline.${key}`) ?? 'null');
  } catch {
    return null;
  }
}
