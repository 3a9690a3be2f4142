"""Counting and plainness, against the alphabet of the phone network and whatever people write."""

# Letters that look like others are what these tests are about.
# ruff: noqa: RUF001

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts import gsm7


@pytest.mark.parametrize(
    ("text", "septets"), [("", 0), ("coördinator", 11), ("{~}", 6), ("€1", 3), ("a" * 160, 160)]
)
def test_an_extension_character_takes_two_septets(text: str, septets: int):
    assert gsm7.is_plain(text)
    assert gsm7.septets(text) == septets


def test_one_part_holds_160_septets_and_nothing_outside_the_alphabet():
    assert gsm7.fits("a" * 160)
    assert not gsm7.fits("a" * 161)
    assert not gsm7.fits("a" * 159 + "~")
    assert not gsm7.fits("ë")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("öéèüäà ÇÉ ñ ß", "öéèüäà ÇÉ ñ ß"),
        ("ëïêç ÊË", "eiec EE"),
        ("“can’t” – …", '"can\'t" - ...'),
        ("Łódź Żółć ąęśź", "Lodz Zolc aesz"),
        ("Şıİğ ș ț ă â î", "SiIg s t a a i"),
        ("Đorđe Œuvre þ", "Dorde OEuvre th"),
        ("Юлія Щёголь", "Iuliia Shchegol"),
        ("o\u0308 e\u0301 e\u0308", "ö é e"),
        ("１２\u00a0x\u200b\u200fy\tz", "12 xy z"),
        ("李 \x00 👍 \ud800", "? ? ? ?"),
    ],
)
def test_letters_become_plain_ones(text: str, plain: str):
    assert gsm7.plain(text) == plain


@given(st.text())
def test_whatever_is_made_plain_is_plain_and_stays_so(text: str):
    plain = gsm7.plain(text)
    assert gsm7.is_plain(plain)
    assert gsm7.plain(plain) == plain


@given(st.text(alphabet="a~€ ö", max_size=200))
@example("a" * 159 + "~")
@example("€" * 81)
def test_a_cut_is_the_longest_beginning_that_fits(text: str):
    beginning = gsm7.cut(text)
    assert text.startswith(beginning)
    assert gsm7.fits(beginning)
    longer = text[: len(beginning) + 1]
    assert longer == beginning or not gsm7.fits(longer)
