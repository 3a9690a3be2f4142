"""The words we say to people: letter by letter, always one part, and true to the table."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import gsm7
from alerts.sentences import SENTENCES
from alerts.site import Address, Booth, Person, Repeat, Role, Rung, Site
from alerts.words import (
    LANGUAGES,
    SPOKEN,
    Slot,
    Text,
    about,
    choose_language,
    lengths,
    needed,
    render,
    speak,
)

LINK = "https://h.example.nl/r/7Kq2fX9dB3mT8wLz4RcYpN"
LINK_48 = "https://h.example.nl/r/9Lm3Zp2aV6hQ1sKe7GxUjD"
SHIFT = "https://h.example.nl/shift"
SITE = Site(
    code="AMC4",
    name="Harbour House",
    language="nl",
    timezone="Europe/Amsterdam",
    emergency_number="112",
    sender_numbers=("+3197010200001",),
    voice_number="+31201230000",
    booths=(Booth(7), Booth(12)),
    people=(Person("sam", "Sam", "+31612345601", (Role.RESPONDER,), "nl"),),
    ladder=(Rung(0, ()), Rung(15, ()), Rung(59.5, ())),
    repeat=Repeat(1, 60),
    address=Address("Damrak 12", "green door", "+31201234567"),
)
BOOTH_12 = about(SITE, 47, 12)
BOOTH_07 = about(SITE, 48, 7)
DRILL = about(SITE, 12, 12)

# code, slots, link, English, its length, Dutch, its length: the table of texts, letter by letter.
Row = tuple[str, Mapping[str, Slot], str | None, str, int, str, int]
TEXTS: tuple[Row, ...] = (
    (
        "S1",
        {**BOOTH_12, "time": "14:03:27"},
        LINK,
        f"AMC4 BOOTH 12 - HELP NOW. Reply 1 = on my way, 0 = can't. #47 14:03:27 {LINK}",
        116,
        f"AMC4 PLEK 12 - NU HULP. Antwoord 1 = ik ga, 0 = kan niet. #47 14:03:27 {LINK}",
        116,
    ),
    (
        "S2",
        {**BOOTH_07, "open": 2, "time": "14:05:02"},
        LINK_48,
        (
            "AMC4 BOOTH 07 - HELP NOW (2 open). Reply 48 1 = on my way, 48 0 = can't."
            f" #48 14:05:02 {LINK_48}"
        ),
        131,
        (
            "AMC4 PLEK 07 - NU HULP (2 open). Antwoord 48 1 = ik ga, 48 0 = kan niet."
            f" #48 14:05:02 {LINK_48}"
        ),
        131,
    ),
    (
        "S3",
        {**BOOTH_12, "seconds": 15, "rings_in": 15},
        None,
        "AMC4 BOOTH 12 - NO ONE YET, 15 s. Reply 1 = on my way. Your phone rings in 15 s. #47",
        84,
        "AMC4 PLEK 12 - NOG NIEMAND, 15 s. Antwoord 1 = ik ga. Je telefoon gaat over 15 s. #47",
        85,
    ),
    (
        "S4",
        {**BOOTH_12, "seconds": 60},
        LINK,
        (
            "AMC4 BOOTH 12 - NO ONE AFTER 60 s. You are coordinator: reply 1 = on my way,"
            f" or open the direct line: {LINK} #47"
        ),
        151,
        (
            "AMC4 PLEK 12 - NIEMAND NA 60 s. Jij bent coördinator: antwoord 1 = ik ga,"
            f" of open de directe lijn: {LINK} #47"
        ),
        148,
    ),
    (
        "S5",
        {**BOOTH_12, "presses": 3},
        None,
        "AMC4 BOOTH 12 - PRESSED AGAIN (3x). Reply 1 = on my way. #47",
        60,
        "AMC4 PLEK 12 - OPNIEUW GEDRUKT (3x). Antwoord 1 = ik ga. #47",
        60,
    ),
    (
        "S6",
        {**BOOTH_12, "seconds": 30},
        None,
        (
            "#47 AMC4 BOOTH 12: nobody at the booth after 30 s. Are you there?"
            " 2 = at booth, 0 = can't. Alarm sounds again."
        ),
        110,
        (
            "#47 AMC4 PLEK 12: na 30 s nog niemand bij de plek. Ben jij er?"
            " 2 = bij plek, 0 = kan niet. Alarm klinkt weer."
        ),
        109,
    ),
    (
        "S7",
        {**BOOTH_12, "person": "Kim", "time": "14:06"},
        None,
        "#47 AMC4 BOOTH 12: STOOD DOWN by Kim 14:06. No need to go.",
        58,
        "#47 AMC4 PLEK 12: AFGEMELD door Kim 14:06. Je hoeft niet te gaan.",
        65,
    ),
    (
        "S8",
        {**BOOTH_12, "time": "14:31"},
        None,
        "#47 AMC4 BOOTH 12: closed 14:31. Thank you.",
        43,
        "#47 AMC4 PLEK 12: afgesloten 14:31. Dank je.",
        44,
    ),
    (
        "A1",
        BOOTH_12,
        None,
        (
            "OK #47: you are on the way to AMC4 BOOTH 12."
            " Then: 2 = at booth, 3 = more people, 99 = ambulance line, 0 = can't go after all"
        ),
        125,
        (
            "OK #47: je gaat naar AMC4 PLEK 12."
            " Daarna: 2 = bij plek, 3 = meer mensen, 99 = ambulancelijn, 0 = kan toch niet"
        ),
        111,
    ),
    (
        "A2",
        {**BOOTH_12, "first": "Sam"},
        None,
        (
            "OK #47: you are going too. Sam is first."
            " Then: 2 = at booth, 3 = more people, 99 = ambulance line, 0 = not needed"
        ),
        113,
        (
            "OK #47: jij gaat ook. Sam is de eerste."
            " Daarna: 2 = bij plek, 3 = meer mensen, 99 = ambulancelijn, 0 = niet nodig"
        ),
        113,
    ),
    (
        "A3",
        {**BOOTH_12, "time": "14:04:10"},
        None,
        "OK #47: at BOOTH 12, 14:04:10. Next: 3 = more people, 99 = ambulance line, 4 = safe",
        83,
        "OK #47: bij PLEK 12, 14:04:10. Daarna: 3 = meer mensen, 99 = ambulancelijn, 4 = veilig",
        86,
    ),
    (
        "A4",
        BOOTH_12,
        None,
        "OK #47: more people asked for BOOTH 12. Staff screens sound again.",
        66,
        "OK #47: meer mensen gevraagd voor PLEK 12. De schermen klinken weer.",
        68,
    ),
    (
        "A5",
        BOOTH_12,
        None,
        "#47: send 99 to call the AMBULANCE LINE for BOOTH 12, or call yourself: 112",
        75,
        "#47: stuur 99 om de AMBULANCELIJN te bellen voor PLEK 12, of bel zelf: 112",
        74,
    ),
    (
        "A6",
        {**BOOTH_12, "seconds": 30},
        None,
        "#47 AMBULANCE LINE is being called for BOOTH 12. No word within 30 s? Call 112.",
        79,
        "#47 AMBULANCELIJN wordt gebeld voor PLEK 12. Niets gehoord binnen 30 s? Bel 112.",
        80,
    ),
    (
        "A7",
        {**BOOTH_12, "time": "14:12"},
        LINK,
        f"OK #47: safe, 14:12. Please choose the outcome on a staff screen or here: {LINK}",
        119,
        f"OK #47: veilig, 14:12. Kies de uitkomst op een scherm of hier: {LINK}",
        108,
    ),
    (
        "A8",
        BOOTH_12,
        None,
        "OK #47: noted, you can't go. Others are still being alerted.",
        60,
        "OK #47: genoteerd, je kunt niet. Anderen worden nog gealarmeerd.",
        64,
    ),
    (
        "A9",
        BOOTH_12,
        None,
        (
            "#47: you were the ONLY one on the way."
            " The alarm sounds again and the next person is called now."
        ),
        96,
        "#47: jij was de ENIGE onderweg. Het alarm klinkt weer en de volgende wordt nu gebeld.",
        85,
    ),
    (
        "U1",
        BOOTH_12,
        None,
        (
            "NOT COUNTED. #47 BOOTH 12 is OPEN. Reply 1 = on my way, 2 = at booth, 3 = more people,"
            " 99 = ambulance line, 0 = can't. Emergency: 112"
        ),
        133,
        (
            "NIET GETELD. #47 PLEK 12 is OPEN. Antwoord 1 = ik ga, 2 = bij plek, 3 = meer mensen,"
            " 99 = ambulancelijn, 0 = kan niet. Spoed: 112"
        ),
        129,
    ),
    (
        "U2",
        {**about(SITE), "alerts": [[47, 12], [48, 7]]},
        None,
        (
            "NOT COUNTED YET. 2 alerts are open: #47 BOOTH 12, #48 BOOTH 07."
            " Put the number first, e.g. 48 1"
        ),
        95,
        (
            "NOG NIET GETELD. 2 alarmen open: #47 PLEK 12, #48 PLEK 07."
            " Zet het nummer ervoor, bv. 48 1"
        ),
        90,
    ),
    (
        "U3",
        about(SITE),
        None,
        "AMC4: no open alert. Nothing was changed. Emergency: press a button or call 112",
        79,
        "AMC4: geen open alarm. Er is niets veranderd. Nood: druk op een knop of bel 112",
        79,
    ),
    (
        "U4",
        {**BOOTH_12, "time": "14:31"},
        None,
        ("#47 was closed at 14:31. Nothing was changed. New emergency: press a button or call 112"),
        87,
        (
            "#47 is om 14:31 afgesloten. Er is niets veranderd."
            " Nieuwe nood: druk op een knop of bel 112"
        ),
        91,
    ),
    (
        "D1",
        DRILL,
        LINK,
        (
            "DRILL DRILL - AMC4 BOOTH 12 - THIS IS A DRILL."
            f" Reply 1 = on my way, 0 = can't. #12 {LINK}"
        ),
        129,
        (
            "OEFENING OEFENING - AMC4 PLEK 12 - DIT IS EEN OEFENING."
            f" Antwoord 1 = ik ga, 0 = kan niet. #12 {LINK}"
        ),
        140,
    ),
    (
        "W1",
        {**about(SITE), "hours": "14:00-22:00"},
        None,
        "AMC4: you are on duty 14:00-22:00. Reply 7 now to show that alerts reach this phone.",
        84,
        (
            "AMC4: je hebt dienst 14:00-22:00."
            " Antwoord nu 7 om te tonen dat alarmen op deze telefoon aankomen."
        ),
        98,
    ),
    (
        "W2",
        about(SITE),
        SHIFT,
        f"AMC4: NOBODY on duty has a confirmed phone. Open the rota: {SHIFT}",
        86,
        f"AMC4: NIEMAND in dienst heeft een bevestigde telefoon. Open het rooster: {SHIFT}",
        100,
    ),
    (
        "W3",
        {**BOOTH_12, "time": "13:40"},
        None,
        "AMC4: BOOTH 12 button silent since 13:40. Use voice or phone there until fixed.",
        79,
        "AMC4: knop PLEK 12 zwijgt sinds 13:40. Roep of bel daar tot het is opgelost.",
        76,
    ),
)
SAM: Mapping[str, Slot] = {**about(SITE), "person": "Sam"}
MORE_TEXTS: tuple[tuple[str, Mapping[str, Slot], str, str], ...] = (
    (
        "A6n",
        BOOTH_12,
        "#47: this site has NO ambulance line. Call 112 yourself now.",
        "#47: deze locatie heeft GEEN ambulancelijn. Bel nu zelf 112.",
    ),
    (
        "A6d",
        BOOTH_12,
        "#47 is a DRILL: nothing is called. Real emergency: press a button or call 112",
        "#47 is een OEFENING: er wordt niets gebeld. Echte nood: druk op een knop of bel 112",
    ),
    (
        "A8n",
        BOOTH_12,
        "OK #47: noted. NO ONE is left to ask: screens sound, coordinator is called.",
        (
            "OK #47: genoteerd. Er is NIEMAND meer om te vragen: de schermen klinken,"
            " de coördinator wordt gebeld."
        ),
    ),
    (
        "A10",
        BOOTH_12,
        "NOT COUNTED #47: are you at BOOTH 12? Send 2 first, then 4.",
        "NIET GETELD #47: ben je bij PLEK 12? Stuur eerst 2, dan 4.",
    ),
    (
        "L1",
        BOOTH_12,
        "#47 BOOTH 12: LINE NOT REACHED. Call 112 yourself NOW.",
        "#47 PLEK 12: LIJN NIET BEREIKT. Bel NU zelf 112.",
    ),
    (
        "D2",
        BOOTH_12,
        "AMC4 DRILL STOPPED - REAL ALERT BOOTH 12 follows.",
        "AMC4 OEFENING GESTOPT - ECHT ALARM PLEK 12 volgt.",
    ),
    (
        "W4",
        SAM,
        "AMC4: texts to Sam are refused. Sam is being called. Reach Sam another way.",
        (
            "AMC4: sms'jes aan Sam worden geweigerd. Sam wordt gebeld."
            " Bereik Sam op een andere manier."
        ),
    ),
    (
        "W5",
        SAM,
        "AMC4: Sam can not be reached by text or phone. Reach Sam another way.",
        "AMC4: Sam is niet te bereiken per sms of telefoon. Bereik Sam op een andere manier.",
    ),
    (
        "W6",
        about(SITE),
        "AMC4: thank you. Alerts reach this phone.",
        "AMC4: dank je. Alarmen komen op deze telefoon aan.",
    ),
    (
        "R1",
        {**BOOTH_12, "time": "14:27"},
        "#47 AMC4 BOOTH 12: recovery check of 14:27 has no note. Please look.",
        "#47 AMC4 PLEK 12: herstelcontrole van 14:27 heeft geen notitie. Ga alsjeblieft kijken.",
    ),
    (
        "R2",
        BOOTH_12,
        "#47 AMC4 BOOTH 12: recovery time is over. Please choose the outcome on a staff screen.",
        "#47 AMC4 PLEK 12: de hersteltijd is voorbij. Kies de uitkomst op een scherm.",
    ),
    (
        "T1",
        about(SITE),
        "AMC4: test text from Directline. Nothing is wrong.",
        "AMC4: testbericht van Directline. Er is niets aan de hand.",
    ),
    (
        "S4n",
        {**BOOTH_12, "seconds": 60},
        (
            "AMC4 BOOTH 12 - NO ONE AFTER 60 s. You are coordinator: reply 1 = on my way,"
            " or call 112 yourself. #47"
        ),
        (
            "AMC4 PLEK 12 - NIEMAND NA 60 s. Jij bent coördinator: antwoord 1 = ik ga,"
            " of bel zelf 112. #47"
        ),
    ),
)
LINKLESS: tuple[tuple[str, str, str], ...] = (
    (
        "S1",
        "AMC4 BOOTH 12 - HELP NOW. Reply 1 = on my way, 0 = can't. #47 14:03:27",
        "AMC4 PLEK 12 - NU HULP. Antwoord 1 = ik ga, 0 = kan niet. #47 14:03:27",
    ),
    (
        "S4",
        (
            "AMC4 BOOTH 12 - NO ONE AFTER 60 s. You are coordinator: reply 1 = on my way,"
            " 99 = ambulance line. #47"
        ),
        (
            "AMC4 PLEK 12 - NIEMAND NA 60 s. Jij bent coördinator: antwoord 1 = ik ga,"
            " 99 = ambulancelijn. #47"
        ),
    ),
    (
        "A7",
        "OK #47: safe, 14:03:27. Please choose the outcome on a staff screen.",
        "OK #47: veilig, 14:03:27. Kies de uitkomst op een scherm.",
    ),
    (
        "W2",
        "AMC4: NOBODY on duty has a confirmed phone. Open the rota.",
        "AMC4: NIEMAND in dienst heeft een bevestigde telefoon. Open het rooster.",
    ),
    (
        "D1",
        "DRILL DRILL - AMC4 BOOTH 12 - THIS IS A DRILL. Reply 1 = on my way, 0 = can't. #47",
        (
            "OEFENING OEFENING - AMC4 PLEK 12 - DIT IS EEN OEFENING."
            " Antwoord 1 = ik ga, 0 = kan niet. #47"
        ),
    ),
)
EVERY_SLOT: Mapping[str, Slot] = {
    **BOOTH_12,
    "time": "14:03:27",
    "hours": "14:00-22:00",
    "person": "Sam",
    "first": "Kim",
    "seconds": 60,
    "rings_in": 15,
    "open": 2,
    "presses": 3,
    "alerts": [[47, 12], [48, 7]],
}
TEXT_CODES = sorted(set(SENTENCES) - SPOKEN)


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row[0])
def test_a_text_of_the_table_is_said_letter_by_letter(row: Row):
    code, slots, link, english, english_length, dutch, dutch_length = row
    assert render(Text(code, slots), "en", link) == english
    assert gsm7.septets(english) == english_length
    assert render(Text(code, slots), "nl", link) == dutch
    assert gsm7.septets(dutch) == dutch_length


@pytest.mark.parametrize("row", MORE_TEXTS, ids=lambda row: row[0])
def test_a_further_text_is_said_letter_by_letter(
    row: tuple[str, Mapping[str, Slot], str, str],
):
    code, slots, english, dutch = row
    assert render(Text(code, slots), "en") == english
    assert render(Text(code, slots), "nl") == dutch
    assert gsm7.fits(english)
    assert gsm7.fits(dutch)


def test_every_text_of_the_catalogue_is_compared_here():
    assert {row[0] for row in TEXTS} | {row[0] for row in MORE_TEXTS} == set(TEXT_CODES)


@pytest.mark.parametrize("row", LINKLESS, ids=lambda row: row[0])
@pytest.mark.parametrize("link", [None, "https://h.example.nl/" + "x" * 150, "https://ĥ.example/"])
def test_without_a_link_or_room_for_it_the_text_still_makes_sense(
    row: tuple[str, str, str], link: str | None
):
    code, english, dutch = row
    assert render(Text(code, EVERY_SLOT), "en", link) == english
    assert render(Text(code, EVERY_SLOT), "nl", link) == dutch


def test_the_ringing_phone_is_promised_only_to_those_it_will_ring():
    text = Text("S3", {**BOOTH_12, "seconds": 15, "rings_in": None})
    assert render(text, "en") == "AMC4 BOOTH 12 - NO ONE YET, 15 s. Reply 1 = on my way. #47"
    assert render(text, "nl") == "AMC4 PLEK 12 - NOG NIEMAND, 15 s. Antwoord 1 = ik ga. #47"


def test_a_press_outside_the_booths_is_somewhere_in_the_house():
    slots = {
        **about(SITE, 47, None),
        "time": "14:04:10",
        "alerts": [[47, None], [48, 7]],
    }
    assert render(Text("S1", slots), "en").startswith("AMC4 SOMEWHERE IN THE HOUSE - HELP NOW.")
    assert render(Text("S1", slots), "nl").startswith("AMC4 ERGENS IN HUIS - NU HULP.")
    assert render(Text("A3", slots), "en").startswith("OK #47: you are there, 14:04:10. Next:")
    assert render(Text("A3", slots), "nl").startswith("OK #47: je bent er, 14:04:10. Daarna:")
    assert "are you there? Send 2" in render(Text("A10", slots), "en")
    assert "ben je er al? Stuur" in render(Text("A10", slots), "nl")
    assert "#47 SOMEWHERE IN THE HOUSE, #48 BOOTH 07." in render(Text("U2", slots), "en")


def test_the_site_names_its_own_places_and_its_own_emergency_number():
    site = replace(SITE, place_word={"en": "ROOM"}, emergency_number="911")
    slots = about(site, 47, 3)
    assert "for ROOM 03, or call yourself: 911" in render(Text("A5", slots), "en")
    assert "voor PLEK 03, of bel zelf: 911" in render(Text("A5", slots), "nl")


def test_asking_which_one_repeats_the_answer_that_was_given():
    text = Text("U2", {**about(SITE), "alerts": [[47, 12], [48, 7]], "digit": "0"})
    assert render(text, "en").endswith("Put the number first, e.g. 48 0")


def test_asking_which_one_of_many_lists_what_fits_and_counts_them_all():
    many = [[number, number] for number in range(47, 87)]
    body = render(Text("U2", {**about(SITE), "alerts": many}), "en")
    assert body == (
        "NOT COUNTED YET. 40 alerts are open: #47 BOOTH 47, #48 BOOTH 48, #49 BOOTH 49,"
        " #50 BOOTH 50, #51 BOOTH 51 +35 more. Put the number first, e.g. 51 1"
    )
    assert gsm7.fits(body)


@pytest.mark.parametrize(
    ("language", "site_language", "chosen"),
    [
        ("en", "nl", "en"),
        ("nl", "en", "nl"),
        ("nl-BE", "en", "nl"),
        ("EN_us", "nl", "en"),
        ("pl", "nl", "nl"),
        ("", "nl", "nl"),
        ("pl", "tr", "en"),
    ],
)
def test_who_speaks_another_language_is_told_in_the_site_s(
    language: str, site_language: str, chosen: str
):
    assert choose_language(language, site_language) == chosen
    text = Text("S8", {**BOOTH_12, "time": "14:31"})
    assert render(text, language, None, site_language) == render(text, chosen)


def test_letters_outside_the_alphabet_become_plain_ones():
    slots: dict[str, Slot] = {**SAM, "person": "Zoë “Łukasz” Şaïd"}
    assert 'Reach Zoe "Lukasz" Said another way.' in render(Text("W5", slots), "en")


def test_a_long_name_is_cut_to_twelve_characters_when_the_text_would_not_fit():
    slots: dict[str, Slot] = {
        **BOOTH_12,
        "first": "Wolfeschlegelsteinhausenbergerdorff-Anna-Maria-Johanna",
    }
    assert "Wolfeschlege is first." in render(Text("A2", slots), "en")
    slots["first"] = "Anna-Maria-Johanna"
    assert "Anna-Maria-Johanna is first." in render(Text("A2", slots), "en")


def test_nothing_in_a_slot_is_read_as_a_part_of_the_sentence():
    slots: dict[str, Slot] = {**SAM, "person": "[{site}|{link}]"}
    assert "Reach [{site}|{link}] another way." in render(Text("W5", slots), "en", LINK)


@pytest.mark.parametrize("code", TEXT_CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_of_everything_still_goes_out_as_one_part(code: str, language: str):
    long: dict[str, Slot] = {
        **EVERY_SLOT,
        **dict.fromkeys(["site", "person", "first", "hours"], "{Щërgesteld~}" * 9),
        "place_word_en": "COMPARTMENT " * 5,
        "place_word_nl": "RUSTPLEKKEN " * 5,
        "number": 99999,
        "booth": 2**63 - 1,
        "alerts": [[99999, 2**63 - 1]] * 30,
        "seconds": 86400,
        "rings_in": 86400,
        "open": 1000,
        "presses": 100000,
    }
    body = render(Text(code, long), language, LINK)
    assert gsm7.fits(body)
    assert body == _said_to_its_end(code, language, body)


def _said_to_its_end(code: str, language: str, body: str) -> str:
    """The body, if it ends as its sentence does; cutting the end off must not have been needed."""
    last = SENTENCES[code][language].rpartition("}")[2].strip("[]|.")
    assert body.rstrip(".").endswith(last) or code in {"A3"}
    return body


@given(
    code=st.sampled_from(TEXT_CODES),
    language=st.text(max_size=5) | st.sampled_from(LANGUAGES),
    link=st.none() | st.text(max_size=200),
    words=st.dictionaries(
        st.sampled_from(["site", "person", "first", "hours", "time", "place_word_nl", "emergency"]),
        st.text(max_size=300),
    ),
    booth=st.none() | st.integers(-(2**63), 2**63 - 1),
)
def test_whatever_the_slots_hold_the_text_is_one_plain_part(
    code: str, language: str, link: str | None, words: dict[str, str], booth: int | None
):
    body = render(Text(code, {**EVERY_SLOT, **words, "booth": booth}), language, link, "nl")
    assert gsm7.fits(body)
    assert "\n" not in body
    assert body


def test_a_text_can_be_kept_as_json_and_made_anew():
    text = Text("U2", {**about(SITE), "alerts": [[47, 12], [48, None]]})
    assert Text(**json.loads(json.dumps(asdict(text)))) == text


def test_a_sentence_that_lacks_a_slot_or_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="sentence S7 lacks person, time"):
        Text("S7", {**BOOTH_12, "time": None})
    with pytest.raises(ValueError, match="no sentence is called S99"):
        Text("S99")
    with pytest.raises(ValueError, match="sentence U2 lacks alerts"):
        Text("U2", BOOTH_12)
    assert needed("S3") == {"site", "seconds", "number"}


def test_asking_which_one_of_none_does_not_fail():
    assert gsm7.fits(render(Text("U2", {"alerts": []}), "en"))


def test_doctor_is_told_which_texts_do_not_go_out_whole():
    assert all(length.fits for length in lengths(SITE, LINK))
    longest = max(lengths(SITE, LINK), key=lambda length: length.septets)
    assert (longest.code, longest.language, longest.septets) == ("S4", "en", 154)
    crowded = lengths(SITE, LINK + "x" * 7)
    assert [(length.code, length.language) for length in crowded if not length.fits] == [
        ("S4", "en")
    ]
    named = replace(SITE, people=(replace(SITE.people[0], name="A" * 60),))
    assert {length.code for length in lengths(named, LINK) if not length.fits} == {
        "A2",
        "W4",
        "W5",
    }
    bare = replace(SITE, people=(), ladder=(), booths=())
    assert {length.code for length in lengths(bare, LINK)} == set(TEXT_CODES)


SPOKEN_LINES: tuple[tuple[str, Mapping[str, Slot], str, str], ...] = (
    (
        "call_question",
        BOOTH_12,
        "Help needed at booth 12. Press 1 if you are on your way. Press 0 if you can not go.",
        "Hulp nodig bij plek 12. Toets 1 als je onderweg bent. Toets 0 als je niet kunt.",
    ),
    (
        "call_question",
        about(replace(SITE, spoken_name="Harbour House"), 48, 7),
        (
            "Help needed at Harbour House, booth 7."
            " Press 1 if you are on your way. Press 0 if you can not go."
        ),
        (
            "Hulp nodig bij Harbour House, plek 7."
            " Toets 1 als je onderweg bent. Toets 0 als je niet kunt."
        ),
    ),
    (
        "call_question",
        about(replace(SITE, spoken_name="Harbour House"), 48),
        (
            "Help needed at Harbour House, somewhere in the house."
            " Press 1 if you are on your way. Press 0 if you can not go."
        ),
        (
            "Hulp nodig bij Harbour House, ergens in huis."
            " Toets 1 als je onderweg bent. Toets 0 als je niet kunt."
        ),
    ),
    (
        "call_question",
        about(SITE, 48),
        (
            "Help needed somewhere in the house."
            " Press 1 if you are on your way. Press 0 if you can not go."
        ),
        "Hulp nodig ergens in huis. Toets 1 als je onderweg bent. Toets 0 als je niet kunt.",
    ),
    (
        "call_offer_line",
        {},
        "Press 9, then 9 again, to open the direct line.",
        "Toets 9, en dan nog eens 9, om de directe lijn te openen.",
    ),
    (
        "call_coming",
        BOOTH_12,
        "Thank you. You are on the way to booth 12.",
        "Dank je. Je gaat naar plek 12.",
    ),
    ("call_coming", {}, "Thank you. You are on the way.", "Dank je. Je bent onderweg."),
    (
        "call_cannot",
        {},
        "Thank you. It is noted that you can not go. The alarm goes on.",
        "Dank je. Er is genoteerd dat je niet kunt. Het alarm gaat door.",
    ),
    (
        "call_over",
        {},
        "Help is not asked for any more. Thank you.",
        "Er wordt geen hulp meer gevraagd. Dank je.",
    ),
    (
        "call_no_key",
        {},
        "No key was pressed. This does not count. The alarm goes on.",
        "Er is geen toets gedrukt. Dit telt niet. Het alarm gaat door.",
    ),
    (
        "call_no_line",
        about(SITE),
        "This site has no ambulance line. Call 1 1 2 yourself now.",
        "Deze locatie heeft geen ambulancelijn. Bel nu zelf 1 1 2.",
    ),
    (
        "call_none_open",
        about(SITE),
        "There is no open alert for you. In an emergency, press a button or call 1 1 2.",
        "Er is geen open alarm voor jou. Druk bij nood op een knop of bel 1 1 2.",
    ),
    (
        "call_unknown",
        about(SITE),
        "Nobody listens on this number. In an emergency, call 1 1 2.",
        "Op dit nummer luistert niemand. Bel bij nood 1 1 2.",
    ),
    (
        "X1",
        about(SITE),
        (
            "You stopped AMC4 alerts on this phone. You get NO alerts. Your coordinator is told."
            " START turns them on."
        ),
        (
            "Je hebt AMC4-alarmen op deze telefoon gestopt. Je krijgt er GEEN."
            " De coördinator weet dit. START zet ze aan."
        ),
    ),
)


@pytest.mark.parametrize("row", SPOKEN_LINES, ids=lambda row: row[0])
def test_a_spoken_line_is_said_word_by_word(
    row: tuple[str, Mapping[str, Slot], str, str],
):
    code, slots, english, dutch = row
    assert speak(code, "en", slots) == english
    assert speak(code, "nl", slots) == dutch
    assert speak(code, "pl", slots, "nl") == dutch


def test_every_spoken_line_is_compared_here():
    assert {row[0] for row in SPOKEN_LINES} == SPOKEN


def test_the_lengths_of_the_spoken_stop_line_are_those_of_the_table():
    assert [len(speak("X1", language, about(SITE))) for language in LANGUAGES] == [
        104,
        108,
    ]


def test_what_cannot_be_said_aloud_is_left_out():
    slots: dict[str, Slot] = {**BOOTH_12, "name": "Harbour\x00\ud800 Zoë"}
    assert speak("call_question", "en", slots).startswith("Help needed at Harbour Zoë, booth 12.")
    with pytest.raises(ValueError, match="lacks emergency"):
        speak("call_unknown", "en", {})
