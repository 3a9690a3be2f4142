/**
 * Every screen, button and line of a site as a row: what it is, how it is, and how to mend it in one
 * sentence. Pure but for the page's language: from the Site alone.
 */
import { testWords } from './line_panel_view.js';
import { clock, has, t, two } from './strings.js';
import './watch_words.js';

const DAY_MS = 86400e3;
const TESTED_MS = 7 * DAY_MS; // Every button is tested once a week.

/** @typedef {Object<string, any>} Json */
/** `fix` is empty where all is well; what is not well may still be able to alarm. `device` is what can
 * be taken away, and `called` what that is, for a row may be named after its booth.
 * @typedef {{key: string, name: string, word: string, more: string, fix: string, well: boolean,
 *   able: boolean, device?: string, called?: string}} Row */

/** @param {Json} site @param {string|null|undefined} moment */
const at = (site, moment) => (moment ? clock(moment, site.timezone, false) : '?');

/** How long ago, in the largest unit that has passed. @param {number} milliseconds */
function ago(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units = /** @type {[string, number][]} */ ([['day', 86400], ['hour', 3600], ['min', 60]]);
  const [unit, size] = units.find((one) => seconds >= one[1]) ?? ['sec', 1];
  return t(`ago_${unit}`, { n: Math.floor(seconds / size) });
}

/** @param {Json} site
 * @param {Object<string, number>} [ages] seconds since each screen was heard, as far as is known
 * @returns {Row[]} */
export function screenRows(site, ages = {}) {
  return /** @type {Json[]} */ (site.screens ?? []).map((one) => {
    const why = one.able ? '' : (one.why?.[0] ?? 'silent_proof');
    const known = has(`screen_${why}`) ? why : 'silent_proof';
    const fault = (site.faults ?? []).find(
      (/** @type {Json} */ other) => other.kind === 'screen_off' && other.device === one.device_id,
    );
    const age = ages[one.device_id];
    const mayGoDark = one.connected && one.awake === false;
    const more = [
      fault ? t('cover_since', { time: at(site, fault.since) }) : '',
      age == null ? '' : t('seconds', { n: age.toFixed(1) }),
      one.connected && one.awake != null ? t(one.awake ? 'screen_on' : 'screen_dark') : '',
    ];
    return {
      key: one.device_id,
      device: one.device_id,
      name: one.name || one.device_id,
      word: t(one.able ? 'screen_able' : `screen_${known}`),
      more: more.filter(Boolean).join(' · '),
      // A screen that may go dark alarms as long as it has not; it is no fault yet.
      fix: one.able ? (mayGoDark ? t('fix_dark') : '') : t(`fix_${known}`),
      well: Boolean(one.able),
      able: Boolean(one.able),
    };
  });
}

/** Whether a button is heard of so seldom that nobody may call it live. @param {Json} button */
export const isSeldom = (button) => button.period_s > 3600;

/** The newest test of a booth's button that was heard, and whether the next is due: that is no fault,
 * so it is said in the calm words of a row. @param {Json} site @param {number|null} booth
 * @param {number} now milliseconds @returns {{text: string, due: boolean}} */
function pressTest(site, booth, now) {
  if (booth == null) return { text: '', due: false }; // A bridge has no button to press.
  const test = (site.button_tests ?? []).find(
    (/** @type {Json} */ other) => other.booth === booth && other.heard_at,
  );
  if (!test) return { text: t('button_untested'), due: true };
  const since = now - Date.parse(test.heard_at);
  // The time of day says nothing any more of a test that is older than a day.
  const time = since < DAY_MS ? at(site, test.heard_at) : ago(since);
  const key = test.seconds == null ? 'button_tested' : 'button_tested_in';
  const text = t(key, { time, n: test.seconds });
  const due = since > TESTED_MS;
  return { text: due ? `${text}, ${t('button_test_due')}` : text, due };
}

/** @param {Json} site @param {number} now milliseconds
 * @param {Json|null} [answer] of the health page's question, while it holds @returns {Row[]} */
export function buttonRows(site, now, answer) {
  // A bridge is named by the buttons that it watches, and by itself only while it has none.
  const all = /** @type {Json[]} */ (site.buttons ?? []);
  const shown = all.filter(
    (one) =>
      one.booth != null ||
      !all.some((other) => other.device_id === one.device_id && other.booth != null),
  );
  return shown.map((one) => {
    const fault = (site.faults ?? []).find(
      (/** @type {Json} */ other) =>
        other.device === one.device_id &&
        other.booth === one.booth &&
        other.kind.startsWith('battery_'),
    );
    const own = one.name || one.device_id;
    const name = one.booth == null ? own : `${t('booth')} ${two(one.booth)}`;
    const test = pressTest(site, one.booth, now);
    const time = at(site, one.last_seen_at);
    const ok = one.state === 'ok';
    const seldom = ok && isSeldom(one);
    const often = (answer?.false_presses ?? []).find(
      (/** @type {Json} */ other) => other.booth === one.booth,
    );
    const said = ok ? (fault ? fault.kind : seldom ? 'seldom' : 'ok') : one.state;
    return {
      key: `${one.device_id} ${one.booth}`,
      device: one.device_id,
      // Whoever removes one button of a bridge removes the bridge, so that is what it is called.
      called: one.kind === 'bridge' ? own : `${name} · ${own}`,
      name,
      word: t(`button_state_${said}`, { time, n: Math.round((one.period_s ?? 0) / 60) }),
      more: [one.battery == null ? '' : t('button_battery', { n: one.battery }), test.text]
        .filter(Boolean)
        .join(' · '),
      fix:
        said !== 'ok'
          ? t(`fix_button_${said}`)
          : often
            ? t('fix_button_false', { n: often.alerts })
            : test.due
              ? t('fix_button_untested')
              : '',
      well: said === 'ok',
      able: ok && !seldom && fault?.kind !== 'battery_flat',
    };
  });
}

/** Phones that nobody here knows and that texted us: they hear nothing, which is as it should be.
 * @param {Json} site @param {Json} answer of the health page's question @returns {Row[]} */
export function strangerRows(site, answer) {
  const all = /** @type {Json[]} */ (answer.unknown_phones?.phones ?? []);
  return all.map((one, place) => ({
    // Two numbers may end alike, and more is not known of either.
    key: String(place),
    name: one.ends_with ? t('strange_ends', { digits: one.ends_with }) : t('strange_word'),
    word: t(one.texts === 1 ? 'strange_text' : 'strange_texts', {
      n: one.texts,
      time: at(site, one.last_at),
    }),
    more: '',
    fix: '',
    well: true,
    able: true,
  }));
}

/** The last text that arrived. @param {Json|null} answer @param {number} now milliseconds */
function lastDelivered(answer, now) {
  if (!answer) return '';
  const last = answer.delivered;
  if (!last) return t('texts_none');
  return t('texts_last', { ago: ago(now - Date.parse(last.at)), n: last.seconds.toFixed(1) });
}

/** @param {Json} site @param {Json|null} answer of the health page's question, while it holds
 * @param {number} now milliseconds @returns {Row[]} */
export function lineRows(site, answer, now) {
  const test = testWords(site);
  const off = site.line === 'off';
  const overdue = site.line_test?.overdue ? t('test_overdue') : '';
  return [
    {
      key: 'texts',
      name: t('texts_name'),
      word: t(`texts_${site.phones}`),
      more: site.phones === 'off' ? '' : lastDelivered(answer, now),
      fix: site.phones === 'ok' ? '' : t(`fix_texts_${site.phones}`),
      well: site.phones === 'ok',
      able: site.phones === 'ok',
    },
    {
      key: 'line',
      name: t('line_name'),
      word: t(`line_state_${site.line === 'ready' && test.fault ? 'untested' : site.line}`),
      more: site.line_test?.can_test ? [test.text, overdue].filter(Boolean).join(' · ') : '',
      fix: off ? t('fix_line_off') : test.fault ? t('fix_line_test') : '',
      well: !off && !test.fault,
      able: !off,
    },
  ];
}
