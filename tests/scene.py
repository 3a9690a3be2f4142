"""A story on the pure machine alone: facts in, entries and orders out, and a clock moved by hand.

`Story` plays everything around the machine that a rule needs: it rings due timers, keeps the
texts and calls that are out, and remembers what was said and ordered when. No database, no network.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts import plain
from alerts.alert import Alert, State, Timer
from alerts.events import (
    Acted,
    Attempt,
    Birth,
    By,
    Drill,
    DrillStopped,
    Fact,
    Pressed,
    Reported,
    Scene,
    ScreensLost,
    Sounded,
    TimerRang,
    What,
)
from alerts.machine import decide, restamp
from alerts.orders import Decision, Drop, Entry, HangUp, InRoom, Order, Send, Turn
from alerts.site import Address, Booth, Clocks, DirectLine, Do, Person, Repeat, Role, Rung, Site
from alerts.words import Text

START = datetime(2026, 11, 23, 14, 3, 27, tzinfo=UTC)
EVERYONE = (Role.EVERYONE,)
SITE = Site(
    code="AMC4",
    name="Harbour House",
    language="nl",
    timezone="Europe/Amsterdam",
    emergency_number="112",
    sender_numbers=("+3197010200001",),
    voice_number="+31201230000",
    booths=(Booth(1), Booth(12)),
    people=(
        Person("sam", "Sam", "+31612345601", (Role.RESPONDER,), "nl"),
        Person("kim", "Kim", "+31612345603", (Role.RESPONDER, Role.NURSE), "en"),
        Person("noor", "Noor", "+31612345604", (Role.NURSE,), "nl"),
        Person("jo", "Jo", "+31612345602", (Role.COORDINATOR, Role.MANAGER), "en"),
        Person("alex", "Alex", "+31612345605", (Role.PEER, Role.DOOR), "en"),
    ),
    ladder=(
        Rung(0, (Do.SCREENS, Do.TEXT), (Role.RESPONDER,)),
        Rung(15, (Do.LOUDER, Do.TEXT), EVERYONE),
        Rung(30, (Do.CALL,), EVERYONE),
        Rung(60, (Do.CALL, Do.TEXT, Do.OFFER_LINE), (Role.COORDINATOR,)),
    ),
    repeat=Repeat(2, 60),
    clocks=Clocks(arrival=30, reassess=150, ems_prompt=180, recovery=7200, recovery_check=900),
)
LINE_SITE = replace(
    SITE,
    address=Address("Damrak 12, Amsterdam", "green door in the alley on the left", "+31201234567"),
    line=DirectLine(
        numbers=("+31205550001", "+31205550002"),
        language="en",
        agreement="2026-05-01 Control room Amsterdam, letter 12",
        line_phone="+31201234568",
    ),
)
"""The site with a direct line."""
EVERYBODY = frozenset(person.id for person in SITE.people)
DETAILS: dict[What, dict[str, object]] = {
    What.TAKE_JOB: {"job": "lead"},
    What.CLASSIFY: {"kind": "overdose"},
    What.OXYGEN: {"on": True},
    What.NALOXONE: {"route": "nasal", "dose_mg": 1.8},
    What.BREATHING: {"breathing": "slow", "awake": False},
    What.EMS: {"ems": "on_the_way", "minutes": 6},
    What.STAND_DOWN: {"reason": "false_press"},
    What.CLOSE: {"outcome": "oxygen"},
    What.LINE_MUTE: {"muted": True},
    What.LINE_ADD: {"add": "kim"},
    What.CORRECT: {"of": 7, "field": "kind", "value": "overdose"},
}
"""What comes with an act, when a story does not say otherwise."""
Decide = Callable[[Alert | None, Fact, datetime], Decision]


def with_ladder(*rungs: Rung, repeat: Repeat, site: Site = SITE) -> Site:
    """The site with another ladder."""
    return replace(site, ladder=rungs, repeat=repeat)


@dataclass
class Story:
    """One alert from its press on. Change `duty`, `busy` and the like between two facts.

    While `takes` is true the phone network takes every text and call as soon as it is ordered,
    and calls go on ringing; otherwise they wait until the story says what became of them.
    """

    site: Site = SITE
    duty: frozenset[str] = EVERYBODY
    busy: frozenset[str] = frozenset()
    booth_taken: bool = False
    others: int = 0
    phones: bool = True
    takes: bool = True
    time_scale: float = 1.0
    drill: Drill | None = None
    decide: Decide = decide
    now: datetime = START
    before: Alert | None = None
    fact: Fact | None = None
    attempts: dict[int, Attempt] = field(default_factory=dict[int, Attempt])
    log: list[tuple[float, Entry]] = field(default_factory=list[tuple[float, Entry]])
    sends: list[tuple[float, Send]] = field(default_factory=list[tuple[float, Send]])
    dropped: list[int] = field(default_factory=list[int])
    hung_up: list[int] = field(default_factory=list[int])
    gone: dict[int, Attempt] = field(default_factory=dict[int, Attempt])
    turned: list[int] = field(default_factory=list[int])
    in_room: list[InRoom] = field(default_factory=list[InRoom])

    @property
    def alert(self) -> Alert:
        """The alert as it was last decided."""
        assert self.before is not None
        return self.before

    @property
    def elapsed(self) -> float:
        """Seconds since the story began."""
        return (self.now - START).total_seconds()

    @property
    def state(self) -> tuple[str, str]:
        """The state of the alert and of its ladder."""
        return str(self.alert.state), str(self.alert.ladder)

    def scene(self) -> Scene:
        """The surroundings as they are now."""
        return Scene(
            site=self.site,
            duty=self.duty,
            busy=self.busy,
            others=self.others,
            booth_taken=self.booth_taken,
            phones=self.phones,
            attempts=tuple(self.attempts[number] for number in sorted(self.attempts)),
        )

    def take(self, fact: Fact) -> Decision:
        """Decide on this fact and carry the decision out, as the desk would."""
        self.fact = fact
        if self.before is not None and self.before.plain:
            decision = plain.decide_plainly(self.before, fact, self.now)
        else:
            decision = self.decide(self.before, fact, self.now)
        if decision.refused is not None:
            return decision
        if decision.alert is not self.before:
            seq = len(self.log) + len(decision.entries)
            self.before = restamp(decision.alert, seq)
        self.log += [(self.elapsed, entry) for entry in decision.entries]
        for order in decision.orders:
            self._carry_out(order)
        return decision

    def _carry_out(self, order: Order) -> None:
        match order:
            case Send():
                self._order(order)
            case Drop(number):
                self.dropped.append(number)
                self.attempts.pop(number)
            case HangUp(number):
                self.hung_up.append(number)
                if number in self.attempts:
                    self.gone[number] = self.attempts.pop(number)
            case Turn(leg=leg):
                self.turned.append(leg)
            case InRoom():
                self.in_room.append(order)

    def _order(self, send: Send) -> None:
        self.sends.append((self.elapsed, send))
        stage = "sent" if self.takes else "waiting"
        self.attempts[send.attempt] = Attempt(
            send.attempt, send.person, send.channel, stage, send.asking, send.rung
        )

    def press(self, **fields: Any) -> Decision:
        """A press; the first raises the alert."""
        birth = None
        if self.before is None:
            birth = Birth("alert", 47, "+3197010200001", self.time_scale, drill=self.drill)
        fact = Pressed(self.scene(), By("device", "dev-1"), "press", "booth", 12, birth=birth)
        return self.take(replace(fact, **fields))

    def act(
        self, what: What, person: str = "sam", *, attempt: int | None = None, **details: object
    ) -> Decision:
        """Somebody of the site, or a guest, does this."""
        by = By("person", person)
        details = details or DETAILS.get(what, {})
        return self.take(Acted(self.scene(), by, what, person, details=details, attempt=attempt))

    def report(
        self, what: What, number: int, *, stage: str | None = None, code: int | None = None
    ) -> Decision:
        """The network says this of an attempt, which is settled unless `stage` says where it is."""
        attempt = self.attempts.pop(number)
        if stage is not None:
            attempt = replace(attempt, stage=stage)
            self.attempts[number] = attempt
        reason = "failed" if what is What.REFUSED else None
        return self.take(Reported(self.scene(), what, attempt, reason, code))

    def hears(self, what: What, number: int, reason: str | None = None) -> Decision:
        """The network says this of a call of the line, which stays as it is unless it is over."""
        attempt = self.attempts.get(number) or self.gone[number]
        stage = {What.LEG_SENT: "sent", What.LEG_UP: "answered"}.get(what, attempt.stage)
        if what is What.LEG_OVER:
            self.attempts.pop(number, None)
        elif number in self.attempts:
            self.attempts[number] = replace(attempt, stage=stage)
        return self.take(Reported(self.scene(), what, attempt, reason))

    def legs(self, who: str) -> list[int]:
        """The attempts of the line's calls to this person, phone or the control room."""
        return [leg.attempt for leg in self.alert.line.legs if leg.who == who]

    def sound(self, *screens: str) -> Decision:
        """These screens prove that they sound it."""
        return self.take(Sounded(self.scene(), screens))

    def stop_drill(self, reason: str = "stopped", booth: int | None = None) -> Decision:
        """The drill is stopped, by somebody at a tablet or by a real alert at this booth."""
        return self.take(DrillStopped(self.scene(), By("device", "tab-1"), reason, booth))

    def lose_screens(self) -> Decision:
        """No screen can alarm."""
        return self.take(ScreensLost(self.scene()))

    def ring(self, timer: Timer, due: datetime | None = None) -> Decision:
        """This timer comes due, or one that was set for `due` once."""
        return self.take(TimerRang(self.scene(), timer, due or self.alert.timers[timer]))

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass and ring every timer at its time."""
        end = self.now + timedelta(seconds=seconds)
        while self.alert.timers:
            due, timer = min((due, timer) for timer, due in self.alert.timers.items())
            if due > end:
                break
            self.now = max(self.now, due)
            self.ring(timer)
        self.now = end

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass in which no timer can ring: the service is down."""
        self.now += timedelta(seconds=seconds)

    def events(self, *names: str) -> list[dict[str, Any]]:
        """What the entries of these names say, in order."""
        return [entry.data for _, entry in self.log if entry.name in names]

    def times(self, *names: str) -> list[float]:
        """When they were said, in seconds from the start."""
        return [at for at, entry in self.log if entry.name in names]

    def rungs(self, since: float = 0) -> list[tuple[float, int]]:
        """When which rung fired, in seconds from the start."""
        named = [one for one in self.log if one[1].name == "rung_reached" and one[0] >= since]
        return [(at, entry.data["rung"]) for at, entry in named]

    def said(
        self, channel: str, since: float = 0, at: float | None = None
    ) -> list[tuple[str, str]]:
        """Whom we texted or called with which sentence, in order."""
        found = [s for when, s in self.sends if when >= since and at in {None, when}]
        return [(s.person, s.text.code) for s in found if s.channel == channel and s.text]

    def sent(self, code: str) -> list[tuple[float, Send, Text]]:
        """When this sentence was ordered, and with what in it."""
        return [(at, s, s.text) for at, s in self.sends if s.text and s.text.code == code]

    def told(self, code: str, since: float = 0) -> list[str]:
        """Who got this sentence."""
        return [send.person for when, send, _ in self.sent(code) if when >= since]

    def called(self, since: float = 0) -> list[str]:
        """Whom we called, in order."""
        return [person for person, _ in self.said("call", since)]

    def answered(self, *people: str) -> "Story":
        """They said they were on their way."""
        for person in people:
            self.act(What.ON_MY_WAY, person)
        return self


def pressed(**fields: Any) -> Story:
    """A story whose alert has just been raised."""
    story = Story(**fields)
    story.press()
    return story


def in_state(state: State, **fields: Any) -> Story:
    """A story that has come to this state the usual way: Sam comes, is there, says safe."""
    story = pressed(**fields)
    way = {
        State.UNANSWERED: (),
        State.ON_THE_WAY: (What.ON_MY_WAY,),
        State.AT_BOOTH: (What.ON_MY_WAY, What.AT_BOOTH),
        State.RECOVERING: (What.ON_MY_WAY, What.AT_BOOTH, What.SAFE),
        State.CLOSED: (What.ON_MY_WAY, What.AT_BOOTH, What.SAFE, What.CLOSE),
    }
    for what in way[state]:
        story.advance(1)
        story.act(what)
    assert story.alert.state is state
    return story


def people(*ids: str, of: Collection[Person] = SITE.people) -> frozenset[str]:
    """These people, checked to be of the site."""
    assert set(ids) <= {person.id for person in of}
    return frozenset(ids)
