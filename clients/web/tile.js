/**
 * One alert on the wall: a tile, or a line where many alerts share the screen. It draws a face of
 * picture.js; what a button does is told by the page that made it.
 */
import { keyed, make } from './dom.js';
import { fit } from './layout.js';
import { handLink, showLineWay } from './line_way.js';
import { say, t } from './strings.js';

/**
 * @typedef {import('./picture.js').Face} Face
 * @typedef {{site: Object<string, any>|null, buttons: boolean, notesMost: number, below: boolean,
 *   onAct: (id: string, action: string) => void}} Scene
 */

/** A line with more letters, such as several names, is written smaller to stay whole. */
const LONG_LINE = 20;
/** One of the direct line's three has the place of MORE PEOPLE, which is then behind OTHER. */
const BUTTONS = ['on_my_way', 'at_booth', 'more_people', 'direct_line', 'line_panel', 'other'];

/** Words of which the shorter are shown where the whole has no room. */
const either = () => [make('span', { class: 'all' }), make('span', { class: 'few' })];

/** @param {HTMLElement} node @param {string} where @param {string} all @param {string} few */
export function sayEither(node, where, all, few) {
  say(node.querySelector(`${where} .all`), all);
  say(node.querySelector(`${where} .few`), few);
}

/** @param {string} id @param {string} action @param {Scene} scene */
function button(id, action, scene) {
  return make('button', {
    class: 'act',
    type: 'button',
    text: t(`do_${action}`),
    data: { action },
    click: () => scene.onAct(id, action),
  });
}

/** @param {Face} face @param {Scene} scene @returns {HTMLElement} */
export function makeTile(face, scene) {
  const where = [make('span', { class: 'word' }), make('b', { class: 'number' })];
  const mark = make('i', { class: 'mark', 'aria-hidden': 'true' });
  const acts = BUTTONS.map((action) => button(face.id, action, scene));
  return make(
    'li',
    { class: 'tile', tabindex: -1 },
    make(
      'article',
      { class: 'face' },
      make('p', { class: 'where' }, ...where),
      make(
        'div',
        { class: 'who' },
        make('p', { class: 'state' }, mark, make('span', {}, ...either())),
        make('p', { class: 'elapsed' }, make('bdi')),
        make('ul', { class: 'notes' }),
      ),
      make(
        'p',
        { class: 'next' },
        make('span', {}, ...either()),
        make('i', { class: 'bar', 'aria-hidden': 'true' }, make('i')),
      ),
      scene.buttons ? make('div', { class: 'acts' }, ...acts, handLink()) : null,
    ),
  );
}

/** @param {HTMLElement} node @param {Face} face @param {Scene} scene */
export function updateTile(node, face, scene) {
  paint(node, face);
  const find = (/** @type {string} */ where) =>
    /** @type {HTMLElement} */ (node.querySelector(where));
  say(find('.word'), face.word);
  say(find('.number'), face.digits);
  say(find('.mark'), face.mark);
  find('.state').dataset.long = String(face.line.length > LONG_LINE);
  sayEither(node, '.state', face.line, face.few);
  say(find('.elapsed bdi'), face.elapsed);
  const over = face.notes.length - scene.notesMost;
  const shown =
    over > 0
      ? [...face.notes.slice(0, scene.notesMost - 1), { name: 'rest', text: `+${over + 1}` }]
      : face.notes;
  keyed(
    find('.notes'),
    shown,
    (note) => note.name + note.text.replace(/\d+:\d+/g, ''),
    (note) => make('li', { data: { note: note.name } }, ...either()),
    (row, note) => sayEither(row, ':scope >', note.text, note.few ?? note.text),
  );
  if (scene.buttons) showLineWay(find('.acts'), face.alert, scene.site);
  find('.next').hidden = !face.next;
  if (face.next) {
    sayEither(node, '.next', face.next.text, face.next.few);
    find('.bar > i').style.transform = `scaleX(${face.next.part.toFixed(3)})`;
  }
  // Words that move below the digits have other room, in a tile that is as large as before.
  fit(node, [find('.face'), find('.where'), find('.who')], `${node.textContent}${scene.below}`);
}

/** @param {Face} face @param {Scene} scene @returns {HTMLElement} */
export function makeLine(face, scene) {
  return make(
    'li',
    { class: 'line', tabindex: -1 },
    make('b', { class: 'number' }),
    make('i', { class: 'mark', 'aria-hidden': 'true' }),
    make('span', { class: 'state' }, ...either()),
    make('bdi', { class: 'elapsed' }),
    scene.buttons ? button(face.id, 'other', scene) : null,
  );
}

/** @param {HTMLElement} node @param {Face} face */
export function updateLine(node, face) {
  paint(node, face);
  say(node.querySelector('.number'), face.digits);
  say(node.querySelector('.mark'), face.mark);
  sayEither(node, '.state', [face.line, face.notes[0]?.text].filter(Boolean).join(' · '), face.few);
  say(node.querySelector('.elapsed'), face.elapsed);
  fit(node, [node]);
}

/** @param {HTMLElement} node @param {Face} face */
function paint(node, face) {
  Object.assign(node.dataset, {
    alert: face.id,
    number: face.number,
    booth: face.booth ?? '',
    state: face.state,
    sound: face.sound,
    drill: String(face.drill),
  });
}
