/**
 * Shift and handover: whether an alert raised now would be heard, who is on duty with a phone that
 * works, and taking over the shift with what was counted.
 */
import { banners } from './cover.js';
import { isSeldom } from './device_rows.js';
import { ask, at, keyed, make } from './dom.js';
import { House, choices, facts, showCover } from './house.js';
import { inDays } from './picture.js';
import { phoneWord, shiftHours } from './shift_view.js';
import { clock, newId, say, t } from './strings.js';
import './watch_words.js';

/** @typedef {Object<string, any>} Json */
const AGAIN_MS = 5000;
const memory = {
  /** @type {Json|null} */ left: null,
  asking: '',
  takeoverId: newId(),
  /** @type {string|null} */ person: null,
  why: '',
  asked: '',
  took: false,
  busy: false,
};
const house = new House({
  onShow: () => show(),
  onLanguage: () => {
    for (const id of ['cover', 'trying', 'people', 'house', 'takers']) at(id).replaceChildren();
  },
});

/** The note is in no feed: a tablet asks for it, each time somebody has taken over. */
async function readNote() {
  const { status, body } = await ask('/v1/shift', { as: house.who.kind });
  if (status === 200) memory.left = body.shift;
  else setTimeout(() => (memory.asking = ''), AGAIN_MS);
}

/** @param {string} person */
async function resend(person) {
  memory.asked = t('saving');
  const name = house.nameOf(person);
  const what = `${t('shift_resend')} ${name}`;
  const { status, body } = await house.send(what, '/v1/shift/confirm', { body: { person } });
  memory.asked = `${name}: ${t(status < 300 && body.sent ? 'shift_sent' : 'shift_not_sent')}`;
  show();
}

/** @param {SubmitEvent} event */
async function take(event) {
  event.preventDefault();
  if (memory.busy) return;
  memory.took = false;
  if (!memory.person) {
    memory.why = t('shift_take_who');
    show();
    return;
  }
  memory.busy = true;
  memory.why = '';
  show();
  const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (at(id));
  const note = input('note').value.trim();
  const taking = {
    takeover_id: memory.takeoverId,
    person: memory.person,
    pin: input('pin').value,
    checks: { naloxone: input('naloxone').checked, oxygen: input('oxygen').checked },
    ...(note && house.site()?.notes ? { note } : {}),
  };
  const { status, body } = await house.send(t('shift_take'), '/v1/shift/takeover', { body: taking });
  memory.busy = false;
  input('pin').value = '';
  memory.took = status < 300;
  memory.why = memory.took ? '' : house.refusal(body, taking.person, 'watch_refused');
  if (memory.took) {
    memory.takeoverId = newId();
    for (const id of ['naloxone', 'oxygen']) input(id).checked = false;
    input('note').value = '';
  }
  show();
}

/** @param {Json} site */
function coverOf(site) {
  const since = site.cover?.since
    ? ` (${t('cover_since', { time: clock(site.cover.since, site.timezone, false) })})`
    : '';
  const lines = banners(site, house.now()).map((one) => ({
    name: one.name,
    text: one.text + (one.name.startsWith('cover_') ? since : ''),
  }));
  // Who was asked a moment ago may still answer; until then nobody has shown that a text arrives.
  const answered = house.rows('people').some((one) => one.on_duty && one.reach === 'ok');
  const well = answered ? { name: 'ok', text: t('cover_ok') } : { name: 'waiting', text: t('cover_waiting') };
  if (house.lost()) return [{ name: 'unknown', text: t('quiet_unknown') }];
  return site.cover?.ok ? [well, ...lines] : lines;
}

function showPeople() {
  const on = house.rows('people').filter((one) => one.on_duty);
  const isCoordinator = (/** @type {Json} */ one) => one.roles.includes('coordinator');
  on.sort((one, other) => Number(isCoordinator(other)) - Number(isCoordinator(one)));
  const none = { id: '', name: t('nobody_on_duty'), roles: [], reach: 'failing' };
  keyed(
    at('people'),
    on.length ? on : [none],
    (one) => one.id,
    (one) =>
      make(
        'li',
        {},
        make('span', { class: 'name' }, make('b'), make('small')),
        make('span', { class: 'word' }),
        make('button', {
          class: 'act small plain',
          type: 'button',
          text: t('shift_resend'),
          'aria-label': `${t('shift_resend')} ${one.name}`,
          data: { resend: one.id },
          click: () => resend(one.id),
        }),
      ),
    (node, one) => {
      const [name, word, button] = /** @type {HTMLElement[]} */ ([...node.children]);
      node.dataset.reach = one.reach;
      say(name.firstElementChild, one.name);
      say(name.lastElementChild, isCoordinator(one) ? t('coordinator') : '');
      say(word, one.id ? phoneWord(one, house.site() ?? {}, house.now()) : '');
      button.hidden = one.reach === 'ok' || !one.id || !house.isTablet();
    },
  );
  say(at('asked'), memory.asked);
}

/** @param {Json} site */
function showHouse(site) {
  const screens = house.rows('screens');
  const buttons = house.rows('buttons').filter((one) => one.kind !== 'bridge' || one.booth != null);
  const open = Object.keys(house.known.state.alerts).length;
  const drilled = site.last_drill_at;
  const count = (/** @type {Json[]} */ all, /** @type {(one: Json) => boolean} */ well) =>
    `${all.filter(well).length}/${all.length}`;
  facts(at('house'), [
    [t('shift_screens'), count(screens, (one) => one.able)],
    [t('shift_buttons'), count(buttons, (one) => one.state === 'ok' && !isSeldom(one))],
    [t('shift_alerts'), open ? String(open) : t('shift_none')],
    [t('shift_drill'), drilled ? inDays(drilled, house.now(), site.timezone) : t('shift_none')],
    [t('texts_name'), t(`texts_${site.phones}`)],
  ]);
}

function showForm() {
  at('form').hidden = !house.isTablet();
  say(at('look'), house.isTablet() ? '' : t('watch_tablet'));
  const people = house.rows('people').filter((one) => one.on_duty);
  choices(
    'takers',
    house.withPin(people),
    memory.person,
    (value) => {
      Object.assign(memory, { person: String(value), why: '', took: false });
      show();
    },
    'person',
  );
  say(at('why'), house.still(memory.why));
  say(at('take'), memory.busy ? t('saving') : t('shift_take'));
  say(at('took'), memory.took ? t('shift_took') : '');
}

/** @param {Json} site */
function showNote(site) {
  const taken = (site.notes && house.isTablet() && site.shift?.at) || '';
  if (taken && memory.asking !== taken) {
    memory.asking = taken;
    readNote();
  }
  // A note of the shift before is not one for this shift.
  const note = taken && memory.left?.at === taken ? memory.left?.note : '';
  at('left').hidden = !note;
  say(at('left').lastElementChild, note ?? '');
  at('noting').hidden = !site.notes;
}

/** @param {Json} site */
function takenLine(site) {
  if (!site.shift) return t('shift_never');
  const taken = t('shift_taken', { name: house.nameOf(site.shift.person), time: house.when(site.shift.at) });
  const part = (/** @type {string} */ name) =>
    `${t(name)} ${site.shift[name] ? t('ok') : t('check_no').toUpperCase()}`;
  return `${taken} · ${part('naloxone')} · ${part('oxygen')}`;
}

function show() {
  const site = house.site();
  if (!site) return;
  say(at('title'), `${t('shift_title')} ${shiftHours(site, house.now())}`.trim());
  say(at('taken'), takenLine(site));
  showCover(coverOf(site));
  showPeople();
  showHouse(site);
  showForm();
  showNote(site);
}

at('form').addEventListener('submit', (event) => take(/** @type {SubmitEvent} */ (event)));
