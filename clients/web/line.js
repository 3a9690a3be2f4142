/**
 * The direct line's panel: who is on the line, what it does next, what to say, and the number to
 * call by hand. It shows what the server has told, says when that is old, and ends nothing itself.
 * It sounds and proves like a wall, so that a tablet left here still alarms.
 */
import { ask, at } from './dom.js';
import { Keys } from './keys.js';
import { LineActs, sayOrHide } from './line_acts.js';
import { chosen, headline } from './line_panel_view.js';
import {
  onPutAway,
  showFacts,
  showHand,
  showOthers,
  showRows,
  showSteps,
  showTest,
} from './line_parts.js';
import { canOpen, emsWords, isOpen, isReached } from './line_view.js';
import { bandsAndOthers, header } from './over.js';
import { faceOf, wallPicture } from './picture.js';
import { ordered } from './state.js';
import { Station } from './station.js';
import { clock, dress, duration, say, t } from './strings.js';
import { drillFirst, placeOf, stateLine } from './view.js';
import './words.js';

const AGAIN_MS = 3000;

/** @typedef {Object<string, any>} Json */
const asked = new URLSearchParams(location.search).get('alert');
const wanted = asked && /^\d+$/.test(asked) ? Number(asked) : null;
const memory = {
  /** @type {Json|null} */ alert: null,
  /** @type {Json|null} */ address: null,
  askedAddress: false,
  spoken: '',
};
const station = new Station({
  onChange: () => show(),
  onFrame: heard,
  onStored: (alert) => {
    newer(alert);
    show();
  },
  onLanguage: () => build(),
});
const { actions, arm, silence } = station;
const acts = new LineActs(actions, () => memory.alert);
new Keys({ pick: () => {}, act, silence: () => silence.begin() });

/** What a key does here is what it does on every page of the staff. @param {string} action */
function act(action) {
  const { alert } = memory;
  if (!alert || !isActing(alert)) return;
  if (action !== 'direct_line') actions.start(alert, action);
  else if (canOpen(alert, station.site())) actions.start(alert, 'open_line');
}

/** Whether something can be done about this alert here. @param {Json} alert */
const isActing = (alert) => station.isTablet() && alert.state !== 'closed';

/** @param {Json|null|undefined} alert */
function newer(alert) {
  if (!alert || alert.id !== memory.alert?.id) return;
  if ((alert.version ?? 0) >= (memory.alert.version ?? 0)) memory.alert = { ...memory.alert, ...alert };
}

/** Take the alert that the panel is of, unless a person is busy with the one that is shown. */
function choose() {
  const found = chosen(ordered(station.known.state), wanted);
  const stays = memory.alert && (wanted != null || isOpen(memory.alert.line));
  if (!found || found.id === memory.alert?.id || (stays && memory.alert?.state !== 'closed')) {
    newer(found);
    return;
  }
  memory.alert = found;
  readAddress();
}

/** The alert by its number, when it is not among the open ones. */
async function readClosed() {
  const { status, body } = await ask(`/v1/alerts?before=${Number(wanted) + 1}&limit=1`, {
    as: station.who.kind,
  });
  const found = body.alerts?.[0];
  if (memory.alert) return;
  if (status !== 200) setTimeout(readClosed, AGAIN_MS);
  else if (found?.number === wanted) memory.alert = found;
  show();
}

/** The guarded address: every view is in the log, so it is asked for once, and never kept. */
async function readAddress() {
  if (!station.isTablet() || memory.askedAddress) return;
  memory.askedAddress = true;
  const { status, body } = await ask('/v1/site/address', { as: 'tablet' });
  if (status === 200) memory.address = body;
  else if (status === 0 || status >= 500) {
    memory.askedAddress = false;
    setTimeout(readAddress, AGAIN_MS);
  } else memory.address = {};
  show();
}

/** @param {Json} frame */
function heard(frame) {
  choose();
  if (frame.type === 'snapshot' && !memory.alert && wanted != null) readClosed();
  newer(frame.alert);
}

/** The buttons that stay; they are made anew in another language. */
function build() {
  for (const id of ['acts', 'test-acts', 'by-hand-acts', 'others-list']) at(id).replaceChildren();
  acts.ending(at('ending'));
  acts.ems(at('ems'));
  dress(document);
}

function show() {
  station.sound();
  const moment = station.moment();
  const drawn = wallPicture(station.known, moment);
  document.body.dataset.link = drawn.link;
  header(drawn.header);
  const site = station.site();
  const { alert } = memory;
  const { now } = moment;
  arm.show(clock(now, site?.timezone));
  at('lost').hidden = drawn.link !== 'lost';
  // What is said here in words of its own, and larger, is no band.
  const own = ['lost', `line_hand_${alert?.number}`];
  const bands = drawn.bands.filter((one) => !own.includes(one.name));
  const rest = drawn.alerts.filter((one) => one.id !== alert?.id);
  const others = rest.map((one) => faceOf(one, station.known, now));
  bandsAndOthers(at('bands'), bands, others);
  at('panel').hidden = !alert;
  at('missing').hidden = Boolean(alert);
  if (alert) {
    showPanel(alert, site, now);
    showOverHand(others);
  } else {
    const known = station.known.state.seq != null;
    const why = !known ? 'loading' : wanted == null ? 'no_open_alert' : 'no_alert';
    say(at('missing'), t(station.paired ? why : 'screen_unpaired'));
  }
  showTest(acts, alert, site, station.isTablet());
  showOthers(rest, site, now);
}

/** The full screen hides neither another alert that nobody has answered nor that this screen is
 * silent. @param {import('./picture.js').Face[]} others */
function showOverHand(others) {
  const { open } = /** @type {HTMLDialogElement} */ (at('by-hand'));
  const silent = arm.state === 'silent' ? [{ name: 'silent', text: t('arm_title') }] : [];
  const loud = others.filter((one) => one.state === 'unanswered');
  bandsAndOthers(at('by-hand-bands'), open ? silent : [], open ? loud : []);
}

/** @param {Json} alert @param {Json|null} site @param {number} now */
function showPanel(alert, site, now) {
  const { line } = alert;
  const acting = isActing(alert);
  Object.assign(document.body.dataset, {
    line: line?.state ?? 'none',
    reached: String(isReached(line)),
    drill: String(Boolean(alert.drill)),
  });
  const place = placeOf(alert, site);
  document.title = `${t('line_title')} · ${place}`;
  say(at('place'), drillFirst(alert) + place);
  const until = alert.closed_at ? Date.parse(alert.closed_at) : now;
  say(at('elapsed'), duration(until - Date.parse(alert.raised_at)));
  say(at('state'), alert.state === 'closed' ? t('alert_closed') : stateLine(alert, site));
  at('to-alert').hidden = false;
  at('to-alert').setAttribute('href', `/alert/${alert.number}`);
  const head = headline(alert, site, now);
  say(at('headline'), head.text);
  sayOrHide(at('head-time'), head.time);
  showSteps(line?.state !== 'none' || canOpen(alert, site) ? line : null);
  showRows(alert, site, now);
  showFacts(alert, memory.address, now, station.isTablet());
  say(at('ems-state'), emsWords(alert, site));
  at('ems').hidden = !acting;
  acts.showEms(at('ems'), alert);
  at('acts').hidden = !acting;
  if (acting) acts.show(at('acts'), alert);
  at('ending').hidden = !acting || !isOpen(line);
  showHand(acts, alert, site, now, acting);
  announce(alert, site, head.text);
}

/** Put each new state into words for those who do not see; clocks are never read aloud.
 * @param {Json} alert @param {Json|null} site @param {string} what */
function announce(alert, site, what) {
  const text = t('line_spoken', { place: placeOf(alert, site), what });
  if (memory.spoken && memory.spoken !== text) say(at('news'), text);
  memory.spoken = text;
}

at('silence').addEventListener('click', () => silence.begin());
onPutAway(show);
build();
setInterval(show, 250);
