"""The life of a text, in both directions: queued, sent, delivered or not, and answered by habit.

A text to a phone that is switched off stays `sent`; it arrives when the phone is switched on,
and becomes `undelivered` (30003) when its validity ends first. Opt-out holds for the handset and
all our numbers, as with Twilio's services that share one sender pool.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from clients.phones.callbacks import Answer, Outgoing
from clients.phones.core import Core
from clients.phones.records import Handset, Text
from clients.phones.twiml import Message, NotTwiml, read

SENT_SECONDS = 0.05
DELIVERED_SECONDS = 0.25

STOP_WORDS = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT".split())
START_WORDS = frozenset("START YES UNSTOP".split())
HELP_WORDS = frozenset("HELP INFO".split())
# These end a text after the carrier took it; every other code means that it never left.
CARRIER_CODES = frozenset({30003, 30004, 30005, 30006, 30007, 30008, 30410, 30450})
UNREACHABLE = 30003
STOPPED = 21610
CODE_IN_TEXT = re.compile(r"#([0-9]{1,4})\b")


@dataclass(frozen=True, slots=True)
class TextOrder:
    """What a request to Messages asks for. `validity` is in seconds."""

    to: str
    from_: str
    body: str
    callback: str | None = None
    validity: float = 36000.0
    fault_code: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server made of a person's text: its texts back, and its HTTP status."""

    text: Text
    status: int | None
    answers: list[str]


class Texts:
    """All texts, by SID and in order."""

    def __init__(self, core: Core, sms_url: str | None) -> None:
        self._core = core
        self._sms_url = sms_url
        self.by_sid: dict[str, Text] = {}
        self.all: list[Text] = []
        self.of_number: dict[str, list[Text]] = {}

    def send(self, order: TextOrder, direction: str = "outbound-api") -> Text:
        """Take a text for a handset. It goes out by the schedule."""
        text = self._new(order.to, order.from_, order.body, direction, "queued")
        text.callback, text.validity = order.callback, order.validity
        text.fault_code = order.fault_code
        handset = self._core.handsets.get(order.to)
        handset.texts.append(text)
        self._core.handsets.touch(handset, text.created_at)
        self._core.schedule.after(SENT_SECONDS, partial(self._sent, text, handset))
        return text

    async def receive(self, from_: str, to: str, body: str) -> Answered:
        """A person sends us a text: tell the server and deliver what it answers."""
        late = self._core.callbacks.late("texts", from_)
        if late:
            await self._core.schedule.pause(late)
        return await self._take_in(from_, to, body)

    async def _take_in(self, from_: str, to: str, body: str) -> Answered:
        core = self._core
        handset = core.handsets.get(from_)
        text = self._new(to, from_, body, "inbound", "received")
        handset.texts.append(text)
        core.handsets.touch(handset, text.created_at)
        opted = _opt(handset, body)
        answer = await self._ask(text, opted)
        words: list[str] = []
        for message in _messages(answer):
            words.append(message.body)
            self._answer(TextOrder(message.to or from_, message.sender or to, message.body))
        return Answered(text, answer.status, words)

    def _answer(self, order: TextOrder) -> None:
        facts = {"to": order.to, "from": order.from_, "phone": order.to, "body": order.body}
        if self._core.handsets.get(order.to).stopped:
            self._core.truth.add("answer", facts | {"code": STOPPED}, accepted=False)
            return
        text = self.send(order, "outbound-reply")
        self._core.truth.add("answer", facts | {"sid": text.sid}, accepted=True)

    def switched_on(self, handset: Handset) -> None:
        """Deliver what waited while the phone was off."""
        for text in handset.texts:
            if text.status == "sent" and text.fault_code is None:
                self._core.schedule.after(
                    DELIVERED_SECONDS, partial(self._delivered, text, handset)
                )

    def clear(self) -> None:
        """Forget every text."""
        self.by_sid.clear()
        self.all.clear()
        self.of_number.clear()

    def _new(self, to: str, from_: str, body: str, direction: str, status: str) -> Text:
        now = self._core.schedule.now()
        sid = self._core.new_sid("SM")
        text = Text(len(self.all) + 1, sid, from_, to, body, direction, status, now, now)
        self.by_sid[sid] = text
        self.all.append(text)
        self.of_number.setdefault(to, []).append(text)
        return text

    def _sent(self, text: Text, handset: Handset) -> None:
        code = text.fault_code
        if code is not None and code not in CARRIER_CODES:
            self._fail(text, handset, "failed", code)
            return
        text.sent_at = self._core.schedule.now()
        self._becomes(text, handset, "sent")
        if code is not None:
            fail = partial(self._fail, text, handset, "undelivered", code)
            self._core.schedule.after(DELIVERED_SECONDS, fail)
            return
        self._core.schedule.after(DELIVERED_SECONDS, partial(self._delivered, text, handset))

    def _delivered(self, text: Text, handset: Handset) -> None:
        if text.status != "sent":
            return
        if handset.off:
            waits = text.validity
            if handset.unreachable_after is not None:
                waits = min(waits, handset.unreachable_after)
            left = max(0.0, waits - DELIVERED_SECONDS)
            self._core.schedule.after(left, partial(self._expired, text, handset))
            return
        text.arrived_at = self._core.schedule.now()
        self._becomes(text, handset, "delivered")
        self._core.handsets.touch(handset, text.arrived_at)
        reply = handset.reply
        # A person answers what asks, not the answer to an answer; else two machines would talk
        # for ever. And one reply is on its way to one of our numbers at a time.
        if reply and text.direction == "outbound-api" and text.from_ not in handset.replying_to:
            handset.replying_to.add(text.from_)
            action = partial(self._reply, text, handset, reply.text)
            self._core.schedule.after(reply.after, action)

    def _reply(self, text: Text, handset: Handset, words: str) -> None:
        handset.replying_to.discard(text.from_)
        if handset.off:
            return
        code = CODE_IN_TEXT.search(text.body)
        words = words.replace("{code}", code[1] if code else "").strip()
        # An action of the schedule must not wait for the schedule.
        late = self._core.callbacks.late("texts", handset.number)
        self._core.schedule.after(late, partial(self._text_us, handset.number, text.from_, words))

    async def _text_us(self, from_: str, to: str, body: str) -> None:
        await self._take_in(from_, to, body)

    def _expired(self, text: Text, handset: Handset) -> None:
        if text.status == "sent":
            self._fail(text, handset, "undelivered", UNREACHABLE)

    def _fail(self, text: Text, handset: Handset, status: str, code: int) -> None:
        text.error = code
        self._becomes(text, handset, status)

    def _becomes(self, text: Text, handset: Handset, status: str) -> None:
        text.status, text.updated_at = status, self._core.schedule.now()
        self._core.handsets.touch(handset)
        if text.callback is None:
            return
        params = {
            "MessageSid": text.sid,
            "MessageStatus": status,
            "SmsSid": text.sid,
            "SmsStatus": status,
            "To": text.to,
            "From": text.from_,
        }
        if text.error is not None:
            params["ErrorCode"] = str(text.error)
        facts = _facts(text) | {"state": status, "code": text.error}
        self._core.tell("messages", text.callback, params, facts)

    async def _ask(self, text: Text, opted: str | None) -> Answer:
        core = self._core
        facts = _facts(text) | {"body": text.body, "opt": opted}
        if not self._sms_url:
            core.truth.add("inbound_text", facts, accepted=False)
            return Answer(None)
        params = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsMessageSid": text.sid,
            "AccountSid": core.account,
            "ApiVersion": "2010-04-01",
            "From": text.from_,
            "To": text.to,
            "Body": text.body,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": "1",
        }
        if opted:
            params["OptOutType"] = opted
        return await core.callbacks.ask(
            Outgoing("texts", "inbound_text", self._sms_url, params, facts)
        )


def _facts(text: Text) -> dict[str, Any]:
    phone = text.from_ if text.direction == "inbound" else text.to
    return {"sid": text.sid, "to": text.to, "from": text.from_, "phone": phone}


def _opt(handset: Handset, body: str) -> str | None:
    word = body.strip().upper()
    if word in STOP_WORDS:
        handset.stopped = True
        return "STOP"
    # YES is also an everyday answer: it means START only from somebody who had stopped.
    if word in START_WORDS and (handset.stopped or word != "YES"):
        handset.stopped = False
        return "START"
    return "HELP" if word in HELP_WORDS else None


def _messages(answer: Answer) -> list[Message]:
    if not answer.good or not answer.body.strip():
        return []
    if answer.kind == "text/plain":
        return [Message(answer.body.strip(), "", "")]
    try:
        verbs = read(answer.body)
    except NotTwiml:
        return []
    return [verb for verb in verbs if isinstance(verb, Message) and verb.body]
