/**
 * Every sound of Directline, with its exact timing (screens.md 3.2), as looped audio buffers: the
 * audio hardware keeps the rhythm, so a busy or throttled page can not make an alarm stumble.
 */

export const RATE = 16000;
const HARMONICS = [1, 0.8, 0.7, 0.55, 0.4]; // The weakest is 8 dB down; the standard allows 15.
const RISE = 0.15;
const PEAK = 0.9;

const ALARM_HZ = 523;
const FAULT_HZ = 392;
const INFO_HZ = 330;
// 10 pulses of 150 ms, (3 + 2) twice: 100 ms between pulses, 350 ms in a half, 600 ms between halves.
const HALF = [0, 250, 500, 1000, 1250];
const BURST = [...HALF, ...HALF.map((start) => start + 2000)];

/**
 * `pulses` are [start ms, length ms, hertz]; the pattern begins again after `cycle` ms, at most
 * `times` times where that is given.
 * @typedef {{pulses: number[][], cycle: number, times?: number}} Pattern
 * @type {Object<string, Pattern>}
 */
export const PATTERNS = {
  alarm: { pulses: BURST.map((start) => [start, 150, ALARM_HZ]), cycle: 6400 },
  soft: { pulses: [[0, 150, ALARM_HZ]], cycle: 10000 },
  fault: { pulses: [0, 400, 800].map((start) => [start, 200, FAULT_HZ]), cycle: 30000, times: 3 },
  info: { pulses: [0, 400].map((start) => [start, 200, INFO_HZ]), cycle: 1000, times: 1 },
  test: { pulses: [0, 400].map((start) => [start, 200, INFO_HZ]), cycle: 2000 },
  breath: { pulses: [[0, 90, INFO_HZ]], cycle: 5000 },
};
export const GAINS = {
  alarm: 0.75,
  louder: 1,
  soft: 0.3,
  fault: 0.6,
  info: 0.4,
  test: 0.75,
};

/** One cycle of the pattern as samples between -1 and 1.
 * @param {Pattern} pattern @param {number} rate @returns {Float32Array<ArrayBuffer>} */
export function samples(pattern, rate) {
  const whole = new Float32Array(Math.round((pattern.cycle / 1000) * rate));
  for (const [start, length, hertz] of pattern.pulses) {
    const first = Math.round((start / 1000) * rate);
    const count = Math.round((length / 1000) * rate);
    const rise = RISE * count;
    for (let at = 0; at < count && first + at < whole.length; at += 1) {
      const envelope = Math.min(1, at / rise, (count - at) / rise);
      const turn = (2 * Math.PI * hertz * at) / rate;
      const tone = HARMONICS.reduce((total, part, n) => total + part * Math.sin(turn * (n + 1)), 0);
      whole[first + at] = envelope * tone;
    }
  }
  const loudest = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return whole.map((value) => (PEAK * value) / loudest);
}

/** One cycle of a pattern, ready to loop. @param {BaseAudioContext} context @param {string} name */
export function patternBuffer(context, name) {
  const data = samples(PATTERNS[name], RATE);
  const made = context.createBuffer(1, data.length, RATE);
  made.copyToChannel(data, 0);
  return made;
}

/** @param {AudioNode} into @param {AudioBuffer} buffer @returns {AudioBufferSourceNode} */
export function looped(into, buffer) {
  const source = into.context.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  source.connect(into);
  return source;
}

export class Speaker {
  constructor() {
    /** @type {AudioContext|null} */
    this.context = null;
    /** @type {AudioBufferSourceNode|null} */
    this.source = null;
    this.playing = 'none';
    this.startedAt = 0;
    this.volume = 0;
    /** @type {Map<string, AudioBuffer>} */
    this.buffers = new Map();
    this.seenTime = 0;
    this.movedAt = -Infinity;
    this.builtAt = 0;
    setInterval(() => this.look(), 500);
  }

  /** Make or wake the audio; sounds only after a gesture, so call it inside one. */
  async unlock() {
    try {
      const session = /** @type {any} */ (navigator).audioSession;
      if (session) session.type = 'playback'; // Else the silent switch of an iPad mutes alarms.
      if (!this.context || this.context.state === 'closed') this.build();
      if (this.context && this.context.state !== 'running') {
        // Without a gesture the promise never ends, so we do not wait for it for ever.
        await Promise.race([
          this.context.resume(),
          new Promise((done) => {
            setTimeout(done, 700);
          }),
        ]);
        // After a lock an iPad calls it interrupted, and only a new context sounds again.
        if (/** @type {string} */ (this.context.state) === 'interrupted') this.renew();
      }
      await this.moved();
    } catch (error) {
      console.warn('no sound', error);
    }
    this.look();
    return this.health() === 'running';
  }

  /** Give a context that says it runs a moment to show it. */
  async moved() {
    for (let tries = 0; tries < 14 && this.context?.state === 'running'; tries += 1) {
      this.look();
      if (this.health() === 'running') return;
      await new Promise((done) => {
        setTimeout(done, 50);
      });
    }
  }

  build() {
    this.context = new AudioContext({ latencyHint: 'interactive' });
    this.gain = this.context.createGain();
    this.meter = this.context.createAnalyser();
    this.gain.connect(this.meter).connect(this.context.destination);
    this.buffers.clear();
    this.seenTime = this.context.currentTime;
    this.movedAt = -Infinity; // A new clock proves nothing until it has moved.
    this.builtAt = performance.now();
    const { playing, volume } = this;
    this.playing = 'none';
    this.source = null;
    if (playing !== 'none') this.play(playing, volume);
  }

  /** Sound this pattern, and only this, until told otherwise; the same again changes nothing.
   * @param {string} name @param {number} volume */
  play(name, volume) {
    if (this.gain && this.context && volume !== this.volume) {
      this.gain.gain.setTargetAtTime(volume, this.context.currentTime, 0.01);
    }
    this.volume = volume;
    if (name === this.playing) return;
    this.playing = name;
    this.source?.stop();
    this.source = null;
    if (name === 'none' || !this.context || !this.gain) return;
    const known = this.buffers.get(name) ?? patternBuffer(this.context, name);
    this.buffers.set(name, known);
    this.source = looped(this.gain, known);
    this.startedAt = this.context.currentTime;
    this.source.start(this.startedAt);
    const { times, cycle } = PATTERNS[name];
    if (times) this.source.stop(this.startedAt + (times * cycle) / 1000);
  }

  /** Begin the pattern that plays anew, as with its first burst. */
  restart() {
    const { playing } = this;
    this.playing = 'none';
    this.play(playing, this.volume);
  }

  look() {
    if (!this.context) return;
    if (this.context.currentTime !== this.seenTime) {
      this.seenTime = this.context.currentTime;
      this.movedAt = performance.now();
    } else if (
      this.context.state === 'running' &&
      performance.now() - Math.max(this.movedAt, this.builtAt) > 3000
    ) {
      // A context that says it runs and stands still never recovers; a new one may.
      this.renew();
    }
  }

  renew() {
    this.context?.close().catch(() => {});
    this.build();
  }

  /** What a proof may say: a clock that stands still is frozen, whatever the state says. */
  health() {
    if (!this.context) return 'none';
    if (this.context.state !== 'running') return 'suspended';
    return performance.now() - this.movedAt > 2000 ? 'frozen' : 'running';
  }
}
