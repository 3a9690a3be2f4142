/**
 * The breath pacer: a quiet tick each five seconds while somebody breathes for another. The audio
 * clock keeps the time; it is a switch, off until somebody wants it, and never an alarm.
 */
import { looped, patternBuffer } from './sound.js';

const GAIN = 0.35;

export class Pacer {
  /** @param {import('./sound.js').Speaker} speaker whose audio it shares */
  constructor(speaker) {
    this.speaker = speaker;
    this.on = false;
    /** @type {AudioBufferSourceNode|null} */
    this.source = null;
  }

  async toggle() {
    this.on = !this.on;
    if (this.on) await this.speaker.unlock();
    this.keep();
  }

  /** Go on after the audio has been made anew; call it now and then. */
  keep() {
    const { context, meter } = this.speaker;
    const lives = this.source && this.source.context === context;
    if (this.on && lives) return;
    this.source?.stop();
    this.source = null;
    if (!this.on || !context || !meter) return;
    const gain = context.createGain();
    gain.gain.value = GAIN;
    gain.connect(meter);
    this.source = looped(gain, patternBuffer(context, 'breath'));
    this.source.start();
  }
}
