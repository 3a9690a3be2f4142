/**
 * The few things all staff pages do with the document: make elements, and keep a list of them in
 * step with data without touching those that stay. It never parses text as HTML.
 */
export { ask } from './live.js';

/** @typedef {Object<string, any>} Json */

/** An element; `class`, `text` and `data` are special, functions are listeners, the rest attributes.
 * @param {string} tag @param {Json} [options] @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement} */
export function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value == null || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name === 'text') node.textContent = value;
    else if (name === 'data') Object.assign(node.dataset, value);
    else if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(.../** @type {(Node|string)[]} */ (children.filter((child) => child != null)));
  return node;
}

/** Make `parent` hold one element per item, in order; an element stays as long as its key does.
 * @template T @param {Element} parent @param {T[]} items @param {(item: T) => string} key
 * @param {(item: T) => HTMLElement} create @param {(node: HTMLElement, item: T) => void} [update] */
export function keyed(parent, items, key, create, update = () => {}) {
  /** @type {Map<string|undefined, HTMLElement>} */
  const known = new Map(
    [...parent.children].map((child) => {
      const node = /** @type {HTMLElement} */ (child);
      return [node.dataset.key, node];
    }),
  );
  items.forEach((item, place) => {
    const name = key(item);
    let node = known.get(name);
    known.delete(name);
    if (!node) {
      node = create(item);
      node.dataset.key = name;
    }
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
    update(node, item);
  });
  for (const node of known.values()) node.remove();
}

/** The element with this id. @param {string} id @returns {HTMLElement} */
export const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Whether words are begun below this that would be lost. @param {ParentNode} place */
export const begun = (place) =>
  [...place.querySelectorAll('textarea')].some((one) => one.value.trim() !== '');
