"""Simulated staff for a replay: people who answer, come late, cannot go, or never answer.

They act as people do, by text, by key in a call and on a tablet, and know only what people know:
the texts they got, the phone that rings, and the screens.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clients.client import DirectlineClient
from clients.clock import Clock
from clients.errors import Refused, Unanswered
from clients.habits import Habit, dice, habit, read_ask, spoken_booth
from clients.handsets import Handsets
from clients.house import House
from clients.keys import Person
from clients.state import ASKING

# After so many texts and calls about one alert even those who never answer do.
ASKS_IGNORED = 3
SAY_AGAIN_SECONDS = 1.0
SAY_TRIES_MAX = 120
LISTEN_SECONDS = 3.0
OUTCOMES = ("monitored", "oxygen", "naloxone", "other_medical", "not_medical")


@dataclass(slots=True)
class Counts:
    """What the staff have done so far, and sentences about what went wrong."""

    texts: int = 0
    keys: int = 0
    ended: int = 0
    troubles: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Task:
    """One alert in one person's head."""

    number: int
    habit: Habit
    asked_at: float
    asked: int = 0
    answered: bool = False
    done: bool = False

    @property
    def willing(self) -> bool:
        """Whether the person answers it at all by now."""
        return self.habit is not Habit.NEVER or self.asked > ASKS_IGNORED

    @property
    def declines(self) -> bool:
        """Whether the answer is that he or she cannot go."""
        return self.habit is Habit.CANNOT and self.asked <= ASKS_IGNORED


@dataclass(frozen=True, slots=True)
class Tablet:
    """A paired tablet and the person whose PIN ends alerts on it."""

    client: DirectlineClient
    person: Person

    async def close(self, alert_id: str, outcome: str) -> None:
        """End the alert. Raises as `DirectlineClient.act` does."""
        await self.client.act(
            alert_id, "close", self.person.id, pin=self.person.pin, outcome=outcome, patience=None
        )


class Staff:
    """All people of the site. Feed it `hear` and `ring`, and run `work` for each person.

    `scale` is the server's time scale: people's delays, in seconds, are divided by it. `arrival`
    is the site's arrival clock, which the late ones overrun. Without a tablet nobody closes.
    """

    def __init__(
        self,
        handsets: Handsets,
        house: House,
        clock: Clock,
        *,
        tablet: Tablet | None,
        seed: int,
        scale: float,
    ) -> None:
        self._handsets = handsets
        self._house = house
        self._clock = clock
        self._tablet = tablet
        self._seed = seed
        self._scale = scale
        self._tasks: dict[tuple[str, int], Task] = {}
        self._answered_at: dict[int, float] = {}
        self._attended: set[int] = set()
        self._senders: dict[tuple[str, int], str] = {}
        self._any_sender: str | None = None
        self._away: set[str] = set()
        self.arrival = 30.0
        self.counts = Counts()

    @property
    def closes(self) -> bool:
        """Whether these people can end an alert; without a tablet they leave it recovering."""
        return self._tablet is not None

    @property
    def caring(self) -> bool:
        """Whether somebody is still busy at a booth: what they do there has not been counted."""
        return bool(self._attended)

    def hear(self, person: Person, text: Mapping[str, Any]) -> None:
        """A text has reached this person."""
        ask = read_ask(text)
        if ask is not None:
            self._any_sender = self._senders[(person.id, ask.number)] = ask.sender
            self._asked(self._task(person, ask.number))

    async def pick_up(self, person: Person, call: Mapping[str, Any]) -> None:
        """A phone rings; it is answered or rings out, as its owner's habit is."""
        task = self._oldest(person)
        if task is None or person.id in self._away:
            return
        self._asked(task)
        if not task.willing:
            return
        delays = dice(self._seed, task.number, person.id, "call", task.asked)
        try:
            await self._pause(delays.uniform(1, 4))
            await self._handsets.answer(call["sid"])
            await self._pause(delays.uniform(2, 5))
            task = await self._listened(person, call, task)
            if not await self._press(call, "0" if task.declines else "1"):
                return
        except (Refused, Unanswered):
            return  # It has stopped ringing, or was hung up: somebody else was first.
        self.counts.keys += 1
        if task.declines:
            task.done = True
        else:
            self._answered(task)

    async def work(self, person: Person) -> None:
        """This person's endless day: the oldest alert that wants an answer, and then the next."""
        while True:
            task = next((it for it in self._own(person) if self._wanted(it)), None)
            if task is None:
                await self._house.wait()
                continue
            try:
                await self._attend(person, task)
            except (Refused, Unanswered) as problem:
                self.counts.troubles.append(f"{person.id}, alert {task.number}: {problem}")
                task.done = True
            finally:
                self._away.discard(person.id)

    async def _attend(self, person: Person, task: Task) -> None:
        delays = dice(self._seed, task.number, person.id, "text", task.asked)
        if not task.answered:
            await self._pause(delays.uniform(1, 6))
        if not self._wanted(task):
            return
        if task.declines:
            task.done = True
            await self._say(person, task, "0")
            return
        self._away.add(person.id)
        if not task.answered:
            self._answered(task)
            await self._say(person, task, "1")
        walk = delays.uniform(4, 12)
        if task.habit is Habit.LATE:
            walk += self.arrival * delays.uniform(1.1, 2.0)
        await self._pause(walk)
        task.done = True
        if self._is_asking(task.number):
            await self._help(person, task, delays)

    async def _help(self, person: Person, task: Task, delays: random.Random) -> None:
        """At the booth. Whoever finds nobody stays to the end; the others see that all is well."""
        self._answered(task)
        await self._say(person, task, "2")
        if task.number in self._attended:
            return
        self._attended.add(task.number)
        try:
            await self._care(person, task, delays)
        finally:
            self._attended.discard(task.number)

    async def _care(self, person: Person, task: Task, delays: random.Random) -> None:
        await self._pause(delays.uniform(5, 20))
        await self._say(person, task, "4")
        if self._tablet is None:
            return
        await self._pause(delays.uniform(2, 6))
        alert = self._house.numbered(task.number)
        if alert is not None and alert.get("state") != "closed":
            try:
                await self._tablet.close(alert["id"], delays.choice(OUTCOMES))
            except Refused as refused:
                if not str(refused.problem.get("type")).endswith(":closed"):
                    raise
                return  # Somebody else was first, while the screens were behind.
            self.counts.ended += 1

    async def _listened(self, person: Person, call: Mapping[str, Any], guess: Task) -> Task:
        """The alert that the voice names by its booth; the guess where it says nothing of use."""
        deadline = self._clock.monotonic() + LISTEN_SECONDS
        while self._clock.monotonic() < deadline:
            said = await self._handsets.said(call)
            if said:
                booth = spoken_booth(said)
                asking = self._house.open_own(asking=True)
                number = next((it["number"] for it in asking if it.get("booth") == booth), None)
                return guess if number is None else self._task(person, number)
            await self._clock.sleep(LISTEN_SECONDS / 20)
        return guess

    async def _press(self, call: Mapping[str, Any], key: str) -> bool:
        """Press a key, again while the voice is not listening for one yet."""
        deadline = self._clock.monotonic() + LISTEN_SECONDS
        while self._clock.monotonic() < deadline:
            if await self._handsets.press(call["sid"], key):
                return True
            await self._clock.sleep(LISTEN_SECONDS / 20)
        return False

    def _own(self, person: Person) -> list[Task]:
        return [task for (owner, _), task in self._tasks.items() if owner == person.id]

    def _wanted(self, task: Task) -> bool:
        """Whether its owner would see to it now.

        Who is asked again after somebody has answered knows that more people are needed.
        """
        if task.done or not self._is_asking(task.number):
            return False
        asked_since = task.asked_at > self._answered_at.get(task.number, float("-inf"))
        return task.answered or (task.willing and asked_since)

    def _oldest(self, person: Person) -> Task | None:
        """The alert a ringing phone is about, as far as its owner can guess.

        Somebody who was never texted can only know what the screens show: the oldest alert.
        """
        asking = [task for task in self._own(person) if self._is_asking(task.number)]
        if asking:
            return min(asking, key=lambda task: (task.done, task.answered))
        waiting = [it["number"] for it in self._house.open_own(asking=True) if _unanswered(it)]
        return self._task(person, min(waiting)) if waiting else None

    def _is_asking(self, number: int) -> bool:
        alert = self._house.numbered(number)
        return alert is not None and alert.get("state") in ASKING

    def _task(self, person: Person, number: int) -> Task:
        key = (person.id, number)
        if key not in self._tasks:
            kind = habit(self._seed, number, person.id)
            self._tasks[key] = Task(number, kind, self._clock.monotonic())
        return self._tasks[key]

    def _asked(self, task: Task) -> None:
        task.asked += 1
        task.asked_at = self._clock.monotonic()
        if task.done:
            # Asked again after all: the first answer has not been enough.
            task.done = task.answered = False
        self._house.ring()

    def _answered(self, task: Task) -> None:
        task.answered = True
        self._answered_at[task.number] = self._clock.monotonic()
        self._house.ring()

    async def _say(self, person: Person, task: Task, answer: str) -> None:
        """Text an answer with the alert's number; again while the site does not take it."""
        sender = self._senders.get((person.id, task.number), self._any_sender)
        if sender is None:
            return
        for _ in range(SAY_TRIES_MAX):
            if await self._handsets.say(person.phone, sender, f"{task.number} {answer}"):
                self.counts.texts += 1
                return
            await self._clock.sleep(SAY_AGAIN_SECONDS)
        raise Unanswered(f"the site took no text in {SAY_TRIES_MAX} tries", reached=False)

    async def _pause(self, seconds: float) -> None:
        await self._clock.sleep(seconds / self._scale)


def _unanswered(alert: Mapping[str, Any]) -> bool:
    return alert.get("state") == "unanswered"
