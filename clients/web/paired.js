/**
 * As which device this browser is known, for the pages of the staff. A server that is away does not
 * unpair anybody: then it is what it was before.
 */
import { ask } from './dom.js';
import { keep, kept } from './strings.js';

/** @typedef {Object<string, any>} Json */

const AWAY_MS = 2000;
const UNPAIRED_MS = 5000;

/** Wait until the server says who we are, or was known to. @param {(paired: boolean) => void} waiting
 * is told each time it has to wait, and whether the server is only away. @returns {Promise<Json>} */
export async function whoAmI(waiting) {
  const asked = new URLSearchParams(location.search).get('as');
  const kinds = asked ? [asked] : [...new Set([kept('wall.kind'), 'tablet', 'screen', 'monitor'])];
  for (;;) {
    let away = false;
    for (const kind of kinds.filter(Boolean)) {
      const { status, body } = await ask('/v1/whoami', { as: kind });
      if (status === 200 && (body.kind ?? kind) === kind) {
        const who = { ...body, kind };
        keep('wall.who', who);
        return who;
      }
      away ||= status === 0 || status >= 500;
    }
    const known = kept('wall.who');
    if (away && known) return known;
    waiting(away);
    await new Promise((resolve) => {
      setTimeout(resolve, away ? AWAY_MS : UNPAIRED_MS);
    });
  }
}
