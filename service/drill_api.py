"""Drills: begun with a name and a PIN, stopped by whoever is at a tablet (`wire.md`)."""

import hashlib
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from alerts.site import IN_CHARGE, Site
from dispatch import drills
from dispatch.drills import Start, Started
from service.action_api import Id
from service.callers import ACT, READ, Caller
from service.drill_views import DrillViews
from service.pins import Pins
from service.press_api import BOOTH_MOST
from service.problems import Problem, documented
from service.storing import stored
from service.wire import alert_to_wire
from service.wiring import Wiring


class DrillBody(BaseModel):
    """A drill as it is posted: all ladder and phones (`full`), or the screens alone (`booth`).

    `told` says who knew of it before; it changes nothing but what its score means.
    """

    model_config = ConfigDict(extra="forbid")
    drill_id: Id
    booth: Annotated[int, Field(ge=0, le=BOOTH_MOST)]
    type: Literal["full", "booth"]
    person: Id
    told: Literal["nobody", "all"] | None = None
    pin: Annotated[str, Field(max_length=16)] | None = None

    def start(self) -> Start:
        """What the desk is asked for. Two uses of one `drill_id` differ but for the PIN."""
        said = json.dumps([self.booth, self.type, self.person, self.told])
        body = hashlib.sha256(said.encode()).hexdigest()
        return Start(self.drill_id, self.booth, self.type, self.person, body, self.told)


_ALERT: dict[str, Any] = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["alert"],
                "properties": {"alert": {"type": "object"}},
            }
        }
    }
}


def build(wiring: Wiring, pins: Pins) -> APIRouter:
    """The routes of drills."""
    router = APIRouter(tags=["drills"])
    views = DrillViews(wiring)

    @router.post(
        "/v1/drills",
        status_code=201,
        response_class=Response,
        responses={
            200: {"description": "This drill was begun before", **_ALERT},
            201: {"description": "Begun", **_ALERT},
            **documented(
                "unauthenticated",
                "not_allowed",
                "pin_needed",
                "wrong_pin",
                "drill",
                "booth_busy",
                "id_reused",
                "invalid",
                "pin_wait",
                "not_stored",
            ),
        },
    )
    async def begin(
        caller: Annotated[Caller, Depends(wiring.callers.needed(ACT))], body: DrillBody
    ) -> Response:
        """Begin a drill: at most one a week, and never within 30 minutes of a real alert."""
        started = await _begin(wiring, pins, views, caller, body)
        said = {"alert": alert_to_wire(started.alert)}
        return JSONResponse(said, 200 if started.repeated else 201)

    @router.delete(
        "/v1/drills/current",
        status_code=204,
        response_class=Response,
        responses=documented("unauthenticated", "not_allowed", "invalid", "not_stored"),
    )
    async def stop(caller: Annotated[Caller, Depends(wiring.callers.needed(ACT))]) -> Response:
        """Stop the drill that runs. When none does, what was wanted is so already."""
        await stored(wiring, drills.stop(wiring.desk, caller.device))
        return Response(status_code=204)

    @router.get(
        "/v1/drills",
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def listed(
        caller: Annotated[Caller, Depends(wiring.callers.needed(READ))],
    ) -> dict[str, Any]:
        """The last drills with their scores, newest first, and when the next may be begun."""
        return await views.listed(caller.site)

    return router


async def _begin(
    wiring: Wiring, pins: Pins, views: DrillViews, caller: Caller, body: DrillBody
) -> Started:
    site = await wiring.views.site_of(caller.site)
    errors = _misfits(site, body)
    if errors:
        raise Problem("invalid", errors=errors)
    person = site.person(body.person)
    if person is None or IN_CHARGE.isdisjoint(person.roles):
        raise Problem("not_allowed", "A drill is begun by a coordinator or a manager.")
    start = body.start()
    known = await views.rehearse(site, start)
    if known is not None:
        return Started(known, repeated=True)
    await pins.check(caller.site, body.person, body.pin)
    return await stored(wiring, drills.begin(wiring.desk, caller.device, start))


def _misfits(site: Site, body: DrillBody) -> list[tuple[str, str]]:
    """What is not of this site: pairs of a place and why."""
    errors: list[tuple[str, str]] = []
    if not site.has_booth(body.booth):
        errors.append(("body.booth", "this site has no such booth"))
    if site.person(body.person) is None:
        errors.append(("body.person", "nobody of this site has this id"))
    return errors
