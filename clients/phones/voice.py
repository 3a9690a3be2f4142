"""Runs TwiML on a call: speaks, listens for keys, joins rooms, dials on.

It asks the server for documents and does what they say; when the server is away or its document
cannot be read, the caller hears what callers of the real network hear, and the call ends.
"""

from collections import deque
from functools import partial
from urllib.parse import urljoin

from clients.phones.callbacks import Outgoing
from clients.phones.calls import CallOrder, Calls, call_params, facts_of
from clients.phones.core import Core
from clients.phones.records import Call, Gathering
from clients.phones.rooms import Rooms
from clients.phones.twiml import (
    Conference,
    DialNumber,
    DialRoom,
    Gather,
    Hangup,
    Message,
    NotTwiml,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Verb,
    read,
    seconds_of,
)

# A document that only sends on to the next must not be able to stop the clock.
FETCH_SECONDS = 0.02
# The person by habit listens a moment, then presses one key after the other.
FIRST_KEY_SECONDS = 1.0
NEXT_KEY_SECONDS = 0.3
WAIT_KEYS = {"w": 0.5, "W": 1.0}
BROKEN = "We are sorry, an application error has occurred. Goodbye."
FETCH_FAILED = "11200"
NOT_TWIML = "12100"
EMPTY = "<Response/>"


class Voice:
    """Runs every call's document. It listens to calls and rooms for answer, end and leaving."""

    def __init__(self, core: Core, calls: Calls, rooms: Rooms) -> None:
        self._core = core
        self._calls = calls
        self._rooms = rooms
        calls.answered = self.begin
        calls.ended = self._ended
        rooms.left = self._after_dial

    def begin(self, call: Call) -> None:
        """The line is open, or a person calls us: run the call's document."""
        self._pause(call)
        if call.parent:
            self._bridge(call.parent, call)
        elif call.twiml:
            self._load(call, call.twiml, "", None)
        else:
            self._fetch(call, call.url, call.method, {}, call.fallback)

    def redirect(self, call: Call, url: str, method: str, twiml: str | None) -> None:
        """Leave whatever the call is doing and run another document."""
        self._drop_child(call)
        self._rooms.leave(call, resume=False)
        self._cut(call)
        call.gather = None
        if twiml:
            self._load(call, twiml, "", None)
        else:
            self._fetch(call, url, method, {}, call.fallback)

    def press(self, call: Call, key: str) -> bool:
        """One key. False if nothing listened for keys; then it had no effect."""
        call.keys += key
        self._calls.changed(call)
        gather = call.gather
        if gather is None:
            return False
        self._cut(call)
        gather.prompts.clear()
        gather.waiting = True
        if key == gather.verb.finish:
            self._gathered(call)
            return True
        gather.digits += key
        if gather.verb.limit and len(gather.digits) >= gather.verb.limit:
            self._gathered(call)
        else:
            self._later(call, gather.verb.timeout)
        return True

    def _ended(self, call: Call) -> None:
        self._drop_child(call)
        self._rooms.leave(call, resume=False)
        parent = call.parent
        # A child that was never joined to its parent: the parent goes on by itself.
        if parent and parent.live and parent.child is call and parent.room is None:
            self._after_dial(parent, call.status)

    def _drop_child(self, call: Call) -> None:
        child, call.child = call.child, None
        if child and child.live and child.room is None:
            self._calls.hang_up(child)

    def _fetch(
        self, call: Call, url: str, method: str, extra: dict[str, str], fallback: str | None
    ) -> None:
        turn = self._cut(call)
        wait = FETCH_SECONDS + self._core.callbacks.late("voice", call.handset)
        action = partial(self._ask, call, turn, (url, method), extra, fallback)
        self._core.schedule.after(wait, action)

    async def _ask(
        self,
        call: Call,
        turn: int,
        where: tuple[str, str],
        extra: dict[str, str],
        fallback: str | None,
    ) -> None:
        if call.turn != turn or not call.live:
            return
        url, method = where
        shared = {"AccountSid": self._core.account, "ApiVersion": "2010-04-01"}
        params = shared | call_params(call, call.status) | extra
        facts = facts_of(call) | {"keys": extra.get("Digits")}
        kind = "inbound_call" if call.status == "ringing" else "voice"
        answer = await self._core.callbacks.ask(Outgoing("voice", kind, url, params, facts, method))
        if call.turn != turn or not call.live:
            return
        if answer.good:
            self._load(call, answer.body or EMPTY, url, fallback)
        else:
            self._fall_back(call, url, fallback, FETCH_FAILED)

    def _fall_back(self, call: Call, url: str, fallback: str | None, code: str) -> None:
        if fallback:
            trouble = {"ErrorCode": code, "ErrorUrl": url}
            self._fetch(call, urljoin(url, fallback), "POST", trouble, None)
        else:
            self._break(call)

    def _load(self, call: Call, document: str, base: str, fallback: str | None) -> None:
        try:
            verbs = read(document, base)
        except NotTwiml as error:
            facts = facts_of(call) | {"body": str(error)}
            self._core.truth.add("bad_twiml", facts, accepted=False)
            self._fall_back(call, base, fallback, NOT_TWIML)
            return
        call.base = base
        call.script = deque(verbs)
        if call.status == "ringing":
            if verbs and isinstance(verbs[0], Reject):
                busy = verbs[0].reason == "busy"
                self._calls.end(call, "busy" if busy else "no-answer")
                return
            call.answered_by = "network"
            self._calls.connect(call)
        self._proceed(call)

    def _break(self, call: Call) -> None:
        call.gather = None
        call.script = deque([Say(BROKEN, "en"), Hangup()])
        if call.status == "ringing":
            self._calls.connect(call)
        self._proceed(call)

    def _proceed(self, call: Call) -> None:
        while call.live:
            gather = call.gather
            if gather and not gather.prompts:
                gather.waiting = True
                self._calls.changed(call)
                self._later(call, gather.verb.timeout)
                return
            if gather:
                verb: Verb = gather.prompts.popleft()
            elif call.script:
                verb = call.script.popleft()
            else:
                self._calls.end(call, "completed")
                return
            if self._perform(call, verb):
                return

    def _perform(self, call: Call, verb: Verb) -> bool:
        """Do one verb. True if the call now waits for something."""
        match verb:
            case Say(text):
                call.said.append(text)
                call.speaking = True
                self._later(call, seconds_of(verb))
            case Pause() | Play():
                self._later(call, seconds_of(verb))
            case Gather():
                self._listen(call, verb)
                return False
            case Redirect(url, method):
                self._fetch(call, url, method, {}, call.fallback)
            case Hangup() | Reject():
                self._calls.end(call, "completed")
            case DialRoom(room, then):
                call.after_dial = then
                self._rooms.join(call, room)
            case DialNumber():
                self._dial(call, verb)
            case Message():
                return False
        self._calls.changed(call)
        return True

    def _later(self, call: Call, seconds: float) -> None:
        turn = call.turn
        self._core.schedule.after(seconds, partial(self._go_on, call, turn))

    def _go_on(self, call: Call, turn: int) -> None:
        if call.turn != turn or not call.live:
            return
        call.speaking = False
        if call.gather and call.gather.waiting:
            self._gathered(call)
        else:
            self._proceed(call)

    def _cut(self, call: Call) -> int:
        """Stop what is being said or waited for. Returns the new turn."""
        call.turn += 1
        call.speaking = False
        return call.turn

    def _listen(self, call: Call, verb: Gather) -> None:
        call.gather = gather = Gathering(verb, deque(verb.prompts))
        if call.pending_keys and not call.pausing:
            action = partial(self._press_pending, call, gather)
            self._core.schedule.after(FIRST_KEY_SECONDS, action)

    def _press_pending(self, call: Call, gather: Gathering) -> None:
        if call.gather is not gather or call.pausing or not call.live or not call.pending_keys:
            return
        key, call.pending_keys = call.pending_keys[0], call.pending_keys[1:]
        self.pressed(call, key, "habit")
        if call.pending_keys[:1] in WAIT_KEYS:
            self._pause(call)
        elif call.gather is gather:
            action = partial(self._press_pending, call, gather)
            self._core.schedule.after(NEXT_KEY_SECONDS, action)

    def _pause(self, call: Call) -> None:
        """The waits among the keys. They pass whether or not we listen; a key waits until we do."""
        wait = WAIT_KEYS.get(call.pending_keys[:1])
        call.pausing = call.live and wait is not None
        if call.pausing and wait is not None:
            call.pending_keys = call.pending_keys[1:]
            self._core.schedule.after(wait, partial(self._pause, call))
        elif call.gather:
            self._press_pending(call, call.gather)

    def pressed(self, call: Call, key: str, by: str) -> bool:
        """Press one key and write it into the truth log."""
        listening = call.gather is not None
        facts = facts_of(call) | {"keys": key, "by": by}
        self._core.truth.add("key", facts, accepted=listening)
        return self.press(call, key)

    def _gathered(self, call: Call) -> None:
        gather, call.gather = call.gather, None
        assert gather is not None, "keys are only gathered in a Gather"
        if not gather.digits and not gather.verb.on_empty:
            self._proceed(call)
            return
        extra = {"Digits": gather.digits, "msg": "Gather End"}
        self._fetch(call, gather.verb.action, gather.verb.method, extra, call.fallback)

    def _dial(self, call: Call, verb: DialNumber) -> None:
        call.after_dial = verb.then
        caller = verb.caller or (call.from_ if call.direction == "inbound" else call.to)
        call.child = self._calls.dial(
            CallOrder(
                to=verb.number,
                from_=caller,
                callback=verb.callback,
                events=verb.events,
                timeout=verb.timeout,
                parent=call,
            )
        )

    def _bridge(self, parent: Call, child: Call) -> None:
        if not parent.live:
            self._calls.hang_up(child)
            return
        both = Conference(f"dial {parent.sid}", True, True, False, None, frozenset())
        self._rooms.join(parent, both, private=True)
        self._rooms.join(child, both, private=True)

    def _after_dial(self, call: Call, status: str = "completed") -> None:
        then, call.after_dial = call.after_dial, None
        child, call.child = call.child, None
        self._cut(call)
        if then is None or then.action is None:
            self._proceed(call)
            return
        extra = {"DialCallStatus": status}
        if child:
            extra["DialCallSid"] = child.sid
        self._fetch(call, then.action, then.method, extra, call.fallback)
