/**
 * What the booth page shows, from what its parts know: every word comes from the facts, and a fact
 * that may be old by now is marked as such.
 */
import { boothState, steps } from './booth_view.js';
import { GAINS } from './sound.js';
import { clock, duration, language, say, t } from './strings.js';

const ENDED_MS = 120000;

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
export const at = (/** @type {string} */ id) =>
  /** @type {HTMLElement} */ (document.getElementById(id));

export class Page {
  /** @param {{memory: Json, live: import('./live.js').Live, presses: import('./presses.js').Presses,
   *   speaker: import('./sound.js').Speaker}} parts */
  constructor({ memory, live, presses, speaker }) {
    this.memory = memory;
    this.live = live;
    this.presses = presses;
    this.speaker = speaker;
  }

  /** @param {import('./booth_view.js').Facts} known */
  show(known) {
    const state = boothState(known);
    const zone = this.memory.site.timezone;
    const loud = known.failing;
    // A drill sends nobody to the phone.
    const nobody = Boolean(known.alert?.nobody_reached && !known.alert.drill);
    document.body.dataset.drill = String(Boolean(known.alert?.drill));
    document.body.dataset.state = state;
    document.body.dataset.fresh = String(!known.alert || this.live.fresh());
    document.body.dataset.urgent = String(loud || nobody);
    const place = this.memory.site.place_word?.[language()];
    say(
      at('place').firstElementChild,
      place ? place[0] + place.slice(1).toLowerCase() : t('booth'),
    );
    say(at('number'), this.memory.booth == null ? '' : this.memory.booth);
    say(at('status'), this.statusText(state, known));
    const showSteps = ['sent', 'sounding', 'coming', 'there'].includes(state);
    at('steps').hidden = !showSteps;
    at('word').hidden = showSteps;
    const [word, hint, worse] = WORDS[state] ?? ['help', 'press_once', 'press_worse'];
    say(at('word'), t(word));
    at('hint').hidden = showSteps;
    say(at('hint'), t(hint));
    say(at('worse'), t(worse));
    at('worse').hidden = !showSteps && state !== 'not_sent' && state !== 'unpaired';
    if (showSteps) for (const step of steps(known)) this.showStep(step, known.alert, zone);
    say(at('note'), this.noteText(state, known, zone));
    this.showCall(loud || nobody);
    at('trying').hidden = !loud;
    say(at('trying'), loud ? t('trying', { n: this.presses.oldest()?.tries ?? 1 }) : '');
    this.showSiren(loud);
    at('mistake').hidden = !showSteps || this.memory.mistake === 'told' || state === 'not_sent';
    say(at('mistake'), this.memory.mistake === 'sending' ? t('mistake_sending') : t('mistake'));
    at('pair').hidden = state !== 'unpaired';
    say(at('language'), t('other_language'));
    at('language').lang = language() === 'en' ? 'nl' : 'en';
    this.speakUp(state, known, nobody);
  }

  /** @param {string} state @param {Json} known */
  statusText(state, known) {
    if (known.alert && state !== 'not_sent') {
      return this.live.fresh()
        ? duration(this.live.now() - Date.parse(known.alert.raised_at))
        : t('no_network');
    }
    return t(STATUS[state] ?? 'no_network');
  }

  /** @param {import('./booth_view.js').Step} step @param {Json|null} alert @param {string} zone */
  showStep(step, alert, zone) {
    const row = /** @type {HTMLElement} */ (at('steps').querySelector(`[data-step=${step.name}]`));
    // What was true before the connection went is not known to be true now.
    row.dataset.done =
      step.done && step.name !== 'sent' && !this.live.fresh() ? 'old' : String(step.done);
    let text = t(step.key, step.slots);
    if (step.name === 'sent' && alert && step.done) {
      text += ` ${clock(alert.raised_at, zone)}`;
      if (alert.presses > 1) text += ` · ${t('pressed_times', { n: alert.presses })}`;
    }
    if (step.key === 'coming' && alert?.first_answer_at) {
      text += ` · ${t('on_the_way', { time: duration(this.live.now() - Date.parse(alert.first_answer_at)) })}`;
    }
    say(row.lastElementChild, text);
  }

  /** @param {string} state @param {Json} known @param {string} zone */
  noteText(state, known, zone) {
    const { alert } = known;
    if (state === 'not_sent')
      return alert ? t('sent_before', { time: clock(alert.raised_at, zone) }) : '';
    if (state === 'unpaired') return '';
    if (alert && !this.live.fresh()) return t('no_news', { time: duration(this.live.age()) });
    if (alert?.drill) return t('drill_booth_note');
    if (alert?.nobody_reached) return t('nobody');
    if (alert && this.memory.mistake === 'told') return t('mistake_told');
    if (state === 'there') return t('not_alone_here');
    if (alert) return t(state === 'coming' ? 'not_alone' : 'not_alone_yet');
    if (state === 'offline') return t('no_network_long');
    if (this.memory.alert) return t('recovering');
    if (performance.now() - this.memory.endedAt < ENDED_MS) return t('ended');
    if (state === 'sending') return '';
    return this.memory.checkedAt
      ? t('works', { time: clock(this.memory.checkedAt, zone, false) })
      : t('checking');
  }

  /** @param {boolean} wanted */
  showCall(wanted) {
    const number = this.memory.site.emergency_number;
    const link = /** @type {HTMLAnchorElement} */ (at('call'));
    link.hidden = !wanted;
    if (number) link.href = `tel:${number}`;
    say(at('call-word'), number ? t('call') : t('call_unknown'));
    say(at('call-number'), number || '');
  }

  /** @param {boolean} wanted */
  showSiren(wanted) {
    const left = this.memory.silentUntil - performance.now();
    const sounds = wanted && left <= 0;
    if (sounds) this.speaker.play('siren', GAINS.siren);
    else if (this.speaker.playing === 'siren') this.speaker.play('none', 0);
    document.body.dataset.siren = sounds && this.speaker.health() === 'running' ? 'on' : 'off';
    at('siren').hidden = !wanted;
    say(
      at('siren'),
      !wanted
        ? ''
        : left > 0
          ? t('siren_off', { time: duration(left) })
          : this.speaker.health() === 'running'
            ? t('hold')
            : t('siren_touch'),
    );
  }

  /** For those who do not see: once per change, never each second.
   * @param {string} state @param {import('./booth_view.js').Facts} known @param {boolean} nobody */
  speakUp(state, known, nobody) {
    const said =
      state === 'not_sent'
        ? `${t('not_sent')}. ${t('shout')}.`
        : state === 'unpaired'
          ? `${t('unpaired')}. ${t('unpaired_long')}. ${t('unpaired_shout')}.`
          : nobody
            ? t('nobody_call', { number: this.memory.site.emergency_number || '' })
            : '';
    say(at('alarm'), said);
    say(
      at('spoken'),
      said || !known.alert
        ? state === 'sending'
          ? t('sending_word')
          : ''
        : steps(known)
            .map((step) => t(step.key, step.slots))
            .concat(known.alert.drill ? t('drill_booth_note') : [])
            .join('. '),
    );
  }
}
