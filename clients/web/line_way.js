/**
 * The way to the direct line from the pages that show an alert: open it, see it, or, where there is
 * none, the number to call by hand. One decision and a name; nothing is opened by a page itself.
 */
import { make } from './dom.js';
import { canOpen, isOpen } from './line_view.js';
import { say, t } from './strings.js';

/** @typedef {Object<string, any>} Json */

/** @param {Json} alert */
export const toPanel = (alert) => location.assign(`/line?alert=${alert.number}`);

/** Ask who opens it, or show the line that is open. @param {import('./actions.js').Actions} actions
 * @param {Json} alert */
export function openLine(actions, alert) {
  if (canOpen(alert, actions.options.site())) actions.start(alert, 'open_line');
  else toPanel(alert);
}

/** A link for the number to call by hand; `showLineWay` fills it in. */
export const handLink = () => make('a', { class: 'act', data: { action: 'hand' }, hidden: true });

/** Show the one of the three that fits this moment. A drill has none of them: nothing is called.
 * @param {HTMLElement} parent @param {Json} alert @param {Json|null} site */
export function showLineWay(parent, alert, site) {
  const find = (/** @type {string} */ action) =>
    /** @type {HTMLElement|null} */ (parent.querySelector(`[data-action=${action}]`));
  const number = site?.emergency_number ?? '';
  const open = isOpen(alert.line) || alert.line?.state === 'not_reached';
  const way = open
    ? 'line_panel'
    : canOpen(alert, site)
      ? 'direct_line'
      : alert.drill || !number
        ? ''
        : 'hand';
  for (const action of ['line_panel', 'direct_line', 'hand']) {
    const node = find(action);
    if (!node) continue;
    node.hidden = action !== way;
    say(node, action === 'hand' ? t('call_yourself', { number }) : t(`do_${action}`));
  }
  find('hand')?.setAttribute('href', `tel:${number}`);
  const more = find('more_people');
  if (more) more.hidden = way !== '';
}
