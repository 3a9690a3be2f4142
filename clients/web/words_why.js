/**
 * Why a text, a call, a line or a drill ended, and who but a person is called, in English and Dutch.
 */
import { has, learn, t } from './strings.js';

learn({
  why_busy: ['busy', 'in gesprek'],
  why_no_answer: ['no answer', 'niet opgenomen'],
  why_no_key: ['answered, no key', 'opgenomen, geen toets'],
  why_failed: ['failed', 'mislukt'],
  why_lost: ['lost', 'verbroken'],
  why_canceled: ['no answer', 'niet opgenomen'],
  why_not_needed: ['not needed any more', 'niet meer nodig'],
  why_not_reached: ['line not reached', 'lijn niet bereikt'],
  why_alert_ended: ['alert ended', 'alarm beëindigd'],
  why_completed: ['off the line', 'van de lijn af'],
  why_dropped: ['dropped', 'weggevallen'],
  why_hung_up: ['hung up', 'opgehangen'],
  why_ended: ['off the line', 'van de lijn af'],
  why_control_left: ['the control room rang off', 'de meldkamer hing op'],
  why_accepted: ['ambulance accepted', 'ambulance aangenomen'],
  why_undelivered: ['not delivered', 'niet bezorgd'],
  drill_ended_stopped: ['stopped by hand', 'met de hand gestopt'],
  drill_ended_closed: ['closed like a real one', 'afgesloten als een echte'],
  drill_ended_real_alert: ['stopped by a REAL ALERT', 'gestopt door een ECHT ALARM'],
  drill_ended_made_real: ['it was REAL', 'het was ECHT'],
  drill_ended_failed: ['stopped by a fault', 'gestopt door een fout'],
  line_ended_ended: ['by hand', 'met de hand'],
  line_phone: ['Line phone', 'Lijntelefoon'],
  control: ['Control room', 'Meldkamer'],
});

/** The network's words and our own for an end, as people say them. What ended may have its own.
 * @param {string} reason @param {string} [event] */
export function why(reason, event = '') {
  const name = reason.replaceAll('-', '_');
  const key = [event, 'why', 'reason'].map((kind) => `${kind}_${name}`).find(has);
  return key ? t(key) : name.replaceAll('_', ' ');
}
