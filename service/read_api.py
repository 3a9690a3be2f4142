"""Reading: alerts and their timelines, the site, its guarded address, and who one is."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query

from alerts.events import By
from alerts.orders import Entry
from dispatch.writer import Item, Priority
from service.callers import ACT, ANYBODY, READ, Caller
from service.press_api import BOOTH_MOST
from service.problems import Problem, documented
from service.storing import stored
from service.wire import Audience
from service.wiring import Wiring


def build(wiring: Wiring) -> APIRouter:
    """The routes that read."""
    router = APIRouter()
    _add_alerts(router, wiring)
    _add_site(router, wiring)
    return router


def _add_alerts(router: APIRouter, wiring: Wiring) -> None:
    reading = Depends(wiring.callers.needed(READ))

    @router.get(
        "/v1/alerts",
        tags=["alerts"],
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def alerts(
        caller: Annotated[Caller, reading],
        state: Literal["open", "closed"] | None = None,
        before: Annotated[int | None, Query(ge=0, le=BOOTH_MOST)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> dict[str, Any]:
        """Alerts, newest first; `before` asks for the next page."""
        found = await wiring.views.alerts(
            caller.site, state=state, before=before, limit=limit, audience=caller.audience
        )
        return {"alerts": found, "before": found[-1]["number"] if len(found) == limit else None}

    @router.get(
        "/v1/alerts/{alert}",
        tags=["alerts"],
        responses=documented("unauthenticated", "not_allowed", "not_found", "invalid"),
    )
    async def alert(
        caller: Annotated[Caller, reading], alert: Annotated[str, Path(max_length=64)]
    ) -> dict[str, Any]:
        """One alert with its timeline."""
        found = await wiring.views.alert(caller.site, alert) if alert.isprintable() else None
        if found is None:
            raise Problem("not_found")
        return found


def _add_site(router: APIRouter, wiring: Wiring) -> None:
    reading = Depends(wiring.callers.needed(READ))
    acting = Depends(wiring.callers.needed(ACT))
    anybody = Depends(wiring.callers.needed(ANYBODY))

    @router.get(
        "/v1/site",
        tags=["site"],
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def site(caller: Annotated[Caller, reading]) -> dict[str, Any]:
        """The site: booths, people, ladder, screens and buttons."""
        return await wiring.views.site(caller.site, caller.audience)

    @router.get(
        "/v1/site/address",
        tags=["site"],
        responses=documented(
            "unauthenticated", "not_allowed", "not_found", "invalid", "not_stored"
        ),
    )
    async def address(caller: Annotated[Caller, acting]) -> dict[str, str]:
        """The guarded address. Every view is an event of the log."""
        found = (await wiring.views.site_of(caller.site)).address
        if found is None:
            raise Problem("not_found", "This site has no address on file.")
        await stored(wiring, _seen_by(wiring, caller))
        return {"line": found.line, "entrance": found.entrance, "call_back": found.call_back}

    @router.get(
        "/v1/whoami",
        tags=["site"],
        responses=documented("unauthenticated", "not_allowed", "invalid"),
    )
    async def whoami(caller: Annotated[Caller, anybody]) -> dict[str, Any]:
        """The device that asks."""
        device = caller.device
        seen = caller.audience is Audience.STAFF
        return {
            "device_id": device.id,
            "kind": device.kind,
            "name": device.name if seen else "",
            "site": device.site,
            "booth": device.booth,
        }


def _seen_by(wiring: Wiring, caller: Caller) -> Item:
    """The address is shown to this device."""
    entry = Entry("address_shown", By("device", caller.device.id), {"person": None})
    return Item(
        lambda store: wiring.desk.note(store, caller.site, entry), (caller.site,), Priority.REST
    )
