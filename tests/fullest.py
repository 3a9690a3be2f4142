"""A screen that is shown its site's open alerts as full as alerts ever get, in every state.

The screen is real and paired, and so are its alerts; only what the server says of them on the way
to the screen is replaced by the longest of everything that it can say.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import WebSocketRoute, expect

from tests.pages import Wall

Json = dict[str, Any]
NAMES = ("Maximiliaan", "Wilhelmina", "Bartholomeus", "Esmeralda", "Christopher")
STATES = ("unanswered", "on_the_way", "at_booth", "recovering")
ROLES = ("responder", "nurse", "peer", "door", "coordinator")
LONG_AGO = timedelta(minutes=83)


class Fullest:
    """What stands between a screen and the server while a test shows it full alerts."""

    def __init__(self, screen: Wall) -> None:
        """Nothing stands between them yet."""
        self._screen = screen
        self._snapshot: Json = {}
        self._socket: WebSocketRoute | None = None
        self._connected = asyncio.Event()

    async def begin(self) -> None:
        """Come between them, and arm the screen again."""
        page = self._screen.page
        await page.route_web_socket("**/v1/live*", self._stand_between)
        await page.reload()
        await asyncio.wait_for(self._connected.wait(), 15)
        await self._screen.arm()

    async def show(
        self,
        state: str,
        language: str,
        *,
        drill: bool = False,
        answered: int = 0,
        notice: bool = False,
    ) -> None:
        """Every open alert in this state, but for so many with somebody at the booth.

        With a notice, a line of trouble stands over them. Waits until it has been drawn and fitted.
        """
        known = self._snapshot["alerts"]
        states = [state] * (len(known) - answered) + ["at_booth"] * answered
        alerts = [fullest(one, each, drill=drill) for one, each in zip(known, states, strict=True)]
        people = [
            one | {"name": name}
            for one, name in zip(self._snapshot["site"]["people"], NAMES, strict=True)
        ]
        site = self._snapshot["site"] | {"language": language, "people": people}
        why = ["no_phone"] if notice else []
        site["cover"] = {"ok": not notice, "why": why, "since": None}
        assert self._socket
        self._socket.send(json.dumps(self._snapshot | {"site": site, "alerts": alerts}))
        for alert in alerts:
            await self._screen.has_state(alert["booth"], alert["state"])
        await self._screen.is_in("drill", str(drill).lower())
        await expect(self._screen.at("[data-band=cover_no_phone]")).to_have_count(int(notice))
        if len(alerts) <= 4 or state == "unanswered":
            await self._screen.shows({"en": "CALLED in", "nl": "GEBELD over"}[language])
        # Two frames later the page has been laid out anew.
        await self._screen.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )

    def _stand_between(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        server = socket.connect_to_server()
        server.on_message(self._pass_on)

    def _pass_on(self, message: str | bytes) -> None:
        """Beats go on to the screen; what has happened since the first snapshot does not."""
        frame: Json = json.loads(message)
        assert self._socket
        if frame["type"] == "snapshot":
            self._snapshot = frame
            self._connected.set()
        elif frame["type"] == "event":
            return
        elif "seq" in frame:
            frame["seq"] = self._snapshot["seq"]
        self._socket.send(json.dumps(frame))


def fullest(alert: Json, state: str, *, drill: bool) -> Json:
    """This alert in this state, with everything that can be said of it said."""
    now = datetime.now(UTC)
    people = ["sam", "kim", "noor", "jo", "alex"]
    answer = {"on_the_way": "on_my_way", "at_booth": "at_booth"}.get(state, "cannot_go")
    began = (now - LONG_AGO).isoformat()
    answers: list[Json] = [
        {"person": person, "name": name, "answer": answer, "at": began, "counted": True}
        for person, name in zip(people, NAMES, strict=True)
    ]
    answers.append({"person": "guest", "name": "Guest", "answer": "on_my_way", "counted": False})
    return alert | {
        "state": state,
        "drill": drill,
        "ladder": "stopped" if state == "recovering" else "running",
        "raised_at": began,
        "answers": answers,
        "coming": people if state == "on_the_way" else people[3:] if state == "at_booth" else [],
        "there": people[:3] if state == "at_booth" else [],
        "presses": 12,
        "mistake": True,
        "again": True,
        "unknown_device": True,
        "booth_known": False,
        "nobody_reached": state == "unanswered",
        "unreachable": people,
        "kind": "overamp",
        "ems": None if drill else "on_the_way",
        "ems_minutes": 12,
        "ems_at": began,
        "care": {"oxygen": True, "naloxone": 3, "reassess_at": began},
        "line": None if drill else {"state": "ringing", "legs": [], "numbers": 2, "ring_s": 20},
        "next": {
            "what": "rung",
            "rung": 1,
            "at": (now + timedelta(seconds=58)).isoformat(),
            "do": ["call", "text"],
            "who": list(ROLES),
        },
    }
