"""What every page of the staff owes: it alarms, hides no alert, and never says more than it knows.

A tablet may lie on any of them when somebody presses.
"""

import re

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.browser import Windows
from tests.line_panel import says, states
from tests.line_stage import Stage
from tests.pages import NOT_KNOWN, SECONDS, SERVER_AWAY, House, Wall, Window
from tests.pressing import until
from tests.test_pages_watch import board

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAPER = ("shift", "devices", "drill")
IDLE_SECONDS = 300
SPOKEN = """
// What a screen reader would read out again and again: counting words in a live region.
[...document.querySelectorAll('[role=status], [role=alert], [aria-live]:not([aria-live=off])')]
  .map((one) => one.innerText).filter((text) => /\\d+(:\\d\\d| s\\b)/.test(text))
"""


@pytest.mark.parametrize("path", PAPER)
async def test_a_page_in_use_sounds_and_shows_every_alert_and_proves_it(
    house: House, path: str
) -> None:
    tablet = await house.wall("Tablet")
    await tablet.at(f"header a[href='/{path}']").click()
    await tablet.page.wait_for_url(f"{house.url}/{path}")
    await tablet.is_in("arm", "armed")
    await tablet.is_in("link", "live")
    await house.press(3)
    await tablet.sounds("alarm")
    band = tablet.at("#bands a[data-band=other]")
    await expect(band).to_contain_text("BOOTH 03")
    await expect(tablet.at("[role=alert]#alarm")).to_contain_text("BOOTH 03")

    async def proved() -> bool:
        return "Tablet" in (await house.alert())["sounding"]

    await until(proved, SECONDS, "that this page sounds it")
    await tablet.page.get_by_role("button", name="SILENCE 60 s").click()
    await tablet.at("dialog [data-person=kim]").click()
    await tablet.shows("SILENCED 0:5", "#silenced")
    await tablet.sounds("nothing")
    await band.click()
    await tablet.page.wait_for_url(re.compile(r"/alert/\d+$"))


@pytest.mark.parametrize("path", PAPER)
async def test_a_page_that_nobody_has_touched_says_that_it_is_silent(
    house: House, path: str
) -> None:
    paired = await house.wall("Tablet", armed=False)
    state = await paired.context.storage_state()
    page = Wall(await house.open(f"/{path}", storage_state=state))
    await page.is_in("arm", "silent")
    await page.shows("THIS SCREEN IS SILENT", "#arm")
    await page.arm()
    await expect(page.at("#arm")).to_be_hidden()


async def test_without_news_every_page_says_so_and_sounds(house: House, windows: Windows) -> None:
    windows.forgive(SERVER_AWAY)
    tablet = await house.wall("Tablet")
    pages = [Wall(await house.open(f"/{path}", beside=tablet)) for path in PAPER]
    for page in pages:
        await page.is_in("link", "live")
        await page.shows("LIVE", "#link")
    house.place.server.freeze()
    for page in pages:
        await page.is_in("link", "stale")
    await pages[0].shows(re.compile(r"! LAST NEWS \d s AGO"), "#link")
    for page in pages:
        await page.is_in("link", "lost")
        await page.shows("NOT CONNECTED \u2013 LISTEN AND LOOK", "#lost")
        await page.shows("! NO NETWORK", "#link")
    await tablet.page.bring_to_front()
    await tablet.sounds("fault")
    house.place.server.thaw()
    for page in pages:
        await page.is_in("link", "live")
        await expect(page.at("#lost")).to_be_hidden()


@pytest.mark.parametrize("path", PAPER)
async def test_a_tablet_that_was_revoked_says_that_it_is_not_paired(
    house: House, windows: Windows, path: str
) -> None:
    windows.forgive(NOT_KNOWN)
    made = house.add("tablet", None, "Tab-9")
    tablet = Wall(await house.pair(made))
    await tablet.page.goto(f"{house.url}/{path}")
    await tablet.is_in("link", "live")
    house.revoke(made.device)
    await tablet.shows("NOT PAIRED", "#missing")
    await tablet.is_in("link", "unpaired")
    await tablet.shows_not("NO NETWORK")


async def test_a_board_that_was_revoked_says_so_and_knows_nothing(
    house: House, windows: Windows
) -> None:
    windows.forgive(NOT_KNOWN)
    page, device = await board(house, house)
    await page.shows("quiet")
    house.revoke(device)
    await page.shows("NOT PAIRED", "#missing")
    await page.shows("not known", "#sites")
    await page.shows_not("QUIET")


@pytest.mark.parametrize("path", [*PAPER, "line", "board"])
async def test_nothing_is_called_live_before_the_server_has_said_a_word(
    house: House, path: str
) -> None:
    if path == "board":
        page, _device = await board(house, house)
    else:
        page = await house.wall("Tablet", armed=False)

    def mute(socket: WebSocketRoute) -> None:
        """Take every frame and answer none."""
        socket.on_message(lambda _message: None)

    await page.context.route_web_socket("**/v1/live*", mute)
    await page.page.goto(f"{house.url}/{path}")
    await page.shows("CONNECTING", "#link")
    await page.is_in("link", "connecting")
    await page.is_in("link", "lost")


@pytest.mark.parametrize("path", PAPER)
async def test_a_server_that_is_away_unpairs_nobody(
    house: House, windows: Windows, path: str
) -> None:
    windows.forgive("ERR_FAILED")
    tablet = await house.wall("Tablet")
    await tablet.context.route("**/v1/whoami*", lambda route: route.abort())
    await tablet.page.goto(f"{house.url}/{path}")
    await tablet.is_in("link", "live")
    await expect(tablet.at("#missing")).to_be_hidden()


async def test_what_is_not_saved_is_told_after_three_seconds_and_kept(
    house: House, windows: Windows
) -> None:
    windows.forgive("ERR_FAILED")
    tablet = await house.wall("Tablet")
    shift, devices, drill = [Window(await house.open(f"/{path}", beside=tablet)) for path in PAPER]

    async def away(route: Route) -> None:
        await route.abort()

    for tail in ("shift/takeover", "button-tests", "drills"):
        await tablet.context.route(f"**/v1/{tail}?*", away)
    await shift.page.bring_to_front()
    await shift.at("#takers [data-person=jo]").click()
    await shift.at("#pin").fill("8080")
    await shift.at("#take").click()
    await shift.shows("Saving", "#take")
    await shift.shows("NOT SAVED \u2013 tap again: TAKE OVER SHIFT", ".toasts")
    await shift.shows_not("The shift is yours")
    await devices.page.bring_to_front()
    await devices.at("#testers [data-person=sam]").click()
    await devices.at("#booths-of [data-booth='3']").click()
    await devices.shows("Saving", "#booths-of [data-booth='3']")
    await devices.shows("NOT SAVED", ".toasts")
    await drill.page.bring_to_front()
    await drill.at("[data-type=booth]").click()
    await drill.at("#form [data-booth='3']").click()
    await drill.at("[data-told=all]").click()
    await drill.at("#people [data-person=jo]").click()
    await drill.at("#pin").fill("8080")
    await tablet.context.unroute("**/v1/drills?*")
    await tablet.context.route(
        "**/v1/drills?*", lambda r: r.abort() if r.request.method == "POST" else r.continue_()
    )
    await expect(drill.at("#start")).to_be_enabled()
    await drill.at("#start").click()
    await drill.shows("NOT SAVED", ".toasts")
    await tablet.context.unroute_all()
    for page in (shift, devices, drill):
        await page.page.bring_to_front()
        # It may have been saved by itself a moment ago.
        await page.page.evaluate("document.querySelector('.toast.unsaved button')?.click()")
        await expect(page.at(".toast.unsaved")).to_be_hidden()
    await shift.shows("The shift is yours")
    await devices.shows("TEST OF 03")
    await drill.shows("DRILL \u00b7 BOOTH 03")


@pytest.mark.parametrize("path", [*PAPER, "line", "alert/{number}"])
async def test_a_tablet_that_is_left_alone_goes_back_to_the_wall(house: House, path: str) -> None:
    tablet = await house.wall("Tablet")
    await house.press(3)
    (alert,) = await house.alerts()
    await tablet.page.clock.install()
    await tablet.page.goto(f"{house.url}/{path.format(number=alert['number'])}")
    await tablet.is_in("link", "live")
    await tablet.page.clock.fast_forward((IDLE_SECONDS - 5) * 1000)
    await tablet.page.mouse.click(2, 2)
    await tablet.page.clock.fast_forward((IDLE_SECONDS - 5) * 1000)
    await tablet.is_in("link", re.compile("live|stale|lost"))
    assert "/wall" not in tablet.page.url
    await tablet.page.clock.fast_forward(10_000)
    await tablet.page.wait_for_url(f"{house.url}/wall")


async def test_whoever_speaks_on_the_line_keeps_what_to_say(stage: Stage, windows: Windows) -> None:
    page = await windows.open("about:blank")
    await page.clock.install()
    await page.goto(f"{stage.url}/line")
    await says(page, "#link", "LIVE")
    stage.show(states()["bridged"][0])
    await says(page, "#headline", "BRIDGED")
    await page.clock.fast_forward((IDLE_SECONDS + 60) * 1000)
    await says(page, "#facts", "Damrak 12")
    stage.show(states()["ended"][0])
    await page.wait_for_url(f"{stage.url}/wall")


async def test_no_clock_is_read_aloud(house: House) -> None:
    tablet = await house.wall("Tablet")
    page = Window(await house.open("/devices", beside=tablet))
    await page.at("#testers [data-person=sam]").click()
    await page.at("#booths-of [data-booth='3']").click()
    await page.shows(re.compile(r"TEST OF 03: press that button now \(\d+ s\)"))
    assert await page.page.evaluate(SPOKEN) == []
    shift = Window(await house.open("/shift", beside=tablet))
    await shift.shows("TEST OF 03")
    assert await shift.page.evaluate(SPOKEN) == []
