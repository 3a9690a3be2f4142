/**
 * The drill page: begin one, see how it goes, stop it, and read how the last ones went. It shows
 * nothing as begun or stopped that the server has not said.
 */
import { FIELDS } from './actions.js';
import { ask, at, keyed, make } from './dom.js';
import './drill_words.js';
import { House, choices, facts } from './house.js';
import { duration, newId, say, t, two } from './strings.js';
import { MARKS, placeOf, placeWord, stateLine } from './view.js';

/** @typedef {Object<string, any>} Json */
const TYPES = ['full', 'booth'];
const TOLD = ['all', 'nobody'];
const VISITS = [0, 1, 2, 3, 4, 5];
FIELDS.wrong_booth = { visits: VISITS };
const RETRY_MS = 2000;
const memory = {
  /** @type {Json|null} */ list: null,
  /** @type {Json|null} */ alert: null,
  /** @type {Json} */ chosen: {},
  drillId: newId(),
  busy: false,
  reading: false,
  again: false,
  ended: '',
  why: '',
};
const house = new House({
  onShow: () => show(),
  onFrame: heard,
  onLanguage: () => {
    for (const id of ['types', 'booths-of', 'told', 'people', 'past', 'score']) at(id).replaceChildren();
  },
  onStored: () => read(),
  hides: (name) => name === running()?.alert || name.startsWith('drill_'),
});

const running = () => house.site()?.drill ?? null;

/** Read the list, and the drill that runs with its score; once more if something came meanwhile. */
async function read() {
  if (memory.reading) {
    memory.again = true;
    return;
  }
  memory.reading = true;
  do {
    memory.again = false;
    const as = house.who.kind;
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
  if (event?.name === 'drill_started') memory.ended = '';
  if (event?.name === 'drill_ended') memory.ended = event.data?.reason ?? '';
  if (alert && alert.id === memory.alert?.id) memory.alert = { ...memory.alert, ...alert };
  if (frame.type === 'snapshot' || event?.name === 'site_changed' || alert) read();
}

/** @param {SubmitEvent} event */
async function start(event) {
  event.preventDefault();
  const { type, booth, told, person } = memory.chosen;
  const pin = /** @type {HTMLInputElement} */ (at('pin'));
  if (memory.busy || !type || booth == null || !told || !person) {
    memory.why = t('drill_choose');
    show();
    return;
  }
  memory.busy = true;
  memory.why = '';
  show();
  const body = { drill_id: memory.drillId, type, booth, told, person, pin: pin.value };
  const answer = await house.send(t('drill_start'), '/v1/drills', { body });
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

/** Why no drill was begun; that one may not begin yet, the sentence above the form says.
 * @param {Json} body @param {string} person */
const refusal = (body, person) =>
  String(body.type || '').endsWith(':drill') ? '' : house.refusal(body, person, 'drill_no');

async function stop() {
  if (memory.busy) return;
  memory.busy = true;
  show();
  await house.send(t('drill_stop'), '/v1/drills/current', { method: 'DELETE' });
  memory.busy = false;
  await read();
}

/** One of several to be chosen: what, where or who. @param {string} parent @param {string} field
 * @param {{value: any, text: string, more?: string, disabled?: boolean}[]} all */
function choose(parent, field, all) {
  choices(
    parent,
    all,
    memory.chosen[field] ?? null,
    (value) => {
      memory.chosen = { ...memory.chosen, [field]: value };
      memory.why = '';
      show();
    },
    field,
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
        : missed.map((one) => house.nameOf(one)).join(', ') || t('drill_missed_none'),
    ],
    [t('drill_wrong'), String(score.wrong_booth_visits ?? '–')],
  ];
}

/** Whoever watched says how often people went to another booth than the drill's. @param {Json} alert */
const noteWrong = (alert) => house.actions.start(alert, 'wrong_booth');

function showRunning() {
  const drill = running();
  const alert = memory.alert?.id === drill?.alert ? memory.alert : null;
  const site = house.site();
  at('running').hidden = !drill;
  if (!drill) return;
  at('running').dataset.state = alert?.state ?? 'unanswered';
  say(at('place'), `${t('drill')} · ${placeOf({ booth: drill.booth }, site)} · #${drill.number}`);
  say(at('elapsed'), duration(house.now() - Date.parse(drill.started_at)));
  say(at('mark'), MARKS[/** @type {keyof MARKS} */ (alert?.state)] ?? '***');
  say(at('state'), stateLine(alert ?? { state: 'unanswered' }, site));
  if (alert?.score) facts(at('score'), scoreRows(alert.score, drill.type));
  const tablet = house.isTablet();
  at('stop').hidden = !tablet;
  at('real').hidden = !tablet;
  /** @type {HTMLButtonElement} */ (at('stop')).disabled = memory.busy;
  at('wrong').hidden = !tablet || !alert;
  /** @type {HTMLAnchorElement} */ (at('page')).href = `/alert/${drill.number}`;
}

function showForm() {
  const site = house.site();
  const tablet = house.isTablet();
  at('form').hidden = !site || Boolean(running()) || !tablet;
  if (at('form').hidden || !site) return;
  choose(
    'types',
    'type',
    TYPES.map((type) => ({
      value: type,
      text: t(`drill_type_${type}`),
      more: t(`drill_type_${type}_more`),
    })),
  );
  choose(
    'booths-of',
    'booth',
    site.booths.map((/** @type {Json} */ one) => ({
      value: one.number,
      text: `${placeWord(site)} ${two(one.number)}`,
    })),
  );
  choose(
    'told',
    'told',
    TOLD.map((told) => ({ value: told, text: t(`drill_told_${told}`), more: t(`drill_told_${told}_more`) })),
  );
  const may = house.inCharge();
  choose('people', 'person', house.withPin(may));
  const somebody = may.some((one) => one.has_pin);
  say(at('why'), house.still(memory.why) || (somebody ? '' : t('drill_nobody')));
  const possible = memory.list?.next.possible === true && somebody && !memory.busy;
  /** @type {HTMLButtonElement} */ (at('start')).disabled = !possible;
  say(at('start'), memory.busy ? t('saving') : t('drill_start'));
}

function nextText() {
  const next = memory.list?.next;
  if (!next) return '';
  if (!house.isTablet()) return t('drill_tablet');
  if (next.possible) return t('drill_next_now');
  if (next.why === 'running') return t('drill_next_running');
  if (!next.at) return t('drill_next_open', { n: next.number });
  return t(`drill_next_${next.why}`, { time: house.when(next.at) });
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
        : make(
            'li',
            {},
            ...[make('p'), make('small'), make('dl', { class: 'facts' })],
            make('button', {
              ...{ class: 'quiet', type: 'button', text: t('do_wrong_booth') },
              data: { action: 'wrong_booth' },
              click: () => noteWrong({ id: one.alert, booth: one.booth, drill: true }),
            }),
          ),
    (node, one) => {
      const list = node.querySelector('dl');
      if (!list) return;
      const place = placeOf(one, house.site());
      say(node.querySelector('p'), `${house.when(one.started_at)} · ${place} · #${one.number}`);
      const how = one.reason ? t(`drill_ended_${one.reason}`) : t('drill_now');
      const by = t('drill_by', { name: house.nameOf(one.person) });
      const told = one.told && t(`drill_was_told_${one.told}`);
      const said = [t(`drill_type_${one.type}`), by, told, how];
      say(node.querySelector('small'), said.filter(Boolean).join(' · '));
      const note = /** @type {HTMLElement} */ (node.lastChild);
      note.hidden = one !== all[0] || !one.ended_at || !house.isTablet();
      facts(list, scoreRows(one.score, one.type));
    },
  );
}

function show() {
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

at('form').addEventListener('submit', (event) => start(/** @type {SubmitEvent} */ (event)));
at('stop').addEventListener('click', stop);
at('real').addEventListener(
  'click',
  () => memory.alert && house.actions.start(memory.alert, 'make_real'),
);
at('wrong').addEventListener('click', () => memory.alert && noteWrong(memory.alert));
// When the next one may begin comes by itself, without an event.
setInterval(() => house.live && read(), 30000);
