"""The table of moves: every state and fact is listed, and what the phone network and acts do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.acts import safe
from alerts.alert import Ladder, State, Timer
from alerts.events import Drill, Fact, TimerRang, What
from alerts.machine import (
    MOVES,
    BrokenInvariant,
    Cell,
    Ignored,
    Move,
    Refused,
    decide,
    has_next,
    mermaid,
)
from alerts.orders import Decision
from tests.scene import LINE_SITE, Story, in_state, pressed

CELLS = [(what, state) for what in What for state in State]
TIMERS = {What(f"{timer}_due"): timer for timer in Timer if timer is not Timer.PLAIN}
REPORTS = {
    *(What.SENT, What.REFUSED, What.DELIVERED),
    *(What.PICKED_UP, What.RANG_OUT, What.EXPIRED),
}
OF_DRILLS = {What.MAKE_REAL, What.DRILL_STOPPED}
LEGS = {what for what in What if what.startswith("leg_")}
OF_LINE = {
    *LEGS,
    *(What.LINE_REACHED, What.LINE_TALK, What.LINE_MUTE, What.LINE_ADD),
    *(What.OPEN_LINE, What.END_LINE, What.LINE_DUE, What.BY_HAND_DUE),
}


def happens(story: Story, what: What) -> Decision:
    """This fact in this story, as plainly as it comes."""
    if what is What.PRESSED:
        return story.press()
    if what is What.SOUNDED:
        return story.sound("TV-1", "TV-2")
    if what is What.SCREENS_LOST:
        return story.lose_screens()
    if what is What.DRILL_STOPPED:
        return story.stop_drill()
    if what in LEGS:
        control = what in {What.LEG_RINGS, What.LEG_KEYED}
        calls = [leg for leg in story.alert.line.legs if (leg.who == "control") is control]
        number = calls[-1].attempt if calls else 99
        return story.hears(what, number, "1" if what is What.LEG_KEYED else None)
    if what in REPORTS:
        call = what in {What.PICKED_UP, What.RANG_OUT}
        found = (n for n, a in story.attempts.items() if a.channel == ("call" if call else "text"))
        return story.report(what, next(found))
    if what in TIMERS:
        timer = TIMERS[what]
        due = story.alert.timers.get(timer, story.now)
        return story.ring(timer, due)
    person = "jo" if what is What.LINE_MUTE else "sam"
    return story.act(what, person)


def line_of(what: What, state: State) -> Story:
    """A story in this state with an open line, on which this can happen."""
    story = in_state(state, site=LINE_SITE)
    story.attempts[99] = replace(story.attempts[1], number=99, channel="leg")
    if state is State.CLOSED or what is What.OPEN_LINE:
        return story
    story.act(What.OPEN_LINE)
    ours = story.legs("line_phone")[0]
    if what in {What.LEG_OUT, What.LEG_RINGS, What.LEG_KEYED, What.LINE_REACHED, What.LINE_TALK}:
        story.hears(What.LEG_UP, ours)
        control = story.legs("control")[0]
        if what is What.LEG_OUT:
            # The last leg of our own is the opener's.
            story.hears(What.LEG_IN, story.legs("sam")[0])
        elif what is not What.LEG_RINGS:
            story.hears(What.LEG_UP, control)
    if what is What.LINE_MUTE:
        story.hears(What.LEG_UP, story.legs("jo")[0])
    return story


def story_of(what: What, state: State) -> Story:
    """A story in this state in which this fact can happen: with a call out, and its timer set."""
    if what in OF_LINE:
        return line_of(what, state)
    story = in_state(state, drill=Drill("full", "jo") if what in OF_DRILLS else None)
    story.attempts[99] = replace(story.attempts[1], number=99, channel="call")
    if what is What.RUNG_DUE and state in {State.ON_THE_WAY, State.AT_BOOTH}:
        story.press()
    if what is What.REASSESS_DUE and state is not State.CLOSED:
        story.act(What.NALOXONE)
    if what is What.BREATHING_DUE and state is State.RECOVERING:
        story.advance(900)
    if what is What.PROMPTED_DUE and state is State.AT_BOOTH:
        story.advance(180)
    return story


def test_the_table_lists_every_state_and_every_fact() -> None:
    assert set(MOVES) == set(What)
    assert {state for cells in MOVES.values() for state in cells} == set(State)
    assert {len(cells) for cells in MOVES.values()} == {len(State)}


@pytest.mark.parametrize(("what", "state"), CELLS)
def test_a_cell_does_what_the_table_says(what: What, state: State) -> None:
    story = story_of(what, state)
    cell = MOVES[what][state]
    before, heard = story.alert, len(story.log)
    decision = happens(story, what)
    match cell:
        case Refused(problem):
            assert decision == Decision(before, refused=problem)
            assert decision.alert is before
        case Ignored(because):
            assert because
            assert decision == Decision(before)
            assert decision.alert is before
        case Move(to=to):
            assert decision.alert.state in (state, *to)
            assert decision.entries == tuple(entry for _, entry in story.log[heard:])
            assert bool(decision.entries) != (decision.alert is before)
            assert (decision.alert is before) == (decision.refused is not None)
    assert has_next(story.alert)


def test_every_declared_move_is_one_that_happens() -> None:
    assert len(_declared()) == 27
    for what, state, to in _declared():
        story = _towards(what, state, to)
        happens(story, what)
        assert story.alert.state is to, (what, state, to)


def _declared() -> list[tuple[What, State, State]]:
    return [
        (what, state, to)
        for what, cells in MOVES.items()
        for state, cell in cells.items()
        if isinstance(cell, Move)
        for to in cell.to
    ]


def _towards(what: What, state: State, to: State) -> Story:
    if (what, state, to) == (What.REOPEN, State.CLOSED, State.UNANSWERED):
        story = pressed()
        story.act(What.STAND_DOWN)
        return story
    story = story_of(what, state)
    if (what, state, to) == (What.CANNOT_GO, State.AT_BOOTH, State.ON_THE_WAY):
        story.answered("kim")
    return story


def test_the_diagram_names_every_state_and_every_declared_move() -> None:
    diagram = mermaid()
    assert diagram.startswith("stateDiagram-v2\n    [*] --> unanswered: pressed\n")
    arrows = re.findall(r"^    (\w+) --> (\w+): (.+)$", diagram, re.MULTILINE)
    drawn = {(what, was, to) for was, to, facts in arrows for what in facts.split(", ")}
    assert drawn == {(str(what), str(was), str(to)) for what, was, to in _declared()}
    assert {one for was, to, _ in arrows for one in (was, to)} == set(State)
    assert len({(was, to) for was, to, _ in arrows}) == len(arrows)
    assert mermaid() == diagram


@pytest.mark.parametrize(("what", "timer"), TIMERS.items())
@pytest.mark.parametrize("state", State)
def test_an_old_timer_is_void(what: What, timer: Timer, state: State) -> None:
    story = story_of(what, state)
    before = story.alert
    decision = story.ring(timer, story.now + timedelta(seconds=1))
    assert decision.alert is before
    assert (decision.entries, decision.orders) == ((), ())


def test_a_move_to_a_state_that_is_not_declared_is_a_broken_invariant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = in_state(State.AT_BOOTH)
    monkeypatch.setitem(MOVES, What.SAFE, {State.AT_BOOTH: Move(safe)})  # pyright: ignore[reportArgumentType]
    with pytest.raises(BrokenInvariant, match="safe led from at_booth to recovering"):
        story.act(What.SAFE)


def test_an_open_alert_left_without_a_timer_is_a_broken_invariant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = pressed()
    still: Cell = Move(lambda draft: draft.end_timers(Timer.RUNG))
    monkeypatch.setitem(MOVES, What.OXYGEN, {State.UNANSWERED: still})  # pyright: ignore[reportArgumentType]
    with pytest.raises(BrokenInvariant, match="without a timer"):
        story.act(What.OXYGEN)


@pytest.mark.parametrize(
    ("state", "ladder", "timers", "sure"),
    [
        (State.UNANSWERED, Ladder.RUNNING, {Timer.RUNG}, True),
        (State.UNANSWERED, Ladder.RUNNING, {Timer.REASSESS}, False),
        (State.UNANSWERED, Ladder.STOPPED, {Timer.RUNG, Timer.ARRIVAL}, False),
        (State.ON_THE_WAY, Ladder.STOPPED, {Timer.ARRIVAL}, True),
        (State.ON_THE_WAY, Ladder.STOPPED, {Timer.QUIET}, False),
        (State.AT_BOOTH, Ladder.STOPPED, {Timer.QUIET}, True),
        (State.AT_BOOTH, Ladder.STOPPED, {Timer.PROMPTED}, True),
        (State.AT_BOOTH, Ladder.STOPPED, {Timer.REASSESS}, False),
        (State.RECOVERING, Ladder.STOPPED, {Timer.RECOVERY}, True),
        (State.RECOVERING, Ladder.STOPPED, {Timer.BREATHING}, False),
        (State.RECOVERING, Ladder.RUNNING, {Timer.RUNG, Timer.RECOVERY}, False),
        (State.CLOSED, Ladder.STOPPED, set[Timer](), True),
        (State.CLOSED, Ladder.STOPPED, {Timer.RUNG}, False),
    ],
)
def test_what_is_sure_to_come(
    state: State, ladder: Ladder, timers: set[Timer], *, sure: bool
) -> None:
    now = pressed().alert
    due = dict.fromkeys(timers, now.raised_at)
    assert has_next(replace(now, state=state, ladder=ladder, timers=due)) is sure


def test_deciding_leaves_the_alert_it_was_given_as_it_was() -> None:
    story = pressed()
    before, copied = story.alert, replace(story.alert)
    story.act(What.ON_MY_WAY)
    assert before == copied != story.alert


def test_a_rung_is_only_ever_raised_by_a_press() -> None:
    story = pressed()
    fact: Fact = TimerRang(story.scene(), Timer.RUNG, story.now)
    with pytest.raises(AssertionError):
        decide(None, fact, story.now)
