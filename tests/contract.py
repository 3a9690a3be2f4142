"""What the tests of the contract share: how a refusal looks, the headers and all the routes."""

from collections.abc import Iterator
from typing import Any

import httpx2

from service.headers import HEADERS
from service.problems import NAMES
from tests.world import World

MEDIA = "application/problem+json"
GUARDS = {
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
}

OF_ITS_OWN = {"booth_taken": ("booth", "buttons")}


def refused(answer: httpx2.Response, status: int, name: str, *places: str) -> dict[str, Any]:
    """Check that this is the refusal `name`, of these places; its body."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == MEDIA
    said = answer.json()
    assert said["type"] == f"urn:directline:{name}", said
    assert said["status"] == status == NAMES[name][0]
    assert said["title"]
    assert said["detail"]
    assert set(said) <= {"type", "title", "status", "detail", "errors", *OF_ITS_OWN.get(name, ())}
    if places:
        assert {one["at"] for one in said["errors"]} == set(places), said
    for one in said.get("errors", []):
        assert set(one) == {"at", "why"}
        assert one["why"]
    guarded(answer)
    return said


def guarded(answer: httpx2.Response) -> None:
    """Check that every security header is there, once."""
    told = {name.decode(): value.decode() for name, value in HEADERS}
    assert set(told) == GUARDS
    for name, value in told.items():
        assert answer.headers.get_list(name) == [value], name
    assert told["referrer-policy"] == "no-referrer"
    assert told["x-content-type-options"] == "nosniff"
    assert len(answer.headers.get_list("cache-control")) == 1
    assert answer.headers["cache-control"] in {"no-store", "no-cache"}


def routes_of(world: World) -> Iterator[tuple[str, str]]:
    """Every method and path that the application answers."""

    for route in world.service.app.routes:
        included = getattr(route, "original_router", None)
        for one in included.routes if included is not None else [route]:
            for method in sorted(getattr(one, "methods", None) or ()):
                yield method, str(getattr(one, "path", ""))
