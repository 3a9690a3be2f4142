/**
 * Which one sound a staff screen makes at this moment. Pure. Only a press may use the alarm and its
 * soft pulse; faults and reminders are rare by rule, so that a sound goes on meaning something.
 */
import { GAINS } from './sound.js';

/** @typedef {Object<string, any>} Json */
/**
 * `otherAt` is when this screen last made a sound that was no press's, `calledAt` when it last said
 * that somebody must call by hand, `faults` since when each fault is known, `told` what was sounded
 * of all these or was there before us.
 * @typedef {{otherAt: number, calledAt: number, other: 'none'|'fault'|'info',
 *   faults: Object<string, number>, told: string[]}} Heard
 */
/**
 * @typedef {{armed: 'silent'|'testing'|'armed', wanted: string[], loud: boolean,
 *   silenced: boolean, lost: boolean, calls: string[], faults: string[], reminders: string[],
 *   volume: number}} Moment `wanted` is what each alert should sound like, `calls` are the lines
 *   that nobody was reached on, so that somebody must call by hand now.
 */

export const VOLUME_LEAST = 0.6;
const MINUTE = 60000;
const FAULT_EVERY_MS = 15 * MINUTE;
const OTHER_EVERY_MS = 10 * MINUTE;
const FAULT_LASTS_MS = 62000; // Three times, 30 s apart.
const INFO_LASTS_MS = 1000;
const FAULT_AFTER_MS = 20000; // A screen that is being armed is no fault yet.

/** @returns {Heard} */
export const noSound = () => ({
  otherAt: -Infinity,
  calledAt: -Infinity,
  other: 'none',
  faults: {},
  told: [],
});

/** @param {Moment} moment @param {Heard} heard @param {number} now monotonic ms
 * @returns {{name: string, gain: number, heard: Heard}} */
export function chooseSound(moment, heard, now) {
  const known = remembered(moment, heard, now);
  const volume = Math.max(VOLUME_LEAST, moment.volume);
  const answer = (/** @type {string} */ name, /** @type {number} */ gain, next = known) => ({
    name,
    gain: name === 'none' ? 0 : gain * volume,
    heard: next,
  });
  const press = moment.wanted.includes('alarm') || moment.wanted.includes('soft');
  if (moment.armed === 'silent') return answer('none', 0);
  if (moment.wanted.includes('alarm') && !moment.silenced)
    // Once the ladder says louder, no slider holds it back.
    return moment.loud
      ? { name: 'alarm', gain: GAINS.louder, heard: quiet(known) }
      : answer('alarm', GAINS.alarm, quiet(known));
  if (moment.armed === 'testing') return answer('test', GAINS.test, quiet(known));
  // This is about a person: no limit holds it back, and the soft pulse gives way for a minute.
  const calls = moment.calls.filter((one) => !known.told.includes(one));
  if (calls.length)
    return answer('fault', GAINS.fault, { ...sounded(known, 'none', calls, now), calledAt: now });
  if (moment.calls.length && now - known.calledAt < FAULT_LASTS_MS)
    return answer('fault', GAINS.fault);
  if (moment.wanted.includes('soft') && !moment.silenced)
    return answer('soft', GAINS.soft, quiet(known));
  const lasts = known.other === 'fault' ? FAULT_LASTS_MS : INFO_LASTS_MS;
  if (known.other !== 'none' && now - known.otherAt < lasts)
    return answer(known.other, GAINS[known.other]);
  const fresh = newFaults(moment, known, now);
  if (fresh.length && now - known.otherAt > FAULT_EVERY_MS)
    return answer('fault', GAINS.fault, sounded(known, 'fault', fresh, now));
  const reminder = moment.reminders.filter((one) => !known.told.includes(one));
  if (reminder.length && !(press && moment.silenced) && now - known.otherAt > OTHER_EVERY_MS)
    return answer('info', GAINS.info, sounded(known, 'info', reminder, now));
  return answer('none', 0);
}

/** Faults keep the time since when they are known; one that is over may sound again.
 * @param {Moment} moment @param {Heard} heard @param {number} now @returns {Heard} */
function remembered(moment, heard, now) {
  const there = [...moment.faults, ...(moment.lost ? ['lost'] : [])];
  const still = [...there, ...moment.calls, ...moment.reminders];
  return {
    ...heard,
    faults: Object.fromEntries(there.map((one) => [one, heard.faults[one] ?? now])),
    told: heard.told.filter((one) => still.includes(one)),
  };
}

/** @param {Moment} moment @param {Heard} heard @param {number} now */
function newFaults(moment, heard, now) {
  return Object.entries(heard.faults)
    .filter(([name, since]) => name === 'lost' || now - since >= FAULT_AFTER_MS)
    .map(([name]) => name)
    .filter((name) => !heard.told.includes(name) || (name === 'lost' && moment.lost));
}

/** @param {Heard} heard @returns {Heard} */
const quiet = (heard) => ({ ...heard, other: 'none' });

/** @param {Heard} heard @param {Heard['other']} other @param {string[]} told @param {number} now
 * @returns {Heard} */
const sounded = (heard, other, told, now) => ({
  ...heard,
  other,
  otherAt: now,
  told: [...heard.told, ...told],
});
