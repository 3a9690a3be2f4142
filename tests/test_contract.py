"""Presses as `wire.md` says them: what is stored, what is joined, what is ignored and refused."""

import hashlib
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx2

from tests.contract import guarded, refused
from tests.world import World

Json = dict[str, Any]


async def post(
    world: World, token: str | None, content: bytes = b"", kind: str | None = "application/json"
) -> httpx2.Response:
    """A press with exactly these bytes."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if kind is not None:
        headers["Content-Type"] = kind
    return await world.to_us.post("/v1/presses", content=content, headers=headers)


async def said(world: World, token: str, body: Json, status: int = 201) -> Json:
    """What is answered to this press."""
    answer = await post(world, token, json.dumps(body).encode())
    assert answer.status_code == status, answer.text
    guarded(answer)
    return answer.json()


async def test_an_empty_body_is_a_press(world: World) -> None:
    """A button that can say nothing raises an alert in its own booth."""
    answer = await post(world, world.device("booth", 4), kind=None)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"press_id", "alert", "joined"}
    assert body["press_id"]
    assert body["joined"] is False
    alert = body["alert"]
    assert (alert["booth"], alert["booth_known"], alert["kind"]) == (4, True, "unclear")
    assert (alert["state"], alert["ladder"], alert["presses"]) == ("unanswered", "running", 1)
    assert alert["unknown_device"] is False
    assert alert["drill"] is False


async def test_an_alert_has_the_shape_of_the_contract(world: World) -> None:
    """Every name of the Alert, and times in UTC with milliseconds."""
    alert = (await world.press(3, pressed_at="2026-11-24T14:03:20+01:00"))["alert"]
    names = (
        "id number site booth booth_known unknown_device kind drill again state ladder late presses"
        " raised_at pressed_at first_answer_at arrived_at closed_at outcome ended_by answers jobs"
        " next sounding line care seq version"
    )
    assert set(names.split()) <= set(alert)
    assert alert["raised_at"] == "2026-11-24T13:03:27.000Z"
    assert alert["pressed_at"] == "2026-11-24T13:03:20.000Z"
    assert set(alert["next"]) == {"at", "what", "rung", "do", "who"}
    assert set(alert["line"]) >= {"state", "number_index", "round", "since", "by_hand", "legs"}
    care = {"oxygen", "naloxone", "reassess_at", "breathing", "awake", "oxygen_at", "naloxone_at"}
    assert set(alert["care"]) == care


async def test_a_booth_sees_counts_in_place_of_names(world: World) -> None:
    """A booth's answer has no answers, jobs, line or care."""
    alert = (await said(world, world.device("booth", 4), {}))["alert"]
    assert (alert["answers"], alert["jobs"]) == (0, 0)
    assert not {"line", "care", "coming", "there", "unreachable"} & set(alert)


async def test_a_wrong_content_type_is_a_press(world: World) -> None:
    """With a Bearer token the body is read whatever it calls itself."""
    token = world.device("bridge")
    for kind in ("text/plain", "application/xml", "multipart/form-data", "a b", None):
        answer = await post(world, token, b'{"booth": 5}', kind)
        assert answer.status_code == 201, kind
        assert answer.json()["alert"]["booth"] == 5


UNREADABLE: list[tuple[str, object]] = [
    ("pressed_at", "yesterday"),
    ("pressed_at", 5),
    ("pressed_at", "2026-11-24T14:03:20"),
    ("pressed_at", "9999-12-31T23:59:59-23:59"),
    ("pressed_at", ["2026-11-24T14:03:20Z"]),
    ("kind", "fire"),
    ("kind", 7),
    ("kind", ["overdose"]),
    ("kind", None),
    ("kind", {"a": 1}),
    ("booth", "3"),
    ("booth", -1),
    ("booth", 2**31),
    ("booth", 2**63),
    ("booth", 10**400),
    ("booth", True),
    ("booth", 1.5),
    ("press_id", "x" * 65),
    ("press_id", 12),
    ("press_id", ""),
    ("press_id", "\ud800"),
    ("press_id", "a\x00b"),
    ("press_id", {"a": ["b"]}),
]


async def test_what_can_not_be_read_is_ignored_and_said(world: World) -> None:
    """A true press is never refused for an optional field."""
    token = world.device("bridge")
    for field, value in UNREADABLE:
        body = await said(world, token, {field: value})
        assert body["ignored"] == [field], value
        assert body["alert"]["kind"] == "unclear"
        assert body["alert"]["pressed_at"] is None
        assert body["alert"]["booth"] is None


async def test_unknown_fields_never_refuse_a_press(world: World) -> None:
    """Not even half of a pair, or a number no machine can hold."""
    odd: Json = {"\ud800": "\udfff", "é": 1e308, "n": 2**70, "\x00": None, "nested": {"a": [1]}}
    body = await said(world, world.device("bridge"), odd | {"booth": 2})
    assert "ignored" not in body
    assert body["alert"]["booth"] == 2


async def test_an_object_too_deep_to_read_is_a_press(world: World) -> None:
    """It raises an alert without what it says."""
    deep = b'{"booth": 2, "a": ' + b"[" * 1900 + b"]" * 1900 + b"}"
    answer = await post(world, world.device("bridge"), deep)
    assert answer.status_code == 201
    assert answer.json()["ignored"] == ["body"]


async def test_only_what_is_no_object_is_refused(world: World) -> None:
    """422, and nothing is stored."""
    token = world.device("bridge")
    for body in [b"[]", b"null", b"3", b'"help"', b"{", b"\xff\xfe\xfa", b"[" * 3000, b"NaN"]:
        refused(await post(world, token, body), 422, "invalid", "body")
    assert world.connection.execute("SELECT count(*) FROM alerts")[0][0] == 0


async def test_a_press_has_at_most_4_kb(world: World) -> None:
    """4096 bytes are read; one more is too large; five million too."""
    token = world.device("bridge")
    fitting = b'{"a": "' + b"x" * (4096 - 9) + b'"}'
    assert len(fitting) == 4096
    assert (await post(world, token, fitting)).status_code == 201
    refused(await post(world, token, fitting + b" "), 413, "too_large")
    refused(await post(world, token, b"x" * 5_000_000), 413, "too_large")

    async def dripping() -> AsyncGenerator[bytes]:
        for _ in range(50):
            yield b" " * 1000

    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.to_us.post("/v1/presses", content=dripping(), headers=headers)
    refused(answer, 413, "too_large")


async def test_the_same_press_again_is_200_and_the_same_alert(world: World) -> None:
    """However often and whatever else it says by then."""
    token = world.device("bridge")
    first = await said(world, token, {"press_id": "p-1", "booth": 3})
    for body in ({"booth": 3}, {"booth": 5, "kind": "medical"}, {}):
        again = await said(world, token, {"press_id": "p-1", **body}, 200)
        assert again["alert"]["id"] == first["alert"]["id"]
        assert again["joined"] is False
        assert again["alert"]["presses"] == 1
    other = world.device("bridge", None, "Other")
    assert (await said(world, other, {"press_id": "p-1"}, 200))["alert"]["booth"] == 3


async def test_a_closed_alert_still_answers_its_own_press(world: World) -> None:
    """The retry of an old press raises nothing new."""
    first = await world.press(3, press_id="old")
    await world.act("at_booth")
    await world.act("stand_down", "jo", reason="nothing_wrong")
    assert (await world.press(3, press_id="old"))["alert"]["id"] == first["alert"]["id"]
    fresh = await world.press(3, press_id="new")
    assert fresh["alert"]["id"] != first["alert"]["id"]
    assert fresh["alert"]["again"] is True
    assert (await world.press(4))["alert"]["again"] is False, "another booth's is no second time"


async def test_a_second_press_joins_while_people_are_wanted(world: World) -> None:
    """Same booth: joined. Another booth: an alert of its own. A recovering one: a new one."""
    first = await world.press(3)
    second = await world.press(3)
    assert second["joined"] is True
    assert second["alert"]["id"] == first["alert"]["id"]
    assert second["alert"]["presses"] == 2
    for one, joined in ((first, False), (second, True)):
        again = await world.press(3, press_id=one["press_id"])
        assert (again["joined"], again["alert"]["presses"]) == (joined, 2)
    other = await world.press(4)
    assert other["joined"] is False
    alert = first["alert"]["id"]
    await world.act("at_booth", alert=alert)
    await world.act("safe", alert=alert)
    third = await world.press(3)
    assert third["joined"] is False
    assert third["alert"]["id"] != alert


async def test_no_alert_is_called_99(world: World) -> None:
    """That is the code of the ambulance line; the number is of no other alert either."""
    await world.press(3)
    world.connection.change("UPDATE log_heads SET number = 97", {})
    numbers = [(await world.press(booth))["alert"]["number"] for booth in (4, 5, 6)]
    assert numbers == [98, 100, 101]


async def test_without_a_booth_only_the_same_device_joins(world: World) -> None:
    """Somewhere else in the house: two tablets are two places."""
    one, two = world.device("tablet", None, "One"), world.device("tablet", None, "Two")
    first = await said(world, one, {})
    assert first["alert"]["booth"] is None
    again = await said(world, one, {})
    assert (again["joined"], again["alert"]["id"]) == (True, first["alert"]["id"])
    other = await said(world, two, {})
    assert (other["joined"], other["alert"]["id"] != first["alert"]["id"]) == (False, True)
    booth = await said(world, one, {"booth": 3})
    assert booth["joined"] is False


async def test_a_booth_the_site_does_not_have_is_kept(world: World) -> None:
    """A mistyped number is still an emergency."""
    alert = (await said(world, world.device("bridge"), {"booth": 77}))["alert"]
    assert (alert["booth"], alert["booth_known"]) == (77, False)


async def test_a_booth_presses_its_own_booth_whatever_it_says(world: World) -> None:
    """The booth comes from the token; another number is ignored and said so."""
    token = world.device("booth", 4)
    body = await said(world, token, {"booth": 7})
    assert (body["alert"]["booth"], body["ignored"]) == (4, ["booth"])
    assert "ignored" not in await said(world, token, {"booth": 4})


async def test_an_unreadable_press_id_is_hashed_so_that_it_stays_one_press(world: World) -> None:
    """Too long, or no text: the same again is the same press; another is another."""
    token = world.device("bridge")
    for given in ("x" * 65, 12, ["a"]):
        first = await said(world, token, {"press_id": given, "booth": 3})
        assert first["press_id"] == hashlib.sha256(json.dumps(given).encode()).hexdigest()
        again = await said(world, token, {"press_id": given, "booth": 3}, 200)
        assert again["press_id"] == first["press_id"]
    ids = {(await said(world, token, {"press_id": ""}))["press_id"] for _ in range(3)}
    assert len(ids) == 3, "devices that say nothing must not all be one press"
    assert (await said(world, token, {"press_id": "y" * 64}))["press_id"] == "y" * 64


async def test_every_kind_is_kept(world: World) -> None:
    """The four kinds of the contract."""
    token = world.device("bridge")
    for booth, kind in enumerate(("unclear", "overdose", "overamp", "medical"), 1):
        body = await said(world, token, {"kind": kind, "booth": booth})
        assert body["alert"]["kind"] == kind


async def test_nobody_presses_too_often(world: World) -> None:
    """Neither one button again and again, nor from an address whose codes are refused."""
    wrong = {"code": "XXXX-XXXX"}
    answers = [await world.to_us.post("/v1/pair", json=wrong) for _ in range(12)]
    refused(answers[-1], 429, "too_many")
    token = world.device("booth", 4)
    statuses = [(await post(world, token)).status_code for _ in range(300)]
    assert set(statuses) == {201}
    assert (await world.alert())["presses"] == 300


async def test_who_may_not_press(world: World) -> None:
    """A screen, a monitor and a board only look."""
    for kind in ("screen", "monitor", "board"):
        refused(await post(world, world.device(kind)), 403, "not_allowed")


async def test_a_token_never_issued_is_401(world: World) -> None:
    """And so is no token, an empty one, a very long one, or one that is no text."""
    refused(await post(world, None), 401, "unauthenticated")
    for token in ("wrong", "", "x" * 5000, "ÿ"):
        headers = [(b"authorization", f"Bearer {token}".encode("latin-1"))]
        answer = await world.to_us.post("/v1/presses", headers=headers)
        refused(answer, 401, "unauthenticated")
