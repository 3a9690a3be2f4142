"""Two sites on one server: no route reads, writes or tells anything across them (promise 24).

The routes are those of the running application, so that a new one can not be forgotten.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest_asyncio

from service.callers import KINDS, cookie_name
from tests.contract import routes_of
from tests.world import DEMO_SITE, PUBLIC_URL, World, open_world

Json = dict[str, Any]
WORDS = {
    "AMC4": "UTR7",
    "Harbour House": "Canal House",
    "Damrak": "Oudegracht",
    "+312": "+313",
    "+3197": "+3198",
    "+3161": "+3162",
    '"Sam"': '"Ylva"',
    '"Jo"': '"Zora"',
    'id = "sam"': 'id = "ylva"',
    'id = "jo"': 'id = "zora"',
    'pin = "8080"': 'pin = "9090"',
}
"""How the other site's file differs: every word of it that could give it away."""
GIVEN_AWAY = ("UTR7", "Canal", "Oudegracht", "Ylva", "Zora", "ylva", "zora", "+313", "+3162")
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/asyncapi.json",
    "/docs/oauth2-redirect",
}
PAGES = {
    "/",
    "/booth",
    "/wall",
    "/pair",
    "/drill",
    "/shift",
    "/devices",
    "/board",
    "/line",
    "/sw.js",
    "/alert/{number}",
}
"""What anybody may see: it knows of no site."""


@dataclass(frozen=True)
class Two:
    """A world with two sites, an alert in each, and a token of each kind at each."""

    world: World
    tokens: dict[str, str]
    alert: str
    theirs: dict[str, str]
    their_alert: str
    their_link: str
    their_device: str


@pytest_asyncio.fixture
async def two(tmp_path: Path) -> AsyncGenerator[Two]:
    """AMC4, and UTR7 with an alert that must not be heard of."""
    async with open_world(tmp_path) as world:
        text = DEMO_SITE.read_text("utf-8")
        for old, new in WORDS.items():
            text = text.replace(old, new)
        world.load(text)
        tokens = {kind: world.device(kind, 3 if kind == "booth" else None) for kind in KINDS}
        theirs = {
            kind: world.device(kind, 3 if kind == "booth" else None, f"Canal {kind}", "UTR7")
            for kind in KINDS
        }
        mine = await world.press(3, token=tokens["bridge"])
        other = await world.press(3, token=theirs["bridge"], press_id="theirs")
        texts = " ".join(text["body"] for text in await world.phone("ylva").texts())
        link = re.findall(r"8080(/r/[\w-]+)", texts)[-1]
        device = world.device_of(theirs["bridge"]).id
        yield Two(world, tokens, mine["alert"]["id"], theirs, other["alert"]["id"], link, device)


def state(two: Two) -> list[Any]:
    """Everything that is kept of the other site."""
    tables = ("alerts", "log", "log_heads", "presses", "actions", "timers", "outbox", "links")
    tables += ("drills", "handovers")
    kept: list[Any] = []
    for table in tables:
        kept += two.world.connection.execute(f"SELECT * FROM {table} WHERE site = 'UTR7'")
    kept += two.world.connection.execute(
        "SELECT s.device FROM sightings s JOIN devices d ON d.id = s.device WHERE d.site = 'UTR7'"
    )
    return kept


def bodies(path: str) -> list[Json]:
    """What a caller could post there, with the other site's ids in every place."""
    if path.endswith("/actions"):
        people = ("sam", "ylva", "guest")
        acts: list[Json] = [
            {"action": "on_my_way"},
            {"action": "mistake"},
            {"action": "correct", "of": 1, "field": "person", "value": "ylva"},
            {"action": "close", "outcome": "oxygen", "pin": "9090"},
        ]
        return [act | {"person": person} for person in people for act in acts]
    if path == "/v1/drills":
        begun: Json = {"drill_id": "theirs", "booth": 3, "type": "full", "pin": "9090"}
        return [begun | {"person": person} for person in ("jo", "ylva")]
    if path == "/v1/button-tests":
        return [{"test_id": "t", "booth": 3, "person": person} for person in ("ylva", "zora")]
    if path in {"/v1/shift/confirm", "/v1/sound-tests"}:
        return [{"person": "ylva"}]
    if path == "/v1/devices/{device}/revoke":
        # Our own coordinator, who may, and theirs, who is nobody here.
        return [{"person": "jo", "pin": "8080"}, {"person": "zora", "pin": "9090"}]
    if path == "/v1/shift/takeover":
        checks = {"naloxone": True, "oxygen": True}
        return [{"takeover_id": "t", "person": "zora", "pin": "9090", "checks": checks}]
    if path == "/v1/presses":
        return [{}, {"press_id": "theirs"}, {"booth": 3, "site": "UTR7"}]
    if path == "/v1/heartbeats":
        return [{}, {"booth": 3}]
    return [{}]


async def test_no_route_crosses_from_one_site_to_the_other(two: Two) -> None:
    """Every route, every kind of caller, by token and by cookie, with the other site's ids."""
    before, tried = state(two), 0
    routes = [route for route in routes_of(two.world) if not route[1].startswith("/twilio")]
    assert {path for _, path in routes} >= {
        "/v1/presses",
        "/v1/alerts/{alert}/actions",
        "/r/{token}",
    }
    for method, path in routes:
        if path in OPEN | PAGES or path.startswith("/r/"):
            continue
        where = path.replace("{alert}", two.their_alert).replace("{device}", two.their_device)
        assert "{" not in where, f"{path}: say what stands for its ids"
        for kind, token in two.tokens.items():
            for headers in (
                {"Authorization": f"Bearer {token}"},
                {"Cookie": f"{cookie_name(kind)}={token}", "Origin": PUBLIC_URL},
            ):
                for body in bodies(path) if method in {"POST", "PUT", "PATCH"} else [None]:
                    answer = await ask(two, method, where, headers, body)
                    tried += 1
                    seen = (method, path, kind, body, answer.status_code, answer.text[:300])
                    assert answer.status_code < 500, seen
                    assert not any(word in answer.text for word in GIVEN_AWAY), seen
                    assert two.their_alert not in answer.text, seen
                    if "{" in path:
                        assert answer.status_code in {403, 404, 422}, seen
    assert tried > 100
    assert state(two) == before


async def ask(
    two: Two, method: str, path: str, headers: dict[str, str], body: Json | None
) -> httpx2.Response:
    """One request; an action has an id of its own."""
    if body is not None and path.endswith("/actions"):
        body = {"action_id": f"x-{next(two.world.ids)}", **body}
    return await two.world.to_us.request(method, path, headers=headers, json=body)


async def test_another_sites_alert_is_a_404_that_looks_like_any_other(two: Two) -> None:
    """To read and to act on, word for word as for an alert that never was."""
    world, tablet = two.world, two.tokens["tablet"]
    for kind in ("screen", "tablet", "monitor"):
        theirs = await world.request("GET", f"/v1/alerts/{two.their_alert}", two.tokens[kind])
        never = await world.request("GET", "/v1/alerts/never", two.tokens[kind])
        assert (theirs.status_code, theirs.json()) == (404, never.json())
    body = {"action_id": "a", "action": "on_my_way", "person": "sam"}
    theirs = await world.request("POST", f"/v1/alerts/{two.their_alert}/actions", tablet, body)
    never = await world.request("POST", "/v1/alerts/never/actions", tablet, body)
    assert (theirs.status_code, theirs.json()) == (404, never.json())


async def test_ids_of_one_site_mean_nothing_at_the_other(two: Two) -> None:
    """The same press_id and action_id are two, and a person of one is nobody at the other."""
    world = two.world
    pressed = await world.request(
        "POST", "/v1/presses", two.tokens["bridge"], {"press_id": "theirs"}
    )
    assert pressed.status_code == 201
    assert pressed.json()["alert"]["site"] == "AMC4"
    body: Json = {"action_id": "same", "action": "on_my_way", "person": "sam"}
    mine = f"/v1/alerts/{two.alert}/actions"
    assert (await world.request("POST", mine, two.tokens["tablet"], body)).status_code == 200
    body["person"] = "ylva"
    refused = await world.request("POST", mine, two.tokens["tablet"], body | {"action_id": "n"})
    assert refused.status_code == 422
    theirs = f"/v1/alerts/{two.their_alert}/actions"
    answer = await world.request("POST", theirs, two.theirs["tablet"], body)
    assert answer.status_code == 200
    assert [one["name"] for one in answer.json()["alert"]["answers"]] == ["Ylva"]


async def test_lists_and_sites_are_ones_own(two: Two) -> None:
    """Each site sees itself and all of itself."""
    for tokens, code, alert in (
        (two.tokens, "AMC4", two.alert),
        (two.theirs, "UTR7", two.their_alert),
    ):
        listed = await two.world.request("GET", "/v1/alerts", tokens["monitor"])
        assert [one["id"] for one in listed.json()["alerts"]] == [alert]
        site = (await two.world.request("GET", "/v1/site", tokens["tablet"])).json()
        assert site["code"] == code
        kinds = {one["kind"] for one in site["buttons"]}
        assert kinds == {"booth", "bridge"}
        assert len(site["buttons"]) == 2


async def test_a_link_acts_at_its_own_site(two: Two) -> None:
    """A cookie or token of another site beside it changes nothing."""
    headers = {"Authorization": f"Bearer {two.tokens['tablet']}"}
    body = {"action": "on_my_way", "action_id": "l"}
    answer = await two.world.to_us.post(two.their_link, json=body, headers=headers)
    assert answer.json()["alert"]["site"] == "UTR7"
    assert answer.json()["alert"]["id"] == two.their_alert
    mine = await two.world.request("GET", f"/v1/alerts/{two.alert}", two.tokens["tablet"])
    assert mine.json()["answers"] == []


async def test_what_anybody_may_see_knows_of_no_site(two: Two) -> None:
    """Health, metrics, the document and the pages."""
    for path in sorted(OPEN | PAGES):
        answer = await two.world.to_us.get(path.format(number=10))
        assert answer.status_code < 500
        for word in (*GIVEN_AWAY, "AMC4", "Damrak", '"Sam"', two.alert, two.their_alert):
            assert word not in answer.text, (path, word)


async def test_a_text_or_call_reaches_the_site_of_its_number(two: Two) -> None:
    """Somebody of one site who texts or rings the other is a stranger there."""
    world = two.world
    theirs = world.connection.execute("SELECT number FROM numbers WHERE site = 'UTR7'")
    for (number,) in theirs:
        before = state(two)
        said = await world.phone("sam").reply("1", to=number)
        assert said is None or not any(word in said for word in GIVEN_AWAY)
        alerts = await world.request("GET", f"/v1/alerts/{two.their_alert}", two.theirs["tablet"])
        shown = [(one["person"], one["counted"]) for one in alerts.json()["answers"]]
        assert shown in ([], [("unknown phone", False)])
        # A stranger is noted in the log and in the alert, and moves nothing.
        assert len(state(two)) <= len(before) + 1
        assert (alerts.json()["state"], alerts.json()["ladder"]) == ("unanswered", "running")
