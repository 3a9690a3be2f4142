/**
 * The incident page of one alert, in its plain form: what is known, who is coming, the timeline,
 * and large buttons. It does not sound; that is the wall's work.
 */
import { Actions } from './actions.js';
import { ask, at, keyed, make } from './dom.js';
import { handLink, openLine, showLineWay, toPanel } from './line_way.js';
import { LOST_MS, Live, STALE_MS } from './live.js';
import './state.js';
import { duration, keep, kept, say, speak, t } from './strings.js';
import {
  MARKS,
  eventLine,
  nextStep,
  noExtra,
  notes,
  people,
  placeOf,
  remember,
  soundOf,
  stateLine,
} from './view.js';
import './words.js';

const ANSWERS = ['on_my_way', 'at_booth', 'more_people', 'cannot_go'];
const ENDINGS = ['safe', 'stand_down', 'close'];

/** @typedef {Object<string, any>} Json */
const number = Number(location.pathname.split('/').filter(Boolean).pop());
const memory = {
  /** @type {Json} */ who: kept('wall.who') || { kind: 'tablet' },
  /** @type {Json|null} */ alert: null,
  /** @type {Json[]} */ timeline: [],
  language: '',
};
/** @type {Live|null} */
let live = null;
speak(kept('wall.language'));

const actions = new Actions({
  as: () => memory.who.kind,
  site: () => live?.state.site ?? null,
  now: () => live?.now() ?? Date.now(),
  alert: () => memory.alert ?? undefined,
  onStored: (alert, action) => {
    newer(alert);
    show();
    if (action === 'open_line') toPanel(alert);
  },
});
Object.assign(globalThis, {
  directline: {
    get live() {
      return live;
    },
    actions,
  },
});

/** @param {Json|undefined} alert */
function newer(alert) {
  if (alert && alert.number === number && (alert.version ?? 0) >= (memory.alert?.version ?? 0)) {
    memory.alert = { ...memory.alert, ...alert };
  }
}

async function findKind() {
  for (const kind of new Set([kept('wall.kind'), 'tablet', 'screen', 'monitor'].filter(Boolean))) {
    const { status, body } = await ask('/v1/whoami', { as: kind });
    if (status === 200) return { ...body, kind };
  }
  return null;
}

/** The alert by its number, and all that has happened to it. */
async function load() {
  const as = memory.who.kind;
  let id = memory.alert?.id;
  if (!id) {
    const { status, body } = await ask(`/v1/alerts?before=${number + 1}&limit=1`, { as });
    id = body.alerts?.[0]?.number === number ? body.alerts[0].id : null;
    if (!id) return say(at('missing'), t(status === 200 ? 'no_alert' : 'not_saved'));
  }
  const { status, body } = await ask(`/v1/alerts/${encodeURIComponent(id)}`, { as });
  if (status !== 200) return setTimeout(load, 2000);
  newer(body);
  const seen = new Set(body.timeline.map((/** @type {Json} */ one) => one.seq));
  memory.timeline = [...body.timeline, ...memory.timeline.filter((one) => !seen.has(one.seq))];
  return show();
}

/** @param {Json} frame */
function heard(frame) {
  if (frame.type === 'snapshot') load();
  if (frame.alert) newer(frame.alert);
  if (frame.event && memory.alert && frame.event.alert === memory.alert.id) {
    if (!memory.timeline.some((one) => one.seq === frame.event.seq))
      memory.timeline.push(frame.event);
  }
  const site = live?.state.site;
  if (site && site.language !== memory.language) {
    memory.language = site.language;
    keep('wall.language', site.language);
    speak(site.language);
    for (const id of ['answers', 'endings']) at(id).replaceChildren();
    at('care').firstElementChild?.replaceChildren();
  }
  show();
}

/** @param {HTMLElement|null} parent @param {[string, string, Json][]} rows key, action, fields */
function buttons(parent, rows) {
  if (!parent) return;
  keyed(
    parent,
    rows,
    ([key]) => key,
    ([key, action, fields]) =>
      make('button', {
        class: `act${['stand_down', 'close'].includes(action) ? ' ending' : ''}`,
        type: 'button',
        text: t(key),
        data: { action },
        click: () => memory.alert && actions.start(memory.alert, action, fields),
      }),
  );
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
        : `${t('lost')} · ${t('lost_age', { time: duration(age) })}`,
  );
  const { alert } = memory;
  const site = live?.state.site ?? null;
  at('panel').hidden = !alert;
  at('missing').hidden = Boolean(alert);
  if (!alert || !live) return;
  const now = live.now();
  const extra = memory.timeline.reduce(remember, noExtra());
  document.body.dataset.drill = String(Boolean(alert.drill));
  Object.assign(at('panel').dataset, {
    state: alert.state,
    sound: soundOf(alert),
    drill: String(Boolean(alert.drill)),
  });
  document.title = `#${alert.number} ${placeOf(alert, site)}`;
  say(
    at('place'),
    `#${alert.number} ${alert.drill ? `${t('drill')} ` : ''}${placeOf(alert, site)}`,
  );
  say(
    at('elapsed'),
    duration((alert.closed_at ? Date.parse(alert.closed_at) : now) - Date.parse(alert.raised_at)),
  );
  say(at('mark'), MARKS[/** @type {keyof MARKS} */ (alert.state)] ?? '***');
  say(at('state'), stateLine(alert, site));
  say(at('alarm'), `${placeOf(alert, site)}: ${stateLine(alert, site)}`);
  const who = people(alert, site);
  keyed(
    at('notes'),
    notes(alert, site, extra, now).filter((one) => one.name !== 'coming'), // Told above, with times.
    (one) => one.name + one.text.replace(/\d+:\d+/g, ''),
    (one) => make('li', { data: { note: one.name } }),
    (node, one) => say(node, one.text),
  );
  const since = (alert.answers || []).map((/** @type {Json} */ one) => ({
    key: one.person,
    text: `${one.name} ${t(`event_${one.answer}`)} ${duration(now - Date.parse(one.at))}`,
  }));
  keyed(
    at('people'),
    alert.state === 'closed' ? [] : since,
    (one) => one.key,
    () => make('li'),
    (node, one) => say(node, one.text),
  );
  const step = nextStep(alert, site, now);
  at('next').hidden = !step;
  if (step) {
    say(at('next').firstElementChild, step.text);
    /** @type {HTMLElement} */ (at('next').querySelector('.bar > i')).style.transform =
      `scaleX(${step.part.toFixed(3)})`;
  }
  showButtons(alert, who.there.length > 0);
  showTimeline(site);
}

/** @param {Json} alert @param {boolean} somebodyThere */
function showButtons(alert, somebodyThere) {
  const tablet = memory.who.kind === 'tablet';
  const open = tablet && alert.state !== 'closed';
  const care = alert.care || {};
  buttons(at('answers'), open ? ANSWERS.map((one) => [`do_${one}`, one, {}]) : []);
  // A drill can become real at any moment, and is never opened again.
  const endings = open
    ? [...(alert.drill ? ['make_real'] : []), ...ENDINGS]
    : tablet && !alert.drill
      ? ['reopen']
      : [];
  at('line').hidden = !open;
  if (open) showLineWay(at('line'), alert, live?.state.site ?? null);
  buttons(
    at('endings'),
    endings.map((one) => [`do_${one}`, one, {}]),
  );
  at('care').hidden = !open;
  buttons(/** @type {HTMLElement} */ (at('care').firstElementChild), [
    [care.oxygen ? 'oxygen_off' : 'oxygen_on', 'oxygen', { on: !care.oxygen }],
    ['do_naloxone', 'naloxone', {}],
    ['do_breathing', 'breathing', {}],
    ['do_take_job', 'take_job', {}],
    ['do_classify', 'classify', {}],
  ]);
  const jobs = Object.entries(alert.jobs || {}).map(
    ([job, person]) => `${t(`job_${job}`)} ${nameOf(person)}`,
  );
  const facts = [
    ['do_classify', t(`kind_${alert.kind || 'unclear'}`)],
    ['do_take_job', jobs.join(' · ') || t('not_known')],
    [
      'do_breathing',
      care.breathing
        ? `${t(`breathing_${care.breathing}`)}, ${t(`awake_${care.awake}`)}`
        : t('not_known'),
    ],
  ];
  at('care').dataset.there = String(somebodyThere);
  keyed(
    at('facts'),
    facts.flatMap(([key, text]) => [
      { key: `${key}.t`, text: t(key) },
      { key: `${key}.d`, text },
    ]),
    (one) => one.key,
    (one) => make(one.key.endsWith('.t') ? 'dt' : 'dd'),
    (node, one) => say(node, one.text),
  );
}

/** @param {string} person */
function nameOf(person) {
  return (
    (live?.state.site?.people || []).find((/** @type {Json} */ one) => one.id === person)?.name ??
    person
  );
}

/** @param {Json|null} site */
function showTimeline(site) {
  const lines = [...memory.timeline].sort((one, other) => other.seq - one.seq);
  keyed(
    at('timeline'),
    lines,
    (one) => String(one.seq),
    (one) => {
      const line = eventLine(one, site);
      return make(
        'li',
        { data: { event: one.name } },
        make('time', { text: line.time }),
        make('span', { text: line.text }),
      );
    },
  );
}

for (const action of ['direct_line', 'line_panel']) {
  at('line').append(
    make('button', {
      class: 'act',
      type: 'button',
      data: { action },
      click: () => memory.alert && openLine(actions, memory.alert),
    }),
  );
}
at('line').append(handLink());

async function begin() {
  for (;;) {
    const who = await findKind();
    if (who) {
      memory.who = who;
      break;
    }
    say(at('missing'), t('screen_unpaired'));
    await new Promise((resolve) => {
      setTimeout(resolve, 3000);
    });
  }
  live = new Live({ as: memory.who.kind, onFrame: heard, onLink: show });
  setInterval(show, 250);
}

begin();
