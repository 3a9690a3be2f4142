"""Reading TOML with its places: syntax faults, lines, and text nobody can store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.site_fields import Fault, Faults, SiteFaults, find_lines, parse
from dispatch.site_file import read_site


@pytest.mark.parametrize(
    ("text", "line", "column", "why"),
    [
        ('[site]\ncode = "A', 2, None, "not TOML: "),
        ("[site]\ncode = \n", 2, 8, "not TOML: Invalid value"),
        ("[site]\n[site]\n", 2, None, "not TOML: Cannot declare"),
        ("a = 1\na = 2\n", 2, None, "not TOML: Cannot overwrite a value"),
        ("[site]\nname = 'a\0'", 2, 10, "a NUL or a byte that is not UTF-8"),
        ("[site]\nname = 'a\udce9'", 2, 10, "a NUL or a byte that is not UTF-8"),
        ("a = 1\n[site", 2, None, "not TOML: "),
        ("x = " + "[\n" * 5000, None, None, "nested too deeply"),
        ("\n" + "a." * 1000 + "a = 1", 2, None, "a line longer than 2000 characters"),
        ("x = 2026-13-45", 1, None, "not TOML: "),
        ("x = 1e", 1, None, "not TOML: "),
        ("#\n" * 150_000, None, None, "longer than 262144 characters"),
    ],
    ids=range(12),
)
def test_what_is_not_toml_is_refused_with_line_and_column(
    text: str, line: int | None, column: int | None, why: str
) -> None:
    with pytest.raises(SiteFaults) as caught:
        parse(text, "site.toml")
    (fault,) = caught.value.faults
    assert fault.why.startswith(why)
    assert fault.line == line
    assert column is None or fault.column == column


def test_lines_are_found_for_tables_keys_and_lists_of_tables() -> None:
    text = """\
title = "[[people]]"      # not a table
[ site ]                  # a comment
place_word.en = "BOOTH"
"name" = \"\"\"
code = "not a key"
\"\"\"
[[people]]
id = "sam"
[people.more]
deep = 1
[[people]]
roles = [
  "responder",
]
phone = "x"
"""
    assert find_lines(text) == {
        "title": 1,
        "site": 2,
        "site.place_word.en": 3,
        "site.name": 4,
        "people": 7,
        "people[0]": 7,
        "people[0].id": 8,
        "people[0].more": 9,
        "people[0].more.deep": 10,
        "people[1]": 11,
        "people[1].roles": 12,
        "people[1].phone": 15,
    }


def test_a_fault_is_shown_at_the_nearest_line_that_is_known() -> None:
    faults = Faults('[site]\nname = "x"\n[[people]]\nroles = ["x"]\n')
    for at in ("people[0].roles[3]", "people[0].phone", "people[7].id", "site.code", "clocks", ""):
        faults.add(at, "wrong")
    assert [fault.line for fault in faults.found] == [4, 3, 3, 1, None, None]
    assert [fault.line for fault in faults.in_order()] == [1, 3, 3, 4, None, None]


def test_a_place_holds_what_is_within_it_and_nothing_beside_it() -> None:
    faults = Faults()
    faults.add("people[1].roles[0]", "wrong")
    assert faults.under("people[1].roles")
    assert faults.under("people[1]")
    assert faults.under("people[1].roles[0]")
    assert not faults.under("people[1].role")
    assert not faults.under("people[10]")


def test_faults_are_shown_one_a_line() -> None:
    faults = SiteFaults(
        "site.toml",
        [Fault("", "not TOML", 3, 4), Fault("site", "missing"), Fault("a.b", "wrong", 5)],
    )
    assert str(faults) == (
        "site.toml: line 3 column 4: not TOML\n"
        "site.toml: site: missing\n"
        "site.toml: line 5: a.b: wrong"
    )


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_read_or_refused_and_never_breaks_anything(text: str) -> None:
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml")
    assert caught.value.faults


VALUES = st.recursive(
    st.sampled_from(["1", "-1", "1.5", "nan", "inf", "true", '""', '"x"', '"+31112"', "1979-05-27",
                     "9223372036854775808", '"\\u0000"', "07:32:00"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    | inner.map(lambda item: f"{{ id = {item}, x = {item} }}"),
    max_leaves=4,
)  # fmt: skip
PLACES = [
    "site.code", "site.name", "site.language", "site.timezone", "site.emergency_number",
    "site.sender_numbers", "site.voice_number", "site.test_phone", "site.place_word", "site.notes",
    "site.booth_languages",
    "site.retention_days", "site.address", "site", "booths", "people", "ladder", "ladder_repeat",
    "ladder_repeat.from", "ladder_repeat.every", "clocks", "clocks.arrival", "direct_line",
    "direct_line.numbers", "direct_line.rounds", "direct_line.agreement", "other",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(PLACES), VALUES, max_size=6))
def test_values_of_any_type_anywhere_are_refused_and_never_break_anything(
    values: dict[str, str],
) -> None:
    text = "\n".join(f"{place} = {value}" for place, value in values.items())
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml")
    assert caught.value.faults
