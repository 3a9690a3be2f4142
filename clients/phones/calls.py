"""The life of a call: queued, ringing, answered or not, ended, with a callback for each step.

What is said and pressed during a call is not decided here; `voice` is told of answer and end.
A handset has one call at a time: a second one is busy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from clients.phones.core import Core
from clients.phones.handsets import GREETING_SECONDS
from clients.phones.records import Call, Handset

INITIATED_SECONDS = 0.05
RINGING_SECONDS = 0.1
BUSY_SECONDS = 0.3
# How long the network looks for a phone that is switched off.
UNREACHABLE_SECONDS = 3.0
# A voicemail picks up after so long, but always before the caller gives up.
VOICEMAIL_SECONDS = 4.0
VOICEMAIL_SHARE = 0.8
EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
ENDINGS = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class CallOrder:
    """What a request to Calls asks for. `timeout` is in seconds of ringing."""

    to: str
    from_: str
    url: str = ""
    method: str = "POST"
    fallback: str | None = None
    twiml: str | None = None
    callback: str | None = None
    events: frozenset[str] = frozenset({"completed"})
    timeout: float = 60.0
    parent: Call | None = None
    fault_code: int | None = None


class Calls:
    """All calls, by SID and in order. Set `answered` and `ended` before the first one."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.by_sid: dict[str, Call] = {}
        self.all: list[Call] = []
        self.answered: Callable[[Call], None] = _nothing
        self.ended: Callable[[Call], None] = _nothing

    def dial(self, order: CallOrder) -> Call:
        """Take a call to a handset. It is placed by the schedule."""
        direction = "outbound-dial" if order.parent else "outbound-api"
        call = self._new(order.to, order.from_, direction, order.to, "queued")
        call.url, call.method, call.fallback = order.url, order.method, order.fallback
        call.twiml, call.callback, call.events = order.twiml, order.callback, order.events
        call.timeout, call.parent, call.fault_code = order.timeout, order.parent, order.fault_code
        self._core.schedule.after(INITIATED_SECONDS, partial(self._initiate, call))
        return call

    def incoming(self, from_: str, to: str, url: str) -> Call:
        """A person calls us. The caller must see that the handset is free."""
        call = self._new(to, from_, "inbound", from_, "ringing")
        call.url = url
        call.dialled_at = call.created_at
        self._core.handsets.get(from_).current = call
        return call

    def live_at(self, number: str) -> Call | None:
        """The call that rings at this handset or that it is in."""
        handset = self._core.handsets.by_number.get(number)
        return handset.current if handset else None

    def answer(
        self, call: Call, by: str, keys: str = "", hang_up_after: float | None = None
    ) -> None:
        """The phone is picked up, by a `person` or by `voicemail`. Nothing unless it rings."""
        if call.status != "ringing":
            return
        call.answered_by, call.pending_keys = by, keys
        self.connect(call)
        if hang_up_after is not None:
            self._core.schedule.after(hang_up_after, partial(self._gives_up, call))
        self.answered(call)

    def connect(self, call: Call) -> None:
        """The line is open: the call is in progress from now."""
        self._stops_ringing(call)
        call.status = "in-progress"
        call.answered_at = self._core.schedule.now()
        call.answered_mono = self._core.schedule.monotonic()
        self.changed(call)
        self._tell(call, "in-progress")

    def end(self, call: Call, status: str) -> None:
        """End it with a final status; nothing if it has ended."""
        if not call.live:
            return
        now = self._core.schedule.now()
        self._stops_ringing(call)
        if call.answered_mono is not None:
            call.duration = max(0, round(self._core.schedule.monotonic() - call.answered_mono))
        call.status, call.ended_at, call.updated_at = status, now, now
        call.turn += 1
        call.speaking, call.gather = False, None
        call.script.clear()
        self.changed(call)
        handset = self._core.handsets.get(call.handset)
        if handset.current is call:
            handset.current = None
        self._core.handsets.touch(handset, now)
        self._tell(call, status)
        self.ended(call)

    def hang_up(self, call: Call) -> None:
        """One side hangs up: `completed` if the line was open, `canceled` if it still rang."""
        self.end(call, "completed" if call.answered_mono is not None else "canceled")

    def changed(self, call: Call) -> None:
        """Let the page show it anew."""
        call.updated_at = self._core.schedule.now()
        self._core.handsets.touch(self._core.handsets.get(call.handset))

    def act(self, call: Call, what: str, by: str) -> None:
        """Write a person's act on this call into the truth log."""
        self._core.truth.add("act", facts_of(call) | {"do": what, "by": by}, accepted=True)

    def clear(self) -> None:
        """Forget every call."""
        self.by_sid.clear()
        self.all.clear()

    def _new(self, to: str, from_: str, direction: str, number: str, status: str) -> Call:
        now = self._core.schedule.now()
        sid = self._core.new_sid("CA")
        call = Call(len(self.all) + 1, sid, from_, to, direction, number, status, now, now)
        self.by_sid[sid] = call
        self.all.append(call)
        handset = self._core.handsets.get(number)
        handset.calls.append(call)
        self._core.handsets.touch(handset, now)
        return call

    def _initiate(self, call: Call) -> None:
        if call.status != "queued":
            return
        call.dialled_at = self._core.schedule.now()
        self._tell(call, "initiated")
        if call.fault_code is not None:
            self._core.schedule.after(RINGING_SECONDS, partial(self.end, call, "failed"))
            return
        self._core.schedule.after(RINGING_SECONDS, partial(self._reach, call))

    def _reach(self, call: Call) -> None:
        if call.status != "queued":
            return
        handset = self._core.handsets.get(call.handset)
        if handset.off and not handset.voicemail:
            wait = min(UNREACHABLE_SECONDS, call.timeout)
            self._core.schedule.after(wait, partial(self._unanswered, call))
        elif handset.busy or self.live_at(call.handset):
            self._core.schedule.after(BUSY_SECONDS, partial(self.end, call, "busy"))
        else:
            self._ring(call, handset)

    def _ring(self, call: Call, handset: Handset) -> None:
        call.status, handset.current = "ringing", call
        call.rang_mono = self._core.schedule.monotonic()
        self.changed(call)
        self._core.handsets.touch(handset, call.updated_at)
        self._tell(call, "ringing")
        pick_up, greeting = handset.pick_up, handset.greeting
        if handset.off:
            self._core.schedule.after(0, partial(self.voicemail, call, "habit"))
        elif pick_up:
            action = partial(self._picks_up, call, pick_up.keys, pick_up.hang_up_after)
            self._core.schedule.after(pick_up.after, action)
        elif handset.voicemail:
            wait = min(VOICEMAIL_SECONDS, call.timeout * VOICEMAIL_SHARE)
            if greeting and greeting.after is not None:
                wait = greeting.after
            self._core.schedule.after(wait, partial(self.voicemail, call, "habit"))
        self._core.schedule.after(call.timeout, partial(self._unanswered, call))

    def voicemail(self, call: Call, by: str) -> None:
        """The voicemail picks up: it greets, listens, presses nothing and hangs up in the end."""
        if call.status != "ringing":
            return
        greeting = self._core.handsets.get(call.handset).greeting
        self.act(call, "voicemail", by)
        if greeting and greeting.text:
            call.spoken.append(greeting.text)
        stays = greeting.stays if greeting else GREETING_SECONDS
        self.answer(call, "voicemail", hang_up_after=stays)

    def rang(self, call: Call) -> float | None:
        """How many seconds it has rung, up to now if it still does; None if it never did."""
        if call.rang_seconds is not None or call.rang_mono is None:
            return call.rang_seconds
        return self._core.schedule.monotonic() - call.rang_mono

    def _stops_ringing(self, call: Call) -> None:
        call.rang_seconds = self.rang(call)

    def _picks_up(self, call: Call, keys: str, hang_up_after: float | None) -> None:
        if call.status == "ringing":
            self.act(call, "answer", "habit")
            self.answer(call, "person", keys, hang_up_after)

    def _gives_up(self, call: Call) -> None:
        if call.live:
            self.act(call, "hang_up", "habit")
            self.hang_up(call)

    def _unanswered(self, call: Call) -> None:
        if call.status in ("queued", "ringing"):
            self.end(call, "no-answer")

    def _tell(self, call: Call, status: str) -> None:
        sequence = call.sequence
        call.sequence += 1
        if call.callback is None or EVENTS.get(status, "completed") not in call.events:
            return
        params = call_params(call, status) | {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
            "Timestamp": self._core.timestamp(),
        }
        if status in ENDINGS:
            params["CallDuration"] = str(call.duration)
            params["Duration"] = str(-(-call.duration // 60))
        if status == "failed" and call.fault_code is not None:
            params["ErrorCode"] = str(call.fault_code)
        facts = facts_of(call) | {"state": status, "sequence": sequence}
        self._core.tell("calls", call.callback, params, facts)


def call_params(call: Call, status: str) -> dict[str, str]:
    """The parameters that stand in everything we tell about a call."""
    params = {
        "CallSid": call.sid,
        "CallStatus": status,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "Direction": call.direction,
    }
    if call.parent:
        params["ParentCallSid"] = call.parent.sid
    return params


def facts_of(call: Call) -> dict[str, Any]:
    """What the truth log says of a call."""
    return {"sid": call.sid, "to": call.to, "from": call.from_, "phone": call.handset}


def _nothing(call: Call) -> None:
    raise AssertionError(f"nobody listens for call {call.sid}")
