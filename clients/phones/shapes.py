"""Texts, calls, rooms and errors in the shapes of Twilio's REST API.

Every field that the `twilio` package reads is there. It changes nothing.
"""

from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import URL

from clients.phones.records import Call, Member, Room, Text

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
PAGING = frozenset({"Page", "PageSize", "PageToken"})
MEANINGS = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity period expired",
    30450: "Message delivery blocked",
}


def error(status: int, code: int, message: str) -> dict[str, Any]:
    """An error answer, as Twilio writes it."""
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


def message(text: Text, account: str) -> dict[str, Any]:
    """One Message."""
    uri = f"/2010-04-01/Accounts/{account}/Messages/{text.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": _time(text.created_at),
        "date_sent": _time(text.sent_at),
        "date_updated": _time(text.updated_at),
        "direction": text.direction,
        "error_code": text.error,
        "error_message": MEANINGS.get(text.error, "Unknown error") if text.error else None,
        "from": text.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(segments(text.body)),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": text.to,
        "uri": f"{uri}.json",
    }


def call(call: Call, account: str) -> dict[str, Any]:
    """One Call."""
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    return {
        "account_sid": account,
        "annotation": None,
        "answered_by": None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": _time(call.created_at),
        "date_updated": _time(call.updated_at),
        "direction": call.direction,
        "duration": str(call.duration) if call.ended_at else None,
        "end_time": _time(call.ended_at),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent.sid if call.parent else None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _time(call.dialled_at),
        "status": call.status,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def conference(room: Room, account: str) -> dict[str, Any]:
    """One Conference."""
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid_ending_conference": room.ended_by,
        "date_created": _time(room.created_at),
        "date_updated": _time(room.updated_at),
        "friendly_name": room.name,
        "reason_conference_ended": room.reason,
        "region": "us1",
        "sid": room.sid,
        "status": room.status,
        "subresource_uris": {"participants": f"{uri}/Participants.json"},
        "uri": f"{uri}.json",
    }


def participant(room: Room, member: Member, account: str) -> dict[str, Any]:
    """One Participant who is in the room."""
    started = room.status == "in-progress"
    return participant_of(
        room,
        account,
        call_sid=member.call.sid,
        date_created=_time(member.joined_at),
        date_updated=_time(room.updated_at),
        muted=member.muted,
        hold=member.hold,
        start_conference_on_enter=member.order.start,
        end_conference_on_exit=member.order.end_on_exit,
        status="connected" if started else "connecting",
    )


def participant_of(room: Room, account: str, **given: object) -> dict[str, Any]:
    """A Participant with the given fields, also one whose phone is still to be called."""
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}"
    shape: dict[str, Any] = {
        "account_sid": account,
        "call_sid_to_coach": None,
        "coaching": False,
        "conference_sid": room.sid,
        "date_created": _time(room.updated_at),
        "date_updated": _time(room.updated_at),
        "hold": False,
        "label": None,
        "muted": False,
        "queue_time": "0",
        "status": "queued",
    }
    shape |= given
    shape["uri"] = f"{uri}/Participants/{shape['call_sid']}.json"
    return shape


def page(name: str, rows: list[dict[str, Any]], url: URL, number: int, size: int) -> dict[str, Any]:
    """One page of a list. `rows` holds one row more than the page if another page follows.

    `url` is that of the request: the addresses of the other pages ask for the same rows.
    """
    shown = rows[:size]
    asked = [pair for pair in parse_qsl(url.query) if pair[0] not in PAGING]
    address = f"{url.path}?{urlencode([*asked, ('PageSize', size)])}&Page="
    return {
        name: shown,
        "end": number * size + max(0, len(shown) - 1),
        "first_page_uri": f"{address}0",
        "next_page_uri": f"{address}{number + 1}" if len(rows) > size else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": f"{address}{number - 1}" if number else None,
        "start": number * size,
        "uri": f"{address}{number}",
    }


def segments(body: str) -> int:
    """How many parts the text is sent in."""
    one, many = (160, 153) if GSM7.issuperset(body) else (70, 67)
    return 1 if len(body) <= one else -(-len(body) // many)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment.replace(microsecond=0))
