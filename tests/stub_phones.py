"""The `/sim` part of the phone network for three handsets, for tests of clients."""

import itertools
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stub_served import PHONES, Json, Served, stamp
from tests.stub_site import StubSite

SENDER = "+3197010200001"


class StubPhones(Served):
    """The `/sim` part of the phone network for three handsets."""

    def __init__(self, site: StubSite) -> None:
        super().__init__()
        site.ask = self.ask
        self._site = site
        self._n = itertools.count(1)
        self.texts: list[Json] = []
        self.calls: list[Json] = []
        self.looks = 0
        """How often somebody has read the texts or the calls."""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/sim/texts", self._listing(lambda: {"texts": self.texts})),
                Route("/sim/texts", self._reply, methods=["POST"]),
                Route("/sim/calls", self._listing(lambda: {"calls": self.calls})),
                Route("/sim/calls/{sid}", self._do, methods=["POST"]),
                Route("/sim/truth", self._truth),
            ]
        )

    def ask(self, alert: Json, do: list[str], who: list[str]) -> None:
        for phone in [phone for phone, person in PHONES.items() if person in who]:
            body = f"AMC4 BOOTH {alert['booth']} - HELP NOW. Reply 1 = on my way #{alert['number']}"
            row = {"n": next(self._n), "to": phone, "from": SENDER, "at": stamp()}
            if "text" in do:
                self.texts.append({**row, "body": body})
            if "call" in do:
                self.calls.append(
                    {**row, "sid": f"CA{row['n']}", "status": "ringing", "alert": alert["id"]}
                )

    def _listing(self, rows: Callable[[], Json]) -> Callable[[Request], Awaitable[Response]]:
        async def listing(request: Request) -> Response:
            self.looks += 1
            after = int(request.query_params.get("after", 0))
            return JSONResponse(
                {name: [row for row in kept if row["n"] > after] for name, kept in rows().items()}
            )

        return listing

    async def _reply(self, request: Request) -> Response:
        if not self._site.up:
            return JSONResponse({"why": "the site is away"}, status_code=502)
        body = await request.json()
        self._site.reply(body["from"], body["body"])
        return JSONResponse({"sid": "SM1"})

    async def _do(self, request: Request) -> Response:
        body = await request.json()
        call = next(it for it in self.calls if it["sid"] == request.path_params["sid"])
        if body["do"] == "answer":
            call["status"] = "in-progress"
            booth = self._site.alerts[call["alert"]]["booth"]
            call["said"] = [f"Help needed at booth {booth}. Press 1 if you are on your way."]
        elif body.get("keys") == "1" and self._site.up:
            call["status"] = "completed"
            self._site.answer(self._site.alerts[call["alert"]], PHONES[call["to"]], "on_my_way")
        return JSONResponse(call)

    async def _truth(self, request: Request) -> Response:
        return JSONResponse({"truth": []})
