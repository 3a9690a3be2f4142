/**
 * The parts of the direct line's panel: the steps, the card of what to say, the number to call by
 * hand, the line test and the other alerts. What they say is told by the views; they only show it.
 */
import { at, keyed, make } from './dom.js';
import { sayOrHide } from './line_acts.js';
import { facts, mayBeHuman, rows, steps, testWords } from './line_panel_view.js';
import { byHand, isOpen, isReached, lineNotes } from './line_view.js';
import { say, t } from './strings.js';
import { placeOf, stateLine } from './view.js';

/** @typedef {Object<string, any>} Json */
/** @typedef {import('./line_acts.js').LineActs} LineActs */

/** Which full screen a person has put away; the next one is another. */
let away = '';

/** @param {Json|null|undefined} line nothing where there is none and none can be opened */
export function showSteps(line) {
  keyed(
    at('steps'),
    line ? steps(line) : [],
    (one) => one.name,
    () => make('li'),
    (node, one) => {
      node.dataset.is = one.is;
      if (['now', 'failed'].includes(one.is)) node.setAttribute('aria-current', 'step');
      else node.removeAttribute('aria-current');
      say(node, one.text);
    },
  );
}

/** @param {Json} alert @param {Json|null} site @param {number} now */
export function showRows(alert, site, now) {
  keyed(
    at('rows'),
    rows(alert, site, now),
    (one) => one.key,
    () =>
      make('li', {}, make('i', { class: 'mark', 'aria-hidden': 'true' }), make('b'), make('span')),
    (node, one) => {
      node.dataset.state = one.state;
      say(node.children[0], one.mark);
      say(node.children[1], one.who);
      say(node.children[2], one.text);
    },
  );
}

/** @param {Json} alert @param {Json|null} address @param {number} now @param {boolean} tablet */
export function showFacts(alert, address, now, tablet) {
  keyed(
    at('facts'),
    facts(alert, address, now, tablet),
    (one) => one.key,
    (one) =>
      make('li', { data: { fact: one.key, large: String(one.large) } }, make('span'), make('b')),
    (node, one) => {
      say(node.firstElementChild, one.label);
      say(node.lastElementChild, one.text);
    },
  );
}

/** @param {HTMLElement} node @param {string} key @param {string} number */
function link(node, key, number) {
  node.setAttribute('href', `tel:${number}`);
  say(node, t(key, { number }));
}

/** The number to call by hand: always there while nobody is reached, and before everything once
 * the line alone is not enough. @param {LineActs} acts @param {Json} alert @param {Json|null} site
 * @param {number} now @param {boolean} acting */
export function showHand(acts, alert, site, now, acting) {
  const number = site?.emergency_number ?? '';
  const { line } = alert;
  const first = byHand(line) && alert.state !== 'closed';
  at('hand').hidden = alert.drill || !number || alert.state === 'closed' || isReached(line);
  at('hand').dataset.first = String(first);
  link(at('hand'), first ? 'call_now' : 'call_yourself', number);
  const which = first ? `${alert.id} ${line.opened_at} ${line.state === 'not_reached'}` : '';
  if (!first) away = '';
  const dialog = /** @type {HTMLDialogElement} */ (at('by-hand'));
  if (!first || away === which) {
    if (dialog.open) dialog.close();
    return;
  }
  dialog.dataset.which = which;
  say(at('by-hand-title'), t('head_not_reached'));
  say(at('by-hand-place'), placeOf(alert, site));
  link(at('by-hand-call'), 'call_now', number);
  const goes = lineNotes(alert, site, now).find((one) => one.name === 'line')?.text ?? '';
  say(at('by-hand-more'), isOpen(line) ? t('hand_goes_on', { what: goes }) : t('hand_over'));
  keyed(
    at('by-hand-acts'),
    [...(acting && mayBeHuman(alert) ? ['line_reached'] : []), 'show_panel'],
    (name) => name,
    (name) =>
      make('button', {
        class: 'act plain',
        type: 'button',
        text: t(name === 'show_panel' ? name : `do_${name}`),
        data: { action: name },
        click: () => (name === 'show_panel' ? dialog.close() : acts.act(name)),
      }),
  );
  // A name or a PIN that somebody is giving is not taken away; the number stands above the panel.
  if (!dialog.open && !acts.actions.sheet.dialog.open) dialog.showModal();
}

/** Remember the full screen that a person has put away. @param {() => void} then */
export function onPutAway(then) {
  at('by-hand').addEventListener('close', () => {
    away = at('by-hand').dataset.which ?? '';
    then();
  });
}

/** The box of the line test, while no line is open. @param {LineActs} acts @param {Json|null} alert
 * @param {Json|null} site @param {boolean} tablet */
export function showTest(acts, alert, site, tablet) {
  const { text, results, fault, running } = testWords(site);
  at('test').hidden = !site?.line_test || isOpen(alert?.line);
  at('test').dataset.fault = String(fault && !running);
  sayOrHide(at('test-last'), text);
  at('test-overdue').hidden = !site?.line_test?.overdue;
  keyed(
    at('test-results'),
    results,
    (one) => one,
    (one) => make('li', { text: one }),
  );
  at('test-acts').hidden = !tablet;
  acts.showTest(at('test-acts'));
}

/** @param {Json[]} all @param {Json|null} site @param {number} now */
export function showOthers(all, site, now) {
  at('others').hidden = !all.length;
  keyed(
    at('others-list'),
    all,
    (one) => String(one.number),
    (one) => make('li', {}, make('a', { class: 'act plain', href: `/line?alert=${one.number}` })),
    (node, one) => {
      const chip = lineNotes(one, site, now).find((other) => other.name === 'line')?.text;
      const words = [`#${one.number} ${placeOf(one, site)}`, stateLine(one, site), chip];
      say(node.firstElementChild, words.filter(Boolean).join(' · '));
    },
  );
}
