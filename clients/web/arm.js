/**
 * Whether this screen can alarm, and the panel that makes it able to. It calls the screen armed
 * only while the audio really runs, and its volume good only when a person has said "I heard it".
 */
import { at, make } from './dom.js';
import { VOLUME_LEAST } from './sounding.js';
import { keep, kept, say, t } from './strings.js';

const DEAF_MS = 3000;

export class Arm {
  /** @param {{speaker: import('./sound.js').Speaker, onChange: () => void}} options */
  constructor({ speaker, onChange }) {
    this.speaker = speaker;
    this.onChange = onChange;
    /** @type {'silent'|'testing'|'armed'} */
    this.state = 'silent';
    this.volumeOk = false;
    this.tooQuiet = false;
    this.refused = false;
    /** @type {WakeLockSentinel|null} */
    this.lock = null;
    this.deafSince = 0;
    this.health = 'none';
    /** When somebody last said on this device that the sound is heard. @type {string|null} */
    this.testedAt = kept('heard');
    this.volume = Math.max(VOLUME_LEAST, kept('volume') ?? 1);
    this.build();
    document.addEventListener('visibilitychange', () => this.stayAwake());
    setInterval(() => this.watch(), 1000);
    this.byItself();
  }

  build() {
    const words = (/** @type {string} */ tag, /** @type {string} */ key) =>
      make(tag, { data: { t: key }, text: t(key) });
    const button = (/** @type {string} */ id, /** @type {string} */ look, /** @type {string} */ key, /** @type {() => void} */ click) =>
      make('button', { id, class: `act huge ${look}`, type: 'button', data: { t: key }, text: t(key), click });
    const slider = /** @type {HTMLInputElement} */ (
      make('input', {
        ...{ id: 'arm-volume', type: 'range', min: VOLUME_LEAST * 100, max: 100, step: 5 },
        input: () => {
          this.volume = Math.max(VOLUME_LEAST, Number(slider.value) / 100);
          keep('volume', this.volume);
          this.onChange();
        },
      })
    );
    slider.value = String(this.volume * 100);
    at('arm').replaceChildren(
      make(
        'div',
        { id: 'arm-silent' },
        make('p', { class: 'title' }, words('b', 'arm_title'), ' ', words('span', 'arm_why')),
        button('arm-tap', '', 'arm_tap', () => this.tap()),
        make('p', { id: 'arm-error', class: 'wrong', role: 'status' }),
      ),
      make(
        'div',
        { id: 'arm-testing', hidden: true },
        make('p', { class: 'title' }, words('b', 'arm_listen'), ' ', make('span', { id: 'arm-more' })),
        make(
          'div',
          { class: 'pair' },
          button('arm-heard', '', 'arm_heard', () => this.heard()),
          button('arm-quiet', 'plain', 'arm_quiet', () => this.quiet()),
        ),
        make('label', { id: 'arm-loudness' }, words('span', 'arm_volume'), ' ', slider),
      ),
      make('p', { id: 'arm-facts' }),
    );
  }

  /** A kiosk whose browser needs no tap arms itself; the sound is still to be heard once a day. */
  async byItself() {
    if (!(await this.speaker.unlock()) || this.state !== 'silent') return;
    this.volumeOk = this.testedToday();
    this.state = this.volumeOk ? 'armed' : 'testing';
    this.stayAwake();
    this.onChange();
  }

  async tap() {
    if (!document.fullscreenElement) {
      document.documentElement.requestFullscreen?.().catch(() => {});
    }
    this.stayAwake();
    const running = await this.speaker.unlock();
    this.refused = !running;
    this.volumeOk = false;
    if (running) this.state = 'testing';
    this.onChange();
  }

  heard() {
    this.state = 'armed';
    this.volumeOk = true;
    this.tooQuiet = false;
    this.testedAt = new Date().toISOString();
    keep('heard', this.testedAt);
    this.onChange();
  }

  testedToday() {
    const day = (/** @type {Date} */ moment) => moment.toDateString();
    return Boolean(this.testedAt) && day(new Date(this.testedAt ?? 0)) === day(new Date());
  }

  /** The daily sound test of a screen that is armed; it stays able until somebody says no. */
  again() {
    if (this.state === 'armed') this.state = 'testing';
    this.onChange();
  }

  quiet() {
    this.volumeOk = false;
    this.tooQuiet = true;
    this.onChange();
  }

  async stayAwake() {
    try {
      if (!document.hidden && (!this.lock || this.lock.released)) {
        this.lock = (await navigator.wakeLock?.request('screen')) ?? null;
      }
    } catch {
      this.lock = null;
    }
    this.onChange();
  }

  awake() {
    return Boolean(this.lock && !this.lock.released);
  }

  /** After sleep or an interruption the audio may be gone; then this screen says so again. */
  watch() {
    if (this.state === 'silent') return;
    const health = this.speaker.health();
    if (health !== this.health) {
      this.health = health;
      this.onChange(); // The others are to know at once.
    }
    if (health === 'running') {
      this.deafSince = 0;
      return;
    }
    this.speaker.unlock();
    this.deafSince ||= performance.now();
    if (performance.now() - this.deafSince < DEAF_MS) return;
    this.deafSince = 0;
    this.state = 'silent';
    this.volumeOk = false;
    this.onChange();
  }

  proof() {
    return {
      armed: this.state !== 'silent',
      sound: this.speaker.health(),
      visible: !document.hidden,
      awake: this.awake(),
      volume_ok: this.volumeOk,
    };
  }

  /** @param {string} time */
  show(time) {
    document.body.dataset.arm = this.state;
    at('arm').hidden = this.state === 'armed';
    if (this.state === 'armed') return;
    at('arm-silent').hidden = this.state !== 'silent';
    at('arm-testing').hidden = this.state !== 'testing';
    at('arm').setAttribute('aria-label', t('arm_label'));
    say(at('arm-more'), t(this.tooQuiet ? 'arm_louder' : 'arm_far'));
    say(at('arm-error'), this.refused ? t('arm_no_sound') : '');
    const facts = /** @type {[string, boolean][]} */ ([
      ['sound', this.speaker.health() === 'running'],
      ['awake', this.awake()],
      ['full', Boolean(document.fullscreenElement)],
    ]);
    at('arm-facts').replaceChildren(
      ...facts.map(([name, good]) =>
        make('span', {
          data: { good: String(good) },
          text: `${t(`arm_${name}`)} ${good ? t('ok') : t('not_ok')}`,
        }),
      ),
      make('span', { text: time }),
    );
  }
}
