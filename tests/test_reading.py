"""Reading as `wire.md` says it: alerts and their timelines, the site, its address, heartbeats."""

from typing import Any

from tests.contract import guarded, refused
from tests.world import DEMO_SITE, World, open_world

Json = dict[str, Any]


async def get(world: World, path: str, token: str | None = None, status: int = 200) -> Json:
    """What this route says to a tablet (or the holder of `token`)."""
    answer = await world.request("GET", path, token or world.tablet())
    assert answer.status_code == status, answer.text
    guarded(answer)
    return answer.json()


async def test_alerts_newest_first_and_page_by_page(world: World) -> None:
    """Open is not closed; `before` goes on where a page ended."""
    for booth in (1, 2, 3, 4, 5):
        await world.press(booth)
    await world.act("stand_down", "jo", reason="duplicate", pin="8080")
    assert [one["number"] for one in (await get(world, "/v1/alerts"))["alerts"]] == [
        14,
        13,
        12,
        11,
        10,
    ]
    opened = await get(world, "/v1/alerts?state=open")
    assert [one["number"] for one in opened["alerts"]] == [13, 12, 11, 10]
    assert opened["before"] is None
    closed = await get(world, "/v1/alerts?state=closed")
    assert [one["number"] for one in closed["alerts"]] == [14]
    seen: list[int] = []
    before: int | None = None
    while True:
        asked = f"/v1/alerts?limit=2{'' if before is None else f'&before={before}'}"
        page = await get(world, asked)
        seen += [one["number"] for one in page["alerts"]]
        before = page["before"]
        if before is None:
            break
    assert seen == [14, 13, 12, 11, 10]


async def test_what_can_not_be_asked(world: World) -> None:
    """422 naming the place."""
    wrong = {
        "state=ended": "query.state",
        "limit=0": "query.limit",
        "limit=201": "query.limit",
        "limit=9223372036854775808": "query.limit",
        "limit=many": "query.limit",
        "before=-1": "query.before",
        "before=9223372036854775808": "query.before",
        "before=1e3": "query.before",
        "before=%00": "query.before",
    }
    for query, place in wrong.items():
        answer = await world.request("GET", f"/v1/alerts?{query}", world.tablet())
        refused(answer, 422, "invalid", place)
    assert (await get(world, "/v1/alerts?limit=200"))["alerts"] == []


async def test_one_alert_with_its_timeline(world: World) -> None:
    """Events in order, each of the shape of the contract."""
    pressed = await world.press(3)
    await world.act("on_my_way")
    alert = await get(world, f"/v1/alerts/{pressed['alert']['id']}")
    timeline = alert["timeline"]
    assert [one["name"] for one in timeline][:2] == ["pressed", "rung_reached"]
    assert [one["seq"] for one in timeline] == sorted({one["seq"] for one in timeline})
    for one in timeline:
        assert set(one) == {"seq", "at", "alert", "name", "by", "data"}
        assert one["alert"] == alert["id"]
        assert set(one["by"]) == {"kind", "id"}
        assert one["by"]["kind"] in {"device", "person", "phone", "timer", "network"}
    going = next(one for one in timeline if one["name"] == "on_my_way")
    assert going["by"] == {"kind": "person", "id": "sam"}
    for other in ("nothing", "%00", "x" * 64):
        answer = await world.request("GET", f"/v1/alerts/{other}", world.tablet())
        refused(answer, 404, "not_found")


async def test_the_site_has_no_number_no_address_and_no_pin(world: World) -> None:
    """Every name of the Site, and nothing that is not to be seen."""
    world.device("booth", 1)
    await world.settle()
    site = await get(world, "/v1/site")
    names = (
        "code name language timezone emergency_number live time_scale phones line booths people"
        " ladder ladder_repeat clocks screens buttons drill"
    )
    assert set(names.split()) <= set(site)
    assert set(site["booths"][0]) >= {"number", "name", "place", "covered"}
    assert [one["covered"] for one in site["booths"]] == [True] + [False] * 7
    assert set(site["people"][0]) >= {"id", "name", "roles", "on_duty", "reach", "has_pin"}
    assert {one["id"] for one in site["people"] if one["has_pin"]} == {"jo"}
    assert {one["reach"] for one in site["people"]} <= {"ok", "unconfirmed", "stopped", "failing"}
    assert set(site["screens"][0]) >= {
        "device_id",
        "name",
        "kind",
        "connected",
        "able",
        "why",
        "awake",
        "silenced_until",
        "silenced_by",
    }
    assert set(site["buttons"][0]) >= {
        "device_id",
        "name",
        "kind",
        "booth",
        "state",
        "battery",
        "last_seen_at",
    }
    text = str(site)
    assert "+31" not in text
    assert "Damrak" not in text
    assert "8080" not in text


async def test_the_address_is_shown_to_a_tablet_and_each_view_is_an_event(world: World) -> None:
    """Who looked is in the log before the answer goes out; nobody else gets it."""
    assert "Damrak 12" in DEMO_SITE.read_text("utf-8")
    for count in (1, 2):
        said = await get(world, "/v1/site/address")
        assert set(said) == {"line", "entrance", "call_back"}
        assert "Damrak 12" in said["line"]
        rows = world.connection.execute(
            "SELECT by_kind, by_id, data FROM log WHERE name = 'address_shown'"
        )
        assert len(rows) == count
        assert rows[0][:2] == ("device", world.device_of(world.tablet()).id)
        assert "Damrak" not in rows[0][2]


async def test_no_address_on_file(tmp_path: Any) -> None:
    """404, and nothing is noted."""
    text = DEMO_SITE.read_text("utf-8")
    start, end = text.index("[site.address]"), text.index("[[booths]]")
    async with open_world(tmp_path, site=text[:start] + text[end:]) as world:
        refused(await world.request("GET", "/v1/site/address", world.tablet()), 404, "not_found")
        rows = world.connection.execute("SELECT 1 FROM log WHERE name = 'address_shown'")
        assert rows == []


async def test_who_one_is(world: World) -> None:
    """Every kind of device may ask."""
    said = await get(world, "/v1/whoami", world.device("booth", 5))
    assert (said["kind"], said["site"], said["booth"]) == ("booth", "AMC4", 5)
    said = await get(world, "/v1/whoami", world.device("monitor"))
    assert (said["kind"], said["booth"]) == ("monitor", None)


async def test_a_heartbeat_is_answered_with_our_time(world: World) -> None:
    """And the button is ok until it has been silent for 90 s, or its own period and a half more."""
    token = world.device("booth", 1, "One")
    whole: Json = {
        "device_time": "2026-11-24T14:03:00+01:00",
        "battery": 55,
        "signal": -70.5,
        "period_s": 30,
        "booth": 1,
    }

    async def button() -> Json:
        return next(one for one in (await get(world, "/v1/site"))["buttons"])

    assert (await button())["state"] == "never"
    answer = await world.request("POST", "/v1/heartbeats", token, whole)
    assert answer.status_code == 200
    assert answer.json() == {"server_time": "2026-11-24T13:03:27.000Z"}
    said = await button()
    assert (said["state"], said["battery"]) == ("ok", 55)
    assert said["last_seen_at"] == "2026-11-24T13:03:27.000Z"
    world.clock.move(91)
    assert (await button())["state"] == "silent"
    answer = await world.to_us.post("/v1/heartbeats", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert (await button())["state"] == "ok"
    await world.request("POST", "/v1/heartbeats", token, {"period_s": 3600})
    world.clock.move(5000)
    assert (await button())["state"] == "ok"
    world.clock.move(5000)
    assert (await button())["state"] == "silent"


async def test_a_wrong_heartbeat_is_named(world: World) -> None:
    """422 with the field."""
    token = world.device("bridge")
    wrong: list[tuple[str, object]] = [
        ("battery", 101),
        ("battery", -1),
        ("battery", 2**63),
        ("battery", "full"),
        ("device_time", "now"),
        ("signal", "strong"),
        ("period_s", 0),
        ("period_s", 1e300),
        ("booth", -1),
        ("booth", 2**63),
        ("colour", "red"),
    ]
    for field, value in wrong:
        answer = await world.request("POST", "/v1/heartbeats", token, {field: value})
        refused(answer, 422, "invalid", f"body.{field}")
    refused(await world.request("POST", "/v1/heartbeats", token, [1]), 422, "invalid", "body")
