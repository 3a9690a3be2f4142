/**
 * The booth page: one huge button, and the truth about every press in four steps that are never
 * merged. It never says "sent" without the server's proof, and makes noise itself when it has none.
 */
import { Page, at } from './booth_page.js';
import { soundingCount } from './booth_view.js';
import { Live } from './live.js';
import { Presses } from './presses.js';
import { GAINS, Speaker } from './sound.js';
import { ASKING, ordered } from './state.js';
import { dress, keep, kept, language, newId, speak } from './strings.js';

const HEARTBEAT_MS = 30000;
const HEARTBEAT_OLD_MS = 45000;
const TOUCHES_MS = 2000;
const HOLD_MS = 3000;
const SIREN_OFF_MS = 60000;
const LANGUAGE_MS = 60000;

/** @typedef {Object<string, any>} Json */
const speaker = new Speaker();
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
  checkedAt: 0,
  /** @type {boolean|null} */ online: null,
  unpaired: false,
  /** @type {null|'sending'|'told'} */ mistake: null,
};

speak(memory.site.language);
const presses = new Presses({
  as: 'booth',
  onStored: ({ alert }) => {
    memory.unpaired = false;
    follow(alert);
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
    show();
  },
});
const page = new Page({ memory, live, presses, speaker });
Object.assign(globalThis, { directline: { live, presses, speaker } });

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
    const open =
      ordered(live.state).find((one) => ASKING.includes(one.state)) || live.state.alerts[known?.id];
    if (open) follow(open);
    else if (known && (known.seq ?? 0) <= frame.seq)
      follow({ ...known, version: Infinity, state: 'closed' });
  }
  const site = live.state.site;
  if (site && site !== memory.site) {
    const changed = site.language !== memory.site.language;
    memory.site = site;
    keep('booth.site', {
      language: site.language,
      timezone: site.timezone,
      emergency_number: site.emergency_number,
      place_word: site.place_word,
      code: site.code,
    });
    if (changed) speak(site.language);
  }
}

async function beat() {
  const battery = await /** @type {any} */ (navigator).getBattery?.().catch(() => null);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 5000);
  try {
    const answer = await fetch('/v1/heartbeats?as=booth', {
      method: 'POST',
      cache: 'no-store',
      signal: stop.signal,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        device_time: new Date().toISOString(),
        period_s: HEARTBEAT_MS / 1000,
        ...(battery ? { battery: Math.round(battery.level * 100) } : {}),
      }),
    });
    const said = answer.ok ? await answer.json() : null;
    memory.online = Boolean(said?.server_time);
    if (memory.online) memory.checkedAt = Date.now();
    memory.unpaired = answer.status === 401;
  } catch {
    memory.online = false;
  } finally {
    clearTimeout(timer);
  }
  show();
}

async function learnBooth() {
  try {
    const answer = await fetch('/v1/whoami?as=booth', { cache: 'no-store' });
    if (!answer.ok) return;
    memory.booth = (await answer.json()).booth ?? memory.booth;
    keep('booth.number', memory.booth);
  } catch {
    /* The number of before the outage stays. */
  }
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
  speaker.unlock().then(() => {
    if (speaker.playing === 'siren') return;
    speaker.play('none', 0);
    speaker.play('chirp', GAINS.chirp);
  });
}

async function reportMistake() {
  const alert = memory.alert;
  if (!alert) return;
  memory.mistake = 'sending';
  show();
  const body = JSON.stringify({ action_id: newId(), action: 'mistake', person: 'guest' });
  while (memory.alert?.id === alert.id && memory.mistake === 'sending') {
    try {
      const answer = await fetch(`/v1/alerts/${encodeURIComponent(alert.id)}/actions?as=booth`, {
        method: 'POST',
        keepalive: true,
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      if (answer.ok) memory.mistake = 'told';
      else if (answer.status < 500) memory.mistake = null; // Refused: nothing was told to anybody.
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, 2000);
      });
    }
  }
  show();
}

function facts() {
  const fresh = live.fresh() || (memory.online && Date.now() - memory.checkedAt < HEARTBEAT_OLD_MS);
  const asking = memory.alert && ASKING.includes(memory.alert.state) ? memory.alert : null;
  return {
    alert: asking,
    waiting: presses.waiting.length > 0,
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

const help = at('help');
let pointed = 0; // While a finger is down, and shortly after, a click is its echo.
help.addEventListener('pointerdown', (event) => {
  clearTimeout(pointed);
  pointed = Infinity;
  event.preventDefault();
  touched();
});
for (const name of ['pointerup', 'pointercancel']) {
  document.addEventListener(name, () => {
    if (pointed)
      pointed = setTimeout(() => {
        pointed = 0;
      }, 500);
  });
}
help.addEventListener('keydown', (event) => {
  if (event.key !== ' ' && event.key !== 'Enter') return;
  event.preventDefault();
  if (!event.repeat) touched();
});
// A screen reader's click comes alone; after a pointer or a key the press has been counted.
help.addEventListener('click', (event) => {
  event.preventDefault();
  if (!pointed) touched();
});
at('form').addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('contextmenu', (event) => event.preventDefault());
at('mistake').addEventListener('click', reportMistake);
at('language').addEventListener('click', () => {
  speak(language() === 'en' ? 'nl' : 'en', true);
  memory.spokenUntil = performance.now() + LANGUAGE_MS;
  show();
});
document.addEventListener('keydown', (event) => {
  if (
    (event.key === ' ' || event.key === 'Enter') &&
    event.target === document.body &&
    !event.repeat
  )
    touched();
});

let hold = 0;
document.addEventListener('pointerdown', () => {
  clearTimeout(hold);
  if (memory.spokenUntil < Infinity) memory.spokenUntil = performance.now() + LANGUAGE_MS;
  hold = setTimeout(() => {
    if (presses.failing()) memory.silentUntil = performance.now() + SIREN_OFF_MS;
    show();
  }, HOLD_MS);
});
for (const name of ['pointerup', 'pointercancel', 'touchend', 'click', 'keydown']) {
  document.addEventListener(name, () => {
    if (name.startsWith('pointer')) clearTimeout(hold);
    speaker.unlock(); // On a touch screen only the lifted finger counts as a gesture.
  });
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
}, 250);
setInterval(beat, HEARTBEAT_MS);
navigator.serviceWorker?.register('/sw.js').catch(() => {
  /* Then it only loads with a network. */
});
at('sent').remove(); // It is for browsers without scripts.
dress(document);
stayAwake();
learnBooth();
beat();
show();
