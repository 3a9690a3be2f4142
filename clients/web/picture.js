/**
 * What a wall shows, as plain data: from what is known and this screen's own moment to every word,
 * mark and place. Pure but for the page's language; wall.js only draws it. What the server has not
 * said is not in it.
 */
import { banners } from './cover.js';
import { noExtra } from './known.js';
import { byHand } from './line_view.js';
import { LOST_MS, STALE_MS } from './live.js';
import { ordered } from './state.js';
import { clock, duration, has, language, t, two } from './strings.js';
import { MARKS, drillFirst, nameOf, nextStep, notes, placeOf, placeWord, soundOf, stateLine } from './view.js';

/** @typedef {Object<string, any>} Json */
/**
 * `age` is how long ago the server was heard (ms), `heard` whether it ever was.
 * @typedef {{now: number, age: number, heard: boolean, paired: boolean, crowded: boolean, who: Json,
 *   silence: {until: number, by: string|null}|null, testedAt: string|null}} Moment
 */
/** @typedef {'unpaired'|'connecting'|'lost'|'stale'|'live'} Link */
/** @typedef {{id: string, alert: Json, number: number, booth: number|null, word: string, digits: string,
 *   mark: string, state: string, sound: string, drill: boolean, line: string, few: string,
 *   elapsed: string, notes: {name: string, text: string, few?: string}[],
 *   next: {text: string, few: string, part: number}|null}} Face `few` names the first only. */
/** @typedef {{name: string, text: string, more?: string, href?: string}} Band */

const TILES_MOST = 4;
const LARGE_MOST = 8;
const DRILL_STOPPED_MS = 60000;
const FAULTS_MOST = 4;
const SCREENS_MOST = 6;
const NIGHT = { from: 23, to: 7 };

/** @param {Moment} moment @returns {Link} */
export function linkOf({ paired, heard, age }) {
  if (!paired) return 'unpaired';
  if (age > LOST_MS) return 'lost';
  if (!heard) return 'connecting';
  return age > STALE_MS ? 'stale' : 'live';
}

/** @param {import('./known.js').Known} known @param {Moment} moment */
export function wallPicture(known, moment) {
  const { site } = known.state;
  const all = ordered(known.state);
  const link = linkOf(moment);
  const many = all.length > TILES_MOST;
  const face = (/** @type {Json} */ alert) => faceOf(alert, known, moment.now);
  // Up to four alerts tell all they know; more of them their booth and how long in full size, as
  // long as there is the room, and the rest where it fits.
  const tiles = many ? all.filter((one) => one.state === 'unanswered') : all;
  const stopped = known.drillStoppedAt ? moment.now - Date.parse(known.drillStoppedAt) : Infinity;
  const drill = Boolean(site?.drill) || (all.length > 0 && all.every((one) => one.drill));
  return {
    link,
    drill,
    alerts: all,
    crowd: many && tiles.length > LARGE_MOST ? 'beyond' : many ? 'many' : '',
    flash: all.some((one) => soundOf(one) === 'alarm'),
    night: !all.length && isNight(moment.now, site?.timezone),
    header: headerOf(site, all, link, moment, drill),
    bands: bandsOf(site, all, moment, link, stopped < DRILL_STOPPED_MS ? 'stopped' : drill),
    soonest: soonest(tiles, site, moment.now),
    tiles: tiles.map(face),
    lines: all.filter((one) => !tiles.includes(one)).map(face),
    quiet: all.length ? null : quietOf(known, moment, link),
    booths: boothsOf(site, all, link),
  };
}

/** @param {Json} alert @param {import('./known.js').Known} known @param {number} now @returns {Face} */
export function faceOf(alert, known, now) {
  const { site } = known.state;
  const extra = known.extras[alert.id] ?? noExtra();
  return {
    id: alert.id,
    alert,
    number: alert.number,
    booth: alert.booth ?? null,
    word: drillFirst(alert, ' · ') + (alert.booth == null ? t('somewhere').toUpperCase() : placeWord(site)),
    digits: alert.booth == null ? '?' : two(alert.booth),
    mark: MARKS[/** @type {keyof MARKS} */ (alert.state)] ?? MARKS.unanswered,
    state: alert.state,
    sound: soundOf(alert),
    drill: Boolean(alert.drill),
    line: stateLine(alert, site),
    few: stateLine(alert, site, true),
    elapsed: duration(now - Date.parse(alert.raised_at)),
    notes: notes(alert, site, extra, now),
    next: nextStep(alert, site, now),
  };
}

/** @param {Json|null} site @param {Json[]} all @param {Link} link @param {Moment} moment
 * @param {boolean} drill */
function headerOf(site, all, link, { now, age, who, silence }, drill) {
  const screens = /** @type {Json[]} */ (site?.screens || []);
  const able = screens.filter((one) => one.able).length;
  const known = link === 'live' || link === 'stale'; // Who can sound now is not known without news.
  const seconds = Math.floor(age / 1000);
  const link_ = {
    live: `${t('live')} ${(age / 1000).toFixed(1)} s`,
    stale: `! ${t('stale', { n: seconds })}`,
    connecting: t('connecting'),
  };
  const by = silence?.by && nameOf(site, silence.by);
  const time = silence ? duration(silence.until - now + 999) : '';
  return {
    site: site?.code ?? '',
    time: clock(now, site?.timezone),
    link: link_[/** @type {keyof link_} */ (link)] ?? `! ${t('no_network')}`,
    sound: t('armed', { able: known ? able : '?', all: screens.length }),
    soundGood: known && able === screens.length && able > 0,
    count: drillFirst({ drill: drill && all.length }, ' · ') + t(`alerts_${all.length < 2 ? all.length : 'n'}`, { n: all.length }),
    silenced: silence ? t(by ? 'silenced_by' : 'silenced', { time, name: by || '' }) : '',
    silence: who.kind === 'tablet' && all.length > 0,
    drill: who.kind === 'tablet' && (drill || !all.length),
    seconds: Math.round(60 / (site?.time_scale || 1)),
  };
}

/** @param {Json|null} site @param {Json[]} alerts @param {Moment} moment @param {Link} link
 * @param {'stopped'|boolean} drill @returns {Band[]} */
function bandsOf(site, alerts, { now, age, who, crowded }, link, drill) {
  /** @type {Band[]} */
  const all = [];
  const add = (/** @type {string} */ name, /** @type {Json} */ slots = {}) =>
    all.push({ name, text: t(name, slots) });
  if (link === 'unpaired') all.push({ name: 'screen_unpaired', text: t('screen_unpaired'), href: '/pair' });
  for (const one of alerts.filter((other) => byHand(other.line))) {
    const slots = { place: placeOf(one, site), number: site?.emergency_number ?? '' };
    all.push({ name: `line_hand_${one.number}`, text: t('band_line_hand', slots) });
  }
  if (link === 'lost') {
    const since = Number.isFinite(age) ? t('lost_age', { time: duration(age) }) : '';
    all.push({ name: 'lost', text: t('lost'), more: crowded ? t('crowded') : since });
  }
  if (drill === 'stopped') add('drill_stopped');
  else if (drill) add('drill_running');
  if (site?.phones === 'off') add('phones_off');
  if (site?.phones === 'failing') add('phones_failing');
  all.push(...banners(site, now));
  if (site && site.live === false) add('not_live');
  if (site && (site.time_scale ?? 1) !== 1) add('time_scale', { n: site.time_scale });
  const screens = screensOf(site, who, now);
  if (screens.length) {
    const over = screens.length - SCREENS_MOST;
    const shown = over > 0 ? [...screens.slice(0, SCREENS_MOST), `+${over}`] : screens;
    all.push({ name: 'screens', text: shown.join(' · ') });
  }
  return all;
}

/** The first next step of them all, where a tile may have no room for its own.
 * @param {Json[]} alerts @param {Json|null} site @param {number} now @returns {Band[]} */
function soonest(alerts, site, now) {
  const [first] = alerts
    .filter((one) => one.next?.at)
    .sort((one, other) => Date.parse(one.next.at) - Date.parse(other.next.at));
  const step = first && nextStep(first, site, now);
  return step ? [{ name: 'next', text: `${placeOf(first, site)}: ${step.few}` }] : [];
}

/** What the other screens cannot do, or will not for a minute. @param {Json|null} site
 * @param {Json} who @param {number} now */
function screensOf(site, who, now) {
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
    .map((one) => {
      const time = duration(Date.parse(one.silenced_until) - now + 999);
      const person = one.silenced_by ? nameOf(site, one.silenced_by) : '';
      return t(person ? 'silenced_other_by' : 'silenced_other', { name: one.name, time, person });
    });
  return [...troubled, ...silenced];
}

/** What is wrong and for how long, by name, for the sound of a fault.
 * @param {import('./known.js').Known} known */
export function faultsOf(known) {
  const { site } = known.state;
  const rows = (/** @type {string} */ part) => /** @type {Json[]} */ (site?.[part] || []);
  return [
    ...(site?.phones === 'failing' ? ['phones'] : []),
    ...rows('screens')
      .filter((one) => !one.able)
      .map((one) => `screen ${one.device_id}`),
    ...rows('buttons')
      .filter((one) => one.state === 'silent')
      .map((one) => `button ${one.device_id}`),
  ];
}

/** The lines that nobody was reached on, so that somebody must call by hand; each opening by a name
 * of its own, and once more when it has given up. @param {import('./known.js').Known} known */
export const callsOf = (known) =>
  Object.values(known.state.alerts)
    .filter((alert) => byHand(alert.line))
    .map(({ id, line }) => `line ${id} ${line.opened_at} ${line.state === 'not_reached'}`);

/** Care that is due now, each by a name of its own. @param {import('./known.js').Known} known
 * @param {number} now */
export function remindersOf(known, now) {
  const due = (/** @type {string|null|undefined} */ at) => at && Date.parse(at) <= now;
  return Object.values(known.state.alerts).flatMap((alert) => [
    ...(due(alert.care?.reassess_at) ? [`reassess ${alert.id} ${alert.care.reassess_at}`] : []),
    ...(alert.next?.what === 'recovery' && due(alert.next.at)
      ? [`recovery ${alert.id} ${alert.next.at}`]
      : []),
    ...(known.extras[alert.id]?.prompted ? [`ems ${alert.id}`] : []),
  ]);
}

/** @param {import('./known.js').Known} known @param {Moment} moment @param {Link} link */
function quietOf({ state: { site }, last }, { now, testedAt }, link) {
  const zone = site?.timezone;
  const today = testedAt && dayOf(testedAt, zone) === dayOf(now, zone);
  return {
    word: link === 'live' || link === 'stale' ? t('quiet') : t('quiet_unknown'),
    last: last
      ? t('last_alert', { time: clock(last.raised_at, zone, false) })
      : t('last_none'),
    test: today
      ? t('sound_test_ok', { time: clock(/** @type {string} */ (testedAt), zone, false) })
      : t('sound_test_due'),
    testDue: !today,
    drill: drillDue(site, now),
    duty: dutyOf(site),
    faults: faultLines(site),
  };
}

/** @param {Json|null} site */
function dutyOf(site) {
  const people = /** @type {Json[]} */ (site?.people || []).filter((one) => one.on_duty);
  const rows = people.map((one) => ({
    id: String(one.id),
    name: String(one.name),
    coordinator: Boolean(one.roles?.includes('coordinator')),
    reach: String(one.reach),
    text: has(`reach_${one.reach}`) ? t(`reach_${one.reach}`) : String(one.reach),
  }));
  if (rows.length || !site) return rows;
  return [{ id: '', name: t('nobody_on_duty'), coordinator: false, reach: 'failing', text: '' }];
}

/** @param {Json|null} site @returns {string[]} */
function faultLines(site) {
  const buttons = /** @type {Json[]} */ (site?.buttons || []);
  const booths = /** @type {Json[]} */ (site?.booths || []);
  const place = (/** @type {Json} */ one) => (one.booth == null ? one.name : two(one.booth));
  const lines = buttons
    .filter((one) => one.state === 'silent')
    .map((one) =>
      t('button_silent', {
        booth: place(one),
        time: one.last_seen_at ? clock(one.last_seen_at, site?.timezone, false) : '?',
      }),
    );
  const never = buttons.filter((one) => one.state === 'never').map(place);
  const none = booths
    .filter((one) => one.covered === false && !buttons.some((two_) => two_.booth === one.number))
    .map((one) => two(one.number));
  if (never.length) lines.push(t('button_never', { booths: never.join(' ') }));
  if (none.length) lines.push(t('button_none', { booths: none.join(' ') }));
  if (site?.line_test?.overdue) lines.push(t('line_untested'));
  const over = lines.length - FAULTS_MOST;
  if (over <= 0) return lines;
  return [...lines.slice(0, FAULTS_MOST - 1), t('more_faults', { n: over + 1 })];
}

/** @param {Json|null} site @param {Json[]} all @param {Link} link */
function boothsOf(site, all, link) {
  return /** @type {Json[]} */ (site?.booths || []).map((one) => {
    const alert = all.find((other) => other.booth === one.number);
    const button = (site?.buttons || []).find(
      (/** @type {Json} */ other) => other.booth === one.number,
    );
    const trouble = one.covered === false || button?.state === 'silent';
    // What is heard of less often than once an hour is not known to be live.
    const unknown = link === 'lost' || (!trouble && button?.period_s > 3600);
    const state = alert ? alert.state : unknown ? 'unknown' : trouble ? 'trouble' : 'well';
    const marks = /** @type {Object<string, string>} */ ({
      ...MARKS,
      ...{ trouble: '!', unknown: '?', well: '·' },
    });
    return { number: Number(one.number), digits: two(one.number), state, mark: marks[state] ?? '*' };
  });
}

/** When the next drill is due; calmly, also when that is over or there never was one.
 * @param {Json|null} site @param {number} now */
function drillDue(site, now) {
  const at = site?.drill_due_at;
  const left = Date.parse(at) > now ? ` ${inDays(at, now, site?.timezone)}` : '';
  return site ? t('drill_due') + left : '';
}

/** How far away by the site's calendar, such as: in 6 days, tomorrow, 6 days ago.
 * @param {string} moment @param {number} now @param {string|undefined} zone */
export function inDays(moment, now, zone) {
  const day = (/** @type {string|number} */ one) => Date.parse(dayOf(one, zone)) / 86400000;
  const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  return words.format(day(moment) - day(now), 'day');
}

/** The date at the site, such as 2026-11-24.
 * @param {string|number} moment @param {string|undefined} zone */
export const dayOf = (moment, zone) =>
  new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeZone: zone || undefined }).format(
    new Date(moment),
  );

/** @param {number} now @param {string|undefined} zone */
function isNight(now, zone) {
  const hour = Number(clock(now, zone, false).slice(0, 2));
  return hour >= NIGHT.from || hour < NIGHT.to;
}
