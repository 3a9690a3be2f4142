/**
 * Draws what stands around the alerts on the wall: the header, the bands of trouble, the row of
 * booths, who is on duty and what is wrong. What is drawn is decided in picture.js.
 */
import { at, keyed, make } from './dom.js';
import { fit } from './layout.js';
import { say, t } from './strings.js';

/** @typedef {ReturnType<typeof import('./picture.js').wallPicture>} Picture */

/** @param {Picture['header']} drawn @param {{full: boolean}} room whether it may be made larger */
export function header(drawn, { full }) {
  for (const name of /** @type {const} */ (['site', 'time', 'link', 'sound', 'count', 'silenced'])) {
    say(at(name), drawn[name]);
  }
  at('sound').dataset.good = String(drawn.soundGood);
  at('silenced').hidden = !drawn.silenced;
  at('silence').hidden = !drawn.silence;
  say(at('silence'), t('silence', { n: drawn.seconds }));
  at('drill').hidden = !drawn.drill;
  at('full').hidden = !full;
}

/** @param {Picture['bands']} drawn */
export function bands(drawn) {
  keyed(
    at('bands'),
    drawn,
    (one) => one.name,
    (one) => make(one.href ? 'a' : 'p', { class: 'band', href: one.href, data: { band: one.name } }, make('b'), make('span')),
    (node, one) => {
      say(node.firstElementChild, one.text);
      say(node.lastElementChild, one.more ?? '');
    },
  );
}

/** @param {Picture['booths']} drawn */
export function boothRow(drawn) {
  at('booths').style.setProperty('--booths', String(drawn.length));
  keyed(
    at('booths'),
    drawn,
    (one) => String(one.number),
    () => make('li', {}, make('b'), make('i')),
    (node, one) => {
      node.dataset.booth = String(one.number);
      node.dataset.state = one.state;
      say(node.firstElementChild, one.digits);
      say(node.lastElementChild, one.mark);
    },
  );
}

/** @param {Picture['quiet']} drawn */
export function quiet(drawn) {
  at('quiet').hidden = !drawn;
  if (!drawn) return;
  say(at('quiet-word'), drawn.word);
  say(at('last'), drawn.last);
  say(at('drill-due'), drawn.drill);
  say(at('tested').children[1], drawn.test);
  at('tested').dataset.due = String(drawn.testDue);
  const group = (/** @type {string} */ id, /** @type {boolean} */ coordinator) => {
    const rows = drawn.duty.filter((one) => one.coordinator === coordinator);
    at(id).hidden = !rows.length;
    keyed(
      /** @type {HTMLElement} */ (at(id).lastElementChild),
      rows,
      (one) => one.id,
      () => make('li', { class: 'reach' }, make('b'), make('small')),
      (node, one) => {
        node.dataset.reach = one.reach;
        say(node.firstElementChild, one.name);
        say(node.lastElementChild, one.text);
      },
    );
  };
  group('duty', false);
  group('coordinators', true);
  keyed(
    at('faults'),
    drawn.faults,
    (one) => one,
    (one) => make('li', { text: one }),
  );
  fit(/** @type {HTMLElement} */ (at('quiet').parentElement), [at('quiet')]);
}
