/**
 * A page's connection to the server: questions and acts, each by itself, and the live feed, which
 * resumes, reconnects and skips nothing. It never pretends: when the feed is silent, `age()` grows
 * and the page has to say so. At the end stands how one frame changes what a page knows; that part
 * knows no clock and no network.
 */
export const ASKING = ['unanswered', 'on_the_way', 'at_booth'];
export const STALE_MS = 6000;
export const LOST_MS = 10000;
const OPEN_MS = 5000;
const RETRY_MS = [500, 1000, 2000, 4000, 5000];
/** What the server closes a socket for, and how long to wait before the next try.
 * @type {Object<number, [Link, number]>} */
const CLOSED = { 4401: ['unpaired', 5000], 4403: ['refused', 5000], 4409: ['crowded', 30000] };
const SAMPLES = 8;

/**
 * @typedef {Object<string, any>} Json
 * @typedef {{site: Json|null, alerts: Object<string, Json>, seq: number|null,
 *   epoch: string|null}} State  `seq` is null until the first snapshot.
 * @typedef {'connecting'|'open'|'unpaired'|'refused'|'crowded'} Link
 */

/** @type {State} */
export const EMPTY = Object.freeze({ site: null, alerts: {}, seq: null, epoch: null });

/** Ask as this kind of device. No whole answer is `{status: 0}`, never an exception.
 * @param {string} path
 * @param {{as?: string, body?: Object<string, any>, method?: string, timeout?: number}} [options]
 * @returns {Promise<{status: number, body: Object<string, any>}>} */
export async function ask(path, { as, body, method, timeout = 5000 } = {}) {
  const url = new URL(path, location.href);
  if (as) url.searchParams.set('as', as);
  try {
    const answer = await fetch(url, {
      method: method ?? (body ? 'POST' : 'GET'),
      cache: 'no-store',
      signal: AbortSignal.timeout(timeout),
      keepalive: Boolean(body),
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
    const said = await answer.json().catch((why) => {
      if (answer.ok && answer.status !== 204) throw why; // Cut off within its words.
    });
    return { status: answer.status, body: said && typeof said === 'object' ? said : {} };
  } catch {
    return { status: 0, body: {} };
  }
}

export class Live {
  /** @param {{as: string, onFrame: (frame: Json, before: State) => void,
   *   onLink: (link: Link) => void}} options   `onFrame` runs after `state` has changed. */
  constructor({ as, onFrame, onLink }) {
    /** @type {State} */
    this.state = EMPTY;
    /** @type {Link} */
    this.link = 'connecting';
    this.as = as;
    this.onFrame = onFrame;
    this.onLink = onLink;
    /** @type {WebSocket|null} */
    this.socket = null;
    this.heardAt = -Infinity;
    this.bornAt = performance.now();
    this.tries = 0;
    /** @type {number[]} */
    this.samples = [];
    this.retry = 0;
    setInterval(() => this.watch(), 500);
    addEventListener('online', () => this.soon());
    document.addEventListener('visibilitychange', () => document.hidden || this.soon());
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

  /** After a failure ask by plain HTTP whether anybody is there: browsers make each new socket wait
   * longer after failed ones, and would keep us waiting when the server is long back. */
  async again() {
    clearTimeout(this.retry);
    if (this.asking) return;
    this.asking = true;
    const { status } = await ask('/healthz');
    this.asking = false;
    if (status === 200) this.connect();
    else this.closed(1006);
  }

  connect() {
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
    this.tell('open');
    if (!repeated) this.onFrame(frame, before);
  }

  /** @param {number} code */
  closed(code) {
    this.socket = null;
    const [link, wait] = CLOSED[code] ?? ['connecting', RETRY_MS[this.tries] ?? RETRY_MS.at(-1)];
    if (code === 1008) this.state = { ...this.state, epoch: null };
    this.tries += 1;
    this.tell(link);
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

/** @type {(site: Json|null, event: Json) => Json|null} */
let siteAfter = (site, event) => (event.name === 'site_changed' && event.data?.site) || site;

/** What events do to the site, for pages that show it.
 * @param {(site: Json|null, event: Json) => Json|null} after */
export function learnSite(after) {
  siteAfter = after;
}

/** The state after `frame`; frames of a type not known here change nothing.
 * @param {State} state @param {Json} frame @returns {State} */
export function apply(state, frame) {
  switch (frame.type) {
    case 'snapshot':
      return {
        site: frame.site,
        alerts: Object.fromEntries(frame.alerts.map((/** @type {Json} */ one) => [one.id, one])),
        seq: frame.seq,
        epoch: frame.epoch,
      };
    case 'resumed':
      // Its seq is the head; the missed events are still to come, so ours stays.
      return {
        ...state,
        epoch: frame.epoch,
        site: state.site && { ...state.site, phones: frame.phones || state.site.phones },
      };
    case 'event':
      return afterEvent(state, frame);
    default:
      return state;
  }
}

/** False when the server has sent something in between that did not arrive here.
 * @param {State} state @param {Json} frame */
export function inOrder(state, frame) {
  return (
    frame.type !== 'event' || frame.prev == null || state.seq == null || frame.prev <= state.seq
  );
}

/** @param {State} state @param {Json} frame @returns {State} */
function afterEvent(state, frame) {
  if (state.seq != null && frame.seq <= state.seq) return state;
  return {
    ...state,
    seq: frame.seq,
    site: siteAfter(state.site, frame.event || {}),
    alerts: frame.alert ? alertsAfter(state.alerts, frame.alert) : state.alerts,
  };
}

/** @param {Object<string, Json>} alerts @param {Json} alert */
function alertsAfter(alerts, alert) {
  const { [alert.id]: _, ...others } = alerts;
  return alert.state === 'closed' ? others : { ...others, [alert.id]: alert };
}
