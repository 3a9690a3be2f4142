/**
 * What the incident page of one alert shows, as plain data: from what is known, its timeline and
 * this moment to every word. Pure but for the page's language; alert.js only draws it.
 */
import { noExtra, remember } from './known.js';
import { faceOf, linkOf, wallPicture } from './picture.js';
import { clock, duration, t } from './strings.js';
import { eventLine } from './event_line.js';
import { JOBS, drillFirst, nameOf } from './view.js';

/** @typedef {Object<string, any>} Json */

const KINDS = ['unclear', 'overdose', 'overamp', 'medical'];
const BREATHING = ['normal', 'slow', 'none'];
const UNTOLD = ['coming', 'oxygen', 'naloxone', 'reassess', 'jobs']; // Told elsewhere on the page, in full.

/** @param {import('./known.js').Known} known @param {Json} alert @param {Json[]} timeline
 * @param {import('./picture.js').Moment} moment */
export function incidentPicture(known, alert, timeline, moment) {
  const { site } = known.state;
  const lines = [...timeline].sort((one, other) => one.seq - other.seq);
  const extra = lines.reduce(remember, noExtra());
  const until = alert.closed_at ? Date.parse(alert.closed_at) : moment.now;
  const whole = { ...known, extras: { [alert.id]: extra } };
  const face = faceOf(alert, whole, moment.now);
  const tablet = moment.who.kind === 'tablet';
  return {
    ...face,
    link: linkOf(moment),
    title: `#${alert.number} ${drillFirst(face)}${placeOf(face)}`,
    elapsed: duration(until - Date.parse(alert.raised_at)),
    notes: face.notes.filter((one) => !UNTOLD.includes(one.name.replace('_now', ''))),
    people: alert.state === 'closed' ? [] : peopleOf(alert, moment.now),
    jobs: JOBS.map((job) => ({
      job,
      person: alert.jobs?.[job] ? nameOf(site, alert.jobs[job]) : '?',
    })),
    kinds: KINDS.map((kind) => ({ kind, on: kind === (alert.kind || 'unclear') })),
    care: careOf(alert, extra, site, moment.now),
    ems: emsOf(alert, lines),
    acts: tablet && alert.state !== 'closed',
    ends: tablet,
    outcome: alert.outcome ? t(`outcome_${alert.outcome}`) : '',
    timeline: timelineOf(lines, site, tablet),
    others: wallPicture(known, moment)
      .alerts.filter((one) => one.id !== alert.id)
      .map((one) => faceOf(one, known, moment.now)),
  };
}

/** @param {{word: string, digits: string, booth: number|null}} face */
const placeOf = ({ word, digits, booth }) =>
  booth == null ? word : `${word.replace(/^.* · /, '')} ${digits}`;

/** Each who answered, with since when. @param {Json} alert @param {number} now */
function peopleOf(alert, now) {
  return /** @type {Json[]} */ (alert.answers || []).map((one) => ({
    person: String(one.person),
    answer: String(one.answer),
    name: String(one.name ?? t('guest')),
    what: t(`event_${one.answer}`),
    time: duration(now - Date.parse(one.at)),
  }));
}

/** @param {Json} alert @param {import('./known.js').Extra} extra @param {Json|null} site
 * @param {number} now */
function careOf(alert, extra, site, now) {
  const care = alert.care || {};
  const left = care.reassess_at ? Date.parse(care.reassess_at) - now : null;
  const whole = ((site?.clocks?.reassess || 150) * 1000) / (site?.time_scale || 1);
  return {
    oxygen: Boolean(care.oxygen),
    oxygenTime: care.oxygen && extra.oxygenAt ? duration(now - Date.parse(extra.oxygenAt)) : '',
    doses: extra.doses.map((dose, n) => ({
      n: n + 1,
      text: t('dose', {
        n: n + 1,
        time: clock(dose.at, site?.timezone),
        route: dose.route ? t(`route_${dose.route}`) : '',
        ago: duration(now - Date.parse(dose.at)),
      }),
    })),
    reassess: left == null ? '' : left > 0 ? t('reassess_in', { time: duration(left + 999) }) : t('note_reassess_now'),
    reassessDue: left != null && left <= 0,
    part: left == null ? 0 : Math.max(0, Math.min(1, left / whole)),
    breathing: BREATHING.map((value) => ({ value, on: care.breathing === value })),
    awake: [true, false].map((value) => ({ value, on: care.awake === value })),
    known: { breathing: care.breathing ?? null, awake: care.awake ?? null },
    ask: extra.prompted ? t('ems_question') : '',
  };
}

/** @param {Json} alert @param {Json[]} lines */
function emsOf(alert, lines) {
  if (!alert.ems) return '';
  const said = lines.filter((one) => one.name === 'ems').at(-1);
  const minutes = said?.data?.minutes;
  return [t(`ems_${alert.ems}`), minutes ? t('minutes', { n: minutes }) : '']
    .filter(Boolean)
    .join(' · ');
}

/** The newest first; a line of a person can be corrected.
 * @param {Json[]} lines @param {Json|null} site @param {boolean} tablet */
function timelineOf(lines, site, tablet) {
  return [...lines].reverse().map((event) => ({
    seq: Number(event.seq),
    name: String(event.name),
    ...eventLine(event, site),
    fix: tablet && event.by?.kind === 'person' && event.name !== 'corrected' ? event : null,
  }));
}
