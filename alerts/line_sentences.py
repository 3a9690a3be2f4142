"""The table of what is said on the direct line, in each language (`screens.md` 4.3).

To the control room: one breath of facts in the dispatcher's order, and each only if it is true.
"""

from collections.abc import Mapping

LINE_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "line_emergency": {
        "en": "This is an automated call. Medical emergency at {name}, {address}.",
        "nl": "Dit is een automatische melding. Medisch spoedgeval bij {name}, {address}.",
    },
    "line_overdose": {"en": "Possible overdose.", "nl": "Mogelijke overdosis."},
    "line_overamp": {
        "en": "Person very ill after stimulants.",
        "nl": "Persoon erg ziek na stimulerende middelen.",
    },
    "line_staff_there": {"en": "Staff are with the person.", "nl": "Personeel is erbij."},
    "line_staff_coming": {"en": "Staff are on their way.", "nl": "Personeel is onderweg."},
    "line_staff_none": {
        "en": "No staff member has answered.",
        "nl": "Er heeft nog niemand gereageerd.",
    },
    "line_press_1": {
        "en": "Press 1 to speak to them.",
        "nl": "Toets 1 om ze te spreken.",
    },
    "line_nobody_on": {
        "en": "No staff member is on this line yet. Press 9 to accept the call.",
        "nl": "Er is nog geen medewerker op deze lijn. Toets 9 om de melding aan te nemen.",
    },
    "line_address": {
        "en": "Address: {address}.[ Entrance: {entrance}.]",
        "nl": "Adres: {address}.[ Ingang: {entrance}.]",
    },
    "line_outside": {"en": "Staff will be outside.", "nl": "Er staat iemand buiten."},
    "line_ring_bell": {"en": "Please ring the bell.", "nl": "Bel alstublieft aan."},
    "line_call_back": {"en": "Call back: {call_back}.", "nl": "Terugbellen: {call_back}."},
    "line_speak_1": {
        "en": "Press 1 to speak to staff.",
        "nl": "Toets 1 om te spreken.",
    },
    "line_done": {
        "en": "Breathing: {breathing}. Awake: {awake}. Oxygen: {oxygen}. Naloxone: {naloxone}.",
        "nl": "Ademhaling: {breathing}. Wakker: {awake}. Zuurstof: {oxygen}. Naloxon: {naloxone}.",
    },
    "line_connecting": {"en": "Connecting you now.", "nl": "Ik verbind u door."},
    "line_accepted": {
        "en": "Thank you. The call is accepted.",
        "nl": "Dank u. De melding is aangenomen.",
    },
    "line_lost": {
        "en": "The line to the site was lost. Call back: {call_back}.",
        "nl": "De lijn met de locatie is verbroken. Bel terug: {call_back}.",
    },
    "line_drill": {
        "en": "This is a drill. Do not send anyone. {name} is testing this line."
        " Press 1 if you hear this clearly.",
        "nl": "Dit is een oefening. Stuur niemand. {name} test deze lijn."
        " Toets 1 als u dit goed hoort.",
    },
    "line_drill_heard": {
        "en": "Thank you. The test is done.",
        "nl": "Dank u. De test is klaar.",
    },
    "line_over": {"en": "This call has ended. Thank you.", "nl": "Dit gesprek is klaar. Dank u."},
    # To our own side.
    "line_welcome": {
        "en": "Direct line[, {spoken_place}]. Please stay on the line.",
        "nl": "Directe lijn[, {spoken_place}]. Blijf aan de lijn.",
    },
    "line_dispatcher": {
        "en": "Dispatcher on the line.[ {Spoken_place},] {minutes}.",
        "nl": "Meldkamer aan de lijn.[ {Spoken_place},] {minutes}.",
    },
    "line_redialled": {
        "en": "The line to the control room was lost. It is called again."
        " You can also call {emergency} yourself.",
        "nl": "De lijn met de meldkamer is verbroken. Er wordt opnieuw gebeld."
        " Je kunt ook zelf {emergency} bellen.",
    },
    "line_unreached": {
        "en": "The line was not reached. Call {emergency} yourself now.",
        "nl": "De lijn is niet bereikt. Bel nu zelf {emergency}.",
    },
    "line_nine": {
        "en": "Press 9 again to open the direct line.",
        "nl": "Toets nog eens 9 om de directe lijn te openen.",
    },
}

VALUES: Mapping[str, Mapping[str, str]] = {
    "unknown": {"en": "not known", "nl": "niet bekend"},
    "yes": {"en": "yes", "nl": "ja"},
    "no": {"en": "no", "nl": "nee"},
    "on": {"en": "on, {minutes}", "nl": "ja, {minutes}"},
    "normal": {"en": "normal", "nl": "normaal"},
    "slow": {"en": "slow", "nl": "langzaam"},
    "none": {"en": "none", "nl": "geen"},
    "dose": {"en": "1 dose, {ago}", "nl": "1 dosis, {ago}"},
    "doses": {"en": "{count} doses, last {ago}", "nl": "{count} doses, laatste {ago}"},
    "moments": {"en": "less than a minute", "nl": "minder dan een minuut"},
    "minute": {"en": "1 minute", "nl": "1 minuut"},
    "minutes": {"en": "{count} minutes", "nl": "{count} minuten"},
    "ago": {"en": "{minutes} ago", "nl": "{minutes} geleden"},
}
"""The words that fill the slots of `line_done` and `line_dispatcher`."""
