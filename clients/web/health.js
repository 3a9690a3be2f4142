/**
 * What the page of device health asks the server for itself, since it is no event for anybody: how
 * long ago each screen was heard. An answer that is old says nothing any more.
 */
import { ask } from './dom.js';

/** @typedef {Object<string, any>} Json */
const ASK_MS = 4000; // As often as screens prove that they can alarm.
const OLD_MS = 10000;

/** Seconds since each screen was heard, by device id: as the answer said, and the whole seconds
 * since. @param {Json} answer @param {number} since milliseconds @returns {Object<string, number>} */
export const agesOf = (answer, since) =>
  Object.fromEntries(
    /** @type {Json[]} */ (answer.screens ?? []).map((one) => [
      one.device_id,
      one.heard_s + Math.floor(since / 1000),
    ]),
  );

export class Health {
  /** @param {() => string|null} as which of its pairings this browser means, null while it has none */
  constructor(as) {
    this.as = as;
    /** @type {Json|null} */
    this.answer = null;
    this.at = 0;
    setInterval(() => this.read(), ASK_MS);
  }

  async read() {
    const as = this.as();
    if (document.hidden || !as) return;
    const { status, body } = await ask('/v1/devices/health', { as });
    if (status !== 200) return;
    this.answer = body;
    this.at = performance.now();
  }

  /** The answer while it holds. @returns {Json|null} */
  known() {
    return this.answer && performance.now() - this.at < OLD_MS ? this.answer : null;
  }

  /** @returns {Object<string, number>} */
  ages() {
    return agesOf(this.known() ?? {}, performance.now() - this.at);
  }
}
