"""Seeded dice over the pure machine: any facts, in any order, at any time, and what must hold then.

A run is its seed and nothing else. A failure prints the seed and the last facts; `run(seed)` plays
the same again.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts import plain
from alerts.alert import ASKING, Alert, Ladder, State, Timer
from alerts.events import Drill, Fact, TimerRang, What
from alerts.ladder import LATE_SECONDS
from alerts.line import LegState, LineState
from alerts.line_steps import TAKEN
from alerts.machine import MOVES, Ignored, Move, Refused, decide, has_next
from alerts.orders import Decision, Drop, InRoom, Send, Turn
from alerts.site import Clocks, Do, Repeat, Rung
from tests.scene import EVERYBODY, EVERYONE, LINE_SITE, SITE, Story, with_ladder

SEEDS = 1000
FACTS = 60
SITES = (
    SITE,
    with_ladder(SITE.ladder[0], SITE.ladder[2], repeat=Repeat(1, 20)),
    with_ladder(*SITE.ladder, Rung(90, (Do.TEXT, Do.CALL), EVERYONE), repeat=Repeat(0, 45)),
    with_ladder(*SITE.ladder, Rung(90, (Do.OPEN_LINE,)), repeat=Repeat(1, 60)),
    LINE_SITE,
    replace(LINE_SITE, line=replace(LINE_SITE.line, rounds=1, line_phone="", join=3)),
    with_ladder(
        *SITE.ladder, Rung(90, (Do.CALL, Do.OPEN_LINE)), repeat=Repeat(1, 60), site=LINE_SITE
    ),
    replace(SITE, clocks=Clocks(arrival=20, reassess=120, ems_prompt=60, recovery_check=100)),
)
ACTS = tuple(
    what
    for what in What
    if what is not What.PRESSED
    and not what.endswith("_due")
    and not what.startswith("leg_")
    and what
    not in {
        *(What.SOUNDED, What.SCREENS_LOST, What.DRILL_STOPPED, What.SENT, What.REFUSED),
        *(What.DELIVERED, What.PICKED_UP, What.RANG_OUT, What.EXPIRED),
    }
)
DRILLS = (Drill("full", "jo"), Drill("booth", "jo"))
LEGS = tuple(what for what in What if what.startswith("leg_"))
WAITS = (0.0, 0.4, 3.0, 12.0, 31.0, 70.0, 400.0)
STOPS = ("stopped", "real_alert")
TIMERS = tuple(timer for timer in Timer if timer is not Timer.PLAIN)
PEOPLE = (*sorted(EVERYBODY), "guest")
STEPS = {
    ("text", "waiting"): (What.SENT, What.REFUSED, What.EXPIRED),
    ("call", "waiting"): (What.SENT, What.REFUSED, What.EXPIRED),
    ("text", "sent"): (What.DELIVERED, What.REFUSED),
    ("call", "sent"): (What.PICKED_UP, What.RANG_OUT, What.REFUSED),
    ("call", "answered"): (What.RANG_OUT,),
    **{
        (channel, stage): steps
        for channel in ("leg", "line")
        for stage, steps in {
            "waiting": (What.LEG_SENT, What.LEG_SENT, What.LEG_OVER),
            "sent": (What.LEG_RINGS, What.LEG_UP, What.LEG_UP, What.LEG_OVER),
            "answered": (What.LEG_IN, What.LEG_IN, What.LEG_OUT, What.LEG_KEYED, What.LEG_OVER),
        }.items()
    },
}
"""What the network can say next of an attempt."""


@dataclass
class Player:
    """Throws the dice, and after every decision checks all that must hold."""

    seed: int
    machine_works: bool = True
    facts: list[str] = field(default_factory=list[str])
    seen: set[tuple[What, State]] = field(default_factory=set[tuple[What, State]])

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        scale = self.dice.choice((1.0, 1.0, 10.0))
        self.story = Story(
            site=self.dice.choice(SITES),
            takes=False,
            phones=self.dice.random() < 0.9,
            drill=self.dice.choice(DRILLS) if self.dice.random() < 0.15 else None,
            time_scale=scale,
        )
        self.scale = scale

    def play(self) -> None:
        """A press and then anything."""
        self.checked(self.story.press)
        for _ in range(FACTS):
            self.something()

    def something(self) -> None:
        """Anything at all, what is usual more often than the rest."""
        dice, story = self.dice, self.story
        answers = (What.ON_MY_WAY, What.AT_BOOTH, What.CANNOT_GO, What.SAFE)
        kinds: dict[Callable[[], object], int] = {
            lambda: self.wait(dice.choice(WAITS) / self.scale): 24,
            lambda: self.act(dice.choice((*ACTS, What.OPEN_LINE, What.OPEN_LINE))): 14,
            lambda: self.act(dice.choice(answers)): 14,
            lambda: [self.network() for _ in range(dice.randrange(1, 6))]: 24,
            lambda: self.checked(lambda: story.press(press_id=str(len(self.facts)))): 4,
            lambda: self.checked(story.lose_screens): 6,
            lambda: self.checked(lambda: story.sound("TV-1")): 2,
            lambda: self.checked(lambda: story.stop_drill(dice.choice(STOPS))): 1,
            self.turn: 6,
            lambda: self.checked(lambda: story.ring(dice.choice(TIMERS), story.now)): 4,
        }
        dice.choices(tuple(kinds), tuple(kinds.values()))[0]()

    def turn(self) -> None:
        """The surroundings change."""
        story, dice = self.story, self.dice
        story.duty = frozenset(p for p in EVERYBODY if dice.random() < 0.7)
        story.busy = frozenset(p for p in EVERYBODY if dice.random() < 0.1)
        story.booth_taken = story.alert.state not in ASKING and dice.random() < 0.3

    def wait(self, seconds: float) -> None:
        """Time passes; timers ring in order, on time or, when the service was down, late."""
        story = self.story
        end = story.elapsed + seconds
        down = self.dice.random() < 0.2
        if down:
            story.sleep(seconds)
            if self.dice.random() < 0.3:
                return  # It is up again, and this is heard before the timers ring.
        for _ in range(2000):
            timers = sorted((due, timer) for timer, due in story.alert.timers.items())
            if not timers or (timers[0][0] > story.now and down):
                break
            due, timer = timers[0]
            if not down:
                wait = max(0.0, (due - story.now).total_seconds())
                if story.elapsed + wait > end:
                    break
                story.sleep(wait)
            self.checked(lambda timer=timer: story.ring(timer))
        else:
            raise AssertionError("timers ring without end")
        story.sleep(max(0.0, end - story.elapsed))

    def act(self, what: What) -> None:
        """Somebody does this, perhaps in answer to a call."""
        person = self.dice.choice(PEOPLE)
        calls = [n for n, a in self.story.attempts.items() if a.channel == "call"]
        attempt = self.dice.choice(calls) if calls and self.dice.random() < 0.5 else None
        self.checked(lambda: self.story.act(what, person, attempt=attempt))

    def network(self) -> None:
        """The network says something of one attempt; perhaps of one that was dropped in flight."""
        story = self.story
        if story.gone and self.dice.random() < 0.25:
            number = self.dice.choice(sorted(story.gone))
            called = story.gone[number].channel == "call"
            late = What.PICKED_UP if called else self.dice.choice(LEGS)
            self.checked(lambda: story.hears(late, number, "1"))
            return
        if not story.attempts:
            return
        number = self.dice.choice(sorted(story.attempts))
        attempt = story.attempts[number]
        what = self.dice.choice(STEPS[attempt.channel, attempt.stage])
        if what in LEGS:
            control = attempt.channel == "line"
            key = self.dice.choice("129") if what is What.LEG_KEYED and control else None
            if what is not What.LEG_KEYED or control:
                self.checked(lambda: story.hears(what, number, key))
            return
        stage = {What.SENT: "sent", What.PICKED_UP: "answered"}.get(what)
        if what is What.DELIVERED and self.dice.random() < 0.5:
            stage = "sent"
        self.checked(lambda: story.report(what, number, stage=stage))

    def checked(self, take: Callable[[], Decision]) -> None:
        """Carry the fact out and check everything."""
        story = self.story
        before = story.before
        decision = take()
        assert story.fact is not None
        fact = story.fact
        if not self.machine_works:
            return
        if before is not None:
            self.seen.add((fact.what, before.state))
        self.facts.append(f"{story.elapsed:9.3f} {fact.what} {decision.alert.state}")
        check(before, fact, decision, story)


def check(before: Alert | None, fact: Fact, decision: Decision, story: Story) -> None:
    """All that must hold after any decision."""
    alert = decision.alert
    _nothing_follows_from_nothing(before, fact, decision)
    assert has_next(alert), "an open alert has a due step; a closed one has none"
    _every_timer_can_ring(alert)
    _asks_only_while_the_ladder_runs(alert, decision)
    _one_ask_for_each(decision, story)
    _attempts_are_numbered(before, decision)
    _lateness_is_true(before, decision)
    _the_line_goes_on(alert, story)
    if before is not None and decision.refused is None:
        _never_later(before, fact, decision)
        changed = decision.alert is not before
        assert changed == bool(decision.entries), "what changes is said, what is said changes"
        assert story.alert.version == before.version + changed
        assert story.alert.seq == len(story.log)
        assert story.alert.raised_at == before.raised_at


def _nothing_follows_from_nothing(before: Alert | None, fact: Fact, decision: Decision) -> None:
    if before is None:
        assert decision.refused is None
        return
    cell = MOVES[fact.what][before.state]
    void = isinstance(fact, TimerRang) and before.timers.get(fact.timer) != fact.due
    if isinstance(cell, Refused):
        assert decision.refused == cell.problem
    if isinstance(cell, Ignored) or decision.refused is not None or void:
        assert decision.alert is before
        assert (decision.entries, decision.orders) == ((), ())
    if isinstance(cell, Move):
        assert decision.alert.state in (before.state, *cell.to)


def _every_timer_can_ring(alert: Alert) -> None:
    for timer in alert.timers:
        cell = MOVES[What(f"{timer}_due")][alert.state]
        assert isinstance(cell, Move), f"{timer} is set in {alert.state} and would ring in vain"
    assert (Timer.RUNG in alert.timers) == (alert.ladder is Ladder.RUNNING)
    if alert.state is State.UNANSWERED:
        assert (alert.ladder, alert.coming, alert.there) == (Ladder.RUNNING, (), ())
    if alert.state is State.ON_THE_WAY:
        assert alert.coming
        assert not alert.there
        assert Timer.ARRIVAL in alert.timers
    if alert.state not in ASKING:
        assert alert.ladder is Ladder.STOPPED


def _asks_only_while_the_ladder_runs(alert: Alert, decision: Decision) -> None:
    asks = [o for o in decision.orders if isinstance(o, Send) and o.asking]
    assert not asks or alert.ladder is Ladder.RUNNING, "an ask after the stop"


def _one_ask_for_each(decision: Decision, story: Story) -> None:
    asks = [o for o in decision.orders if isinstance(o, Send) and o.asking]
    keys = [(o.person, o.channel) for o in asks]
    assert len(keys) == len(set(keys)), "two asks at once on one phone"
    dropped = [o.attempt for o in decision.orders if isinstance(o, Drop)]
    assert len(dropped) == len(set(dropped))
    waiting = [
        (a.person, a.channel) for a in story.attempts.values() if a.asking and a.stage == "waiting"
    ]
    assert len(waiting) == len(set(waiting)), "one text and one call wait per phone"
    if decision.alert.ladder is Ladder.STOPPED and decision.refused is None:
        assert waiting == [], "what still waits when the ladder has stopped would be sent"


def _attempts_are_numbered(before: Alert | None, decision: Decision) -> None:
    sends = [o.attempt for o in decision.orders if isinstance(o, Send)]
    void = [e.data["attempt"] for e in decision.entries if e.name == "text_superseded"]
    assert len(void) == len(set(void)), "an ask is superseded once"
    first = before.attempts if before else 0
    sends += [o.attempt for o in decision.orders if isinstance(o, Turn | InRoom)]
    made = range(first + 1, decision.alert.attempts + 1)
    assert sorted({*sends, *(number for number in void if number > first)}) == list(made)
    queued = [e.data["attempt"] for e in decision.entries if e.name == "text_queued"]
    texts = [o.attempt for o in decision.orders if isinstance(o, Send) and o.channel == "text"]
    assert set(texts) <= set(queued)


def _is_accepted(alert: Alert) -> bool:
    """The ambulance was accepted since the line was opened: nobody needs to call by hand."""
    opened, at = alert.line.opened_at, alert.ems_at
    return alert.ems in TAKEN and opened is not None and at is not None and at > opened


def _the_line_goes_on(alert: Alert, story: Story) -> None:
    """An open line has a next step or a human; its numbers are the plan's; no number twice."""
    line, plan = alert.line, alert.plan.line
    assert not (alert.drill and (line.legs or plan.numbers)), "a drill has dialled"
    control = [leg for leg in line.control if leg.live]
    assert all(leg.number is not None and leg.number < len(plan.numbers) for leg in control)
    assert len({leg.number for leg in control}) == len(control), "a number is on twice"
    assert all(leg.attempt in story.attempts for leg in control), "a call is forgotten"
    by_itself = [e for _, e in story.log if e.name == "line_opened" and e.data["opener"] is None]
    assert len(by_itself) <= 1
    if not line.live:
        assert not control
        assert {Timer.LINE, Timer.BY_HAND}.isdisjoint(alert.timers)
        return
    assert alert.open
    human = any(leg.keyed for leg in control)
    kept = any(leg.state is LegState.KEPT for leg in control)
    assert human or kept or Timer.LINE in alert.timers, "nothing will dial on"
    if human:
        assert {Timer.LINE, Timer.BY_HAND}.isdisjoint(alert.timers)
        assert not line.by_hand
    else:
        assert line.by_hand or Timer.BY_HAND in alert.timers or _is_accepted(alert)
        assert line.state not in {LineState.CONFIRMED, LineState.BRIDGED}, "answered is not reached"


def _lateness_is_true(before: Alert | None, decision: Decision) -> None:
    late = [e.data["late_s"] for e in decision.entries if e.name == "rung_reached"]
    assert all(one >= 0 for one in late)
    was = before.late if before else False
    assert decision.alert.late == (was or any(one > LATE_SECONDS for one in late))


def _never_later(before: Alert, fact: Fact, decision: Decision) -> None:
    """Of a ladder that runs on, no rung that is still to come in this loop is ever put off."""
    after, last = decision.alert, len(before.plan.rungs) - 1
    if not before.ladder is after.ladder is Ladder.RUNNING:
        return
    fired = [e.data["rung"] for e in decision.entries if e.name == "rung_reached"]
    if last not in fired:
        for rung in range(max(before.rung, after.rung), last + 1):
            assert after.due(rung) <= before.due(rung), f"rung {rung} was put off"
    if fact.what is What.PRESSED:
        assert (after.rung, after.timers) == (before.rung, before.timers)


def run(seed: int) -> Player:
    """One whole schedule; a failure names its seed."""
    player = Player(seed)
    try:
        player.play()
    except Exception as problem:
        told = "\n".join(player.facts[-25:])
        raise AssertionError(f"seed {seed}: {problem!r}\n{told}") from problem
    return player


def test_whatever_happens_what_must_hold_holds() -> None:
    """More than a thousand schedules, the same in every run, and all of the table in them."""
    seen = set[tuple[What, State]]()
    for seed in range(SEEDS):
        seen |= run(seed).seen
    assert seen == {(what, state) for what in What for state in State}


def test_nobody_acts_and_everybody_is_called_within_two_loops() -> None:
    """Whatever the network and the screens do, and however late the timers ring."""
    for seed in range(200):
        player = Player(seed)
        story, dice = player.story, player.dice
        story.phones, story.drill = True, None
        called = any(Do.CALL in rung.do for rung in story.site.ladder)
        assert called
        player.checked(story.press)
        loops = 2 * sum((story.site.ladder[-1].after, story.site.repeat.every)) / player.scale
        while story.elapsed < loops:
            player.wait(dice.random() * 20 / player.scale)
            for _ in range(dice.randrange(8)):
                player.network()
            if dice.random() < 0.1:
                player.checked(story.lose_screens)
        assert set(story.called()) == EVERYBODY, f"seed {seed}"
        assert story.state == ("unanswered", "running")


def test_whenever_deciding_fails_an_open_alert_still_asks_until_it_is_ended() -> None:
    for seed in range(200):
        dice = random.Random(seed)

        def fails(
            alert: Alert | None, fact: Fact, now: datetime, dice: random.Random = dice
        ) -> Decision:
            fail = dice.random() < 0.1
            return plain.without_machine(alert, fact, now) if fail else decide(alert, fact, now)

        player = Player(seed, machine_works=False)
        story = player.story
        story.decide, story.drill = fails, None
        story.press()
        for _ in range(FACTS):
            player.something()
            alert = story.alert
            if alert.plain and alert.open:
                assert set(alert.timers) == {Timer.PLAIN}, f"seed {seed}"
                due = alert.timers[Timer.PLAIN] - story.now
                assert due <= alert.plan.delay(plain.EVERY_SECONDS), f"seed {seed}"
                assert alert.ladder is Ladder.RUNNING
            assert alert.open or alert.timers == {}, f"seed {seed}"
            assert has_next(alert) or alert.plain
