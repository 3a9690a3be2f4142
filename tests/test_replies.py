"""How replies are read: every row of the table, every way to name an alert, any text at all."""

# Letters that look like others are part of what people send.
# ruff: noqa: RUF001

import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.replies import (
    ANSWERS,
    OPT_IN_WORDS,
    OPT_OUT_WORDS,
    Answered,
    AnswerRow,
    AskingAlert,
    Meaning,
    NoneOpen,
    NotAsked,
    NotUnderstood,
    OptedIn,
    OptedOut,
    PhoneWorks,
    Reading,
    WhichOne,
    counts,
    help_parts,
    opts_in,
    opts_out,
    read_reply,
)
from alerts.sentences import SENTENCES
from alerts.words import LANGUAGES, Text, render

ONE, TWO, THREE = "+3197010200001", "+3197010200002", "+3197010200003"
A47 = AskingAlert("a47", 47, 12, ONE, "AMC4")
A48 = AskingAlert("a48", 48, 7, TWO, "AMC4")
SHARED_49 = AskingAlert("a49", 49, 3, ONE, "AMC4")
ON_MY_WAY_47 = Answered("a47", Meaning.ON_MY_WAY)
EVERY_WORD = [(said, row) for row in ANSWERS for words in row.words.values() for said in words]
# The grammar as the design writes it, once more by hand: the table must not drift from it.
GRAMMAR: Mapping[str, Meaning] = {
    **dict.fromkeys(
        ["1", "ok", "okay", "yes", "ja", "omw", "on my way", "coming", "ik ga", "ik kom"],
        Meaning.ON_MY_WAY,
    ),
    **dict.fromkeys(["onderweg", "👍"], Meaning.ON_MY_WAY),
    **dict.fromkeys(["2", "here", "at booth", "bij plek", "ben er"], Meaning.AT_BOOTH),
    **dict.fromkeys(["3", "more", "help", "meer", "hulp"], Meaning.MORE_PEOPLE),
    **dict.fromkeys(["4", "safe", "veilig"], Meaning.SAFE),
    **dict.fromkeys(["0", "no", "nee", "cant", "can't", "kan niet"], Meaning.CANNOT_GO),
    **dict.fromkeys(["99", "ambulance"], Meaning.OPEN_LINE),
    "9": Meaning.NINE,
}


def read(text: object, *alerts: AskingAlert, to: str = ONE) -> Reading:
    return read_reply(text, to, alerts)


@pytest.mark.parametrize("said", GRAMMAR)
def test_every_word_of_the_grammar_is_an_answer(said: str):
    assert read(said, A47) == Answered("a47", GRAMMAR[said])


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.meaning)
def test_a_digit_has_one_meaning_for_ever(row: AnswerRow):
    assert read(row.digit, A47) == (
        PhoneWorks() if row.digit == "7" else Answered("a47", row.meaning)
    )


@pytest.mark.parametrize(("said", "row"), EVERY_WORD, ids=lambda value: str(value)[:20])
@pytest.mark.parametrize("form", ["{}", " {} ", "{}.", "{}!", "'{}'", '"{}"', "47 {}", "{} 47"])
def test_a_word_says_what_its_digit_says_in_every_form(said: str, row: AnswerRow, form: str):
    for spelled in (said, said.upper(), said.title()):
        assert read(form.format(spelled), A47) == Answered("a47", row.meaning)


def test_no_two_rows_share_a_word_or_a_digit():
    said = [row.digit for row in ANSWERS] + [word for word, _ in EVERY_WORD]
    assert len(said) == len(set(said))
    assert {row.meaning for row in ANSWERS} == set(Meaning)


@pytest.mark.parametrize(
    "text",
    ["47 1", "1 47", "#47 1", "47-1", "1-47", "1 #47", "047 1", "47: 1", "47.1", "47, ok", "47ok",
     "#47 on my way", "on my way #47", "On  my\nway 47!", "47 👍🏽", "47 – 1", "\u200f47 1"],
)  # fmt: skip
def test_a_code_first_or_last_names_the_alert(text: str):
    assert read(text, A47, A48, SHARED_49, to=TWO) == ON_MY_WAY_47


def test_a_code_goes_with_the_ambulance_line_too():
    assert read("47 99", A47, A48) == Answered("a47", Meaning.OPEN_LINE)
    assert read("99 48", A47, A48) == Answered("a48", Meaning.OPEN_LINE)
    assert read("48 9", A47, A48) == Answered("a48", Meaning.NINE)


def test_of_two_codes_the_first_counts_and_the_rest_is_not_understood():
    assert read("47 48", A47, A48) == NotUnderstood("a47")
    assert read("48 47 1", A47, A48) == NotUnderstood("a48")
    assert read("47 47 1", A47, A48) == NotUnderstood("a47")


def test_the_code_of_an_alert_that_did_not_ask_this_phone_is_no_answer():
    assert read("50 1", A47) == NotAsked("50")
    assert read("1 10", A47, A48) == NotAsked("10")
    assert read("00", A47) == NotAsked("0")
    assert read("50 1") == NotAsked("50")


def test_a_number_among_other_words_is_not_taken_for_the_code_of_an_unknown_alert():
    liked = "Liked “AMC4 BOOTH 12 - HELP NOW. #47 14:03:27”"
    assert read(liked, A47) == NotUnderstood("a47")
    assert read("there in 10 min", A47, A48, to=THREE) == WhichOne((A47, A48), None)
    assert read("48 in 10 min", A47, A48) == NotUnderstood("a48")


def test_without_a_code_the_number_texted_to_tells_which():
    assert read("1", A47, A48, to=ONE) == ON_MY_WAY_47
    assert read("1", A47, A48, to=TWO) == Answered("a48", Meaning.ON_MY_WAY)


def test_without_a_code_the_only_alert_is_meant_whatever_the_number():
    assert read("1", A47, to=THREE) == ON_MY_WAY_47


def test_without_a_code_none_is_guessed_among_several():
    assert read("1", A47, A48, to=THREE) == WhichOne((A47, A48), "1")
    assert read("nee", A47, SHARED_49, to=ONE) == WhichOne((A47, SHARED_49), "0")
    assert read("what?", A47, A48, to=THREE) == WhichOne((A47, A48), None)


def test_without_an_alert_nothing_is_answered():
    assert read("1") == NoneOpen()
    assert read("yes") == NoneOpen()
    assert read("hello") == NoneOpen()


def test_one_code_at_two_sites_is_told_apart_by_the_number_texted_to():
    other = AskingAlert("b47", 47, 1, TWO, "UTR1")
    assert read("47 1", A47, other, to=TWO) == Answered("b47", Meaning.ON_MY_WAY)
    assert read("47 1", A47, other, to=THREE) == WhichOne((A47, other), "1")


def test_seven_is_about_the_phone_and_never_an_answer():
    for alerts in ((), (A47,), (A47, A48)):
        assert read("7", *alerts, to=THREE) == PhoneWorks()
    assert read("47 7", A47) == PhoneWorks()


@pytest.mark.parametrize("word", sorted(OPT_OUT_WORDS))
def test_a_carrier_s_stop_word_is_never_an_answer(word: str):
    for text in (word, word.lower(), f" {word.title()}\n"):
        assert opts_out(text)
        assert read(text, A47) == OptedOut()
        assert read(text) == OptedOut()
    for text in (f"{word}.", f"47 {word}", f"please {word}"):
        assert read(text, A47) == NotUnderstood("a47")


def test_the_carrier_s_start_words_opt_in_and_yes_is_an_answer_as_well():
    assert read("START", A47) == OptedIn()
    assert read(" unstop ", A47, A48, to=THREE) == OptedIn()
    assert read("Yes", A47) == ON_MY_WAY_47
    assert all(opts_in(word.lower()) for word in OPT_IN_WORDS)
    assert not opts_in("start 47")


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "ok?", "who is this", "not ok", "yes no", "1 on my way", "1 = on my way",
     "9 9", "9.9", "1.0", "99 99", "5", "6", "8", "1x", "-1", "#1", "no no", "1 2",
     "１", "٤", "①", "👎", "مرحبا", "okay then", "I can't", "I come in 10 min", "14:05",
     "\x00", "1\x00", "\ud83d", None, 1, b"1", ["1"]],
)  # fmt: skip
def test_anything_else_is_not_understood(text: object):
    assert read(text, A47) == NotUnderstood("a47")
    assert read(text) == NoneOpen()


@pytest.mark.parametrize("text", ["1" * 5000, " " * 300_000 + "x", "47 " * 100_000, "#-" * 100_000])
def test_a_huge_text_is_read_at_once_and_is_no_answer(text: str):
    assert isinstance(read(text, A47), NotUnderstood | NotAsked)


def test_a_code_that_no_alert_can_have_is_kept_short():
    assert read("9" * 5000, A47) == NotAsked("9" * 12)


def test_a_no_a_nine_and_a_seven_are_no_acts():
    assert {meaning for meaning in Meaning if not counts(meaning)} == {
        Meaning.CANNOT_GO,
        Meaning.NINE,
        Meaning.PHONE_WORKS,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_help_texts_say_is_what_is_read(language: str):
    parts = help_parts(language)
    assert set(parts) == {"1", "2", "3", "4", "0", "99"}
    for part in parts.values():
        digit, _, words = part.partition(" = ")
        assert read(digit, A47) == read(words, A47)
        assert isinstance(read(digit, A47), Answered)


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_explains_a_digit_in_other_words_than_the_table(code: str, language: str):
    own = dict(re.findall(r"\b([0-9]+) = ([\w' ]+)", SENTENCES[code][language]))
    # To somebody who is going, 0 is to turn back; it is the same answer.
    assert set(own) <= {"0"}
    assert not own or code in {"A1", "A2"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_which_one_is_read_as_it_says(language: str):
    slots = {"alerts": [[47, 12], [48, 7]], "digit": "0"}
    body = render(Text("U2", slots), language)
    assert read(body[-4:], A47, A48, to=THREE) == Answered("a48", Meaning.CANNOT_GO)


_TOKENS = st.sampled_from(
    ["1", "47", "48", "50", "99", "9", "0", "#", "-", ".", " ", "\n", "\u200f", "👍",
     "ok", "no", "STOP", "kan", " niet"]
)  # fmt: skip


@given(
    text=st.text() | st.lists(_TOKENS, max_size=6).map("".join), to=st.sampled_from([ONE, THREE])
)
@example(text="47 1", to=ONE)
def test_only_what_stands_in_the_table_ever_becomes_an_answer(text: str, to: str):
    reading = read_reply(text, to, (A47, A48))
    if isinstance(reading, Answered):
        without_code = re.sub("(?<![0-9])0*4[78](?![0-9])", "", text, count=1)
        letters = re.sub(r"[^\w👍]+", "", without_code).lower()
        allowed = {re.sub(" ", "", word): row.meaning for word, row in EVERY_WORD}
        allowed |= {row.digit: row.meaning for row in ANSWERS}
        assert allowed[letters] is reading.meaning
        assert reading.alert in {"a47", "a48"}


@given(st.text(), st.text(), st.lists(st.builds(AskingAlert, st.text(), st.integers(), st.none(),
       st.text(), st.text()), max_size=3))  # fmt: skip
def test_reading_never_fails(text: str, to: str, alerts: list[AskingAlert]):
    assert read_reply(text, to, alerts) is not None
