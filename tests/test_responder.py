"""The responder's link: looking never acts, an act is posted, and it ends twelve hours after."""

import json
import re
from typing import Any

import httpx2
import pytest

from dispatch import registry
from tests.contract import guarded, refused
from tests.world import DEMO_SITE, World, demo_site

ACTS = ("on_my_way", "at_booth", "more_people", "safe", "cannot_go")


async def link(world: World, person: str = "sam") -> str:
    """The path of the link in this person's last text that has one."""
    texts = " ".join(text["body"] for text in await world.phone(person).texts())
    found = re.findall(r"http://127\.0\.0\.1:8080(/r/[\w-]+)", texts)
    assert found, texts
    return found[-1]


async def post(world: World, path: str, **body: Any) -> httpx2.Response:
    """An act as the page's script posts it."""
    return await world.to_us.post(path, json={"action_id": f"r-{next(world.ids)}", **body})


async def test_looking_never_acts(world: World) -> None:
    """However often, and by HEAD as well: phones open links by themselves."""
    await world.press(3)
    path = await link(world)
    before = await world.alert()
    for _ in range(3):
        answer = await world.to_us.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        guarded(answer)
    await world.to_us.head(path)
    await world.to_us.get(f"{path}?action=on_my_way&action_id=x")
    assert await world.alert() == before


async def test_the_page_shows_no_address_no_number_and_nothing_of_the_care(world: World) -> None:
    """Only the emergency number, which is for everybody."""
    await world.press(3)
    await world.act("at_booth", "kim")
    await world.act("naloxone", "kim", route="nasal")
    path = await link(world)
    page = (await world.to_us.get(path)).text
    told = (await post(world, path, action="on_my_way")).text
    for secret in ("Damrak", "green door", "+31", "naloxone", "oxygen"):
        assert secret in DEMO_SITE.read_text("utf-8") or secret in {"naloxone", "oxygen"}
        assert secret not in page
        assert secret not in told
    assert "112" in page
    assert not {"care", "jobs", "line"} & set(json.loads(told)["alert"])


async def test_an_act_by_script(world: World) -> None:
    """200 and the alert, in that person's name, by link."""
    await world.press(3)
    path = await link(world)
    answer = await post(world, path, action="on_my_way")
    assert answer.status_code == 200
    guarded(answer)
    alert = answer.json()["alert"]
    assert alert["state"] == "on_the_way"
    (said,) = alert["answers"]
    assert (said["person"], said["by"]) == ("sam", "link")
    assert (await post(world, path, action="at_booth")).json()["alert"]["state"] == "at_booth"
    assert (await post(world, path, action="more_people")).json()["alert"]["ladder"] == "running"
    assert (await post(world, path, action="safe")).json()["alert"]["state"] == "recovering"
    assert (await post(world, path, action="cannot_go")).status_code == 200


async def test_an_act_by_form(world: World) -> None:
    """303 back to the page, without an Origin: the token is the capability."""
    await world.press(3)
    path = await link(world)
    for origin in ({}, {"Origin": "null"}, {"Origin": "http://evil.example"}):
        form = {"action": "on_my_way", "action_id": f"f-{len(origin)}"}
        answer = await world.to_us.post(path, data=form, headers=origin)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        guarded(answer)
    assert (await world.alert())["state"] == "on_the_way"


async def test_the_same_act_again_acts_once(world: World) -> None:
    """A phone that sends twice; and another act under the same id is told apart."""
    await world.press(3)
    path = await link(world)
    for _ in range(3):
        assert (await post(world, path, action="on_my_way", action_id="one")).status_code == 200
    assert len(await world.events("on_my_way")) == 1
    refused(await post(world, path, action="cannot_go", action_id="one"), 409, "id_reused")


async def test_a_link_can_end_nothing(world: World) -> None:
    """Whatever else is asked of it: 422."""
    await world.press(3)
    path = await link(world)
    for action in ("stand_down", "close", "reopen", "classify", "take_job", "end_line", "", "fly"):
        refused(await post(world, path, action=action), 422, "invalid", "body.action")
    refused(await post(world, path, action="safe"), 409, "not_at_booth")
    answer = await post(world, path, action="on_my_way", person="jo", pin="8080")
    refused(answer, 422, "invalid", "body.person", "body.pin")
    assert (await world.alert())["state"] == "unanswered"


async def test_a_link_opens_the_line_where_there_is_one(world: World) -> None:
    """The demo site has an agreement."""
    await world.press(3)
    path = await link(world)
    assert (await post(world, path, action="open_line")).status_code in (200, 303)
    assert (await world.alert())["line"]["state"] == "joining"


NO_AGREEMENT = ("agreement =", "# agreement =")


@pytest.mark.parametrize("changed", ["before", "after"])
async def test_a_link_says_what_to_do_where_no_line_can_be_opened(
    world: World, changed: str
) -> None:
    """An alert keeps the line it was pressed with, also when the site agrees on one meanwhile."""
    world.load(demo_site().replace(*NO_AGREEMENT))
    await world.press(3)
    path = await link(world)
    if changed == "after":
        world.load(demo_site())
    facts = (await world.to_us.get(path, headers={"Accept": "application/json"})).json()
    assert facts["line"] == "no_agreement"
    assert (await world.alert())["line"]["numbers"] == 0
    assert (
        "geen ambulancelijn worden geopend. Bel nu zelf 112." in (await world.to_us.get(path)).text
    )
    refused(await post(world, path, action="open_line"), 409, "no_agreement")


async def test_what_can_not_be_read(world: World) -> None:
    """Never a 5xx, and nothing is done."""
    await world.press(3)
    path = await link(world)
    for action_id in ("", "x" * 65, "a\x00b", 7, None, ["a"]):
        refused(
            await post(world, path, action="on_my_way", action_id=action_id),
            422,
            "invalid",
            "body.action_id",
        )
    form, script = "application/x-www-form-urlencoded", "application/json"
    bodies = [
        (b"[]", script),
        (b"{", script),
        (b"\xff\xfe", script),
        (b"[" * 5000, script),
        (b'{"action": "\\ud800", "action_id": "\\udfff"}', script),
        (b'{"action": "on_my_way", "action_id": "\\ud800"}', script),
        (b'{"\\ud800": 1}', script),
        (b"", script),
        (b"", form),
        (b"action=%ff%fe&action_id=%00", form),
        (b"action=on_my_way", form),
        (b"&".join(b"a%d=1" % i for i in range(50)), form),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b; charset=no"),
        (b"--b\r\n\r\n", "multipart/form-data; boundary=b"),
    ]
    for body, kind in bodies:
        answer = await world.to_us.post(path, content=body, headers={"Content-Type": kind})
        refused(answer, 422, "invalid")
    answer = await world.to_us.post(path, content=b"a" * 70_000, headers={"Content-Type": form})
    refused(answer, 413, "too_large")
    assert (await world.alert())["state"] == "unanswered"


async def test_a_link_ends_twelve_hours_after_the_end(world: World) -> None:
    """410 from then on, for looking and acting; before that an act is 409."""
    await world.press(3)
    path = await link(world)
    world.clock.move(20 * 3600)
    assert (await world.to_us.get(path)).status_code == 200, "an open alert's link goes on"
    await world.act("stand_down", "jo", reason="duplicate", pin="8080")
    world.clock.move(12 * 3600 - 1)
    assert (await world.to_us.get(path)).status_code == 200
    refused(await post(world, path, action="on_my_way"), 409, "closed")
    world.clock.move(1)
    refused(await world.to_us.get(path), 410, "gone")
    refused(await post(world, path, action="on_my_way"), 410, "gone")


async def test_a_link_is_one_persons_for_one_alert(world: World) -> None:
    """Each text has its own; it is kept as a hash and is at least 128 bits."""
    await world.press(3)
    await world.advance(16)
    mine, hers = await link(world, "sam"), await link(world, "kim")
    assert mine != hers
    token = mine.removeprefix("/r/")
    assert len(token) >= 22
    rows = world.connection.execute("SELECT hash FROM links")
    assert registry.hashed(token) in {row[0] for row in rows}
    assert token not in {row[0] for row in rows}
    await post(world, hers, action="on_my_way")
    assert (await world.alert())["answers"][0]["person"] == "kim"


async def test_a_link_that_was_never_made(world: World) -> None:
    """404; nothing tells whether it ever was."""
    for token in ("nothing", "x" * 5000, "%00", "%FF", "é"):
        refused(await world.to_us.get(f"/r/{token}"), 404, "not_found")
        refused(await post(world, f"/r/{token}", action="on_my_way"), 404, "not_found")


async def test_somebody_who_left_the_site_file_has_no_link(world: World) -> None:
    """410 at once."""
    await world.press(3)
    path = await link(world)
    text = DEMO_SITE.read_text("utf-8")
    start, end = text.index('[[people]]\nid = "sam"'), text.index('[[people]]\nid = "kim"')
    world.load(text[:start] + text[end:])
    await world.service.look()
    refused(await world.to_us.get(path), 410, "gone")
    refused(await post(world, path, action="on_my_way"), 410, "gone")
