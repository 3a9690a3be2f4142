"""Conferences: who is in which room, and who hears whom.

It plays no sound: hearing is a fact that tests and the page ask for. Only the first leg that
names a status callback decides where the room reports, as with Twilio.
"""

from collections.abc import Callable

from clients.phones.calls import Calls, facts_of
from clients.phones.core import Core
from clients.phones.records import Call, Member, Room
from clients.phones.twiml import Conference


class Rooms:
    """All rooms, by SID. Set `left` before the first: it is told of a call that may go on."""

    def __init__(self, core: Core, calls: Calls) -> None:
        self._core = core
        self._calls = calls
        self.by_sid: dict[str, Room] = {}
        self.left: Callable[[Call], None] = _nothing

    def open(self, name: str, *, private: bool = False) -> Room:
        """The living room of that name, or a new one."""
        for room in reversed(self.by_sid.values()):
            if room.name == name and room.private == private and room.status != "completed":
                return room
        now = self._core.schedule.now()
        room = Room(self._core.new_sid("CF"), name, now, now, private)
        self.by_sid[room.sid] = room
        return room

    def find(self, key: str) -> Room | None:
        """A listed room by SID, or the newest by name."""
        room = self.by_sid.get(key)
        if room is None:
            named = (room for room in reversed(self.by_sid.values()) if room.name == key)
            room = next(named, None)
        return None if room is None or room.private else room

    def join(self, call: Call, order: Conference, *, private: bool = False) -> None:
        """The call enters the room; it starts with the first leg that may start it."""
        room = self.open(order.name, private=private)
        if room.callback is None and order.callback:
            room.callback, room.events = order.callback, order.events
        now = self._core.schedule.now()
        for other in room.members.values():
            _meet(call, other.call)
        room.members[call.sid] = member = Member(call, order, now, order.muted)
        call.room = room
        self._log(room, member, "join")
        self._calls.changed(call)
        if room.status == "init" and order.start:
            room.status = "in-progress"
            self._tell(room, "conference-start", "start", None)
        self._tell(room, "participant-join", "join", member)
        self._changed(room)

    def leave(self, call: Call, *, resume: bool) -> None:
        """The call goes out of its room; `resume` lets it go on after its Dial."""
        room = call.room
        if room is None:
            return
        member = room.members.pop(call.sid)
        call.room = None
        self._log(room, member, "leave")
        self._calls.changed(call)
        self._tell(room, "participant-leave", "leave", member)
        if member.order.end_on_exit:
            self.end(room, "participant-with-end-conference-on-exit-left", call.sid)
        elif not room.members:
            self.end(room, "last-participant-left", call.sid)
        self._changed(room)
        if resume and call.live:
            self.left(call)

    def end(self, room: Room, reason: str, by: str | None = None) -> None:
        """End the room; whoever is in it goes on after the Dial."""
        if room.status == "completed":
            return
        room.status, room.reason, room.ended_by = "completed", reason, by
        for member in list(room.members.values()):
            self.leave(member.call, resume=True)
        self._tell(room, "conference-end", "end", None)
        self._changed(room)

    def set_member(self, member: Member, *, muted: bool | None, hold: bool | None) -> None:
        """Mute, unmute, hold or take back one leg; None leaves as it is."""
        room = member.call.room
        assert room is not None, "a member is always in its room"
        if muted is not None and muted != member.muted:
            member.muted = muted
            self._log(room, member, "mute" if muted else "unmute")
            event = "participant-mute" if muted else "participant-unmute"
            self._tell(room, event, "mute", member)
        if hold is not None and hold != member.hold:
            member.hold = hold
            event = "participant-hold" if hold else "participant-unhold"
            self._tell(room, event, "hold", member)
        self._changed(room)

    def heard_by(self, call: Call) -> list[Call]:
        """Those who hear what is said at this call's phone."""
        room = call.room
        if room is None or room.status != "in-progress":
            return []
        speaker = room.members[call.sid]
        if speaker.muted or speaker.hold:
            return []
        others = (member for member in room.members.values() if member.call is not call)
        return [member.call for member in others if not member.hold]

    def hears(self, call: Call) -> list[str]:
        """The numbers that this call hears."""
        room = call.room
        members = room.members.values() if room else ()
        return [
            member.call.handset
            for member in members
            if member.call is not call and call in self.heard_by(member.call)
        ]

    def clear(self) -> None:
        """Forget every room."""
        self.by_sid.clear()

    def _log(self, room: Room, member: Member, what: str) -> None:
        numbers = [other.call.handset for other in room.members.values() if other is not member]
        facts = facts_of(member.call) | {"room": room.name, "do": what, "with": numbers}
        self._core.truth.add("room", facts, accepted=True)

    def _changed(self, room: Room) -> None:
        room.updated_at = self._core.schedule.now()
        for member in room.members.values():
            self._calls.changed(member.call)

    def _tell(self, room: Room, event: str, wanted: str, member: Member | None) -> None:
        room.sequence += 1
        if room.callback is None or wanted not in room.events or room.private:
            return
        params = {
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(room.sequence),
            "Timestamp": self._core.timestamp(),
        }
        facts: dict[str, object] = {"sid": room.sid, "phone": "", "state": event}
        if member:
            call = member.call
            params |= {
                "CallSid": call.sid,
                "Muted": str(member.muted).lower(),
                "Hold": str(member.hold).lower(),
                "StartConferenceOnEnter": str(member.order.start).lower(),
                "EndConferenceOnExit": str(member.order.end_on_exit).lower(),
            }
            facts |= {"phone": call.handset, "call": call.sid}
        if event == "conference-end" and room.reason:
            params["ReasonConferenceEnded"] = room.reason
            params["CallSidEndingConference"] = room.ended_by or ""
        self._core.tell("calls", room.callback, params, facts)


def _meet(one: Call, other: Call) -> None:
    for call, number in ((one, other.handset), (other, one.handset)):
        if number not in call.met:
            call.met.append(number)


def _nothing(call: Call) -> None:
    raise AssertionError(f"nobody listens for call {call.sid}")
