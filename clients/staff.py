"""Simulated staff for a replay: people who answer, come late, cannot go, or never answer.

Whether and when a person answers is drawn from the seed, the alert's number and the person, so
that a replay can be repeated. They act as people do: by text, by key in a call, and on a tablet.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from clients.clock import Clock
from clients.errors import Refused, Unanswered
from clients.handsets import Handsets
from clients.house import House
from clients.keys import Person
from clients.tablet import Tablet
from clients.texts import Ask, read_ask

# After so many texts and calls for one alert even those who never answer do.
ASKS_IGNORED = 3
SAY_AGAIN_SECONDS = 1.0
SAY_TRIES_MAX = 120


class Habit(StrEnum):
    """What a person does about one alert."""

    PROMPT = "prompt"
    LATE = "late"
    CANNOT = "cannot"
    NEVER = "never"


_HABITS = ((0.55, Habit.PROMPT), (0.78, Habit.LATE), (0.86, Habit.CANNOT), (1.0, Habit.NEVER))
# In one alert of ten nobody listens at first: the ladder has to go round.
_DEAF_ALERTS = 0.1


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
    sender: str | None
    asked_at: float
    asked: int = 0
    answered: bool = False
    done: bool = False


def habit(seed: int, number: int, person: str) -> Habit:
    """What this person does about this alert; always the same for the same three."""
    if random.Random(f"{seed} {number}").random() < _DEAF_ALERTS:  # noqa: S311 - no secret.
        return Habit.NEVER
    drawn = random.Random(f"{seed} {number} {person}").random()  # noqa: S311 - no secret.
    return next(kind for limit, kind in _HABITS if drawn < limit)


class Staff:
    """All people of the site. Run `listen` and `work` of each person beside the replay.

    `scale` is the server's time scale: people's delays, in seconds, are divided by it. `arrival`
    is the site's arrival clock, which the late ones overrun. Without a tablet nobody closes.
    """

    def __init__(
        self,
        handsets: Handsets,
        house: House,
        tablet: Tablet | None,
        clock: Clock,
        *,
        seed: int,
        scale: float,
        arrival: float = 30.0,
    ) -> None:
        self._handsets = handsets
        self._house = house
        self._tablet = tablet
        self._clock = clock
        self._seed = seed
        self._scale = scale
        self._arrival = arrival
        self._tasks: dict[tuple[str, int], Task] = {}
        self._settled_at: dict[int, float] = {}
        self._lead: dict[int, str] = {}
        self._away: set[str] = set()
        self._bell = asyncio.Event()
        self.counts = Counts()

    def hear(self, person: Person, text: Ask) -> None:
        """A text that asks has reached this person."""
        task = self._task(person, text.number, text.sender)
        task.sender = text.sender
        self._asked(task)

    async def pick_up(self, person: Person, sid: str) -> None:
        """A call rings at this person; it is answered, or rings out, as the person's habit is."""
        task = self._oldest(person)
        if task is None or person.id in self._away:
            return
        self._asked(task)
        if not _willing(task):
            return
        dice = self._dice(task, person, "call")
        await self._pause(dice.uniform(1, 4))
        try:
            await self._handsets.answer(sid)
            await self._pause(dice.uniform(2, 5))
            await self._handsets.press(sid, "0" if task.habit is Habit.CANNOT else "1")
        except (Refused, Unanswered):
            return  # It has stopped ringing, or was hung up: somebody else was first.
        self.counts.keys += 1
        self._answered(task)

    async def work(self, person: Person) -> None:
        """This person's endless day: the oldest alert that wants an answer, and then the next."""
        while True:
            bells = (self._bell, self._house)
            task = next(iter(self._wanted(person)), None)
            if task is None:
                await _first(bells[0].wait(), bells[1].wait())
                continue
            try:
                await self._attend(person, task)
            except (Refused, Unanswered) as problem:
                self.counts.troubles.append(f"{person.id}, alert {task.number}: {problem}")
                task.done = True
            finally:
                self._away.discard(person.id)

    async def _attend(self, person: Person, task: Task) -> None:
        dice = self._dice(task, person, "text")
        if not task.answered:
            await self._pause(dice.uniform(1, 6))
        if task not in self._wanted(person):
            return
        if task.habit is Habit.CANNOT and task.asked <= ASKS_IGNORED:
            task.done = True
            if not task.answered:
                await self._say(person, task, "0")
            return
        self._away.add(person.id)
        if not task.answered:
            await self._say(person, task, "1")
            self._answered(task)
        walk = dice.uniform(4, 12)
        if task.habit is Habit.LATE:
            walk += self._arrival * dice.uniform(1.1, 2.0)
        await self._pause(walk)
        task.done = True
        if self._is_asking(task.number):
            await self._help(person, task, dice)

    async def _help(self, person: Person, task: Task, dice: random.Random) -> None:
        """At the booth. The first one there stays to the end; the others see that all is well."""
        await self._say(person, task, "2")
        self._answered(task)
        if self._lead.setdefault(task.number, person.id) != person.id:
            return
        await self._pause(dice.uniform(5, 20))
        await self._say(person, task, "4")
        if self._tablet is None:
            return
        await self._pause(dice.uniform(2, 6))
        alert = self._house.numbered(task.number)
        if alert is not None and alert.get("state") != "closed":
            await self._tablet.close(alert["id"], dice)
            self.counts.ended += 1

    def _wanted(self, person: Person) -> Iterable[Task]:
        """This person's open tasks that he or she would take up now, oldest first."""
        return [
            task
            for (owner, _), task in self._tasks.items()
            if owner == person.id
            and not task.done
            and self._is_asking(task.number)
            and (task.answered or (_willing(task) and self._still_wanted(task)))
        ]

    def _oldest(self, person: Person) -> Task | None:
        """The alert a ringing phone is about, as far as its owner can guess.

        Somebody who was never texted can only know what the screens show: the oldest alert.
        """
        for (owner, _), task in self._tasks.items():
            if owner == person.id and not task.answered and self._is_asking(task.number):
                return task
        waiting = [it for it in self._house.open_own(asking=True) if not it.get("answers")]
        if not waiting:
            return None
        return self._task(person, min(it["number"] for it in waiting), None)

    def _still_wanted(self, task: Task) -> bool:
        """False when somebody has answered since: who is asked again knows that more are needed."""
        return task.asked_at > self._settled_at.get(task.number, float("-inf"))

    def _is_asking(self, number: int) -> bool:
        alert = self._house.numbered(number)
        return alert is not None and alert in self._house.open_own(asking=True)

    def _task(self, person: Person, number: int, sender: str | None) -> Task:
        key = (person.id, number)
        if key not in self._tasks:
            kind = habit(self._seed, number, person.id)
            self._tasks[key] = Task(number, kind, sender, self._clock.monotonic())
        return self._tasks[key]

    def _asked(self, task: Task) -> None:
        task.asked += 1
        task.asked_at = self._clock.monotonic()
        self._ring()

    def _answered(self, task: Task) -> None:
        task.answered = True
        if task.habit is not Habit.CANNOT:
            self._settled_at[task.number] = self._clock.monotonic()
        self._ring()

    async def _say(self, person: Person, task: Task, answer: str) -> None:
        """Text an answer with the alert's number; again while the site cannot be reached."""
        if task.sender is None:
            return
        for _ in range(SAY_TRIES_MAX):
            if await self._handsets.say(person.phone, task.sender, f"{task.number} {answer}"):
                self.counts.texts += 1
                return
            await self._clock.sleep(SAY_AGAIN_SECONDS)
        raise Unanswered("the site took no text for two minutes", reached=False)

    async def _pause(self, seconds: float) -> None:
        await self._clock.sleep(seconds / self._scale)

    def _dice(self, task: Task, person: Person, what: str) -> random.Random:
        return random.Random(f"{self._seed} {task.number} {person.id} {what}")  # noqa: S311

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()
