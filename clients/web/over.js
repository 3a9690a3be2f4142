/**
 * Draws what stands over the pages that are worked on, the incident page and the line's panel: the
 * header, the bands of trouble and every other alert. What is drawn is decided in picture.js.
 */
import { at, keyed, make } from './dom.js';
import { FROZEN_MS } from './layout.js';
import { say, t } from './strings.js';
import './words_work.js';

/** @typedef {ReturnType<typeof import('./picture.js').wallPicture>} Picture */

/** @param {Picture['header']} drawn */
export function header(drawn) {
  for (const name of /** @type {const} */ (['time', 'link', 'silenced'])) say(at(name), drawn[name]);
  at('silenced').hidden = !drawn.silenced;
  at('silence').hidden = !drawn.silence;
  say(at('silence'), t('silence', { n: drawn.seconds }));
}

/** @typedef {{key: string, name: string, text: string, more?: string, href: string}} Row */
/** What stands at a place, and since when it should be something else.
 * @type {WeakMap<Element, {rows: Row[], since: number}>} */
const held = new WeakMap();
const YOUNG_MS = 3000; // Nobody has a finger yet on a page that is as young as this.

/** Trouble, and every other open alert: no page hides one. A new one is seen at once; where there are
 * fingers it moves what they may be on only when they have had time to land.
 * @param {HTMLElement} where @param {Picture['bands']} drawn @param {import('./picture.js').Face[]} others
 * @param {boolean} [fingers] */
export function bandsAndOthers(where, drawn, others, fingers = false) {
  /** @type {Row[]} */
  const rows = [
    ...drawn.map((one) => ({ href: '', ...one, key: one.name })),
    ...others.map((one) => ({
      name: one.state === 'unanswered' ? 'other' : 'answered',
      key: one.id,
      text: `${one.mark} ${one.word} ${one.digits} · ${one.line} · ${one.elapsed}`,
      href: `/alert/${one.number}`,
    })),
  ];
  const shown = settled(where, rows, fingers ? performance.now() : Infinity);
  put(where, shown);
  if (!fingers) return;
  const fresh = rows.filter((one) => !shown.some(({ key }) => key === one.key));
  const over = /** @type {HTMLElement|null} */ (document.querySelector('.fresh'));
  put(over ?? document.body.appendChild(make('div', { class: 'fresh' })), fresh);
}

/** What may stand there now. @param {Element} where @param {Row[]} rows @param {number} now
 * @returns {Row[]} */
function settled(where, rows, now) {
  const before = held.get(where) ?? { rows, since: 0 };
  const keys = (/** @type {Row[]} */ all) => all.map((one) => one.key).join(' ');
  const since = before.since || now;
  const moves = keys(before.rows) !== keys(rows) && now > YOUNG_MS;
  const waits = moves && now - since < FROZEN_MS;
  const kept = before.rows.map((old) => rows.find((one) => one.key === old.key) ?? old);
  const next = waits ? { rows: kept, since } : { rows, since: 0 };
  held.set(where, next);
  return next.rows;
}

/** @param {HTMLElement} where @param {Row[]} rows */
function put(where, rows) {
  keyed(
    where,
    rows,
    (one) => one.key,
    (one) => make(one.href ? 'a' : 'p', { class: 'band', href: one.href || null }),
    (node, one) => {
      node.dataset.band = one.name;
      say(node, [one.text, one.more].filter(Boolean).join(' · '));
    },
  );
}
