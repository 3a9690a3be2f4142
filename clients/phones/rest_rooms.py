"""Twilio's REST API for conferences and the people in them.

Faults on `calls` hold here too. A conference may be named by its SID or its friendly name.
"""

import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clients.phones import shapes
from clients.phones.calls import facts_of
from clients.phones.doors import PLAIN_FAULTS, Door, Form, Refused
from clients.phones.network import Network
from clients.phones.records import Call, Member, Room
from clients.phones.rest import ROOT, address_in, call_order

SID = re.compile(r"CF[0-9a-f]{32}")
PLACE = "/Conferences/{key}"


class RestRooms:
    """The routes of Conferences and Participants."""

    def __init__(self, network: Network, door: Door) -> None:
        self._network = network
        self._door = door

    def routes(self) -> list[Route]:
        """The routes, for a router. The longer paths come first."""
        wrap = self._door.wrap
        people = f"{ROOT}{PLACE}/Participants"
        return [
            Route(f"{people}.json", wrap(self._people), methods=["GET"]),
            Route(f"{people}.json", wrap(self._invite), methods=["POST"]),
            Route(f"{people}/{{call}}.json", wrap(self._person), methods=["GET"]),
            Route(f"{people}/{{call}}.json", wrap(self._change), methods=["POST"]),
            Route(f"{people}/{{call}}.json", wrap(self._remove), methods=["DELETE"]),
            Route(f"{ROOT}/Conferences.json", wrap(self._list), methods=["GET"]),
            Route(f"{ROOT}{PLACE}.json", wrap(self._room), methods=["GET"]),
            Route(f"{ROOT}{PLACE}.json", wrap(self._end), methods=["POST"]),
        ]

    async def _list(self, request: Request, form: Form) -> Response:
        name, status = form.one("FriendlyName"), form.one("Status")
        rooms = [
            shapes.conference(room, self._account)
            for room in reversed(self._network.rooms.by_sid.values())
            if not room.private and name in (None, room.name) and status in (None, room.status)
        ]
        return JSONResponse(shapes.page("conferences", rooms, request.url, 0, max(1, len(rooms))))

    async def _room(self, request: Request, form: Form) -> Response:
        del form
        return JSONResponse(shapes.conference(self._find(request), self._account))

    async def _end(self, request: Request, form: Form) -> Response:
        room = self._find(request)
        status = form.one("Status")
        if status not in (None, "completed"):
            raise Refused(400, 20001, f"Invalid Status: {status}")
        words = address_in(form, "AnnounceUrl", 20001)
        if words and room.status != "in-progress":
            raise Refused(400, 20001, f"Conference {room.sid} is {room.status}")
        facts: dict[str, Any] = {"sid": room.sid, "state": status, "announce": bool(words)}
        fault = self._door.meet("calls", "", PLAIN_FAULTS)
        ended = self._door.stop_at(fault, "room_change", facts)
        if ended:
            return ended
        if status:
            self._network.rooms.end(room, "conference-ended-via-api")
        elif words:
            everybody = [member.call for member in room.members.values()]
            self._announce(form, room, everybody, words)
        shape = shapes.conference(room, self._account)
        return await self._door.accepted(fault, "room_change", facts, shape, 200)

    async def _people(self, request: Request, form: Form) -> Response:
        room = self._find(request)
        muted, hold = form.yes("Muted"), form.yes("Hold")
        people = [
            shapes.participant(room, member, self._account)
            for member in room.members.values()
            if muted in (None, member.muted) and hold in (None, member.hold)
        ]
        size = max(1, len(people))
        return JSONResponse(shapes.page("participants", people, request.url, 0, size))

    async def _invite(self, request: Request, form: Form) -> Response:
        to, key = form.one("To") or "", request.path_params["key"]
        facts: dict[str, Any] = {"to": to, "from": form.one("From"), "phone": to, "room": key}
        fault = self._door.meet("calls", to)
        ended = self._door.stop_at(fault, "participant", facts)
        if ended:
            return ended
        code = (fault.code or 13224) if fault and fault.do == "code" else None
        try:
            room = self._named(key)
            order = call_order(_as_call(form, room.name), code)
        except Refused as refused:
            return self._door.refuse(refused, "participant", facts)
        call = self._network.calls.dial(order)
        shape = shapes.participant_of(
            room,
            self._account,
            call_sid=call.sid,
            label=form.one("Label"),
            muted=form.yes("Muted") or False,
            start_conference_on_enter=form.yes("StartConferenceOnEnter") is not False,
            end_conference_on_exit=form.yes("EndConferenceOnExit") or False,
        )
        return await self._door.accepted(fault, "participant", facts | {"sid": call.sid}, shape)

    async def _person(self, request: Request, form: Form) -> Response:
        del form
        room, member = self._member(request)
        return JSONResponse(shapes.participant(room, member, self._account))

    async def _change(self, request: Request, form: Form) -> Response:
        room, member = self._member(request)
        muted, hold = form.yes("Muted"), form.yes("Hold")
        words = address_in(form, "AnnounceUrl", 20001)
        facts = facts_of(member.call) | {"room": room.sid, "muted": muted, "hold": hold}
        facts["announce"] = bool(words)
        fault = self._door.meet("calls", member.call.to, PLAIN_FAULTS)
        ended = self._door.stop_at(fault, "participant_change", facts)
        if ended:
            return ended
        self._network.rooms.set_member(member, muted=muted, hold=hold)
        if words:
            self._announce(form, room, [member.call], words)
        shape = shapes.participant(room, member, self._account)
        return await self._door.accepted(fault, "participant_change", facts, shape, 200)

    async def _remove(self, request: Request, form: Form) -> Response:
        del form
        room, member = self._member(request)
        facts = facts_of(member.call) | {"room": room.sid, "state": "removed"}
        fault = self._door.meet("calls", member.call.to, PLAIN_FAULTS)
        ended = self._door.stop_at(fault, "participant_change", facts)
        if ended:
            return ended
        self._network.rooms.leave(member.call, resume=True)
        answer = await self._door.accepted(fault, "participant_change", facts, {}, 200)
        return Response(status_code=204) if isinstance(answer, JSONResponse) else answer

    def _announce(self, form: Form, room: Room, listeners: list[Call], url: str) -> None:
        method = form.one("AnnounceMethod") or "POST"
        self._network.announcements.announce(room, listeners, url, method)

    @property
    def _account(self) -> str:
        return self._network.core.account

    def _find(self, request: Request) -> Room:
        room = self._network.rooms.find(request.path_params["key"])
        if room is None:
            path = request.url.path
            raise Refused(404, 20404, f"The requested resource {path} was not found")
        return room

    def _named(self, key: str) -> Room:
        room = self._network.rooms.find(key)
        if room is not None and room.status != "completed":
            return room
        if SID.fullmatch(key):
            raise Refused(404, 20404, f"Conference {key} is not there or has ended")
        return self._network.rooms.open(key)

    def _member(self, request: Request) -> tuple[Room, Member]:
        room = self._find(request)
        member = room.members.get(request.path_params["call"])
        if member is None:
            path = request.url.path
            raise Refused(404, 20404, f"The requested resource {path} was not found")
        return room, member


def _as_call(form: Form, name: str) -> Form:
    """The call that puts its phone straight into the room, as an order for Calls."""
    given = {
        "startConferenceOnEnter": form.one("StartConferenceOnEnter"),
        "endConferenceOnExit": form.one("EndConferenceOnExit"),
        "muted": form.one("Muted"),
        "statusCallback": form.one("ConferenceStatusCallback"),
        "statusCallbackEvent": " ".join(form.every("ConferenceStatusCallbackEvent")) or None,
    }
    words = " ".join(f"{field}={quoteattr(value)}" for field, value in given.items() if value)
    room = f"<Conference {words}>{escape(name)}</Conference>"
    pairs = [("Twiml", f"<Response><Dial>{room}</Dial></Response>")]
    for field in ("To", "From", "StatusCallback", "Timeout", "StatusCallbackEvent"):
        pairs += [(field, value) for value in form.every(field)]
    return Form(pairs)
