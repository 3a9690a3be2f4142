"""The rules of a site file: one story per refusal, each with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.site import Do, Repeat, Role
from dispatch.site_fields import Faults, SiteFaults
from dispatch.site_file import read_site
from dispatch.site_rules import Step, check_ladder, check_repeat

EXAMPLE = (Path(__file__).parent / "site_example.toml").read_text("utf-8")
LADDER = EXAMPLE[EXAMPLE.index("[[ladder]]") : EXAMPLE.index("[ladder_repeat]")]
SCREENS = '[[ladder]]\nafter = 0\ndo = ["screens"]\n'
CALL = '[[ladder]]\nafter = {after}\ndo = ["call"]\nwho = ["everyone"]\n'


def with_ladder(*rungs: str, start: int = 1, every: float = 60) -> str:
    text = EXAMPLE.replace(LADDER, "".join(rungs))
    return text.replace("from = 2 ", f"from = {start} ").replace("every = 60 ", f"every = {every} ")


def changed(old: str, new: str) -> str:
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new)


def refused(text: str, *kept_pins: str) -> list[tuple[str, str]]:
    with pytest.raises(SiteFaults) as caught:
        read_site(text, "site.toml", kept_pins)
    return [(fault.at, fault.why) for fault in caught.value.faults]


def test_the_smallest_ladder_that_is_allowed() -> None:
    assert read_site(with_ladder(SCREENS, CALL.format(after=60)), "site.toml")


def test_a_ladder_without_a_repeat_ends_in_silence() -> None:
    start, end = EXAMPLE.index("[ladder_repeat]"), EXAMPLE.index("[clocks]")
    assert refused(EXAMPLE[:start] + EXAMPLE[end:]) == [
        ("ladder_repeat", "missing: after its last rung the ladder would end in silence")
    ]


@pytest.mark.parametrize("start", [2, 5, 20])
def test_a_repeat_from_a_rung_that_is_not_there_ends_in_silence(start: int) -> None:
    (fault,) = refused(with_ladder(SCREENS, CALL.format(after=30), start=start))
    assert fault == ("ladder_repeat.from", f"there is no rung {start}; the last one is rung 1")


def test_a_repeat_before_the_first_rung_is_refused() -> None:
    assert refused(changed("from = 2", "from = -1"))[0][0] == "ladder_repeat.from"


def test_a_repeat_of_rungs_that_call_nobody_ends_in_silence() -> None:
    (fault,) = refused(changed("from = 2", "from = 4"))
    assert fault[0] == "ladder_repeat.from"
    assert "end in silence" in fault[1]


@pytest.mark.parametrize("every", [60.5, 0, 0.5])
def test_a_repeat_out_of_bounds_is_refused(every: float) -> None:
    assert refused(changed("every = 60", f"every = {every}")) == [
        ("ladder_repeat.every", "must be from 1 to 60")
    ]


@pytest.mark.parametrize("who", ["", "who = []\n"])
def test_a_rung_that_names_nobody_is_refused(who: str) -> None:
    rung = f'[[ladder]]\nafter = 30\ndo = ["call"]\n{who}'
    (fault,) = refused(with_ladder(SCREENS, rung))
    assert fault == ("ladder[1].who", "names nobody: a rung that texts or calls says whom")


def test_a_rung_that_names_a_role_nobody_has_is_refused() -> None:
    (fault,) = refused(changed('who = ["coordinator"]', 'who = ["nurse", "door"]'))
    assert fault == ("ladder[3].who", "names nobody: nobody in the file is nurse or door")


def test_a_rung_that_names_one_held_role_among_others_is_allowed() -> None:
    assert read_site(changed('who = ["coordinator"]', 'who = ["nurse", "coordinator"]'), "x")


def test_a_misspelt_role_is_not_told_a_second_time_at_the_ladder() -> None:
    assert [at for at, _ in refused(changed('["responder"] ', '["respnder"] '))] == [
        "people[0].roles[0]"
    ]


def test_a_ladder_that_asks_nobody_at_all_is_refused() -> None:
    faults = refused(with_ladder(SCREENS, SCREENS.replace("0", "30"), start=0))
    assert ("ladder", "the ladder names nobody: no rung texts or calls anybody") in faults


def test_a_ladder_of_no_rungs_is_refused() -> None:
    text = EXAMPLE.replace(LADDER, "")
    assert ("ladder", "missing") in refused(text)
    assert ("ladder", "the ladder names nobody: it has no rung") in refused("ladder = []\n" + text)


def test_a_ladder_starts_with_the_screens_at_0() -> None:
    quiet = CALL.format(after=0)
    assert refused(with_ladder(quiet, quiet.replace("0", "30"))) == [
        ("ladder[0].do", "the ladder must sound the screens at 0 seconds")
    ]
    late = refused(with_ladder(SCREENS.replace("0", "1"), CALL.format(after=30)))
    assert late == [
        ("ladder[0].after", "the first rung must be at 0 seconds"),
        ("ladder[0].do", "the ladder must sound the screens at 0 seconds"),
    ]
    assert read_site(with_ladder(quiet, SCREENS, start=0), "two rungs at 0").site


def test_a_gap_over_60_s_is_refused() -> None:
    assert refused(with_ladder(SCREENS, CALL.format(after=60.5))) == [
        ("ladder[1].after", "60.5 s of silence since the rung above it; 60 s at most")
    ]


def test_rungs_go_in_order_of_time() -> None:
    assert refused(with_ladder(SCREENS, CALL.format(after=30), CALL.format(after=29))) == [
        ("ladder[2].after", "before the rung above it; rungs go in order of time")
    ]


def test_a_ladder_longer_than_180_s_is_refused() -> None:
    calls = [CALL.format(after=after) for after in (60, 120, 180)]
    assert read_site(with_ladder(SCREENS, *calls), "site.toml")
    assert refused(with_ladder(SCREENS, *calls, CALL.format(after=181))) == [
        ("ladder[4].after", "181 s after the press; 180 s at most")
    ]


TEXT = '[[ladder]]\nafter = 10\ndo = ["text"]\nwho = ["{who}"]\n'
NO_CALL = "texts people whom no rung calls within 30 s; a text alone can lie unread"


@pytest.mark.parametrize(
    ("texted", "after", "called", "allowed"),
    [
        ("responder", 40, "everyone", True),
        ("everyone", 40, "everyone", True),
        ("responder", 40, "responder", True),
        ("responder", 10, "responder", True),
        ("responder", 40.5, "everyone", False),
        ("responder", 40, "coordinator", False),
        ("everyone", 40, "responder", False),
    ],
)
def test_a_text_rung_is_covered_by_a_call_rung(
    texted: str, after: float, called: str, allowed: bool
) -> None:
    call = CALL.format(after=after).replace("everyone", called)
    text = with_ladder(SCREENS, TEXT.format(who=texted), call, start=2)
    if allowed:
        assert read_site(text, "site.toml")
    else:
        assert refused(text) == [("ladder[1].do", NO_CALL)]


def test_a_call_before_the_text_or_only_in_the_repeat_does_not_cover_it() -> None:
    text = with_ladder(SCREENS, CALL.format(after=5), TEXT.format(who="everyone"), every=1)
    assert refused(text) == [("ladder[2].do", NO_CALL)]


def test_a_text_and_a_call_in_the_same_rung_cover_each_other() -> None:
    rung = TEXT.format(who="everyone").replace('"text"', '"text", "call"')
    assert read_site(with_ladder(SCREENS, rung), "site.toml")


def test_a_misspelt_rung_is_not_told_what_it_seems_to_miss() -> None:
    assert [at for at, _ in refused(changed('do = ["call"]', 'do = ["cal"]'))] == [
        "ladder[2].do[0]"
    ]


@pytest.mark.parametrize("pin", ["", 'pin = ""'])
def test_a_file_without_a_coordinator_with_a_pin_is_refused(pin: str) -> None:
    assert refused(changed('pin = "8080"', pin)) == [
        ("people", "no coordinator has a PIN: nobody could close an alert")
    ]


def test_a_pin_kept_from_before_counts_unless_it_is_cleared() -> None:
    assert read_site(changed('pin = "8080"', ""), "site.toml", {"jo"})
    assert refused(changed('pin = "8080"', 'pin = ""'), "jo")[0][0] == "people"


def test_the_pin_of_somebody_who_is_no_coordinator_does_not_count() -> None:
    text = changed('pin = "8080"', "").replace('id = "sam"', 'id = "sam"\npin = "1234"')
    assert refused(text, "sam")[0][0] == "people"


def test_an_hour_of_the_week_with_nobody_is_refused() -> None:
    text = EXAMPLE.replace('on_duty = "always"', 'on_duty = ["Mo-Fr 00:00-24:00"]')
    assert refused(text) == [("people", "nobody at all is on duty: Sa 00:00 to Mo 00:00")]
    daily = EXAMPLE.replace('on_duty = "always"', 'on_duty = ["Mo-Su 08:00-23:59"]')
    (fault,) = refused(daily)
    assert fault[1].startswith("nobody at all is on duty: Mo 23:59 to Tu 08:00, Tu 23:59 to We")
    odd = EXAMPLE.replace(
        'on_duty = "always"', 'on_duty = ["Mo-Su 06:00-12:00", "Mo-Su 18:00-24:00"]'
    )
    assert refused(odd)[0][1].endswith(", and 7 more times")


def test_an_hour_with_nobody_in_a_role_is_allowed_while_somebody_is_there() -> None:
    text = EXAMPLE.replace('on_duty = "always"', 'on_duty = ["Mo-Fr 09:00-17:00"]', 1)
    assert read_site(text, "site.toml")


def test_two_people_with_one_phone_are_refused() -> None:
    (fault,) = refused(changed('"+31612345602"', '"+31 (0)6 1234-5601"'))
    assert fault[0] == "people[1].phone"
    assert "another person has this phone" in fault[1]


def test_open_line_without_an_agreement_is_refused() -> None:
    text = EXAMPLE[: EXAMPLE.index("agreement =")]
    assert refused(text) == [("ladder[4].do", "open_line needs the agreement of [direct_line]")]
    assert refused(changed("2026-05-01 Control room Amsterdam, letter 12", " "))[0][0] == (
        "ladder[4].do"
    )


def test_open_line_without_an_address_is_refused() -> None:
    text = EXAMPLE[: EXAMPLE.index("[site.address]")] + EXAMPLE[EXAMPLE.index("[[booths]]") :]
    assert refused(text) == [
        ("ladder[4].do", "open_line needs the [site.address] that it would say")
    ]


def test_an_agreement_with_no_number_to_dial_is_refused() -> None:
    text = changed('numbers = ["+31205550001", "+31205550002"]', "numbers = []")
    assert refused(text) == [("direct_line.numbers", "there is an agreement and no number to dial")]


STEPS = st.lists(
    st.builds(
        Step,
        at=st.just("ladder[0]"),
        after=st.sampled_from([0.0, 15.0, 30.0, 60.0, 90.0, 120.0, 200.0, None]),
        do=st.lists(st.sampled_from(Do), unique=True).map(tuple),
        who=st.lists(st.sampled_from(Role), max_size=2, unique=True).map(tuple),
        sure=st.just(True),
    ),
    min_size=1,
    max_size=4,
)


@given(STEPS, st.integers(0, 5), st.floats(1, 60))
def test_an_allowed_ladder_always_asks_somebody_again(
    steps: list[Step], start: int, every: float
) -> None:
    faults = Faults()
    check_ladder(faults, steps, set(Role))
    check_repeat(faults, steps, Repeat(start, every))
    if faults.found or any(step.after is None for step in steps):
        return
    calls = [step for step in steps[start:] if Do.CALL in step.do]
    assert calls
    assert all(step.who for step in calls)
    assert Do.SCREENS in {do for step in steps if step.after == 0 for do in step.do}
