/**
 * What the staff's paper pages share. They are stations like the wall: they sound, prove that they
 * can, and hide no alert; and they have small ways of their own to draw and to ask. They show
 * nothing that the server has not said.
 */
import { PIN_WAIT_MS, insist } from './actions.js';
import { ask, at, keyed, make } from './dom.js';
import { homeWhenIdle } from './idle.js';
import { bandsAndOthers, header } from './over.js';
import { faceOf, wallPicture } from './picture.js';
import { dayAndTime } from './shift_view.js';
import { Station } from './station.js';
import { clock, say, t } from './strings.js';
import { nameOf } from './view.js';
import { wayToPair } from './way_to_pair.js';
import './words.js';

/** @typedef {Object<string, any>} Json */
const IN_CHARGE = ['coordinator', 'manager'];
const OWN = /^(lost|screen_unpaired|cover_|test_)/; // What these pages say in a place of its own.

export class House extends Station {
  /** @param {{onShow: () => void, onFrame?: (frame: Json) => void, onLanguage?: () => void,
   *   onStored?: (alert: Json) => void, hides?: (name: string) => boolean}} told `onLanguage`
   *   empties what was made in the language before; `hides` says which band or alert, by its name or
   *   id, the page shows in a place of its own */
  constructor({ onShow, onFrame, onLanguage = () => {}, onStored, hides = () => false }) {
    super({ onChange: () => this.show(), ...{ onFrame, onLanguage, onStored } });
    this.onShow = onShow;
    this.hides = hides;
    this.waiting = { person: '', why: '' };
    at('silence').addEventListener('click', () => this.silence.begin());
    setInterval(() => this.show(), 250);
    homeWhenIdle(this);
  }

  /** @param {string} part @returns {Json[]} */
  rows(part) {
    return this.site()?.[part] ?? [];
  }

  /** @param {string} id @returns {string} */
  nameOf(id) {
    return nameOf(this.site(), id);
  }

  /** Who may begin a drill or remove a device. */
  inCharge() {
    return this.rows('people').filter((one) => IN_CHARGE.some((role) => one.roles.includes(role)));
  }

  /** People to be chosen who must give a PIN. @param {Json[]} people */
  withPin(people) {
    return people.map((one) => {
      const left = this.waitOf(one.id);
      const more = one.has_pin ? (left > 0 ? t('wait_seconds', { n: left }) : '') : t('no_pin');
      return { value: one.id, text: one.name, more, disabled: Boolean(more) };
    });
  }

  /** Why a PIN was not taken, or what else was refused, in the words of the page where it has them.
   * @param {Json} body @param {string} person @param {string} otherwise key of a text with {why} */
  refusal(body, person, otherwise) {
    const problem = String(body.type || '').replace('urn:directline:', '');
    if (problem === 'pin_needed' || problem === 'wrong_pin') return t('pin_wrong');
    if (problem !== 'pin_wait') return t(otherwise, { why: body.detail || body.title || '?' });
    this.actions.waits.set(person, performance.now() + PIN_WAIT_MS);
    const why = t('pin_wait', { name: this.nameOf(person), n: PIN_WAIT_MS / 1000 });
    this.waiting = { person, why };
    return why;
  }

  /** Seconds that this name still has to wait. @param {string} person */
  waitOf(person) {
    return Math.max(0, Math.ceil(((this.actions.waits.get(person) ?? 0) - performance.now()) / 1000));
  }

  /** The reason as long as it holds: a wait is over after its half minute. @param {string} why */
  still(why) {
    return why === this.waiting.why && !this.waitOf(this.waiting.person) ? '' : why;
  }

  /** Day and time at the site. @param {string} moment */
  when(moment) {
    return dayAndTime(moment, this.site()?.timezone);
  }

  /** Ask for this until the server has answered; a note says when that takes long.
   * @param {string} what in words @param {string} path @param {{body?: Json, method?: string}} asked
   * @returns {Promise<{status: number, body: Json}>} */
  send(what, path, asked) {
    return insist(
      () => ask(path, { as: this.who.kind, ...asked }),
      (tryNow) => this.actions.unsaved(what, tryNow),
    );
  }

  /** Milliseconds since the last word of the server, or since the page began. */
  age() {
    return this.live?.age() ?? performance.now();
  }

  /** Whether what is shown may be long over. */
  lost() {
    return document.body.dataset.link === 'lost';
  }

  show() {
    this.sound();
    const moment = this.moment();
    const drawn = wallPicture(this.known, moment);
    Object.assign(document.body.dataset, { link: drawn.link, drill: String(drawn.drill) });
    header(drawn.header);
    this.arm.show(clock(moment.now, this.site()?.timezone));
    at('lost').hidden = drawn.link !== 'lost';
    const rest = drawn.alerts.filter((one) => !this.hides(one.id));
    bandsAndOthers(
      at('bands'),
      drawn.bands.filter((one) => !OWN.test(one.name) && !this.hides(one.name)),
      rest.map((one) => faceOf(one, this.known, moment.now)),
      this.isTablet(),
    );
    at('missing').hidden = this.paired;
    if (!this.paired) wayToPair(at('missing'));
    this.onShow();
  }
}

/** One of several people or booths to be chosen, as buttons that stay down.
 * @param {string} parent @param {{value: string|number, text: string, more?: string,
 *   disabled?: boolean}[]} all @param {string|number|null} chosen
 * @param {(value: string|number) => void} choose @param {string} field */
export function choices(parent, all, chosen, choose, field) {
  keyed(
    at(parent),
    all,
    (one) => `${one.value} ${one.disabled ?? ''}`,
    (one) =>
      make(
        'button',
        {
          class: 'act choice',
          type: 'button',
          disabled: one.disabled,
          data: { [field]: one.value },
          click: () => choose(one.value),
        },
        make('b', { text: one.text }),
        make('small'),
      ),
    (node, one) => {
      node.setAttribute('aria-pressed', String(chosen === one.value));
      say(node.lastElementChild, one.more ?? '');
    },
  );
}

/** What an alert might not be heard for, and apart from it, since it counts seconds that nobody wants
 * read aloud, a test that runs. @param {{name: string, text: string}[]} lines */
export function showCover(lines) {
  const isTest = (/** @type {{name: string}} */ one) => one.name.startsWith('test_');
  coverList('cover', lines.filter((one) => !isTest(one)));
  coverList('trying', lines.filter(isTest));
}

/** @param {string} id @param {{name: string, text: string}[]} lines */
function coverList(id, lines) {
  keyed(
    at(id),
    lines,
    (one) => one.name,
    (one) => make('li', { data: { cover: one.name } }),
    (node, one) => say(node, one.text),
  );
}

/** Names and values. @param {Element} list @param {[string, string][]} rows */
export function facts(list, rows) {
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
