/**
 * What the incident page asks besides what every staff page does: jobs, kind and care, and when it
 * was, for what somebody tells later.
 */
import { FIELDS } from './actions.js';
import { t } from './strings.js';

/** @typedef {Object<string, any>} Json */

const MINUTES_EARLIER = [1, 2, 5];
const MINUTES_AWAY = [5, 8, 10, 15, 20, null]; // Null is not known.
/** Acts whose time may be earlier than the tap. */
const TIMED = ['on_my_way', 'at_booth', 'oxygen', 'naloxone', 'breathing', 'ems'];
/** The values of the fields of care, as they are chosen and as they are corrected.
 * @type {Object<string, any[]>} */
export const VALUES = {
  job: ['lead', 'second', 'caller', 'door', 'room'],
  kind: ['unclear', 'overdose', 'overamp', 'medical'],
  route: ['nasal', 'intramuscular'],
  breathing: ['normal', 'slow', 'none'],
  awake: [true, false],
  ems: ['accepted', 'on_the_way', 'arrived', 'left'],
};
Object.assign(FIELDS, {
  take_job: { job: VALUES.job },
  classify: { kind: VALUES.kind },
  naloxone: { route: VALUES.route },
  breathing: { breathing: VALUES.breathing, awake: VALUES.awake },
  ems: {
    ems: VALUES.ems,
    minutes: (/** @type {Json} */ { ems }) => (ems === 'on_the_way' ? MINUTES_AWAY : null),
  },
});

/** Begin an act; one whose time matters asks first how long ago it was.
 * @param {import('./actions.js').Actions} actions @param {Json} alert @param {string} action
 * @param {Json} fields */
export function startEarlier(actions, alert, action, fields) {
  if (!TIMED.includes(action)) return actions.start(alert, action, fields);
  const now = actions.options.now();
  const choices = [0, ...MINUTES_EARLIER].map((minutes) => ({
    value: minutes,
    text: minutes ? t('minutes_ago', { n: minutes }) : t('just_now'),
  }));
  return actions.sheet.choose(actions.title({ alert, action }), t('which_when'), choices, (minutes) =>
    actions.start(alert, action, fields, now - minutes * 60000),
  );
}
