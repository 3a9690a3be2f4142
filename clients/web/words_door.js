/** The words of the pages that lead to the others, in English and Dutch. */
import { learn } from './strings.js';

learn({
  pair_title: ['Pair this device', 'Koppel dit apparaat'],
  pair_code: ['Code', 'Code'],
  pair_do: ['PAIR', 'KOPPEL'],
  pair_help: [
    'The code is on the screen where the device was added. It works once, for 10 minutes.',
    'De code staat op het scherm waar het apparaat is toegevoegd. Hij werkt één keer, 10 minuten.',
  ],
  pair_wrong: [
    'This code is not right, or no longer valid. Ask for a new one.',
    'Deze code klopt niet of is verlopen. Vraag een nieuwe.',
  ],
  pair_many: [
    'Too many wrong codes. Wait a minute and try again.',
    'Te veel verkeerde codes. Wacht een minuut en probeer opnieuw.',
  ],
  pair_origin: [
    'This page was not opened at the address of the service.',
    'Deze pagina is niet geopend op het adres van de dienst.',
  ],
  pair_network: [
    'The server does not answer. Check the network and try again.',
    'De server antwoordt niet. Controleer het netwerk en probeer opnieuw.',
  ],
  pair_has: [
    'Booth {n} has a button already: {names}',
    'Plek {n} heeft al een knop: {names}',
  ],
  pair_heard: ['{name} (last heard of {time})', '{name} (laatst gehoord {time})'],
  pair_taken_why: [
    'A button that is replaced is no longer one: that device says so, and asks to be paired.',
    'Een knop die vervangen is, is er geen meer: dat apparaat zegt dat, en vraagt om koppeling.',
  ],
  pair_replace: ['REPLACE', 'VERVANG'],
  pair_keep: ['KEEP BOTH', 'HOUD BEIDE'],
  as_booth: ['booth {n}', 'plek {n}'],
  as_screen: ['staff screen', 'teamscherm'],
  as_tablet: ['staff tablet', 'teamtablet'],
  as_monitor: ['monitor', 'meekijkscherm'],
  as_board: ['overview board', 'overzichtsbord'],
  home_title: [
    'Overdose alerts and responders, for one house',
    'Overdosisalarm en hulp, voor één huis',
  ],
  pair_done: ['This device is now: {what}', 'Dit apparaat is nu: {what}'],
  pair_then_booth: [
    'Open the button, and let this tablet show nothing else.',
    'Open de knop, en laat deze tablet niets anders tonen.',
  ],
  pair_then_wall: [
    'Open the wall and arm it: say whether you hear its sound.',
    'Open het wandscherm en zet het aan: zeg of je het geluid hoort.',
  ],
  pair_then_board: [
    'Open the board: how each house is doing, and nothing of people.',
    'Open het bord: hoe het in elk huis gaat, en niets over mensen.',
  ],
  pair_then_other: ['It is ready for its program.', 'Het is klaar voor zijn programma.'],
  home_open: ['To the start page', 'Naar de startpagina'],
  home_next: ['Next step', 'Volgende stap'],
  home_wall: ['Open the wall', 'Open het wandscherm'],
  home_wall_why: [
    'Staff screen: it sounds, and shows where help is needed and who goes.',
    'Teamscherm: het klinkt en toont waar hulp nodig is en wie er gaat.',
  ],
  home_booth: ['Open the booth button', 'Open de knop van de plek'],
  home_board: ['Open the city board', 'Open het stadsbord'],
  home_booth_why: ['One press calls the staff.', 'Eén druk roept het team.'],
  home_pair: ['Pair this device', 'Koppel dit apparaat'],
  home_pair_why: [
    'With the code you were given, this browser becomes a wall or a booth button.',
    'Met de code die je kreeg wordt deze browser een wandscherm of een knop.',
  ],
  home_shift: ['Open the shift page', 'Open de dienst'],
  home_shift_why: [
    'Would an alert be heard now? Take over the shift; test buttons and screens.',
    'Wordt een alarm nu gehoord? Neem de dienst over; test knoppen en schermen.',
  ],
  home_devices: ['Open the devices page', 'Open de apparaten'],
  home_drill: ['Open the drill page', 'Open de oefenpagina'],
  home_drill_why: [
    'Practise an alert: the same way, marked as a drill, and scored.',
    'Oefen een alarm: langs dezelfde weg, gemerkt als oefening, met een score.',
  ],
  home_none: ['This browser is not paired yet.', 'Deze browser is nog niet gekoppeld.'],
  home_held: ['This browser is paired as: {what}.', 'Deze browser is gekoppeld als: {what}.'],
  home_try: [
    'To try it: open the wall and arm it, open the booth in a second window, and press.',
    'Om te proberen: open het wandscherm en zet het aan, open de plek in een tweede venster, en druk.',
  ],
});
