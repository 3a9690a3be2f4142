/**
 * The city board: many sites at a glance, as counts and states only. It looks and can do nothing.
 */
import { ask, at, keyed, make } from './dom.js';
import { Live } from './live.js';
import { linkOf } from './picture.js';
import { Renewal } from './renewal.js';
import { kept, say, speak, t } from './strings.js';
import './words.js';
import './watch_words.js';
import { wayToPair } from './way_to_pair.js';

/** @typedef {Object<string, any>} Json */
const STATES = ['unanswered', 'on_the_way', 'at_booth', 'recovering'];
const UNPAIRED_MS = 5000;
const FEW = 6; // So many sites or fewer are written larger.
/** @type {{sites: Map<string, Json>, paired: boolean}} */
const memory = { sites: new Map(), paired: true };
const renewal = new Renewal();
/** @type {Live|null} */
let live = null;
const asked = new URLSearchParams(location.search).get('language');
speak(asked ?? kept('wall.language'));

/** A board follows several sites: the feed's state has only the first of them. @param {Json} frame */
function heard(frame) {
  const sites = frame.type === 'snapshot' ? (frame.sites ?? [frame.site]) : [frame.event?.data?.site];
  if (frame.type === 'snapshot') memory.sites.clear();
  for (const site of sites) if (site?.code) memory.sites.set(site.code, site);
  const first = memory.sites.values().next().value;
  if (!asked && first) speak(first.language);
  show();
}

/** How a site stands: its alerts by state, the most urgent first. @param {string} code */
function standing(code) {
  const all = Object.values(live?.state.alerts ?? {}).filter((one) => one.site === code);
  const real = all.filter((one) => !one.drill);
  const counts = STATES.map((state) => ({
    state,
    n: real.filter((one) => (STATES.includes(one.state) ? one.state : 'unanswered') === state).length,
  })).filter((one) => one.n);
  return { counts, drills: all.length - real.length, worst: counts[0]?.state ?? 'quiet' };
}

function show() {
  const age = live?.age() ?? performance.now();
  const heardOnce = live != null && live.heardAt > -Infinity;
  const link = linkOf({ paired: memory.paired, heard: heardOnce, age });
  document.body.dataset.link = link;
  const stale = `! ${t('stale', { n: Math.floor(age / 1000) })}`;
  const words = /** @type {Object<string, string>} */ ({ live: t('live'), connecting: t('connecting'), stale });
  say(at('link'), words[link] ?? `! ${t('no_network')}`);
  at('missing').hidden = memory.paired;
  if (!memory.paired) wayToPair(at('missing'), t('board_unpaired'));
  const rows = [...memory.sites.values()].map((site) => ({ site, ...standing(site.code) }));
  document.body.dataset.few = String(rows.length <= FEW);
  const place = (/** @type {string} */ worst) => (worst === 'quiet' ? STATES.length : STATES.indexOf(worst));
  rows.sort(
    (one, other) =>
      place(one.worst) - place(other.worst) || one.site.name.localeCompare(other.site.name),
  );
  const open = rows.flatMap((one) => one.counts).reduce((sum, one) => sum + one.n, 0);
  const lost = link === 'lost' || link === 'unpaired';
  // It makes no sound and needs no finger, so it need not ask.
  if (renewal.may(!open) && link === 'live') renewal.load();
  const said = open === 1 ? t('board_open_1') : t('board_open', { n: open });
  say(at('sum'), lost ? t('board_unknown') : open ? said : rows.length ? t(rows.length > 1 ? 'board_all_quiet' : 'quiet', { n: rows.length }) : '');
  keyed(
    at('sites'),
    rows,
    (one) => one.site.code,
    () => make('li', {}, make('b'), make('ul')),
    (node, one) => {
      node.dataset.state = lost ? 'unknown' : one.worst;
      node.dataset.site = one.site.code;
      say(node.firstElementChild, one.site.name);
      const lines = one.counts.map(({ state, n }) => ({ state, text: t(`board_${state}`, { n }) }));
      if (!lines.length) lines.push({ state: 'quiet', text: t('board_quiet') });
      if (one.drills) lines.push({ state: 'drill', text: t('board_drill', { n: one.drills }) });
      const shown = lost ? [{ state: 'unknown', text: t('board_unknown') }] : lines;
      keyed(
        /** @type {Element} */ (node.lastElementChild),
        shown,
        (line) => line.state,
        (line) => make('li', { data: { line: line.state } }),
        (line_, line) => say(line_, line.text),
      );
    },
  );
}

async function begin() {
  const { status } = await ask('/v1/whoami', { as: 'board' });
  memory.paired = status === 200 || status === 0 || status >= 500;
  if (status !== 200) {
    show();
    setTimeout(begin, UNPAIRED_MS);
    return;
  }
  live = new Live({
    as: 'board',
    onFrame: heard,
    onLink: (state) => {
      memory.paired = state !== 'unpaired' && state !== 'refused';
      show();
    },
  });
  show();
}

setInterval(show, 250);
begin();
