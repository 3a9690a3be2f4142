"""The contract of drills: who may begin one, who may stop it, and every way it is refused."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract import guarded, refused
from tests.drilling import ask, begin, listed, running, stop
from tests.world import DEMO_SITE, Json, World, open_world

BODY: Json = {"drill_id": "d", "booth": 3, "type": "full", "person": "jo", "pin": "8080"}


async def post(world: World, **fields: Any) -> Any:
    """The body above with other fields; None leaves one out."""
    body = {name: value for name, value in {**BODY, **fields}.items() if value is not None}
    return await world.request("POST", "/v1/drills", world.tablet(), body)


async def test_a_drill_is_begun_and_its_alert_is_told(world: World) -> None:
    answer = await post(world)
    assert answer.status_code == 201
    guarded(answer)
    alert = answer.json()["alert"]
    assert (alert["drill"], alert["state"], alert["number"]) == (True, "unanswered", 10)
    shown = await running(world)
    assert shown == {
        "alert": alert["id"],
        "number": 10,
        "booth": 3,
        "type": "full",
        "started_at": alert["raised_at"],
    }
    # Numbers are shared with real alerts.
    assert (await world.press(4))["alert"]["number"] == 11


async def test_the_same_drill_id_again_is_the_same_drill(world: World) -> None:
    """200, also when it is over and without a PIN; with another body it is refused."""
    first = (await post(world)).json()["alert"]
    again = await post(world, pin=None)
    assert (again.status_code, again.json()["alert"]["id"]) == (200, first["id"])
    await stop(world)
    over = await post(world)
    assert (over.status_code, over.json()["alert"]["state"]) == (200, "closed")
    for other in ({"booth": 4}, {"type": "booth"}, {"told": "nobody"}):
        refused(await post(world, **other), 409, "id_reused")
    assert len((await listed(world))["drills"]) == 1


async def test_it_takes_the_pin_of_a_coordinator_or_manager(world: World) -> None:
    refused(await post(world, person="sam"), 403, "not_allowed")
    refused(await post(world, pin=None), 403, "pin_needed", "body.pin")
    refused(await post(world, pin="1111"), 403, "wrong_pin", "body.pin")
    for _ in range(4):
        refused(await post(world, pin="1111"), 403, "wrong_pin")
    waits = await post(world)
    refused(waits, 429, "pin_wait")
    assert waits.headers["retry-after"] == "30"
    assert await running(world) is None


async def test_a_manager_with_a_pin_may_begin_one(tmp_path: Path) -> None:
    def change(text: str) -> str:
        return text.replace('roles = ["nurse"]', 'roles = ["manager"]\npin = "4444"')

    async with open_world(tmp_path, change=change) as world:
        assert (await ask(world, person="noor", pin="4444")).status_code == 201


async def test_why_not_is_found_before_the_pin_is_checked(world: World) -> None:
    await world.press(3)
    refused(await post(world, pin=None), 409, "booth_busy")
    refused(await post(world, booth=4, pin="1111"), 409, "drill")


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"booth": 99}, ["body.booth"]),
        ({"booth": -1}, ["body.booth"]),
        ({"booth": "three"}, ["body.booth"]),
        ({"booth": None}, ["body.booth"]),
        ({"type": "line"}, ["body.type"]),
        ({"person": "nobody"}, ["body.person"]),
        ({"person": "guest"}, ["body.person"]),
        ({"person": "nobody", "booth": 99}, ["body.booth", "body.person"]),
        ({"drill_id": ""}, ["body.drill_id"]),
        ({"drill_id": "x" * 65}, ["body.drill_id"]),
        ({"drill_id": "a\x00b"}, ["body.drill_id"]),
        ({"drill_id": None}, ["body.drill_id"]),
        ({"told": "some"}, ["body.told"]),
        ({"tell": "all"}, ["body.tell"]),
    ],
)
async def test_what_is_not_understood_names_its_place(
    world: World, fields: Json, places: list[str]
) -> None:
    refused(await post(world, **fields), 422, "invalid", *places)


async def test_who_may_do_what(world: World) -> None:
    """Only a tablet begins and stops one; screens and monitors read; the rest do neither."""
    reads = {"screen": 200, "tablet": 200, "monitor": 200, "booth": 403, "bridge": 403}
    for kind, status in reads.items():
        token = world.device(kind, 3 if kind == "booth" else None)
        assert (await world.request("GET", "/v1/drills", token)).status_code == status, kind
        if kind == "tablet":
            continue
        refused(await world.request("POST", "/v1/drills", token, BODY), 403, "not_allowed")
        refused(await world.request("DELETE", "/v1/drills/current", token), 403, "not_allowed")
    refused(await world.request("POST", "/v1/drills", None, BODY), 401, "unauthenticated")
    refused(await world.request("DELETE", "/v1/drills/current"), 401, "unauthenticated")
    assert await running(world) is None


async def test_make_real_of_a_real_alert_is_refused(world: World) -> None:
    await world.press(3)
    said = refused(await world.act("make_real", "sam"), 409, "drill")
    assert said["detail"] == "This alert is real already."
    refused(await world.act("make_real", "sam", alert="never"), 404, "not_found")
    refused(await world.act("make_real", "sam", pin="1", kind="medical"), 422, "invalid")


async def test_who_was_told_and_who_went_wrong_stand_beside_the_score(world: World) -> None:
    drill = await begin(world, told="nobody")
    await stop(world)
    [kept] = (await listed(world))["drills"]
    assert (kept["told"], kept["score"]["wrong_booth_visits"]) == ("nobody", None)
    assert (await world.act("wrong_booth", "jo", alert=drill["id"], visits=2)).status_code == 200
    [kept] = (await listed(world))["drills"]
    assert kept["score"]["wrong_booth_visits"] == 2
    wrong = [{}, {"visits": -1}, {"visits": 100}, {"visits": "many"}]
    for fields in wrong:
        said = await world.act("wrong_booth", "jo", alert=drill["id"], **fields)
        refused(said, 422, "invalid", "body.visits")
    real = (await world.press(3))["alert"]
    said = await world.act("wrong_booth", "jo", alert=real["id"], visits=1)
    assert refused(said, 409, "drill")["title"] == "Not in a drill, or only in one"


async def test_an_action_id_makes_real_once(world: World) -> None:
    """With another body it is refused, as every action is."""
    drill = await begin(world)
    path = f"/v1/alerts/{drill['id']}/actions"
    body = {"action_id": "same", "action": "on_my_way", "person": "sam"}
    assert (await world.request("POST", path, world.tablet(), body)).status_code == 200
    body["action"] = "make_real"
    refused(await world.request("POST", path, world.tablet(), body), 409, "id_reused")
    assert (await running(world) or {})["alert"] == drill["id"]


async def test_the_booth_and_the_board_see_that_it_is_a_drill(world: World) -> None:
    """Every caller that sees alerts sees the mark, and no name."""
    await begin(world)
    for kind in ("screen", "monitor"):
        token = world.device(kind)
        site = (await world.request("GET", "/v1/site", token)).json()
        assert site["drill"]["number"] == 10
        [alert] = (await world.request("GET", "/v1/alerts?state=open", token)).json()["alerts"]
        assert alert["drill"] is True


async def test_two_sites_have_drills_of_their_own(world: World) -> None:
    """A press at one ends nothing at the other, and each has its own week."""
    text = DEMO_SITE.read_text("utf-8").replace('"AMC4"', '"UTR7"')
    world.load(text.replace("+3197", "+3198").replace("+31201", "+31301"))
    theirs = world.device("tablet", None, "Theirs", "UTR7")
    bridge = world.device("bridge", None, "Their bridge", "UTR7")
    mine = await begin(world)
    answer = await world.request("POST", "/v1/drills", theirs, BODY)
    assert answer.status_code == 201, answer.text
    await world.press(3, token=bridge)
    assert (await running(world) or {})["alert"] == mine["id"]
    at_theirs = (await world.request("GET", "/v1/drills", theirs)).json()
    assert [one["reason"] for one in at_theirs["drills"]] == ["real_alert"]
    await world.request("DELETE", "/v1/drills/current", theirs)
    assert (await running(world) or {})["alert"] == mine["id"]
