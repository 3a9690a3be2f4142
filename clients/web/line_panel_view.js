/**
 * How the direct line's panel reads: its rows, its steps, the card of what to say, the line test.
 * Pure but for the page's language, as line_view.js is.
 */
import './line_panel_words.js';
import './words_work.js';
import { LIVE, failedIndex, isOpen, isReached, passed, roomName, times, whole } from './line_view.js';
import { clock, duration, has, t } from './strings.js';
import { why } from './words_why.js';

/** @typedef {Object<string, any>} Json */
/** @typedef {{key: string, who: string, text: string, state: string, mark: string}} Row */

const STEPS = ['ready', 'joining', 'ringing', 'answered', 'confirmed', 'bridged', 'ended'];
const LEG_MARKS = {
  calling: '…',
  ringing: '…',
  on: '', // A tick, which the style draws.
  answered: '?',
  kept: '?',
  ended: '×',
  waiting: '·',
  next: '›',
};

/** The alert that the panel is of: the one asked for, else the newest with an open line, else the
 * newest. @param {Json[]} alerts the open ones @param {number|null} wanted */
export function chosen(alerts, wanted) {
  if (wanted != null) return alerts.find((one) => one.number === wanted) ?? null;
  const newest = [...alerts].sort((one, other) => other.number - one.number);
  return newest.find((one) => isOpen(one.line)) ?? newest[0] ?? null;
}

/** @param {Json|null} site @param {string} who */
export function legName(site, who) {
  if (who === 'line_phone') return t('line_phone');
  const person = (site?.people || []).find((/** @type {Json} */ one) => one.id === who);
  return person?.name ?? who;
}

/** The large line of the panel and its clock, apart, so that the clock is not read aloud.
 * @param {Json} alert @param {Json|null} site @param {number} now */
export function headline(alert, site, now) {
  const line = alert.line || { state: 'none' };
  if (alert.drill) return { text: t('head_drill'), time: '' };
  if (line.state === 'none') {
    const why = site && site.line !== 'ready' ? `head_${site.line}` : 'head_none';
    return { text: t(has(why) ? why : 'head_none'), time: '' };
  }
  const index = line.state === 'failed' ? failedIndex(line) : line.number_index;
  const slots = { ...times(line, now), who: roomName(index).toUpperCase() };
  const time =
    line.state === 'ringing' ? t('time_of', slots) : ['ended', 'not_reached'].includes(line.state) ? '' : slots.time;
  const round =
    line.round && line.rounds > 1 && isOpen(line) && !isReached(line)
      ? t('round_of', { n: line.round, all: line.rounds })
      : '';
  return { text: t(`head_${line.state}`, slots), time: [time, round].filter(Boolean).join(' · ') };
}

/** The way from ready to ended, with where the line is now. Of a line that is over nothing is
 * ticked: how far it came, its last state does not say. @param {Json} line */
export function steps({ state }) {
  const shown = { none: 'ready', failed: 'ringing', not_reached: 'ended' }[/** @type {string} */ (state)] ?? state;
  const failed = ['failed', 'not_reached'].includes(state);
  const before = shown === 'ended' ? 'later' : 'done';
  const place = STEPS.indexOf(shown);
  return STEPS.map((name, index) => ({
    name,
    text: t(`line_${index === place && failed ? state : name}`),
    is: index === place ? (failed ? 'failed' : 'now') : index < place ? before : 'later',
  }));
}

/** Everybody on the line and every number, in order. @param {Json} alert @param {Json|null} site
 * @param {number} now @returns {Row[]} */
export function rows(alert, site, now) {
  const line = alert.line || {};
  const legs = /** @type {Json[]} */ (line.legs || []);
  const ours = new Map();
  for (const leg of legs) if (leg.number_index == null) ours.set(leg.who, leg);
  const staff = [...ours.values()].map((leg) => ({
    key: `leg-${leg.who}`,
    who: legName(site, leg.who),
    ...said(staffText(leg, site, now), leg.state),
  }));
  const numbers = Array.from({ length: line.numbers || 0 }, (_, index) => ({
    key: `number-${index}`,
    who: roomName(index),
    ...numberText(line, index, now),
  }));
  return [...staff, ...numbers];
}

/** @param {string} text @param {string} state */
const said = (text, state) => ({
  text,
  state,
  mark: LEG_MARKS[/** @type {keyof LEG_MARKS} */ (state)] ?? '·',
});

/** @param {Json} leg @param {Json|null} site @param {number} now */
function staffText(leg, site, now) {
  const at = leg.since ? clock(leg.since, site?.timezone) : '';
  switch (leg.state) {
    case 'calling':
      return t('leg_calling');
    case 'ringing':
      return t('leg_ringing', { time: passed(leg.since, now) });
    case 'ended':
      return whyOf(leg);
    default:
      return t(leg.muted ? 'leg_muted' : 'leg_joined', { clock: at });
  }
}

/** @param {Json} leg */
const whyOf = (leg) => why(leg.reason || 'ended');

/** @param {Json} line @param {number} index @param {number} now */
function numberText(line, index, now) {
  const leg = /** @type {Json[]} */ (line.legs || []).findLast((one) => one.number_index === index);
  const next = line.next?.number_index === index ? line.next : null;
  if (leg && LIVE.includes(leg.state)) {
    const unsure = leg.state === 'on' && !isReachedBy(line, leg);
    return said(controlText(line, leg, now), unsure ? 'answered' : leg.state);
  }
  const ended = leg ? whyOf(leg) : '';
  const soon = next ? nextText(line, next, now) : '';
  if (soon) return said([ended, soon].filter(Boolean).join(' · '), 'next');
  return ended ? said(ended, 'ended') : said(isOpen(line) && !isReached(line) ? t('leg_waiting') : '–', 'waiting');
}

/** Whether it is this call of the control room on which a human is. @param {Json} line @param {Json} leg */
const isReachedBy = (line, leg) =>
  leg.number_index === line.number_index && ['confirmed', 'bridged'].includes(line.state);

/** @param {Json} line @param {Json} leg @param {number} now */
function controlText(line, leg, now) {
  const slots = { time: passed(leg.since, now), whole: whole(line) };
  if (leg.state === 'calling') return t('leg_calling');
  if (leg.state === 'ringing') return t('leg_ringing_of', slots);
  if (leg.state === 'kept') return t('leg_kept', slots);
  const reached = isReachedBy(line, leg);
  return t(reached ? `leg_${line.state}` : 'leg_answered', { time: reached ? passed(line.since, now) : slots.time });
}

/** @param {Json} line @param {Json} next @param {number} now */
function nextText(line, next, now) {
  if (line.state === 'joining') {
    const left = Date.parse(line.join_at ?? next.at ?? '') - now;
    return left > 0 ? t('leg_first', { time: duration(left + 999) }) : t('leg_next_now');
  }
  if (!next.at) return t('leg_next');
  const left = Date.parse(next.at) - now;
  return left > 0 ? t('leg_next_in', { time: duration(left + 999) }) : t('leg_next_now');
}

/** People with a leg that is on the line, and whether it is muted. @param {Json} alert */
export const ourLegs = (alert) =>
  /** @type {Json[]} */ (alert.line?.legs || []).filter(
    (one) => one.number_index == null && one.state === 'on' && one.who !== 'line_phone',
  );

/** Whether a dispatcher's phone was answered and nobody has said yet that a human is there.
 * @param {Json} alert */
export const mayBeHuman = (alert) =>
  isOpen(alert.line) &&
  !isReached(alert.line) &&
  (alert.line.legs || []).some((/** @type {Json} */ one) => one.number_index != null && ['on', 'kept'].includes(one.state));

/** What has been done, and since when. @param {Json} care @param {number} now */
export function done(care, now) {
  const all = [];
  if (care.oxygen) {
    const time = passed(care.oxygen_at, now);
    all.push(t(time ? 'done_oxygen' : 'done_oxygen_on', { time }));
  } else if (care.oxygen === false) all.push(t('done_oxygen_off'));
  if (care.naloxone) {
    const time = passed(care.naloxone_at, now);
    all.push(t(time ? 'done_naloxone_ago' : 'done_naloxone', { n: care.naloxone, time }));
  }
  return all.join(' · ') || t('done_nothing');
}

/** The card: what a dispatcher asks, in the order of asking.
 * @param {Json} alert @param {Json|null} address `null` while it is not known
 * @param {number} now @param {boolean} tablet
 * @returns {{key: string, label: string, text: string, large: boolean}[]} */
export function facts(alert, address, now, tablet) {
  const care = alert.care || {};
  const guarded = (/** @type {string} */ text) =>
    address ? text || t('not_known') : t(tablet ? 'say_loading' : 'say_only_tablet');
  const row = (/** @type {string} */ key, /** @type {string} */ text, large = false) => ({
    key,
    label: t(`say_${key}`),
    text,
    large,
  });
  const awake = care.awake == null ? t('not_known') : t(care.awake ? 'yes' : 'no');
  return [
    row('where', guarded(address?.line), true),
    row('entrance', guarded(address?.entrance)),
    row('what', t(has(`what_${alert.kind}`) ? `what_${alert.kind}` : 'what_unclear')),
    row(
      'breathing',
      `${care.breathing ? t(`breathing_${care.breathing}`).toLowerCase() : t('not_known')} · ${t('say_awake')}: ${awake}`,
    ),
    row('done', done(care, now)),
    row('call_back', guarded(sayNumber(address?.call_back)), true),
  ];
}

/** A number as people say it: 020 123 4567 for +31201234567. @param {string|undefined} number */
export function sayNumber(number) {
  const dutch = /^\+31(\d{9})$/.exec(number ?? '');
  if (!dutch) return number ?? '';
  const local = `0${dutch[1]}`;
  return local.startsWith('06')
    ? `06 ${local.slice(2, 6)} ${local.slice(6)}`
    : `${local.slice(0, 3)} ${local.slice(3, 6)} ${local.slice(6)}`;
}

/** The line test in words, and whether it is a fault. @param {Json|null} site */
export function testWords(site) {
  const test = site?.line_test;
  if (!test) return { text: '', results: [], fault: false, running: false };
  const date = test.last_at
    ? `${new Date(test.last_at).toLocaleDateString('nl', { timeZone: site?.timezone })} ${clock(test.last_at, site?.timezone, false)}`
    : '';
  const result = t(test.ok ? 'test_good' : 'test_bad');
  return {
    text: test.running ? t('test_running') : date ? t('test_last', { date, result }) : t('test_never'),
    results: /** @type {Json[]} */ (test.results || []).map((one) =>
      t('test_number', { n: one.number_index + 1, result: t(`result_${one.result ?? 'none'}`) }),
    ),
    fault: Boolean(test.overdue) || test.ok === false,
    running: Boolean(test.running),
  };
}
