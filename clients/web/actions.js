/**
 * What staff do to an alert: pick, say who you are, and see that it was stored. Nothing is shown
 * as done before the server has stored it, and a try that fails is repeated with the same id.
 */
import { ask, make } from './dom.js';
import { Sheet, Toasts, guarded } from './sheet.js';
import { has, newId, t } from './strings.js';
import { nameOf, placeOf } from './view.js';

const NOT_SAVED_MS = 3000;
const RETRY_MS = 2000;
const REOPEN_MS = 30000;
const UNDO_MS = 10000;
const TOAST_MS = 6000;
export const PIN_WAIT_MS = 30000;

/** @typedef {Object<string, any>} Json */
/** The fields each action needs besides the person, and the values they may have, which may hang on
 * the fields before. Pages that do more add theirs.
 * @type {Object<string, Object<string, any[]|((fields: Json) => any[]|null)>>} */
export const FIELDS = {
  stand_down: { reason: ['false_press', 'nothing_wrong', 'duplicate'] },
  close: {
    outcome: [
      ...['monitored', 'oxygen', 'naloxone', 'stimulant_care', 'ems_stayed', 'ems_transported'],
      ...['other_medical', 'not_medical', 'death'],
    ],
  },
};
const WITH_PIN = ['close', 'end_line'];
const MENU = ['on_my_way', 'at_booth', 'more_people', 'cannot_go', 'safe'];
const ENDING = ['stand_down', 'close'];

/** What takes an act back, in the same person's name. @param {Json} draft @returns {Json|null} */
function undoing({ action, fields, alert }) {
  const { person } = fields;
  if (action === 'on_my_way' || action === 'at_booth')
    return { action: 'cannot_go', fields: { person } };
  if (action === 'oxygen') return { action, fields: { person, on: !fields.on } };
  if (action === 'naloxone')
    return { action: 'correct', fields: { person, of: alert.seq, field: 'on', value: false } };
  return null;
}

/** Send until the server has answered. @param {() => Promise<{status: number, body: Json}>} send
 * @param {(tryNow: () => void) => () => void} late told once, when it takes longer than people
 *   wait; what it returns is called with the answer */
export async function insist(send, late) {
  let [retry, over] = [() => {}, () => {}];
  const timer = setTimeout(() => {
    over = late(() => retry());
  }, NOT_SAVED_MS);
  for (;;) {
    const answer = await send();
    if (answer.status && answer.status < 500 && answer.status !== 408) {
      clearTimeout(timer);
      over();
      return answer;
    }
    await new Promise((/** @type {(done: void) => void} */ resolve) => {
      retry = resolve;
      setTimeout(resolve, RETRY_MS);
    });
  }
}

export class Actions {
  /** @param {{as: () => string, site: () => Json|null, now: () => number,
   *   alert: (id: string) => Json|undefined, onStored?: (alert: Json, action: string) => void}}
   *   options */
  constructor(options) {
    this.options = options;
    this.sheet = new Sheet();
    this.toasts = new Toasts();
    /** @type {{person: string, at: number}|null} */
    this.last = null;
    /** @type {Map<string, number>} until when a name has to wait after wrong PINs */
    this.waits = new Map();
  }

  /** Who acted here less than `ms` ago, if anybody did. @param {number} ms */
  lately(ms) {
    return this.last && performance.now() - this.last.at < ms ? this.last.person : null;
  }

  /** Everything that is not on the tile itself. @param {Json} alert */
  menu(alert) {
    const button = (/** @type {string} */ action) =>
      make('button', {
        ...{ class: 'act', type: 'button', text: t(`do_${action}`), data: { action } },
        click: () => this.start(alert, action),
      });
    const page = { class: 'act', href: `/alert/${alert.number}`, text: t('do_page') };
    this.sheet.show(`${placeOf(alert, this.options.site())} · #${alert.number}`, [
      make(
        'div',
        { class: 'choices' },
        ...[...(alert.drill ? ['make_real'] : []), ...MENU].map(button),
        make('a', page),
      ),
      make('div', { class: 'choices apart' }, ...ENDING.map((one) => this.ending(alert, one))),
    ]);
  }

  /** A button that ends the alert; standing down asks twice, closing asks for the outcome.
   * @param {Json} alert @param {string} action */
  ending(alert, action) {
    const text = t(`do_${action}`);
    const start = () => this.start(alert, action);
    if (action === 'stand_down') return guarded(text, action, start);
    const look = { class: 'act ending', type: 'button', text, data: { action } };
    return make('button', { ...look, click: start });
  }

  /** @param {Json} alert @param {string} action @param {Json} [fields]
   * @param {number} [at] when it was done, in milliseconds */
  start(alert, action, fields = {}, at = this.options.now()) {
    this.next({ alert, action, fields, at });
  }

  /** Ask for a name only, and nothing is saved. @param {string} title
   * @param {(person: string) => void} chosen */
  askName(title, chosen) {
    const people = this.options.site()?.people || [];
    this.sheet.names(title, t('who_are_you'), people, { guest: true, why: () => '' }, (person) => {
      this.last = { person, at: performance.now() };
      this.sheet.close();
      chosen(person);
    });
  }

  /** Ask for the first thing that is missing, or save. @param {Json} draft */
  next(draft) {
    const { alert, action, fields } = draft;
    for (const [name, known] of Object.entries(FIELDS[action] || {})) {
      const values = typeof known === 'function' ? known(fields) : known;
      if (values && !(name in fields)) return this.choose(draft, name, values);
    }
    const needed = [
      'person',
      ...(draft.pin || WITH_PIN.includes(action) ? ['pin'] : []),
      ...(fields.outcome === 'death' ? ['second_person', 'second_pin'] : []),
    ];
    const open = needed.find((name) => !(name in fields));
    if (open?.endsWith('person')) return this.choosePerson(draft, open, needed.includes('pin'));
    if (open) return this.choosePin(draft, open);
    draft.action_id = newId();
    draft.what = `${placeOf(alert, this.options.site())} · ${this.word(action)}`;
    return this.save(draft);
  }

  /** @param {string} action */
  word(action) {
    return has(`do_${action}`) ? t(`do_${action}`) : t(`event_${action}`);
  }

  /** @param {Json} draft @param {string} field @param {any[]} values */
  choose(draft, field, values) {
    const choices = values.map((value) => ({
      value,
      text: typeof value === 'number' ? t(field, { n: value }) : t(`${field}_${value}`),
    }));
    this.sheet.choose(this.title(draft), t(`which_${field}`), choices, (value) =>
      this.next({ ...draft, fields: { ...draft.fields, [field]: value } }),
    );
  }

  /** @param {Json} draft @param {string} field @param {boolean} pin */
  choosePerson(draft, field, pin) {
    const people = /** @type {Json[]} */ (this.options.site()?.people || []).filter(
      (one) => one.id !== draft.fields.person,
    );
    const why = (/** @type {Json} */ one) => {
      const left = (this.waits.get(one.id) ?? 0) - performance.now();
      if (pin && !one.has_pin) return t('no_pin');
      return pin && left > 0 ? t('wait_seconds', { n: Math.ceil(left / 1000) }) : '';
    };
    this.sheet.names(
      this.title(draft),
      draft.why || t(field === 'person' ? 'who_are_you' : 'who_second'),
      people,
      { guest: !pin, why },
      (person) => this.next({ ...draft, why: '', fields: { ...draft.fields, [field]: person } }),
    );
  }

  /** @param {Json} draft @param {string} field */
  choosePin(draft, field) {
    const person = draft.fields[field === 'pin' ? 'person' : 'second_person'];
    const name = nameOf(this.options.site(), person);
    this.sheet.pin(this.title(draft), name, draft.why ?? '', (digits) =>
      this.next({ ...draft, why: '', fields: { ...draft.fields, [field]: digits } }),
    );
  }

  /** @param {Json} draft */
  async save(draft) {
    let retry = () => {};
    const again = make('button', {
      ...{ class: 'act unsaved', type: 'button', text: t('not_saved'), hidden: true },
      click: () => retry(),
    });
    const why = make('p', { text: t('not_saved_more'), hidden: true });
    const waiting = make('p', { class: 'saving', text: t('saving') });
    const shown = this.sheet.show(this.title(draft), [waiting, again, why]);
    const { alert, action, action_id, fields, what } = draft;
    const body = { action_id, action, at: new Date(draft.at).toISOString(), ...fields };
    const path = `/v1/alerts/${encodeURIComponent(alert.id)}/actions`;
    const answer = await insist(
      () => ask(path, { as: this.options.as(), body }),
      (tryNow) => {
        retry = tryNow;
        waiting.hidden = true;
        again.hidden = why.hidden = false;
        return this.unsaved(what, tryNow);
      },
    );
    this.answered(draft, answer, this.sheet.shown === shown);
  }

  /** A note that this is not saved yet; what takes it away. @param {string} what
   * @param {() => void} act tries it now */
  unsaved(what, act) {
    const text = `${t('not_saved')}: ${what}`;
    const note = this.toasts.add(text, 'unsaved', Infinity, { label: t('try_now'), act });
    return () => note.remove();
  }

  /** @param {Json} draft @param {{status: number, body: Json}} answer @param {boolean} looking */
  answered(draft, { status, body }, looking) {
    const problem = String(body.type || '').replace('urn:directline:', '');
    const again = (/** @type {string} */ why, /** @type {string[]} */ ...forget) => {
      const without = ['pin', 'second_pin', ...forget];
      const fields = Object.fromEntries(
        Object.entries(draft.fields).filter(([name]) => !without.includes(name)),
      );
      this.next({ ...draft, pin: true, why, fields });
    };
    if (status < 300) this.stored(draft, body.alert, looking);
    else if (problem === 'pin_needed') again('');
    else if (problem === 'wrong_pin') again(t('pin_wrong'));
    else if (problem === 'pin_wait') {
      const { person, second_person } = draft.fields;
      for (const one of [person, second_person])
        if (one) this.waits.set(one, performance.now() + PIN_WAIT_MS);
      const name = nameOf(this.options.site(), person);
      again(t('pin_wait', { name, n: PIN_WAIT_MS / 1000 }), 'person', 'second_person');
    } else {
      const why = has(`problem_${problem}`) ? t(`problem_${problem}`) : '';
      const text = t('refused', { why: why || body.detail || body.title || status });
      const wrong = make('p', { class: 'wrong', role: 'alert', text });
      if (looking) this.sheet.show(this.title(draft), [wrong]);
      else this.toasts.add(`${draft.what}. ${text}`, 'unsaved', TOAST_MS * 2);
    }
  }

  /** @param {Json} draft @param {Json} alert @param {boolean} looking */
  stored(draft, alert, looking) {
    if (looking) this.sheet.close();
    this.last = { person: draft.fields.person, at: performance.now() };
    this.options.onStored?.(alert, draft.action);
    const text = t('saved', { what: draft.what });
    const undo = draft.undoes ? null : undoing({ ...draft, alert });
    if (ENDING.includes(draft.action)) {
      const act = () => this.start(alert, 'reopen');
      this.toasts.add(text, 'stored', REOPEN_MS, { label: t('do_reopen'), act });
    } else if (undo) {
      const act = () => {
        const what = `${t('undo')}: ${draft.what}`;
        this.save({ ...draft, ...undo, alert, what, undoes: true, action_id: newId(), at: this.options.now() });
      };
      this.toasts.add(text, 'stored', UNDO_MS, { label: t('undo'), act });
    } else this.toasts.add(text, 'stored', TOAST_MS);
  }

  /** @param {Json} draft */
  title(draft) {
    return `${placeOf(draft.alert, this.options.site())} · ${this.word(draft.action)}`;
  }
}
