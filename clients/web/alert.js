/**
 * The incident page of one alert: what is known, who does what, every act as a large button, the
 * timeline. It sounds and proves like a wall, so that a tablet in use still alarms.
 */
import { startEarlier } from './care.js';
import { ask, at, keyed, make } from './dom.js';
import { fix } from './fix.js';
import { homeWhenIdle } from './idle.js';
import { incidentPicture } from './incident.js';
import { Keys } from './keys.js';
import { handLink, openLine, showLineWay, toPanel } from './line_way.js';
import { bandsAndOthers, header } from './over.js';
import { Pacer } from './pacer.js';
import { wallPicture } from './picture.js';
import { pressable } from './press_long.js';
import { Station } from './station.js';
import { clock, say, t } from './strings.js';
import { wayToPair } from './way_to_pair.js';
import './words.js';

const ANSWERS = ['on_my_way', 'at_booth', 'more_people', 'cannot_go'];

/** @typedef {Object<string, any>} Json */
const number = Number(location.pathname.split('/').filter(Boolean).pop());
const memory = {
  /** @type {Json|null} */ alert: null,
  /** @type {Json[]} */ timeline: [],
};
const station = new Station({
  onChange: () => show(),
  onFrame: heard,
  onStored: (alert, action) => {
    newer(alert);
    show();
    if (action === 'open_line') toPanel(alert);
  },
  onLanguage: () => {
    // Rows are made again; what was made once, such as the way to the line, stays.
    for (const node of document.querySelectorAll('[data-key]')) node.remove();
  },
});
const { actions, arm, silence } = station;
const pacer = new Pacer(station.speaker);
new Keys({
  pick: () => {},
  act,
  silence: () => silence.begin(),
});

/** @param {string} action */
function act(action) {
  if (!memory.alert) return;
  if (action === 'direct_line') openLine(actions, memory.alert);
  else actions.start(memory.alert, action);
}

/** @param {Json|undefined} alert */
function newer(alert) {
  if (alert && alert.number === number && (alert.version ?? 0) >= (memory.alert?.version ?? 0)) {
    memory.alert = { ...memory.alert, ...alert };
  }
}

/** The alert by its number, and all that has happened to it. @returns {Promise<unknown>} */
async function load() {
  const as = station.who.kind;
  let id = memory.alert?.id;
  if (!id) {
    const { status, body } = await ask(`/v1/alerts?before=${number + 1}&limit=1`, { as });
    id = body.alerts?.[0]?.number === number ? body.alerts[0].id : null;
    if (status === 200 && !id) return say(at('missing'), t('no_alert'));
    if (!id) return setTimeout(load, 2000);
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
}

function show() {
  station.sound();
  pacer.keep();
  const moment = station.moment();
  const drawn = wallPicture(station.known, moment);
  Object.assign(document.body.dataset, { link: drawn.link });
  header(drawn.header);
  arm.show(clock(moment.now, station.site()?.timezone));
  const { alert } = memory;
  at('panel').hidden = !alert;
  at('missing').hidden = Boolean(alert);
  if (!station.paired) wayToPair(at('missing'));
  if (!alert || !station.live) return;
  document.body.dataset.drill = String(Boolean(alert.drill));
  const page = incidentPicture(station.known, alert, memory.timeline, moment);
  bandsAndOthers(at('bands'), drawn.bands, page.others, station.isTablet());
  showPanel(page);
  showWork(alert, page);
  showCare(alert, page);
  showEnds(alert, page);
  showTimeline(alert, page);
}

/** @param {Json} page */
function showPanel(page) {
  const { state, sound, drill } = page;
  Object.assign(at('panel').dataset, { state, sound, drill: String(drill) });
  document.title = page.title;
  for (const name of ['elapsed', 'mark']) say(at(name), page[name]);
  say(at('place'), page.title);
  say(at('state'), page.outcome ? `${page.line} · ${page.outcome}` : page.line);
  keyed(
    at('people'),
    page.people,
    (/** @type {Json} */ one) => one.person,
    () => make('li', {}, make('b'), ' ', make('span'), ' ', make('bdi', { class: 'elapsed' })),
    (node, one) => {
      node.dataset.answer = one.answer;
      say(node.querySelector('b'), one.name);
      say(node.querySelector('span'), one.what);
      say(node.querySelector('bdi'), one.time);
    },
  );
  keyed(
    at('notes'),
    page.notes,
    (/** @type {Json} */ one) => one.name + one.text.replace(/\d+:\d+/g, ''),
    (one) => make('li', { data: { note: one.name } }),
    (node, one) => say(node, one.text),
  );
  at('next').hidden = !page.next;
  if (!page.next) return;
  say(at('next').firstElementChild, page.next.text);
  fill(at('next'), page.next.part);
}

/** @param {HTMLElement} where @param {number} part */
function fill(where, part) {
  const bar = /** @type {HTMLElement} */ (where.querySelector('.bar > i'));
  bar.style.transform = `scaleX(${part.toFixed(3)})`;
}

/** Buttons that stay as long as their keys do; only their words and whether they are on change.
 * @param {string} where @param {{key: string, action: string, fields?: Json, text: string,
 *   on?: boolean, class?: string, more?: () => void}[]} rows @param {Json} alert */
function buttons(where, rows, alert) {
  keyed(
    at(where),
    rows,
    (one) => one.key,
    (one) => {
      const node = make('button', {
        class: one.class ?? 'act',
        type: 'button',
        data: { action: one.action },
      });
      const start = (/** @type {boolean} */ earlier) => {
        const now = JSON.parse(node.dataset.fields || '{}');
        if (one.more) one.more();
        else if (earlier) startEarlier(actions, memory.alert ?? alert, one.action, now);
        else actions.start(memory.alert ?? alert, one.action, now);
      };
      pressable(node, start);
      return node;
    },
    (node, one) => {
      say(node, one.text);
      node.dataset.fields = JSON.stringify(one.fields ?? {});
      if (one.on != null) node.setAttribute('aria-pressed', String(one.on));
    },
  );
}

/** @param {Json} alert @param {Json} page */
function showWork(alert, page) {
  const answers = page.acts ? ANSWERS : [];
  buttons(
    'answers',
    answers.map((one) => ({ key: one, action: one, text: t(`do_${one}`) })),
    alert,
  );
  at('work').hidden = !page.acts;
  const small = 'act chip';
  buttons(
    'jobs',
    page.jobs.map((/** @type {Json} */ { job, person }) => ({
      ...{ key: job, action: 'take_job', fields: { job }, class: small, on: person !== '?' },
      text: `${t(`job_${job}`)}: ${person}`,
    })),
    alert,
  );
  buttons(
    'kinds',
    page.kinds.map((/** @type {Json} */ { kind, on }) => ({
      ...{ key: kind, action: 'classify', fields: { kind }, text: t(`kind_${kind}`), on },
      class: small,
    })),
    alert,
  );
}

/** @param {Json} alert @param {Json} page */
function showCare(alert, page) {
  const { care } = page;
  at('care').hidden = !page.acts;
  at('outside').hidden = !page.acts;
  if (page.acts) showLineWay(at('line'), alert, station.site());
  say(at('ems-ask'), care.ask);
  const oxygen = care.oxygen ? t('oxygen_since', { time: care.oxygenTime }) : t('oxygen_on');
  buttons(
    'acts',
    [
      {
        ...{ key: 'oxygen', action: 'oxygen', text: oxygen, on: care.oxygen },
        fields: { on: !care.oxygen },
      },
      { key: 'naloxone', action: 'naloxone', text: t('do_naloxone') },
      {
        ...{ key: 'pacer', action: 'pacer', text: t('do_pacer'), on: pacer.on },
        more: () => pacer.toggle().then(show),
      },
    ],
    alert,
  );
  at('dose').hidden = !care.doses.length;
  keyed(
    at('doses'),
    care.doses,
    (/** @type {Json} */ one) => String(one.n),
    () => make('li'),
    (node, one) => say(node, one.text),
  );
  at('reassess').hidden = !care.reassess;
  at('reassess').dataset.due = String(care.reassessDue);
  say(at('reassess').firstElementChild, care.reassess);
  fill(at('reassess'), care.part);
  const chip = (/** @type {string} */ field, /** @type {string} */ other) => (/** @type {Json} */ one) => ({
    ...{ key: String(one.value), action: 'breathing', class: 'act chip', on: one.on },
    text: t(`${field}_${one.value}`),
    fields: {
      [field]: one.value,
      ...(care.known[other] == null ? {} : { [other]: care.known[other] }),
    },
  });
  buttons('breathing', care.breathing.map(chip('breathing', 'awake')), alert);
  buttons('awake', care.awake.map(chip('awake', 'breathing')), alert);
  buttons('ems', [{ key: 'ems', action: 'ems', text: t('do_ems'), class: 'act' }], alert);
  say(at('ems-said'), page.ems && `${t('event_ems')}: ${page.ems}`);
}

/** @param {Json} alert @param {Json} page */
function showEnds(alert, page) {
  // A drill can become real at any moment, and is never opened again.
  const open = [...(alert.drill ? ['make_real'] : []), 'stand_down', 'safe', 'close'];
  const closed = alert.drill ? [] : ['reopen'];
  const wanted = !page.ends ? [] : alert.state === 'closed' ? closed : open;
  keyed(
    at('endings'),
    wanted,
    (one) => one,
    (one) =>
      one === 'stand_down' || one === 'close'
        ? actions.ending(/** @type {Json} */ (memory.alert), one)
        : make('button', {
            ...{ class: 'act', type: 'button', text: t(`do_${one}`), data: { action: one } },
            click: () => actions.start(/** @type {Json} */ (memory.alert), one),
          }),
  );
}

/** @param {Json} alert @param {Json} page */
function showTimeline(alert, page) {
  keyed(
    at('timeline'),
    page.timeline,
    (/** @type {Json} */ one) => String(one.seq),
    (line) => {
      const parts = [make('time', { text: line.time }), make('span', { text: line.text })];
      const mend = () => fix(actions, memory.alert ?? alert, line.fix);
      const label = `${t('fix')}: ${line.text}`;
      const button =
        line.fix &&
        make('button', {
          ...{ class: 'quiet fix', type: 'button', text: t('fix'), 'aria-label': label },
          click: mend,
        });
      return make('li', { data: { event: line.name } }, ...parts, button);
    },
  );
}

for (const action of ['direct_line', 'line_panel']) {
  const click = () => act('direct_line');
  at('line').append(make('button', { class: 'act', type: 'button', data: { action }, click }));
}
at('line').append(handLink());
at('silence').addEventListener('click', () => silence.begin());
homeWhenIdle(station);
setInterval(show, 250);
