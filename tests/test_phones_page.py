"""The page of handsets in a real browser: a newcomer reads, replies, picks up and presses keys."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Locator, Page, expect

from tests.browser import NO_SERVER, Windows, accessibility_faults
from tests.phones_world import (
    ACCOUNT,
    ASK,
    AUTH,
    DISPATCH,
    JO,
    OURS,
    SAM,
    Server,
    client,
    process,
    until,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

NARROW = {"width": 390, "height": 844}
HELP = "AMC4 BOOTH 12 - HELP NOW. Reply 1 = on my way. #47 http://127.0.0.1:8080/r/7Kq2fX9dB3mT8w"
GOING = "<Response><Message>OK #47: you are on the way.</Message></Response>"


class Town:
    """A running simulator, our server's side of it, and a way to text and call."""

    def __init__(self, address: str, us: str, server: Server, http: httpx2.AsyncClient) -> None:
        self.address = address
        self.us = us
        self.server = server
        self._http = http
        self._twilio: Any = client(http)

    async def text(self, to: str = SAM, body: str = HELP) -> None:
        await self._twilio.messages.create_async(to=to, from_=OURS, body=body)

    async def call(self, document: str, to: str = SAM) -> None:
        self.server.answers["/document"] = document
        await self._twilio.calls.create_async(to=to, from_=OURS, url=f"{self.us}/document")

    async def put(self, path: str, body: object) -> None:
        answer = await self._http.put(f"/sim{path}", json=body)
        assert answer.status_code == 200


@pytest_asyncio.fixture(loop_scope="session")
async def town() -> AsyncGenerator[Town]:
    server = Server()
    config = uvicorn.Config(server, port=0, lifespan="off", log_config=None)
    ours = uvicorn.Server(config)
    serving = asyncio.create_task(ours.serve())
    await until(lambda: ours.started or serving.done())
    port = ours.servers[0].sockets[0].getsockname()[1]
    us = f"http://127.0.0.1:{port}"
    options = ("--account", ACCOUNT, "--auth", AUTH, "--sms-url", f"{us}/sms")
    async with (
        process(*options, "--voice-url", f"{us}/voice") as (_, address),
        httpx2.AsyncClient(base_url=address, trust_env=False) as http,
    ):
        yield Town(address, us, server, http)
    ours.should_exit = True
    await serving


def phone(page: Page, number: str = SAM) -> Locator:
    return page.locator(f"#phone-{number[1:]}")


async def test_a_newcomer_reads_a_text_and_replies_with_one_tap(
    town: Town, windows: Windows
) -> None:
    town.server.answers["/sms"] = GOING
    page = await windows.open(town.address, viewport=NARROW)
    await expect(page.get_by_text("No phone has been texted or called yet")).to_be_visible()
    await town.put("/names", {SAM: "Sam (responder)"})
    await town.text()
    sam = phone(page)
    await expect(sam.get_by_role("heading")).to_have_text("Sam (responder)")
    await expect(sam.get_by_text("HELP NOW")).to_be_visible()
    await expect(sam.get_by_text("delivered")).to_be_visible()
    link = sam.get_by_role("link")
    await expect(link).to_have_attribute("href", "http://127.0.0.1:8080/r/7Kq2fX9dB3mT8w")
    await sam.get_by_role("button", name="Reply 1").click()
    await expect(sam.get_by_text("OK #47: you are on the way.")).to_be_visible()
    assert town.server.states("Body", "/sms") == ["1"]
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


async def test_a_phone_rings_is_answered_and_a_key_is_pressed(town: Town, windows: Windows) -> None:
    town.server.answers["/answer"] = "<Response><Say>Thank you.</Say></Response>"
    page = await windows.open(town.address)
    await town.call(ASK)
    sam = phone(page)
    await expect(sam.get_by_role("heading", name="Incoming call")).to_be_visible()
    await expect(page).to_have_title("(1 ringing) Phones")
    await sam.get_by_role("button", name="Answer").click()
    await expect(sam.get_by_text("Press 1 if you are on your way")).to_be_visible()
    keypad = sam.get_by_role("group", name="Keypad")
    await keypad.get_by_role("button", name="1", exact=True).click()
    await expect(sam.get_by_text("Thank you.")).to_be_visible()
    await expect(sam.get_by_text("pressed 1")).to_be_visible()
    assert town.server.states("Digits", "/answer") == ["1"]


async def test_a_call_is_turned_away_or_left_to_the_voicemail(town: Town, windows: Windows) -> None:
    page = await windows.open(town.address)
    await town.call(ASK)
    await phone(page).get_by_role("button", name="Decline").click()
    await expect(phone(page).get_by_text("turned away (busy)")).to_be_visible()
    await town.call(ASK)
    await phone(page).get_by_role("button", name="Voicemail").click()
    await expect(phone(page).get_by_text("presses nothing")).to_be_visible()
    await phone(page).get_by_role("button", name="Hang up").click()
    await expect(phone(page).get_by_text("Voicemail took the call")).to_be_visible()


async def test_a_text_waits_for_a_phone_that_is_off(town: Town, windows: Windows) -> None:
    await town.put(f"/handsets/{SAM}", {"voicemail": False})
    page = await windows.open(town.address)
    off = phone(page).get_by_role("switch", name="Phone off")
    await off.click()
    await expect(off).to_have_attribute("aria-checked", "true")
    await town.text()
    await expect(phone(page).get_by_text("Waits until this phone is on")).to_be_visible()
    await off.click()
    await expect(phone(page).get_by_text("delivered")).to_be_visible()


async def test_the_page_says_who_hears_whom_and_what_is_broken(
    town: Town, windows: Windows
) -> None:
    join = "<Response><Dial><Conference>alert-47</Conference></Dial></Response>"
    page = await windows.open(town.address)
    for number in (SAM, JO):
        await town.call(join, number)
        await phone(page, number).get_by_role("button", name="Answer").click()
    await expect(page.get_by_text("Conference alert-47")).to_be_visible()
    await expect(phone(page).get_by_text(f"On the line with {JO}.")).to_be_visible()
    await phone(page).get_by_label("Say something").fill("We are with the person.")
    await phone(page).get_by_role("button", name="Say").click()
    await expect(phone(page, JO).get_by_text("We are with the person.")).to_be_visible()
    await town.put("/faults", [{"on": "messages", "do": "status", "status": 500}])
    await expect(page.get_by_text("told to misbehave")).to_be_visible()
    await page.get_by_role("button", name="Let everything work again").click()
    await expect(page.get_by_text("told to misbehave")).to_be_hidden()


BRIEF = (
    '<Response><Gather numDigits="1" timeout="9" action="/answer">'
    "<Say>This is an automated call. Press 1 to speak to staff.</Say></Gather></Response>"
)
ROOM = "<Response><Dial><Conference>line-47</Conference></Dial></Response>"
DESK = {DISPATCH: {"name": "Control room A", "kind": "control_room"}}


async def test_a_dispatcher_answers_at_the_desk_presses_keys_and_hangs_up(
    town: Town, windows: Windows
) -> None:
    town.server.answers["/answer"] = ROOM
    await town.put("/names", DESK)
    page = await windows.open(town.address)
    desk = phone(page, DISPATCH)
    await expect(desk.get_by_role("heading")).to_have_text("Control room A")
    await expect(desk.get_by_role("button", name="Reply 1")).to_be_hidden()
    answers, one = (desk.get_by_role("button", name=name) for name in ("Answer", "1 speak"))
    await expect(answers).to_be_disabled()
    await town.call(BRIEF, DISPATCH)
    await expect(one).to_be_disabled()
    await answers.click()
    await expect(desk.get_by_text("This is an automated call.")).to_be_visible()
    await one.click()
    await expect(page.get_by_role("region", name="Conference line-47")).to_be_visible()
    assert town.server.states("Digits", "/answer") == ["1"]
    await desk.get_by_role("button", name="Hang up").click()
    await expect(page.get_by_role("region", name="Conference line-47")).to_be_hidden()
    await expect(desk.get_by_text("pressed 1")).to_be_visible()


async def test_a_dispatcher_does_by_itself_what_the_page_was_told(
    town: Town, windows: Windows
) -> None:
    await town.put("/names", DESK)
    page = await windows.open(town.address)
    choice = phone(page, DISPATCH).get_by_label("What the dispatcher does by itself")
    await choice.select_option("Voicemail answers")
    await expect(choice).to_have_value("Voicemail answers")
    await choice.select_option("Is busy")
    await town.call(BRIEF, DISPATCH)
    await expect(phone(page, DISPATCH).get_by_text("turned away (busy)")).to_be_visible()
    await town.put(f"/handsets/{DISPATCH}", {"busy": None, "pick_up": {"after": 77}})
    await expect(choice).to_have_value("As it was told")


async def test_the_box_of_a_conference_shows_who_is_muted_and_who_hears_whom(
    town: Town, windows: Windows
) -> None:
    await town.put("/names", DESK | {SAM: "Sam"})
    page = await windows.open(town.address)
    for number, muted in ((SAM, "true"), (DISPATCH, "false")):
        room = ROOM.replace("<Conference>", f'<Conference muted="{muted}">')
        await town.call(room, number)
        await phone(page, number).get_by_role("button", name="Answer").click()
        await expect(phone(page, number).locator(".hint")).to_have_text(re.compile("room|line"))
    box = page.get_by_role("region", name="Conference line-47")
    sam = box.get_by_role("listitem").filter(has_text="Sam muted")
    await expect(sam.get_by_text("Hears Control room A")).to_be_visible()
    await expect(sam.get_by_text("Heard by nobody")).to_be_visible()
    desk = box.get_by_role("listitem").filter(has=page.get_by_text("Heard by Sam"))
    await expect(desk.get_by_text("Hears nobody")).to_be_visible()
    assert await accessibility_faults(page) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_what_a_hand_is_about_to_press_stays_where_it_is(
    town: Town, windows: Windows
) -> None:
    """What comes above the phones, a strip or the box of a room, moves none of them then."""
    await town.put("/names", DESK | {SAM: "Sam", JO: "Jo"})
    page = await windows.open(town.address)
    await town.call(ROOM)
    answer = phone(page).get_by_role("button", name="Answer")
    await answer.scroll_into_view_if_needed()
    box = await answer.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await town.call(ROOM, DISPATCH)
    await expect(phone(page, DISPATCH).get_by_role("button", name="Answer")).to_be_enabled()
    await expect(page.get_by_role("link", name="is ringing")).to_have_count(2)
    assert await answer.bounding_box() == box
    top = (await phone(page).bounding_box() or {})["y"]
    await page.mouse.click(box["x"] + 20, box["y"] + 20)
    await expect(page.get_by_role("region", name="Conference line-47")).to_be_visible()
    assert (await phone(page).bounding_box() or {})["y"] == pytest.approx(top, abs=1)


async def test_who_is_asked_whether_texts_arrive_says_so_with_one_tap(
    town: Town, windows: Windows
) -> None:
    page = await windows.open(town.address, viewport=NARROW)
    await town.text(body="AMC4: you are on duty until 22:00. Reply 7 now.")
    await phone(page).get_by_role("button", name="Reply 7", exact=True).click()
    await expect(phone(page).locator(".mine .bubble")).to_have_text("7")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_on_the_page_hinders_people(
    town: Town, windows: Windows, scheme: str
) -> None:
    await town.put("/names", {SAM: "Sam", JO: "Jo"})
    await town.text()
    await town.text(JO)
    await town.put("/names", DESK)
    page = await windows.open(town.address, color_scheme=scheme, reduced_motion="reduce")
    await expect(phone(page, JO).get_by_text("delivered")).to_be_visible()
    assert await accessibility_faults(page) == []
    await town.call(ASK)
    await expect(phone(page).get_by_role("button", name="Answer")).to_be_visible()
    assert await accessibility_faults(page) == []
    await phone(page).get_by_role("button", name="Answer").click()
    await expect(phone(page).get_by_text("Press 1 if you are on your way")).to_be_visible()
    assert await accessibility_faults(page) == []


async def test_the_page_says_when_the_simulator_is_away(windows: Windows) -> None:
    windows.forgive(NO_SERVER)
    async with process() as (started, address):
        page = await windows.open(address)
        await expect(page.get_by_text("Live")).to_be_visible()
        started.terminate()
        await expect(page.get_by_text("Not connected: trying again")).to_be_visible()
