"""Speaks an announcement to people who are in a room; nobody else in it hears a word.

It runs no call's document: that waits until the call leaves the room. Whoever has left the room
hears no more of an announcement that is still going on, and several are spoken one by one.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from clients.phones.callbacks import Outgoing
from clients.phones.calls import Calls, call_params, facts_of
from clients.phones.core import Core
from clients.phones.records import Call, Room
from clients.phones.twiml import NotTwiml, Pause, Play, Redirect, Say, Verb, read, seconds_of

FETCH_SECONDS = 0.02
ALLOWED = (Say, Play, Pause, Redirect)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where the words are asked for, and in which room they are spoken to whom."""

    room: Room
    listeners: tuple[Call, ...]
    url: str
    method: str


class Announcements:
    """Asks the server for the words of an announcement and speaks them."""

    def __init__(self, core: Core, calls: Calls) -> None:
        self._core = core
        self._calls = calls
        self._waiting: dict[str, deque[Verb]] = {}

    def announce(self, room: Room, listeners: Iterable[Call], url: str, method: str) -> None:
        """Speak what `url` answers to these people of the room, and to nobody else."""
        ordered = Announcement(room, tuple(listeners), url, method)
        self._core.schedule.after(FETCH_SECONDS, partial(self._ask, ordered))

    def clear(self) -> None:
        """Forget every announcement."""
        self._waiting.clear()

    async def _ask(self, ordered: Announcement) -> None:
        room, first = ordered.room, next(iter(ordered.listeners), None)
        params = {
            "AccountSid": self._core.account,
            "ApiVersion": "2010-04-01",
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
        }
        facts: dict[str, object] = {"sid": room.sid, "phone": "", "room": room.name}
        if first is not None and len(ordered.listeners) == 1:
            params |= call_params(first, first.status)
            facts |= facts_of(first)
        question = Outgoing("voice", "announce", ordered.url, params, facts, ordered.method)
        answer = await self._core.callbacks.ask(question)
        if not answer.good:
            return
        try:
            verbs = _words(answer.body, ordered.url)
        except NotTwiml as error:
            told = facts | {"body": str(error)}
            self._core.truth.add("bad_twiml", told, accepted=False)
            return
        for call in ordered.listeners:
            self._add(room, call, verbs)

    def _add(self, room: Room, call: Call, verbs: list[Verb]) -> None:
        if call.room is not room:
            return
        waiting = self._waiting.get(call.sid)
        if waiting is not None:
            waiting.extend(verbs)
            return
        self._waiting[call.sid] = deque(verbs)
        self._go_on(room, call)

    def _go_on(self, room: Room, call: Call) -> None:
        waiting = self._waiting.get(call.sid)
        if call.room is not room or not waiting:
            self._waiting.pop(call.sid, None)
            # Outside the room the call's own document says whether it is being spoken to.
            if call.room is room:
                self._speaks(call, speaking=False)
            return
        verb = waiting.popleft()
        if isinstance(verb, Redirect):
            self.announce(room, [call], verb.url, verb.method)
            self._go_on(room, call)
            return
        if isinstance(verb, Say):
            call.said.append(verb.text)
        self._speaks(call, speaking=isinstance(verb, Say))
        self._core.schedule.after(seconds_of(verb), partial(self._go_on, room, call))

    def _speaks(self, call: Call, *, speaking: bool) -> None:
        call.speaking = speaking
        self._calls.changed(call)


def _words(document: str, url: str) -> list[Verb]:
    """The verbs of an announcement. Raises NotTwiml for what cannot be announced."""
    verbs = read(document, url)
    for verb in verbs:
        if not isinstance(verb, ALLOWED):
            raise NotTwiml(f"{type(verb).__name__} cannot be announced in a room")
    return verbs
