"""Texts, calls, rooms and handsets as `/sim` and the page show them. It changes nothing."""

from typing import Any

from clients.phones.handsets import habits_of
from clients.phones.network import Network
from clients.phones.records import Call, Handset, Room, Text
from clients.phones.truth import stamp

ITEMS_SHOWN = 60


def text(text: Text) -> dict[str, Any]:
    """One text."""
    return {
        "n": text.n,
        "sid": text.sid,
        "from": text.from_,
        "to": text.to,
        "body": text.body,
        "status": text.status,
        "direction": text.direction,
        "error": text.error,
        "at": stamp(text.created_at),
        "arrived_at": stamp(text.arrived_at) if text.arrived_at else None,
    }


def call(network: Network, call: Call) -> dict[str, Any]:
    """One call. `with` are the others in its room, `hears` those of them that it hears.

    `met` are all that were in a room with it, `rang_s` the seconds it rang, up to now or to its
    answer; `said` is what we said to it, `spoken` what was said at its phone.
    """
    room = call.room
    members = room.members.values() if room else ()
    rang = network.calls.rang(call)
    return {
        "n": call.n,
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": call.status,
        "said": list(call.said),
        "spoken": list(call.spoken),
        "speaking": call.speaking,
        "listening": call.gather is not None,
        "keys": call.keys,
        "answered_by": call.answered_by,
        "room": room.name if room else None,
        "with": [member.call.handset for member in members if member.call is not call],
        "hears": network.rooms.hears(call),
        "heard": list(call.heard),
        "met": list(call.met),
        "rang_s": None if rang is None else round(rang, 3),
        "at": stamp(call.created_at),
        "answered_at": stamp(call.answered_at) if call.answered_at else None,
        "ended_at": stamp(call.ended_at) if call.ended_at else None,
        "seconds": call.duration,
    }


def room(network: Network, room: Room) -> dict[str, Any]:
    """One room: who is in it and who hears whom."""
    return {
        "sid": room.sid,
        "name": room.name,
        "status": room.status,
        "private": room.private,
        "people": [
            {
                "number": member.call.handset,
                **_labelled(network, member.call.handset),
                "call": member.call.sid,
                "muted": member.muted,
                "hold": member.hold,
                "hears": network.rooms.hears(member.call),
                "since": stamp(member.joined_at),
            }
            for member in room.members.values()
        ],
    }


def rooms(network: Network) -> list[dict[str, Any]]:
    """The rooms in which somebody is."""
    return [room(network, one) for one in network.rooms.by_sid.values() if one.members]


def handset(network: Network, handset: Handset) -> dict[str, Any]:
    """One handset and its habits."""
    return {
        "number": handset.number,
        **_labelled(network, handset.number),
        **habits_of(handset),
        "active_at": stamp(handset.active_at) if handset.active_at else None,
    }


def _labelled(network: Network, number: str) -> dict[str, Any]:
    label = network.core.handsets.label(number)
    return {"name": label.name if label else None, "kind": label.kind if label else "person"}


def live(network: Network, after: int) -> dict[str, Any]:
    """What the page needs to know beyond version `after`."""
    core = network.core
    changed = [one for one in core.handsets.by_number.values() if one.changed > after]
    return {
        "version": core.changes.version,
        "started": network.started,
        "now": stamp(core.schedule.now()),
        "handsets": [_with_items(network, one) for one in changed],
        "rooms": rooms(network),
        "faults": [fault.shown() for fault in core.faults.active(core.schedule.monotonic())],
    }


def _with_items(network: Network, one: Handset) -> dict[str, Any]:
    return handset(network, one) | {
        "texts": [text(row) for row in one.texts[-ITEMS_SHOWN:]],
        "calls": [call(network, row) for row in one.calls[-ITEMS_SHOWN:]],
    }
