/**
 * Draws what stands over the pages that are worked on, the incident page and the line's panel: the
 * header, the bands of trouble and every other alert. What is drawn is decided in picture.js.
 */
import { at, keyed, make } from './dom.js';
import { say, t } from './strings.js';

/** @typedef {ReturnType<typeof import('./picture.js').wallPicture>} Picture */

/** @param {Picture['header']} drawn */
export function header(drawn) {
  for (const name of /** @type {const} */ (['time', 'link', 'silenced'])) say(at(name), drawn[name]);
  at('silenced').hidden = !drawn.silenced;
  at('silence').hidden = !drawn.silence;
  say(at('silence'), t('silence', { n: drawn.seconds }));
}

/** Trouble, and every other open alert: no page hides one. @param {HTMLElement} where
 * @param {Picture['bands']} drawn @param {import('./picture.js').Face[]} others */
export function bandsAndOthers(where, drawn, others) {
  const rows = [
    ...drawn.map((one) => ({ href: '', ...one, key: one.name })),
    ...others.map((one) => ({
      name: one.state === 'unanswered' ? 'other' : 'answered',
      key: one.id,
      text: `${one.mark} ${one.word} ${one.digits} · ${one.line} · ${one.elapsed}`,
      more: '',
      href: `/alert/${one.number}`,
    })),
  ];
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
