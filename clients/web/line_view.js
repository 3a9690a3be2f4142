/**
 * What every page shows of an alert's direct line, from the Alert and the Site alone. Pure but for
 * the page's language. An answer is never called a human: only the server says that one was reached.
 */
import './line_words.js';
import { clock, duration, has, t } from './strings.js';

/** @typedef {Object<string, any>} Json */

const OPEN = ['joining', 'ringing', 'answered', 'confirmed', 'bridged', 'failed'];
/** A leg that is ringing or on. */
export const LIVE = ['calling', 'ringing', 'on', 'kept'];

/** Whether somebody or something is still at work on this line. @param {Json|null|undefined} line */
export const isOpen = (line) => OPEN.includes(line?.state);

/** Whether a human was reached, as the server knows it. @param {Json|null|undefined} line */
export const isReached = (line) =>
  Boolean(line?.reached_at) || ['confirmed', 'bridged'].includes(line?.state);

/** Whether the number to call by hand must stand before everything; an ambulance that was accepted
 * puts it away. @param {Json|null|undefined} line */
export const byHand = (line) => Boolean(line?.by_hand);

/** Whether a person may open the line of this alert now. An alert keeps the numbers it was pressed
 * with, and has none without an agreement. @param {Json} alert @param {Json|null} site */
export const canOpen = (alert, site) =>
  site?.line === 'ready' &&
  alert.line?.numbers !== 0 &&
  !alert.drill &&
  alert.state !== 'closed' &&
  !isOpen(alert.line);

/** @param {Json} line the control room's leg that matters now, if there is one */
function controlLeg(line) {
  const legs = /** @type {Json[]} */ (line.legs || []).filter((one) => one.number_index != null);
  const mine = legs.filter((one) => one.number_index === line.number_index);
  return mine.findLast((one) => LIVE.includes(one.state)) ?? mine.at(-1) ?? legs.at(-1) ?? null;
}

/** The number that failed last; the newest one is dialled already. @param {Json} line */
export const failedIndex = (line) =>
  (line.legs || []).findLast((/** @type {Json} */ one) => one.number_index != null && one.state === 'ended')
    ?.number_index ?? line.number_index;

/** @param {number|null|undefined} index */
export const roomName = (index) =>
  t('control_room', { letter: String.fromCharCode(65 + (index ?? 0)) });

/** How long ago that was, nothing if it never was. @param {string|null|undefined} since @param {number} now */
export const passed = (since, now) => (since ? duration(now - Date.parse(since)) : '');

/** How long a number rings. @param {Json} line */
export const whole = (line) => duration((line.ring_s || 0) * 1000);

/** The slots of most sentences about a line. @param {Json} line @param {number} now */
export function times(line, now) {
  const leg = controlLeg(line);
  return {
    n: ((line.state === 'failed' ? failedIndex(line) : line.number_index) ?? 0) + 1,
    all: line.numbers ?? 1,
    time: passed(leg?.state === 'ringing' ? leg.since : line.since, now),
    whole: whole(line),
  };
}

/** What the wall and the alert page say of it, the most urgent first.
 * @param {Json} alert @param {Json|null} site @param {number} now
 * @returns {{name: string, text: string}[]} */
export function lineNotes(alert, site, now) {
  const { line } = alert;
  const number = site?.emergency_number ?? '';
  const all = [];
  if (line && line.state !== 'none' && has(`note_line_${line.state}`)) {
    const quiet = line.state === 'not_reached' && !byHand(line) ? '_quiet' : '';
    const text = t(`note_line_${line.state}${quiet}`, { ...times(line, now), number });
    all.push({ name: 'line', text });
    if (isOpen(line) && !isReached(line)) all.push({ name: 'line_hand', text: t('note_line_hand', { number }) });
  }
  if (alert.ems) all.push({ name: 'ems', text: t('note_ems', { what: emsWords(alert, site) }) });
  return all;
}

/** @param {Json} alert @param {Json|null} site */
export function emsWords(alert, site) {
  if (!alert.ems) return t('ems_none');
  const slots = {
    what: t(`ems_${alert.ems}`),
    n: alert.ems_minutes ?? '',
    clock: alert.ems_at ? clock(alert.ems_at, site?.timezone, false) : '',
  };
  const minutes = alert.ems === 'on_the_way' && alert.ems_minutes != null;
  return t(minutes ? 'ems_at_minutes' : 'ems_at', slots).trim();
}
