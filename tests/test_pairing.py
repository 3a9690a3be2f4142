"""Pairing: a code works once and for a while, a token always; each gives one cookie."""

import asyncio
import re

import httpx2

from dispatch import registry, setup
from service.callers import cookie_name
from tests.contract import guarded, refused
from tests.world import DEMO_SITE, PUBLIC_URL, World

COOKIE = {"HttpOnly", "Secure", "SameSite=strict", "Path=/"}


async def pair(world: World, **body: str) -> httpx2.Response:
    """Pair this browser; every test has an address of its own, that of its world."""
    return await world.to_us.post("/v1/pair", json=body, headers={"Origin": PUBLIC_URL})


def code_of(world: World, kind: str, booth: int | None = None) -> str:
    """A fresh code of a new device."""
    return world.carry_out(setup.new_code(world.device_of(world.device(kind, booth))))


def parts_of(answer: httpx2.Response) -> tuple[str, str, set[str]]:
    """Name, value and attributes of the one cookie that is set."""
    (line,) = answer.headers.get_list("set-cookie")
    first, *attributes = [part.strip() for part in line.split(";")]
    name, _, value = first.partition("=")
    return name, value.strip('"'), set(attributes)


async def test_a_code_pairs_a_browser(world: World) -> None:
    """The answer says what it is now and where to go, and the cookie carries a token of its own."""
    pages = {"booth": "/booth", "screen": "/wall", "tablet": "/wall"}
    for kind in ("booth", "screen", "tablet", "monitor"):
        booth = 4 if kind == "booth" else None
        answer = await pair(world, code=code_of(world, kind, booth))
        assert answer.status_code == 200
        guarded(answer)
        said = answer.json()
        assert set(said) == {"device_id", "kind", "site", "booth", "page"}
        assert (said["kind"], said["site"], said["booth"]) == (kind, "AMC4", booth)
        assert said["page"] == pages.get(kind, "/")
        name, token, attributes = parts_of(answer)
        assert name == cookie_name(kind) == f"__Host-directline-{kind}"
        assert attributes - {"Max-Age=157680000"} == COOKIE
        headers = {"Cookie": f"{name}={token}"}
        who = await world.to_us.get(f"/v1/whoami?as={kind}", headers=headers)
        assert who.json()["device_id"] == said["device_id"]


async def test_a_code_works_once(world: World) -> None:
    """However it is typed: small letters, spaces, without the dash."""
    code = code_of(world, "screen")
    assert len(code) == 9
    assert code[4] == "-"
    typed = f" {code.lower().replace('-', ' ')} "
    assert (await pair(world, code=typed)).status_code == 200
    refused(await pair(world, code=code), 404, "not_found")


async def test_a_code_used_twice_at_once_works_once(world: World) -> None:
    """Two browsers, one code."""
    code = code_of(world, "screen")
    answers = await asyncio.gather(*(pair(world, code=code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


async def test_a_code_lives_ten_minutes(world: World) -> None:
    """Just before, it works; just after, not any more."""
    early, late = code_of(world, "screen"), code_of(world, "screen")
    world.clock.move(599)
    assert (await pair(world, code=early)).status_code == 200
    world.clock.move(2)
    refused(await pair(world, code=late), 404, "not_found")


async def test_ten_wrong_codes_a_minute_are_enough(world: World) -> None:
    """Then 429, even for a right one; a minute later it goes on. Right ones are not counted."""
    right = [code_of(world, "screen") for _ in range(14)]
    for code in right[:12]:
        assert (await pair(world, code=code)).status_code == 200
    for _ in range(10):
        refused(await pair(world, code="AAAA-AAAA"), 404, "not_found")
    answer = await pair(world, code=right[12])
    refused(answer, 429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    refused(await pair(world, token="never-issued"), 429, "too_many")
    world.clock.move(60.5)
    assert (await pair(world, code=right[13])).status_code == 200


async def test_many_wrong_codes_at_once_are_not_all_the_first(world: World) -> None:
    """Forty at the same moment: ten are looked at."""
    answers = await asyncio.gather(*(pair(world, token=f"guess-{i}") for i in range(40)))
    assert sorted(answer.status_code for answer in answers) == [404] * 10 + [429] * 30


async def test_a_second_button_of_a_booth_is_asked_for_first(world: World) -> None:
    """One that was never heard of is none; what is asked uses nothing up and is no wrong code."""
    world.device("booth", 4)  # It was made, and never heard of.
    first = world.device("booth", 4)
    await world.request("POST", "/v1/heartbeats", first, {})
    assert (await pair(world, code=code_of(world, "booth", 5))).status_code == 200
    assert (await pair(world, code=code_of(world, "tablet"))).status_code == 200
    again = world.carry_out(setup.new_code(world.device_of(first)))
    assert (await pair(world, code=again)).status_code == 200
    code = code_of(world, "booth", 4)
    for _ in range(12):
        said = refused(await pair(world, code=code), 409, "booth_taken")
        old = world.device_of(first)
        shown = {"device_id": old.id, "name": old.name}
        assert said["booth"] == 4
        assert said["buttons"] == [shown | {"last_seen_at": "2026-11-24T13:03:27.000Z"}]
    refused(await pair(world, code=code, others="both"), 422, "invalid", "body.others")
    assert (await pair(world, code=code, others="keep")).status_code == 200
    assert world.device_of(first).status == "active"
    new = code_of(world, "booth", 4)
    assert (await pair(world, code=new, others="replace")).status_code == 200
    assert world.device_of(first).status == "revoked"
    # It is no button any more, and still whoever presses it is heard.
    answer = await world.request("POST", "/v1/presses", first, {"booth": 4})
    assert answer.json()["alert"]["unknown_device"] is True


async def test_a_token_pairs_as_well(world: World) -> None:
    """The token itself goes into the cookie; a revoked one does not work."""
    token = world.device("tablet")
    answer = await pair(world, token=token)
    assert answer.status_code == 200
    assert parts_of(answer)[1] == token
    world.carry_out(setup.set_status(world.device_of(token), "revoked"))
    refused(await pair(world, token=token), 404, "not_found")


async def test_a_code_of_a_revoked_device_or_a_retired_booth_does_not_work(world: World) -> None:
    """It would only get 401 afterwards."""
    token, booth = world.device("screen"), world.device("booth", 8)
    code = world.carry_out(setup.new_code(world.device_of(token)))
    at_booth = world.carry_out(setup.new_code(world.device_of(booth)))
    world.carry_out(setup.set_status(world.device_of(token), "revoked"))
    world.load(DEMO_SITE.read_text("utf-8").replace("[[booths]]\nnumber = 8\n", ""))
    await world.service.look()
    refused(await pair(world, code=code), 404, "not_found")
    refused(await pair(world, code=at_booth), 404, "not_found")
    refused(await pair(world, token=booth), 404, "not_found")


async def test_one_of_code_and_token(world: World) -> None:
    """Neither, both or more: 422."""
    bodies: list[object] = [
        {},
        {"code": "A", "token": "B"},
        {"code": None},
        {"code": "x" * 65},
        {"token": "x" * 257},
        {"code": "AAAA-AAAA", "site": "AMC4"},
        {"code": 7},
        [],
        "AAAA-AAAA",
    ]
    for body in bodies:
        answer = await world.to_us.post("/v1/pair", json=body)
        refused(answer, 422, "invalid")


async def test_a_foreign_page_can_not_pair(world: World) -> None:
    """Nor forget; without an Origin nobody's browser is asking."""
    code = code_of(world, "screen")
    foreign = {"Origin": "http://evil.example"}
    answer = await world.to_us.post("/v1/pair", json={"code": code}, headers=foreign)
    refused(answer, 403, "not_allowed")
    assert "set-cookie" not in answer.headers
    assert (await world.to_us.post("/v1/pair", json={"code": code})).status_code == 200
    refused(await world.to_us.delete("/v1/pair?as=screen", headers=foreign), 403, "not_allowed")
    held = {"Cookie": f"{cookie_name('screen')}=x"}
    refused(await world.to_us.delete("/v1/pair?as=screen", headers=held), 403, "not_allowed")


async def test_forgetting_clears_that_cookie_alone(world: World) -> None:
    """204, and the same attributes, so that the browser finds it."""
    answer = await world.to_us.delete("/v1/pair?as=screen", headers={"Origin": PUBLIC_URL})
    assert answer.status_code == 204
    assert answer.content == b""
    guarded(answer)
    name, value, attributes = parts_of(answer)
    assert (name, value) == (cookie_name("screen"), "")
    assert "Max-Age=0" in attributes
    assert attributes >= COOKIE
    for wanted in ("", "?as=king", "?as="):
        refused(await world.to_us.delete(f"/v1/pair{wanted}"), 422, "invalid", "query.as")


async def test_nothing_secret_is_kept_in_plain(world: World) -> None:
    """Tokens and codes are hashes in the database, of 256 bits and 40 bits."""
    token = world.device("screen")
    assert len(token) >= 43
    code = world.carry_out(setup.new_code(world.device_of(token)))
    whole = "\n".join(
        str(row)
        for table in ("devices", "tokens", "codes", "pins", "log", "sites", "links")
        for row in world.connection.execute(f"SELECT * FROM {table}")
    )
    assert token not in whole
    assert code.replace("-", "") not in whole
    assert code not in whole
    assert "8080" not in re.sub(
        r"[0-9a-f]{64}", "", whole.replace(PUBLIC_URL, "")
    )  # But in no hash.
    assert registry.hashed(token) in whole
