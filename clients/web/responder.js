/**
 * Keeps the responder's page alive: looks for news without ever acting, says how old they are, and
 * sends what was tapped until it is stored, always with the same action_id, also over a reload.
 * Without this file the page is a plain form, which works as well.
 */
const NEWS_MS = 3000;
const TRY_MS = 4000;
const STALE_MS = 6000;
const LOST_MS = 10000;
const NOT_SAVED_MS = 3000;
const RETRY_MS = [500, 1000, 2000];
const FROZEN_MS = 600;
const SAVED_MS = 4000;

/** @typedef {Object<string, any>} Json */
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const { body } = document;
/** @type {Object<string, string>} */
const words = JSON.parse(body.dataset.words || '{}');
const KEY = `directline.responder${location.pathname}`;
const form = /** @type {HTMLFormElement} */ (at('form'));

/** @type {Json} */
let facts = JSON.parse(body.dataset.facts || '{}');
/** What was tapped and is not known to be stored. @type {{action: string, action_id: string}[]} */
let waiting = kept();
let heardAt = facts.number == null ? -Infinity : performance.now();
const bornAt = performance.now();
let beganAt = -Infinity; // When the oldest that waits was tapped.
let thawing = 0;
let savedUntil = -Infinity;
let refusal = '';
let sending = false;

/** @param {string} key @param {Json} [slots] */
const t = (key, slots = {}) =>
  (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(slots[name] ?? whole));

/** @param {number} milliseconds */
function duration(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`;
}

/** @param {string} id @param {string} text */
function say(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]');
  } catch {
    return [];
  }
}

function keep() {
  try {
    if (waiting.length) localStorage.setItem(KEY, JSON.stringify(waiting));
    else localStorage.removeItem(KEY);
  } catch {
    /* Private windows: a tap then lives as long as the page. */
  }
}

/** Ask or tell our own address. No answer is status 0. @param {Json} [said] */
async function ask(said) {
  try {
    const answer = await fetch(location.pathname, {
      method: said ? 'POST' : 'GET',
      cache: 'no-store',
      keepalive: Boolean(said),
      signal: AbortSignal.timeout(TRY_MS),
      headers: { Accept: 'application/json', ...(said && { 'Content-Type': 'application/json' }) },
      body: said && JSON.stringify(said),
    });
    const found = await answer.json();
    return { status: answer.status, found };
  } catch {
    return { status: 0, found: {} };
  }
}

/** Buttons have changed places: a finger on its way means the one that it aimed at. */
function freeze() {
  body.dataset.frozen = 'true';
  clearTimeout(thawing);
  thawing = setTimeout(() => { body.dataset.frozen = 'false'; }, FROZEN_MS);
}

/** News, unless they are older than what we have. @param {Json} fresh */
function learn(fresh) {
  if (typeof fresh?.me !== 'string') return;
  heardAt = performance.now();
  if (fresh.version < facts.version) return;
  if (fresh.me !== body.dataset.me) freeze();
  facts = { ...fresh, readAt: heardAt };
  draw();
}

function gone() {
  waiting = [];
  keep();
  learn({ ...facts, me: 'gone', state: 'gone', version: Infinity });
}

async function news() {
  if (document.hidden || facts.me === 'gone') return;
  const { status, found } = await ask();
  if (status === 200) learn(found);
  else if (status === 404 || status === 410) gone();
  show();
}

/** Send what waits, the oldest first, for ever. */
async function send() {
  if (sending) return;
  sending = true;
  for (let tries = 0; waiting.length; tries += 1) {
    const { status, found } = await ask(waiting[0]);
    const answered = status && status < 500 && status !== 429;
    if (answered) {
      waiting.shift();
      keep();
      beganAt = performance.now();
      tries = -1;
      const why = `why_${String(found.type).replace('urn:directline:', '')}`;
      refusal = status === 200 ? '' : t(why in words ? why : 'why_other');
      savedUntil = performance.now() + SAVED_MS;
      if (status === 200) learn(found.page);
      else if (status === 404 || status === 410) gone();
      else news();
    } else {
      const pause = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
      await new Promise((resolve) => {
        setTimeout(resolve, pause);
      });
    }
    show();
  }
  sending = false;
}

/** @param {string} action */
function tapped(action) {
  if (waiting.some((one) => one.action === action)) return; // It is on its way already.
  const random = [...crypto.getRandomValues(new Uint8Array(12))];
  const action_id = random.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!waiting.length) beganAt = performance.now();
  waiting.push({ action, action_id });
  refusal = '';
  savedUntil = -Infinity;
  keep();
  send();
  show();
}

/** What the facts say, in the places that the page has for it. */
function draw() {
  const { me, state } = facts;
  Object.assign(body.dataset, { me, line: facts.line, drill: facts.drill });
  at('panel').dataset.state = state;
  say('where', facts.where);
  say('place', facts.place ?? '');
  say('status', t(me === 'coming' || me === 'there' ? `you_${me}` : state));
  say('others', facts.coming.length ? t('also', { names: facts.coming.join(', ') }) : '');
  const names = facts.coordinators.join(', ');
  say('coordinators', names ? t('coordinator', { names }) : '');
  const number = facts.emergency;
  say('no-line', number && t(facts.drill ? 'no_line_drill' : 'no_line', { number }));
  at('call-out').setAttribute('href', `tel:${number}`);
  say('call-out', t('call', { number }));
  show();
}

/** What changes by itself: the time, how old the news are, and what waits. */
function show() {
  const now = performance.now();
  const over = facts.me === 'closed' || facts.me === 'gone';
  if (facts.elapsed_s != null && !over)
    say('elapsed', duration(facts.elapsed_s * 1000 + now - (facts.readAt ?? bornAt)));
  const age = now - Math.max(heardAt, bornAt);
  const lost = age > LOST_MS || (heardAt === -Infinity && age > NEWS_MS);
  body.dataset.net = lost && !over ? 'away' : 'there';
  const old = lost ? t('lost', { time: duration(age) }) : t('stale', { n: Math.floor(age / 1000) });
  say('link', over || (!lost && age <= STALE_MS) ? '' : old);
  const late = waiting.length > 0 && now - beganAt > NOT_SAVED_MS;
  let said = waiting.length ? t(late ? 'not_saved' : 'sending') : '';
  if (!said && now < savedUntil) said = refusal ? t('refused', { why: refusal }) : t('saved');
  at('result').dataset.good = String(!late && !(refusal && said));
  say('result', said);
  for (const button of form.querySelectorAll('button')) {
    const busy = waiting.some((one) => one.action === button.value);
    button.setAttribute('aria-busy', String(busy));
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { submitter } = event;
  const frozen = body.dataset.frozen === 'true';
  if (submitter instanceof HTMLButtonElement && !frozen) tapped(submitter.value);
});

async function stayAwake() {
  try {
    if (!document.hidden && facts.me !== 'closed') await navigator.wakeLock?.request('screen');
  } catch {
    /* Not allowed here, or the battery is low: the page works without. */
  }
}

document.addEventListener('visibilitychange', () => {
  stayAwake();
  news();
});
addEventListener('online', news);
navigator.serviceWorker?.register('/sw.js', { scope: '/r/', updateViaCache: 'none' }).catch(() => {
  /* Then it only loads with a network. */
});
setInterval(show, 250);
setInterval(news, NEWS_MS);
if (waiting.length) beganAt = -Infinity;
send();
stayAwake();
if (facts.number == null) news();
show();
