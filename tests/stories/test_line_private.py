"""Through the whole of a line nothing private is written anywhere: searched for as bytes.

The address is spoken to the control room and stands on the address route; that is all.
"""

from tests.line_site import FIRST, LINE_PHONE, SECOND, TEST_NUMBER, line, line_site, phone
from tests.world import World


async def refused_in_every_way(world: World) -> None:
    """Numbers, names and the address are sent where they do not belong, and are not told back."""
    alert, sam = world.newest(), world.phone("sam").number
    path = f"/v1/alerts/{alert}/actions"
    for body in (
        {"action_id": "x", "action": "open_line", "person": sam},
        {"action_id": "x", "action": "line_add", "person": "sam", "add": FIRST},
        {"action_id": "x", "action": "end_line", "person": "jo", "pin": "Damrak 12"},
        {"action_id": sam * 9, "action": f"call {FIRST}", "person": "Sam"},
    ):
        refused = await world.request("POST", path, world.tablet(), body)
        assert refused.status_code in {403, 422}, refused.text
    await world.act("close", "jo", pin="8080", outcome="monitored")
    for test in ({"test_id": "x", "person": sam}, {"test_id": TEST_NUMBER}):
        await world.request("POST", "/v1/line-tests", world.tablet(), test)
    for where in (f"/r/{sam}", f"/v1/alerts/{sam}", f"/{FIRST}"):
        await world.request("GET", where, world.tablet())
    await world.request("GET", "/v1/site/address", world.device("monitor"))
    await world.to_us.post("/twilio/sms", data={"From": sam, "To": LINE_PHONE, "Body": "Sam"})
    await world.to_us.post(f"/twilio/keys/{FIRST}", data={"Digits": "1", "To": FIRST})


async def through_it_all(world: World) -> None:
    """Opened by text, refused, failed, kept, reached, bridged, lost, ended, tested, and closed."""
    world.load(line_site())
    await world.press(3)
    await world.fault(on="calls", to=FIRST, do="status", status=400, code=21211, times=1)
    await world.fault(on="calls", to=LINE_PHONE, do="status", status=500, times=1)
    await world.phone("sam").reply("99")
    await world.advance(1)
    await world.phone("sam").does("answer")
    await world.advance(2)
    await phone(world, SECOND).does("answer")
    await world.advance(33)
    await phone(world, FIRST).does("answer")
    await world.advance(2)
    for key in ("5", "2", "9", "1"):
        await phone(world, FIRST).does("press", key)
        await world.advance(2)
    await world.advance(5)
    assert (await line(world))["state"] == "bridged"
    await refused_in_every_way(world)
    await world.restart(down=1)
    await world.advance(5)
    await world.act("line_mute", "sam", muted=True)
    await world.act("line_add", "jo", add="kim")
    await world.phone("sam").does("hang_up")
    await world.advance(8)
    await world.request("GET", "/v1/site/address", world.tablet())
    for path in ("/v1/alerts/none/actions", "/r/none"):
        await world.request("POST", path, world.tablet(), {"action": "open_line"})
    await world.act("open_line", "nobody")
    await world.act("end_line", "jo", pin="1111")
    await world.act("end_line", "jo", pin="8080")
    await world.advance(3)
    test = {"test_id": "one", "person": "jo"}
    await world.request("POST", "/v1/line-tests", world.tablet(), test)
    await world.advance(30)
    await world.act("close", "jo", pin="8080", outcome="ems_transported")
    await world.advance(10)


async def test_nothing_private_is_written_anywhere(world: World) -> None:
    """What was written is searched when the world is closed; here, that there was something."""
    await through_it_all(world)
    assert len(await world.events("line_bridged")) == 1
    assert "line_bridged" in world.lines.getvalue()
    names = ("invalid", "not_found", "not_allowed", "line_open", "wrong_pin")
    met = "\n".join(world.refusals)
    assert [one for one in names if f"directline:{one}" not in met] == []
    # Only the control room was told where it is.
    calls = (await world.sim.get("/sim/calls?after=0")).json()["calls"]
    told = {one["to"] for one in calls if any("Damrak" in said for said in one["said"])}
    assert told == {FIRST, SECOND}
