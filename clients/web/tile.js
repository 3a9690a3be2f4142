/**
 * One alert on the wall: a tile, or a line where many alerts share the screen. It shows; what a
 * button does is told by the page that made it.
 */
import { keyed, make } from './dom.js';
import { handLink, showLineWay } from './line_way.js';
import { duration, say, t, two } from './strings.js';
import { MARKS, nextStep, notes, placeWord, soundOf, stateLine } from './view.js';

/**
 * @typedef {Object<string, any>} Json
 * @typedef {{site: Json|null, now: number, extra: import('./view.js').Extra, buttons: boolean,
 *   onAct: (id: string, action: string) => void}} Scene
 */

/** A line with more letters, such as several names, is written smaller to stay whole. */
const LONG_LINE = 20;
/** One of the direct line's three has the place of MORE PEOPLE, which is then behind OTHER. */
const BUTTONS = ['on_my_way', 'at_booth', 'more_people', 'direct_line', 'line_panel', 'other'];

/** @param {string} id @param {Scene} scene */
function buttons(id, scene) {
  return make(
    'div',
    { class: 'acts' },
    ...BUTTONS.map((action) =>
      make('button', {
        class: 'act',
        type: 'button',
        text: t(`do_${action}`),
        data: { action },
        click: () => scene.onAct(id, action),
      }),
    ),
    handLink(),
  );
}

/** @param {Json} alert @param {Scene} scene @returns {HTMLElement} */
export function makeTile(alert, scene) {
  return make(
    'li',
    { class: 'tile' },
    make(
      'article',
      { class: 'face' },
      make(
        'p',
        { class: 'where' },
        make('span', { class: 'word' }),
        make('b', { class: 'number' }),
      ),
      make(
        'div',
        { class: 'who' },
        make(
          'p',
          { class: 'state' },
          make('i', { class: 'mark', 'aria-hidden': 'true' }),
          make('span'),
        ),
        make('p', { class: 'elapsed' }, make('bdi')),
      ),
      make('ul', { class: 'notes' }),
      make(
        'p',
        { class: 'next' },
        make('span'),
        make('i', { class: 'bar', 'aria-hidden': 'true' }, make('i')),
      ),
      scene.buttons ? buttons(alert.id, scene) : null,
    ),
  );
}

/** @param {HTMLElement} node @param {Json} alert @param {Scene} scene */
export function updateTile(node, alert, scene) {
  paint(node, alert);
  const find = (/** @type {string} */ where) =>
    /** @type {HTMLElement} */ (node.querySelector(where));
  const drill = alert.drill ? `${t('drill')} · ` : '';
  say(
    find('.word'),
    drill + (alert.booth == null ? t('somewhere').toUpperCase() : placeWord(scene.site)),
  );
  say(find('.number'), alert.booth == null ? '?' : two(alert.booth));
  say(find('.mark'), MARKS[/** @type {keyof MARKS} */ (alert.state)] ?? '***');
  const line = stateLine(alert, scene.site);
  find('.state').dataset.long = String(line.length > LONG_LINE);
  say(find('.state span'), line);
  say(find('.elapsed bdi'), duration(scene.now - Date.parse(alert.raised_at)));
  keyed(
    find('.notes'),
    notes(alert, scene.site, scene.extra, scene.now),
    (note) => note.name + note.text.replace(/\d+:\d+/g, ''),
    (note) => make('li', { data: { note: note.name } }),
    (row, note) => say(row, note.text),
  );
  if (scene.buttons) showLineWay(find('.acts'), alert, scene.site);
  const step = nextStep(alert, scene.site, scene.now);
  find('.next').hidden = !step;
  if (!step) return;
  say(find('.next span'), step.text);
  find('.bar > i').style.transform = `scaleX(${step.part.toFixed(3)})`;
}

/** @param {Json} alert @param {Scene} scene @returns {HTMLElement} */
export function makeLine(alert, scene) {
  return make(
    'li',
    { class: 'line' },
    make('b', { class: 'number' }),
    make('i', { class: 'mark', 'aria-hidden': 'true' }),
    make('span', { class: 'state' }),
    make('bdi', { class: 'elapsed' }),
    scene.buttons
      ? make('button', {
          class: 'act',
          type: 'button',
          text: t('do_other'),
          data: { action: 'other' },
          click: () => scene.onAct(alert.id, 'other'),
        })
      : null,
  );
}

/** @param {HTMLElement} node @param {Json} alert @param {Scene} scene */
export function updateLine(node, alert, scene) {
  paint(node, alert);
  say(node.querySelector('.number'), two(alert.booth));
  say(node.querySelector('.mark'), MARKS[/** @type {keyof MARKS} */ (alert.state)] ?? '***');
  const first = notes(alert, scene.site, scene.extra, scene.now)[0];
  say(
    node.querySelector('.state'),
    [stateLine(alert, scene.site), first?.text].filter(Boolean).join(' · '),
  );
  say(node.querySelector('.elapsed'), duration(scene.now - Date.parse(alert.raised_at)));
}

/** @param {HTMLElement} node @param {Json} alert */
function paint(node, alert) {
  Object.assign(node.dataset, {
    alert: alert.id,
    number: alert.number,
    booth: alert.booth ?? '',
    state: alert.state,
    sound: soundOf(alert),
    drill: String(Boolean(alert.drill)),
  });
}
