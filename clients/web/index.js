/**
 * The front door: tells a newcomer what this browser is paired as, and where to go.
 */
import { ask, at, make } from './dom.js';
import { kept, say, speak, t } from './strings.js';
import './words.js';
import './words_door.js';

const KINDS = ['booth', 'tablet', 'screen', 'monitor', 'board'];
speak(kept('wall.language') ?? kept('booth.site')?.language);

const answers = await Promise.all(KINDS.map((kind) => ask('/v1/whoami', { as: kind })));
const held = KINDS.flatMap((kind, place) => {
  const { status, body } = answers[place];
  return status === 200 ? [{ kind, what: t(`as_${kind}`, { n: body.booth ?? '?' }) }] : [];
});
const holds = (/** @type {string[]} */ ...kinds) => held.some(({ kind }) => kinds.includes(kind));
const what = held.map((one) => one.what).join(', ');
say(at('held'), held.length ? t('home_held', { what }) : t('home_none'));

// The card of the next step stands out: pair first, then what this browser is.
const next = [
  held.length === 0 && 'pairing',
  holds('tablet', 'screen') && 'walls',
  holds('booth') && 'buttons',
].find(Boolean);
if (next) {
  const card = at(next);
  card.classList.add('next');
  card.querySelector('.act')?.classList.remove('plain');
  card.prepend(make('h2', { text: t('home_next') }));
  at('held').after(card);
}
document.body.dataset.link = 'live';
