"""Staff actions as `wire.md` lists them: each with its fields, who may, and the same id again."""

from typing import Any

import pytest

from tests.contract import guarded, refused
from tests.line_site import line_site
from tests.world import World

Json = dict[str, Any]
FIELDS: dict[str, list[Json]] = {
    "on_my_way": [{}],
    "at_booth": [{}],
    "more_people": [{}],
    "take_job": [{"job": job} for job in ("lead", "second", "caller", "door", "room")],
    "classify": [{"kind": kind} for kind in ("unclear", "overdose", "overamp", "medical")],
    "oxygen": [{"on": True}, {"on": False}],
    "naloxone": [
        {"route": "nasal"},
        {"route": "intramuscular", "dose_mg": 0.4},
        {"route": "nasal", "dose_mg": 4},
    ],
    "breathing": [
        {"breathing": "normal", "awake": True},
        {"breathing": "slow", "awake": False},
        {"breathing": "none", "awake": False},
    ],
    "ems": [
        {"ems": "accepted"},
        {"ems": "on_the_way", "minutes": 0},
        {"ems": "arrived", "minutes": 120},
        {"ems": "left"},
    ],
    "safe": [{}],
    "cannot_go": [{}],
}
"""Every action that leaves the alert open, in an order in which each makes sense, as it may be."""
WRONG: list[tuple[str, Json, str]] = [
    ("take_job", {}, "job"),
    ("take_job", {"job": "boss"}, "job"),
    ("classify", {}, "kind"),
    ("classify", {"kind": "fire"}, "kind"),
    ("oxygen", {}, "on"),
    ("oxygen", {"on": "perhaps"}, "on"),
    ("naloxone", {}, "route"),
    ("naloxone", {"route": "oral"}, "route"),
    ("naloxone", {"route": "nasal", "dose_mg": -1}, "dose_mg"),
    ("naloxone", {"route": "nasal", "dose_mg": 1e308}, "dose_mg"),
    ("naloxone", {"route": "nasal", "dose_mg": "much"}, "dose_mg"),
    ("breathing", {"breathing": "slow"}, "awake"),
    ("breathing", {"awake": True}, "breathing"),
    ("ems", {}, "ems"),
    ("ems", {"ems": "accepted", "minutes": 121}, "minutes"),
    ("ems", {"ems": "accepted", "minutes": -1}, "minutes"),
    ("ems", {"ems": "accepted", "minutes": 2**63}, "minutes"),
    ("stand_down", {}, "reason"),
    ("stand_down", {"reason": "bored"}, "reason"),
    ("close", {}, "outcome"),
    ("close", {"outcome": "fine"}, "outcome"),
    ("close", {"outcome": "death", "pin": "8080"}, "second_person"),
    ("on_my_way", {"job": "lead"}, "job"),
    ("on_my_way", {"reason": "duplicate"}, "reason"),
    ("on_my_way", {"colour": "red"}, "colour"),
    ("on_my_way", {"person": "nobody"}, "person"),
    ("on_my_way", {"person": ""}, "person"),
    ("on_my_way", {"person": "x" * 65}, "person"),
    ("on_my_way", {"at": "noon"}, "at"),
    ("close", {"outcome": "death", "second_person": "nobody"}, "second_person"),
    ("on_my_way", {"action_id": ""}, "action_id"),
    ("on_my_way", {"action_id": "x" * 65}, "action_id"),
    ("on_my_way", {"action_id": "a\x00b"}, "action_id"),
    ("on_my_way", {"action_id": 7}, "action_id"),
    ("fly", {}, "action"),
    ("vanish", {}, "action"),
    ("correct", {"field": "kind", "value": "overdose"}, "of"),
    ("correct", {"of": 1, "value": "overdose"}, "field"),
    ("correct", {"of": 1, "field": "kind"}, "value"),
    ("correct", {"of": 2**63, "field": "kind", "value": "overdose"}, "of"),
]


@pytest.mark.parametrize("action", FIELDS)
async def test_each_action_with_its_fields(world: World, action: str) -> None:
    """200 and the Alert, and a line in the timeline in the person's name."""
    await world.press(3)
    await world.act("at_booth")
    for fields in FIELDS[action]:
        was = await world.alert()
        before, seq = was["version"], was["seq"]
        answer = await world.act(action, at="2026-11-24T14:00:00.1234+01:00", **fields)
        assert answer.status_code == 200, answer.text
        guarded(answer)
        assert set(answer.json()) == {"alert"}
        alert = answer.json()["alert"]
        assert alert["version"] > before
        last = [one for one in (await world.alert())["timeline"] if one["by"]["kind"] == "person"]
        assert last[-1]["by"]["id"] == "sam"
        assert last[-1]["at"] == "2026-11-24T13:03:27.000Z", (
            "what it says of the time is not believed"
        )
        acts = [one["data"].get("at") for one in last if one["seq"] > seq]
        assert acts[0] == "2026-11-24T13:00:00.123Z", "but it is kept and shown"
        assert acts[1:] == [None] * (len(acts) - 1), "once, in the line of the act itself"


async def test_what_was_done_is_in_the_alert(world: World) -> None:
    """Jobs, kind and care, as the Alert tells them."""
    await world.press(3)
    await world.act("at_booth")
    await world.act("take_job", "kim", job="lead")
    await world.act("classify", kind="overamp")
    await world.act("oxygen", on=True)
    await world.act("naloxone", route="nasal", dose_mg=4)
    answer = await world.act("breathing", breathing="slow", awake=False)
    alert = answer.json()["alert"]
    assert alert["jobs"] == {"lead": "kim"}
    assert alert["kind"] == "overamp"
    care = alert["care"]
    assert (care["oxygen"], care["naloxone"], care["breathing"], care["awake"]) == (
        True,
        1,
        "slow",
        False,
    )
    assert care["reassess_at"] == "2026-11-24T13:05:57.000Z"


async def test_a_wrong_field_is_named(world: World) -> None:
    """422 says which, and nothing is done."""
    await world.press(3)
    version = (await world.alert())["version"]
    for action, fields, field in WRONG:
        answer = await world.act(action, **fields)
        refused(answer, 422, "invalid", f"body.{field}")
    assert (await world.alert())["version"] == version


async def test_a_guest_is_heard_and_moves_nothing(world: World) -> None:
    """Somebody without a name: shown and kept, and the ladder goes on."""
    await world.press(3)
    alert = (await world.act("on_my_way", "guest")).json()["alert"]
    assert (alert["state"], alert["ladder"]) == ("unanswered", "running")
    assert alert["answers"][0]["name"] == "Guest"
    await world.act("at_booth", "sam")
    refused(await world.act("stand_down", "guest", reason="false_press"), 403, "not_allowed")


async def test_safe_is_said_at_the_booth(world: World) -> None:
    """From anywhere else: 409."""
    await world.press(3)
    refused(await world.act("safe"), 409, "not_at_booth")
    await world.act("at_booth")
    refused(await world.act("safe", "kim"), 409, "not_at_booth")
    assert (await world.act("safe")).json()["alert"]["state"] == "recovering"


async def test_a_site_without_an_agreement_has_no_line(world: World) -> None:
    """Nothing pretends to dial."""
    world.load(line_site().replace("agreement =", "# agreement ="))
    await world.press(3)
    more: dict[str, Json] = {"line_mute": {"muted": True}, "line_add": {"add": "kim"}}
    for action in (*("open_line", "line_reached", "line_talk", "end_line"), *more):
        answer = await world.act(action, "jo", pin="8080", **more.get(action, {}))
        refused(answer, 409, "no_agreement")


async def test_a_line_act_names_what_is_wrong_with_it(world: World) -> None:
    """A field that is missing, or somebody whom the site does not know."""
    world.load(line_site())
    await world.press(3)
    missing = await world.act("line_mute", "jo")
    assert missing.json()["errors"] == [{"at": "body.muted", "why": "line_mute needs it"}]
    unknown = await world.act("line_add", "jo", add="nobody")
    assert unknown.json()["errors"][0]["at"] == "body.add"


async def test_the_same_id_again_answers_the_same_and_acts_once(world: World) -> None:
    """Another body under the id is told apart; what it was about does not matter."""
    await world.press(3)
    first = await world.act("naloxone", action_id="a-1", route="nasal")
    again = await world.act("naloxone", action_id="a-1", route="nasal")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.json()["alert"]["care"]["naloxone"] == 1
    others: list[Json] = [
        {"action": "naloxone", "route": "intramuscular"},
        {"action": "naloxone", "route": "nasal", "person": "kim"},
        {"action": "naloxone", "route": "nasal", "dose_mg": 2},
        {"action": "on_my_way"},
    ]
    for body in others:
        refused(await world.act(action_id="a-1", **body), 409, "id_reused")
    other = (await world.press(4))["alert"]["id"]
    reused = await world.act("naloxone", action_id="a-1", route="nasal", alert=other)
    refused(reused, 409, "id_reused")


async def test_the_same_closing_again_needs_no_pin_and_ends_once(world: World) -> None:
    """A retry after a lost answer says what was said the first time."""
    await world.press(3)
    first = await world.act("close", "jo", action_id="end", outcome="monitored", pin="8080")
    assert first.status_code == 200
    again = await world.act("close", "jo", action_id="end", outcome="monitored", pin="8080")
    assert again.json() == first.json()
    assert len(await world.events("closed")) == 1


async def test_nothing_can_be_done_to_what_is_closed(world: World) -> None:
    """409 closed, but for a correction."""
    await world.press(3)
    await world.act("at_booth")
    await world.act("stand_down", reason="duplicate")
    late: list[tuple[str, Json]] = [
        ("on_my_way", {}),
        ("naloxone", {"route": "nasal"}),
        ("safe", {}),
        ("stand_down", {"reason": "duplicate"}),
        ("close", {"outcome": "oxygen"}),
    ]
    for action, fields in late:
        refused(await world.act(action, **fields), 409, "closed")
    line = (await world.events("stood_down"))[0]["seq"]
    answer = await world.act("correct", of=line, field="reason", value="false_press")
    assert answer.status_code == 200


async def test_a_correction_adds_a_line_and_no_free_text(world: World) -> None:
    """Where notes are off, a correction speaks in the words of the actions and no others."""
    await world.press(3)
    await world.act("naloxone", route="nasal")
    line = (await world.events("naloxone"))[0]
    good: list[tuple[str, object]] = [
        ("route", "intramuscular"),
        ("dose_mg", 0.4),
        ("person", "kim"),
        ("person", "guest"),
        ("at", "2026-11-24T13:00:00Z"),
        ("awake", False),
        ("kind", "medical"),
    ]
    for field, value in good:
        answer = await world.act("correct", of=line["seq"], field=field, value=value)
        assert answer.status_code == 200, (field, answer.text)
        told = (await world.events("corrected"))[-1]["data"]
        assert (told["of"], told["field"]) == (line["seq"], field)
    assert (await world.events("naloxone"))[0] == line
    free: list[tuple[str, object]] = [
        ("route", "John Smith"),
        ("person", "John Smith"),
        ("dose_mg", "John Smith"),
        ("at", "John Smith"),
    ]
    for field, value in free:
        answer = await world.act("correct", of=line["seq"], field=field, value=value)
        refused(answer, 422, "invalid", "body.value")
    answer = await world.act("correct", of=line["seq"], field="John", value="Smith")
    refused(answer, 422, "invalid", "body.field")
    refused(await world.act("correct", of=line["seq"], note="John"), 422, "invalid", "body.note")


async def test_only_an_entry_of_this_alert_is_corrected(world: World) -> None:
    """Not one of another alert, and not one that is yet to come."""
    await world.press(4)
    other = (await world.events("pressed"))[0]["seq"]
    await world.press(3)
    for of in (other, 10_000, 2**63 - 1):
        answer = await world.act("correct", of=of, field="kind", value="medical")
        refused(answer, 422, "invalid", "body.of")


async def test_a_mistake_is_for_the_booth_itself(world: World) -> None:
    """From its own booth: shown, and nothing stops. From anywhere else: refused."""
    await world.press(3)
    alert = world.newest()
    body: Json = {"action_id": "m-1", "action": "mistake", "person": "guest"}
    path = f"/v1/alerts/{alert}/actions"
    own, other = world.device("booth", 3), world.device("booth", 4)
    answer = await world.request("POST", path, own, body)
    assert answer.status_code == 200
    assert answer.json()["alert"]["mistake"] is True
    assert answer.json()["alert"]["ladder"] == "running"
    assert "care" not in answer.json()["alert"]
    assert len(await world.events("mistake_reported")) == 1
    refused(await world.request("POST", path, other, body | {"action_id": "m-2"}), 404, "not_found")
    refused(await world.act("mistake", "guest"), 403, "not_allowed")
    going = body | {"action": "on_my_way", "action_id": "m-3"}
    refused(await world.request("POST", path, own, going), 403, "not_allowed")


async def test_an_alert_that_is_not_there(world: World) -> None:
    """404, whatever its id looks like."""
    await world.press(3)
    for alert in ("nothing", "x" * 64, "%00", "%FF%FE", "..", "é"):
        refused(await world.act("on_my_way", alert=alert), 404, "not_found")
    refused(await world.act("on_my_way", alert="x" * 65), 422, "invalid", "path.alert")
