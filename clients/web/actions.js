/**
 * What staff do to an alert: pick, say who you are, and see that it was stored. Nothing is shown
 * as done before the server has stored it, and a try that fails is repeated with the same id.
 */
import { ask, make } from './dom.js';
import { newId, t } from './strings.js';
import { placeOf } from './view.js';

const NOT_SAVED_MS = 3000;
const RETRY_MS = 2000;
const REOPEN_MS = 30000;
const TOAST_MS = 6000;
const PIN_DIGITS = 4;

/** @typedef {Object<string, any>} Json */
/** The fields each action needs besides the person, and the values they may have.
 * @type {Object<string, Object<string, any[]>>} */
const FIELDS = {
  stand_down: { reason: ['false_press', 'nothing_wrong', 'duplicate'] },
  close: {
    outcome: [
      'monitored',
      'oxygen',
      'naloxone',
      'stimulant_care',
      'ems_stayed',
      'ems_transported',
      'other_medical',
      'not_medical',
      'death',
    ],
  },
  classify: { kind: ['unclear', 'overdose', 'overamp', 'medical'] },
  take_job: { job: ['lead', 'second', 'caller', 'door', 'room'] },
  naloxone: { route: ['nasal', 'intramuscular'] },
  breathing: { breathing: ['normal', 'slow', 'none'], awake: [true, false] },
};
const WITH_PIN = ['close', 'end_line'];
const MENU = ['on_my_way', 'at_booth', 'more_people', 'cannot_go', 'safe', 'stand_down', 'close'];
const ENDING = ['stand_down', 'close'];

export class Actions {
  /** @param {{as: () => string, site: () => Json|null, now: () => number,
   *   alert: (id: string) => Json|undefined, onStored?: (alert: Json, action: string) => void}}
   *   options */
  constructor(options) {
    this.options = options;
    this.dialog = /** @type {HTMLDialogElement} */ (make('dialog', { class: 'sheet' }));
    this.toasts = make('div', { class: 'toasts', role: 'status' });
    document.body.append(this.dialog, this.toasts);
    this.dialog.addEventListener('keydown', (event) => this.key(event));
    this.dialog.addEventListener('close', () => {
      this.typed = null;
    });
  }

  /** Everything that is not on the tile itself. @param {Json} alert */
  menu(alert) {
    const button = (/** @type {string} */ action) =>
      make('button', {
        class: `act${ENDING.includes(action) ? ' ending' : ''}`,
        type: 'button',
        text: t(`do_${action}`),
        data: { action },
        click: () => this.start(alert, action),
      });
    this.show(`${placeOf(alert, this.options.site())} · #${alert.number}`, [
      make(
        'div',
        { class: 'choices' },
        ...(alert.drill ? ['make_real'] : []).map(button),
        ...MENU.filter((one) => !ENDING.includes(one)).map(button),
        make('a', { class: 'act', href: `/alert/${alert.number}`, text: t('do_page') }),
      ),
      make('div', { class: 'choices apart' }, ...ENDING.map(button)),
    ]);
  }

  /** @param {Json} alert @param {string} action @param {Json} [fields] */
  start(alert, action, fields = {}) {
    this.next({ alert, action, fields, at: new Date(this.options.now()).toISOString() });
  }

  /** Ask for the first thing that is missing, or save. @param {Json} draft */
  next(draft) {
    const { alert, action, fields } = draft;
    const missing = Object.keys(FIELDS[action] || {}).find((name) => !(name in fields));
    if (missing) return this.choose(draft, missing);
    const needed = [
      'person',
      ...(draft.pin || WITH_PIN.includes(action) ? ['pin'] : []),
      ...(fields.outcome === 'death' ? ['second_person', 'second_pin'] : []),
    ];
    const open = needed.find((name) => !(name in fields));
    if (open?.endsWith('person')) return this.choosePerson(draft, open, needed.includes('pin'));
    if (open) return this.choosePin(draft, open);
    draft.action_id = newId();
    draft.what = `${placeOf(alert, this.options.site())} · ${t(`do_${action}`)}`;
    return this.save(draft);
  }

  /** @param {Json} draft @param {string} field */
  choose(draft, field) {
    this.show(this.title(draft), [
      make('h2', { text: t(`which_${field}`) }),
      make(
        'div',
        { class: 'choices' },
        ...FIELDS[draft.action][field].map((value) =>
          make('button', {
            class: 'act',
            type: 'button',
            text: t(`${field}_${value}`),
            data: { value },
            click: () => this.next({ ...draft, fields: { ...draft.fields, [field]: value } }),
          }),
        ),
      ),
    ]);
  }

  /** @param {Json} draft @param {string} field @param {boolean} pin */
  choosePerson(draft, field, pin) {
    const all = /** @type {Json[]} */ (this.options.site()?.people || []);
    const sorted = [...all].sort((one, other) => Number(other.on_duty) - Number(one.on_duty));
    const pick = (/** @type {string} */ person) =>
      this.next({ ...draft, fields: { ...draft.fields, [field]: person } });
    const tiles = sorted
      .filter((one) => one.id !== draft.fields.person)
      .map((one) => {
        const why = pin && !one.has_pin ? t('no_pin') : one.on_duty ? '' : t('off_duty');
        return make(
          'button',
          {
            class: 'act person',
            type: 'button',
            disabled: pin && !one.has_pin,
            data: { person: one.id },
            click: () => pick(one.id),
          },
          make('b', { text: one.name }),
          why ? make('small', { text: why }) : null,
        );
      });
    if (!pin) {
      tiles.push(
        make(
          'button',
          {
            class: 'act person',
            type: 'button',
            data: { person: 'guest' },
            click: () => pick('guest'),
          },
          make('b', { text: t('guest') }),
        ),
      );
    }
    this.show(this.title(draft), [
      make('h2', { text: t(field === 'person' ? 'who_are_you' : 'who_second') }),
      make('div', { class: 'choices people' }, ...tiles),
    ]);
  }

  /** @param {Json} draft @param {string} field */
  choosePin(draft, field) {
    const person = draft.fields[field === 'pin' ? 'person' : 'second_person'];
    const name =
      (this.options.site()?.people || []).find((/** @type {Json} */ one) => one.id === person)
        ?.name ?? person;
    let digits = '';
    const shown = make('output', { class: 'pin' });
    const draw = () => {
      shown.textContent = '●'.repeat(digits.length).padEnd(PIN_DIGITS, '○');
    };
    this.typed = (/** @type {string} */ key) => {
      if (key === 'Backspace') digits = digits.slice(0, -1);
      else if (digits.length < PIN_DIGITS) digits += key;
      draw();
      if (digits.length < PIN_DIGITS) return;
      this.typed = null;
      this.next({ ...draft, why: '', fields: { ...draft.fields, [field]: digits } });
    };
    const keys = [...'123456789', 'Backspace', '0'].map((key) =>
      make('button', {
        class: 'act',
        type: 'button',
        text: key === 'Backspace' ? '⌫' : key,
        data: { digit: key },
        'aria-label': key,
        click: () => this.typed?.(key),
      }),
    );
    draw();
    this.show(
      this.title(draft),
      [
        make('h2', { text: t('pin', { name }) }),
        draft.why ? make('p', { class: 'wrong', role: 'alert', text: draft.why }) : null,
        shown,
        make('div', { class: 'pad' }, ...keys),
      ],
      true,
    );
  }

  /** @param {Json} draft */
  async save(draft) {
    const again = make('button', {
      class: 'act unsaved',
      type: 'button',
      text: t('not_saved'),
      click: () => draft.retry?.(),
      hidden: true,
    });
    const why = make('p', { text: t('not_saved_more'), hidden: true });
    const waiting = make('p', { class: 'saving', text: t('saving') });
    this.show(this.title(draft), [waiting, again, why]);
    const shown = this.shown;
    const late = setTimeout(() => {
      waiting.hidden = true;
      again.hidden = false;
      why.hidden = false;
      draft.toast = this.toast(`${t('not_saved')}: ${draft.what}`, 'unsaved', Infinity, () =>
        draft.retry?.(),
      );
    }, NOT_SAVED_MS);
    const { alert, action, action_id, at, fields } = draft;
    for (;;) {
      const answer = await ask(`/v1/alerts/${encodeURIComponent(alert.id)}/actions`, {
        as: this.options.as(),
        body: { action_id, action, at, ...fields },
      });
      if (answer.status && answer.status < 500 && answer.status !== 408) {
        clearTimeout(late);
        draft.toast?.remove();
        this.answered(draft, answer, this.shown === shown);
        return;
      }
      await new Promise((resolve) => {
        draft.retry = resolve;
        setTimeout(resolve, RETRY_MS);
      });
    }
  }

  /** @param {Json} draft @param {{status: number, body: Json}} answer @param {boolean} looking */
  answered(draft, { status, body }, looking) {
    const problem = String(body.type || '').replace('urn:directline:', '');
    const again = (/** @type {string} */ why) => {
      const { pin, second_pin, ...fields } = draft.fields;
      this.next({ ...draft, pin: true, why, fields });
    };
    if (status < 300) {
      if (looking) this.dialog.close();
      this.options.onStored?.(body.alert, draft.action);
      const reopen = ENDING.includes(draft.action)
        ? () => this.start(body.alert, 'reopen')
        : undefined;
      this.toast(
        t('saved', { what: draft.what }),
        'stored',
        reopen ? REOPEN_MS : TOAST_MS,
        reopen,
        reopen && t('do_reopen'),
      );
    } else if (problem === 'pin_needed') again('');
    else if (problem === 'wrong_pin') again(t('pin_wrong'));
    else if (problem === 'pin_wait') again(t('pin_wait', { name: draft.fields.person, n: 30 }));
    else {
      const why = t(`problem_${problem}`);
      const text = t('refused', {
        why: why === `problem_${problem}` ? body.detail || body.title || status : why,
      });
      if (looking)
        this.show(this.title(draft), [make('p', { class: 'wrong', role: 'alert', text })]);
      else this.toast(`${draft.what}. ${text}`, 'unsaved', TOAST_MS * 2);
    }
  }

  /** @param {Json} draft */
  title(draft) {
    return `${placeOf(draft.alert, this.options.site())} · ${t(`do_${draft.action}`)}`;
  }

  /** @param {string} title @param {(Node|null)[]} parts @param {boolean} [typing] */
  show(title, parts, typing = false) {
    if (!typing) this.typed = null;
    this.shown = make(
      'div',
      { class: 'inside', tabindex: -1 },
      make('h1', { text: title }),
      ...parts,
      make('button', {
        class: 'quiet back',
        type: 'button',
        text: t('cancel'),
        click: () => this.dialog.close(),
      }),
    );
    this.dialog.setAttribute('aria-label', title);
    this.dialog.replaceChildren(this.shown);
    if (!this.dialog.open) this.dialog.showModal();
    this.shown.focus(); // Else the keys go nowhere once the button that was pressed is gone.
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.typed && (/^[0-9]$/.test(event.key) || event.key === 'Backspace')) {
      event.preventDefault();
      this.typed(event.key);
    }
  }

  /** @param {string} text @param {string} kind @param {number} stays @param {() => void} [act]
   * @param {string} [label] */
  toast(text, kind, stays, act, label) {
    const node = make('div', { class: `toast ${kind}`, data: { kind } }, make('span', { text }));
    if (act) {
      node.append(
        make('button', {
          class: 'quiet',
          type: 'button',
          text: label || t('not_saved'),
          click: () => {
            if (stays < Infinity) node.remove();
            act();
          },
        }),
      );
    }
    this.toasts.append(node);
    if (stays < Infinity) setTimeout(() => node.remove(), stays);
    return node;
  }
}
