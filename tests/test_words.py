"""The words we say to people: letter by letter, always one part, and true to the table."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

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

EXAMPLES = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
SAM: Mapping[str, Slot] = {**about(SITE), "person": "Sam"}
# What fills the examples; a code that is not here needs nothing but its alert.
SLOTS: Mapping[str, Mapping[str, Slot]] = {
    "S1": {**BOOTH_12, "time": "14:03:27"},
    "S2": {**BOOTH_07, "open": 2, "time": "14:05:02"},
    "S3": {**BOOTH_12, "seconds": 15, "rings_in": 15},
    "S4": {**BOOTH_12, "seconds": 60},
    "S4n": {**BOOTH_12, "seconds": 60},
    "S5": {**BOOTH_12, "presses": 3},
    "S6": {**BOOTH_12, "seconds": 30},
    "S7": {**BOOTH_12, "person": "Kim", "time": "14:06"},
    "S8": {**BOOTH_12, "time": "14:31"},
    "S9": {**BOOTH_12, "time": "14:03:27"},
    "A2": {**BOOTH_12, "first": "Sam"},
    "A3": {**BOOTH_12, "time": "14:04:10"},
    "A6": {**BOOTH_12, "seconds": 30},
    "A7": {**BOOTH_12, "time": "14:12"},
    "U2": {**about(SITE), "alerts": [[47, 12], [48, 7]]},
    "U3": about(SITE),
    "U4": {**BOOTH_12, "time": "14:31"},
    "D1": about(SITE, 12, 12),
    "W1": {**about(SITE), "hours": "14:00-22:00"},
    "W2": about(SITE),
    "W2s": about(SITE),
    "W2c": about(SITE),
    "W3": {**BOOTH_12, "time": "13:40"},
    "W3m": {**about(SITE), "what": "03, 07"},
    "W7": {**about(SITE), "what": "03"},
    "W8": {**about(SITE), "what": "TV-1"},
    "W4": SAM,
    "W5": SAM,
    "W6": about(SITE),
    "R1": {**BOOTH_12, "time": "14:27"},
    "T1": about(SITE),
}
LINKS = {
    "S1": LINK,
    "S9": LINK,
    "S2": LINK_48,
    "S4": LINK,
    "A7": LINK,
    "D1": LINK,
    **dict.fromkeys(("W2", "W2s", "W2c"), SHIFT),
}
EVERY_SLOT: Mapping[str, Slot] = {
    **BOOTH_12,
    "time": "14:03:27",
    "hours": "14:00-22:00",
    "what": "03, 07",
    "person": "Sam",
    "first": "Kim",
    "seconds": 60,
    "rings_in": 15,
    "open": 2,
    "presses": 3,
    "alerts": [[47, 12], [48, 7]],
}
PLACE_WORDS = ["place_word_en", "place_word_nl"]
TEXT_CODES = sorted(set(SENTENCES) - SPOKEN)


@pytest.mark.parametrize("example", EXAMPLES["text"], ids=itemgetter("code"))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_the_table_is_said_letter_by_letter(example: Mapping[str, Any], language: str):
    code = example["code"]
    body = render(Text(code, SLOTS.get(code, BOOTH_12)), language, LINKS.get(code))
    assert body == example[language]
    assert gsm7.septets(body) == example[f"{language}_septets"]
    assert gsm7.fits(body)


def test_every_text_of_the_catalogue_is_compared_here():
    assert sorted(example["code"] for example in EXAMPLES["text"]) == TEXT_CODES


@pytest.mark.parametrize("example", EXAMPLES["without_link"], ids=itemgetter("code"))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("link", [None, "https://h.example.nl/" + "x" * 150, "https://ĥ.example/"])
def test_without_a_link_or_room_for_it_the_text_still_makes_sense(
    example: Mapping[str, Any], language: str, link: str | None
):
    assert render(Text(example["code"], EVERY_SLOT), language, link) == example[language]


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
def test_every_text_of_a_drill_says_first_that_it_is_one(code: str):
    slots = {**EVERY_SLOT, **about(SITE, 47, 12, drill=True)}
    for language, word in (("en", "DRILL"), ("nl", "OEFENING")):
        said = render(Text(code, slots), language, LINK)
        assert gsm7.fits(said)
        plainly = render(Text(code, {**slots, "drill": None}), language, LINK)
        if code in {"D1", "D2", "A6d"}:
            assert said == plainly
            assert word in said
        else:
            assert said.startswith(f"{word} ")
            # The word may take the room of the link, and of nothing else.
            short = render(Text(code, {**slots, "drill": None}), language)
            assert said.removeprefix(f"{word} ") in {plainly, short}


def test_every_call_of_a_drill_says_first_that_it_is_one():
    slots = {**EVERY_SLOT, **about(SITE, 47, 12, drill=True)}
    # The line is never open in a drill, and a test of it says so by itself.
    for code in (code for code in SPOKEN if not code.startswith("line_")):
        assert speak(code, "en", slots).startswith("This is a drill. ")
        assert speak(code, "nl", slots).startswith("Dit is een oefening. ")
        assert "drill" not in speak(code, "en", {**slots, "drill": None})


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
        "drill": True,
    }
    body = render(Text(code, long), language, LINK)
    assert gsm7.fits(body)
    short = {**long, **dict.fromkeys(["site", "person", "first", "hours", *PLACE_WORDS], "X")}
    text = Text(code, {**short, "booth": 1, "alerts": [[99999, 1]]})
    assert body[-6:] in {render(text, language, link)[-6:] for link in (None, LINK)}


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
    with pytest.raises(ValueError, match="sentence A2 lacks first, number"):
        Text("A2", {**BOOTH_12, "number": None})
    with pytest.raises(ValueError, match="no sentence is called S99"):
        Text("S99")
    with pytest.raises(ValueError, match="sentence U2 lacks alerts"):
        Text("U2", BOOTH_12)
    assert needed("S3") == {"site", "seconds", "number"}


def test_stood_down_by_nobody_known_names_nobody():
    text = Text("S7", {**BOOTH_12, "person": "", "time": "14:06"})
    assert render(text, "en") == "#47 AMC4 BOOTH 12: STOOD DOWN 14:06. No need to go."
    assert render(text, "nl") == "#47 AMC4 PLEK 12: AFGEMELD 14:06. Je hoeft niet te gaan."


def test_who_named_a_code_is_told_which_one_is_not_open():
    text = Text("U3", {**about(SITE), "code": "50"})
    assert render(text, "en").startswith("AMC4: no open alert #50. Nothing was changed.")
    assert render(text, "nl").startswith("AMC4: geen open alarm #50. Er is niets veranderd.")


def test_what_cannot_be_shortened_at_all_is_cut_at_the_end_and_still_sent():
    body = render(Text("S8", {**BOOTH_12, "time": "9" * 200}), "en")
    assert body.startswith("#47 AMC4 BOOTH 12: closed 9999")
    assert gsm7.septets(body) == 160


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


def test_what_cannot_be_said_aloud_is_left_out():
    slots: dict[str, Slot] = {**BOOTH_12, "name": "Harbour\x00\ud800 Zoë"}
    assert speak("call_question", "en", slots).startswith("Help needed at Harbour Zoë, booth 12.")
    with pytest.raises(ValueError, match="lacks emergency"):
        speak("call_unknown", "en", {})
