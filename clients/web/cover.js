/**
 * What is said over a wall when an alert might not be heard, and while a button is tested. Pure:
 * from the Site and the time to lines of text; how they are drawn is for the page that asks.
 */
import { learn, t, two } from './strings.js';

/** @typedef {Object<string, any>} Json */
const HEARD_MS = 20000;

learn({
  cover_no_phone: [
    'NO COVER: nobody on duty has a confirmed phone',
    'GEEN DEKKING: niemand in dienst heeft een bevestigde telefoon',
  ],
  cover_no_screen: [
    'NO COVER: no screen can sound an alarm',
    'GEEN DEKKING: geen scherm kan alarm geven',
  ],
  cover_no_coordinator: [
    'NO COVER: no coordinator is on duty',
    'GEEN DEKKING: geen coördinator in dienst',
  ],
  button_test_open: [
    'TEST OF {booth}: press that button now ({n} s). A second press is a real alert.',
    'TEST VAN {booth}: druk nu op die knop ({n} s). Een tweede druk is een echt alarm.',
  ],
  button_test_heard: ['Test of {booth} heard in {n} s', 'Test van {booth} gehoord in {n} s'],
  button_test_heard_only: ['Test of {booth} heard', 'Test van {booth} gehoord'],
});

/** One line for each test of a button that runs, or was heard a moment ago.
 * @param {Json|null} site @param {number} now milliseconds @returns {{name: string, text: string}[]} */
export function testLines(site, now) {
  return /** @type {Json[]} */ (site?.button_tests ?? []).flatMap((one) => {
    const booth = two(one.booth);
    const name = `test_${one.booth}`;
    if (one.heard_at) {
      if (now - Date.parse(one.heard_at) > HEARD_MS) return [];
      const key = one.seconds == null ? 'button_test_heard_only' : 'button_test_heard';
      return [{ name, text: t(key, { booth, n: one.seconds ?? '' }) }];
    }
    const left = Date.parse(one.until) - now;
    if (left <= 0) return [];
    return [{ name, text: t('button_test_open', { booth, n: Math.ceil(left / 1000) }) }];
  });
}

/** Every line, the most urgent first. @param {Json|null} site @param {number} now milliseconds
 * @returns {{name: string, text: string}[]} */
export function banners(site, now) {
  const why = /** @type {string[]} */ (site?.cover?.why ?? []);
  const lost = why.map((one) => ({ name: `cover_${one}`, text: t(`cover_${one}`) }));
  return [...lost, ...testLines(site, now)];
}
