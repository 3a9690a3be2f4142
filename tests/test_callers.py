"""Who may call: tokens, cookies of browsers, where they come from, and what each kind may do."""

from typing import Any

import httpx2
import pytest
from starlette.requests import Request

from dispatch import setup
from dispatch.book import Book
from service.callers import KINDS, Callers, cookie_name
from service.problems import Problem
from tests.contract import refused
from tests.world import DEMO_SITE, PUBLIC_URL, World

Json = dict[str, Any]
READ = {"screen", "tablet", "monitor"}
MAY: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/presses"): {"booth", "bridge", "tablet"},
    ("POST", "/v1/heartbeats"): {"booth", "bridge"},
    ("GET", "/v1/alerts"): READ,
    ("GET", "/v1/alerts/{alert}"): READ,
    ("POST", "/v1/alerts/{alert}/actions"): {"tablet"},
    ("GET", "/v1/site"): READ,
    ("GET", "/v1/site/address"): {"tablet"},
    ("GET", "/v1/devices/health"): READ,
    ("GET", "/v1/whoami"): set(KINDS),
}
"""The table of `wire.md`, route by route."""


async def call(
    world: World, method: str, path: str, headers: dict[str, str] | None = None
) -> httpx2.Response:
    """A request that makes sense to this route."""
    body: Json | None = {} if method == "POST" else None
    if path.endswith("/actions"):
        body = {"action_id": f"c-{next(world.ids)}", "action": "more_people", "person": "sam"}
    path = path.format(alert=world.newest())
    return await world.to_us.request(method, path, headers=headers, json=body)


def cookie(kind: str, token: str, **more: str) -> dict[str, str]:
    """The headers of a browser that is paired as this kind."""
    return {"Cookie": f"{cookie_name(kind)}={token}", **more}


async def test_each_kind_may_do_what_the_table_says_and_nothing_else(world: World) -> None:
    """Every route, every kind of device; 403 for what it may not."""
    await world.press(3)
    tokens = {kind: world.device(kind, 4 if kind == "booth" else None) for kind in KINDS}
    for (method, path), kinds in MAY.items():
        for kind, token in tokens.items():
            answer = await call(world, method, path, {"Authorization": f"Bearer {token}"})
            if kind in kinds:
                assert answer.is_success, (method, path, kind, answer.text)
            else:
                refused(answer, 403, "not_allowed")


async def test_without_a_token_nobody_learns_anything(world: World) -> None:
    """401 on every route, also before the shape of a body is looked at."""
    await world.press(3)
    for method, path in MAY:
        for headers in (
            {},
            {"Authorization": "Bearer never-issued"},
            {"Authorization": "Bearer"},
            {"Authorization": "Basic c2FtOnNhbQ=="},
            cookie("screen", "never-issued", Origin=PUBLIC_URL),
            {"Cookie": "__Host-directline-king=x", "Origin": PUBLIC_URL},
        ):
            refused(await call(world, method, path, headers), 401, "unauthenticated")
        if method == "POST" and path != "/v1/presses":
            where = path.format(alert="x" * 100)
            answer = await world.to_us.request(method, where, json={"\u00e9": 1})
            refused(answer, 401, "unauthenticated")


async def test_a_revoked_device_only_raises_alerts(world: World) -> None:
    """401 for all but presses, which are marked; blocked, 403."""
    token = world.device("tablet")
    headers = {"Authorization": f"Bearer {token}"}
    await world.press(3)
    device = world.device_of(token)
    assert world.carry_out(setup.set_status(device, "revoked")) is True
    await world.service.look()
    for method, path in MAY:
        if path != "/v1/presses":
            refused(await call(world, method, path, headers), 401, "unauthenticated")
    answer = await world.request("POST", "/v1/presses", token, {"booth": 5})
    assert answer.status_code == 201
    assert answer.json()["alert"]["unknown_device"] is True
    assert world.carry_out(setup.set_status(device, "blocked")) is True
    await world.service.look()
    refused(await world.request("POST", "/v1/presses", token), 403, "not_allowed")
    assert world.carry_out(setup.set_status(device, "revoked")) is False, "blocked is for good"
    await world.service.look()
    refused(await world.request("POST", "/v1/presses", token), 403, "not_allowed")


async def test_a_booth_taken_out_of_the_site_file_still_raises_alerts(world: World) -> None:
    """Its device is unknown from then on; put back, it is known again."""
    token = world.device("booth", 8)
    text = DEMO_SITE.read_text("utf-8")
    assert "[[booths]]\nnumber = 8\n" in text
    world.load(text.replace("[[booths]]\nnumber = 8\n", ""))
    await world.service.look()
    refused(await world.request("GET", "/v1/whoami", token), 401, "unauthenticated")
    answer = await world.request("POST", "/v1/presses", token)
    assert answer.status_code == 201
    alert = answer.json()["alert"]
    assert (alert["unknown_device"], alert["booth"], alert["booth_known"]) == (True, 8, False)
    world.load(text)
    await world.service.look()
    assert (await world.request("GET", "/v1/whoami", token)).status_code == 200


async def test_a_known_press_makes_an_alert_known(world: World) -> None:
    """An alert known only from unknown devices stays marked until another device presses."""
    token = world.device("bridge")
    world.carry_out(setup.set_status(world.device_of(token), "revoked"))
    await world.service.look()
    first = await world.request("POST", "/v1/presses", token, {"booth": 3})
    assert first.json()["alert"]["unknown_device"] is True
    again = await world.request("POST", "/v1/presses", token, {"booth": 3})
    assert again.json()["alert"]["unknown_device"] is True
    other = await world.request("POST", "/v1/presses", world.device("booth", 3))
    assert (other.json()["joined"], other.json()["alert"]["unknown_device"]) == (True, False)


async def test_a_browser_must_come_from_our_own_page_to_change_anything(world: World) -> None:
    """A cookie with a foreign or no Origin is 403 for all but GET; loopback names count."""
    await world.press(3)
    token = world.device("tablet")
    own = (PUBLIC_URL, "http://localhost:8080", "http://[::1]:8080", "http://127.0.0.1:8080")
    foreign = (
        "https://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:8081",
        "http://localhost",
        "http://127.0.0.1:8080.evil.example",
        "http://evil.example",
        "http://127.0.0.1:8080/",
        "HTTP://127.0.0.1:8080",
        "null",
        "",
    )
    for method, path in MAY:
        if path == "/v1/heartbeats":
            continue
        for origin in own:
            answer = await call(world, method, path, cookie("tablet", token, Origin=origin))
            assert answer.is_success, (path, origin, answer.text)
        for headers in (
            *(cookie("tablet", token, Origin=origin) for origin in foreign),
            cookie("tablet", token),
            cookie("tablet", token, Referer=f"{PUBLIC_URL}/wall"),
        ):
            answer = await call(world, method, path, headers)
            if method == "GET":
                assert answer.status_code == 200
            else:
                refused(answer, 403, "not_allowed")


async def test_a_form_of_a_page_without_referrer_is_known_by_the_browsers_word(
    world: World,
) -> None:
    """Such a form has the Origin null; Sec-Fetch-Site, which no page can forge, says the rest."""
    token = world.device("booth", 3)
    same = cookie("booth", token, Origin="null", **{"Sec-Fetch-Site": "same-origin"})
    answer = await world.to_us.post("/booth/press", headers=same)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/booth?pressed=1")
    assert (await world.alert())["booth"] == 3
    for where in ("cross-site", "same-site", "none"):
        other = cookie("booth", token, Origin="null", **{"Sec-Fetch-Site": where})
        refused(await world.to_us.post("/booth/press", headers=other), 403, "not_allowed")
    foreign = {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}
    refused(
        await world.to_us.post("/booth/press", headers=cookie("booth", token, **foreign)),
        403,
        "not_allowed",
    )


async def test_a_token_needs_no_origin(world: World) -> None:
    """With a Bearer token any Origin is fine: no browser adds one by itself."""
    await world.press(3)
    headers = {"Authorization": f"Bearer {world.tablet()}", "Origin": "http://evil.example"}
    for method, path in MAY:
        if path != "/v1/heartbeats":
            assert (await call(world, method, path, headers)).is_success


async def test_a_browser_says_which_of_its_pairings_it_means(world: World) -> None:
    """One cookie speaks for itself; of two, `?as=` names one."""
    booth, wall = world.device("booth", 3), world.device("screen")
    both = {"Cookie": f"{cookie_name('booth')}={booth}; {cookie_name('screen')}={wall}"}
    one = await world.to_us.get("/v1/whoami", headers=cookie("booth", booth))
    assert one.json()["kind"] == "booth"
    refused(await world.to_us.get("/v1/whoami", headers=both), 401, "unauthenticated")
    for kind in ("booth", "screen"):
        answer = await world.to_us.get(f"/v1/whoami?as={kind}", headers=both)
        assert answer.json()["kind"] == kind
    for kind in ("tablet", "king", ""):
        answer = await world.to_us.get(f"/v1/whoami?as={kind}", headers=both)
        refused(answer, 401, "unauthenticated")
    # A booth's token in the cookie of a tablet does not make it one.
    answer = await world.to_us.get("/v1/whoami", headers=cookie("tablet", booth))
    refused(answer, 401, "unauthenticated")
    # A token speaks before any cookie.
    headers = cookie("booth", booth, Authorization=f"Bearer {wall}")
    answer = await world.to_us.get("/v1/whoami?as=booth", headers=headers)
    assert answer.json()["kind"] == "screen"


async def test_our_origin_is_the_public_urls_as_browsers_say_it(world: World) -> None:
    """Lower-case, without path and usual port; loopback only where we listen there."""
    cases = [
        ("https://Alarm.Example:443/deep", "0.0.0.0", "https://alarm.example", True),
        ("https://alarm.example", "0.0.0.0", "https://alarm.example:8443", False),
        ("https://alarm.example", "0.0.0.0", "http://alarm.example", False),
        ("https://alarm.example", "0.0.0.0", "http://127.0.0.1:8080", False),
        ("https://alarm.example", "127.0.0.1", "http://localhost:8080", True),
        ("https://alarm.example", "127.0.0.1", "http://localhost:8081", False),
        ("http://[::1]:80", "0.0.0.0", "http://[::1]", True),
    ]
    for url, host, origin, fine in cases:
        callers = Callers(world.service.reader, Book(), url, host, 8080)
        headers = [(b"origin", origin.encode())]
        request = Request({"type": "http", "method": "POST", "headers": headers})
        if fine:
            callers.check_origin(request)
        else:
            with pytest.raises(Problem, match="not_allowed"):
                callers.check_origin(request)
