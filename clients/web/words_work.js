/** What the staff's pages beside the wall have in common, in English and Dutch. */
import { learn } from './strings.js';

learn({
  to_wall: ['Wall', 'Wandscherm'],
  loading: ['Loading…', 'Laden…'],
  no_alert: ['There is no alert with this number here.', 'Er is hier geen alarm met dit nummer.'],
  not_known: ['not known', 'niet bekend'],
  note_rule: ['No names or details of clients.', 'Geen namen of gegevens van cliënten.'],
  breathing_normal: ['Normal', 'Normaal'],
  breathing_slow: ['Slow', 'Langzaam'],
  breathing_none: ['None', 'Geen'],
});
