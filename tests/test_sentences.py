"""The table of sentences itself: whole in every language, and every spoken line word by word."""

import re
from collections.abc import Mapping

import pytest

from alerts import gsm7
from alerts.sentences import SENTENCES
from alerts.words import LANGUAGES, SPOKEN, Slot, speak

NEVER_SAID = ("overdos", "drug", "inject", "needle", "client", "naald", "spuit", "gebruiker")


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_asks_for_the_same_in_every_language(code: str):
    sentences = SENTENCES[code]
    assert sorted(sentences) == sorted(LANGUAGES)
    asked = [sorted(set(re.findall(r"\{(\w+)\}", sentence))) for sentence in sentences.values()]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("code", SENTENCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_plain_and_says_nothing_of_the_person_in_the_booth(code: str, language: str):
    sentence = SENTENCES[code][language]
    assert gsm7.is_plain(sentence)
    said = [word for word in NEVER_SAID if word in sentence.lower()]
    # What is the matter is told to the control room, which must know, and to nobody else.
    assert said == (["overdos"] if code == "line_overdose" else [])
    assert "112" not in sentence
    outside = re.sub(r"\[[^\[\]]*\]", "", re.sub(r"\{\w+\}", "", sentence))
    assert not set("{}[]|") & set(outside)


SPOKEN_LINES: tuple[tuple[str, Mapping[str, Slot], str, str], ...] = (
    (
        "call_question",
        {"booth": 12},
        "Help needed at booth 12. Press 1 if you are on your way. Press 0 if you can not go.",
        "Hulp nodig bij plek 12. Toets 1 als je onderweg bent. Toets 0 als je niet kunt.",
    ),
    (
        "call_question",
        {"name": "Harbour House", "booth": 7},
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
        {"name": "Harbour House"},
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
        {},
        (
            "Help needed somewhere in the house."
            " Press 1 if you are on your way. Press 0 if you can not go."
        ),
        "Hulp nodig ergens in huis. Toets 1 als je onderweg bent. Toets 0 als je niet kunt.",
    ),
    (
        "call_question_line",
        {"booth": 12},
        (
            "Help needed at booth 12. Press 1 if you are on your way. Press 0 if you can not go."
            " Press 9, then 9 again, to open the direct line."
        ),
        (
            "Hulp nodig bij plek 12. Toets 1 als je onderweg bent. Toets 0 als je niet kunt."
            " Toets 9, en dan nog eens 9, om de directe lijn te openen."
        ),
    ),
    (
        "call_coming",
        {"booth": 12},
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
        {"emergency": "112"},
        "This site has no ambulance line. Call 1 1 2 yourself now.",
        "Deze locatie heeft geen ambulancelijn. Bel nu zelf 1 1 2.",
    ),
    (
        "call_drill",
        {"emergency": "112"},
        "Nothing is called. In a real emergency, press a button or call 1 1 2.",
        "Er wordt niets gebeld. Druk bij echte nood op een knop of bel 1 1 2.",
    ),
    (
        "call_none_open",
        {"emergency": "112"},
        "There is no open alert for you. In an emergency, press a button or call 1 1 2.",
        "Er is geen open alarm voor jou. Druk bij nood op een knop of bel 1 1 2.",
    ),
    (
        "call_unknown",
        {"emergency": "112"},
        "Nobody listens on this number. In an emergency, call 1 1 2.",
        "Op dit nummer luistert niemand. Bel bij nood 1 1 2.",
    ),
    (
        "X1",
        {"site": "AMC4"},
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
    of_line = {code for code in SPOKEN if code.startswith("line_")}
    assert {row[0] for row in SPOKEN_LINES} == SPOKEN - of_line, "tests/test_line_says.py has those"


def test_the_lengths_of_the_spoken_stop_line_are_those_of_the_table():
    assert [len(speak("X1", language, {"site": "AMC4"})) for language in LANGUAGES] == [
        104,
        108,
    ]
