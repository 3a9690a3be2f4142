/**
 * The direct line's panel: who is on the line, what it does next, what to say, and the number to
 * call by hand. It shows what the server has told, says when that is old, and ends nothing itself.
 */
import { Actions } from './actions.js';
import { ask, at } from './dom.js';
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
import { emsWords, isOpen, isReached } from './line_view.js';
import { LOST_MS, Live, STALE_MS } from './live.js';
import { ordered } from './state.js';
import { clock, dress, duration, keep, kept, say, speak, t } from './strings.js';
import { placeOf, stateLine } from './view.js';
import './words.js';

const AGAIN_MS = 3000;

/** @typedef {Object<string, any>} Json */
const asked = new URLSearchParams(location.search).get('alert');
const wanted = asked && /^\d+$/.test(asked) ? Number(asked) : null;
const memory = {
  /** @type {Json} */ who: kept('wall.who') || { kind: 'tablet' },
  /** @type {Json|null} */ alert: null,
  /** @type {Json|null} */ address: null,
  askedAddress: false,
  language: '',
  spoken: '',
};
/** @type {Live|null} */
let live = null;
speak(kept('wall.language'));

const actions = new Actions({
  as: () => memory.who.kind,
  site: () => live?.state.site ?? null,
  now: () => live?.now() ?? Date.now(),
  alert: () => memory.alert ?? undefined,
  onStored: (alert) => {
    newer(alert);
    show();
  },
});
const acts = new LineActs(actions, () => memory.alert);
Object.assign(globalThis, {
  directline: {
    get live() {
      return live;
    },
    actions,
  },
});

/** @param {Json|null|undefined} alert */
function newer(alert) {
  if (!alert || alert.id !== memory.alert?.id) return;
  if ((alert.version ?? 0) >= (memory.alert.version ?? 0)) memory.alert = { ...memory.alert, ...alert };
}

/** Take the alert that the panel is of, unless a person is busy with the one that is shown. */
function choose() {
  const found = live ? chosen(ordered(live.state), wanted) : null;
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
    as: memory.who.kind,
  });
  const found = body.alerts?.[0];
  if (memory.alert) return;
  if (status !== 200) setTimeout(readClosed, AGAIN_MS);
  else if (found?.number === wanted) memory.alert = found;
  show();
}

/** The guarded address: every view is in the log, so it is asked for once, and never kept. */
async function readAddress() {
  if (memory.who.kind !== 'tablet' || memory.askedAddress) return;
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
  const language = live?.state.site?.language;
  if (language && language !== memory.language) {
    memory.language = language;
    keep('wall.language', language);
    speak(language);
    build();
  }
  show();
}

/** The buttons that stay; they are made anew in another language. */
function build() {
  for (const id of ['acts', 'test-acts', 'by-hand-acts', 'others-list']) at(id).replaceChildren();
  acts.ending(at('ending'));
  acts.ems(at('ems'));
  dress(document);
}

function show() {
  const age = live?.age() ?? 0;
  const link = !live || age > LOST_MS ? 'lost' : age > STALE_MS ? 'stale' : 'live';
  document.body.dataset.link = link;
  say(
    at('link'),
    link === 'live'
      ? `● ${t('live')}`
      : link === 'stale'
        ? t('stale', { n: Math.floor(age / 1000) })
        : t('lost_age', { time: duration(age) }),
  );
  at('lost').hidden = link !== 'lost';
  const site = live?.state.site ?? null;
  const { alert } = memory;
  at('panel').hidden = !alert;
  at('missing').hidden = Boolean(alert);
  if (!live) return;
  const now = live.now();
  say(at('time'), clock(now, site?.timezone));
  if (!alert) {
    const known = live.state.seq != null;
    say(at('missing'), t(!known ? 'loading' : wanted == null ? 'no_open_alert' : 'no_alert'));
  } else showPanel(alert, site, now);
  showTest(acts, alert, site, memory.who.kind === 'tablet');
  showOthers(
    ordered(live.state).filter((one) => one.id !== alert?.id),
    site,
    now,
  );
}

/** @param {Json} alert @param {Json|null} site @param {number} now */
function showPanel(alert, site, now) {
  const tablet = memory.who.kind === 'tablet';
  const { line } = alert;
  const acting = tablet && alert.state !== 'closed';
  Object.assign(document.body.dataset, {
    line: line?.state ?? 'none',
    reached: String(isReached(line)),
    drill: String(Boolean(alert.drill)),
  });
  const place = placeOf(alert, site);
  document.title = `${t('line_title')} · ${place}`;
  say(at('place'), `${alert.drill ? `${t('drill')} ` : ''}${place}`);
  const until = alert.closed_at ? Date.parse(alert.closed_at) : now;
  say(at('elapsed'), duration(until - Date.parse(alert.raised_at)));
  say(at('state'), alert.state === 'closed' ? t('alert_closed') : stateLine(alert, site));
  at('to-alert').hidden = false;
  at('to-alert').setAttribute('href', `/alert/${alert.number}`);
  const head = headline(alert, site, now);
  say(at('headline'), head.text);
  sayOrHide(at('head-time'), head.time);
  showSteps(line);
  showRows(alert, site, now);
  showFacts(alert, memory.address, now, tablet);
  say(at('ems-state'), emsWords(alert, site));
  at('ems').hidden = !acting;
  acts.showEms(at('ems'), alert);
  at('acts').hidden = !acting;
  if (acting) acts.show(at('acts'), alert);
  at('ending').hidden = !acting || !(isOpen(line) || line?.state === 'not_reached');
  showHand(acts, alert, site, now, acting);
  announce(alert, site, head.text);
}

/** Put each new state into words for those who do not see; clocks are never read aloud.
 * @param {Json} alert @param {Json|null} site @param {string} what */
function announce(alert, site, what) {
  const text = t('line_spoken', { place: placeOf(alert, site), what });
  if (memory.spoken && memory.spoken !== text) say(at('alarm'), text);
  memory.spoken = text;
}

async function findKind() {
  for (const kind of new Set([kept('wall.kind'), 'tablet', 'screen', 'monitor'].filter(Boolean))) {
    const { status, body } = await ask('/v1/whoami', { as: kind });
    if (status === 200) return { ...body, kind };
  }
  return null;
}

async function begin() {
  for (;;) {
    const who = await findKind();
    if (who) {
      memory.who = who;
      break;
    }
    say(at('missing'), t('screen_unpaired'));
    await new Promise((resolve) => {
      setTimeout(resolve, AGAIN_MS);
    });
  }
  build();
  live = new Live({ as: memory.who.kind, onFrame: heard, onLink: show });
  setInterval(show, 250);
}

onPutAway(show);
begin();
