/**
 * The booth page: one huge button, and the truth about every press in four steps that are never
 * merged. It never says "sent" without the server's proof, and makes noise itself when it has none.
 */
import { Page, at, soundingCount } from './booth_page.js';
import { ASKING, Live, ask } from './live.js';
import { Presses } from './presses.js';
import { Siren } from './siren.js';
import { keep, kept, load, newId, speak, understood } from './strings.js';

const HEARTBEAT_MS = 30000;
const HEARTBEAT_OLD_MS = 45000;
const TOUCHES_MS = 2000;
const ECHO_MS = 500;
const HOLD_MS = 3000;
const SIREN_OFF_MS = 60000;
const LANGUAGE_MS = 60000;
const QUIET_MS = 600000;
const RETRY_MS = 2000;
const YOUNG_MS = 10000;

/** @typedef {Object<string, any>} Json */
const siren = new Siren();
const memory = {
  /** @type {Json} */ site: kept('booth.site') || {},
  /** @type {number|null} */ booth: kept('booth.number'),
  /** @type {Json|null} */ alert: kept('booth.alert'),
  sounded: false,
  came: false,
  touchedAt: -Infinity,
  endedAt: -Infinity,
  silentUntil: -Infinity,
  spokenUntil: Infinity,
  busyAt: performance.now(),
  checkedAt: 0,
  /** @type {boolean|null} */ online: null,
  unpaired: false,
  /** @type {null|'sending'|'told'} */ mistake: null,
  /** @type {ServiceWorkerRegistration|null} */ worker: null,
  renewing: false,
  newer: () => Boolean(memory.worker?.waiting) && performance.now() - memory.busyAt > QUIET_MS,
};

// Without its words the page is only the form that it is without scripts, which works as well.
const first = understood(memory.site.language);
while (!(await load(first))) await pause(RETRY_MS);
speak(first);
const presses = new Presses({
  as: 'booth',
  onStored: ({ alert }) => {
    memory.unpaired = false;
    if (alert) follow(alert); // A press that was the test of this button has none.
    live.soon();
    show();
  },
  onChange: () => show(),
});
const live = new Live({
  as: 'booth',
  onFrame: (frame) => {
    heard(frame);
    show();
  },
  onLink: (link) => {
    memory.unpaired = link === 'unpaired' || (memory.unpaired && link !== 'open');
    if (link === 'connecting') beat();
    else if (link === 'open') memory.worker?.update().catch(() => {});
    show();
  },
});
const page = new Page({ memory, live, presses, siren, onLanguage: chosen });
Object.assign(globalThis, { directline: { live, presses, speaker: siren } });

/** The newest word about our alert, from an answer or the feed. @param {Json} alert */
function follow(alert) {
  const known = memory.alert;
  if (known && known.id === alert.id && (known.version ?? 0) > (alert.version ?? 0)) return;
  if (known?.id !== alert.id) Object.assign(memory, { sounded: false, came: false, mistake: null });
  memory.sounded ||= soundingCount(alert) > 0;
  memory.came ||= alert.state === 'on_the_way' || alert.state === 'at_booth';
  if (alert.mistake) memory.mistake = 'told';
  if (alert.state === 'closed' && known) memory.endedAt = performance.now();
  memory.alert = alert.state === 'closed' ? null : alert;
  keep('booth.alert', memory.alert);
}

/** @param {Json} frame */
function heard(frame) {
  if (frame.alert && (frame.alert.id === memory.alert?.id || ASKING.includes(frame.alert.state))) {
    follow(frame.alert);
  }
  if (frame.type === 'snapshot') {
    const known = memory.alert;
    const { alerts } = live.state;
    const asking = Object.values(alerts).find((one) => ASKING.includes(one.state));
    const open = asking || alerts[known?.id];
    if (open) follow(open);
    else if (known && (known.seq ?? 0) <= frame.seq)
      follow({ ...known, version: Infinity, state: 'closed' });
  }
  const site = live.state.site;
  if (site && site !== memory.site) {
    const changed = site.language !== memory.site.language;
    memory.site = site;
    keep('booth.site', site);
    if (changed) load(site.language).then(() => speak(site.language));
    stock();
  }
}

async function beat() {
  const battery = await /** @type {any} */ (navigator).getBattery?.().catch(() => null);
  const { status, body } = await ask('/v1/heartbeats', {
    as: 'booth',
    body: {
      device_time: new Date().toISOString(),
      period_s: HEARTBEAT_MS / 1000,
      battery: battery ? Math.round(battery.level * 100) : undefined,
    },
  });
  memory.online = Boolean(body.server_time);
  if (memory.online) memory.checkedAt = Date.now();
  if (status) memory.unpaired = status === 401;
  show();
}

async function learnBooth() {
  const { body } = await ask('/v1/whoami', { as: 'booth' });
  memory.booth = body.booth ?? memory.booth; // Without an answer that of before the outage stays.
  keep('booth.number', memory.booth);
  show();
}

function touched() {
  const now = performance.now();
  const quiet = now - memory.touchedAt < TOUCHES_MS;
  memory.touchedAt = now;
  memory.silentUntil = -Infinity;
  presses.add();
  if (quiet) return; // It counts, but says nothing new.
  memory.endedAt = -Infinity;
  navigator.vibrate?.(80);
  siren.unlock();
  if (siren.playing === 'siren') return;
  siren.play('none');
  siren.play('chirp');
}

async function reportMistake() {
  const alert = memory.alert;
  if (!alert) return;
  memory.mistake = 'sending';
  show();
  const said = { action_id: newId(), action: 'mistake', person: 'guest' };
  const path = `/v1/alerts/${encodeURIComponent(alert.id)}/actions`;
  while (memory.alert?.id === alert.id && memory.mistake === 'sending') {
    const { status } = await ask(path, { as: 'booth', body: said });
    if (status === 200) memory.mistake = 'told';
    else if (status && status < 500) memory.mistake = null; // Nothing was told to anybody.
    else await pause(RETRY_MS);
  }
  show();
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function facts() {
  const fresh = live.fresh() || (memory.online && Date.now() - memory.checkedAt < HEARTBEAT_OLD_MS);
  const waiting = presses.waiting.length > 0;
  const asking = memory.alert && ASKING.includes(memory.alert.state) ? memory.alert : null;
  if (waiting || asking) memory.busyAt = performance.now();
  return {
    alert: waiting && asking?.drill ? null : asking, // A press during a drill is real.
    waiting,
    failing: presses.failing(),
    unpaired: memory.unpaired || presses.unpaired,
    online: fresh ? true : memory.online == null && live.age() < 3000 ? null : false,
    cameBefore: memory.came,
    soundedBefore: memory.sounded,
  };
}

function show() {
  page.show(facts());
}

/** Once there is a worker to keep them: the languages, for a day without a network. */
function stock() {
  if (!navigator.serviceWorker?.controller) return;
  for (const code of memory.site.booth_languages ?? [])
    fetch(`/web/languages/${code}.js`).catch(() => {});
}

/** Nothing is open and nothing on its way. */
const idle = () => !memory.alert && !presses.waiting.length;

/** Somebody wants this language; the site's own comes back by itself. @param {string} code */
async function chosen(code) {
  if (!(await load(code))) return;
  speak(code, true);
  memory.spokenUntil = performance.now() + LANGUAGE_MS;
  show();
}

/** Change to the version that waits, if one does. */
function renew() {
  memory.renewing = true;
  memory.worker?.waiting?.postMessage('take over');
}

const help = at('help');
let pointedAt = -Infinity;
help.addEventListener('pointerdown', (event) => {
  event.preventDefault();
  touched();
});
// A screen reader's click comes alone; one that follows a finger is its echo.
help.addEventListener('click', (event) => {
  event.preventDefault();
  if (performance.now() - pointedAt > ECHO_MS) touched();
});
at('form').addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('contextmenu', (event) => event.preventDefault());
at('mistake').addEventListener('click', reportMistake);
at('newer').addEventListener('click', renew);
document.addEventListener('keydown', (event) => {
  const onPage = event.target === document.body || event.target === help;
  if ((event.key !== ' ' && event.key !== 'Enter') || !onPage) return;
  event.preventDefault();
  if (!event.repeat) touched();
});

let hold = 0;
for (const name of ['pointerdown', 'pointerup', 'pointercancel', 'click', 'keydown']) {
  document.addEventListener(name, () => {
    const now = performance.now();
    memory.busyAt = now;
    if (memory.spokenUntil < Infinity) memory.spokenUntil = now + LANGUAGE_MS;
    if (name !== 'pointerdown') siren.unlock(); // On a touch screen only the lifted finger counts.
    if (!name.startsWith('pointer')) return;
    pointedAt = now;
    clearTimeout(hold);
    if (name === 'pointerdown') hold = setTimeout(held, HOLD_MS);
  });
}

/** A finger has been on the page for three seconds. */
function held() {
  memory.silentUntil = performance.now() + SIREN_OFF_MS; // The next press makes it loud again.
  show();
}

async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request('screen');
  } catch {
    /* Not allowed here, or the battery is low: the page works without. */
  }
}

document.addEventListener('visibilitychange', stayAwake);
setInterval(() => {
  if (performance.now() > memory.spokenUntil) {
    memory.spokenUntil = Infinity;
    speak(memory.site.language);
  }
  show();
  // A page that has just been loaded and that nobody has needed yet may begin anew.
  const unused = performance.now() < YOUNG_MS && memory.touchedAt < 0 && idle();
  if (unused && live.fresh() && memory.worker?.waiting && !memory.renewing) renew();
}, 250);
setInterval(beat, HEARTBEAT_MS);
navigator.serviceWorker?.addEventListener('controllerchange', () => {
  if (memory.renewing && idle()) location.reload();
  else stock();
});
navigator.serviceWorker?.register('/sw.js', { scope: '/booth', updateViaCache: 'none' }).then(
  (worker) => {
    memory.worker = worker;
  },
  () => {
    /* Then it only loads with a network. */
  },
);
at('sent').remove(); // It is for browsers without scripts.
stayAwake();
learnBooth();
beat();
show();
