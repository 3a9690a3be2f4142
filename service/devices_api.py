"""What the page of device health asks for, beyond what the feed tells everybody all the time."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

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
        """How long ago each screen proved that it can alarm, in seconds.

        A screen that proves to another node of ours is not among them.
        """
        heard = screens.heard(caller.site).items()
        return {
            "screens": [
                {"device_id": device, "heard_s": round(seconds, 1)} for device, seconds in heard
            ],
        }

    return router
