"""What the page of device health asks for, beyond what the feed tells everybody all the time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from dispatch import delivered, unknown_phones
from service.callers import READ, Caller
from service.problems import documented
from service.screens import Screens
from service.wiring import Wiring


def build(wiring: Wiring, screens: Screens) -> APIRouter:
    """The route of the page."""
    router = APIRouter(tags=["devices"])
    reading = Depends(wiring.callers.needed(READ))

    @router.get(
        "/v1/devices/health",
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def health(caller: Annotated[Caller, reading]) -> dict[str, Any]:
        """How long ago each screen proved itself; which unknown phones texted; the last delivery.

        A screen that proves to another node of ours is not among them.
        """
        heard = screens.heard(caller.site).items()
        text = await wiring.reader.ask(delivered.last, caller.site)
        unknown = await wiring.reader.ask(unknown_phones.heard_of, caller.site, wiring.clock.now())
        return {
            "screens": [
                {"device_id": device, "heard_s": round(seconds, 1)} for device, seconds in heard
            ],
            "delivered": None if text is None else text.shown(),
            "unknown_phones": unknown_phones.shown(unknown),
        }

    return router
