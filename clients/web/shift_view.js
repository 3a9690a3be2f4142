/**
 * What the shift page says of people and their hours. Pure: from the Site and the time to text.
 */
import { dayOf } from './picture.js';
import { clock, language, t } from './strings.js';

/** @typedef {Object<string, any>} Json */

/** Day and time at the site. @param {string} moment @param {string} [zone] */
export function dayAndTime(moment, zone) {
  const day = new Intl.DateTimeFormat(language(), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: zone || undefined,
  }).format(new Date(moment));
  return `${day} ${clock(moment, zone, false)}`;
}

/** Whether texts reach this person, and since when; of another day with that day.
 * @param {Json} person @param {Json} site @param {number} now milliseconds */
export function phoneWord({ reach, reach_at: at }, { timezone: zone }, now) {
  const word = t(`phone_${reach}`);
  if (!at) return word;
  const today = dayOf(at, zone) === dayOf(now, zone);
  return `${word} ${today ? clock(at, zone, false) : dayAndTime(at, zone)}`;
}

/** The hours of the shifts that run, such as 14:00-22:00; empty where everybody is always on duty.
 * The feed tells who comes and goes, not that somebody's next shift follows the one before.
 * @param {Json} site @param {number} now milliseconds */
export function shiftHours(site, now) {
  const time = clock(now, site.timezone, false);
  const runs = (/** @type {string} */ hours) => {
    const [start, end] = hours.split('-');
    return start < end ? start <= time && time < end : start <= time || time < end;
  };
  const all = /** @type {Json[]} */ (site.people)
    .filter((one) => one.on_duty && one.hours && runs(one.hours))
    .map((one) => one.hours);
  return [...new Set(all)].sort().join(' · ');
}
