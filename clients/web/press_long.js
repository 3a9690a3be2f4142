/**
 * A button that can also be held: a tap does the thing now, holding it (or the menu key) says that
 * it was earlier.
 */
const LONG_MS = 600;

/** @param {HTMLElement} node @param {(earlier: boolean) => void} start */
export function pressable(node, start) {
  let timer = 0;
  let held = false;
  const let_go = () => clearTimeout(timer);
  node.addEventListener('pointerdown', () => {
    held = false;
    timer = setTimeout(() => {
      held = true;
      start(true);
    }, LONG_MS);
  });
  for (const name of ['pointerup', 'pointerleave', 'pointercancel'])
    node.addEventListener(name, let_go);
  node.addEventListener('click', (event) => {
    let_go();
    if (!held || event.detail === 0) start(false); // The click that ends a hold is not another one.
    held = false;
  });
  node.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    if (held) return;
    let_go();
    start(true);
  });
}
