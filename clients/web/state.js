/**
 * What a page knows of its site, and how one frame of the live feed changes it.
 * Pure: no imports, no clock, no network. `apply(old snapshot, events)` equals a fresh snapshot.
 * @typedef {Object<string, any>} Json
 * @typedef {{site: Json|null, alerts: Object<string, Json>, seq: number|null,
 *   epoch: string|null}} State  `seq` is null until the first snapshot.
 */

export const ASKING = ['unanswered', 'on_the_way', 'at_booth'];
const ORDER = [...ASKING, 'recovering', 'closed'];

/** @type {State} */
export const EMPTY = Object.freeze({ site: null, alerts: {}, seq: null, epoch: null });

/** The state after `frame`; frames of a type not known here change nothing.
 * @param {State} state @param {Json} frame @returns {State} */
export function apply(state, frame) {
  switch (frame.type) {
    case 'snapshot':
      return {
        site: frame.site,
        alerts: Object.fromEntries(frame.alerts.map((/** @type {Json} */ one) => [one.id, one])),
        seq: frame.seq,
        epoch: frame.epoch,
      };
    case 'resumed':
      // Its seq is the head; the missed events are still to come, so ours stays.
      return { ...state, epoch: frame.epoch };
    case 'event':
      return afterEvent(state, frame);
    default:
      return state;
  }
}

/** False when the server has sent something in between that did not arrive here.
 * @param {State} state @param {Json} frame */
export function inOrder(state, frame) {
  return (
    frame.type !== 'event' || frame.prev == null || state.seq == null || frame.prev <= state.seq
  );
}

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

/** @param {State} state @param {Json} frame @returns {State} */
function afterEvent(state, frame) {
  if (state.seq != null && frame.seq <= state.seq) return state;
  return {
    ...state,
    seq: frame.seq,
    site: siteAfter(state.site, frame.event || {}),
    alerts: frame.alert ? alertsAfter(state.alerts, frame.alert) : state.alerts,
  };
}

/** @param {Object<string, Json>} alerts @param {Json} alert */
function alertsAfter(alerts, alert) {
  const { [alert.id]: _, ...others } = alerts;
  return alert.state === 'closed' ? others : { ...others, [alert.id]: alert };
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
      return withCover(site, data, event.name === 'cover_back');
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
  const known = (site.screens || []).some(meant);
  if (data.screen && !known) return { ...heard, screens: [...(heard.screens || []), data.screen] };
  return changed(
    heard,
    'screens',
    meant,
    data.screen || { able: !silent, why: silent ? reasons : [] },
  );
}

/** Booths named in the event, or all of them where it names none.
 * @param {Json} site @param {Json} data @param {boolean} covered */
function withCover(site, data, covered) {
  const booths = data.booths ?? (data.booth == null ? null : [data.booth]);
  return changed(site, 'booths', (row) => !booths || booths.includes(row.number), { covered });
}

/** @param {Json} site @param {string} part @param {(row: Json) => boolean} meant
 * @param {Json} changes */
function changed(site, part, meant, changes) {
  const rows = /** @type {Json[]} */ (site[part] || []);
  return { ...site, [part]: rows.map((row) => (meant(row) ? { ...row, ...changes } : row)) };
}
