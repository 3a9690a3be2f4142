"""The words of the pages: every language has every word, and every word that is used is there."""

import json
import re
from pathlib import Path

import pytest

from dispatch.inbound import CALL_RANKS, FINAL_RANK, TEXT_RANKS
from dispatch.site_file import BOOTH_LANGUAGES

WEB = Path("clients/web")
WORD = re.compile(r"^  (\w+): (?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"),$", re.MULTILINE)
PAIR = re.compile(r"^  (\w+): \[$|^  (\w+): \[['\"]", re.MULTILINE)
USED = re.compile(r"\bt\('(\w+)'")
MARKED = re.compile(r'data-t="(\w+)"')
SLOT = re.compile(r"\{\w+\}")
BOOTH = ("booth.js", "booth_page.js")


def words_of(language: str) -> dict[str, str]:
    """A language's file, by key."""
    text = (WEB / "languages" / f"{language}.js").read_text("utf-8")
    return {key: single or double for key, single, double in WORD.findall(text)}


ENGLISH = words_of("en")


def test_every_language_that_a_site_may_switch_on_is_there() -> None:
    files = {path.stem for path in (WEB / "languages").glob("*.js")}
    assert files == {"en", "nl", *BOOTH_LANGUAGES}
    named = set(re.findall(r"^  (\w\w): '", (WEB / "strings.js").read_text("utf-8"), re.MULTILINE))
    assert named == files


@pytest.mark.parametrize("language", ["nl", *BOOTH_LANGUAGES])
def test_a_language_has_every_word_with_the_same_slots(language: str) -> None:
    words = words_of(language)
    text = (WEB / "languages" / f"{language}.js").read_text("utf-8")
    assert len(words) == len(re.findall(r"^  \w+:", text, re.MULTILINE))
    assert list(words) == list(ENGLISH)
    for key, said in words.items():
        assert said.strip(), key
        assert sorted(SLOT.findall(said)) == sorted(SLOT.findall(ENGLISH[key])), key
        # The longest that a word may be is what the pages are tried with at every size.
        assert len(said) <= len(ENGLISH[key]) * 1.4 + 16, key


@pytest.mark.parametrize("path", sorted([*WEB.glob("*.js"), *WEB.glob("*.html")]), ids=str)
def test_every_word_that_a_page_says_is_in_the_catalogue(path: Path) -> None:
    staff = "".join(script.read_text("utf-8") for script in sorted(WEB.glob("*.js")))
    # The responder's page has a catalogue of its own, which the server reads as well.
    own = json.loads((WEB / "responder.json").read_text("utf-8"))
    assert own["en"].keys() == own["nl"].keys()
    known = {*ENGLISH, "key"} if path.name != "responder.js" else {*own["en"], "key"}
    if not path.name.startswith("booth"):
        known |= {one or other for one, other in PAIR.findall(staff)}
    text = path.read_text("utf-8")
    assert sorted({*USED.findall(text), *MARKED.findall(text)} - known) == []


def test_no_two_catalogues_of_the_staff_have_a_word_of_the_same_name() -> None:
    """A page that loads both would say whichever was learnt last."""
    places: dict[str, list[str]] = {}
    for path in WEB.glob("*words*.js"):
        for found in PAIR.finditer(path.read_text("utf-8")):
            places.setdefault(found[1] or found[2], []).append(path.name)
    assert {key: names for key, names in places.items() if len(names) > 1} == {}


def test_every_word_of_the_booth_is_said() -> None:
    text = "".join((WEB / name).read_text("utf-8") for name in (*BOOTH, "booth.html"))
    unsaid = [key for key in ENGLISH if not re.search(rf"['\"]{key}['\"]", text)]
    assert unsaid == []


def test_whatever_ends_a_text_a_call_or_a_line_is_said_in_words() -> None:
    """The network's words and our own: a timeline and a panel never show a code."""
    floor = "".join(path.read_text("utf-8") for path in Path("alerts").glob("line_*.py"))
    ours = re.findall(r'\b(?:end|end_leg|note_failed)\([^()"]*"(\w+)"\)', floor)
    assert len(ours) > 8
    ranks = {**CALL_RANKS, **TEXT_RANKS}
    ended = {name for name, rank in ranks.items() if rank == FINAL_RANK} - {"delivered", "read"}
    needed = {name.replace("-", "_") for name in ended | {*ours}}
    known = (WEB / "words_why.js").read_text("utf-8")
    assert sorted(name for name in needed if f"  why_{name}: [" not in known) == []
