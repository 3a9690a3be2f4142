"""What a story left behind, in seconds since its clock began: rungs, texts, calls and callbacks."""

from datetime import datetime
from typing import Any

from tests.clock import START
from tests.world import Json, World

DEMO_RUNGS = [(0, 0.0), (1, 15.0), (2, 30.0), (3, 60.0), (2, 120.0), (3, 150.0), (2, 210.0)]
"""Rung and seconds of the demo site's ladder while nobody answers a press at second 0."""


def seconds(at: str) -> float:
    """Seconds from the beginning of the story to this time."""
    return round((datetime.fromisoformat(at) - START).total_seconds(), 3)


async def rungs(world: World, alert: str | None = None) -> list[tuple[int, float]]:
    """Every rung that fired, with its second."""
    events = await world.events("rung_reached", alert=alert)
    return [(one["data"]["rung"], seconds(one["at"])) for one in events]


async def times(world: World, name: str, alert: str | None = None, **data: Any) -> list[float]:
    """The seconds of the events of this name whose data says this."""
    return [
        seconds(one["at"])
        for one in await world.events(name, alert=alert)
        if data.items() <= one["data"].items()
    ]


async def requests(
    world: World, kind: str, person: str | None = None, *, accepted: bool | None = True
) -> list[Json]:
    """The truth about requests of this kind (message, call, ...) for this person's phone."""
    number = None if person is None else world.phone(person).number
    return [
        one
        for one in await world.truth()
        if one["kind"] == kind
        and number in (None, one.get("phone"))
        and accepted in (None, one["accepted"])
    ]


async def sent(world: World, kind: str, person: str | None = None) -> list[float]:
    """The seconds at which the network accepted a text (message) or call for this person."""
    return [seconds(one["at"]) for one in await requests(world, kind, person)]


async def metric(world: World, name: str) -> float:
    """The sum of a metric over its labels."""
    answer = await world.request("GET", "/metrics")
    lines = (line for line in answer.text.splitlines() if not line.startswith("#"))
    found = [line for line in lines if line.partition(" ")[0].partition("{")[0] == name]
    return sum(float(line.rpartition(" ")[2]) for line in found)


async def phones(world: World) -> tuple[str, bool]:
    """What the site says of the phones, and whether readiness calls them degraded."""
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    ready = (await world.request("GET", "/readyz")).json()
    return site["phones"], "phones" in ready["degraded"]
