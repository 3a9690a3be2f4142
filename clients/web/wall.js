/**
 * The wall: every open alert of the site, seen and heard, and the plain truth about whether this
 * screen could alarm. It shows nothing as stored, seen or coming that the server has not said.
 */
import { Actions } from './actions.js';
import { Arm } from './arm.js';
import { bands, boothRow, duty, faults, header } from './around.js';
import { ask, at, keyed } from './dom.js';
import { lineKey, openLine, toPanel } from './line_way.js';
import { LOST_MS, Live, STALE_MS } from './live.js';
import { GAINS, Speaker } from './sound.js';
import { ASKING, ordered } from './state.js';
import { clock, keep, kept, say, speak, t } from './strings.js';
import { makeLine, makeTile, updateLine, updateTile } from './tile.js';
import { breaksSilence, isLoud, noExtra, placeOf, remember, soundOf, stateLine } from './view.js';
import './words.js';

const SILENCE_MS = 60000;
const FROZEN_MS = 600;
const FAULT_EVERY_MS = 15 * 60000;
const DRILL_STOPPED_MS = 60000;
const TILES_MOST = 4;

/** @typedef {Object<string, any>} Json */
const speaker = new Speaker();
const memory = {
  /** @type {Json} */ who: kept('wall.who') || { kind: 'screen' },
  paired: true,
  /** @type {Json|null} */ last: null,
  /** @type {Map<string, import('./view.js').Extra>} */ extras: new Map(),
  silencedUntil: 0,
  sounding: '',
  faultAt: -Infinity,
  touchedAt: -Infinity,
  drillStoppedAt: -Infinity,
  language: '',
  spoken: new Map(),
};
/** @type {Live|null} */
let live = null;
speak(kept('wall.language'));
const arm = new Arm({ speaker, onChange: () => changed() });
const actions = new Actions({
  as: () => memory.who.kind,
  site: () => live?.state.site ?? null,
  now: () => live?.now() ?? Date.now(),
  alert: (id) => live?.state.alerts[id],
  onStored: (alert, action) => action === 'open_line' && toPanel(alert),
});
Object.assign(globalThis, {
  directline: {
    get live() {
      return live;
    },
    speaker,
    arm,
    actions,
  },
});

/** Which kind this browser is paired as; a server that is away does not unpair anybody. */
async function whoAmI() {
  const asked = new URLSearchParams(location.search).get('as');
  const kinds = asked ? [asked] : [...new Set([kept('wall.kind'), 'tablet', 'screen', 'monitor'])];
  for (;;) {
    let away = false;
    for (const kind of kinds.filter(Boolean)) {
      const { status, body } = await ask('/v1/whoami', { as: kind });
      if (status === 200 && (body.kind ?? kind) === kind) return { ...body, kind };
      away ||= status === 0 || status >= 500;
    }
    const known = kept('wall.who');
    if (away && known) return known;
    memory.paired = away;
    show();
    await new Promise((resolve) => {
      setTimeout(resolve, away ? 2000 : 5000);
    });
  }
}

async function begin() {
  memory.who = await whoAmI();
  memory.paired = true;
  keep('wall.who', memory.who);
  live = new Live({
    as: memory.who.kind,
    onFrame: heard,
    onLink: (link) => {
      if (link !== 'open') memory.silencedUntil = 0; // Lost connection ends a silence.
      memory.paired = link !== 'unpaired' && link !== 'refused';
      show();
    },
    proof: ['screen', 'tablet'].includes(memory.who.kind) ? proof : undefined,
  });
  show();
}

/** @param {Json} frame @param {import('./state.js').State} before */
function heard(frame, before) {
  if (!live) return;
  const { event, alert } = frame;
  if (frame.type === 'snapshot') readBack();
  if (event && breaksSilence(event) && alert && ASKING.includes(alert.state))
    memory.silencedUntil = 0;
  if (event?.name === 'drill_ended' && ['real_alert', 'made_real'].includes(event.data?.reason))
    memory.drillStoppedAt = live.now();
  if (event?.alert) {
    const known = memory.extras.get(event.alert) ?? noExtra();
    memory.extras.set(event.alert, remember(known, event));
  }
  if (alert?.state === 'closed') {
    memory.last = alert;
    memory.extras.delete(alert.id);
  }
  if (alert && (!before.alerts[alert.id] || event?.name === 'rung_reached')) announce(alert, event);
  const language = live.state.site?.language;
  if (language && language !== memory.language) {
    memory.language = language;
    keep('wall.language', language);
    speak(language);
    at('tiles').replaceChildren(); // Their buttons are made once, so they are made again.
    at('lines').replaceChildren();
  }
  show();
}

/** A snapshot tells no events: read the open alerts' own timelines, and the last closed alert. */
async function readBack() {
  const as = memory.who.kind;
  ask('/v1/alerts?state=closed&limit=1', { as }).then(({ body }) => {
    memory.last = body.alerts?.[0] ?? memory.last;
  });
  for (const id of Object.keys(live?.state.alerts ?? {})) {
    const { body } = await ask(`/v1/alerts/${encodeURIComponent(id)}`, { as });
    if (body.timeline) memory.extras.set(id, body.timeline.reduce(remember, noExtra()));
  }
}

function proof() {
  const until = memory.silencedUntil;
  return {
    ...arm.proof(),
    sounding: soundingNow(),
    silenced_until: isSilenced() ? new Date(until).toISOString() : null,
    silenced_by: null,
  };
}

const isSilenced = () => Boolean(live) && memory.silencedUntil > /** @type {Live} */ (live).now();
const alerts = () => (live ? ordered(live.state) : []);

/** The alerts this screen is really sounding at this moment. */
function soundingNow() {
  if (speaker.playing !== 'alarm' || speaker.health() !== 'running') return [];
  return alerts()
    .filter((alert) => soundOf(alert) === 'alarm')
    .map((alert) => alert.id);
}

function silence() {
  if (!live) return;
  memory.silencedUntil = live.now() + SILENCE_MS / (live.state.site?.time_scale || 1);
  show();
  live.prove();
}

/** Choose the one sound of this moment; an alert's alarm goes before everything. */
function sound() {
  const all = alerts();
  const wanted = all.map(soundOf);
  const site = live?.state.site ?? null;
  const now = live?.now() ?? Date.now();
  const lost = !live || live.age() > LOST_MS;
  const loud = all.some(
    (alert) =>
      soundOf(alert) === 'alarm' &&
      isLoud(alert, site, memory.extras.get(alert.id) ?? noExtra(), now),
  );
  if (arm.state === 'silent') speaker.play('none', 0);
  else if (wanted.includes('alarm') && !isSilenced())
    speaker.play('alarm', loud ? GAINS.louder : GAINS.alarm);
  else if (arm.state === 'testing') speaker.play('test', GAINS.test);
  else if (wanted.includes('soft') && !isSilenced()) speaker.play('soft', GAINS.soft);
  else if (
    lost &&
    (speaker.playing === 'fault' || performance.now() - memory.faultAt > FAULT_EVERY_MS)
  ) {
    if (speaker.playing !== 'fault') memory.faultAt = performance.now();
    speaker.play('fault', GAINS.fault);
  } else speaker.play('none', 0);
  document.body.dataset.sound = speaker.health() === 'running' ? speaker.playing : 'none';
  document.body.dataset.flash = String(wanted.includes('alarm'));
  const sounding = soundingNow().join();
  if (sounding !== memory.sounding) {
    memory.sounding = sounding;
    live?.prove();
  }
}

function changed() {
  live?.prove();
  show();
}

/** Put an alert into words for those who do not see; a step says its number, so it is read again.
 * @param {Json} alert @param {Json|undefined} event */
function announce(alert, event) {
  const site = live?.state.site ?? null;
  if (alert.state === 'closed') return;
  const place = (alert.drill ? `${t('drill')}, ` : '') + placeOf(alert, site);
  say(
    at('alarm'),
    event?.name === 'rung_reached' && event.data?.rung > 0
      ? t('alert_spoken_step', { place, what: stateLine(alert, site), n: event.data.rung + 1 })
      : t('alert_spoken', { place, time: clock(alert.raised_at, site?.timezone, false) }),
  );
}

function show() {
  sound();
  const all = alerts();
  const site = live?.state.site ?? null;
  const now = live?.now() ?? Date.now();
  const age = live?.age() ?? Infinity;
  const link = !memory.paired
    ? 'unpaired'
    : !live?.heardAt || live.heardAt === -Infinity
      ? age > LOST_MS
        ? 'lost'
        : 'connecting'
      : age > LOST_MS
        ? 'lost'
        : age > STALE_MS
          ? 'stale'
          : 'live';
  document.body.dataset.link = link;
  document.body.dataset.count = String(Math.min(all.length, TILES_MOST + 1));
  document.body.dataset.drill = String(
    Boolean(site?.drill) || (all.length > 0 && all.every((one) => one.drill)),
  );
  const scene = {
    site,
    now,
    link,
    age,
    all,
    who: memory.who,
    silencedUntil: isSilenced() ? memory.silencedUntil : 0,
    crowded: live?.link === 'crowded',
    drillStopped: now - memory.drillStoppedAt < DRILL_STOPPED_MS,
    hidden: arm.state !== 'armed',
    last: memory.last,
  };
  header(scene);
  bands(scene);
  boothRow(scene);
  showAlerts(all, site, now);
  at('quiet').hidden = all.length > 0;
  if (!all.length) {
    say(at('quiet-word'), link === 'live' || link === 'stale' ? t('quiet') : t('quiet_unknown'));
    say(
      at('last'),
      memory.last
        ? t('last_alert', { time: clock(memory.last.raised_at, site?.timezone, false) })
        : t('last_none'),
    );
    duty(scene);
    faults(scene);
  }
  arm.show(clock(now, site?.timezone));
}

/** @param {Json[]} all @param {Json|null} site @param {number} now */
function showAlerts(all, site, now) {
  const many = all.length > TILES_MOST;
  const tiles = many ? all.filter((one) => one.state === 'unanswered') : all;
  const lines = many ? all.filter((one) => one.state !== 'unanswered') : [];
  const scene = (/** @type {Json} */ alert) => ({
    site,
    now,
    extra: memory.extras.get(alert.id) ?? noExtra(),
    buttons: memory.who.kind === 'tablet',
    onAct: act,
  });
  at('tiles').hidden = !tiles.length;
  at('lines').hidden = !lines.length;
  const wide = innerWidth > innerHeight;
  const columns =
    tiles.length < 2
      ? 1
      : tiles.length === 3 && wide
        ? 3
        : Math.ceil(Math.sqrt(tiles.length * (wide ? 1 : 0.5)));
  at('tiles').style.setProperty('--columns', String(columns));
  at('lines').style.setProperty('--columns', String(lines.length > 4 && wide ? 2 : 1));
  // Nothing moves under a finger: a change of layout waits until the last touch is 600 ms old.
  const shown = [...at('tiles').children, ...at('lines').children];
  if (shown.length && performance.now() - memory.touchedAt < FROZEN_MS) {
    for (const node of shown) {
      const alert = all.find((one) => one.id === /** @type {HTMLElement} */ (node).dataset.key);
      if (!alert) continue;
      (node.className === 'tile' ? updateTile : updateLine)(
        /** @type {HTMLElement} */ (node),
        alert,
        scene(alert),
      );
    }
    return;
  }
  keyed(
    at('tiles'),
    tiles,
    (one) => one.id,
    (one) => makeTile(one, scene(one)),
    (node, one) => updateTile(node, one, scene(one)),
  );
  keyed(
    at('lines'),
    lines,
    (one) => one.id,
    (one) => makeLine(one, scene(one)),
    (node, one) => updateLine(node, one, scene(one)),
  );
}

/** @param {string} id @param {string} action */
function act(id, action) {
  const alert = live?.state.alerts[id];
  if (!alert) return;
  if (action === 'other') actions.menu(alert);
  else if (['direct_line', 'line_panel'].includes(action)) openLine(actions, alert);
  else actions.start(alert, action);
}

at('silence').addEventListener('click', silence);
at('full').addEventListener('click', () =>
  document.documentElement.requestFullscreen?.().catch(() => {}),
);
for (const name of ['pointerdown', 'pointerup']) {
  at('tiles').parentElement?.addEventListener(name, () => {
    memory.touchedAt = performance.now();
  });
}
document.addEventListener('fullscreenchange', show);
addEventListener('keydown', (event) => {
  const single = new URLSearchParams(location.search).get('keys') !== 'off';
  if (
    single &&
    event.key.toLowerCase() === 's' &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !document.querySelector('dialog[open]')
  )
    silence();
});
lineKey(() => memory.who.kind === 'tablet' && alerts()[0], actions);
setInterval(show, 250);
begin();
