/**
 * The wall: every open alert of the site, seen and heard, and the plain truth about whether this
 * screen could alarm. It shows nothing as stored, seen or coming that the server has not said.
 */
import { bands, boothRow, header, quiet } from './around.js';
import { at, keyed } from './dom.js';
import { Keys } from './keys.js';
import { FROZEN_MS, fit, gridOf, settle } from './layout.js';
import { openLine, toPanel } from './line_way.js';
import { wallPicture } from './picture.js';
import { Renewal } from './renewal.js';
import { Station } from './station.js';
import { clock, say, t } from './strings.js';
import { makeLine, makeTile, sayEither, updateLine, updateTile } from './tile.js';
import { MARKS } from './view.js';
import './words.js';

/** @typedef {Object<string, any>} Json */
const NOTES_MOST = [6, 6, 4, 3, 2, 1]; // By the number of tiles, where nobody can tap for more.
const NOTES_ON_TABLET = 6;
const HEADER_PX = 64;
const BUTTONS_PX = 90;
const query = new URLSearchParams(location.search);
const memory = {
  /** @type {string[]} */ wanted: [],
  /** @type {import('./layout.js').Layout} */ layout: { shown: [], since: null },
  touchedAt: -Infinity,
  picked: '',
  around: '',
};
const renewal = new Renewal();
const station = new Station({
  onChange: () => show(),
  onStored: (alert, action) => action === 'open_line' && toPanel(alert),
  onLanguage: () => {
    at('tiles').replaceChildren(); // Their buttons are made once, so they are made again.
    at('lines').replaceChildren();
  },
});
const { arm, actions, silence } = station;
new Keys({ pick, act: (action) => act(pickedOne(), action), silence: () => silence.begin() });

function show() {
  station.sound();
  const drawn = wallPicture(station.known, station.moment());
  const dark = query.get('dark') ?? 'auto';
  Object.assign(document.body.dataset, {
    link: drawn.link,
    kind: station.who.kind,
    count: String(Math.min(drawn.alerts.length, NOTES_MOST.length - 1)),
    drill: String(drawn.drill),
    flash: String(drawn.flash),
    night: String(dark === 'on' || (dark === 'auto' && drawn.night)),
  });
  header(drawn.header, { full: !document.fullscreenElement && arm.state === 'armed' });
  bands([...drawn.bands, ...drawn.soonest]);
  boothRow(drawn.booths);
  at('test').hidden = arm.state !== 'armed' || !station.isTablet();
  const newer = renewal.may(!drawn.alerts.length) && drawn.link === 'live';
  at('newer').hidden = !newer;
  say(at('newer'), newer ? t('newer') : '');
  arm.show(clock(station.now(), station.site()?.timezone));
  showAlerts(drawn); // It makes room among all that stands around by now.
  quiet(memory.layout.shown.length ? null : drawn.quiet);
}

/** @param {ReturnType<typeof wallPicture>} drawn */
function showAlerts(drawn) {
  const faces = new Map([...drawn.tiles, ...drawn.lines].map((one) => [one.id, one]));
  const isTile = new Set(drawn.tiles.map((one) => one.id));
  // A key names the alert and whether it is a tile: either change moves buttons.
  const wanted = [...faces.keys()].map((id) => `${isTile.has(id) ? 't' : 'l'} ${id}`);
  const settled = settle(memory.layout, wanted, {
    now: performance.now(),
    touchedAt: memory.touchedAt,
    hold: station.isTablet(),
  });
  if (settled.since && !memory.layout.since) setTimeout(show, FROZEN_MS + 10);
  memory.layout = settled;
  memory.wanted = wanted.map((one) => one.slice(2));
  const fresh = settled.fresh.filter((one) => !settled.shown.some((old) => old.slice(2) === one.slice(2)));
  freshAlerts(fresh.map((one) => faces.get(one.slice(2))));
  const shown = (/** @type {string} */ kind) =>
    settled.shown.filter((one) => one.startsWith(kind)).map((one) => one.slice(2));
  const [tiles, lines] = [shown('t'), shown('l')];
  const most = NOTES_MOST[Math.min(tiles.length, NOTES_MOST.length - 1)];
  const tablet = station.isTablet();
  at('tiles').hidden = !tiles.length;
  at('lines').hidden = !lines.length;
  const wide = innerWidth > innerHeight;
  const room = innerHeight - HEADER_PX;
  const { columns, rows, below } = gridOf(tiles.length, innerWidth, room, tablet ? BUTTONS_PX : 0);
  const notesMost = tablet ? NOTES_ON_TABLET : most;
  const scene = { site: station.site(), buttons: tablet, notesMost, below, onAct: act };
  at('tiles').toggleAttribute('data-crowd', Boolean(drawn.crowd));
  if (drawn.crowd) at('tiles').dataset.crowd = drawn.crowd;
  at('tiles').dataset.below = String(below);
  at('tiles').style.setProperty('--columns', String(columns));
  at('tiles').style.setProperty('--rows', String(rows));
  at('lines').style.setProperty('--columns', String(lines.length > 1 && wide ? 2 : 1));
  const put = (/** @type {string} */ where, /** @type {string[]} */ ids, make_ = makeTile) =>
    keyed(
      at(where),
      ids,
      (id) => id,
      (id) => make_(/** @type {any} */ (faces.get(id) ?? { id }), scene),
      (node, id) => {
        const face = faces.get(id);
        if (!face) closed(node);
        else if (make_ === makeTile) updateTile(node, face, scene);
        else updateLine(node, face);
        node.dataset.picked = String(id === memory.picked);
      },
    );
  put('tiles', tiles);
  put('lines', lines, makeLine);
  makeRoom(drawn);
}

/** What stands around gives way to the digits.
 * @param {ReturnType<typeof wallPicture>} drawn */
function makeRoom({ header: { count, silenced, sound }, bands: told, tiles, lines, drill }) {
  const first = Boolean(document.querySelector('.tile[data-fit*="6"]')); // Then it stands above.
  const around = JSON.stringify([first, tiles.length, lines.length, drill, arm.state, count, silenced, sound, innerWidth, innerHeight, told]);
  if (around === memory.around) return; // Measuring is dear.
  memory.around = around;
  fit(document.body, [/** @type {HTMLElement} */ (at('tiles').parentElement)], around);
}

/** An alert that ended while a finger was near keeps its place for a moment, and is said to go on no
 * more. @param {HTMLElement} node */
function closed(node) {
  Object.assign(node.dataset, { state: 'closed', sound: 'none' });
  const state = /** @type {HTMLElement} */ (node.querySelector('.state'));
  state.dataset.long = 'true';
  say(node.querySelector('.mark'), MARKS.closed);
  sayEither(node, '.state', t('state_closed'), t('state_closed'));
}

/** An alert that came while a finger was near: over the header, where no button of an alert is.
 * @param {(import('./picture.js').Face|undefined)[]} faces */
function freshAlerts(faces) {
  at('fresh').hidden = !faces.length;
  say(
    at('fresh'),
    faces.map((one) => one && `${one.mark} ${one.word} ${one.digits} · ${one.line}`).join(' · '),
  );
}

/** The alert that a key is for. */
function pickedOne() {
  return memory.wanted.includes(memory.picked) ? memory.picked : (memory.wanted[0] ?? '');
}

/** @param {number} place */
function pick(place) {
  memory.picked = memory.wanted[place] ?? '';
  show();
  /** @type {HTMLElement|null} */ (document.querySelector('[data-picked=true]'))?.focus();
}

/** @param {string} id @param {string} action */
function act(id, action) {
  const alert = station.known.state.alerts[id];
  if (!alert) return;
  if (action === 'other') actions.menu(alert);
  else if (['direct_line', 'line_panel'].includes(action)) openLine(actions, alert);
  else actions.start(alert, action);
}

at('silence').addEventListener('click', () => silence.begin());
at('test').addEventListener('click', () => arm.again());
at('newer').addEventListener('click', () => renewal.load());
at('full').addEventListener('click', () =>
  document.documentElement.requestFullscreen?.().catch(() => {}),
);
for (const name of ['pointerdown', 'pointerup']) {
  at('tiles').parentElement?.addEventListener(name, () => {
    memory.touchedAt = performance.now();
  });
}
const far = Number(query.get('far')); // How many heights of the screen away it is looked at.
if (far) document.body.style.setProperty('--far', String(far));
if (query.get('look') === 'light') document.documentElement.dataset.look = 'light';
document.addEventListener('fullscreenchange', show);
setInterval(show, 250);
show();
