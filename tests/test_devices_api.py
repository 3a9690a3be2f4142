"""Revoking a device from the page of device health: by whom it may be, and what follows."""

import json
from typing import Any

import pytest

from tests.contract import refused
from tests.live import served
from tests.world import World, demo_site, open_world

Json = dict[str, Any]
JO: Json = {"person": "jo", "pin": "8080"}


async def revoke(world: World, device: str, token: str | None = None, **more: Any) -> Any:
    """The coordinator does it on the tablet, but for what is said otherwise."""
    path = f"/v1/devices/{device}/revoke"
    return await world.request("POST", path, token or world.tablet(), JO | more)


def new(world: World, kind: str, booth: int | None = None, **more: Any) -> tuple[str, str]:
    """The id and the token of a new device."""
    token = world.device(kind, booth, f"{kind} X", **more)
    return world.device_of(token).id, token


async def booths(world: World) -> dict[int, bool]:
    """Which booths have a button."""
    site = (await world.request("GET", "/v1/site", world.tablet())).json()
    return {one["number"]: one["covered"] for one in site["booths"]}


async def test_only_a_tablet_of_the_site_may(world: World) -> None:
    device, _ = new(world, "booth", 4)
    answer = await world.request("POST", f"/v1/devices/{device}/revoke", None, JO)
    refused(answer, 401, "unauthenticated")
    for kind in ("screen", "monitor", "board", "bridge", "booth"):
        token = world.device(kind, 4 if kind == "booth" else None)
        refused(await revoke(world, device, token), 403, "not_allowed")
    assert world.device_of(world.tokens[device]).status == "active"


async def test_only_a_coordinator_or_a_manager_may_and_with_a_pin(world: World) -> None:
    """Five wrong ones make the name wait, as on the page of the shift."""
    device, token = new(world, "booth", 4)
    refused(await revoke(world, device, pin=None), 403, "pin_needed", "body.pin")
    refused(await revoke(world, device, person="sam"), 403, "not_allowed")
    refused(await revoke(world, device, person="nobody"), 422, "invalid", "body.person")
    refused(await revoke(world, device, extra=1), 422, "invalid", "body.extra")
    for _ in range(5):
        refused(await revoke(world, device, pin="0000"), 403, "wrong_pin", "body.pin")
    refused(await revoke(world, device), 429, "pin_wait")
    assert world.device_of(token).status == "active"


@pytest.mark.parametrize("role", ["coordinator", "manager"])
async def test_either_role_will_do(world: World, role: str) -> None:
    text = demo_site().replace('roles = ["responder"]', f'roles = ["{role}"]\npin = "4711"', 1)
    world.load(text)
    device, token = new(world, "booth", 4)
    answer = await revoke(world, device, person="sam", pin="4711")
    assert (answer.status_code, answer.json()) == (200, {"device_id": device, "status": "revoked"})
    assert world.device_of(token).status == "revoked"


async def test_what_is_not_there_is_not_found(world: World) -> None:
    for device in ("nobody", "%00", "x" * 64):
        refused(await revoke(world, device), 404, "not_found")
    refused(await revoke(world, "x" * 65), 422, "invalid")


async def test_it_is_in_the_audit_in_the_name_of_who_did_it_and_once(world: World) -> None:
    device, _ = new(world, "screen")
    for _ in range(2):
        assert (await revoke(world, device)).json()["status"] == "revoked"
    rows = world.connection.execute(
        "SELECT by_kind, by_id, data FROM log WHERE name = 'site_changed' ORDER BY seq"
    )
    told = [(kind, who, json.loads(data)["changes"]) for kind, who, data in rows]
    said = ["screen screen X revoked"]
    assert [one for one in told if one[2] == said] == [("person", "jo", said)]


async def test_the_last_button_of_a_booth_may_go_and_its_cover_says_so(world: World) -> None:
    """A press on it is never lost for that: it is an alert of a device that nobody knows."""
    device, token = new(world, "booth", 4)
    assert (await booths(world))[4]
    assert (await revoke(world, device)).status_code == 200
    await world.service.look()
    assert not (await booths(world))[4]
    pressed = await world.press(None, token=token)
    assert pressed["alert"]["unknown_device"] is True


async def test_the_others_hear_of_it_and_the_device_is_cut_off(tmp_path: Any) -> None:
    """Its socket is closed as that of a stranger; with the event comes the site without it."""
    async with open_world(tmp_path, armed=False) as world, served(world) as live:
        other = await live.follower(world.device("monitor"))
        device, token = new(world, "tablet")
        lost = await live.follower(token)
        # It may be the very tablet that asks.
        assert (await revoke(world, device, token)).status_code == 200
        await other.until(lambda one: one.frames[-1]["event"]["by"]["kind"] == "person")
        frame = other.frames[-1]["event"]
        assert frame["by"] == {"kind": "person", "id": "jo"}
        assert device not in {one["device_id"] for one in frame["data"]["site"]["screens"]}
        await world.service.look()
        assert await lost.is_closed() == 4401
        refused(await world.request("GET", "/v1/site", token), 401, "unauthenticated")
