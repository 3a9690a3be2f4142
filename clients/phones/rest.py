"""Twilio's REST API for texts and calls, as far as a service of alerts uses it.

It checks what Twilio checks and answers as it does; the rooms are in `rest_rooms.py`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clients.phones import shapes
from clients.phones.calls import CallOrder, facts_of
from clients.phones.doors import PLAIN_FAULTS, Door, Form, Refused, answer_error
from clients.phones.handsets import E164
from clients.phones.network import Network
from clients.phones.records import Call, Text
from clients.phones.texts import TextOrder
from clients.phones.truth import token_of

ROOT = "/2010-04-01/Accounts/{account}"
BODY_MAX = 1600
VALIDITY_MAX = 36000
TWIML_MAX = 4000
PAGE_MAX = 1000
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
DATE = re.compile(r"\d{4}-\d\d-\d\d")
Row = TypeVar("Row", Text, Call)
STOPPED = "Attempt to send to unsubscribed recipient"


class Rest:
    """The routes of Messages and Calls."""

    def __init__(self, network: Network, door: Door) -> None:
        self._network = network
        self._door = door

    def routes(self) -> list[Route]:
        """The routes, for a router."""
        wrap = self._door.wrap
        return [
            Route(f"{ROOT}/Messages.json", wrap(self._send_text), methods=["POST"]),
            Route(f"{ROOT}/Messages.json", wrap(self._list_texts), methods=["GET"]),
            Route(f"{ROOT}/Messages/{{sid}}.json", wrap(self._read_text), methods=["GET"]),
            Route(f"{ROOT}/Calls.json", wrap(self._place_call), methods=["POST"]),
            Route(f"{ROOT}/Calls.json", wrap(self._list_calls), methods=["GET"]),
            Route(f"{ROOT}/Calls/{{sid}}.json", wrap(self._read_call), methods=["GET"]),
            Route(f"{ROOT}/Calls/{{sid}}.json", wrap(self._change_call), methods=["POST"]),
        ]

    async def _send_text(self, request: Request, form: Form) -> Response:
        del request
        to, from_, body = form.one("To") or "", form.one("From") or "", form.one("Body") or ""
        callback = form.one("StatusCallback")
        facts: dict[str, Any] = {
            "to": to,
            "from": from_,
            "phone": to,
            "body": body,
            "token": token_of(callback),
            "validity": form.one("ValidityPeriod"),
        }
        fault = self._door.meet("messages", to)
        ended = self._door.stop_at(fault, "message", facts)
        if ended:
            return ended
        try:
            order = self._text_order(form, fault.code if fault and fault.do == "code" else None)
        except Refused as refused:
            return self._door.refuse(refused, "message", facts)
        if fault and fault.do == "code" and order.fault_code is None:
            order = TextOrder(to, from_, body, callback, order.validity, 30003)
        text = self._network.texts.send(order)
        shape = shapes.message(text, self._network.core.account)
        return await self._door.accepted(fault, "message", facts | {"sid": text.sid}, shape)

    def _text_order(self, form: Form, fault_code: int | None) -> TextOrder:
        to, from_, body = form.one("To"), form.one("From"), form.one("Body")
        if not to:
            raise Refused(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to):
            raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if not from_:
            raise Refused(400, 21603, "A 'From' phone number is required.")
        if not E164.fullmatch(from_):
            raise Refused(400, 21212, f"Invalid 'From' Phone Number: {from_}")
        if not body:
            raise Refused(400, 21602, "Message body is required.")
        if len(body) > BODY_MAX:
            raise Refused(400, 21617, "The concatenated message body exceeds 1600 characters.")
        callback = address_in(form, "StatusCallback", 21609)
        validity = _seconds(form, "ValidityPeriod", VALIDITY_MAX, VALIDITY_MAX)
        handset = self._network.core.handsets.by_number.get(to)
        if handset and handset.stopped:
            raise Refused(400, 21610, STOPPED)
        return TextOrder(to, from_, body, callback, validity, fault_code)

    async def _read_text(self, request: Request, form: Form) -> Response:
        del form
        text = self._network.texts.by_sid.get(request.path_params["sid"])
        if text is None:
            return self._unknown(request)
        ended = await self._read("messages", text.to, text.sid)
        return ended or JSONResponse(shapes.message(text, self._network.core.account))

    async def _list_texts(self, request: Request, form: Form) -> Response:
        ended = await self._read("messages", form.one("To") or "", None)
        if ended:
            return ended
        texts = self._network.texts.all
        if to := form.one("To"):
            texts = self._network.texts.of_number.get(to, [])
        sender = form.one("From")
        found = (text for text in reversed(texts) if sender in (None, text.from_))
        return self._page(request, form, "messages", found, shapes.message)

    async def _place_call(self, request: Request, form: Form) -> Response:
        del request
        to, from_ = form.one("To") or "", form.one("From") or ""
        facts: dict[str, Any] = {
            "to": to,
            "from": from_,
            "phone": to,
            "token": token_of(form.one("Url") or form.one("StatusCallback")),
            "record": form.one("Record"),
        }
        fault = self._door.meet("calls", to)
        ended = self._door.stop_at(fault, "call", facts)
        if ended:
            return ended
        code = (fault.code or 13224) if fault and fault.do == "code" else None
        try:
            order = call_order(form, code)
        except Refused as refused:
            return self._door.refuse(refused, "call", facts)
        call = self._network.calls.dial(order)
        shape = shapes.call(call, self._network.core.account)
        return await self._door.accepted(fault, "call", facts | {"sid": call.sid}, shape)

    async def _read_call(self, request: Request, form: Form) -> Response:
        del form
        call = self._network.calls.by_sid.get(request.path_params["sid"])
        if call is None:
            return self._unknown(request)
        ended = await self._read("calls", call.to, call.sid)
        return ended or JSONResponse(shapes.call(call, self._network.core.account))

    async def _list_calls(self, request: Request, form: Form) -> Response:
        ended = await self._read("calls", form.one("To") or "", None)
        if ended:
            return ended
        to, sender, status = form.one("To"), form.one("From"), form.one("Status")
        began = _within(form, "StartTime")
        found = (
            call
            for call in reversed(self._network.calls.all)
            if to in (None, call.to)
            and sender in (None, call.from_)
            and status in (None, call.status)
            # A call that is not dialled yet has begun nowhere, and is found by when it was taken.
            and began(call.dialled_at or call.created_at)
        )
        return self._page(request, form, "calls", found, shapes.call)

    async def _change_call(self, request: Request, form: Form) -> Response:
        call = self._network.calls.by_sid.get(request.path_params["sid"])
        if call is None:
            return self._unknown(request)
        status, url, twiml = form.one("Status"), form.one("Url"), form.one("Twiml")
        facts = facts_of(call) | {"state": status, "token": token_of(url)}
        fault = self._door.meet("calls", call.to, PLAIN_FAULTS)
        ended = self._door.stop_at(fault, "call_change", facts)
        if ended:
            return ended
        if (url or twiml) and not status and call.status != "in-progress":
            refused = Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
            return self._door.refuse(refused, "call_change", facts)
        if status not in (None, "completed", "canceled"):
            return self._door.refuse(
                Refused(400, 20001, f"Invalid Status: {status}"), "call_change", facts
            )
        # As Twilio: `canceled` does nothing to a call that is already answered.
        if status == "completed" or (status == "canceled" and call.answered_mono is None):
            self._network.calls.hang_up(call)
        elif url or twiml:
            self._network.voice.redirect(call, url or "", form.one("Method") or "POST", twiml)
        shape = shapes.call(call, self._network.core.account)
        return await self._door.accepted(fault, "call_change", facts, shape, 200)

    async def _read(self, place: str, to: str, sid: str | None) -> Response | None:
        """Log a reading; the response of the fault it meets, if it does not come through."""
        facts = {"sid": sid, "to": to, "phone": to}
        fault = self._door.meet(place, to, PLAIN_FAULTS, count=False)
        ended = self._door.stop_at(fault, "read", facts)
        if ended is None:
            self._network.core.truth.add(
                "read", facts, accepted=True, status=200, fault=fault.do if fault else None
            )
            if fault:
                await self._network.core.schedule.pause(fault.seconds)
        return ended

    def _unknown(self, request: Request) -> Response:
        path = request.url.path
        return answer_error(Refused(404, 20404, f"The requested resource {path} was not found"))

    def _page(
        self,
        request: Request,
        form: Form,
        name: str,
        found: Iterable[Row],
        shape: Callable[[Row, str], dict[str, Any]],
    ) -> Response:
        number = int(_seconds(form, "Page", 0, PAGE_MAX, least=0))
        size = int(_seconds(form, "PageSize", 50, PAGE_MAX))
        rows = islice(found, number * size, (number + 1) * size + 1)
        account = self._network.core.account
        whole = [shape(row, account) for row in rows]
        return JSONResponse(shapes.page(name, whole, request.url, number, size))


def call_order(form: Form, fault_code: int | None) -> CallOrder:
    """The order in a request to Calls. Raises Refused for what Twilio would not take."""
    to, from_ = form.one("To"), form.one("From")
    if not to:
        raise Refused(400, 21201, "No 'To' number is specified")
    if not E164.fullmatch(to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not from_ or not E164.fullmatch(from_):
        raise Refused(400, 21212, f"Invalid 'From' Phone Number: {from_ or ''}")
    url, twiml = address_in(form, "Url", 21205), form.one("Twiml")
    if not url and not twiml:
        raise Refused(400, 21205, "Url parameter is required.")
    if twiml and len(twiml) > TWIML_MAX:
        raise Refused(400, 21216, "Twiml is longer than 4000 characters")
    events = CALL_EVENTS.intersection(
        word for value in form.every("StatusCallbackEvent") for word in value.split()
    )
    return CallOrder(
        to=to,
        from_=from_,
        url=url or "",
        method=form.one("Method") or "POST",
        fallback=address_in(form, "FallbackUrl", 21205),
        twiml=None if url else twiml,
        callback=address_in(form, "StatusCallback", 21609),
        events=events or frozenset({"completed"}),
        timeout=_seconds(form, "Timeout", 60, 600),
        fault_code=fault_code,
    )


def address_in(form: Form, name: str, code: int) -> str | None:
    """The address in this field, None if it is missing. Raises Refused for one of another kind."""
    value = form.one(name)
    if value and not value.startswith(("http://", "https://")):
        raise Refused(400, code, f"The '{name}' URL is not a valid URL: {value}")
    return value


def _within(form: Form, name: str) -> Callable[[datetime], bool]:
    """Whether a moment lies on or between the bounds `name`, `name>` and `name<`.

    A bound is a day or a moment in UTC. As Twilio: both bounds are included, to the second, and
    a day as the upper bound includes the whole of it.
    """
    least, most = _bounds(form, name + ">")[0], _bounds(form, name + "<")[1]
    first, last = _bounds(form, name)

    def inside(moment: datetime) -> bool:
        whole = moment.replace(microsecond=0)
        return max(least, first) <= whole <= min(most, last)

    return inside


def _bounds(form: Form, name: str) -> tuple[datetime, datetime]:
    value = form.one(name)
    if value is None:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(400, 20001, f"{name} must be a date and time, not {value}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    day = timedelta(days=1, seconds=-1) if DATE.fullmatch(value) else timedelta()
    return moment, moment + day


def _seconds(form: Form, name: str, default: int, most: int, least: int = 1) -> float:
    value = form.one(name)
    if value is None:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        raise Refused(400, 20001, f"{name} must be a whole number from {least} to {most}")
    return int(value)
