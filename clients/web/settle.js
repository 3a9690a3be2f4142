/**
 * Where a layout with buttons is still while it changes: nothing moves under a finger. Pure.
 */
export const FROZEN_MS = 600;

/**
 * `since` is when the layout was first wanted otherwise than it is shown.
 * @typedef {{shown: string[], since: number|null}} Layout
 */

/** The layout after this moment, and what is new and therefore shown beside it, at once.
 * `hold` is false where there is nothing to touch: then it changes at once.
 * @param {Layout} layout @param {string[]} wanted @param {{now: number, touchedAt: number,
 *   hold: boolean}} moment monotonic ms @returns {Layout & {fresh: string[]}} */
export function settle({ shown, since }, wanted, { now, touchedAt, hold }) {
  const same = shown.join() === wanted.join();
  if (same || !hold || !shown.length) return { shown: wanted, since: null, fresh: [] };
  const began = since ?? now;
  const over = now - began >= FROZEN_MS && now - touchedAt >= FROZEN_MS;
  if (over) return { shown: wanted, since: null, fresh: [] };
  return { shown, since: began, fresh: wanted.filter((one) => !shown.includes(one)) };
}
