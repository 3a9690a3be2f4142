/**
 * The front door: tells a newcomer what this browser is paired as, and where to go.
 */
import { ask, at } from './dom.js';
import { kept, say, speak, t } from './strings.js';
import './words.js';

const KINDS = ['booth', 'tablet', 'screen', 'monitor', 'board'];
speak(kept('wall.language') ?? kept('booth.site')?.language);

const held = (
  await Promise.all(
    KINDS.map(async (kind) => {
      const { status, body } = await ask('/v1/whoami', { as: kind });
      return status === 200 ? t(`as_${kind}`, { n: body.booth ?? '?' }) : '';
    }),
  )
).filter(Boolean);
say(at('held'), held.length ? t('home_held', { what: held.join(', ') }) : t('home_none'));
if (!held.length) at('pair').classList.remove('plain');
