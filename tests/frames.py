"""What a feed tells a page in stories without a server: one site, its alerts and its events."""

from typing import Any

Json = dict[str, Any]
NOW = "2026-11-23T14:04:09.000Z"
SITE: Json = {
    "code": "AMC4",
    "language": "en",
    "timezone": "Europe/Amsterdam",
    "emergency_number": "112",
    "live": True,
    "time_scale": 1,
    "phones": "ok",
    "place_word": {"en": "BOOTH"},
    "booths": [{"number": number, "covered": number != 2} for number in range(1, 9)],
    "people": [
        {"id": "sam", "name": "Sam", "roles": ["responder"], "on_duty": True, "reach": "ok"},
        {"id": "jo", "name": "Jo", "roles": ["coordinator"], "on_duty": True, "reach": "failing"},
        {"id": "kim", "name": "Kim", "roles": ["nurse"], "on_duty": False, "reach": "ok"},
    ],
    "ladder": [{"after": 0, "do": ["screens"], "who": []}, {"after": 15, "do": ["call"]}],
    "ladder_repeat": {"from": 1, "every": 60},
    "clocks": {"arrival": 30, "reassess": 150, "ems_prompt": 180, "recovery_check": 900},
    "screens": [
        {"device_id": "tv", "name": "TV-1", "able": True, "why": [], "silenced_until": None},
        {"device_id": "tab", "name": "Tab-2", "able": False, "why": ["not_armed"]},
    ],
    "buttons": [
        {"device_id": f"b{n}", "name": "B", "booth": n, "state": "ok", "last_seen_at": NOW}
        for n in (1, 3, 4, 5, 6, 7, 8)
    ],
    "drill": None,
}


def alert(booth: int, raised: str = "14:03:27", state: str = "unanswered", **more: Any) -> Json:
    """An alert as the feed tells it."""
    told: Json = {
        "id": f"a{booth}",
        "number": 40 + booth,
        "booth": booth,
        "kind": "unclear",
        "drill": False,
        "state": state,
        "ladder": "running" if state == "unanswered" else "stopped",
        "presses": 1,
        "raised_at": f"2026-11-23T{raised}.000Z",
        "answers": [],
        "coming": [],
        "there": [],
        "care": {},
        "next": None,
        "version": 1,
    }
    return told | more


def snapshot(*alerts: Json, **site: Any) -> Json:
    """The first frame."""
    return {"type": "snapshot", "epoch": "e", "seq": 1, "site": SITE | site, "alerts": list(alerts)}


def event(seq: int, name: str, of: Json | None = None, by: str = "person", **data: Any) -> Json:
    """A frame with an event, and the alert as it is after it."""
    told = {"name": name, "at": NOW, "alert": of and of["id"], "by": {"kind": by}, "data": data}
    return {"type": "event", "seq": seq, "event": told | {"seq": seq}, "alert": of}
