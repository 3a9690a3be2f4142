"""Pairing: a code or a token makes this browser one of our devices, by a cookie per kind."""

from collections import deque
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

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
    """Either the code that was shown or the token."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(max_length=64)] | None = None
    token: Annotated[str, Field(max_length=256)] | None = None


def build(wiring: Wiring) -> APIRouter:
    """The routes of pairing."""
    router = APIRouter()
    wrong: dict[str, deque[float]] = {}

    @router.post(
        "/v1/pair",
        tags=["devices"],
        responses=documented("not_allowed", "not_found", "invalid", "too_many", "not_stored"),
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
        found = await _find(wiring, body)
        if found is None:
            raise Problem("not_found", "This code does not work, or not any more.")
        tries.remove(now)
        device, token = found
        response = JSONResponse(_said(device))
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
    if body.code is not None:
        return await stored(wiring, setup.pair(body.code))
    token = body.token or ""

    def question(connection: Connection) -> tuple[Device, str] | None:
        device = registry.device_of(connection, token)
        usable = device is not None and setup.in_use(connection, device)
        return (device, token) if device is not None and usable else None

    return await wiring.reader.ask(question)


def _said(device: Device) -> dict[str, Any]:
    return {
        "device_id": device.id,
        "kind": device.kind,
        "site": device.site,
        "booth": device.booth,
        "page": PAGES.get(device.kind, "/"),
    }


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
