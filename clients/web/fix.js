/**
 * Correcting a line of the timeline: another line is added, nothing is overwritten. It offers what
 * that line says, in the words of the action itself, and free text only where the site keeps notes.
 */
import { VALUES as CARE } from './care.js';
import { make } from './dom.js';
import { doneAt } from './known.js';
import { has, t } from './strings.js';

/** @typedef {Object<string, any>} Json */

const NOTE_MOST = 280;
const MINUTES = [-5, -2, -1, 1, 2, 5];
/** @type {Object<string, any[]>} */
const VALUES = { ...CARE, reason: ['false_press', 'nothing_wrong', 'duplicate'] };

/** Ask what was wrong, then what is right, and save it as a correction.
 * @param {import('./actions.js').Actions} actions @param {Json} alert @param {Json} event */
export function fix(actions, alert, event) {
  const { sheet } = actions;
  const site = actions.options.site();
  const title = `${t('do_correct')} · ${has(`event_${event.name}`) ? t(`event_${event.name}`) : event.name}`;
  const save = (/** @type {Json} */ fields) =>
    actions.start(alert, 'correct', { of: event.seq, ...fields });
  const fields = [
    'at',
    'person',
    ...Object.keys(VALUES).filter((name) => event.data?.[name] != null),
    'on',
  ];
  const ask = (/** @type {string} */ field) => {
    if (field === 'on') return save({ field, value: false });
    const question = t(`field_${field}`);
    if (field === 'person') {
      const rules = { guest: true, why: () => '' };
      return sheet.names(title, question, site?.people || [], rules, (value) =>
        save({ field, value }),
      );
    }
    const choices =
      field === 'at'
        ? MINUTES.map((n) => ({
            value: new Date(Date.parse(doneAt(event)) + n * 60000).toISOString(),
            text: t(n < 0 ? 'minutes_ago' : 'minutes_later', { n: Math.abs(n) }),
          }))
        : VALUES[field].map((value) => ({ value, text: t(`${field}_${value}`) }));
    return sheet.choose(title, question, choices, (value) => save({ field, value }));
  };
  const choices = fields.map((value) => ({ value, text: t(`field_${value}`) }));
  sheet.choose(title, t('which_wrong'), choices, ask, site?.notes ? note(save) : null);
}

/** @param {(fields: Json) => void} save */
function note(save) {
  const text = /** @type {HTMLTextAreaElement} */ (
    make('textarea', { maxlength: NOTE_MOST, rows: 3, 'aria-describedby': 'note-rule' })
  );
  const send = () => text.value.trim() && save({ note: text.value.trim() });
  return make(
    'div',
    { class: 'note' },
    make('label', {}, make('span', { text: t('note') }), text),
    make('p', { id: 'note-rule', text: t('note_rule') }),
    make('button', { class: 'act', type: 'button', text: t('note_save'), click: send }),
  );
}
