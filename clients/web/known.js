/**
 * All that a staff page knows: the state of the feed, and what an Alert does not tell and its
 * events do. Pure: `fold` goes from (what was known, one frame) to what is known; no clock, no page.
 */
import { ASKING, EMPTY, apply } from './live.js';
import './state.js';

/** @typedef {Object<string, any>} Json */
/**
 * What is remembered of an alert's events. Times are texts as the server gave them.
 * @typedef {{misread: string[], refused: string[], louder: boolean, prompted: boolean,
 *   oxygenAt: string|null, doses: {at: string, route: string|null}[]}} Extra
 */
/**
 * `brokenAt` is the number of the last event that breaks a silence, `drillStoppedAt` the time of
 * the last drill that a real press has ended.
 * @typedef {{state: import('./state.js').State, extras: Object<string, Extra>, last: Json|null,
 *   brokenAt: number, drillStoppedAt: string|null}} Known
 */

/** @returns {Extra} */
export const noExtra = () => ({
  misread: [],
  refused: [],
  louder: false,
  prompted: false,
  oxygenAt: null,
  doses: [],
});

/** @type {Known} */
export const NOTHING = Object.freeze({
  state: EMPTY,
  extras: {},
  last: null,
  brokenAt: -1,
  drillStoppedAt: null,
});

/** These break a silence at once. */
const BREAKING = [
  'pressed',
  'pressed_again',
  'rung_reached',
  'not_arrived',
  'more_people',
  'nobody_reached',
  'reopened',
  'cannot_go',
  'ems_prompted',
];

/** Why a drill ended that a real alert has stopped. */
const STOPPED = ['real_alert', 'made_real'];

/** When something was done: as the person said it, else when we heard of it. @param {Json} event
 * @returns {string} */
export const doneAt = (event) => event.data?.at ?? event.at;

/** What is remembered after this event. @param {Extra} extra @param {Json} event @returns {Extra} */
export function remember(extra, event) {
  const person = event.data?.person;
  switch (event.name) {
    case 'not_understood':
      return { ...extra, misread: [...new Set([...extra.misread, person])] };
    case 'text_failed':
      return { ...extra, refused: [...new Set([...extra.refused, person])] };
    case 'text_delivered':
      return { ...extra, refused: extra.refused.filter((one) => one !== person) };
    case 'rung_reached':
      return { ...extra, louder: extra.louder || (event.data?.do || []).includes('louder') };
    case 'ems_prompted':
      return { ...extra, prompted: true };
    case 'oxygen':
      return { ...acted(extra), oxygenAt: event.data?.on ? doneAt(event) : null };
    case 'naloxone': {
      const dose = { at: doneAt(event), route: event.data?.route ?? null };
      return { ...acted(extra), doses: [...extra.doses, dose] };
    }
    case 'on_my_way':
    case 'at_booth':
    case 'cannot_go':
      // An answer that was understood ends the doubt about that person.
      return { ...acted(extra), misread: extra.misread.filter((one) => one !== person) };
    default:
      return event.by?.kind === 'person' ? acted(extra) : extra;
  }
}

/** Any act answers the question about the ambulance. @param {Extra} extra @returns {Extra} */
const acted = (extra) => ({ ...extra, prompted: false });

/** What is known after this frame. @param {Known} known @param {Json} frame @returns {Known} */
export function fold(known, frame) {
  const next = { ...known, state: apply(known.state, frame) };
  if (frame.type === 'snapshot') next.extras = onlyOpen(known.extras, next.state.alerts);
  const { event, alert } = frame;
  if (frame.type !== 'event' || !event) return next;
  if (event.alert) {
    const extra = remember(known.extras[event.alert] ?? noExtra(), event);
    next.extras = onlyOpen({ ...known.extras, [event.alert]: extra }, next.state.alerts);
  }
  if (alert?.state === 'closed') next.last = alert;
  if (BREAKING.includes(event.name) && ASKING.includes(alert?.state)) next.brokenAt = frame.seq;
  if (event.name === 'drill_ended' && STOPPED.includes(event.data?.reason))
    next.drillStoppedAt = event.at;
  return next;
}

/** What an alert's own timeline tells, for a page that came later. @param {Known} known
 * @param {string} id @param {Json[]} timeline @returns {Known} */
export function readBack(known, id, timeline) {
  const extra = timeline.reduce(remember, noExtra());
  return { ...known, extras: onlyOpen({ ...known.extras, [id]: extra }, known.state.alerts) };
}

/** @param {Object<string, Extra>} extras @param {Object<string, Json>} alerts */
function onlyOpen(extras, alerts) {
  return Object.fromEntries(Object.entries(extras).filter(([id]) => id in alerts));
}
