/**
 * What the booth page may truthfully say, from what it knows. Pure: no clock, no document.
 * The four steps are never merged, and each later one needs proof from somebody else.
 * @typedef {Object<string, any>} Json
 * @typedef {{alert: Json|null, waiting: boolean, failing: boolean, unpaired: boolean,
 *   online: boolean|null, cameBefore: boolean, soundedBefore: boolean}} Facts
 *   `online` is null until the first check has ended.
 * @typedef {{name: string, done: boolean, key: string, slots?: Json, since?: string|null}} Step
 */

/** How many staff screens are proved to sound; the server gives names or only a count.
 * @param {Json|null} alert */
export function soundingCount(alert) {
  const sounding = alert?.sounding;
  return Array.isArray(sounding) ? sounding.length : Number(sounding) || 0;
}

/** @param {Json|null} alert */
const isComing = (alert) => alert?.state === 'on_the_way' || alert?.state === 'at_booth';

/** One of: ready, checking, offline, unpaired, sending, not_sent, sent, sounding, coming, there.
 * @param {Facts} facts @returns {string} */
export function boothState({ alert, waiting, failing, unpaired, online }) {
  if (unpaired) return 'unpaired';
  if (failing) return 'not_sent';
  if (alert?.state === 'at_booth') return 'there';
  if (alert?.state === 'on_the_way') return 'coming';
  if (waiting && !alert) return 'sending';
  if (alert) return soundingCount(alert) ? 'sounding' : 'sent';
  return online == null ? 'checking' : online ? 'ready' : 'offline';
}

/** The steps below the press, in order. @param {Facts} facts @returns {Step[]} */
export function steps({ alert, waiting, cameBefore, soundedBefore }) {
  const count = soundingCount(alert);
  const coming = isComing(alert);
  return [
    waiting || !alert
      ? { name: 'sent', done: false, key: 'sending_word' }
      : { name: 'sent', done: true, key: 'sent', since: alert.raised_at },
    count
      ? {
          name: 'sounding',
          done: true,
          key: count === 1 ? 'sounding_on_1' : 'sounding_on',
          slots: { n: count },
        }
      : coming && soundedBefore
        ? { name: 'sounding', done: true, key: 'sounded' }
        : { name: 'sounding', done: false, key: soundedBefore ? 'sounding_gone' : 'sounding_wait' },
    coming
      ? { name: 'coming', done: true, key: alert?.state === 'at_booth' ? 'there' : 'coming' }
      : { name: 'coming', done: false, key: cameBefore ? 'coming_still' : 'coming_wait' },
  ];
}
