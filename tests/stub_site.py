"""A small site that speaks the wire truthfully, for tests of clients.

It keeps everything in memory and knows one ladder; it is no model of the real server.
"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.stub_served import CLOCK, PHONES, Json, Served, stamp

RUNGS = (
    (0, ["screens", "text"], ["sam", "kim"]),
    (15, ["louder", "text"], ["sam", "kim", "jo"]),
    (30, ["call"], ["sam", "kim", "jo"]),
)
REPEAT_FROM, REPEAT_EVERY = 2, 60
TOKENS = {"bridge-token": "bridge", "screen-token": "screen", "tablet-token": "tablet"}


class StubSite(Served):
    """One site with booths 1 to 3. `faults` are what the next presses meet, first one first."""

    def __init__(self, time_scale: float = 1.0) -> None:
        super().__init__()
        self.time_scale = time_scale
        # Told of every text and call of a rung: the alert, what to do, and whom to ask.
        self.ask: Callable[[Json, list[str], list[str]], None] | None = None
        self.faults: list[int | str | Json] = []
        self.tries: list[Json] = []
        self.alerts: dict[str, Json] = {}
        self.presses: dict[str, str] = {}
        self.log: list[Json] = []
        self.sockets: dict[WebSocket, asyncio.Queue[Json | int]] = {}
        self.proofs: list[Json] = []
        self.live_queries: list[str] = []
        self.close_codes: list[int] = []
        # A set event lets acts be answered at once; the feed tells of them before in any case.
        self.acts_answered = asyncio.Event()
        self.acts_answered.set()
        self.epoch = "e1"
        self.site: Json = {
            "code": "AMC4",
            "name": "Harbour House",
            "live": True,
            "phones": "ok",
            "booths": [{"number": n, "name": None, "covered": True} for n in (1, 2, 3)],
            "clocks": {"arrival": 30},
            "screens": [
                {"device_id": "d1", "name": "TV-1", "able": True, "why": [], "silenced_until": None}
            ],
            "buttons": [{"device_id": "b1", "name": "Button 1", "booth": 1, "state": "ok"}],
        }
        self._ladders: dict[str, asyncio.Task[None]] = {}
        # When the ladder of an alert began, and the time and index of its next rung: what a real
        # server has in its database.
        self._due: dict[str, tuple[datetime, float, int]] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/readyz", self._readyz),
                Route("/v1/presses", self._press, methods=["POST"]),
                Route("/v1/alerts", self._alerts),
                Route("/v1/alerts/{id}", self._alert),
                Route("/v1/alerts/{id}/actions", self._act, methods=["POST"]),
                Route("/v1/site", self._site),
                Route("/v1/whoami", self._whoami),
                WebSocketRoute("/v1/live", self._live),
            ]
        )

    async def start(self) -> None:
        await super().start()
        for alert_id in self._due:
            self._ladders[alert_id] = asyncio.create_task(self._climb(self.alerts[alert_id]))

    async def stop(self) -> None:
        for waiting in list(self.sockets.values()):
            waiting.put_nowait(1012)
        for ladder in self._ladders.values():
            ladder.cancel()
        await super().stop()

    def emit(self, name: str, alert: Json | None, data: Json | None = None) -> None:
        """Write one event and send it to every socket."""
        event = {
            "seq": len(self.log) + 1,
            "at": stamp(),
            "alert": alert and alert["id"],
            "name": name,
            "by": {"kind": "timer", "id": None},
            "data": data or {},
        }
        self.log.append(event)
        if alert is not None:
            alert["seq"] = event["seq"]
            alert["version"] += 1
        for waiting in self.sockets.values():
            waiting.put_nowait(self._frame(event))

    def raise_alert(self, booth: int | None, press_id: str = "p") -> Json:
        """A stored press without HTTP."""
        number = 10 + len(self.alerts)
        alert: Json = {
            "id": f"a{number}",
            "number": number,
            "site": "AMC4",
            "booth": booth,
            "booth_known": True,
            "kind": "unclear",
            "state": "unanswered",
            "presses": 1,
            "raised_at": stamp(),
            "answers": [],
            "next": None,
            "seq": 0,
            "version": 0,
        }
        self.alerts[alert["id"]] = alert
        self.presses[press_id] = alert["id"]
        self.emit("pressed", alert, {"press_id": press_id})
        return alert

    def answer(self, alert: Json, person: str, name: str) -> None:
        """Somebody has answered; the ladder stops."""
        states = {"on_my_way": "on_the_way", "at_booth": "at_booth", "safe": "recovering"}
        if name in states and alert["state"] not in ("recovering", "closed"):
            alert["state"] = states[name]
            alert["next"] = None
            self._due.pop(alert["id"], None)
            ladder = self._ladders.pop(alert["id"], None)
            if ladder is not None:
                ladder.cancel()
        alert["answers"].append({"person": person, "name": person.title(), "answer": name})
        self.emit(name, alert, {"person": person})

    def reply(self, phone: str, body: str) -> None:
        """A text of a person has come in."""
        number, _, digit = body.partition(" ")
        names = {"1": "on_my_way", "2": "at_booth", "4": "safe", "0": "cannot_go"}
        for alert in self.alerts.values():
            if str(alert["number"]) == number and alert["state"] not in ("recovering", "closed"):
                self.answer(alert, PHONES[phone], names[digit])

    async def _climb(self, alert: Json) -> None:
        while True:
            raised, due, index = self._due[alert["id"]]
            at = raised + timedelta(seconds=due / self.time_scale)
            await CLOCK.sleep((at - CLOCK.now()).total_seconds())
            late = (CLOCK.now() - at).total_seconds()
            after, do, who = RUNGS[index]
            following = index + 1 if index + 1 < len(RUNGS) else REPEAT_FROM
            step = RUNGS[index + 1][0] - after if index + 1 < len(RUNGS) else REPEAT_EVERY
            due += step
            self._due[alert["id"]] = (raised, due, following)
            alert["next"] = {
                "at": stamp(raised + timedelta(seconds=due / self.time_scale)),
                "what": "rung",
                "rung": following,
                "do": RUNGS[following][1],
                "who": RUNGS[following][2],
            }
            self.emit(
                "rung_reached", alert, {"rung": index, "do": do, "who": who, "late_s": max(0, late)}
            )
            if self.ask is not None:
                self.ask(alert, do, who)

    def _frame(self, event: Json) -> Json:
        alert = self.alerts.get(event["alert"] or "")
        return {
            "type": "event",
            "seq": event["seq"],
            "prev": event["seq"] - 1,
            "event": event,
            "alert": alert and json.loads(json.dumps(alert)),
        }

    def _refusal(self, request: Request | WebSocket) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token in TOKENS:
            return None
        return _problem(401, "unauthenticated", "No such token.")

    async def _readyz(self, request: Request) -> Response:
        return JSONResponse({"ready": True, "why": [], "time_scale": self.time_scale})

    async def _whoami(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"kind": "screen", "site": "AMC4"})

    async def _site(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse(self.site)

    async def _alerts(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse(
            {"alerts": list(self.alerts.values())[::-1], "before": None}
        )

    async def _alert(self, request: Request) -> Response:
        alert = self.alerts.get(request.path_params["id"])
        if alert is None:
            return _problem(404, "not_found", "no such alert")
        timeline = [event for event in self.log if event["alert"] == alert["id"]]
        return JSONResponse({**alert, "timeline": timeline})

    async def _press(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        body = await request.json()
        self.tries.append(body)
        fault = self.faults.pop(0) if self.faults else None
        if fault == "hang":
            await asyncio.Event().wait()
        if isinstance(fault, int):
            return _problem(fault, "not_stored", "the database is away")
        if isinstance(fault, dict):
            return JSONResponse(fault)
        known = self.presses.get(body["press_id"])
        if known is not None:
            return JSONResponse(
                {"press_id": body["press_id"], "alert": self.alerts[known], "joined": False}
            )
        alert = self.raise_alert(body.get("booth"), body["press_id"])
        if self.ask is not None:
            self._due[alert["id"]] = (CLOCK.now(), 0.0, 0)
            self._ladders[alert["id"]] = asyncio.create_task(self._climb(alert))
        if fault == "stored, but the answer is lost":
            return _problem(502, "not_stored", "bad gateway")
        return JSONResponse(
            {"press_id": body["press_id"], "alert": alert, "joined": False}, status_code=201
        )

    async def _act(self, request: Request) -> Response:
        body = await request.json()
        self.tries.append(body)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            return _problem(fault, "not_stored", "the database is away")
        alert = self.alerts[request.path_params["id"]]
        if body["action"] == "close":
            if body.get("pin") != "8080":
                return _problem(403, "wrong_pin", "the PIN is wrong")
            alert.update(state="closed", outcome=body["outcome"], next=None)
            self.emit("closed", alert, {"outcome": body["outcome"], "person": body["person"]})
        else:
            self.answer(alert, body["person"], body["action"])
        await self.acts_answered.wait()
        return JSONResponse({"alert": alert})

    async def _live(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="directline.v1")
        self.live_queries.append(str(socket.url.query))
        if self._refusal(socket) is not None:
            await socket.close(4401)
            return
        if self.close_codes:
            await socket.close(self.close_codes.pop(0))
            return
        waiting: asyncio.Queue[Json | int] = asyncio.Queue()
        for frame in self._opening(socket):
            waiting.put_nowait(frame)
        self.sockets[socket] = waiting
        reading = asyncio.create_task(self._read_proofs(socket))
        try:
            while True:
                frame = await waiting.get()
                if isinstance(frame, int):
                    await socket.close(frame)
                    return
                await socket.send_json(frame)
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            del self.sockets[socket]
            reading.cancel()

    async def _read_proofs(self, socket: WebSocket) -> None:
        try:
            while True:
                self.proofs.append(await socket.receive_json())
        except (WebSocketDisconnect, RuntimeError):
            return

    def _opening(self, socket: WebSocket) -> list[Json]:
        head = {"epoch": self.epoch, "seq": len(self.log), "server_time": stamp()}
        query = socket.query_params
        if query.get("epoch") == self.epoch and query.get("after", "").isdigit():
            missed = self.log[int(query["after"]) :]
            return [{"type": "resumed", **head}, *(self._frame(event) for event in missed)]
        alerts = [alert for alert in self.alerts.values() if alert["state"] != "closed"]
        shot = json.loads(json.dumps({"site": self.site, "alerts": alerts}))
        return [{"type": "snapshot", **head, **shot}]


def _problem(status: int, name: str, detail: str) -> Response:
    return JSONResponse(
        {"type": f"urn:directline:{name}", "title": name, "status": status, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
    )
