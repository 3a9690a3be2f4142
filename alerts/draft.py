"""A decision in the making: the alert as it is becoming, the log lines and the orders so far.

Only `alerts.machine` makes one and only for the length of one decision. The alert inside is a
private copy, so it may be changed in place: to everybody else an alert never changes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from alerts.alert import Alert, Coming, Ladder, Timer, copied
from alerts.events import Acted, By, Fact
from alerts.orders import Decision, Drop, Entry, HangUp, InRoom, Order, Send, Turn
from alerts.roster import coordinators
from alerts.site import Person
from alerts.times import clock_text
from alerts.words import Text

TEXT = "text"
CALL = "call"
WAITS = frozenset({"waiting", "sending"})
"""Stages of an attempt that the phone network has not taken yet."""
LEG = "leg"
"""A call of the line to our own side."""
CONTROL_CALL = "line"
"""A call of the line to the control room."""


class Draft:
    """Collects what follows from one fact; `decided()` hands it over."""

    def __init__(self, alert: Alert, fact: Fact, now: datetime) -> None:
        """Begin with the alert as it was; `now` is the moment of deciding."""
        self.alert = copied(alert)
        self._before = alert
        self.fact = fact
        self.scene = fact.scene
        self.now = now
        self.entries: list[Entry] = []
        self.orders: list[Order] = []
        self.refused: str | None = None
        self.answer: Text | None = None
        self.pin = False

    def decided(self) -> Decision:
        """The decision as it stands. What changed nothing leaves the very alert it began with."""
        same = not self.entries and not self.orders and self.alert == self._before
        return Decision(
            alert=self._before if same else self.alert,
            entries=tuple(self.entries),
            orders=tuple(self.orders),
            refused=self.refused,
            answer=self.answer,
            pin=self.pin,
        )

    def change(self, **fields: Any) -> None:
        """Change fields of the private copy; `replace` would copy fifty fields each time."""
        for name, value in fields.items():
            object.__setattr__(self.alert, name, value)

    def note(self, name: str, by: By | None = None, /, **data: Any) -> None:
        """Add a line to the log. The first line of an act is the act itself: it says its `at`."""
        if not self.entries and isinstance(self.fact, Acted) and self.fact.at is not None:
            data["at"] = clock_text(self.fact.at)
        self.entries.append(Entry(name, by or self.fact.by, data))

    def set_timer(self, timer: Timer, due: datetime) -> None:
        """Let this timer ring at `due`, in place of the one of its kind."""
        self.change(timers={**self.alert.timers, timer: due})

    def set_after(self, timer: Timer, seconds: float) -> None:
        """Let this timer ring so many seconds of the site file from now."""
        self.set_timer(timer, self.now + self.alert.plan.delay(seconds))

    def end_timers(self, *timers: Timer) -> None:
        """These timers will not ring."""
        kept = {timer: due for timer, due in self.alert.timers.items() if timer not in timers}
        self.change(timers=kept)

    def send(
        self,
        channel: str,
        person: Person,
        text: Text,
        *,
        rung: int | None = None,
        asking: bool = False,
        link: bool = False,
    ) -> None:
        """Order a text or a call; of asks not yet sent the newest waits, per phone and channel."""
        if not (self.scene.phones and self.alert.plan.phones):
            return
        if asking:
            self.supersede(channel, person.id)
        number = self._next_attempt()
        order = Send(
            channel=channel,
            person=person.id,
            to=person.phone,
            language=person.language,
            text=text,
            attempt=number,
            asking=asking,
            rung=rung,
            link=link,
        )
        self.orders.append(order)
        if channel == TEXT:
            self.note(
                "text_queued",
                By("network"),
                person=person.id,
                channel=channel,
                attempt=number,
                rung=rung,
            )

    def ring(self, channel: str, who: str, to: str, language: str, seconds: float) -> int:
        """Order a call of the line that rings so many seconds of the site file; its attempt."""
        number = self._next_attempt()
        ring = self.alert.plan.delay(seconds).total_seconds()
        self.orders.append(Send(channel, who, to, language, None, number, ring=ring))
        return number

    def turn(self, leg: int) -> None:
        """Let this live call fetch anew what it should say or do."""
        self.orders.append(Turn(self._next_attempt(), leg))

    def in_room(self, leg: int, *, muted: bool | None = None) -> None:
        """Mute this call in its room or let it speak; without either, say something to it alone."""
        room = self.alert.line.room or self.alert.room
        self.orders.append(InRoom(self._next_attempt(), leg, room, muted))

    def _next_attempt(self) -> int:
        self.change(attempts=self.alert.attempts + 1)
        return self.alert.attempts

    def supersede(self, channel: str, person: str) -> None:
        """Asks of this person by this channel that wait are not sent."""
        dropped = {order.attempt for order in self.orders if isinstance(order, Drop)}
        for attempt in self.scene.attempts:
            same = attempt.channel == channel and attempt.person == person and attempt.asking
            if same and attempt.stage == "waiting" and attempt.number not in dropped:
                self.orders.append(Drop(attempt.number))
                self._superseded(channel, person, attempt.number, attempt.rung)
        for order in list(self.orders):
            if (
                isinstance(order, Send)
                and order.asking
                and (order.channel, order.person) == (channel, person)
            ):
                self.orders.remove(order)
                self._superseded(channel, person, order.attempt, order.rung)

    def _superseded(self, channel: str, person: str, attempt: int, rung: int | None) -> None:
        self.note(
            "text_superseded",
            By("network"),
            person=person,
            channel=channel,
            attempt=attempt,
            rung=rung,
        )

    def stop(self) -> None:
        """Stop the ladder: no rung comes, unsent asks are dropped, ringing calls are ended.

        A call that was picked up goes on: whoever listens may still come as well.
        """
        self.change(ladder=Ladder.STOPPED, before_more=())
        self.end_timers(Timer.RUNG)
        self._end_asks()

    def _end_asks(self) -> None:
        answering = getattr(self.fact, "attempt", None)
        for attempt in self.scene.attempts:
            rings = attempt.channel == CALL and attempt.stage == "sent"
            waits = attempt.stage in WAITS
            if attempt.asking and (waits or (rings and attempt.number != answering)):
                self.give_up(attempt.number, attempt.stage)

    def give_up(self, attempt: int, stage: str) -> None:
        """Never send this attempt, or end its call; once."""
        known = {one.attempt for one in self.orders if isinstance(one, Drop | HangUp)}
        if attempt not in known:
            self.orders.append(Drop(attempt) if stage in WAITS else HangUp(attempt))

    def keep_coming(self, without: Collection[str]) -> tuple[Coming, ...]:
        """Those on the way but for these."""
        return tuple(c for c in self.alert.coming if c.person not in without)

    def people(self, ids: Collection[str]) -> list[Person]:
        """The people of the site with these ids, in the order of the site file."""
        return [person for person in self.scene.site.people if person.id in ids]

    def coordinators(self) -> list[Person]:
        """The coordinators on duty, or all of them when none is."""
        return coordinators(self.scene.site.people, self.scene.duty)

    def late_by(self, due: datetime) -> float:
        """Seconds that `now` is after `due`, to the millisecond; 0 when it is not."""
        return round(max(timedelta(0), self.now - due).total_seconds(), 3)
