/**
 * Text that grows until its place is full: a tile never cuts a name off and never scrolls, so what
 * does not fit is written smaller, the digits of the booth last of all.
 */
const LEVELS = 7;
/** @type {WeakMap<HTMLElement, string>} */
const known = new WeakMap();

/** Choose `data-fit`, 0 (large) to 7, so that every part holds its children. It measures only when
 * the words or the room have changed. @param {HTMLElement} node @param {HTMLElement[]} parts
 * @param {string} [words] those that matter, if not all of them do */
export function fit(node, parts, words = node.textContent ?? '') {
  const key = `${node.clientWidth} ${node.clientHeight} ${words.replace(/\d+:\d\d/g, '0:00')}`;
  if (known.get(node) === key) return;
  known.set(node, key);
  for (let level = 0; level <= LEVELS; level += 1) {
    node.dataset.fit = String(level);
    if (!parts.some(spills)) return;
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
