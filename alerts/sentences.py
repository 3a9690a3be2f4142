"""The table of every sentence we say to a person, in each language; nothing but the sentences.

How one is filled in, shortened and said is `alerts.words`. None names a person in a booth, a
drug or an address.
"""

from collections.abc import Mapping

from alerts.line_sentences import LINE_SENTENCES

# Slots are {named}; {1} is what the table of answers says of the answer 1. Of [this|that] the
# first whose slots are all given is said, and nothing if there is none.
SENTENCES: Mapping[str, Mapping[str, str]] = {
    **LINE_SENTENCES,
    "S1": {
        "en": "{site} {place} - HELP NOW. Reply {1}, {0}. #{number} {time}[ {link}]",
        "nl": "{site} {place} - NU HULP. Antwoord {1}, {0}. #{number} {time}[ {link}]",
    },
    "S2": {
        "en": "{site} {place} - HELP NOW ({open} open). Reply {number} {1}, {number} {0}."
        " #{number} {time}[ {link}]",
        "nl": "{site} {place} - NU HULP ({open} open). Antwoord {number} {1}, {number} {0}."
        " #{number} {time}[ {link}]",
    },
    "S3": {
        "en": "{site} {place} - NO ONE YET, {seconds} s. Reply {1}."
        "[ Your phone rings in {rings_in} s.] #{number}",
        "nl": "{site} {place} - NOG NIEMAND, {seconds} s. Antwoord {1}."
        "[ Je telefoon gaat over {rings_in} s.] #{number}",
    },
    "S4": {
        "en": "{site} {place} - NO ONE AFTER {seconds} s. You are coordinator: reply {1},"
        " [or open the direct line: {link}|{99}.] #{number}",
        "nl": "{site} {place} - NIEMAND NA {seconds} s. Jij bent coördinator: antwoord {1},"
        " [of open de directe lijn: {link}|{99}.] #{number}",
    },
    "S4n": {
        "en": "{site} {place} - NO ONE AFTER {seconds} s. You are coordinator: reply {1},"
        " or call {emergency} yourself. #{number}[ {link}]",
        "nl": "{site} {place} - NIEMAND NA {seconds} s. Jij bent coördinator: antwoord {1},"
        " of bel zelf {emergency}. #{number}[ {link}]",
    },
    "S5": {
        "en": "{site} {place} - PRESSED AGAIN ({presses}x). Reply {1}. #{number}",
        "nl": "{site} {place} - OPNIEUW GEDRUKT ({presses}x). Antwoord {1}. #{number}",
    },
    "S6": {
        "en": "#{number} {site} {place}: nobody at the booth after {seconds} s."
        " Are you there? {2}, {0}. Alarm sounds again.",
        "nl": "#{number} {site} {place}: na {seconds} s nog niemand bij de plek."
        " Ben jij er? {2}, {0}. Alarm klinkt weer.",
    },
    "S7": {
        "en": "#{number} {site} {place}: STOOD DOWN[ by {person}] {time}. No need to go.",
        "nl": "#{number} {site} {place}: AFGEMELD[ door {person}] {time}. Je hoeft niet te gaan.",
    },
    "S8": {
        "en": "#{number} {site} {place}: closed {time}. Thank you.",
        "nl": "#{number} {site} {place}: afgesloten {time}. Dank je.",
    },
    "S9": {
        "en": "{site} {place} - MORE PEOPLE NEEDED. Reply {1}, {0}. #{number} {time}[ {link}]",
        "nl": "{site} {place} - MEER MENSEN NODIG. Antwoord {1}, {0}. #{number} {time}[ {link}]",
    },
    "A1": {
        "en": "OK #{number}: you are on the way to {site} {place}."
        " Then: {2}, {3}, {99}, 0 = can't go after all",
        "nl": "OK #{number}: je gaat naar {site} {place}."
        " Daarna: {2}, {3}, {99}, 0 = kan toch niet",
    },
    "A2": {
        "en": "OK #{number}: you are going too. {first} is first."
        " Then: {2}, {3}, {99}, 0 = not needed",
        "nl": "OK #{number}: jij gaat ook. {first} is de eerste."
        " Daarna: {2}, {3}, {99}, 0 = niet nodig",
    },
    "A3": {
        "en": "OK #{number}: [at {booth_place}|you are there], {time}. Next: {3}, {99}, {4}",
        "nl": "OK #{number}: [bij {booth_place}|je bent er], {time}. Daarna: {3}, {99}, {4}",
    },
    "A4": {
        "en": "OK #{number}: more people asked for {place}. Staff screens sound again.",
        "nl": "OK #{number}: meer mensen gevraagd voor {place}. De schermen klinken weer.",
    },
    "A5": {
        "en": "#{number}: send 99 to call the AMBULANCE LINE for {place},"
        " or call yourself: {emergency}",
        "nl": "#{number}: stuur 99 om de AMBULANCELIJN te bellen voor {place},"
        " of bel zelf: {emergency}",
    },
    "A6": {
        "en": "#{number} AMBULANCE LINE is being called for {place}."
        " No word within {seconds} s? Call {emergency}.",
        "nl": "#{number} AMBULANCELIJN wordt gebeld voor {place}."
        " Niets gehoord binnen {seconds} s? Bel {emergency}.",
    },
    "A6n": {
        "en": "#{number}: this site has NO ambulance line. Call {emergency} yourself now.",
        "nl": "#{number}: deze locatie heeft GEEN ambulancelijn. Bel nu zelf {emergency}.",
    },
    "A6d": {
        "en": "#{number} is a DRILL: nothing is called."
        " Real emergency: press a button or call {emergency}",
        "nl": "#{number} is een OEFENING: er wordt niets gebeld."
        " Echte nood: druk op een knop of bel {emergency}",
    },
    "A6e": {
        "en": "#{number}: the AMBULANCE LINE was opened before and has ended."
        " Open it on a staff screen, or call {emergency} yourself NOW.",
        "nl": "#{number}: de AMBULANCELIJN was al geopend en is weer dicht."
        " Open hem op een scherm, of bel NU zelf {emergency}.",
    },
    "A7": {
        "en": "OK #{number}: safe, {time}."
        " Please choose the outcome on a staff screen[ or here: {link}|.]",
        "nl": "OK #{number}: veilig, {time}. Kies de uitkomst op een scherm[ of hier: {link}|.]",
    },
    "A8": {
        "en": "OK #{number}: noted, you can't go. Others are still being alerted.",
        "nl": "OK #{number}: genoteerd, je kunt niet. Anderen worden nog gealarmeerd.",
    },
    "A8n": {
        "en": "OK #{number}: noted. NO ONE is left to ask: screens sound, coordinator is called.",
        "nl": "OK #{number}: genoteerd. Er is NIEMAND meer om te vragen: de schermen klinken,"
        " de coördinator wordt gebeld.",
    },
    "A9": {
        "en": "#{number}: you were the ONLY one on the way."
        " The alarm sounds again and the next person is called now.",
        "nl": "#{number}: jij was de ENIGE onderweg."
        " Het alarm klinkt weer en de volgende wordt nu gebeld.",
    },
    "A10": {
        "en": "NOT COUNTED #{number}: are you [at {booth_place}|there]? Send 2 first, then 4.",
        "nl": "NIET GETELD #{number}: ben je [bij {booth_place}|er al]? Stuur eerst 2, dan 4.",
    },
    "U1": {
        "en": "NOT COUNTED. #{number} {place} is OPEN."
        " Reply {1}, {2}, {3}, {99}, {0}. Emergency: {emergency}",
        "nl": "NIET GETELD. #{number} {place} is OPEN."
        " Antwoord {1}, {2}, {3}, {99}, {0}. Spoed: {emergency}",
    },
    "U2": {
        "en": "NOT COUNTED YET. {count} alerts are open: {alerts}."
        " Put the number first, e.g. {example}",
        "nl": "NOG NIET GETELD. {count} alarmen open: {alerts}."
        " Zet het nummer ervoor, bv. {example}",
    },
    "U3": {
        "en": "{site}: no open alert[ #{code}]. Nothing was changed."
        " Emergency: press a button or call {emergency}",
        "nl": "{site}: geen open alarm[ #{code}]. Er is niets veranderd."
        " Nood: druk op een knop of bel {emergency}",
    },
    "U4": {
        "en": "#{number} was closed at {time}. Nothing was changed."
        " New emergency: press a button or call {emergency}",
        "nl": "#{number} is om {time} afgesloten. Er is niets veranderd."
        " Nieuwe nood: druk op een knop of bel {emergency}",
    },
    "D1": {
        "en": "DRILL DRILL - {site} {place} - THIS IS A DRILL. Reply {1}, {0}. #{number}[ {link}]",
        "nl": "OEFENING OEFENING - {site} {place} - DIT IS EEN OEFENING."
        " Antwoord {1}, {0}. #{number}[ {link}]",
    },
    "D2": {
        "en": "{site} DRILL STOPPED - REAL ALERT {place} follows.",
        "nl": "{site} OEFENING GESTOPT - ECHT ALARM {place} volgt.",
    },
    "L1": {
        "en": "#{number} {place}: LINE NOT REACHED. Call {emergency} yourself NOW.",
        "nl": "#{number} {place}: LIJN NIET BEREIKT. Bel NU zelf {emergency}.",
    },
    "W1": {
        "en": "{site}: you are on duty[ {hours}| at all times]."
        " Reply 7 now to show that alerts reach this phone.",
        "nl": "{site}: je hebt [dienst {hours}|altijd dienst]."
        " Antwoord nu 7 om te tonen dat alarmen op deze telefoon aankomen.",
    },
    "W2": {
        "en": "{site}: NOBODY on duty has a confirmed phone. Open the rota[: {link}|.]",
        "nl": "{site}: NIEMAND in dienst heeft een bevestigde telefoon."
        " Open het rooster[: {link}|.]",
    },
    "W2s": {
        "en": "{site}: NO SCREEN can sound an alarm. Arm one now[: {link}|.]",
        "nl": "{site}: GEEN SCHERM kan alarm geven. Zet er nu een aan[: {link}|.]",
    },
    "W2c": {
        "en": "{site}: NO COORDINATOR is on duty. Open the rota[: {link}|.]",
        "nl": "{site}: GEEN COÖRDINATOR in dienst. Open het rooster[: {link}|.]",
    },
    "W3": {
        "en": "{site}: {place} button silent since {time}. Use voice or phone there until fixed.",
        "nl": "{site}: knop {place} zwijgt sinds {time}. Roep of bel daar tot het is opgelost.",
    },
    "W4": {
        "en": "{site}: texts to {person} are refused. {person} is being called."
        " Reach {person} another way.",
        "nl": "{site}: sms'jes aan {person} worden geweigerd. {person} wordt gebeld."
        " Bereik {person} op een andere manier.",
    },
    "W5": {
        "en": "{site}: {person} can not be reached by text or phone. Reach {person} another way.",
        "nl": "{site}: {person} is niet te bereiken per sms of telefoon."
        " Bereik {person} op een andere manier.",
    },
    "W3m": {
        "en": "{site}: buttons silent: {what}. Use voice or phone there until fixed.",
        "nl": "{site}: knoppen zwijgen: {what}. Roep of bel daar tot het is opgelost.",
    },
    "W7": {
        "en": "{site}: battery nearly empty, does not count as cover: {what}. Replace it now.",
        "nl": "{site}: batterij bijna leeg, telt niet mee: {what}. Vervang hem nu.",
    },
    "W8": {
        "en": "{site}: screens that can not sound an alarm: {what}. Go there and arm them.",
        "nl": "{site}: schermen die geen alarm geven: {what}. Ga erheen en zet ze aan.",
    },
    "W6": {
        "en": "{site}: thank you. Alerts reach this phone.",
        "nl": "{site}: dank je. Alarmen komen op deze telefoon aan.",
    },
    "R1": {
        "en": "#{number} {site} {place}: recovery check of {time} has no note. Please look.",
        "nl": "#{number} {site} {place}: herstelcontrole van {time} heeft geen notitie."
        " Ga alsjeblieft kijken.",
    },
    "R2": {
        "en": "#{number} {site} {place}: recovery time is over."
        " Please choose the outcome on a staff screen.",
        "nl": "#{number} {site} {place}: de hersteltijd is voorbij."
        " Kies de uitkomst op een scherm.",
    },
    "T1": {
        "en": "{site}: test text from Directline. Nothing is wrong.",
        "nl": "{site}: testbericht van Directline. Er is niets aan de hand.",
    },
    "X1": {
        "en": "You stopped {site} alerts on this phone. You get NO alerts."
        " Your coordinator is told. START turns them on.",
        "nl": "Je hebt {site}-alarmen op deze telefoon gestopt. Je krijgt er GEEN."
        " De coördinator weet dit. START zet ze aan.",
    },
    "call_question": {
        "en": "Help needed [at {name}, {spoken_place}|at {name}, somewhere in the house"
        "|at {spoken_place}|somewhere in the house]."
        " Press 1 if you are on your way. Press 0 if you can not go.",
        "nl": "Hulp nodig [bij {name}, {spoken_place}|bij {name}, ergens in huis"
        "|bij {spoken_place}|ergens in huis]."
        " Toets 1 als je onderweg bent. Toets 0 als je niet kunt.",
    },
    "call_question_line": {
        "en": "Help needed [at {name}, {spoken_place}|at {name}, somewhere in the house"
        "|at {spoken_place}|somewhere in the house]."
        " Press 1 if you are on your way. Press 0 if you can not go."
        " Press 9, then 9 again, to open the direct line.",
        "nl": "Hulp nodig [bij {name}, {spoken_place}|bij {name}, ergens in huis"
        "|bij {spoken_place}|ergens in huis]."
        " Toets 1 als je onderweg bent. Toets 0 als je niet kunt."
        " Toets 9, en dan nog eens 9, om de directe lijn te openen.",
    },
    "call_coming": {
        "en": "Thank you. You are on the way[ to {spoken_place}].",
        "nl": "Dank je. [Je gaat naar {spoken_place}|Je bent onderweg].",
    },
    "call_cannot": {
        "en": "Thank you. It is noted that you can not go. The alarm goes on.",
        "nl": "Dank je. Er is genoteerd dat je niet kunt. Het alarm gaat door.",
    },
    "call_over": {
        "en": "Help is not asked for any more. Thank you.",
        "nl": "Er wordt geen hulp meer gevraagd. Dank je.",
    },
    "call_no_key": {
        "en": "No key was pressed. This does not count. The alarm goes on.",
        "nl": "Er is geen toets gedrukt. Dit telt niet. Het alarm gaat door.",
    },
    "call_no_line": {
        "en": "This site has no ambulance line. Call {emergency} yourself now.",
        "nl": "Deze locatie heeft geen ambulancelijn. Bel nu zelf {emergency}.",
    },
    "call_drill": {
        "en": "Nothing is called. In a real emergency, press a button or call {emergency}.",
        "nl": "Er wordt niets gebeld. Druk bij echte nood op een knop of bel {emergency}.",
    },
    "call_none_open": {
        "en": "There is no open alert for you."
        " In an emergency, press a button or call {emergency}.",
        "nl": "Er is geen open alarm voor jou. Druk bij nood op een knop of bel {emergency}.",
    },
    "call_unknown": {
        "en": "Nobody listens on this number. In an emergency, call {emergency}.",
        "nl": "Op dit nummer luistert niemand. Bel bij nood {emergency}.",
    },
}
