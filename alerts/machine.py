"""The state machine: one table that lists every fact in every state, and `decide`.

Everything that affects where an alert goes is in `MOVES`. A cell is a move (with the states it
can lead to), or says why the fact is ignored, or names the problem it is refused with. What a
move does is in `acts`, `clocks`, `drill`, `network` and `ladder`. The README's state diagram is
drawn from this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts import acts, clocks, drill, ends, ladder, line_acts, line_calls, network
from alerts.alert import ASKING, Alert, Ladder, State, Timer, copied
from alerts.draft import Draft
from alerts.events import Acted, Fact, Pressed, TimerRang, What
from alerts.orders import Decision

U, W, B, R, C = (
    State.UNANSWERED,
    State.ON_THE_WAY,
    State.AT_BOOTH,
    State.RECOVERING,
    State.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Move:
    """Carry this out; the alert stays where it is or goes to one of `to`."""

    act: Callable[[Draft], None]
    to: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing follows, and why that is right."""

    because: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The act makes no sense now; the problem's name is in `wire.md`."""

    problem: str


Cell = Move | Ignored | Refused

OVER = Refused("closed")
ENDED = Ignored("the alert is over; its timers ended with it")
LINE_ENDED = Ignored("the line ended with the alert, and every call of it")
NOT_HERE = Ignored("this timer does not run in this state; an old one is void")
NEW_ALERT = Ignored("a press here raises a new alert, which the desk asks for")


def row(u: Cell, w: Cell, b: Cell, r: Cell, c: Cell) -> Mapping[State, Cell]:
    """One fact in each of the five states, in their order."""
    return {U: u, W: w, B: b, R: r, C: c}


def open_(cell: Cell, closed: Cell = OVER) -> Mapping[State, Cell]:
    """The same in every open state."""
    return row(cell, cell, cell, cell, closed)


MOVES: Mapping[What, Mapping[State, Cell]] = {
    What.PRESSED: row(
        Move(acts.press_again), Move(acts.press_again), Move(acts.press_again), NEW_ALERT, NEW_ALERT
    ),
    What.MISTAKE: open_(Move(acts.mistake)),
    What.ON_MY_WAY: row(
        Move(acts.on_my_way, (W,)),
        Move(acts.on_my_way),
        Move(acts.on_my_way),
        Move(acts.note_answer),
        OVER,
    ),
    What.AT_BOOTH: row(
        Move(acts.at_booth, (B,)),
        Move(acts.at_booth, (B,)),
        Move(acts.at_booth),
        Move(acts.note_answer),
        OVER,
    ),
    What.CANNOT_GO: row(
        Move(acts.cannot_go),
        Move(acts.cannot_go, (U,)),
        Move(acts.cannot_go, (U, W)),
        Move(acts.cannot_go),
        OVER,
    ),
    What.MORE_PEOPLE: row(
        Move(acts.more_people),
        Move(acts.more_people),
        Move(acts.more_people),
        Move(acts.more_people, (B,)),
        OVER,
    ),
    What.SAFE: row(Move(acts.safe), Move(acts.safe), Move(acts.safe, (R,)), Move(acts.safe), OVER),
    What.TAKE_JOB: open_(Move(acts.take_job)),
    What.CLASSIFY: open_(Move(acts.classify)),
    What.OXYGEN: open_(Move(acts.oxygen)),
    What.NALOXONE: open_(Move(acts.naloxone)),
    What.BREATHING: open_(Move(acts.breathing)),
    What.EMS: open_(Move(acts.ems)),
    What.OPEN_LINE: open_(Move(line_acts.open_line)),
    What.LINE_REACHED: open_(Move(line_acts.reached)),
    What.LINE_TALK: open_(Move(line_acts.talk)),
    What.LINE_MUTE: open_(Move(line_acts.mute)),
    What.LINE_ADD: open_(Move(line_acts.add)),
    What.END_LINE: open_(Move(line_acts.end_line)),
    What.STAND_DOWN: open_(Move(ends.stand_down, (C,))),
    What.CLOSE: open_(Move(ends.close, (C,))),
    What.REOPEN: row(
        Ignored("it is open"),
        Ignored("it is open"),
        Ignored("it is open"),
        Ignored("it is open"),
        Move(ends.reopen, (U, B)),
    ),
    What.CORRECT: open_(Move(acts.correct), Move(acts.correct)),
    What.MAKE_REAL: open_(
        Move(drill.make_real, (C,)), Ignored("the drill is over; the desk presses all the same")
    ),
    What.WRONG_BOOTH: open_(Move(drill.wrong_booth), Move(drill.wrong_booth)),
    What.DRILL_STOPPED: open_(Move(drill.stop, (C,)), Ignored("the drill is over")),
    What.NOT_UNDERSTOOD: open_(Move(acts.not_understood), Ignored("nobody is asked any more")),
    What.SOUNDED: open_(Move(acts.sounded), Move(acts.sounded)),
    What.SCREENS_LOST: row(
        Move(ladder.move_to_call),
        Ignored("somebody is coming"),
        Ignored("somebody is there"),
        Ignored("nobody is sought"),
        ENDED,
    ),
    What.RUNG_DUE: row(
        Move(clocks.rung_due), Move(clocks.rung_due), Move(clocks.rung_due), NOT_HERE, ENDED
    ),
    What.ARRIVAL_DUE: row(NOT_HERE, Move(clocks.arrival_due, (U,)), NOT_HERE, NOT_HERE, ENDED),
    What.QUIET_DUE: row(NOT_HERE, NOT_HERE, Move(clocks.quiet_due), NOT_HERE, ENDED),
    What.PROMPTED_DUE: row(NOT_HERE, NOT_HERE, Move(clocks.prompted_due), NOT_HERE, ENDED),
    What.REASSESS_DUE: open_(Move(clocks.reassess_due), ENDED),
    What.RECOVERY_DUE: row(NOT_HERE, NOT_HERE, NOT_HERE, Move(clocks.recovery_due), ENDED),
    What.BREATHING_DUE: row(NOT_HERE, NOT_HERE, NOT_HERE, Move(clocks.breathing_due), ENDED),
    What.LINE_DUE: open_(Move(line_acts.due), ENDED),
    What.BY_HAND_DUE: open_(Move(line_acts.by_hand_due), ENDED),
    # A call that was on its way when the alert ended is ended as soon as it exists.
    What.LEG_SENT: open_(Move(line_calls.sent), Move(line_calls.sent)),
    What.LEG_RINGS: open_(Move(line_calls.rings), LINE_ENDED),
    What.LEG_UP: open_(Move(line_calls.up), LINE_ENDED),
    What.LEG_KEYED: open_(Move(line_calls.keyed), LINE_ENDED),
    What.LEG_IN: open_(Move(line_calls.in_room), LINE_ENDED),
    What.LEG_OUT: open_(Move(line_calls.out_of_room), LINE_ENDED),
    What.LEG_OVER: open_(Move(line_calls.over), LINE_ENDED),
    What.SENT: open_(Move(network.sent), Move(network.sent)),
    What.REFUSED: row(
        Move(network.refused),
        Move(network.refused),
        Move(network.refused),
        Move(network.heard),
        Move(network.heard),
    ),
    What.DELIVERED: open_(Move(network.heard), Move(network.heard)),
    What.PICKED_UP: open_(Move(network.heard), Move(network.heard)),
    What.RANG_OUT: open_(Move(network.heard), Move(network.heard)),
    What.EXPIRED: open_(Move(network.heard), Move(network.heard)),
}

NO_ACT = frozenset(
    {What.NOT_UNDERSTOOD, What.MISTAKE, What.CORRECT, What.CANNOT_GO, What.WRONG_BOOTH}
)
"""None of these shows that anybody looks after the person; a "no" is never an answer either."""


class BrokenInvariant(AssertionError):
    """What must always hold of an alert does not; the desk then escalates without the machine."""


def decide(alert: Alert | None, fact: Fact, now: datetime) -> Decision:
    """What follows from this fact for this alert at this moment.

    `alert` is None only for a press that raises one, whose `birth` then must be there. The caller
    records the decision in one transaction, or nothing. Raises BrokenInvariant when the result
    would leave somebody without help; the caller must then escalate (`architecture.md`, rule 10).
    """
    if alert is None:
        return _raised(fact, now)
    cell = MOVES[fact.what][alert.state]
    if isinstance(cell, Refused):
        return Decision(alert, refused=cell.problem)
    if isinstance(cell, Ignored) or _is_void(alert, fact):
        return Decision(alert)
    draft = Draft(alert, fact, now)
    cell.act(draft)
    if draft.refused is not None:
        return Decision(alert, refused=draft.refused, answer=draft.answer, pin=draft.pin)
    if _is_act(fact) and draft.entries:
        acts.after_any_act(draft)
    return _checked(alert.state, cell, draft)


def _raised(fact: Fact, now: datetime) -> Decision:
    assert isinstance(fact, Pressed)
    assert fact.birth is not None
    draft = Draft(acts.born(fact, fact.birth, now), fact, now)
    acts.raise_alert(draft)
    return _checked(U, Move(acts.raise_alert), draft)


def _is_act(fact: Fact) -> bool:
    """Whether somebody did something for the person. A guest's answer moves nothing."""
    if not isinstance(fact, Acted) or fact.what in NO_ACT:
        return False
    return fact.member() is not None or fact.what not in {What.ON_MY_WAY, What.AT_BOOTH}


def _is_void(alert: Alert, fact: Fact) -> bool:
    return isinstance(fact, TimerRang) and alert.timers.get(fact.timer) != fact.due


def _checked(was: State, cell: Move, draft: Draft) -> Decision:
    alert = draft.alert
    if alert.state not in (was, *cell.to):
        raise BrokenInvariant(f"{draft.fact.what} led from {was} to {alert.state}")
    if not has_next(alert):
        raise BrokenInvariant(f"{draft.fact.what} left an open alert without a timer")
    return draft.decided()


def has_next(alert: Alert) -> bool:
    """Whether something is sure to come: an open alert always has a due step (promise 10)."""
    if alert.state is C:
        return not alert.timers
    if alert.ladder is Ladder.RUNNING:
        return alert.state in ASKING and Timer.RUNG in alert.timers
    needed = {
        W: {Timer.ARRIVAL},
        B: {Timer.QUIET, Timer.PROMPTED},
        R: {Timer.RECOVERY},
    }
    return not needed.get(alert.state, set[Timer]()).isdisjoint(alert.timers)


def restamp(alert: Alert, seq: int) -> Alert:
    """The alert as it is stored: one version on, at this number of the site's log."""
    stored = copied(alert)
    object.__setattr__(stored, "seq", seq)
    object.__setattr__(stored, "version", alert.version + 1)
    return stored


def mermaid() -> str:
    """The table as a Mermaid state diagram, without a fence, for the README.

    One arrow for each pair of states, with every fact that can lead from the one to the other. A
    fact that leaves an alert where it is has no arrow.
    """
    lines = ["stateDiagram-v2", f"    [*] --> {State.UNANSWERED}: {What.PRESSED}"]
    for was in State:
        for to in State:
            facts = [str(what) for what, cells in MOVES.items() if _can_lead(cells[was], to)]
            if facts:
                lines.append(f"    {was} --> {to}: {', '.join(facts)}")
    return "\n".join(lines)


def _can_lead(cell: Cell, to: State) -> bool:
    return isinstance(cell, Move) and to in cell.to
