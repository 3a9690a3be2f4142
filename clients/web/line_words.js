/**
 * The words of the direct line on every staff page, in English and Dutch; those of the timeline are
 * with the incident page.
 */
import { learn } from './strings.js';

/** @type {Object<string, [string, string]>} */
const WORDS = {
  note_line_joining: ['line: our phones are ringing', 'lijn: onze telefoons gaan over'],
  note_line_ringing: [
    'line: ringing {n} of {all}, {time} of {whole}',
    'lijn: gaat over {n} van {all}, {time} van {whole}',
  ],
  note_line_answered: ['line: answered, NOT confirmed {time}', 'lijn: opgenomen, NIET bevestigd {time}'],
  note_line_confirmed: ['line: CONFIRMED {time}', 'lijn: BEVESTIGD {time}'],
  note_line_bridged: ['line: BRIDGED {time}', 'lijn: DOORVERBONDEN {time}'],
  note_line_failed: ['line: number {n} failed, dialling on', 'lijn: nummer {n} mislukt, belt verder'],
  note_line_ended: ['line: ended', 'lijn: beëindigd'],
  note_line_not_reached: ['LINE NOT REACHED – CALL {number}', 'LIJN NIET BEREIKT – BEL {number}'],
  note_line_not_reached_quiet: ['line: not reached', 'lijn: niet bereikt'],
  note_line_hand: ['or call {number} yourself', 'of bel zelf {number}'],
  band_line_hand: [
    '{place}: LINE NOT REACHED – CALL {number} NOW',
    '{place}: LIJN NIET BEREIKT – BEL NU {number}',
  ],
  control_room: ['Control room {letter}', 'Meldkamer {letter}'],
  do_direct_line: ['DIRECT LINE', 'DIRECTE LIJN'],
  do_open_line: ['OPEN THE DIRECT LINE', 'OPEN DE DIRECTE LIJN'],
  do_line_panel: ['DIRECT LINE: PANEL', 'DIRECTE LIJN: PANEEL'],
  do_line_reached: ['SOMEONE IS TALKING', 'ER PRAAT IEMAND'],
  do_end_line: ['END LINE', 'LIJN BEËINDIGEN'],
  do_ems: ['AMBULANCE', 'AMBULANCE'],
  call_yourself: ['CALL {number} YOURSELF', 'BEL ZELF {number}'],
  ems_none: ['Not accepted yet', 'Nog niet aangenomen'],
  ems_accepted: ['ACCEPTED', 'AANGENOMEN'],
  ems_on_the_way: ['ON THE WAY', 'ONDERWEG'],
  ems_arrived: ['ARRIVED', 'AANGEKOMEN'],
  ems_left: ['LEFT', 'VERTROKKEN'],
  ems_at: ['{what} {clock}', '{what} {clock}'],
  ems_at_minutes: ['{what}, {n} min (told {clock})', '{what}, {n} min (gezegd {clock})'],
  note_ems: ['ambulance: {what}', 'ambulance: {what}'],
  problem_no_agreement: [
    'this site has no agreed line; call the emergency number yourself',
    'deze locatie heeft geen afgesproken lijn; bel zelf het alarmnummer',
  ],
};
learn(WORDS);
