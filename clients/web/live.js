/**
 * One page's connection to the live feed: it resumes, reconnects, proves and skips nothing.
 * It never pretends: when the feed is silent, `age()` grows and the page has to say so.
 */
import { EMPTY, apply, inOrder } from './state.js';

export const PROOF_MS = 4000;
export const STALE_MS = 6000;
export const LOST_MS = 10000;
const OPEN_MS = 5000;
const RETRY_MS = [500, 1000, 2000, 4000, 5000];
const UNPAIRED_MS = 5000;
const CROWDED_MS = 30000;
const SAMPLES = 8;

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Json} Json
 * @typedef {'connecting'|'open'|'unpaired'|'refused'|'crowded'} Link
 */

export class Live {
  /**
   * @param {{as: string, onFrame: (frame: Json, before: State) => void,
   *   onLink: (link: Link) => void, proof?: () => Json}} options
   *   `onFrame` runs after `state` has changed; `proof` is asked for every proof.
   */
  constructor({ as, onFrame, onLink, proof }) {
    /** @type {State} */
    this.state = EMPTY;
    /** @type {Link} */
    this.link = 'connecting';
    this.as = as;
    this.onFrame = onFrame;
    this.onLink = onLink;
    this.proof = proof;
    /** @type {WebSocket|null} */
    this.socket = null;
    this.heardAt = -Infinity;
    this.bornAt = performance.now();
    this.tries = 0;
    /** @type {number[]} */
    this.samples = [];
    this.retry = 0;
    setInterval(() => this.watch(), 500);
    setInterval(() => this.prove(), PROOF_MS);
    addEventListener('online', () => this.soon());
    document.addEventListener('visibilitychange', () => {
      this.prove();
      if (!document.hidden) this.soon();
    });
    this.connect();
  }

  /** Milliseconds since the last word of the server, or since the page began. */
  age() {
    return performance.now() - Math.max(this.heardAt, this.bornAt);
  }

  /** Whether the server has been heard within the last ten seconds. */
  fresh() {
    return this.heardAt > -Infinity && this.age() <= LOST_MS;
  }

  /** The server's time in milliseconds. Its newest sample with the least delay wins, so that the
   * device's own clock, right or wrong, does not matter. */
  now() {
    return this.samples.length ? Math.max(...this.samples) + performance.now() : Date.now();
  }

  /** Send a proof now. */
  prove() {
    if (!this.proof || this.link !== 'open' || this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(
      JSON.stringify({
        type: 'proof',
        seq: this.state.seq ?? 0,
        ...this.proof(),
        clock: new Date().toISOString(),
      }),
    );
  }

  /** After a failure ask by plain HTTP whether anybody is there: browsers make each new socket wait
   * longer after failed ones, and would keep us waiting when the server is long back. */
  async again() {
    clearTimeout(this.retry);
    if (this.asking) return;
    this.asking = true;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), OPEN_MS);
    const there = await fetch('/healthz', { cache: 'no-store', signal: stop.signal }).then(
      (answer) => answer.ok,
      () => false,
    );
    clearTimeout(timer);
    this.asking = false;
    if (this.socket) return;
    if (there) this.connect();
    else this.closed(1006);
  }

  connect() {
    clearTimeout(this.retry);
    const url = new URL('/v1/live', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.searchParams.set('as', this.as);
    if (this.state.seq != null && this.state.epoch) {
      url.searchParams.set('after', String(this.state.seq));
      url.searchParams.set('epoch', this.state.epoch);
    }
    const socket = new WebSocket(url, ['directline.v1']);
    this.socket = socket;
    this.openedAt = performance.now();
    this.greeted = false;
    socket.onmessage = (message) => {
      if (this.socket === socket) this.hear(message.data);
    };
    socket.onclose = (closed) => {
      if (this.socket === socket) this.closed(closed.code);
    };
  }

  /** @param {string} text */
  hear(text) {
    /** @type {Json} */
    const frame = JSON.parse(text);
    this.heardAt = performance.now();
    if (!this.greeted) {
      this.greeted = true;
      this.tries = 0;
      this.samples = [];
    }
    if (frame.server_time) {
      this.samples = [...this.samples, Date.parse(frame.server_time) - performance.now()].slice(
        -SAMPLES,
      );
    }
    const before = this.state;
    if (!inOrder(before, frame)) {
      this.state = { ...before, epoch: null }; // Without it the server sends a whole snapshot.
      this.drop();
      this.connect();
      return;
    }
    const repeated = frame.type === 'event' && before.seq != null && frame.seq <= before.seq;
    this.state = apply(before, frame);
    if (this.link !== 'open') {
      this.tell('open');
      this.prove();
    }
    if (!repeated) this.onFrame(frame, before);
  }

  /** @param {number} code */
  closed(code) {
    this.socket = null;
    const link =
      code === 4401
        ? 'unpaired'
        : code === 4403
          ? 'refused'
          : code === 4409
            ? 'crowded'
            : 'connecting';
    const wait =
      link === 'connecting'
        ? RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)]
        : link === 'crowded'
          ? CROWDED_MS
          : UNPAIRED_MS;
    if (code === 1008) this.state = { ...this.state, epoch: null };
    this.tries += 1;
    this.tell(link);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.again(), wait * (0.8 + 0.4 * Math.random()));
  }

  /** Try again now where we only wait for the next try. */
  soon() {
    if (!this.socket && this.link === 'connecting') this.again();
  }

  /** A socket that has said nothing for ten seconds is dead, whatever it calls itself. */
  watch() {
    if (!this.socket) return;
    const waited =
      performance.now() - Math.max(this.openedAt ?? 0, this.greeted ? this.heardAt : 0);
    if (waited <= (this.greeted ? LOST_MS : OPEN_MS)) return;
    this.drop();
    this.closed(1006);
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** @param {Link} link */
  tell(link) {
    if (link === this.link) return;
    this.link = link;
    this.onLink(link);
  }
}
