/**
 * One event of an alert's timeline in plain words. Pure but for the page's language.
 */
import { clock, has, t } from './strings.js';
import './words_work.js';
import './words_incident.js';
import { why } from './words_why.js';

/** @typedef {Object<string, any>} Json */

/** One event of the timeline in plain words: who, what, and what it says. @param {Json} event
 * @param {Json|null} site */
export function eventLine(event, site) {
  const data = event.data || {};
  const name = (/** @type {string} */ person) =>
    (site?.people || []).find((/** @type {Json} */ one) => one.id === person)?.name ??
    (['guest', 'line_phone', 'control'].includes(person) ? t(person) : person);
  const who = data.person ?? (event.by?.kind === 'person' ? event.by.id : null);
  const parts = [
    who && name(who),
    has(`event_${event.name}`) ? t(`event_${event.name}`) : event.name.replaceAll('_', ' '),
  ];
  // On the line `who` is one phone's; in a step it is a role.
  const said = (/** @type {string} */ field, /** @type {any} */ value) =>
    field === 'reason'
      ? why(value, event.name)
      : field === 'who' && !has(`who_${value}`)
        ? name(value)
        : word(field, value);
  if (event.name === 'corrected') parts.push(...correction(data, site, name));
  else
    for (const field of FIELDS_SHOWN) {
      const values = [data[field] ?? []].flat();
      if (values.length) parts.push(values.map((value) => said(field, value)).join(', '));
    }
  if (event.name === 'oxygen') parts.push(t(data.on ? 'oxygen_on' : 'oxygen_off'));
  if (event.name === 'naloxone' && data.count) parts.push(String(data.count));
  if (data.visits != null) parts.push(`${data.visits} ×`);
  if (data.minutes != null) parts.push(t('minutes', { n: data.minutes }));
  // When it was done, by their word, where that was not just now.
  if (data.at && Math.abs(Date.parse(event.at) - Date.parse(data.at)) > APART_MS)
    parts.push(`(${clock(data.at, site?.timezone)})`);
  if (data.late_s > 1) parts.push(`+${Math.round(data.late_s)} s`);
  return { time: clock(event.at, site?.timezone), text: parts.filter(Boolean).join(' · ') };
}

const APART_MS = 5000;
const FIELDS_SHOWN = [
  ...['do', 'who', 'screens', 'outcome', 'kind', 'job', 'route', 'breathing', 'awake', 'ems'],
  'reason',
];

/** The word for a value of a field. @param {string} field @param {any} value */
function word(field, value) {
  const key = field === 'do' ? 'plan' : field;
  return has(`${key}_${value}`) ? t(`${key}_${value}`) : String(value);
}

/** @param {Json} data @param {Json|null} site @param {(person: string) => string} name */
function correction(data, site, name) {
  if (data.note) return [data.note];
  const value =
    data.field === 'at'
      ? clock(data.value, site?.timezone)
      : data.field === 'person'
        ? name(data.value)
        : word(data.field, data.value);
  if (data.field === 'on') return [`#${data.of}`, t('field_on')];
  return [`#${data.of}`, `${has(`field_${data.field}`) ? t(`field_${data.field}`) : data.field}: ${value}`];
}
