/**
 * What people do on the direct line's panel: talk, mute, add a phone, say that a human is there,
 * end it, and note the ambulance. It is shown as done when the server has stored it, never before.
 */
import { insist } from './actions.js';
import { ask, keyed, make } from './dom.js';
import { legName, mayBeHuman, ourLegs, testWords } from './line_panel_view.js';
import { canOpen, isOpen } from './line_view.js';
import { newId, say, t } from './strings.js';

/** @typedef {Object<string, any>} Json */
/** @typedef {import('./actions.js').Actions} Actions */

const HOLD_MS = 1000;
const MINUTES_MOST = 120;
const EMS = ['accepted', 'on_the_way', 'arrived', 'left'];

export class LineActs {
  /** @param {Actions} actions @param {() => Json|null} alert */
  constructor(actions, alert) {
    this.actions = actions;
    this.alert = alert;
    this.minutes = /** @type {HTMLInputElement} */ (
      make('input', {
        type: 'number',
        inputmode: 'numeric',
        min: 0,
        max: MINUTES_MOST,
        id: 'minutes',
      })
    );
  }

  get site() {
    return this.actions.options.site();
  }

  /** The buttons of this moment. @param {HTMLElement} parent
   * @param {Json} alert */
  show(parent, alert) {
    const legs = ourLegs(alert);
    const mute = legs.length && legs.every((one) => one.muted) ? 'line_unmute' : 'line_mute';
    const start = canOpen(alert, this.site) ? ['open_line'] : [];
    // One that is of no use now keeps its place, so that no other comes under a finger.
    const names = isOpen(alert.line) ? ['line_reached', 'line_talk', mute, 'line_add'] : start;
    const maybe = mayBeHuman(alert);
    const idle = /** @type {Object<string, boolean>} */ ({
      line_reached: !maybe,
      line_talk: !maybe,
      [mute]: !legs.length,
    });
    keyed(
      parent,
      names,
      (name) => name,
      (name) => this.button(name, () => this.act(name)),
      (node, name) => {
        /** @type {HTMLButtonElement} */ (node).disabled = Boolean(idle[name]);
      },
    );
  }

  /** @param {string} name @param {() => void} click */
  button(name, click) {
    const node = make(
      'button',
      { class: 'act', type: 'button', data: { action: name }, click },
      make('b', { text: t(`do_${name}`) }),
    );
    if (name === 'line_talk') node.append(make('small', { text: t('do_line_talk_more') }));
    return node;
  }

  /** @param {string} name */
  act(name) {
    const alert = this.alert();
    if (!alert) return;
    if (name === 'line_mute' || name === 'line_unmute') this.mute(alert, name === 'line_mute');
    else if (name === 'line_add') this.add(alert);
    else this.actions.start(alert, name);
  }

  /** Whose phone it is: asked only where several are on the line. @param {Json} alert
   * @param {boolean} muted */
  mute(alert, muted) {
    const legs = ourLegs(alert).filter((one) => Boolean(one.muted) !== muted);
    const done = (/** @type {string} */ person) =>
      this.actions.start(alert, 'line_mute', { muted, person });
    if (legs.length === 1) done(legs[0].who);
    else this.choose(t('who_is_muted'), legs.map((one) => one.who), done);
  }

  /** @param {Json} alert */
  add(alert) {
    const busy = new Set(
      /** @type {Json[]} */ (alert.line.legs || [])
        .filter((one) => one.state !== 'ended')
        .map((one) => one.who),
    );
    const people = /** @type {Json[]} */ (this.site?.people || []);
    const sorted = [...people].sort((one, other) => Number(other.on_duty) - Number(one.on_duty));
    const free = [...sorted.map((one) => one.id), 'line_phone'].filter((one) => !busy.has(one));
    this.choose(t('who_to_add'), free, (add) => this.actions.start(alert, 'line_add', { add }));
  }

  /** @param {string} title @param {string[]} who @param {(who: string) => void} picked */
  choose(title, who, picked) {
    const tile = (/** @type {string} */ one) =>
      make('button', {
        class: 'act person',
        type: 'button',
        text: legName(this.site, one),
        data: { value: one },
        click: () => picked(one),
      });
    this.actions.sheet.show(title, [make('div', { class: 'choices people' }, ...who.map(tile))]);
  }

  /** Ending is held for a second, then needs a name and a PIN. A key or a screen reader's click
   * goes to the name at once: the PIN guards it. @param {HTMLElement} parent */
  ending(parent) {
    const bar = make('i', { class: 'hold', 'aria-hidden': 'true' });
    const start = () => {
      const alert = this.alert();
      if (alert) this.actions.start(alert, 'end_line');
    };
    let timer = 0;
    const node = make(
      'button',
      {
        class: 'act ending',
        type: 'button',
        data: { action: 'end_line' },
        click: (/** @type {MouseEvent} */ event) => event.detail === 0 && start(),
      },
      make('b', { text: t('do_end_line') }),
      make('small', { text: t('do_end_line_more') }),
      bar,
    );
    const stop = () => {
      clearTimeout(timer);
      delete node.dataset.holding;
    };
    node.addEventListener('pointerdown', (event) => {
      if (event.button) return;
      node.dataset.holding = '';
      timer = setTimeout(() => {
        stop();
        start();
      }, HOLD_MS);
    });
    for (const name of ['pointerup', 'pointerleave', 'pointercancel', 'contextmenu'])
      node.addEventListener(name, stop);
    parent.replaceChildren(node);
  }

  /** @param {HTMLElement} parent */
  ems(parent) {
    const button = (/** @type {string} */ ems) =>
      make('button', {
        class: 'act',
        type: 'button',
        text: t(`ems_${ems}`),
        data: { ems },
        'aria-pressed': 'false',
        click: () => this.tellEms(ems),
      });
    const [accepted, way, arrived, left] = EMS.map(button);
    const minutes = make('label', {}, this.minutes, make('span', { text: t('ems_minutes') }));
    parent.replaceChildren(accepted, make('div', { class: 'way' }, way, minutes), arrived, left);
  }

  /** @param {HTMLElement} parent @param {Json} alert */
  showEms(parent, alert) {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (parent.querySelectorAll('[data-ems]')))
      node.setAttribute('aria-pressed', String(node.dataset.ems === alert.ems));
    const left = /** @type {HTMLElement|null} */ (parent.querySelector('[data-ems=left]'));
    if (left) left.hidden = !['arrived', 'left'].includes(alert.ems);
  }

  /** @param {string} ems */
  tellEms(ems) {
    const alert = this.alert();
    if (!alert) return;
    const typed = this.minutes.value.trim();
    const given = ems === 'on_the_way' && typed !== '';
    if (given && !this.minutes.reportValidity()) return;
    this.actions.start(alert, 'ems', { ems, ...(given ? { minutes: Number(typed) } : {}) });
  }

  /** @param {HTMLElement} parent */
  showTest(parent) {
    const name = 'line_test';
    keyed(
      parent,
      this.site?.line_test?.can_test ? [name] : [],
      () => name,
      () => this.button(name, () => this.pickTester()),
      (node) => {
        /** @type {HTMLButtonElement} */ (node).disabled = testWords(this.site).running;
      },
    );
  }

  pickTester() {
    const people = /** @type {Json[]} */ (this.site?.people || []).map((one) => one.id);
    this.choose(`${t('test_title')} · ${t('who_are_you')}`, people, (person) =>
      this.test({ test_id: newId(), person }),
    );
  }

  /** @param {Json} body */
  async test(body) {
    this.actions.sheet.show(t('test_title'), [make('p', { class: 'saving', text: t('saving') })]);
    const what = t('do_line_test');
    const answer = await insist(
      () => ask('/v1/line-tests', { as: this.actions.options.as(), body }),
      (tryNow) => {
        const again = { class: 'act unsaved', type: 'button', text: t('not_saved'), click: tryNow };
        const why = make('p', { text: t('not_saved_more') });
        this.actions.sheet.show(t('test_title'), [make('button', again), why]);
        return this.actions.unsaved(what, tryNow);
      },
    );
    if (answer.status < 300) {
      this.actions.sheet.close();
      this.actions.toasts.add(t('saved', { what }), 'stored', 6000);
      return;
    }
    const why = String(answer.body.detail || answer.body.title || answer.status);
    const told = make('p', { class: 'wrong', role: 'alert', text: t('refused', { why }) });
    this.actions.sheet.show(t('test_title'), [told]);
  }
}

/** Words into a node that is there only with words. @param {HTMLElement} node @param {string} text */
export function sayOrHide(node, text) {
  node.hidden = !text;
  say(node, text);
}
