/**
 * The drill page: begin one, see how it goes, stop it, and read how the last ones went. It shows
 * nothing as begun or stopped that the server has not said.
 */
import { Actions } from './actions.js';
import { ask, at, keyed, make } from './dom.js';
import './words.js';
import './drill_words.js';
import { showLink } from './house.js';
import { Live } from './live.js';
import './state.js';
import { clock, duration, keep, kept, language, newId, say, speak, t, two } from './strings.js';
import { MARKS, placeOf, placeWord, stateLine } from './view.js';

/** @typedef {Object<string, any>} Json */
const TYPES = ['full', 'booth'];
const MAY_START = ['coordinator', 'manager'];
const RETRY_MS = 2000;
const memory = {
  /** @type {Json} */ who: kept('wall.who') || { kind: 'tablet' },
  paired: true,
  /** @type {Json|null} */ list: null,
  /** @type {Json|null} */ alert: null,
  /** @type {Json} */ chosen: {},
  drillId: newId(),
  busy: false,
  reading: false,
  again: false,
  ended: '',
  why: '',
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
  onStored: () => read(),
});
Object.assign(globalThis, {
  directline: {
    get live() {
      return live;
    },
    actions,
  },
});

async function findKind() {
  for (const kind of new Set([kept('wall.kind'), 'tablet', 'screen', 'monitor'].filter(Boolean))) {
    const { status, body } = await ask('/v1/whoami', { as: kind });
    if (status === 200) return { ...body, kind };
  }
  return null;
}

const running = () => live?.state.site?.drill ?? null;

/** Read the list, and the drill that runs with its score; once more if something came meanwhile. */
async function read() {
  if (memory.reading) {
    memory.again = true;
    return;
  }
  memory.reading = true;
  do {
    memory.again = false;
    const as = memory.who.kind;
    const list = await ask('/v1/drills', { as });
    if (list.status === 200) memory.list = list.body;
    else if (list.status === 0 || list.status >= 500) setTimeout(read, RETRY_MS);
    const id = running()?.alert;
    const found = id ? await ask(`/v1/alerts/${encodeURIComponent(id)}`, { as }) : null;
    memory.alert = found?.status === 200 ? found.body : id ? memory.alert : null;
    show();
  } while (memory.again);
  memory.reading = false;
}

/** @param {Json} frame */
function heard(frame) {
  const { event, alert } = frame;
  const site = live?.state.site;
  if (site && site.language !== memory.language) {
    memory.language = site.language;
    keep('wall.language', site.language);
    speak(site.language);
    for (const id of ['types', 'booths-of', 'people', 'past', 'score']) at(id).replaceChildren();
  }
  if (event?.name === 'drill_started') memory.ended = '';
  if (event?.name === 'drill_ended') memory.ended = event.data?.reason ?? '';
  if (alert && alert.id === memory.alert?.id) memory.alert = { ...memory.alert, ...alert };
  if (frame.type === 'snapshot' || event?.name === 'site_changed' || alert) read();
  show();
}

/** @param {SubmitEvent} event */
async function start(event) {
  event.preventDefault();
  const { type, booth, person } = memory.chosen;
  const pin = /** @type {HTMLInputElement} */ (at('pin'));
  if (memory.busy || !type || booth == null || !person) {
    memory.why = t('drill_choose');
    show();
    return;
  }
  memory.busy = true;
  memory.why = '';
  show();
  const body = { drill_id: memory.drillId, type, booth, person, pin: pin.value };
  let answer = await ask('/v1/drills', { as: memory.who.kind, body });
  while (!answer.status || answer.status >= 500) {
    memory.why = t('not_saved_more');
    show();
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MS);
    });
    answer = await ask('/v1/drills', { as: memory.who.kind, body });
  }
  memory.busy = false;
  pin.value = '';
  memory.why = answer.status < 300 ? '' : refusal(answer.body, person);
  if (answer.status < 300) {
    memory.drillId = newId();
    memory.chosen = {};
    memory.alert = answer.body.alert;
  }
  await read();
}

/** Why no drill was begun, in the words of this page where it has them.
 * @param {Json} body @param {string} person */
function refusal(body, person) {
  const problem = String(body.type || '').replace('urn:directline:', '');
  if (problem === 'pin_needed' || problem === 'wrong_pin') return t('pin_wrong');
  if (problem === 'pin_wait') return t('pin_wait', { name: nameOf(person), n: 30 });
  if (problem === 'drill') return ''; // The sentence above the form says it.
  return t('drill_no', { why: body.detail || body.title || '?' });
}

async function stop() {
  if (memory.busy) return;
  memory.busy = true;
  show();
  for (;;) {
    const as = memory.who.kind;
    const { status } = await ask('/v1/drills/current', { as, method: 'DELETE' });
    if (status && status < 500) break;
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MS);
    });
  }
  memory.busy = false;
  await read();
}

const people = () => /** @type {Json[]} */ (live?.state.site?.people ?? []);
const nameOf = (/** @type {string} */ id) => people().find((one) => one.id === id)?.name ?? id;

/** Day and time at the site. @param {string} moment */
function when(moment) {
  const zone = live?.state.site?.timezone;
  const day = new Intl.DateTimeFormat(language(), {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: zone || undefined,
  }).format(new Date(moment));
  return `${day} ${clock(moment, zone, false)}`;
}

/** One of several to be chosen, as a button that stays down.
 * @param {string} parent @param {string} field @param {Json[]} all value, text and more of each */
function choices(parent, field, all) {
  keyed(
    at(parent),
    all,
    (one) => String(one.value),
    (one) =>
      make(
        'button',
        {
          class: 'act choice',
          type: 'button',
          disabled: one.disabled,
          data: { [field]: one.value },
          click: () => {
            memory.chosen = { ...memory.chosen, [field]: one.value };
            memory.why = '';
            show();
          },
        },
        make('b', { text: one.text }),
        one.more ? make('small', { text: one.more }) : null,
      ),
    (node, one) => node.setAttribute('aria-pressed', String(memory.chosen[field] === one.value)),
  );
}

/** The score in words. @param {Json} score @param {string} type @returns {[string, string][]} */
function scoreRows(score, type) {
  const seconds = (/** @type {number|null} */ value) =>
    value == null ? '–' : `${value.toFixed(value < 10 ? 1 : 0)} s`;
  const missed = /** @type {string[]} */ (score.not_reached ?? []);
  return [
    [t('drill_sounding'), seconds(score.sounding_s)],
    [t('drill_answer'), seconds(score.first_answer_s)],
    [t('drill_at_booth'), seconds(score.at_booth_s)],
    [
      t('drill_missed'),
      type === 'booth'
        ? t('drill_missed_phones')
        : missed.map(nameOf).join(', ') || t('drill_missed_none'),
    ],
  ];
}

/** @param {Element} list @param {[string, string][]} rows */
function facts(list, rows) {
  keyed(
    list,
    rows.flatMap(([name, value]) => [
      { key: name, tag: 'dt', text: name },
      { key: `${name}=`, tag: 'dd', text: value },
    ]),
    (one) => one.key,
    (one) => make(one.tag),
    (node, one) => say(node, one.text),
  );
}

function showRunning() {
  const drill = running();
  const alert = memory.alert?.id === drill?.alert ? memory.alert : null;
  const site = live?.state.site ?? null;
  at('running').hidden = !drill;
  document.body.dataset.drill = String(Boolean(drill));
  if (!drill) return;
  at('running').dataset.state = alert?.state ?? 'unanswered';
  say(at('place'), `${t('drill')} · ${placeOf({ booth: drill.booth }, site)} · #${drill.number}`);
  say(at('elapsed'), duration((live?.now() ?? Date.now()) - Date.parse(drill.started_at)));
  say(at('mark'), MARKS[/** @type {keyof MARKS} */ (alert?.state)] ?? '***');
  say(at('state'), stateLine(alert ?? { state: 'unanswered' }, site));
  if (alert?.score) facts(at('score'), scoreRows(alert.score, drill.type));
  const tablet = memory.who.kind === 'tablet';
  at('stop').hidden = !tablet;
  at('real').hidden = !tablet;
  /** @type {HTMLButtonElement} */ (at('stop')).disabled = memory.busy;
  /** @type {HTMLAnchorElement} */ (at('page')).href = `/alert/${drill.number}`;
}

function showForm() {
  const site = live?.state.site;
  const tablet = memory.who.kind === 'tablet';
  at('form').hidden = !site || Boolean(running()) || !tablet;
  if (at('form').hidden || !site) return;
  choices(
    'types',
    'type',
    TYPES.map((type) => ({
      value: type,
      text: t(`drill_type_${type}`),
      more: t(`drill_type_${type}_more`),
    })),
  );
  choices(
    'booths-of',
    'booth',
    site.booths.map((/** @type {Json} */ one) => ({
      value: one.number,
      text: `${placeWord(site)} ${two(one.number)}`,
    })),
  );
  const may = people().filter((one) => one.roles.some((/** @type {string} */ role) => MAY_START.includes(role)));
  choices(
    'people',
    'person',
    may.map((one) => ({
      value: one.id,
      text: one.name,
      more: one.has_pin ? '' : t('no_pin'),
      disabled: !one.has_pin,
    })),
  );
  const somebody = may.some((one) => one.has_pin);
  say(at('why'), memory.why || (somebody ? '' : t('drill_nobody')));
  const possible = memory.list?.next.possible === true && somebody && !memory.busy;
  /** @type {HTMLButtonElement} */ (at('start')).disabled = !possible;
  say(at('start'), memory.busy ? t('saving') : t('drill_start'));
}

function nextText() {
  const next = memory.list?.next;
  if (!next) return '';
  if (memory.who.kind !== 'tablet') return t('drill_tablet');
  if (next.possible) return t('drill_next_now');
  if (next.why === 'running') return t('drill_next_running');
  if (!next.at) return t('drill_next_open', { n: next.number });
  return t(`drill_next_${next.why}`, { time: when(next.at) });
}

function showPast() {
  const all = /** @type {Json[]} */ (memory.list?.drills ?? []);
  const shown = all.length ? all : [{ alert: 'none' }];
  keyed(
    at('past'),
    shown,
    (one) => one.alert,
    (one) =>
      one.alert === 'none'
        ? make('li', { text: t('drill_none') })
        : make('li', {}, make('p'), make('small'), make('dl', { class: 'facts' })),
    (node, one) => {
      const list = node.querySelector('dl');
      if (!list) return;
      const place = placeOf(one, live?.state.site ?? null);
      say(node.querySelector('p'), `${when(one.started_at)} · ${place} · #${one.number}`);
      const how = one.reason ? t(`drill_ended_${one.reason}`) : t('drill_now');
      const by = t('drill_by', { name: nameOf(one.person) });
      say(node.querySelector('small'), [t(`drill_type_${one.type}`), by, how].join(' · '));
      facts(list, scoreRows(one.score, one.type));
    },
  );
}

function show() {
  const age = live?.age() ?? performance.now();
  showLink(memory.paired, Boolean(live?.state.site), age);
  showRunning();
  const real = ['real_alert', 'made_real'].includes(memory.ended);
  say(
    at('ended'),
    running() || !memory.ended
      ? ''
      : real
        ? t('drill_stopped')
        : `${t('drill')}: ${t(`drill_ended_${memory.ended}`)}`,
  );
  say(at('next'), running() ? '' : nextText());
  showForm();
  showPast();
}

async function begin() {
  const who = await findKind();
  memory.paired = Boolean(who);
  if (!who) {
    show();
    setTimeout(begin, RETRY_MS * 2);
    return;
  }
  memory.who = who;
  live = new Live({ as: who.kind, onFrame: heard, onLink: show });
  show();
}

at('form').addEventListener('submit', (event) => start(/** @type {SubmitEvent} */ (event)));
at('stop').addEventListener('click', stop);
at('real').addEventListener('click', () => memory.alert && actions.start(memory.alert, 'make_real'));
setInterval(show, 250);
// When the next one may begin comes by itself, without an event.
setInterval(() => live && read(), 30000);
begin();
