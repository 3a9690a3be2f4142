/**
 * How what is on a wall shares its room: tiles in columns, buttons that stay where they are while a
 * finger may be on them, and text that grows until its place is full. A tile never cuts a name off
 * and never scrolls, so what does not fit is written smaller, the digits of the booth last of all.
 */
export const FROZEN_MS = 600;
const LEVELS = '012345678';
/** The width and height that digits and their words need, in sizes of the digits: the words stand
 * beside them in a tile that is wide, and below them in one that is not. */
const BESIDE = [2.4, 1.05];
const BELOW = [1.25, 1.4];

/** The columns that leave the most room for digits, with their words beside or below them. Pure.
 * @param {number} tiles @param {number} width @param {number} height of their room
 * @param {number} foot what each tile needs below all that, for its buttons, in the same unit
 * @returns {{columns: number, rows: number, below: boolean, size: number}} */
export function gridOf(tiles, width, height, foot) {
  let best = { columns: 1, rows: 1, below: false, size: -Infinity };
  for (let columns = 1; columns <= tiles; columns += 1) {
    const rows = Math.ceil(tiles / columns);
    const room = (/** @type {number[]} */ [wide, high]) =>
      Math.min(width / columns / wide, (height / rows - foot) / high);
    const [beside, below] = [room(BESIDE), room(BELOW)];
    const size = Math.max(beside, below);
    if (size > best.size) best = { columns, rows, below: below > beside, size };
  }
  return best;
}

/**
 * `since` is when the layout was first wanted otherwise than it is shown.
 * @typedef {{shown: string[], since: number|null}} Layout
 */

/** The layout after this moment: still under a finger while it changes, and what is new and therefore
 * shown beside it at once. `hold` is false where there is nothing to touch: then it changes at once.
 * Pure.
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

/** @type {WeakMap<Element, {words: string, parts: HTMLElement[]}>} */
const fitted = new WeakMap();
/** @type {ResizeObserver|undefined} */
let rooms;

/** Choose `data-fit`, 0 (large), 01, 012 … to 012345678, so that every part holds its children: when
 * the words change, and when the room does. A level's name has those before it: their rules hold too. Measuring is dear. @param {HTMLElement} node @param {HTMLElement[]} parts
 * @param {string} [all] the words that matter, if not all of them do */
export function fit(node, parts, all = node.textContent ?? '') {
  const words = all.replace(/\d+:\d\d/g, '0:00');
  const before = fitted.get(node);
  fitted.set(node, { words, parts });
  rooms ??= new ResizeObserver((seen) => {
    for (const { target } of seen) choose(/** @type {HTMLElement} */ (target));
  });
  if (!before) rooms.observe(node);
  if (before?.words !== words) choose(node);
}

/** @param {HTMLElement} node */
function choose(node) {
  for (let level = 1; level <= LEVELS.length; level += 1) {
    node.dataset.fit = LEVELS.slice(0, level);
    if (!fitted.get(node)?.parts.some(spills)) return;
  }
}

/** By boxes, not by ink: the digits of a tile are taller than their line. @param {HTMLElement} part */
function spills(part) {
  const room = part.getBoundingClientRect();
  return [...part.children].some((child) => {
    const box = child.getBoundingClientRect();
    if (!box.height) return false;
    const wide = child.scrollWidth > child.clientWidth + 2 && child.clientWidth > 0;
    return box.bottom > room.bottom + 2 || box.top < room.top - 2 || box.right > room.right + 2 || wide;
  });
}
