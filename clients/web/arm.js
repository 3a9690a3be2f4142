/**
 * Whether this screen can alarm, and the panel that makes it able to. It calls the screen armed
 * only while the audio really runs, and its volume good only when a person has said "I heard it".
 */
import { at, make } from './dom.js';
import { keep, kept, say, t } from './strings.js';

const DEAF_MS = 3000;
const today = () => new Date().toDateString();

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
    at('arm-tap').addEventListener('click', () => this.tap());
    at('arm-heard').addEventListener('click', () => this.heard());
    at('arm-quiet').addEventListener('click', () => this.quiet());
    document.addEventListener('visibilitychange', () => this.stayAwake());
    setInterval(() => this.watch(), 1000);
    this.byItself();
  }

  /** A kiosk whose browser needs no tap arms itself; the sound is still to be heard once a day. */
  async byItself() {
    if (!(await this.speaker.unlock()) || this.state !== 'silent') return;
    this.volumeOk = kept('heard') === today();
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
    keep('heard', today());
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
    if (this.speaker.health() === 'running') {
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
    say(
      at('arm-more'),
      this.refused ? t('arm_no_sound') : this.tooQuiet ? t('arm_louder') : t('arm_far'),
    );
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
