/**
 * What stands around the alerts on the wall: the header, the bands of trouble, the row of booths,
 * who is on duty and what is wrong with the buttons. Only facts that the server has told.
 */
import { at, keyed, make } from './dom.js';
import { clock, duration, has, say, t, two } from './strings.js';
import { byHand } from './line_view.js';
import { MARKS, placeOf } from './view.js';

/**
 * @typedef {Object<string, any>} Json
 * @typedef {{site: Json|null, now: number, link: string, age: number, all: Json[], who: Json,
 *   silencedUntil: number, crowded: boolean, drillStopped: boolean, last: Json|null}} Scene
 */
const FAULTS_MOST = 4;

/** @param {Scene} scene */
export function header({ site, now, link, age, all, who, silencedUntil }) {
  say(at('site'), site?.code ?? '');
  say(at('time'), clock(now, site?.timezone));
  const seconds = Math.floor(age / 1000);
  say(
    at('link'),
    link === 'live'
      ? `● ${t('live')} ${(age / 1000).toFixed(1)} s`
      : link === 'stale'
        ? `! ${t('stale', { n: seconds })}`
        : `! ${t('no_network')}`,
  );
  const screens = /** @type {Json[]} */ (site?.screens || []);
  const able = screens.filter((one) => one.able).length;
  const known = link === 'live' || link === 'stale'; // Who can sound now is not known without news.
  say(at('sound'), t('sound_on', { able: known ? able : '?', all: screens.length }));
  at('sound').dataset.good = String(known && able === screens.length && able > 0);
  const drill = all.length && document.body.dataset.drill === 'true' ? `${t('drill')} · ` : '';
  say(at('count'), drill + t(`alerts_${all.length < 2 ? all.length : 'n'}`, { n: all.length }));
  const scale = site?.time_scale || 1;
  const silencing = silencedUntil > 0;
  at('silenced').hidden = !silencing;
  say(
    at('silenced'),
    silencing ? t('silenced', { time: duration(silencedUntil - now + 999) }) : '',
  );
  at('silence').hidden = who.kind !== 'tablet' || !all.length;
  say(at('silence'), t('silence', { n: Math.round(60 / scale) }));
  at('drill').hidden = who.kind !== 'tablet' || (all.length > 0 && !drill);
  at('full').hidden = Boolean(document.fullscreenElement) || document.body.dataset.arm !== 'armed';
}

/** @param {Scene} scene */
export function bands({ site, now, link, age, all: alerts, who, crowded, drillStopped }) {
  /** @type {{name: string, text: string, more?: string}[]} */
  const all = [];
  const add = (/** @type {string} */ name, /** @type {Json} */ slots = {}) =>
    all.push({ name, text: t(name, slots) });
  if (link === 'unpaired') add('screen_unpaired');
  for (const one of alerts.filter((other) => byHand(other.line))) {
    const slots = { place: placeOf(one, site), number: site?.emergency_number ?? '' };
    all.push({ name: `line_hand_${one.number}`, text: t('band_line_hand', slots) });
  }
  if (link === 'lost') {
    all.push({
      name: 'lost',
      text: t('lost'),
      more: crowded
        ? t('crowded')
        : Number.isFinite(age)
          ? t('lost_age', { time: duration(age) })
          : '',
    });
  }
  if (drillStopped) add('drill_stopped');
  else if (document.body.dataset.drill === 'true') add('drill_running');
  if (site?.phones === 'off') add('phones_off');
  if (site?.phones === 'failing') add('phones_failing');
  if (site && site.live === false) add('not_live');
  if (site && (site.time_scale ?? 1) !== 1) add('time_scale', { n: site.time_scale });
  const others = /** @type {Json[]} */ (site?.screens || []).filter(
    (one) => one.device_id !== who.device_id,
  );
  const troubled = others
    .filter((one) => !one.able)
    .map((one) => {
      const why = `why_${one.why?.[0] ?? 'silent_proof'}`;
      return t(has(why) ? why : 'why_silent_proof', { name: one.name });
    });
  const silenced = others
    .filter((one) => Date.parse(one.silenced_until) > now)
    .map((one) =>
      t('silenced_other', {
        name: one.name,
        time: duration(Date.parse(one.silenced_until) - now + 999),
      }),
    );
  const screens = [...troubled, ...silenced];
  if (screens.length) all.push({ name: 'screens', text: screens.slice(0, 6).join(' · ') });
  keyed(
    at('bands'),
    all,
    (one) => one.name,
    (one) => make('p', { class: 'band', data: { band: one.name } }, make('b'), make('span')),
    (node, one) => {
      say(node.firstElementChild, one.text);
      say(node.lastElementChild, one.more ?? '');
    },
  );
}

/** @param {Scene} scene */
export function boothRow({ site, all, link }) {
  const booths = /** @type {Json[]} */ (site?.booths || []);
  keyed(
    at('booths'),
    booths,
    (one) => String(one.number),
    () => make('li', {}, make('b'), make('i')),
    (node, one) => {
      const alert = all.find((other) => other.booth === one.number);
      const button = (site?.buttons || []).find(
        (/** @type {Json} */ other) => other.booth === one.number,
      );
      const state = alert
        ? alert.state
        : link === 'lost'
          ? 'unknown'
          : one.covered === false || button?.state === 'silent'
            ? 'trouble'
            : 'well';
      node.dataset.booth = one.number;
      node.dataset.state = state;
      say(node.firstElementChild, two(one.number));
      say(
        node.lastElementChild,
        alert
          ? (MARKS[/** @type {keyof MARKS} */ (state)] ?? '***')
          : state === 'trouble'
            ? '!'
            : state === 'unknown'
              ? '?'
              : '·',
      );
    },
  );
}

/** @param {Scene} scene */
export function duty({ site }) {
  const people = /** @type {Json[]} */ (site?.people || []).filter((one) => one.on_duty);
  /** @type {{id: string, name: string, reach: string, text: string}[]} */
  const all = people.map((one) => ({
    id: one.id,
    name: one.name,
    reach: one.reach,
    text: [one.roles?.includes('coordinator') ? t('coordinator') : '', t(`reach_${one.reach}`)]
      .filter(Boolean)
      .join(' · '),
  }));
  if (!all.length && site)
    all.push({ id: '', name: t('nobody_on_duty'), reach: 'failing', text: '' });
  keyed(
    at('duty'),
    all,
    (one) => one.id,
    () => make('span', { class: 'person' }, make('b'), make('small')),
    (node, one) => {
      node.dataset.reach = one.reach;
      say(node.firstElementChild, one.name);
      say(node.lastElementChild, one.text);
    },
  );
}

/** @param {Scene} scene */
export function faults({ site }) {
  const buttons = /** @type {Json[]} */ (site?.buttons || []);
  const booths = /** @type {Json[]} */ (site?.booths || []);
  const lines = buttons
    .filter((one) => one.state === 'silent')
    .map((one) =>
      t('button_silent', {
        booth: one.booth == null ? one.name : two(one.booth),
        time: one.last_seen_at ? clock(one.last_seen_at, site?.timezone, false) : '?',
      }),
    );
  const never = buttons
    .filter((one) => one.state === 'never')
    .map((one) => (one.booth == null ? one.name : two(one.booth)));
  const none = booths.filter(
    (one) => one.covered === false && !buttons.some((other) => other.booth === one.number),
  );
  if (never.length) lines.push(t('button_never', { booths: never.join(' ') }));
  if (none.length)
    lines.push(t('button_none', { booths: none.map((one) => two(one.number)).join(' ') }));
  const over = lines.length - FAULTS_MOST;
  const shown =
    over > 0 ? [...lines.slice(0, FAULTS_MOST - 1), t('more_faults', { n: over + 1 })] : lines;
  keyed(
    at('faults'),
    shown,
    (one) => one,
    (one) => make('li', { text: one }),
  );
}
