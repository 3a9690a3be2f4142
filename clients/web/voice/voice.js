/**
 * The spoken place after an alarm's bursts 1, 3, 5 …: "Drill, booth twelve". The words are files of
 * ours (voice/en.mp3, voice/nl.mp3, made by `make voices`, see voice/LICENCE.txt), cut up by
 * voice/clips.json and joined here, because a browser's own speech may need a network.
 */
import { PATTERNS, RATE, looped } from '../sound.js';

/** @typedef {Object<string, any>} Json */

const BURST_MS = 3400;
const BEFORE_MS = 100; // After the burst, so that the first sound of the word stands free.
const ROUND_MS = 2 * PATTERNS.alarm.cycle; // It speaks after every second burst.
const GAP_SECONDS = 0.05;
const QUIET = 0.01;
const PHRASES_MOST = 8;
const KINDS = /** @type {Object<string, string>} */ ({
  ...{ ROOM: 'room', PLACE: 'place', KAMER: 'room', PLAATS: 'place' },
});

/** The clips that say this number. @param {number} number @param {string} language */
export function numberClips(number, language) {
  if (number > 99) return [...String(number)];
  const ones = number % 10;
  const tens = number - ones;
  if (number < 20 || !ones) return [String(number)];
  return language === 'nl' ? [String(ones), `and${tens}`] : [String(tens), String(ones)];
}

/** The clips that say where this alert is. @param {Json} alert @param {Json|null} site
 * @returns {string[]} */
export function phraseOf(alert, site) {
  const language = site?.language === 'nl' ? 'nl' : 'en';
  const word = String(site?.place_word?.[language] ?? '').toUpperCase();
  return [
    ...(alert.drill ? ['drill'] : []),
    ...(alert.booth == null
      ? ['somewhere']
      : [KINDS[word] ?? 'booth', ...numberClips(alert.booth, language)]),
  ];
}

/** One recording of many words, cut into them and rid of the silence around each.
 * @param {Float32Array} whole @param {Object<string, number[]>} clips seconds
 * @returns {Map<string, Float32Array>} */
export function cut(whole, clips) {
  const loud = (/** @type {number} */ value) => Math.abs(value) > QUIET;
  return new Map(
    Object.entries(clips).map(([name, [from, to]]) => {
      const part = whole.subarray(Math.round(from * RATE), Math.round(to * RATE));
      return [name, part.subarray(part.findIndex(loud), part.findLastIndex(loud) + 1)];
    }),
  );
}

/** @param {string[]} phrase @param {Map<string, Float32Array>} clips @returns {Float32Array} */
export function spoken(phrase, clips) {
  const gap = new Float32Array(Math.round(GAP_SECONDS * RATE));
  const parts = phrase.flatMap((name) => [clips.get(name) ?? new Float32Array(), gap]);
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** All phrases in turn, each after the burst of its own round. @param {Float32Array[]} phrases
 * @returns {Float32Array<ArrayBuffer>} */
export function rounds(phrases) {
  const round = Math.round((ROUND_MS / 1000) * RATE);
  const whole = new Float32Array(round * phrases.length);
  phrases.forEach((phrase, n) => {
    const from = n * round + Math.round(((BURST_MS + BEFORE_MS) / 1000) * RATE);
    whole.set(phrase.subarray(0, round), from);
  });
  return whole;
}

/** @param {string} language @returns {Promise<Map<string, Float32Array>>} */
export async function load(language) {
  const [table, sound] = await Promise.all([
    fetch('/web/voice/clips.json').then((answer) => answer.json()),
    fetch(`/web/voice/${language}.mp3`).then((answer) => answer.arrayBuffer()),
  ]);
  const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(sound);
  return cut(decoded.getChannelData(0), table[language]);
}

export class Voice {
  /** @param {import('../sound.js').Speaker} speaker the voice keeps to its bursts */
  constructor(speaker) {
    this.speaker = speaker;
    this.language = '';
    /** @type {Map<string, Float32Array>|null} */
    this.clips = null;
    /** @type {AudioBufferSourceNode|null} */
    this.source = null;
    this.saying = '';
    this.startedAt = 0;
    this.triedAt = -Infinity;
  }

  /** Have the words of this language ready; a failure costs the voice, never the alarm.
   * @param {string} language */
  async speak(language) {
    const known = language === 'nl' ? 'nl' : 'en';
    if (known === this.language && (this.clips || performance.now() - this.triedAt < 5000)) return;
    this.language = known;
    this.triedAt = performance.now();
    this.clips = null;
    const clips = await load(known).catch(() => null);
    if (this.language === known) this.clips = clips;
  }

  /** Say these places while the alarm sounds, the newest first and in turn; none is silence.
   * A place that was not said before begins the alarm anew, so that it is heard at once.
   * @param {string[][]} phrases */
  say(phrases) {
    const { speaker } = this;
    const wanted = speaker.playing === 'alarm' && this.clips ? phrases.slice(0, PHRASES_MOST) : [];
    const name = wanted.map((one) => one.join(' ')).join();
    const old = this.saying ? this.saying.split(',') : [];
    const isNew = wanted.some((one) => !old.includes(one.join(' ')));
    if (name === this.saying && (!name || this.startedAt === speaker.startedAt)) return;
    if (old.length && isNew && this.startedAt === speaker.startedAt) speaker.restart();
    this.source?.stop();
    this.source = null;
    this.saying = name;
    this.startedAt = speaker.startedAt;
    const { context, gain } = speaker;
    if (!name || !context || !gain || !this.clips) return;
    const clips = this.clips;
    const data = rounds(wanted.map((one) => spoken(one, clips)));
    const buffer = context.createBuffer(1, data.length, RATE);
    buffer.copyToChannel(data, 0);
    this.source = looped(gain, buffer);
    // In step with the bursts: from where the round is that runs now.
    const late = Math.max(0, context.currentTime - speaker.startedAt) % (ROUND_MS / 1000);
    this.source.start(context.currentTime, late);
  }
}
