/**
 * The two sounds of a booth: the chirp that answers a touch, and the siren of a press that was not
 * sent. The audio hardware keeps the rhythm, so a busy or throttled page cannot make it stumble.
 */
const STOOD_MS = 3000;

export class Siren {
  constructor() {
    /** @type {AudioContext|null} */
    this.context = null;
    /** @type {OscillatorNode[]} */
    this.sources = [];
    this.playing = 'none';
  }

  /** Make or wake the audio; it sounds only after a gesture, so call this inside one. */
  unlock() {
    const state = /** @type {string|undefined} */ (this.context?.state);
    if (!state || state === 'closed' || state === 'interrupted') this.build();
    this.context?.resume().catch(() => {});
  }

  build() {
    const session = /** @type {any} */ (navigator).audioSession;
    if (session) session.type = 'playback'; // Else the silent switch of an iPad mutes the siren.
    this.context?.close().catch(() => {});
    this.context = new AudioContext();
    this.meter = this.context.createAnalyser();
    this.meter.connect(this.context.destination);
    this.seen = 0;
    this.movedAt = performance.now();
    const { playing } = this;
    this.playing = 'none';
    this.sources = [];
    if (playing === 'siren') this.play('siren');
  }

  /** Sound siren, chirp or none; the same again changes nothing. @param {string} name */
  play(name) {
    if (name === this.playing) return;
    this.playing = name;
    for (const source of this.sources) source.stop();
    this.sources = [];
    if (name === 'none' || !this.context || !this.meter) return;
    const { currentTime } = this.context;
    const tone = this.context.createOscillator();
    const loud = this.context.createGain();
    tone.type = 'sawtooth';
    tone.connect(loud).connect(this.meter);
    tone.start();
    this.sources = [tone];
    if (name === 'siren') {
      // Two tones, half a second each: one oscillator moves the other up and down.
      const turn = this.context.createOscillator();
      const height = this.context.createGain();
      turn.type = 'square';
      turn.frequency.value = 1;
      height.gain.value = 110;
      tone.frequency.value = 770;
      turn.connect(height).connect(tone.frequency);
      turn.start();
      this.sources.push(turn);
    } else {
      tone.frequency.value = 330;
      loud.gain.setValueAtTime(0.4, currentTime);
      loud.gain.linearRampToValueAtTime(0, currentTime + 0.15);
      tone.stop(currentTime + 0.15);
      tone.onended = () => {
        if (this.sources.includes(tone)) this.play('none');
      };
    }
  }

  /** none, suspended or running. A clock that stands still although it says it runs never recovers,
   * so another is made. */
  health() {
    if (!this.context) return 'none';
    if (this.context.state !== 'running') return 'suspended';
    const now = performance.now();
    if (this.context.currentTime !== this.seen) {
      this.seen = this.context.currentTime;
      this.movedAt = now;
    } else if (now - (this.movedAt ?? now) > STOOD_MS) this.build();
    return 'running';
  }
}
