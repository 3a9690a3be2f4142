/**
 * What the events of the live feed do to what a staff page knows of its site; live.js does the
 * rest. Pure: no clock, no network.
 * @typedef {import('./live.js').Json} Json
 * @typedef {import('./live.js').State} State
 */
import { ASKING, learnSite } from './live.js';

export { ASKING };
const ORDER = [...ASKING, 'recovering', 'closed'];

/** The open alerts as a wall shows them: unanswered first, the oldest of each state on top.
 * @param {State} state @returns {Json[]} */
export function ordered(state) {
  const place = (/** @type {Json} */ alert) => {
    const found = ORDER.indexOf(alert.state);
    return found < 0 ? 0 : found; // A state we do not know stands with the unanswered.
  };
  return Object.values(state.alerts).sort(
    (one, other) =>
      place(one) - place(other) ||
      String(one.raised_at).localeCompare(String(other.raised_at)) ||
      one.number - other.number,
  );
}

/** @param {Json|null} site @param {Json} event @returns {Json|null} */
function siteAfter(site, event) {
  if (!site) return site;
  const data = event.data || {};
  switch (event.name) {
    case 'site_changed':
      return data.site && typeof data.site === 'object' ? data.site : site;
    case 'screen_silenced':
      return changed(
        site,
        'screens',
        (row) => row.device_id === data.screen,
        data.shown || { silenced_until: data.until ?? null, silenced_by: data.person ?? null },
      );
    case 'device_silent':
    case 'device_back':
      return withDevice(site, data, event.name === 'device_silent');
    case 'cover_lost':
    case 'cover_back':
      return data.cover ? { ...site, cover: data.cover } : site;
    default:
      return site;
  }
}

/** @param {Json} site @param {Json} data @param {boolean} silent */
function withDevice(site, data, silent) {
  const reasons = Array.isArray(data.why) ? data.why : data.why ? [data.why] : [];
  const meant = (/** @type {Json} */ row) => row.device_id === data.device;
  const heard = changed(
    site,
    'buttons',
    (row) => meant(row) && (data.booth === undefined || row.booth === data.booth),
    data.button || { state: silent ? 'silent' : 'ok' },
  );
  const isNew = data.screen && !(heard.screens || []).some(meant);
  if (isNew) return { ...heard, screens: [...(heard.screens || []), data.screen] };
  return changed(
    heard,
    'screens',
    meant,
    data.screen || { able: !silent, why: silent ? reasons : [] },
  );
}

/** @param {Json} site @param {string} part @param {(row: Json) => boolean} meant
 * @param {Json} changes */
function changed(site, part, meant, changes) {
  const rows = /** @type {Json[]} */ (site[part] || []);
  return { ...site, [part]: rows.map((row) => (meant(row) ? { ...row, ...changes } : row)) };
}

learnSite(siteAfter);
