/**
 * Presses on their way to the server: kept over a reload, sent until the server proves that it has
 * stored them, always with the same press_id. It never calls a press sent on any other ground.
 */
import { ask } from './live.js';
import { keep, kept, newId } from './strings.js';

export const RETRY_MS = [500, 1000, 2000];
export const TRY_MS = 3000;
export const NOT_SENT_MS = 2000;

/**
 * @typedef {{press_id: string, pressed_at: string, since: number, tries: number,
 *   plain?: boolean}} Press   `since` is monotonic; a press of before a reload is old at once.
 * @typedef {Object<string, any>} Json
 */

export class Presses {
  /** @param {{as: string, onStored: (body: Json, press: Press) => void,
   *   onChange: () => void}} options */
  constructor({ as, onStored, onChange }) {
    this.as = as;
    this.onStored = onStored;
    this.onChange = onChange;
    this.unpaired = false;
    this.rounds = 0;
    this.timer = 0;
    /** @type {Press[]} */
    this.waiting = (kept('presses') || []).map((/** @type {Json} */ one) => ({
      ...one,
      since: -Infinity,
      tries: 1,
    }));
    addEventListener('online', () => this.again());
    document.addEventListener('visibilitychange', () => document.hidden || this.again());
    this.again();
  }

  /** Somebody touched the button. Returns before anything is known. @returns {Press} */
  add() {
    const press = {
      press_id: newId(),
      pressed_at: new Date().toISOString(),
      since: performance.now(),
      tries: 0,
    };
    this.waiting.push(press);
    keep('presses', [...(kept('presses') || []), press]);
    this.rounds = 0;
    this.send(press).then((stored) => stored || this.later());
    this.onChange();
    return press;
  }

  /** The press that has waited longest without proof, if one has. */
  oldest() {
    return this.waiting[0];
  }

  /** Whether a press is now too long without proof. */
  failing() {
    return this.waiting.some((press) => performance.now() - press.since >= NOT_SENT_MS);
  }

  later() {
    if (this.timer || !this.waiting.length) return;
    const wait = RETRY_MS[Math.min(this.rounds, RETRY_MS.length - 1)];
    this.rounds += 1;
    this.timer = setTimeout(() => this.again(), wait);
  }

  /** One round over all that wait: the oldest first, and the others once one got through. */
  async again() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.busy) return;
    this.busy = true;
    try {
      for (const press of [...this.waiting]) {
        const answered = (await this.send(press)) || press.plain;
        if (!answered) break;
      }
    } finally {
      this.busy = false;
    }
    this.later();
  }

  /** One try. True only when the answer names this very press, and its alert or its test.
   * @param {Press} press */
  async send(press) {
    press.tries += 1;
    const { press_id, pressed_at } = press;
    const { status, body } = await ask('/v1/presses', {
      as: this.as,
      body: press.plain ? { press_id } : { press_id, pressed_at },
      timeout: TRY_MS,
    });
    if (status === 401) this.unpaired = true;
    if (status === 413 || status === 422) press.plain = true;
    // A captive portal answers 200 too; only our own words are proof.
    const known = typeof body.alert?.id === 'string' || typeof body.test?.test_id === 'string';
    const ours = body.press_id === press_id && known;
    const stored = (status === 200 || status === 201) && ours;
    if (stored) this.unpaired = false;
    if (stored && this.done(press)) this.onStored(body, press);
    this.onChange();
    return stored;
  }

  /** Forget this press; false where an earlier try was answered first. @param {Press} press */
  done(press) {
    if (!this.waiting.includes(press)) return false;
    const others = (/** @type {Json[]} */ all) =>
      all.filter((one) => one.press_id !== press.press_id);
    this.waiting = /** @type {Press[]} */ (others(this.waiting));
    keep('presses', others(kept('presses') || []));
    return true;
  }
}
