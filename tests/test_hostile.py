"""Hostile and broken requests: a clear refusal with every header, never a 5xx, nothing changed."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest

from service import app
from service.headers import SecurityHeaders
from tests.contract import MEDIA, guarded, refused, routes_of
from tests.postgres import Postgres
from tests.world import PUBLIC_URL, World, open_world

JSON = {"Content-Type": "application/json"}
HOSTILE: dict[str, bytes] = {
    "no JSON": b"{",
    "nothing": b"",
    "an array": b"[]",
    "null": b"null",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "bytes": bytes(range(256)),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "deep arrays": b"[" * 30_000,
    "deep objects": b'{"a":' * 10_000,
    "deep and whole": b'{"a": ' + b"[" * 9_000 + b"]" * 9_000 + b"}",
    "a huge number": b'{"battery": ' + b"9" * 5_000 + b"}",
    "beyond 63 bits": b'{"booth": 9223372036854775808, "of": 9223372036854775808}',
    "infinite": b'{"period_s": Infinity, "dose_mg": -Infinity, "signal": NaN}',
    "half a pair": b'{"action_id": "\\ud800", "code": "\\udfff", "person": "\\ud83d"}',
    "half a pair as a key": b'{"\\ud800": {"\\udfff": 1}}',
    "NUL": b'{"action_id": "\\u0000", "person": "sam\\u0000", "\\u0000": 1}',
    "a raw NUL": b'{"a": "\x00"}',
    "twice the same key": b'{"person": "sam", "person": "jo", "action": 1, "action": 2}',
    "wrong types": b'{"action": {}, "person": [], "battery": "x", "code": {"a": 1}}',
}


async def test_no_body_breaks_a_route(world: World) -> None:
    """Every route that takes a body, with each of these, from those who may."""
    await attack(world)


async def test_no_body_breaks_a_route_on_postgres(tmp_path: Path, postgres: Postgres) -> None:
    """Its text holds no NUL and its numbers have an end; the answers are the same."""
    async with open_world(tmp_path, database_url=postgres.create_database(), phones=False) as world:
        await attack(world)
        tablet = world.tablet()
        for path in (
            "/v1/alerts/a%00b",
            "/v1/alerts/%FF",
            "/r/%00",
            "/v1/alerts?before=2147483647",
        ):
            answer = await world.request("GET", path, tablet)
            assert answer.status_code in {200, 404}, (path, answer.text)
        for of in (1, 2**31, 2**63 - 1):
            answer = await world.act("correct", of=of, field="kind", value="medical")
            assert answer.status_code in {200, 422}, (of, answer.text)
        for booth in (2**31 - 1, 2**31, 2**63, -1):
            press = await world.request("POST", "/v1/presses", tablet, {"booth": booth})
            assert press.status_code == 201, (booth, press.text)
        sick = {"press_id": "a\x00b", "kind": "\x00", "pressed_at": "0001-01-01T00:00:00+23:59"}
        press = await world.request("POST", "/v1/presses", tablet, sick)
        assert press.status_code == 201
        for pair in ({"code": "\x00"}, {"token": "\x00"}):
            assert (await world.to_us.post("/v1/pair", json=pair)).status_code == 404


async def attack(world: World) -> None:
    """Everything, everywhere, in the name of everybody."""
    await world.press(3)
    alert = world.newest()
    tokens = [world.tablet(), world.device("booth", 3), world.device("bridge", None, "B"), ""]
    for method, route in routes_of(world):
        if method not in {"POST", "DELETE"} or route.startswith("/twilio"):
            continue
        path = route.replace("{alert}", alert).replace("{token}", "x" * 22)
        for what, content in HOSTILE.items():
            for token in tokens:
                headers = JSON | ({"Authorization": f"Bearer {token}"} if token else {})
                answer = await world.to_us.request(method, path, content=content, headers=headers)
                assert answer.status_code < 500, (route, what, answer.text)
                guarded(answer)
                if answer.is_error:
                    assert answer.headers["content-type"] == MEDIA, (route, what)
                elif route != "/v1/presses":
                    # A heartbeat may say nothing of itself; these two have no fields.
                    bare = {"/booth/press", "/v1/drills/current"}
                    fine = what in {"nothing", "null"} or route in bare
                    assert fine, (route, what)


async def test_five_megabytes_are_refused_unread(world: World) -> None:
    """413 on every route that takes a body, said or dripping, and for a wrong length too."""
    await world.press(3)

    async def dripping() -> AsyncGenerator[bytes]:
        for _ in range(5_000):
            yield b'{"a": "' + b"x" * 1_000

    for method, route in routes_of(world):
        if method != "POST" or route.startswith("/twilio"):
            continue
        path = route.replace("{alert}", world.newest()).replace("{token}", "x" * 22)
        headers = JSON | {"Authorization": f"Bearer {world.tablet()}"}
        refused(
            await world.to_us.post(path, content=b"x" * 5_000_000, headers=headers),
            413,
            "too_large",
        )
        if not route.startswith(("/r/", "/booth")):
            answer = await world.to_us.post(path, content=dripping(), headers=headers)
            refused(answer, 413, "too_large")


async def test_webhooks_that_are_not_signed(world: World) -> None:
    """403 whatever is sent, and nothing is changed."""
    await world.press(3)
    before = world.connection.execute("SELECT * FROM log ORDER BY site, seq")
    form = "application/x-www-form-urlencoded"
    bodies = [
        (b"", form),
        (b"MessageSid=SM1&MessageStatus=delivered", form),
        (b"From=%00&Body=%ff%fe", form),
        (b"{", "application/json"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=\xff"),
    ]
    for method, route in routes_of(world):
        if route.startswith("/twilio"):
            path = route.replace("{token}", "x" * 22).replace("{alert}", world.newest())
            for content, kind in bodies:
                for signature in ({}, {"X-Twilio-Signature": "AAAA"}, {"X-Twilio-Signature": "é"}):
                    headers = [(b"content-type", kind.encode("latin-1"))]
                    headers += [(k.encode(), v.encode()) for k, v in signature.items()]
                    answer = await world.to_us.request(
                        method, path, content=content, headers=headers
                    )
                    assert answer.status_code in {403, 422}, (path, content)
                    assert answer.headers["content-type"] == MEDIA
                    guarded(answer)
    assert world.connection.execute("SELECT * FROM log ORDER BY site, seq") == before


async def test_odd_paths_and_queries(world: World) -> None:
    """404 or 405 or 422, as problems; nothing is told back of what was asked."""
    headers = {"Authorization": f"Bearer {world.tablet()}"}
    paths = (
        "/nothing",
        "/%00",
        "/%FF%FE",
        "/" + "a" * 20_000,
        "/web/../service/app.py",
        "/web/%2e%2e/%2e%2e/pyproject.toml",
        "/web/..%2f..%2fpyproject.toml",
        "/web/nothing.js",
        "/web/%00",
        "/web/" + "a" * 5_000,
        "/v1/alerts/%2e%2e%2f",
        "/v1/alerts/a%00b",
        "/v1/alerts?before=%ff",
        "/v1/alerts?limit=1&limit=2&limit=x",
        "/alert/%00",
        "/r/%00",
    )
    for path in paths:
        answer = await world.to_us.get(path, headers=headers)
        assert answer.status_code in {200, 404, 422}, (path, answer.status_code)
        guarded(answer)
        if answer.is_error:
            assert answer.headers["content-type"] == MEDIA
            assert "canary" not in answer.text
    wrong = await world.to_us.request("BREW", "/v1/presses", headers=headers)
    refused(wrong, 405, "method_not_allowed")
    for method, path in (("GET", "/v1/presses"), ("PUT", "/v1/site"), ("POST", "/web/wall.js")):
        refused(await world.to_us.request(method, path, headers=headers), 405, "method_not_allowed")


async def test_every_answer_has_every_header(world: World) -> None:
    """Pages, scripts, documents, health and refusals; what may be kept is asked about first."""
    for path in ("/openapi.json", "/healthz", "/readyz"):
        answer = await world.to_us.get(path)
        assert answer.status_code == 200, path
        guarded(answer)
        assert answer.headers["cache-control"] == "no-store"
    for path in ("/", "/booth", "/wall", "/pair", "/web/wall.js", "/web/directline.css", "/sw.js"):
        answer = await world.to_us.get(path)
        assert answer.status_code == 200
        guarded(answer)
        assert answer.headers["cache-control"] == "no-cache"
    kept = {"If-None-Match": (await world.to_us.get("/web/wall.js")).headers["etag"]}
    again = await world.to_us.get("/web/wall.js", headers=kept)
    assert again.status_code == 304
    guarded(again)
    policy = (await world.to_us.get("/wall")).headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (await world.to_us.get("/wall")).headers["referrer-policy"] == "no-referrer"


async def test_our_own_fault_is_a_problem_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 with its headers, and nothing of the fault is told."""

    def broken(_press: object) -> None:
        raise ZeroDivisionError("canary")

    monkeypatch.setattr(world.service.desk, "press", broken)
    transport = httpx2.ASGITransport(app.outermost(world.service), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        headers = {"Authorization": f"Bearer {world.device('bridge')}"}
        answer = await client.post("/v1/presses", headers=headers)
    refused(answer, 500, "failed")
    assert "canary" not in answer.text


async def test_behind_tls_browsers_are_told_to_keep_to_it(world: World) -> None:
    """HSTS only where the outside reaches us by https."""
    assert "strict-transport-security" not in (await world.to_us.get("/wall")).headers
    transport = httpx2.ASGITransport(SecurityHeaders(world.service.app, https=True))
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        for path in ("/wall", "/nothing"):
            answer = await client.get(path)
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            guarded(answer)
