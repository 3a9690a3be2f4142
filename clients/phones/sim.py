"""The `/sim` API: what people do at their handsets, what was really accepted, and faults.

It serves tests, the demo and the page, on this machine only; pages of other sites are refused.
"""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clients.phones import views
from clients.phones.calls import facts_of
from clients.phones.faults import NotAFault
from clients.phones.handsets import E164, KEYS, NotAHabit
from clients.phones.network import Network
from clients.phones.records import Call

WAIT_SECONDS_MAX = 60.0
BODY_MAX = 256 * 1024
TEXT_MAX = 1600

Endpoint = Callable[[Request], Awaitable[Response]]


class Wrong(Exception):
    """The request cannot be done; `status` is 4xx and the message says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Sim:
    """The routes of `/sim`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[Route]:
        """The routes, for a router."""
        table: list[tuple[str, str, Endpoint]] = [
            ("GET", "/handsets", self._handsets),
            ("PUT", "/handsets/{number}", self._habit),
            ("PUT", "/names", self._names),
            ("GET", "/texts", self._texts),
            ("POST", "/texts", self._text_us),
            ("GET", "/calls", self._calls),
            ("POST", "/calls", self._call_us),
            ("POST", "/calls/{sid}", self._do),
            ("GET", "/rooms", self._rooms),
            ("GET", "/faults", self._show_faults),
            ("PUT", "/faults", self._put_faults),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/truth", self._truth),
            ("POST", "/reset", self._reset),
            ("GET", "/wait", self._wait),
            ("GET", "/live", self._live),
        ]
        return [
            Route(f"/sim{path}", guarded(endpoint), methods=[method])
            for method, path, endpoint in table
        ]

    async def _handsets(self, request: Request) -> Response:
        del request
        known = self._network.core.handsets.by_number.values()
        return JSONResponse({"handsets": [views.handset(self._network, one) for one in known]})

    async def _habit(self, request: Request) -> Response:
        order = await _json(request)
        try:
            handset = self._network.core.handsets.set_habit(request.path_params["number"], order)
        except NotAHabit as error:
            raise Wrong(422, str(error)) from error
        facts = {"to": handset.number, "phone": handset.number, "habit": order}
        self._network.core.truth.add("habit", facts, accepted=True)
        if not handset.off:
            self._network.texts.switched_on(handset)
        return JSONResponse(views.handset(self._network, handset))

    async def _names(self, request: Request) -> Response:
        try:
            self._network.core.handsets.set_names(await _json(request))
        except NotAHabit as error:
            raise Wrong(422, str(error)) from error
        labels = self._network.core.handsets.labels
        return JSONResponse({"names": {number: label.name for number, label in labels.items()}})

    async def _texts(self, request: Request) -> Response:
        to, after = _number_in(request, "to"), _number(request, "after", 0)
        texts = self._network.texts
        rows = texts.of_number.get(to, []) if to else texts.all[after:]
        return JSONResponse({"texts": [views.text(row) for row in rows if row.n > after]})

    async def _text_us(self, request: Request) -> Response:
        given = await _object(request, {"from", "to", "body"})
        from_, to, body = _phone(given, "from"), _phone(given, "to"), given.get("body")
        if not isinstance(body, str) or not 0 < len(body) <= TEXT_MAX:
            raise Wrong(422, f"body must be a text of at most {TEXT_MAX} characters")
        answered = await self._network.texts.receive(from_, to, body)
        answers = answered.answers
        return JSONResponse(
            {
                "sid": answered.text.sid,
                "status": answered.status,
                "answer": "\n".join(answers) if answers else None,
                "answers": answers,
            }
        )

    async def _calls(self, request: Request) -> Response:
        to, after = _number_in(request, "to"), _number(request, "after", 0)
        rows = [row for row in self._network.calls.all[after:] if to in (None, row.to)]
        return JSONResponse({"calls": [views.call(self._network, row) for row in rows]})

    async def _call_us(self, request: Request) -> Response:
        given = await _object(request, {"from", "to"})
        from_, to = _phone(given, "from"), _phone(given, "to")
        if not self._network.voice_url:
            raise Wrong(409, "this network was started without a voice URL")
        if self._network.calls.live_at(from_):
            raise Wrong(409, "this phone is in a call already")
        call = self._network.calls.incoming(from_, to, self._network.voice_url)
        self._network.calls.act(call, "call", "person")
        self._network.voice.begin(call)
        return JSONResponse(views.call(self._network, call), 201)

    async def _do(self, request: Request) -> Response:
        call = self._network.calls.by_sid.get(request.path_params["sid"])
        if call is None:
            raise Wrong(404, "there is no such call")
        given = await _object(request, {"do", "keys", "words"})
        keys = given.get("keys") or ""
        if not isinstance(keys, str) or not KEYS.fullmatch(keys):
            raise Wrong(422, "keys must be keys of a phone")
        extra: dict[str, Any] = {}
        match given.get("do"):
            case "answer":
                _needs(call, "ringing")
                self._network.calls.act(call, "answer", "person")
                self._network.calls.answer(call, "person", keys)
            case "busy":
                _needs(call, "ringing")
                self._network.calls.act(call, "busy", "person")
                self._network.calls.end(call, "busy")
            case "voicemail":
                _needs(call, "ringing")
                self._network.calls.voicemail(call, "person")
            case "hang_up":
                self._hang_up(call)
            case "press":
                _needs(call, "in-progress")
                extra["accepted"] = self._press(call, keys)
            case "talk":
                _needs(call, "in-progress")
                extra["heard_by"] = self._talk(call, given.get("words"))
            case _:
                raise Wrong(422, "do must be answer, hang_up, busy, voicemail, press or talk")
        return JSONResponse(views.call(self._network, call) | extra)

    def _hang_up(self, call: Call) -> None:
        if not call.live or call.status == "queued":
            raise Wrong(409, f"the call is {call.status}")
        self._network.calls.act(call, "hang_up", "person")
        # Whoever hangs up a phone that rings for them turns the call away.
        declined = call.status == "ringing" and call.direction != "inbound"
        if declined:
            self._network.calls.end(call, "busy")
        else:
            self._network.calls.hang_up(call)

    def _press(self, call: Call, keys: str) -> bool:
        if not keys:
            raise Wrong(422, "press needs keys")
        # Every key is pressed, also after one that nothing listened for.
        heard = [self._network.voice.pressed(call, key, "person") for key in keys]
        return all(heard)

    def _talk(self, call: Call, words: object) -> list[str]:
        if words is not None and (not isinstance(words, str) or len(words) > TEXT_MAX):
            raise Wrong(422, "words must be a text")
        listeners = self._network.rooms.heard_by(call)
        numbers = [listener.handset for listener in listeners]
        call.spoken.append(words or "…")
        for listener in listeners:
            listener.heard.append({"from": call.handset, "words": words or "…"})
            self._network.calls.changed(listener)
        facts = facts_of(call) | {"body": words, "heard_by": numbers}
        self._network.core.truth.add("talk", facts, accepted=bool(numbers))
        return numbers

    async def _rooms(self, request: Request) -> Response:
        del request
        return JSONResponse({"rooms": views.rooms(self._network)})

    async def _show_faults(self, request: Request) -> Response:
        del request
        core = self._network.core
        active = core.faults.active(core.schedule.monotonic())
        return JSONResponse({"faults": [fault.shown() for fault in active]})

    async def _put_faults(self, request: Request) -> Response:
        core, orders = self._network.core, await _json(request)
        try:
            core.faults.put(orders, core.schedule.monotonic())
        except NotAFault as error:
            raise Wrong(422, str(error)) from error
        core.truth.add("faults", {"orders": orders}, accepted=True)
        core.changes.ring()
        return await self._show_faults(request)

    async def _clear_faults(self, request: Request) -> Response:
        core = self._network.core
        core.faults.clear()
        core.truth.add("faults", {"orders": []}, accepted=True)
        core.changes.ring()
        return await self._show_faults(request)

    async def _truth(self, request: Request) -> Response:
        after = _number(request, "after", 0)
        return JSONResponse({"truth": self._network.core.truth.after(after)})

    async def _reset(self, request: Request) -> Response:
        del request
        self._network.reset()
        return Response(status_code=204)

    async def _wait(self, request: Request) -> Response:
        """Wait until a phone has `count` texts, or calls that ring or have rung."""
        count, after = _number(request, "count", 1), _number(request, "after", 0)
        seconds = min(float(_number(request, "seconds", 10)), WAIT_SECONDS_MAX)
        texts_to, calls_to = _number_in(request, "texts_to"), _number_in(request, "calls_to")
        if (texts_to is None) == (calls_to is None):
            raise Wrong(422, "wait for texts_to or for calls_to")

        def found() -> list[dict[str, Any]]:
            if texts_to is not None:
                texts = self._network.texts.of_number.get(texts_to, [])
                return [views.text(row) for row in texts if row.n > after]
            handset = self._network.core.handsets.by_number.get(calls_to or "")
            calls = (row for row in (handset.calls if handset else []) if row.to == calls_to)
            rung = (row for row in calls if row.n > after and row.status != "queued")
            return [views.call(self._network, row) for row in rung]

        rows = await self._until(found, count, seconds)
        name = "texts" if texts_to is not None else "calls"
        return JSONResponse({name: rows, "enough": len(rows) >= count})

    async def _live(self, request: Request) -> Response:
        """Everything that changed after a version; waits `seconds` for the first change.

        A version of another start means nothing here: then everything is new.
        """
        after, seconds = _number(request, "after", 0), float(_number(request, "seconds", 25))
        if request.query_params.get("started") not in (None, self._network.started):
            after = 0
        changes = self._network.core.changes
        await changes.wait(after, min(seconds, WAIT_SECONDS_MAX))
        return JSONResponse(views.live(self._network, after))

    async def _until(
        self, found: Callable[[], list[dict[str, Any]]], count: int, seconds: float
    ) -> list[dict[str, Any]]:
        core, started = self._network.core, self._network.started
        passed = False

        def give_up() -> None:
            nonlocal passed
            passed = True
            core.changes.ring()

        core.schedule.after(seconds, give_up)
        while True:
            version = core.changes.version
            rows = found()
            over = passed or self._network.stopping.is_set() or started != self._network.started
            if len(rows) >= count or over:
                return rows
            await core.changes.wait(version, WAIT_SECONDS_MAX)


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for callers on this machine and pages of this address only."""

    async def open_to_this_machine(request: Request) -> Response:
        try:
            _check(request)
            return await endpoint(request)
        except Wrong as wrong:
            return JSONResponse({"detail": wrong.why}, wrong.status)

    return open_to_this_machine


def _check(request: Request) -> None:
    if request.client and not _loopback(request.client.host):
        raise Wrong(403, "the simulator answers on this machine only")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Wrong(403, "pages of other addresses may not use the simulator")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _needs(call: Call, status: str) -> None:
    if call.status != status or (status == "ringing" and call.direction == "inbound"):
        raise Wrong(409, f"the call is {call.status}")


async def _json(request: Request) -> object:
    body = await request.body()
    if len(body) > BODY_MAX:
        raise Wrong(413, f"at most {BODY_MAX} bytes")
    try:
        value = json.loads(body or b"null")
        # Half a character can be written in JSON, but not sent on.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Wrong(422, "the body is not JSON") from error
    return value


async def _object(request: Request, allowed: set[str]) -> Mapping[str, Any]:
    given = await _json(request)
    if not isinstance(given, dict):
        raise Wrong(422, "the body must be an object")
    fields = cast("dict[str, Any]", given)
    if unknown := sorted(set(fields) - allowed):
        raise Wrong(422, f"unknown field {unknown[0]!r}")
    return fields


def _phone(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not E164.fullmatch(value):
        raise Wrong(422, f"{name} must be a number in E.164, for example +31612345601")
    return value


def _number_in(request: Request, name: str) -> str | None:
    value = request.query_params.get(name)
    # A plus that was not escaped in an address arrives as a space.
    return value.replace(" ", "+") if value else None


def _number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name)
    if not value:
        return default
    if not value.isdecimal() or len(value) > 9:
        raise Wrong(422, f"{name} must be a whole number")
    return int(value)
