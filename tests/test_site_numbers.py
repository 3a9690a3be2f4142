"""The phone numbers of a site file: E.164, dialable, never an emergency number, never our own."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.site_fields import SiteFaults
from dispatch.site_file import read_site
from dispatch.site_numbers import EMERGENCY, NOT_DIALABLE, OWN, PREMIUM, UNREADABLE

EXAMPLE = (Path(__file__).parent / "site_example.toml").read_text("utf-8")

# Every place of the file where a number stands, and the number there.
PLACES = [
    ("site.sender_numbers[1]", "+3197010200002"),
    ("site.voice_number", "+31201230000"),
    ("site.test_phone", "+31612345600"),
    ("site.address.call_back", "+31201234567"),
    ("people[0].phone", "+31612345601"),
    ("direct_line.numbers[1]", "+31205550002"),
    ("direct_line.test_numbers[0]", "+31205550009"),
    ("direct_line.line_phone", "+31201234568"),
]
TESTED = EXAMPLE.replace("test_numbers = []", 'test_numbers = ["+31205550009"]')


def with_number(old: str, new: str, text: str = TESTED) -> str:
    assert f'"{old}"' in text
    return text.replace(f'"{old}"', f'"{new}"')


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml")
    return [(fault.at, fault.why) for fault in caught.value.faults]


@pytest.mark.parametrize(("at", "number"), PLACES)
@pytest.mark.parametrize(
    "emergency",
    ["112", "911", "999", "1-1-2", "0112", "+31112", "+31 112", "+1911", "+44 999", "+112",
     "0900-8844", "+31 900 8844", "+319008844", "101"],
)  # fmt: skip
def test_an_emergency_number_is_refused_anywhere(at: str, number: str, emergency: str) -> None:
    assert (at, EMERGENCY) in refused(with_number(number, emergency))


@pytest.mark.parametrize(
    ("emergency", "phone"),
    [
        ("+31 20 555 0001", "+31205550001"),
        ("020-555 0001", "+31205550001"),
        ("0800 1234", "+318001234"),
    ],
)
def test_whatever_the_site_calls_its_emergency_number_is_refused(
    emergency: str, phone: str
) -> None:
    text = with_number("+31205550001", phone).replace('"112"', f'"{emergency}"')
    assert refused(text) == [("direct_line.numbers[0]", EMERGENCY)]


def test_a_number_that_starts_like_an_emergency_number_and_may_connect_is_refused() -> None:
    assert refused(with_number("+31612345601", "+1 911 555 0100")) == [
        ("people[0].phone", EMERGENCY)
    ]


def test_a_number_that_only_looks_like_one_at_home_is_allowed() -> None:
    # In Paris this is 01 12 34 56 78, and 112 is only its middle.
    assert read_site(with_number("+31612345601", "+33 1 12 34 56 78"), "site.toml")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0612345601", UNREADABLE),
        ("0031612345601", UNREADABLE),
        ("sam", UNREADABLE),
        ("+31 6 1234 5601 ext. 4", UNREADABLE),
        ("+1 800 FLOWERS", UNREADABLE),
        ("+\u0663\u0661612345601", UNREADABLE),
        ("+999123456789", UNREADABLE),
        ("+", UNREADABLE),
        ("+31", UNREADABLE),
        ("+3161234560", NOT_DIALABLE),
        ("+316123456011111", NOT_DIALABLE),
        ("+3114020", NOT_DIALABLE),
        ("+1 555 0100", NOT_DIALABLE),
        ("+31 900 1234567", PREMIUM),
    ],
)
def test_a_number_that_cannot_be_dialled_is_refused(number: str, why: str) -> None:
    assert refused(with_number("+31612345601", number)) == [("people[0].phone", why)]


@pytest.mark.parametrize(("at", "number"), PLACES)
@pytest.mark.parametrize("value", ["31612345601", "true", '["+31612345601"]', "1979-05-27"])
def test_a_number_that_is_no_text_is_refused_once(at: str, number: str, value: str) -> None:
    (fault,) = refused(TESTED.replace(f'"{number}"', value))
    assert fault[0] == at
    assert fault[1].startswith("must be text in quotes")


@pytest.mark.parametrize(("at", "number"), PLACES)
def test_only_the_numbers_that_are_optional_may_be_empty(at: str, number: str) -> None:
    text = with_number(number, "")
    if at in {"site.test_phone", "direct_line.line_phone"}:
        assert read_site(text, "site.toml")
    else:
        assert refused(text) == [(at, "must not be empty")]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+31 6 1234 5601", "+31612345601"),
        ("+31 (0)6-1234.5601", "+31612345601"),
        ("+32 470 12 34 56", "+32470123456"),
        ("+1 604 555 0123", "+16045550123"),
        ("+44 7400 123456", "+447400123456"),
        ("+31 88 123 4567", "+31881234567"),
        ("+31 800 123 4567", "+318001234567"),
        ("+31 6 0000 0000", "+31600000000"),
        ("+683 4002", "+6834002"),
    ],
)
def test_numbers_are_kept_in_one_form(written: str, kept: str) -> None:
    site = read_site(with_number("+31612345601", written), "site.toml").site
    assert site.people[0].phone == kept


def test_a_site_needs_a_number_to_send_from() -> None:
    start, end = TESTED.index("sender_numbers = ["), TESTED.index("]   # our numbers")
    text = f"{TESTED[:start]}sender_numbers = [{TESTED[end:]}"
    assert refused(text) == [("site.sender_numbers", "must hold at least one")]


@pytest.mark.parametrize("number", ["+3197010200001", "+31 20 123 0000"])
@pytest.mark.parametrize(("at", "old"), PLACES[2:])
def test_our_own_number_is_refused_where_somebody_should_pick_up(
    at: str, old: str, number: str
) -> None:
    assert refused(with_number(old, number)) == [(at, OWN)]


def test_we_may_send_from_the_number_we_call_from() -> None:
    assert read_site(with_number("+31201230000", "+3197010200001"), "site.toml")


@pytest.mark.parametrize(
    ("at", "old", "new"),
    [
        ("site.sender_numbers[1]", "+3197010200002", "+3197010200001"),
        ("direct_line.numbers[1]", "+31205550002", "+31 20 555 0001"),
    ],
)
def test_a_number_twice_in_a_list_is_refused(at: str, old: str, new: str) -> None:
    assert refused(with_number(old, new)) == [(at, "this number is here twice")]


def test_the_library_is_only_imported_while_a_file_is_read() -> None:
    script = (
        "import sys, dispatch.site_file, dispatch.site_text;sys.exit('phonenumbers' in sys.modules)"
    )
    root = Path(__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
