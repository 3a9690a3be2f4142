"""A site written down: JSON and site files that read back equal, and what a load changes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.site import Address, Booth, Clocks, DirectLine, Do, Person, Repeat, Role, Rung, Site
from dispatch.site_file import BOOTH_LANGUAGES, read_site
from dispatch.site_text import changes, export_site, site_from_json, site_to_json

HERE = Path(__file__).parent
EXAMPLE = read_site((HERE / "site_example.toml").read_text("utf-8"), "example.toml").site
DEMO = read_site((HERE.parent / "service/demo_site.toml").read_text("utf-8"), "demo.toml").site
LANGUAGES = st.sampled_from(["en", "nl"])
NAMES = (
    st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(' "\\'), max_size=20)
    .map(str.strip)
    .filter(bool)
)
LADDERS = st.sampled_from(
    [
        EXAMPLE.ladder[:4],
        (Rung(0.0, (Do.SCREENS, Do.TEXT), (Role.EVERYONE,)),
         Rung(7.25, (Do.LOUDER,)),
         Rung(29.5, (Do.CALL, Do.OFFER_LINE), (Role.EVERYONE, Role.NURSE))),
    ]
)  # fmt: skip


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Sites that the rules allow, different in every field."""
    ids = draw(st.sets(st.from_regex(r"[a-z0-9_-]{1,32}", fullmatch=True), max_size=3))
    people = [
        Person(
            id=name,
            name=draw(NAMES),
            phone=f"+3161234570{index}",
            roles=tuple(draw(st.sets(st.sampled_from([Role.NURSE, Role.PEER]), min_size=1))),
            language=draw(LANGUAGES),
            shifts=draw(st.sampled_from([(), ("Mo-Fr 09:00-17:00", "Sa,Su 22:00-06:00")])),
        )
        for index, name in enumerate(sorted(ids - {"sam", "jo", "guest"}))
    ]
    numbers = draw(st.sets(st.integers(1, 9999), max_size=4))
    booth_name = st.none() | NAMES
    return replace(
        EXAMPLE,
        name=draw(NAMES),
        spoken_name=draw(NAMES),
        language=draw(LANGUAGES),
        timezone=draw(st.sampled_from(["Europe/Amsterdam", "America/Vancouver", "UTC"])),
        sender_numbers=tuple(draw(st.permutations(EXAMPLE.sender_numbers))),
        test_phone=draw(st.sampled_from(["", "+31612345600"])),
        place_word={"en": draw(NAMES)[:12].strip(), "nl": "PLEK"},
        booth_languages=tuple(draw(st.lists(st.sampled_from(BOOTH_LANGUAGES), unique=True))),
        notes=draw(st.booleans()),
        retention_days=draw(st.integers(1, 730)),
        hidden_below=draw(st.integers(10, 1000)),
        booths=tuple(Booth(n, draw(booth_name), draw(booth_name)) for n in numbers),
        people=(*EXAMPLE.people, *people),
        ladder=draw(LADDERS),
        repeat=Repeat(draw(st.integers(0, 2)), draw(st.floats(1, 60))),
        clocks=Clocks(
            arrival=draw(st.floats(20, 120)),
            reassess=draw(st.floats(120, 300)),
            ems_prompt=draw(st.floats(60, 600)),
            recovery=draw(st.floats(600, 21600)),
            recovery_check=draw(st.floats(60, 3600)),
        ),
        address=draw(st.none() | st.builds(Address, NAMES, NAMES, st.just("+31201234567"))),
        line=DirectLine(
            numbers=draw(st.sampled_from([("+31205550001",), EXAMPLE.line.numbers])),
            language=draw(LANGUAGES),
            join=draw(st.floats(1, 60)),
            ring=draw(st.floats(5, 60)),
            rounds=draw(st.integers(1, 5)),
            test_numbers=draw(st.sampled_from([(), ("+31205550009",)])),
            agreement=draw(st.just("") | NAMES),
            line_phone=draw(st.sampled_from(["", "+31201234568"])),
        ),
    )


@given(sites())
def test_a_site_comes_back_from_the_database_as_it_was(site: Site) -> None:
    assert site_from_json(json.loads(json.dumps(site_to_json(site)))) == site


@given(sites())
def test_an_exported_site_reads_back_equal(site: Site) -> None:
    read = read_site(export_site(site), "export.toml", kept_pins=["jo"])
    assert read.site == site
    assert set(read.pins.values()) == {None}


@pytest.mark.parametrize("site", [EXAMPLE, DEMO])
def test_the_example_and_the_demo_come_back_equal(site: Site) -> None:
    assert site_from_json(json.loads(json.dumps(site_to_json(site)))) == site
    assert read_site(export_site(site), "export.toml", ["jo"]).site == site


def test_whole_seconds_are_written_as_people_write_them() -> None:
    text = export_site(replace(EXAMPLE, clocks=Clocks(arrival=22.5)))
    assert "arrival = 22.5\nreassess = 150\n" in text
    assert "[site.address]\nline =" in text


@pytest.mark.parametrize("document", [{}, {"site": {}, "direct_line": {}, "ladder_repeat": {}}])
def test_what_is_no_site_is_not_taken_for_one(document: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        site_from_json(document)


def test_a_new_site_is_told_in_one_line() -> None:
    assert changes(None, DEMO) == ["new site, 8 booths, 5 people"]


def test_the_same_file_twice_changes_nothing() -> None:
    assert changes(EXAMPLE, EXAMPLE) == []


SAM, JO = EXAMPLE.people
CHANGES: list[tuple[Callable[[Site], Site], list[str]]] = [
    (lambda site: replace(site, name="Quay House"), ["site: name changed"]),
    (lambda site: replace(site, address=Address("x", "y", "+31201234567")),
     ["site: address changed"]),
    (lambda site: replace(site, address=None), ["site: address changed"]),
    (lambda site: replace(site, people=(replace(SAM, phone="+31612345609"), JO)),
     ["people.sam: phone changed"]),
    (lambda site: replace(site, people=(replace(SAM, shifts=("Mo 00:00-24:00",)), JO)),
     ["people.sam: on duty changed"]),
    (lambda site: replace(site, people=(JO, SAM)), ["people: order changed"]),
    (lambda site: replace(site, people=(replace(SAM, id="kim"), JO)),
     ["people.sam: retired", "people.kim: added"]),
    (lambda site: replace(site, booths=(Booth(1, "Blue"), Booth(3))),
     ["booths.2: retired", "booths.3: added", "booths.1: name changed"]),
    (lambda site: replace(site, ladder=site.ladder[:4]), ["ladder changed"]),
    (lambda site: replace(site, repeat=Repeat(2, 30)), ["ladder repeat changed"]),
    (lambda site: replace(site, clocks=Clocks(arrival=45)), ["clocks: arrival changed"]),
    (lambda site: replace(site, line=replace(site.line, numbers=("+31205550001",))),
     ["direct_line: numbers changed"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "lines"), CHANGES, ids=[row[1][0] for row in CHANGES])
def test_what_changed_is_told_in_short_lines(
    change: Callable[[Site], Site], lines: list[str]
) -> None:
    assert changes(EXAMPLE, change(EXAMPLE)) == lines


@given(sites(), sites())
def test_nothing_is_told_exactly_when_nothing_changed(old: Site, new: Site) -> None:
    lines = changes(old, new)
    assert bool(lines) is (old != new)
    told = "\n".join(lines)
    assert "+31" not in told
    assert "Damrak" not in told
