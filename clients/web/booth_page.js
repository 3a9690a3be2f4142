/**
 * What the booth page shows, from what its parts know: every word comes from the facts, and a fact
 * that may be old by now is marked as such.
 */
import { NAMES, apart, clock, duration, language, say, t } from './strings.js';

const ENDED_MS = 120000;
/** A tablet that offers to call and cannot costs the time in which somebody could have shouted. */
const CAN_CALL = /iPhone|Android.*Mobile/.test(navigator.userAgent);

/** The big word on the button, the line below it, and what pressing once more would mean.
 * @type {Object<string, [string, string, string]>} */
const WORDS = {
  sending: ['sending', 'press_again', 'press_worse'],
  not_sent: ['not_sent', 'shout', 'try_again'],
  unpaired: ['unpaired', 'unpaired_long', 'unpaired_shout'],
};
/** @type {Object<string, string>} */
const STATUS = {
  ready: 'ready',
  checking: 'checking',
  sending: 'sending_word',
  unpaired: 'unpaired',
};

/** @typedef {Object<string, any>} Json */
/**
 * What may truthfully be said, from what is known: pure, without clock and document. The steps are
 * never merged, and each later one needs proof from somebody else.
 * @typedef {{alert: Json|null, waiting: boolean, failing: boolean, unpaired: boolean,
 *   online: boolean|null, cameBefore: boolean, soundedBefore: boolean}} Facts
 *   `online` is null until the first check has ended.
 * @typedef {[name: string, done: boolean, key: string, slots?: Json]} Step
 */

/** How many staff screens are proved to sound. @param {Json|null} alert @returns {number} */
export const soundingCount = (alert) => alert?.sounding?.length ?? 0;

/** One of: ready, checking, offline, unpaired, sending, not_sent, sent, sounding, coming, there.
 * @param {Facts} facts @returns {string} */
export function boothState({ alert, waiting, failing, unpaired, online }) {
  if (unpaired) return 'unpaired';
  if (failing) return 'not_sent';
  if (alert?.state === 'at_booth') return 'there';
  if (alert?.state === 'on_the_way') return 'coming';
  if (waiting && !alert) return 'sending';
  if (alert) return soundingCount(alert) ? 'sounding' : 'sent';
  return online == null ? 'checking' : online ? 'ready' : 'offline';
}

/** The steps below the press, in order. @param {Facts} facts @returns {Step[]} */
export function steps({ alert, waiting, cameBefore, soundedBefore }) {
  const stored = Boolean(alert) && !waiting;
  const n = soundingCount(alert);
  const coming = alert?.state === 'on_the_way' || alert?.state === 'at_booth';
  const sounded = coming && soundedBefore;
  const silent = sounded ? 'sounded' : soundedBefore ? 'sounding_gone' : 'sounding_wait';
  const missing = cameBefore ? 'coming_still' : 'coming_wait';
  const there = alert?.state === 'at_booth' ? 'there' : 'coming';
  return [
    ['sent', stored, stored ? 'sent' : 'sending_word'],
    ['sounding', n > 0 || sounded, n ? (n === 1 ? 'sounding_on_1' : 'sounding_on') : silent, { n }],
    ['coming', coming, coming ? there : missing],
  ];
}

export const at = (/** @type {string} */ id) =>
  /** @type {HTMLElement} */ (document.getElementById(id));

/** Say this there, or hide the place while there is nothing to say.
 * @param {string} id @param {string} text */
function tell(id, text) {
  at(id).hidden = !text;
  say(at(id), text);
}

export class Page {
  /** @param {{memory: Json, live: import('./live.js').Live, presses: import('./presses.js').Presses,
   *   siren: import('./siren.js').Siren, onLanguage: (code: string) => void}} parts */
  constructor({ memory, live, presses, siren, onLanguage }) {
    this.memory = memory;
    this.live = live;
    this.presses = presses;
    this.siren = siren;
    this.onLanguage = onLanguage;
    this.offered = '';
  }

  /** @param {Facts} known */
  show(known) {
    const { alert, failing: loud } = known;
    const state = boothState(known);
    const zone = this.memory.site.timezone;
    const nobody = Boolean(alert?.nobody_reached && !alert.drill); // A drill calls nobody.
    const showSteps = ['sent', 'sounding', 'coming', 'there'].includes(state);
    const drill = showSteps && Boolean(alert?.drill);
    const trouble = ['offline', 'not_sent', 'unpaired'].includes(state) || (alert && !this.live.fresh());
    Object.assign(document.body.dataset, { state, trouble: Boolean(trouble), drill, urgent: loud || nobody });
    const place = this.memory.site.place_word?.[language()];
    say(at('place'), place ? place[0] + place.slice(1).toLowerCase() : t('booth'));
    say(at('number'), this.memory.booth ?? '');
    say(at('status'), this.statusText(state, known));
    const [word, hint, worse] = WORDS[state] ?? ['help', 'press_once', 'press_worse'];
    const longest = Math.max(...t(word).split(' ').map((part) => part.length));
    document.body.style.setProperty('--letters', String(longest));
    tell('word', showSteps ? '' : t(word));
    tell('hint', showSteps ? '' : t(hint));
    tell('worse', drill ? t('drill_real') : showSteps || WORDS[state] ? t(worse) : '');
    at('worse').hidden ||= state === 'sending';
    at('steps').hidden = !showSteps;
    if (showSteps) for (const step of steps(known)) this.showStep(step, alert, zone);
    say(at('note'), this.noteText(state, known, zone));
    this.showCall(loud || nobody);
    tell('trying', loud ? t('trying', { n: this.presses.oldest()?.tries ?? 1 }) : '');
    this.showSiren(loud);
    const { mistake } = this.memory;
    const mayErr = showSteps && !drill && mistake !== 'told';
    tell('mistake', mayErr ? t(mistake ? 'mistake_sending' : 'mistake') : '');
    at('pair').hidden = state !== 'unpaired';
    at('newer').hidden = !(state === 'ready' && this.memory.newer());
    this.showLanguages();
    this.speakUp(state, known, nobody);
  }

  /** @param {string} state @param {Json} known */
  statusText(state, { alert }) {
    if (!alert || state === 'not_sent') return t(STATUS[state] ?? 'no_network');
    if (!this.live.fresh()) return t('no_network');
    return duration(this.live.now() - Date.parse(alert.raised_at));
  }

  /** @param {Step} step @param {Json|null} alert @param {string} zone */
  showStep([name, done, key, slots], alert, zone) {
    const row = /** @type {HTMLElement} */ (at('steps').querySelector(`[data-step=${name}]`));
    // What was true before the connection went is not known to be true now.
    row.dataset.done = done && name !== 'sent' && !this.live.fresh() ? 'old' : String(done);
    const parts = [t(key, slots)];
    if (key === 'sent') {
      parts[0] += ` ${apart(clock(alert?.raised_at, zone))}`;
      if (alert?.presses > 1) parts.push(t('pressed_times', { n: alert?.presses }));
    }
    if (key === 'coming' && alert?.first_answer_at) {
      const time = duration(this.live.now() - Date.parse(alert.first_answer_at));
      parts.push(t('on_the_way', { time }));
    }
    say(row.lastElementChild, parts.join(' · '));
  }

  /** @param {string} state @param {Json} known @param {string} zone @returns {string} */
  noteText(state, { alert }, zone) {
    if (state === 'not_sent')
      return alert ? t('sent_before', { time: clock(alert.raised_at, zone) }) : '';
    if (state === 'unpaired') return '';
    if (alert && !this.live.fresh()) return t('no_news', { time: duration(this.live.age()) });
    if (alert?.drill) return t('drill_long');
    const test = alert ? '' : this.testKey();
    if (test === 'test_open') return t(test);
    if (alert?.nobody_reached) return t('nobody');
    if (alert && this.memory.mistake === 'told') return t('mistake_told');
    if (state === 'there') return t('not_alone_here');
    if (alert) return t(state === 'coming' ? 'not_alone' : 'not_alone_yet');
    if (state === 'offline') return t('no_network_long');
    if (this.memory.alert) return t('recovering');
    if (performance.now() - this.memory.endedAt < ENDED_MS) return t('ended');
    if (state === 'sending') return '';
    if (test) return t(test);
    return this.memory.checkedAt
      ? t('works', { time: clock(this.memory.checkedAt, zone, false) })
      : t('checking');
  }

  /** What is to be said of a test of this button, by hand on a tablet. */
  testKey() {
    const tests = /** @type {Json[]} */ (this.live.state.site?.button_tests ?? []);
    const test = tests.find((one) => one.booth === this.memory.booth);
    const now = this.live.now();
    if (!test || Date.parse(test.until) + ENDED_MS < now) return '';
    if (test.heard_at) return 'test_heard';
    return Date.parse(test.until) > now ? 'test_open' : '';
  }

  /** @param {boolean} wanted */
  showCall(wanted) {
    const number = this.memory.site.emergency_number || '';
    const link = at('call');
    link.hidden = !wanted;
    if (number && CAN_CALL) link.setAttribute('href', `tel:${number}`);
    say(at('call-word'), t(number ? 'call' : 'call_unknown'));
    say(at('call-number'), number);
    document.body.style.setProperty('--digits', String(number.length || 1));
  }

  /** @param {boolean} wanted */
  showSiren(wanted) {
    const left = this.memory.silentUntil - performance.now();
    const sounds = wanted && left <= 0;
    const runs = this.siren.health() === 'running';
    if (sounds) this.siren.play('siren');
    else if (this.siren.playing === 'siren') this.siren.play('none');
    document.body.dataset.siren = sounds && runs ? 'on' : 'off';
    const said = left > 0 ? t('siren_off', { time: duration(left) }) : t(runs ? 'hold' : 'siren_touch');
    tell('siren', wanted ? said : '');
  }

  /** The other languages, each by its own name. */
  showLanguages() {
    const offered = ['en', 'nl', ...(this.memory.site.booth_languages ?? [])];
    const others = offered.filter((code) => NAMES[code] && code !== language());
    if (this.offered === others.join()) return;
    this.offered = others.join();
    at('languages').ariaLabel = t('language');
    at('languages').replaceChildren(
      ...others.map((lang) => {
        const onclick = () => this.onLanguage(lang);
        const look = { className: 'quiet', type: 'button', textContent: NAMES[lang] };
        return Object.assign(document.createElement('button'), { ...look, lang, onclick });
      }),
    );
  }

  /** For those who do not see: once per change, never each second.
   * @param {string} state @param {Facts} known @param {boolean} nobody */
  speakUp(state, known, nobody) {
    const all = (/** @type {string[]} */ ...keys) => keys.map((key) => t(key)).join('. ');
    let said = '';
    if (state === 'not_sent') said = all('not_sent', 'shout');
    else if (state === 'unpaired') said = all('unpaired', 'unpaired_long', 'unpaired_shout');
    else if (nobody) said = t('nobody_call', { number: this.memory.site.emergency_number || '' });
    const calm = steps(known).map(([, , key, slots]) => t(key, slots));
    if (known.alert?.drill) calm.unshift(t('drill_long'));
    say(at('alarm'), said);
    say(at('spoken'), !said && (known.alert || known.waiting) ? calm.join('. ') : '');
  }
}
