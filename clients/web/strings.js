/**
 * The one way to say something. The booth's words and those that all pages share are in
 * languages/, a file for each language, of which a booth loads the one it speaks. The words of the
 * staff's pages are in words.js, which learns them.
 */

/** Every language by its own name.
 * @type {Object<string, string>} */
export const NAMES = {
  en: 'English',
  nl: 'Nederlands',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  pl: 'Polski',
  ar: 'العربية',
};
const TO_THE_LEFT = ['ar'];
/** @type {Object<string, Object<string, string>>} */
const CATALOGUE = {};
let spoken = 'en';

/** More words of this language. @param {string} code @param {Object<string, string>} words */
export function teach(code, words) {
  CATALOGUE[code] = { ...CATALOGUE[code], ...words };
}

/** More words in English and Dutch, for pages that need more.
 * @param {Object<string, [string, string]>} words */
export function learn(words) {
  for (const [key, texts] of Object.entries(words)) {
    teach('en', { [key]: texts[0] });
    teach('nl', { [key]: texts[1] });
  }
}

let again = '';

/** Load the booth's words of this language; false when they cannot be had now. An address that has
 * failed once fails in Chromium until the page is loaded anew, so the next try has another.
 * @param {string} code */
export async function load(code) {
  if (!CATALOGUE[code]) {
    const found = await import(`./languages/${code}.js${again}`).catch(() => null);
    if (!found) again = `?${Date.now()}`;
    if (!found) return false;
    teach(code, found.default);
  }
  return true;
}

/** The text of this key in the page's language, its {slots} filled. Numbers and times read from
 * the left in every language, so they are kept apart where the text does not.
 * @param {string} key @param {Object<string, string|number>} [slots] */
export function t(key, slots = {}) {
  const text = CATALOGUE[spoken]?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => apart(slots[name] ?? whole));
}

/** @param {string|number} text */
export const apart = (text) =>
  document.documentElement.dir === 'rtl' ? `\u2066${text}\u2069` : String(text);

/** Whether there is a text of this key. @param {string} key */
export const has = (key) => key in (CATALOGUE[spoken] ?? {});

export const language = () => spoken;

/** The first of these that we have a name for; `?lang=` in the address comes before them.
 * @param {...(string|null|undefined)} wanted */
export function understood(...wanted) {
  const asked = new URLSearchParams(location.search).get('lang');
  const codes = [asked, ...wanted, navigator.language].map((one) => String(one || '').slice(0, 2));
  return codes.find((one) => one in NAMES) ?? 'en';
}

/** Speak this language where we have its words; `?lang=` in the address beats everything but a
 * person. @param {string|null|undefined} wanted @param {boolean} [byPerson] */
export function speak(wanted, byPerson = false) {
  const code = byPerson ? String(wanted) : understood(wanted);
  spoken = code in CATALOGUE ? code : (Object.keys(CATALOGUE)[0] ?? 'en');
  document.documentElement.lang = spoken;
  document.documentElement.dir = TO_THE_LEFT.includes(spoken) ? 'rtl' : 'ltr';
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
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}`;
}

/** A clock for each zone: making one is dear, and a wall tells the time four times a second.
 * @type {Object<string, Intl.DateTimeFormat>} */
const CLOCKS = {};

/** Time of day at the site. @param {string|number} moment @param {string} [zone]
 * @param {boolean} [seconds] @returns {string} */
export function clock(moment, zone = '', seconds = true) {
  try {
    const timeZone = zone || undefined;
    CLOCKS[zone] ??= new Intl.DateTimeFormat('nl', { timeStyle: 'medium', timeZone });
    const time = CLOCKS[zone].format(new Date(moment));
    return seconds ? time : time.slice(0, -3);
  } catch {
    return zone ? clock(moment, '', seconds) : '?'; // A zone that this browser does not know.
  }
}

/** A booth's number as people say it. @param {number|null|undefined} number */
export const two = (number) => (number == null ? '?' : String(number).padStart(2, '0'));

/** An id nobody else has made. */
export const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

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
