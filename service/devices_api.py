"""The page of device health: what it asks for beyond the feed, and revoking a device."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.events import By
from alerts.site import IN_CHARGE
from dispatch import delivered, false_presses, registry, setup, unknown_phones
from dispatch.database import Connection
from dispatch.registry import Device
from service.action_api import Id
from service.callers import ACT, READ, Caller
from service.pins import Pins
from service.problems import Problem, documented
from service.screens import Screens
from service.shift_api import site_with
from service.storing import stored
from service.wiring import Wiring


class RevokeBody(BaseModel):
    """Who takes its rights away: a coordinator or a manager, with their PIN."""

    model_config = ConfigDict(extra="forbid", strict=True)
    person: Id
    pin: Annotated[str, Field(max_length=16)] | None = None


def build(wiring: Wiring, pins: Pins, screens: Screens) -> APIRouter:
    """The routes of the page."""
    router = APIRouter(tags=["devices"])
    reading = Depends(wiring.callers.needed(READ))
    tablet = Depends(wiring.callers.needed(ACT))

    @router.get(
        "/v1/devices/health",
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def health(caller: Annotated[Caller, reading]) -> dict[str, Any]:
        """How long ago each screen proved itself; which unknown phones texted; the last delivery;
        and which buttons are pressed by mistake too often.

        A screen that proves to another node of ours is not among them.
        """
        heard = screens.heard(caller.site).items()
        kept = await wiring.reader.ask(_kept, caller.site, wiring.clock.now())
        return {
            "screens": [
                {"device_id": device, "heard_s": round(seconds, 1)} for device, seconds in heard
            ],
            **kept,
        }

    @router.post(
        "/v1/devices/{device}/revoke",
        responses=documented(
            *("unauthenticated", "not_allowed", "pin_needed", "wrong_pin", "not_found"),
            *("invalid", "pin_wait", "not_stored"),
        ),
    )
    async def revoke(
        caller: Annotated[Caller, tablet],
        device: Annotated[str, Path(max_length=64)],
        body: RevokeBody,
    ) -> dict[str, str]:
        """Revoke a device of this site, as `directline device revoke` does; twice is once.

        It may be the last button of its booth, the last screen, or the tablet that asks: a device
        that is lost must not be able to say who it is any longer.
        """
        site = await site_with(wiring, caller, body.person)
        person = site.person(body.person)
        if person is None or IN_CHARGE.isdisjoint(person.roles):
            raise Problem("not_allowed", "Only a coordinator or a manager may do this.")
        await pins.check(caller.site, body.person, body.pin)
        found = await _device(wiring, caller, device)
        if found.status == "active":
            await stored(wiring, setup.set_status(found, "revoked", By("person", body.person)))
            found = await _device(wiring, caller, device)
        return {"device_id": found.id, "status": found.status}

    return router


def _kept(connection: Connection, site: str, now: datetime) -> dict[str, Any]:
    """What the database knows of the health of this site, in one reading."""
    text = delivered.last(connection, site)
    return {
        "delivered": None if text is None else text.shown(),
        "unknown_phones": unknown_phones.shown(unknown_phones.heard_of(connection, site, now)),
        "false_presses": false_presses.often(connection, site, now),
    }


async def _device(wiring: Wiring, caller: Caller, device: str) -> Device:
    """The device of the caller's own site. Raises Problem: not_found."""
    found = await wiring.reader.ask(registry.device, device) if device.isprintable() else None
    if found is None or found.site != caller.site:
        raise Problem("not_found")
    return found
