/**
 * What the staff's paper pages share: who this browser is, the live feed, its badge, the language,
 * and small ways to draw and to ask. It shows nothing that the server has not said.
 */
import { ask, at, keyed, make } from './dom.js';
import { LOST_MS, Live, STALE_MS } from './live.js';
import { whoAmI } from './paired.js';
import { clock, keep, kept, language, say, speak, t } from './strings.js';
import { wayToPair } from './way_to_pair.js';
import './words.js';

/** @typedef {Object<string, any>} Json */
const RETRY_MS = 2000;

export class House {
  /** @param {{onShow: () => void, onFrame?: (frame: Json) => void, onLanguage?: () => void}} told
   * `onLanguage` empties what was made in the language before. */
  constructor({ onShow, onFrame = () => {}, onLanguage = () => {} }) {
    /** @type {Json} */
    this.who = kept('wall.who') || { kind: 'tablet' };
    this.paired = true;
    /** @type {Live|null} */
    this.live = null;
    this.spoken = kept('wall.language') ?? '';
    this.told = { onShow, onFrame, onLanguage };
    speak(this.spoken || null);
    setInterval(() => this.show(), 250);
    this.begin();
  }

  async begin() {
    this.who = await whoAmI((away) => {
      this.paired = away;
      this.show();
    });
    this.paired = true;
    this.live = new Live({
      as: this.who.kind,
      onFrame: (frame) => this.heard(frame),
      onLink: () => this.show(),
    });
    this.show();
  }

  /** @param {Json} frame */
  heard(frame) {
    const site = this.site();
    if (site && site.language !== this.spoken) {
      this.spoken = site.language;
      keep('wall.language', site.language);
      speak(site.language);
      this.told.onLanguage();
    }
    this.told.onFrame(frame);
    this.show();
  }

  /** @returns {Json|null} */
  site() {
    return this.live?.state.site ?? null;
  }

  now() {
    return this.live?.now() ?? Date.now();
  }

  isTablet() {
    return this.who.kind === 'tablet';
  }

  /** @param {string} part @returns {Json[]} */
  rows(part) {
    return this.site()?.[part] ?? [];
  }

  /** @param {string} id @returns {string} */
  nameOf(id) {
    return this.rows('people').find((one) => one.id === id)?.name ?? id;
  }

  /** Day and time at the site. @param {string} moment */
  when(moment) {
    const zone = this.site()?.timezone;
    const day = new Intl.DateTimeFormat(language(), {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      timeZone: zone || undefined,
    }).format(new Date(moment));
    return `${day} ${clock(moment, zone, false)}`;
  }

  /** Send until the server has answered. @param {string} path @param {Json} body
   * @returns {Promise<{status: number, body: Json}>} */
  async send(path, body) {
    for (;;) {
      const answer = await ask(path, { as: this.who.kind, body });
      if (answer.status && answer.status < 500) return answer;
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
    }
  }

  /** Milliseconds since the last word of the server, or since the page began. */
  age() {
    return this.live?.age() ?? performance.now();
  }

  /** Whether what is shown may be long over. */
  lost() {
    return this.age() > LOST_MS;
  }

  show() {
    showLink(this.paired, Boolean(this.site()), this.age());
    this.told.onShow();
  }
}

/** How old the news are, in words, or the way to pair. @param {boolean} paired @param {boolean} heard @param {number} age */
export function showLink(paired, heard, age) {
  const link = age > LOST_MS ? 'lost' : !heard ? 'connecting' : age > STALE_MS ? 'stale' : 'live';
  document.body.dataset.link = paired ? link : 'unpaired';
  at('link').hidden = !paired;
  const words = {
    live: `● ${t('live')}`,
    connecting: t('connecting'),
    stale: `! ${t('stale', { n: Math.floor(age / 1000) })}`,
    lost: `! ${t('no_network')}`,
  };
  say(at('link'), words[link]);
  at('missing').hidden = paired;
  if (!paired) wayToPair(at('missing'));
  return paired ? link : 'unpaired';
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
        one.more ? make('small', { text: one.more }) : null,
      ),
    (node, one) => node.setAttribute('aria-pressed', String(chosen === one.value)),
  );
}

/** Names and values. @param {string} id @param {[string, string][]} rows */
export function facts(id, rows) {
  keyed(
    at(id),
    rows.flatMap(([name, value]) => [
      { key: name, tag: 'dt', text: name },
      { key: `${name}=`, tag: 'dd', text: value },
    ]),
    (one) => one.key,
    (one) => make(one.tag),
    (node, one) => say(node, one.text),
  );
}
