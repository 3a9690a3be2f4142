"""Pairing: a code or a token makes this browser one of our devices, by a cookie per kind."""

from collections import deque
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from alerts.times import clock_text
from dispatch import registry, setup
from dispatch.database import Connection
from dispatch.registry import Device
from service.callers import OPEN, cookie_name
from service.problems import Problem, documented
from service.storing import stored
from service.wiring import Wiring

WRONG_CODES_MOST = 10
WRONG_SECONDS = 60.0
ADDRESSES_MOST = 10_000
COOKIE_SECONDS = 5 * 365 * 24 * 3600
PAGES = {"booth": "/booth", "screen": "/wall", "tablet": "/wall", "board": "/board"}
Kind = Literal["booth", "screen", "tablet", "bridge", "monitor", "board"]


class PairBody(BaseModel):
    """Either the code that was shown or the token.

    `others` says what becomes of other buttons of the same booth: 409 `booth_taken` asks for it.
    """

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(max_length=64)] | None = None
    token: Annotated[str, Field(max_length=256)] | None = None
    others: Literal["keep", "replace"] | None = None


def build(wiring: Wiring) -> APIRouter:
    """The routes of pairing."""
    router = APIRouter()
    wrong: dict[str, deque[float]] = {}

    @router.post(
        "/v1/pair",
        tags=["devices"],
        responses=documented(
            "not_allowed", "not_found", "booth_taken", "invalid", "too_many", "not_stored"
        ),
        openapi_extra=OPEN,
    )
    async def pair(request: Request, body: PairBody) -> JSONResponse:
        """Make this browser the device that the code or token names."""
        if "origin" in request.headers:
            wiring.callers.check_origin(request)
        if (body.code is None) == (body.token is None):
            raise Problem("invalid", errors=[("body", "give a code or a token, and not both")])
        address = request.client.host if request.client else ""
        now = wiring.clock.monotonic()
        _check_tries(wrong, address, now)
        # It counts as wrong until it was right: many at once must not all be the first.
        tries = wrong.setdefault(address, deque())
        tries.append(now)
        try:
            found = await _find(wiring, body)
        except setup.BoothTaken as taken:
            tries.remove(now)
            raise _taken(taken) from None
        if found is None:
            raise Problem("not_found", "This code does not work, or not any more.")
        tries.remove(now)
        return _paired(*found)

    @router.delete(
        "/v1/pair",
        status_code=204,
        response_class=Response,
        tags=["devices"],
        responses=documented("not_allowed", "invalid"),
        openapi_extra=OPEN,
    )
    async def forget(request: Request, kind: Annotated[Kind, Query(alias="as")]) -> Response:
        """This browser is no longer that device."""
        if "origin" in request.headers or cookie_name(kind) in request.cookies:
            wiring.callers.check_origin(request)
        response = Response(status_code=204)
        response.delete_cookie(
            cookie_name(kind), path="/", secure=True, httponly=True, samesite="strict"
        )
        return response

    return router


async def _find(wiring: Wiring, body: PairBody) -> tuple[Device, str] | None:
    code = body.code
    if code is not None:
        device = await wiring.reader.ask(registry.device_of_code, code)
        if device is None:
            return None
        return await stored(wiring, setup.pair(device, code, body.others))
    token = body.token or ""

    def question(connection: Connection) -> tuple[Device, str] | None:
        device = registry.device_of(connection, token)
        usable = device is not None and setup.in_use(connection, device)
        return (device, token) if device is not None and usable else None

    return await wiring.reader.ask(question)


def _taken(taken: setup.BoothTaken) -> Problem:
    booth = taken.buttons[0][0].booth
    names = ", ".join(one.name or one.id for one, _ in taken.buttons)
    detail = f"Booth {booth} has a button already: {names}. Say others: keep or replace."
    buttons = [
        {"device_id": one.id, "name": one.name, "last_seen_at": clock_text(at)}
        for one, at in taken.buttons
    ]
    return Problem("booth_taken", detail, more={"booth": booth, "buttons": buttons})


def _paired(device: Device, token: str) -> JSONResponse:
    said = {
        "device_id": device.id,
        "kind": device.kind,
        "site": device.site,
        "booth": device.booth,
        "page": PAGES.get(device.kind, "/"),
    }
    response = JSONResponse(said)
    response.set_cookie(
        cookie_name(device.kind),
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return response


def _check_tries(wrong: dict[str, deque[float]], address: str, now: float) -> None:
    tries = wrong.get(address)
    while tries and now - tries[0] > WRONG_SECONDS:
        tries.popleft()
    if tries and len(tries) >= WRONG_CODES_MOST:
        raise Problem(
            "too_many",
            "Too many wrong codes; wait a minute.",
            headers={"Retry-After": str(int(WRONG_SECONDS))},
        )
    if len(wrong) > ADDRESSES_MOST:
        wrong.clear()
