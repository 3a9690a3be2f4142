/** The words of the drill page, in English and Dutch. */
import { learn } from './strings.js';
import './words_why.js';

learn({
  drill_type: ['What is practised?', 'Wat wordt geoefend?'],
  drill_type_full: ['Whole ladder', 'Hele ladder'],
  drill_type_full_more: [
    'Screens, texts and calls, all marked as a drill',
    'Schermen, sms en oproepen, alles gemerkt als oefening',
  ],
  drill_type_booth: ['Screens only', 'Alleen schermen'],
  drill_type_booth_more: ['Nobody is texted or called', 'Niemand krijgt een sms of oproep'],
  drill_booth: ['In which booth?', 'Bij welke plek?'],
  drill_told: ['Who knows of it beforehand?', 'Wie weet er vooraf van?'],
  drill_told_all: ['Everybody', 'Iedereen'],
  drill_told_all_more: ['The team was told', 'Het team is ingelicht'],
  drill_told_nobody: ['Nobody', 'Niemand'],
  drill_told_nobody_more: [
    'They read DRILL when it begins',
    'Ze lezen OEFENING zodra het begint',
  ],
  drill_was_told_all: ['announced', 'aangekondigd'],
  drill_was_told_nobody: ['not announced', 'niet aangekondigd'],
  drill_line: [
    'The direct line is tested on its own page.',
    'De directe lijn wordt op een eigen pagina getest.',
  ],
  drill_pin: ['PIN', 'Pincode'],
  drill_start: ['START THE DRILL', 'BEGIN DE OEFENING'],
  drill_stop: ['STOP THE DRILL', 'STOP DE OEFENING'],
  drill_real_first: [
    'A real press stops it at once, anywhere in the house.',
    'Een echte druk stopt haar meteen, waar dan ook in huis.',
  ],
  drill_last: ['The last drills', 'De laatste oefeningen'],
  drill_none: ['No drill yet.', 'Nog geen oefening.'],
  drill_nobody: [
    'No coordinator or manager of this site has a PIN.',
    'Geen coördinator of leidinggevende van deze locatie heeft een pincode.',
  ],
  drill_choose: ['Choose what, where and who.', 'Kies wat, waar en wie.'],
  drill_tablet: [
    'A drill is started and stopped on a staff tablet. This browser can only look.',
    'Een oefening begint en stopt op een teamtablet. Deze browser kan alleen kijken.',
  ],
  drill_next_now: ['A drill can be started now.', 'Er kan nu een oefening beginnen.'],
  drill_next_running: ['A drill is running.', 'Er loopt een oefening.'],
  drill_next_open: [
    'Alert #{n} is real and still open. A drill can be started 30 minutes after its end.',
    'Alarm #{n} is echt en nog open. Een oefening kan beginnen 30 minuten na het einde ervan.',
  ],
  drill_next_real_alert: [
    'A real alert has just been. Next drill possible: {time}.',
    'Er was net een echt alarm. Volgende oefening mogelijk: {time}.',
  ],
  drill_next_week: [
    'At most one drill a week. Next drill possible: {time}.',
    'Hooguit één oefening per week. Volgende oefening mogelijk: {time}.',
  ],
  drill_no: ['No drill was started: {why}', 'Er is geen oefening begonnen: {why}'],
  drill_sounding: ['Press to sounding', 'Druk tot geluid'],
  drill_answer: ['First answer', 'Eerste antwoord'],
  drill_at_booth: ['At the booth', 'Bij de plek'],
  drill_missed: ['Did not get it', 'Niet bereikt'],
  drill_missed_none: ['nobody', 'niemand'],
  drill_missed_phones: ['no phones in this drill', 'geen telefoons in deze oefening'],
  drill_wrong: ['Visits to a wrong booth', 'Verkeerde plek bezocht'],
  do_wrong_booth: ['WENT TO A WRONG BOOTH', 'NAAR VERKEERDE PLEK'],
  which_visits: ['HOW OFTEN, IN ALL?', 'HOE VAAK, BIJ ELKAAR?'],
  visits: ['{n} ×', '{n} ×'],
  drill_by: ['started by {name}', 'begonnen door {name}'],
  drill_now: ['running now', 'loopt nu'],
});
