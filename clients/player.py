"""Plays the rows: presses in free booths, phones listened to, and the end waited for.

A row is never dropped: it waits for a booth, and its press is repeated until it is stored.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from clients.calls_file import Row
from clients.client import DirectlineClient
from clients.clock import Clock
from clients.errors import Refused, Unanswered
from clients.handsets import Handsets
from clients.house import House
from clients.keys import Person
from clients.replay_report import Sent
from clients.screens import Screens
from clients.staff import Staff
from clients.wire import Json

CONNECT_SECONDS = 10.0
LOOK_SECONDS = 0.1
ASK_AGAIN_SECONDS = 0.5
_RINGING = ("queued", "initiated", "ringing")
_UNENDED = (*_RINGING, "in-progress", "answered")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a player plays with. `reader` follows the feed; without one, presses are asked again."""

    bridge: DirectlineClient
    reader: DirectlineClient | None
    handsets: Handsets
    house: House
    staff: Staff
    screens: Screens | None
    clock: Clock
    people: Sequence[Person]


class Player:
    """One replay. `progress` is called for each press that is stored or given up."""

    def __init__(
        self, parts: Parts, *, speed: float, patience: float, progress: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._speed = speed
        self._patience = patience
        self._progress = progress
        self._people = {person.phone: person for person in parts.people}
        self._picked_up: set[str] = set()
        self._beside: list[asyncio.Task[None]] = []
        self._heard = False
        self._calls: dict[int, Json] = {}
        self._troubles: dict[str, int] = {}
        self.sent: list[Sent] = []
        self.texts: list[Json] = []

    @property
    def calls(self) -> list[Json]:
        """Every call placed during the replay, as it was last seen."""
        return list(self._calls.values())

    @property
    def troubles(self) -> list[str]:
        """What went wrong on the way, each once with how often."""
        return [f"{words} ({count} times)" for words, count in self._troubles.items()]

    async def play(self, rows: Sequence[Row], settle: float) -> None:
        """Play all rows, then wait until every alert has ended, at most `settle` seconds.

        Raises Refused when a token is not accepted, Unanswered when the phones cannot be reached
        at the start.
        """
        try:
            async with asyncio.TaskGroup() as group:
                await self._start(group)
                async with asyncio.TaskGroup() as presses:
                    await self._press_all(rows, presses)
                await self._settle(settle)
                for task in self._beside:
                    task.cancel()
        except* (Refused, Unanswered) as errors:
            raise _first(errors) from None

    async def _start(self, group: asyncio.TaskGroup) -> None:
        parts = self._parts
        texts = await parts.handsets.texts(0)
        calls = await parts.handsets.calls(0)
        self._beside += [
            group.create_task(self._listen_to_texts(_last(texts), group)),
            group.create_task(self._listen_to_calls(_last(calls), group)),
            group.create_task(self._follow() if parts.reader else self._ask_again()),
        ]
        self._beside += [group.create_task(parts.staff.work(it)) for it in self._people.values()]
        screens = parts.screens
        if screens is not None:
            self._beside.append(group.create_task(screens.run()))
            # Without a screen the ladder would rightly run ahead, and the replay measure that.
            await self._until(lambda: screens.connected, CONNECT_SECONDS)
        if parts.reader is not None:
            await self._until(lambda: self._heard, CONNECT_SECONDS)

    async def _press_all(self, rows: Sequence[Row], presses: asyncio.TaskGroup) -> None:
        start = self._clock.monotonic()
        for row in rows:
            planned = start + row.after / self._speed
            await self._clock.sleep(planned - self._clock.monotonic())
            ready = self._clock.monotonic()
            while (booth := self._parts.house.free_booth()) is None:
                await self._parts.house.wait()
            press = Sent(
                press_id=str(uuid.uuid4()),
                booth=booth,
                kind=row.kind,
                waited=self._clock.monotonic() - min(ready, planned),
                started=self._clock.monotonic(),
                at=self._clock.now(),
            )
            self.sent.append(press)
            presses.create_task(self._press(press))

    async def _press(self, press: Sent) -> None:
        house = self._parts.house
        try:
            answer = await self._parts.bridge.press(
                press.booth, press.kind, press.press_id, self._patience
            )
        except (Refused, Unanswered) as error:
            press.failure = str(error)
            press.refused = isinstance(error, Refused)
            self._trouble(f"a press was not stored: {error}")
            house.given_up(press.booth)
        else:
            press.stored = self._clock.monotonic()
            press.joined = bool(answer.get("joined"))
            press.alert = answer["alert"]["id"]
            press.number = answer["alert"]["number"]
            house.stored(press.booth, answer["alert"])
        self._progress()

    async def _settle(self, seconds: float) -> None:
        """Until nobody needs anybody any more; with a tablet, until all alerts are closed."""
        house, staff = self._parts.house, self._parts.staff
        asking = not staff.closes
        await self._until(lambda: not (house.open_own(asking=asking) or staff.caring), seconds)

    async def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = self._clock.monotonic() + seconds
        while not condition() and self._clock.monotonic() < deadline:
            await self._clock.sleep(LOOK_SECONDS)

    async def _follow(self) -> None:
        reader = self._parts.reader
        assert reader is not None
        async with aclosing(reader.live(link=self._parts.house.link)) as frames:
            async for frame in frames:
                if frame.get("type") == "snapshot":
                    self._heard = True
                self._parts.house.frame(frame)

    async def _ask_again(self) -> None:
        """Without a token that reads: a press sent again answers with its alert as it is now."""
        while True:
            asking = {it["id"] for it in self._parts.house.open_own(asking=True)}
            for press in [it for it in self.sent if it.alert in asking and not it.joined]:
                try:
                    answer = await self._parts.bridge.press(
                        press.booth, press.kind, press.press_id, ASK_AGAIN_SECONDS
                    )
                except (Refused, Unanswered) as error:
                    self._trouble(f"an alert could not be looked up: {error}")
                else:
                    self._parts.house.learn(answer["alert"])
            await self._clock.sleep(ASK_AGAIN_SECONDS)

    async def _listen_to_texts(self, after: int, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                texts = await self._parts.handsets.texts(after)
            except Unanswered as error:
                self._trouble(f"the phones could not be read: {error}")
                texts = []
            for text in texts:
                after = max(after, text["n"])
                if text["from"] in self._people:
                    continue  # What a person wrote to the site is an answer, counted there.
                self.texts.append(text)
                person = self._person(text["to"], group)
                if person is not None:
                    self._parts.staff.hear(person, text)
            await self._clock.sleep(LOOK_SECONDS)

    async def _listen_to_calls(self, after: int, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                calls = await self._parts.handsets.calls(self._oldest_call(after))
            except Unanswered as error:
                self._trouble(f"the phones could not be read: {error}")
                calls = []
            for call in calls:
                if call["from"] in self._people:
                    continue
                self._calls[call["n"]] = call
                person = self._person(call["to"], group)
                if (
                    person is not None
                    and call["status"] in _RINGING
                    and call["sid"] not in self._picked_up
                ):
                    self._picked_up.add(call["sid"])
                    self._beside.append(group.create_task(self._parts.staff.pick_up(person, call)))
            await self._clock.sleep(LOOK_SECONDS)

    def _oldest_call(self, after: int) -> int:
        """The number to ask after, so that every call that has not ended is seen again."""
        unended = [n for n, call in self._calls.items() if call["status"] in _UNENDED]
        return min(unended) - 1 if unended else max(self._calls, default=after)

    def _person(self, phone: str, group: asyncio.TaskGroup) -> Person | None:
        """Whose phone this is; without a keys file everybody who is texted or called is staff."""
        if phone not in self._people and not self._parts.people:
            person = Person(id=phone, phone=phone)
            self._people[phone] = person
            self._beside.append(group.create_task(self._parts.staff.work(person)))
        return self._people.get(phone)

    def _trouble(self, words: str) -> None:
        self._troubles[words] = self._troubles.get(words, 0) + 1


def _last(rows: Sequence[Json]) -> int:
    return max((row["n"] for row in rows), default=0)


def _first(errors: BaseExceptionGroup[Refused | Unanswered]) -> Refused | Unanswered:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
