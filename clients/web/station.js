/**
 * What the wall, the incident page and the line's panel have in common: who this device is, its
 * feed, all it knows, its sound and its silence, and the proof that it can alarm. Pages draw; this
 * one never does.
 */
import { Actions } from './actions.js';
import { Arm } from './arm.js';
import { ask, at } from './dom.js';
import { NOTHING, fold, noExtra, readBack } from './known.js';
import { Live } from './live.js';
import { whoAmI } from './paired.js';
import { callsOf, faultsOf, linkOf, remindersOf } from './picture.js';
import { Silence } from './silence.js';
import { Speaker } from './sound.js';
import { chooseSound, noSound } from './sounding.js';
import { clock, keep, kept, say, speak, t } from './strings.js';
import { ordered } from './state.js';
import { drillFirst, isLoud, placeOf, soundOf, stateLine } from './view.js';

/** @typedef {Object<string, any>} Json */
const VOICE_RETRY_MS = 10000;
const PROOF_MS = 4000;
const HIDDEN_MS = 60000;

export class Station {
  /** @param {{onChange: () => void, onFrame?: (frame: Json) => void, onStored?: (alert: Json, action: string) => unknown,
   *   onLanguage: () => void}} options `onChange`: draw again */
  constructor({ onChange, onFrame, onStored, onLanguage }) {
    this.onChange = onChange;
    this.onFrame = onFrame;
    this.onLanguage = onLanguage;
    /** @type {Json} */
    this.who = kept('wall.who') || { kind: 'screen' };
    this.paired = true;
    this.known = NOTHING;
    this.heard = noSound();
    this.sounding = '';
    this.language = '';
    this.title = '';
    /** @type {Live|null} */
    this.live = null;
    speak(kept('wall.language'));
    const now = () => this.now();
    const site = () => this.site();
    this.speaker = new Speaker();
    /** @type {typeof import('./voice/voice.js')|null} */
    this.words = null;
    /** @type {import('./voice/voice.js').Voice|null} */
    this.voice = null;
    this.fetchVoice();
    this.arm = new Arm({ speaker: this.speaker, onChange: () => this.changed() });
    this.actions = new Actions({
      as: () => this.who.kind,
      alert: (id) => this.known.state.alerts[id],
      ...{ site, now, onStored },
    });
    this.silence = new Silence({
      asks: () => this.isTablet(),
      onChange: () => this.changed(),
      ...{ now, site, actions: this.actions },
    });
    Object.assign(globalThis, { directline: this });
    setInterval(() => this.prove(), PROOF_MS);
    document.addEventListener('visibilitychange', () => this.hidden());
    this.begin();
  }

  site() {
    return this.known.state.site;
  }

  /** The server's time in milliseconds. */
  now() {
    return this.live?.now() ?? Date.now();
  }

  isTablet() {
    return this.who.kind === 'tablet';
  }

  async begin() {
    this.who = await whoAmI((away) => {
      this.paired = away;
      this.onChange();
    });
    this.paired = true;
    this.live = new Live({
      as: this.who.kind,
      onFrame: (frame) => this.hear(frame),
      onLink: (link) => {
        if (link === 'open') this.prove();
        else this.silence.end(); // Lost connection ends a silence.
        this.paired = link !== 'unpaired' && link !== 'refused';
        this.onChange();
      },
    });
    this.onChange();
  }

  /** @param {Json} frame */
  hear(frame) {
    const before = this.known;
    this.known = fold(before, frame);
    if (frame.type === 'snapshot') {
      // Old faults make no noise.
      if (!before.state.site) this.heard.told = [...faultsOf(this.known), ...callsOf(this.known)];
      this.catchUp();
    }
    if (this.known.brokenAt > before.brokenAt) this.silence.end();
    // Nobody is asked what they hear while an alert is on.
    const calm = !Object.keys(this.known.state.alerts).length;
    if (frame.event?.name === 'sound_test' && calm) this.arm.again();
    if (frame.alert) this.tell(before.state.alerts[frame.alert.id], frame.alert, frame.event);
    const language = this.site()?.language;
    if (language && language !== this.language) {
      this.language = language;
      keep('wall.language', language);
      speak(language);
      this.onLanguage();
    }
    this.onFrame?.(frame);
    this.onChange();
  }

  /** A snapshot tells no events: read the open alerts' own timelines, and the last closed alert. */
  async catchUp() {
    const as = this.who.kind;
    ask('/v1/alerts?state=closed&limit=1', { as }).then(({ body }) => {
      if (body.alerts?.[0]) this.known = { ...this.known, last: body.alerts[0] };
    });
    for (const id of Object.keys(this.known.state.alerts)) {
      const { body } = await ask(`/v1/alerts/${encodeURIComponent(id)}`, { as });
      if (body.timeline) this.known = readBack(this.known, id, body.timeline);
    }
  }

  /** What the pictures are made of besides what is known. */
  moment() {
    return {
      now: this.now(),
      age: this.live?.age() ?? performance.now(),
      heard: Boolean(this.live && this.live.heardAt > -Infinity),
      paired: this.paired,
      crowded: this.live?.link === 'crowded',
      who: this.who,
      silence: this.silence.now(),
      testedAt: this.arm.testedAt,
    };
  }

  /** Tell the server, and by it the other screens, whether this one can alarm and what it sounds. */
  prove() {
    const { link, socket, state } = this.live ?? {};
    const listens = link === 'open' && socket?.readyState === WebSocket.OPEN;
    if (!listens || !['screen', 'tablet'].includes(this.who.kind)) return;
    const proof = { ...this.arm.proof(), sounding: this.soundingNow(), ...this.silence.proof() };
    const clock = new Date().toISOString();
    socket.send(JSON.stringify({ type: 'proof', seq: state?.seq ?? 0, ...proof, clock }));
  }

  /** While it is hidden it cannot alarm: that is told to the others, and to whoever comes back. */
  hidden() {
    this.prove();
    if (document.hidden) this.title = document.title;
    else if (this.title) this.actions.toasts.add(t('was_hidden'), 'unsaved', HIDDEN_MS);
    document.title = document.hidden ? t('hidden') : this.title || document.title;
    if (!document.hidden) this.title = '';
  }

  /** The alerts this screen is really sounding at this moment. */
  soundingNow() {
    if (this.speaker.playing !== 'alarm' || this.speaker.health() !== 'running') return [];
    return Object.values(this.known.state.alerts)
      .filter((alert) => soundOf(alert) === 'alarm')
      .map((alert) => alert.id);
  }

  /** The voice comes after the page, with its sounds: no alarm ever waits for it. An address that
   * has failed once fails in Chromium for ever, so the next try has another. */
  async fetchVoice(again = '') {
    this.words = await import(`./voice/voice.js${again}`).catch(() => null);
    if (this.words) this.voice = new this.words.Voice(this.speaker);
    else setTimeout(() => this.fetchVoice(`?${Date.now()}`), VOICE_RETRY_MS);
  }

  /** Make the one sound of this moment. */
  sound() {
    const now = this.now();
    const site = this.site();
    const alerts = ordered(this.known.state);
    const alarming = alerts.filter((one) => soundOf(one) === 'alarm');
    const chosen = chooseSound(
      {
        armed: this.arm.state,
        wanted: alerts.map(soundOf),
        loud: alarming.some((one) =>
          isLoud(one, site, this.known.extras[one.id] ?? noExtra(), now),
        ),
        silenced: Boolean(this.silence.now()),
        lost: linkOf(this.moment()) === 'lost',
        calls: callsOf(this.known),
        faults: faultsOf(this.known),
        reminders: remindersOf(this.known, now),
        volume: this.arm.volume,
      },
      this.heard,
      performance.now(),
    );
    this.heard = chosen.heard;
    this.speaker.play(chosen.name, chosen.gain);
    if (site) this.voice?.speak(site.language);
    const phraseOf = this.words?.phraseOf;
    if (phraseOf) this.voice?.say([...alarming].reverse().map((one) => phraseOf(one, site)));
    document.body.dataset.sound =
      this.speaker.health() === 'running' ? this.speaker.playing : 'none';
    const sounding = this.soundingNow().join();
    if (sounding !== this.sounding) {
      this.sounding = sounding;
      this.prove();
    }
  }

  changed() {
    this.prove();
    this.onChange();
  }

  /** Put what changed into words for those who do not see. A new alert and a step are an alarm, a
   * step says its number, so that it is read again; all else is news.
   * @param {Json|undefined} before @param {Json} alert @param {Json|undefined} event */
  tell(before, alert, event) {
    const site = this.site();
    const place = drillFirst(alert, ', ') + placeOf(alert, site);
    const what = stateLine(alert, site);
    const time = clock(alert.raised_at, site?.timezone, false);
    if (alert.state !== 'closed' && !before) say(at('alarm'), t('alert_spoken', { place, time }));
    else if (alert.state !== 'closed' && event?.name === 'rung_reached')
      say(at('alarm'), t('alert_spoken_step', { place, what, n: event.data.rung + 1 }));
    else if (before && stateLine(before, site) !== what) say(at('news'), `${place}: ${what}`);
  }
}
