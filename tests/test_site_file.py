"""Reading a site file: what is accepted, and every field that is refused, with its place."""

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from alerts.site import Address, Booth, Clocks, DirectLine, Do, Person, Repeat, Role, Rung
from dispatch.site_fields import SiteFaults
from dispatch.site_file import numbers_of_site, read_site

HERE = Path(__file__).parent
EXAMPLE = (HERE / "site_example.toml").read_text("utf-8")
DEMO = (HERE.parent / "service" / "demo_site.toml").read_text("utf-8")


def changed(old: str, new: str, text: str = EXAMPLE) -> str:
    assert old in text
    return text.replace(old, new, 1)


def refused(text: str, kept_pins: Collection[str] = ()) -> list[tuple[str, str]]:
    """The (place, why) of each fault."""
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml", kept_pins)
    return [(fault.at, fault.why) for fault in caught.value.faults]


def test_the_example_of_the_contract_is_accepted_whole() -> None:
    read = read_site(EXAMPLE, "example.toml")
    site = read.site
    assert (site.code, site.name, site.spoken_name) == ("AMC4", "Harbour House", "Harbour House")
    assert (site.language, site.timezone, site.emergency_number) == (
        "nl",
        "Europe/Amsterdam",
        "112",
    )
    assert site.sender_numbers == ("+3197010200001", "+3197010200002", "+3197010200003")
    assert (site.voice_number, site.test_phone) == ("+31201230000", "+31612345600")
    assert site.place_word == {"en": "BOOTH", "nl": "PLEK"}
    assert (site.notes, site.retention_days, site.hidden_below) == (False, 30, 10)
    assert site.booth_languages == ()
    assert site.address == Address(
        "Damrak 12, Amsterdam", "green door in the alley on the left", "+31201234567"
    )
    assert site.booths == (Booth(1), Booth(2))
    assert site.people == (
        Person("sam", "Sam", "+31612345601", (Role.RESPONDER,), "nl"),
        Person("jo", "Jo", "+31612345602", (Role.COORDINATOR, Role.MANAGER), "en"),
    )
    assert site.ladder == (
        Rung(0, (Do.SCREENS, Do.TEXT), (Role.RESPONDER,)),
        Rung(15, (Do.LOUDER, Do.TEXT), (Role.EVERYONE,)),
        Rung(30, (Do.CALL,), (Role.EVERYONE,)),
        Rung(60, (Do.CALL, Do.TEXT, Do.OFFER_LINE), (Role.COORDINATOR,)),
        Rung(90, (Do.OPEN_LINE,)),
    )
    assert site.repeat == Repeat(2, 60)
    assert site.clocks == Clocks(30, 150, 180, 7200, 900)
    assert site.line == DirectLine(
        numbers=("+31205550001", "+31205550002"),
        language="nl",
        agreement="2026-05-01 Control room Amsterdam, letter 12",
        line_phone="+31201234568",
    )
    assert read.pins == {"sam": None, "jo": "8080"}


def test_the_demo_site_is_accepted() -> None:
    read = read_site(DEMO, "demo_site.toml")
    assert (read.site.code, read.site.name) == ("AMC4", "Harbour House")
    assert [booth.number for booth in read.site.booths] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [person.name for person in read.site.people] == ["Sam", "Kim", "Noor", "Jo", "Alex"]
    assert {person.language for person in read.site.people} == {"en", "nl"}
    assert not any(person.shifts for person in read.site.people)
    assert not any(Do.OPEN_LINE in rung.do for rung in read.site.ladder)
    assert read.site.line.agreement
    assert (len(read.site.line.numbers), len(read.site.line.test_numbers)) == (2, 1)
    assert read.site.address is not None
    assert read.pins["jo"] == "8080"


def test_what_may_be_left_out_has_its_default() -> None:
    text = EXAMPLE
    for line in (
        'spoken_name = "" ', 'test_phone = "+31612345600"', "place_word = {", "notes = false",
        "retention_days = 30", "hidden_below = 10", 'language = "en"', "arrival = 30",
    ):  # fmt: skip
        start = text.index(line)
        text = text[:start] + text[text.index("\n", start) :]
    site = read_site(text, "site.toml").site
    assert (site.test_phone, site.retention_days, site.hidden_below) == ("", 30, 10)
    assert site.place_word == {"en": "BOOTH", "nl": "PLEK"}
    assert site.clocks.arrival == 30
    jo = site.person("jo")
    assert jo is not None
    assert jo.language == "nl"


def test_without_an_address_or_a_line_there_is_none() -> None:
    text = DEMO[: DEMO.index("[site.address]")] + DEMO[DEMO.index("[[booths]]") :]
    text = text[: text.index("[direct_line]")]
    site = read_site(text, "site.toml").site
    assert site.address is None
    assert site.line == DirectLine(language="en")


def test_people_and_booths_keep_all_that_the_file_says() -> None:
    text = changed("number = 2", 'number = 2\nname = "Blue"\nplace = "by the window"')
    text = changed('on_duty = "always"', 'on_duty = ["Mo-Fr 09:00-17:00", "Sa 22:00-06:00"]', text)
    text = changed('name = "Sam"', 'name = "  S\u00e1m \u200cO\u2019Neill "', text)
    site = read_site(text, "site.toml").site
    assert site.booths[1] == Booth(2, "Blue", "by the window")
    assert site.people[0].shifts == ("Mo-Fr 09:00-17:00", "Sa 22:00-06:00")
    assert site.people[0].name == "S\u00e1m \u200cO\u2019Neill"


def test_other_ways_of_writing_the_same_toml_are_read() -> None:
    assert read_site("\ufeff" + EXAMPLE.replace("\n", "\r\n"), "x") == read_site(EXAMPLE, "x")


def test_fractions_of_seconds_are_kept() -> None:
    site = read_site(changed("after = 15", "after = 2.5"), "site.toml").site
    assert site.ladder[1].after == 2.5


@pytest.mark.parametrize(
    ("pin", "kept", "expected"),
    [('pin = "8080"', [], "8080"), ("", ["jo"], None), ('pin = "1234"', ["jo"], "1234")],
)
def test_a_pin_is_new_or_kept(pin: str, kept: list[str], expected: str | None) -> None:
    assert read_site(changed('pin = "8080"', pin), "x", kept).pins["jo"] == expected


def test_a_pin_is_cleared_by_an_empty_one() -> None:
    text = changed('id = "sam"', 'id = "sam"\npin = ""')
    assert read_site(text, "site.toml", ["sam"]).pins["sam"] == ""


FIELDS = [
    ('code = "AMC4"', 'code = "A"', "site.code", "2 to 8 capital letters"),
    ('code = "AMC4"', 'code = "amc4"', "site.code", "2 to 8 capital letters"),
    ('code = "AMC4"', 'code = "AMSTERDAM"', "site.code", "2 to 8 capital letters"),
    ('code = "AMC4"', 'code = "4711"', "site.code", "one of them a letter"),
    ('code = "AMC4"', 'code = ""', "site.code", "must not be empty"),
    ('code = "AMC4"', "code = 4", "site.code", "must be text in quotes, not a number"),
    ('name = "Harbour House"\n', "\n", "site.name", "missing"),
    ('name = "Harbour House"', f'name = "{"x" * 61}"', "site.name", "longer than 60"),
    ('name = "Harbour House"', 'name = "Harbour\\nHouse"', "site.name", "cannot be shown"),
    ('name = "Harbour House"', 'name = "Harbour\\u0000"', "site.name", "cannot be shown"),
    ('name = "Harbour House"', 'name = "\\u202eHouse"', "site.name", "cannot be shown"),
    ('spoken_name = ""', "spoken_name = true", "site.spoken_name", "not true or false"),
    ('language = "nl"  ', 'language = "de"  ', "site.language", "must be one of en, nl"),
    ('"Europe/Amsterdam"', '"Europe/Amsterdm"', "site.timezone", "unknown; write it like"),
    ('"Europe/Amsterdam"', '"localtime"', "site.timezone", "unknown; write it like"),
    ('"Europe/Amsterdam"', '"../../etc/passwd"', "site.timezone", "unknown; write it like"),
    ('"Europe/Amsterdam"', '"America/Indiana"', "site.timezone", "unknown; write it like"),
    ('emergency_number = "112"', 'emergency_number = "help"', "site.emergency_number", "digits"),
    ('emergency_number = "112"', "emergency_number = 112", "site.emergency_number", "not a number"),
    ('"112"', "1979-05-27", "site.emergency_number", "not a date or time"),
    ("notes = false", 'booth_languages = "de"', "site.booth_languages", "must be a list"),
    ("notes = false", 'booth_languages = ["de", "tlh"]', "site.booth_languages[1]", "one of de"),
    ("notes = false", 'booth_languages = ["ar", "ar"]', "site.booth_languages[1]", "named twice"),
    ("notes = false", 'booth_languages = ["nl"]', "site.booth_languages[0]", "one of de"),
    ("notes = false", 'notes = "no"', "site.notes", "must be true or false, not text"),
    ("notes = false", "notes = 0", "site.notes", "must be true or false, not a number"),
    ("retention_days = 30", "retention_days = 0", "site.retention_days", "from 1 to 730"),
    ("retention_days = 30", "retention_days = true", "site.retention_days", "a whole number"),
    ("retention_days = 30", "retention_days = 30.0", "site.retention_days", "a whole number"),
    ("hidden_below = 10", "hidden_below = 9", "site.hidden_below", "from 10 to 1000"),
    ('place_word = { en = "BOOTH"', "place_word = { en = 1", "site.place_word.en", "text"),
    ('place_word = { en = "BOOTH"', 'place_word = { en = ""', "site.place_word.en", "empty"),
    ('nl = "PLEK"', 'nl = "CONSUMPTIEPLEK"', "site.place_word.nl", "longer than 12"),
    ('nl = "PLEK"', 'de = "PLATZ"', "site.place_word.de", "unknown field"),
    ('place_word = { en = "BOOTH", nl = "PLEK" }', 'place_word = "BOOTH"',
     "site.place_word", "must be a table, not text"),
    ('line = "Damrak 12, Amsterdam"\n', "\n", "site.address.line", "missing"),
    ('"Damrak 12, Amsterdam"', f'"{"x" * 201}"', "site.address.line", "longer than 200"),
    ('call_back = "+31201234567"', "", "site.address.call_back", "missing"),
    ("number = 1 ", "number = 0 ", "booths[0].number", "from 1 to 9999"),
    ("number = 1 ", "number = 9223372036854775808 ", "booths[0].number", "from 1 to 9999"),
    ("number = 1 ", 'number = "1" ', "booths[0].number", "a whole number, not text"),
    ("number = 1 ", "nr = 1 ", "booths[0].number", "missing"),
    ("number = 2", "number = 1", "booths[1].number", "another booth has this number"),
    ('id = "sam"', 'id = "Sam"', "people[0].id", "1 to 32 of a-z"),
    ('id = "sam"', 'id = "guest"', "people[0].id", "somebody without a name"),
    ('id = "jo"', 'id = "sam"', "people[1].id", "another has this id"),
    ('name = "Sam"', f'name = "{"x" * 61}"', "people[0].name", "longer than 60"),
    ('name = "Sam"', 'name = "  "', "people[0].name", "must not be empty"),
    ('roles = ["responder"] ', "roles = [] ", "people[0].roles", "at least one"),
    ('roles = ["responder"] ', 'roles = "responder" ', "people[0].roles", "a list, not text"),
    ('roles = ["responder"] ', 'roles = ["respnder"] ', "people[0].roles[0]",
     "did you mean responder?"),
    ('roles = ["responder"] ', 'roles = ["everyone"] ', "people[0].roles[0]", "must be one of"),
    ('roles = ["responder"] ', "roles = [1] ", "people[0].roles[0]", "must be text"),
    ('roles = ["responder"] ', 'roles = ["peer", "peer"] ', "people[0].roles[1]", "named twice"),
    ('language = "en"', 'language = "fr"', "people[1].language", "must be one of en, nl"),
    ('on_duty = "always"', 'on_duty = "never"', "people[0].on_duty", "list of shifts"),
    ('on_duty = "always"', "on_duty = []", "people[0].on_duty", "at least one"),
    ('on_duty = "always"', "on_duty = 1", "people[0].on_duty", "a list, not a number"),
    ('on_duty = "always"', 'on_duty = ["Mo 09:00-17:00", "Tu 9-5"]', "people[0].on_duty[1]",
     "a shift is written like"),
    ('pin = "8080"', "pin = 8080", "people[1].pin", "text in quotes, not a number"),
    ('pin = "8080"', 'pin = "123"', "people[1].pin", "4 to 8 digits"),
    ('pin = "8080"', 'pin = "80a0"', "people[1].pin", "4 to 8 digits"),
    ("after = 15", "after = -1", "ladder[1].after", "from 0 to"),
    ("after = 15", "after = nan", "ladder[1].after", "from 0 to"),
    ("after = 15", 'after = "15"', "ladder[1].after", "a number of seconds, not text"),
    ("after = 15", "after = true", "ladder[1].after", "a number of seconds, not true"),
    ("after = 15", "", "ladder[1].after", "missing"),
    ('do = ["call"]', 'do = ["cal"]', "ladder[2].do[0]", "did you mean call?"),
    ('do = ["call"]', "do = []", "ladder[2].do", "at least one"),
    ('do = ["call"]', 'do = ["call", "call"]', "ladder[2].do[1]", "named twice"),
    ('who = ["coordinator"]', 'who = ["boss"]', "ladder[3].who[0]", "must be one of"),
    ("from = 2", "from = 2.0", "ladder_repeat.from", "a whole number"),
    ("from = 2 ", "form = 2 ", "ladder_repeat.form", "did you mean from?"),
    ("every = 60", "", "ladder_repeat.every", "missing"),
    ("arrival = 30", "arrival = 19.9", "clocks.arrival", "from 20 to 120"),
    ("arrival = 30", "arrival = 121", "clocks.arrival", "from 20 to 120"),
    ("reassess = 150", "reassess = 119", "clocks.reassess", "from 120 to 300"),
    ("reassess = 150", "reassess = 301", "clocks.reassess", "from 120 to 300"),
    ("ems_prompt = 180", "ems_prompt = 59", "clocks.ems_prompt", "from 60 to 600"),
    ("ems_prompt = 180", "ems_prompt = inf", "clocks.ems_prompt", "from 60 to 600"),
    ("recovery = 7200", "recovery = 599", "clocks.recovery", "from 600 to 21600"),
    ("recovery_check = 900", "recovery_check = 3601", "clocks.recovery_check", "from 60 to 3600"),
    ("arrival = 30", "arival = 30", "clocks.arival", "unknown field; did you mean arrival?"),
    ("join = 10", "join = 61", "direct_line.join", "from 1 to 60"),
    ("ring = 20", "ring = 4", "direct_line.ring", "from 5 to 60"),
    ("rounds = 2", "rounds = 0", "direct_line.rounds", "from 1 to 5"),
    ("test_numbers = []", "test_numbers = {}", "direct_line.test_numbers", "a list, not a table"),
    ("[clocks]", "[cloks]", "cloks", "unknown field; did you mean clocks?"),
    ("[clocks]", '["clo\\u0000cks"]', "'clo\\x00cks'", "unknown field"),
    ("[[booths]]\nnumber = 1 ", "[[booth]]\nnumber = 1 ", "booth", "did you mean booths?"),
    ("test_phone", "test_fone", "site.test_fone", "unknown field; did you mean test_phone?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "why"), FIELDS)
def test_a_wrong_field_is_refused_with_its_place(old: str, new: str, at: str, why: str) -> None:
    faults = refused(changed(old, new))
    assert [words for place, words in faults if place == at and why in words], faults


@pytest.mark.parametrize(
    ("part", "why"),
    [("people", "missing"), ("ladder", "missing"), ("ladder_repeat", "end in silence")],
)
def test_a_missing_part_is_refused(part: str, why: str) -> None:
    blocks = EXAMPLE.split("\n[")
    text = "\n[".join(b for b in blocks if b.strip("[").partition("]")[0] != part)
    assert any(at == part and why in words for at, words in refused(text))


def test_an_empty_file_says_all_that_is_missing() -> None:
    assert [at for at, _ in refused("")] == [
        "site", "site.emergency_number", "site.voice_number", "site.code", "site.name",
        "site.language", "site.timezone", "site.sender_numbers", "people", "ladder",
        "ladder_repeat",
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["people", "ladder", "booths"])
@pytest.mark.parametrize("value", ["3", "[1]", '"x"', "{}"])
def test_a_list_of_tables_of_another_type_is_refused(part: str, value: str) -> None:
    assert part in [at for at, _ in refused(f"{part} = {value}")]


@pytest.mark.parametrize("part", ["site", "ladder_repeat", "clocks", "direct_line"])
def test_a_table_of_another_type_is_refused(part: str) -> None:
    assert (part, "must be a table, not a list") in refused(f"{part} = []")


def test_more_than_the_limit_is_refused() -> None:
    many = "".join(f"[[booths]]\nnumber = {number}\n" for number in range(10, 511))
    assert ("booths", "must be at most 500 tables, each under [[booths]]") in refused(
        EXAMPLE + many
    )
    assert any(
        at == "direct_line.test_numbers" and "at most 10" in why
        for at, why in refused(changed("test_numbers = []", f"test_numbers = {['+3120555'] * 11}"))
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed('language = "nl"  ', 'language = "de"  ')
    text = changed('name = "Sam"', "name = 7", text)
    text = changed("every = 60", "every = 61", text)
    text = changed("ring = 20", "rings = 20", text)
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml")
    found = [(fault.at, fault.line) for fault in caught.value.faults]
    assert [at for at, _ in found] == [
        "site.language", "people[0].name", "ladder_repeat.every", "direct_line.rings",
    ]  # fmt: skip
    lines = text.split("\n")
    assert [lines[(line or 0) - 1].split()[0] for _, line in found] == [
        "language", "name", "every", "rings",
    ]  # fmt: skip


def test_faults_never_repeat_a_phone_number_an_address_or_a_pin() -> None:
    text = EXAMPLE.replace('"+31', '"0').replace("Damrak 12", "Damrak 12" * 30)
    text = changed('pin = "8080"', 'pin = "80809090x"', text)
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml")
    shown = str(caught.value)
    assert len(caught.value.faults) > 10
    assert "Damrak" not in shown
    assert "8080" not in shown
    # The only number shown is the one of the sentence that tells how to write them.
    assert not re.search(r"[0-9]{5}", shown.replace("+31612345601", ""))


def test_the_numbers_no_two_sites_may_share() -> None:
    assert numbers_of_site(read_site(EXAMPLE, "x").site) == [
        ("site.sender_numbers[0]", "+3197010200001"),
        ("site.sender_numbers[1]", "+3197010200002"),
        ("site.sender_numbers[2]", "+3197010200003"),
        ("site.voice_number", "+31201230000"),
        ("direct_line.line_phone", "+31201234568"),
    ]
    without = DEMO[: DEMO.index("[direct_line]")]
    assert "direct_line.line_phone" not in dict(numbers_of_site(read_site(without, "x").site))
