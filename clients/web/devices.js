/**
 * Device health: is every screen and button able to alarm, and if not, how to mend it; testing a
 * button by pressing it, and the sound of all screens.
 */
import { banners } from './cover.js';
import { at, keyed, make } from './dom.js';
import { dropDevice } from './drop.js';
import { buttonRows, lineRows, screenRows, strangerRows } from './device_rows.js';
import { Health } from './health.js';
import { House, choices, showCover } from './house.js';
import { newId, say, t, two } from './strings.js';
import { placeWord } from './view.js';
import './watch_words.js';

/** @typedef {Object<string, any>} Json */
/** @typedef {import('./device_rows.js').Row} Row */
const memory = {
  /** @type {string|null} */ person: null,
  why: '',
  sounding: '',
  busy: false,
  /** @type {number|null} */ asked: null,
  /** @type {string|null} */ testId: null,
};
const health = new Health(() => (house.paired ? house.who.kind : null));
const house = new House({
  onShow: () => show(),
  onFrame: (frame) => {
    if (frame.type === 'snapshot') health.read();
  },
  onLanguage: () => {
    const lists = ['cover', 'trying', 'screens', 'buttons', 'lines', 'strangers', 'testers', 'booths-of'];
    for (const id of lists) at(id).replaceChildren();
  },
});

/** @param {number} booth */
async function test(booth) {
  if (memory.busy) return;
  if (!memory.person) {
    memory.why = t('test_choose');
    show();
    return;
  }
  Object.assign(memory, { why: '', busy: true, asked: booth });
  show();
  const testId = newId();
  const { status, body } = await house.send(t('tests_title'), '/v1/button-tests', {
    body: { test_id: testId, booth, person: memory.person },
  });
  Object.assign(memory, { busy: false, asked: null });
  const busy = String(body.type || '').endsWith(':booth_busy');
  if (status < 300) memory.testId = testId;
  else memory.why = busy ? t('test_busy') : t('watch_refused', { why: body.detail || body.title || '?' });
  show();
}

async function soundTest() {
  if (memory.busy) return;
  memory.why = memory.person ? '' : t('test_choose');
  if (memory.person) {
    memory.busy = true;
    memory.sounding = t('saving');
    show();
    const body = { person: memory.person };
    const { status } = await house.send(t('test_sound'), '/v1/sound-tests', { body });
    memory.busy = false;
    memory.sounding = status < 300 ? t('test_sounding') : '';
  }
  show();
}

/** @param {string} id @param {Row[]} rows */
function showRows(id, rows) {
  const none = { key: 'none', name: t('devices_none'), word: '', more: '', fix: '', well: true, able: true };
  keyed(
    at(id),
    rows.length ? rows : [none],
    (one) => one.key,
    (one) =>
      make(
        'li',
        {},
        make('span', { class: 'name' }, make('b'), make('small')),
        make('span', { class: 'word' }),
        one.device
          ? make('button', {
              ...{ class: 'quiet', type: 'button', text: t('drop') },
              'aria-label': t('drop_title', { name: one.called ?? one.name }),
              data: { drop: one.device },
              click: () => dropDevice(house, one.device ?? '', one.called ?? one.name),
            })
          : make('span'),
        make('p', { class: 'fix' }),
      ),
    (node, one) => {
      const [name, word, drops, fix] = /** @type {HTMLElement[]} */ ([...node.children]);
      node.dataset.well = String(one.well);
      say(name.firstElementChild, one.name);
      say(name.lastElementChild, one.more);
      say(word, one.word);
      say(fix, one.fix);
      fix.hidden = !one.fix;
      drops.hidden = !one.device || !house.isTablet();
    },
  );
}

/** @param {Json} site */
function showStrangers(site) {
  const answer = health.known() ?? {};
  const rows = strangerRows(site, answer);
  const more = answer.unknown_phones?.more ?? 0;
  at('strange').hidden = !rows.length;
  showRows('strangers', rows);
  say(at('strange-more'), more ? t('strange_more', { n: more }) : '');
}

function showTests() {
  const site = house.site();
  at('tests').hidden = !house.isTablet();
  say(at('look'), house.isTablet() ? '' : t('watch_tablet'));
  choices(
    'testers',
    house.rows('people').filter((one) => one.on_duty).map((one) => ({ value: one.id, text: one.name })),
    memory.person,
    (value) => {
      Object.assign(memory, { person: String(value), why: '', sounding: '' });
      show();
    },
    'person',
  );
  const running = house.rows('button_tests').find((one) => one.test_id === memory.testId);
  const open = running && !running.heard_at && Date.parse(running.until) > house.now();
  choices(
    'booths-of',
    house.rows('booths').map((one) => ({
      value: one.number,
      text: `${placeWord(site)} ${two(one.number)}`,
      more: one.number === memory.asked ? t('saving') : '',
    })),
    open ? running.booth : null,
    (value) => test(Number(value)),
    'booth',
  );
  const missed = running && !running.heard_at && !open;
  say(at('why'), memory.why || (missed ? t('test_over') : ''));
  say(at('sounding'), memory.sounding);
}

function show() {
  const site = house.site();
  if (!site) return;
  const screens = screenRows(site, health.ages());
  const buttons = buttonRows(site, house.now(), health.known());
  const both = [...screens, ...buttons];
  const n = both.filter((one) => one.able).length;
  say(at('able'), house.lost() ? t('quiet_unknown') : t('devices_able', { n, all: both.length }));
  showCover(banners(site, house.now()));
  showRows('screens', screens);
  showRows('buttons', buttons);
  showRows('lines', lineRows(site, health.known(), house.now()));
  showStrangers(site);
  showTests();
}

at('sound').addEventListener('click', soundTest);
