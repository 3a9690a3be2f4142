"""Drills in verbs, for stories: begin one, stop it, and look at what the site says of it."""

from typing import Any

import httpx2

from tests.world import Json, World

PINS = {"jo": "8080"}


async def ask(world: World, drill_id: str = "drill-1", **body: Any) -> httpx2.Response:
    """Ask for a full drill in booth 3 by Jo, from the tablet; the raw answer."""
    person = body.setdefault("person", "jo")
    body = {"booth": 3, "type": "full", "pin": PINS.get(person), **body}
    answer = await world.request(
        "POST", "/v1/drills", world.tablet(), {"drill_id": drill_id, **body}
    )
    await world.settle()
    return answer


async def begin(world: World, drill_id: str = "drill-1", **body: Any) -> Json:
    """Begin a drill; its alert. Everything that follows at once has happened."""
    answer = await ask(world, drill_id, **body)
    assert answer.status_code == 201, answer.text
    return answer.json()["alert"]


async def stop(world: World) -> None:
    """Somebody at the tablet stops the drill, without a name and without a PIN."""
    answer = await world.request("DELETE", "/v1/drills/current", world.tablet())
    assert answer.status_code == 204, answer.text
    assert answer.content == b""
    await world.settle()


async def listed(world: World) -> Json:
    """The last drills, and when the next may begin."""
    answer = await world.request("GET", "/v1/drills", world.tablet())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def running(world: World) -> Json | None:
    """The drill that the site shows."""
    return (await world.request("GET", "/v1/site", world.tablet())).json()["drill"]


async def bodies(world: World, person: str) -> list[str]:
    """All texts that this person has been sent, oldest first."""
    return [text["body"] for text in await world.phone(person).texts()]
