/**
 * How one alert reads and sounds on the staff's pages, from the Alert and the Site alone. Pure but
 * for the page's language: the same alert always gives the same words.
 */
import { lineNotes } from './line_view.js';
import { duration, has, language, t, two } from './strings.js';

/** @typedef {Object<string, any>} Json */
/** @typedef {import('./known.js').Extra} Extra */

export const JOBS = ['lead', 'second', 'caller', 'door', 'room'];
export const MARKS = {
  unanswered: '***',
  on_the_way: '→',
  at_booth: '■',
  recovering: '○',
  closed: '–',
};

/** What this alert should sound like now. @param {Json} alert @returns {'alarm'|'soft'|'none'} */
export function soundOf(alert) {
  if (alert.state === 'recovering' || alert.state === 'closed') return 'none';
  if (alert.state === 'on_the_way' || alert.state === 'at_booth') {
    if (alert.ladder === 'running') return 'alarm'; // More people are wanted.
    return alert.state === 'on_the_way' ? 'soft' : 'none';
  }
  return 'alarm';
}

/** The word for a place, as the site calls it. @param {Json|null} site */
export const placeWord = (site) => site?.place_word?.[language()] ?? t('booth').toUpperCase();

/** @param {Json} alert @param {Json|null} site */
export const placeOf = (alert, site) =>
  alert.booth == null ? t('somewhere').toUpperCase() : `${placeWord(site)} ${two(alert.booth)}`;

/** What is said first of a drill, everywhere. @param {Json} alert @param {string} [between] */
export const drillFirst = (alert, between = ' ') => (alert.drill ? t('drill') + between : '');

/** @param {Json|null} site @param {string} person @param {Json[]} [answers] that may name them */
export function nameOf(site, person, answers = []) {
  const known = (site?.people || []).find((/** @type {Json} */ one) => one.id === person);
  const answered = answers.find((one) => one.person === person);
  return known?.name ?? answered?.name ?? (person === 'guest' ? t('guest') : person);
}

/** Who is there and who is coming, by name, first come first.
 * @param {Json} alert @param {Json|null} site */
export function people(alert, site) {
  const answers = /** @type {Json[]} */ (Array.isArray(alert.answers) ? alert.answers : []);
  const said = (/** @type {string[]} */ words) =>
    answers
      .filter((one) => one.counted !== false && words.includes(one.answer))
      .map((one) => one.person);
  const named = (/** @type {string[]} */ all) => all.map((one) => nameOf(site, one, answers));
  const there = alert.there ?? said(['at_booth', 'safe']);
  const coming = (alert.coming ?? said(['on_my_way'])).filter(
    (/** @type {string} */ one) => !there.includes(one),
  );
  const cannot = said(['cannot_go']);
  const uncounted = answers.filter((one) => one.counted === false).map((one) => one.name);
  return { there: named(there), coming: named(coming), cannot: named(cannot), uncounted };
}

/** The first of them and how many more, where there is no room for all. @param {string[]} all */
const firstOf = (all) => (all.length > 1 ? `${all[0]} +${all.length - 1}` : (all[0] ?? ''));

/** The big line: word and mark, never colour alone. @param {Json} alert @param {Json|null} site
 * @param {boolean} [few] whether to name the first only */
export function stateLine(alert, site, few = false) {
  const who = people(alert, site);
  const names = (/** @type {string[]} */ all) =>
    ((few ? firstOf(all) : all.join(', ')) || t('someone')).toUpperCase();
  switch (alert.state) {
    case 'on_the_way':
      return t('state_on_the_way', { names: names(who.coming) });
    case 'at_booth':
      return t('state_at_booth', { names: names(who.there) });
    case 'recovering':
      return t('state_recovering');
    case 'closed':
      return t('state_closed');
    default:
      return t('unanswered');
  }
}

/** Everything else worth a chip, the most urgent first.
 * @param {Json} alert @param {Json|null} site @param {Extra} extra @param {number} now
 * @returns {{name: string, text: string, few?: string}[]} */
export function notes(alert, site, extra, now) {
  /** @type {{name: string, text: string, few?: string}[]} */
  const all = [];
  const add = (/** @type {string} */ name, /** @type {Json} */ slots = {}, key = name) => {
    all.push({ name, text: t(`note_${key}`, slots) });
  };
  const who = people(alert, site);
  const name = (/** @type {string} */ person) => nameOf(site, person, alert.answers);
  // Nobody is sent to the phone by a drill.
  if (alert.nobody_reached && alert.drill) all.push({ name: 'nobody', text: t('nobody') });
  else if (alert.nobody_reached) {
    const slots = { number: site?.emergency_number ?? '' };
    all.push({ name: 'nobody', text: t('note_nobody', slots), few: t('note_nobody_few', slots) });
  }
  if (alert.plain) add('plain');
  all.push(...lineNotes(alert, site, now));
  if (alert.state !== 'unanswered' && soundOf(alert) === 'alarm')
    all.push({ name: 'more', text: t('more_wanted') });
  if (alert.presses > 1) add('pressed', { n: alert.presses });
  if (alert.mistake) add('mistake');
  if (alert.again) add('again');
  if (alert.unknown_device) add('unknown_device');
  if (alert.booth_known === false) add('unknown_booth');
  if (alert.state === 'at_booth' && who.coming.length) {
    all.push({ name: 'coming', text: t('also_coming', { names: who.coming.join(', ') }) });
  }
  for (const person of extra.misread) add('not_understood', { name: name(person) });
  for (const person of extra.refused) add('refused', { name: name(person) });
  for (const person of alert.unreachable || []) {
    if (!extra.refused.includes(person)) add('unreachable', { name: name(person) });
  }
  if (who.cannot.length) add('cannot', { names: who.cannot.join(', ') });
  for (const one of who.uncounted) add('guest', { name: one });
  if (alert.kind && alert.kind !== 'unclear' && has(`note_kind_${alert.kind}`))
    add('kind', {}, `kind_${alert.kind}`);
  careNotes(alert.care || {}, now, add);
  const open = JOBS.filter((job) => !alert.jobs?.[job]).map((job) => t(`job_${job}`));
  if (open.length && (alert.state === 'on_the_way' || alert.state === 'at_booth'))
    all.push({ name: 'jobs', text: `? ${open.join(', ')}` });
  return all;
}

/** @param {Json} care @param {number} now
 * @param {(name: string, slots?: Json, key?: string) => void} add */
function careNotes(care, now, add) {
  if (care.oxygen) add('oxygen');
  if (care.naloxone) add('naloxone', { n: care.naloxone });
  if (!care.reassess_at) return;
  const left = Date.parse(care.reassess_at) - now;
  if (left > 0) add('reassess', { time: duration(left + 999) });
  else add('reassess', {}, 'reassess_now');
}

/** What a step does, said as its consequence. @param {Json} next @param {boolean} few
 * @returns {string} */
function consequence(next, few) {
  if (next.what !== 'rung')
    return has(`next_${next.what}`) ? t(`next_${next.what}`) : t('next_rung');
  const does = next.do || [];
  if (!does.length) return t('next_plain');
  const roles = /** @type {string[]} */ (next.who || []).map((role) =>
    has(`who_${role}`) ? t(`who_${role}`) : role,
  );
  const who = (few ? firstOf(roles) : roles.join(', ')) || t('who_everyone');
  const first = ['open_line', 'call', 'text', 'louder', 'screens'].find((one) =>
    does.includes(one),
  );
  return first ? t(`next_${first}`, { who }) : t('next_rung');
}

/** Seconds of the site file from the step before to this one. @param {Json} alert @param {Json} site */
function wholeOf(alert, site) {
  const { what, rung } = alert.next;
  const clocks = site.clocks || {};
  if (what === 'arrival') return clocks.arrival;
  if (what === 'quiet') return clocks.ems_prompt;
  if (what === 'recovery') return clocks.recovery_check;
  const ladder = site.ladder || [];
  if (rung == null || !ladder[rung]) return 60;
  if (rung === site.ladder_repeat?.from && (alert.loop ?? 0) > 0) return site.ladder_repeat.every;
  return ladder[rung].after - (ladder[rung - 1]?.after ?? 0);
}

/** The next step: its consequence with the time left, and how much of the wait is left, 1 to 0.
 * At zero it says "now" until the server says that it happened.
 * @param {Json} alert @param {Json|null} site @param {number} now */
export function nextStep(alert, site, now) {
  if (!alert.next?.at || alert.state === 'closed') return null;
  const left = Date.parse(alert.next.at) - now;
  const said = (/** @type {boolean} */ few) => {
    const what = consequence(alert.next, few);
    return left > 0 ? t('in_time', { what, time: duration(left + 999) }) : t('now', { what });
  };
  const whole = site ? ((wholeOf(alert, site) || 60) * 1000) / (site.time_scale || 1) : 60000;
  return {
    text: said(false),
    few: said(true),
    part: Math.max(0, Math.min(1, left / whole)),
  };
}

/** Whether the louder step of this alert has come, also when nobody told us.
 * @param {Json} alert @param {Json|null} site @param {Extra} extra @param {number} now */
export function isLoud(alert, site, extra, now) {
  const rung = (site?.ladder || []).find((/** @type {Json} */ one) => one.do.includes('louder'));
  const after = rung ? (rung.after * 1000) / (site?.time_scale || 1) : 0;
  return extra.louder || now - Date.parse(alert.raised_at) >= after;
}
