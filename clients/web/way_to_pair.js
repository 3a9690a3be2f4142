/**
 * The way out of a page that is of no use because this browser is not paired.
 */
import { make } from './dom.js';
import { t } from './strings.js';
import './words.js';

/** Say here that this browser is not paired, and lead to where it can be. @param {HTMLElement} where
 * @param {string} [words] */
export function wayToPair(where, words = t('screen_unpaired')) {
  if (where.querySelector('a')) return;
  where.replaceChildren(make('a', { href: '/pair', text: words }));
}
