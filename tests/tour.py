"""A tour of the pages: every page in every state it can be in, and somebody who looks at each.

Who looks is given: a test, or a camera. The tour knows no language, only what pages are made of.
"""

from playwright.async_api import ViewportSize, expect

from dispatch import setup
from tests.browser import NO_SERVER, Windows
from tests.line_panel import states
from tests.line_stage import Stage
from tests.pages import Booth, House, Wall, Window, carry_out
from tests.pressing import until
from tests.tour_door import DESK, FULL, HAND, PAPER, TV, Look, devices_are_paired, strangers
from tests.tour_house import button_is_tested, shift_is_taken

COMPLAINTS = rf"status of 40[1349]|ERR_INTERNET_DISCONNECTED|WebSocket|ERR_FAILED|{NO_SERVER}"
"""What browsers say in the states that are something going wrong."""


class Tour:
    """One walk through one house."""

    def __init__(self, house: House, look: Look) -> None:
        self.house = house
        self._look = look

    async def look(self, window: Window, name: str, size: ViewportSize) -> None:
        """Bring it to the front and have it looked at."""
        await window.page.bring_to_front()
        await self._look(window, name, size)
        if window.page.viewport_size != size:
            await window.page.set_viewport_size(size)

    async def walk(self) -> None:
        """All of it, from strangers to a closed alert and a server that is away."""
        self.house.windows.forgive(COMPLAINTS)
        await strangers(self.house, self.look)
        tv, tablet, booth = await devices_are_paired(self.house, self.look)
        await self.quiet(tv, tablet, booth)
        await self.drill(tv, tablet, booth)
        await self.alert(tv, tablet, booth)
        await self.several(tv, tablet)
        await button_is_tested(self.house, self.look, tv, tablet, booth)
        await self.away(tv, tablet, booth)

    async def quiet(self, tv: Wall, tablet: Wall, booth: Booth) -> None:
        """All is well: walls, the button, the shift, the devices, the board and the way in."""
        look, house = self.look, self.house
        await look(booth, "booth-idle", HAND)
        home = Window(await house.open("/", beside=tablet))
        await expect(home.at("#held")).not_to_be_empty()
        await look(home, "home-paired", PAPER)
        await home.page.close()
        await shift_is_taken(house, look, tablet)
        made = carry_out(
            house.place.database_url,
            setup.add_device(house.site.code, "board", None, "City", sites=(house.site.code,)),
        )
        board = await house.open(f"/pair#{made.code}")
        await board.locator("#pair").click()
        await board.locator("#go").click()
        await expect(board.locator("#sites li").first).to_be_visible()
        await look(Window(board), "board-quiet", TV)
        self.board = Window(board)

    async def drill(self, tv: Wall, tablet: Wall, booth: Booth) -> None:
        """From the form to the score."""
        look, house = self.look, self.house
        page = Window(await house.open("/drill", beside=tablet))
        await expect(page.at("#start")).to_be_enabled()
        await look(page, "drill", PAPER)
        await page.at("[data-type=full]").click()
        await page.at("#form [data-booth='3']").click()
        await page.at("[data-told=all]").click()
        await page.at("#people [data-person=jo]").click()
        await page.at("#pin").fill("1111")
        await page.at("#start").click()
        await expect(page.at("#why")).not_to_be_empty()
        await look(page, "drill-wrong-pin", PAPER)
        await page.at("#pin").fill("8080")
        await page.at("#start").click()
        await expect(page.at("#running")).to_be_visible()
        await tv.is_in("drill", "true")
        await booth.is_in("drill", "true")
        await look(tv, "wall-drill", TV)
        await look(tablet, "wall-tablet-drill", DESK)
        await look(booth, "booth-drill", HAND)
        responder = await self.responder()
        await responder.is_in("me", "asked")
        await look(responder, "responder-drill", HAND)
        (alert,) = await house.alerts()
        incident = await self.incident(alert["number"], tablet)
        await look(incident, "alert-drill", DESK)
        assert await house.act("on_my_way", "kim") == 200
        await tv.has_state(3, "on_the_way")
        await look(page, "drill-running", PAPER)
        await page.at("#running [data-action=wrong_booth]").click()
        await look(page, "drill-wrong-booth", PAPER)
        await page.at("dialog .back").click()
        await page.at("#stop").click()
        await expect(page.at("#past li").first).to_be_visible()
        await tv.is_in("drill", "false")
        await look(page, "drill-score", PAPER)
        for one in (page, responder, incident):
            await one.page.close()

    async def responder(self) -> Window:
        """Kim's page of the one alert that is open."""
        (alert,) = await self.house.alerts()
        link = await self.house.handset("kim").link(f"#{alert['number']} ")
        return Window(await self.house.open(link.removeprefix(self.house.url), viewport=HAND))

    async def incident(self, number: int, tablet: Wall) -> Wall:
        """The page of this alert on the tablet, armed."""
        page = Wall(await self.house.open(f"/alert/{number}", beside=tablet, viewport=DESK))
        await expect(page.at("#panel")).to_be_visible()
        await page.page.bring_to_front()
        await page.arm()  # A window that a script has opened has had no finger on it.
        return page

    async def alert(self, tv: Wall, tablet: Wall, booth: Booth) -> None:
        """One alert from the press to the end, on every page that shows it."""
        look, house = self.look, self.house
        await booth.page.bring_to_front()
        await booth.press()
        for wall in (tv, tablet):
            await wall.page.bring_to_front()
            await wall.has_state(3, "unanswered")
        await booth.page.bring_to_front()
        await booth.is_in("state", "sounding")
        await look(booth, "booth-sounding", HAND)
        await look(tv, "wall-alert", TV)
        await look(tablet, "wall-tablet-alert", DESK)
        await look(self.board, "board-alert", TV)
        (alert,) = await house.alerts()
        incident = await self.incident(alert["number"], tablet)
        await look(incident, "alert-fresh", DESK)
        await self.dialogs_of_the_wall(tablet)
        responder = await self.responder()
        await responder.is_in("me", "asked")
        await look(responder, "responder-asked", HAND)
        await booth.page.bring_to_front()
        await booth.at("#mistake").click()
        await expect(booth.at("#mistake")).to_be_hidden()
        await look(booth, "booth-mistake", HAND)
        await self.somebody_comes((tv, tablet, booth), incident, responder)
        await self.dialogs_of_the_incident(incident)
        await self.it_ends((tv, tablet, booth), incident, responder)
        for one in (responder, incident):
            await one.page.close()

    async def somebody_comes(
        self, devices: tuple[Wall, Wall, Booth], incident: Wall, responder: Window
    ) -> None:
        """On the way, and then at the booth with everything that is done there."""
        look, house = self.look, self.house
        tv, tablet, booth = devices
        assert await house.act("on_my_way", "kim") == 200
        await tv.has_state(3, "on_the_way")
        await booth.is_in("state", "coming")
        await responder.page.reload()
        await responder.is_in("me", "coming")
        await look(booth, "booth-coming", HAND)
        await look(tv, "wall-coming", TV)
        await look(incident, "alert-coming", DESK)
        await look(responder, "responder-coming", HAND)
        await responder.at("summary").click()
        await look(responder, "responder-ambulance", HAND)
        await self.care()
        await tv.has_state(3, "at_booth")
        await booth.is_in("state", "there")
        await expect(incident.at("#doses li")).to_have_count(1)
        await look(booth, "booth-there", HAND)
        await look(tv, "wall-at-booth", TV)
        await look(tablet, "wall-tablet-at-booth", DESK)
        await look(incident, "alert-at-booth", DESK)
        assert await house.act("at_booth", "kim") == 200
        await responder.page.reload()
        await responder.is_in("me", "there")
        await look(responder, "responder-at-booth", HAND)

    async def it_ends(
        self, devices: tuple[Wall, Wall, Booth], incident: Wall, responder: Window
    ) -> None:
        """Safe, and then closed; and an alert that there never was."""
        look, house = self.look, self.house
        tv, tablet, booth = devices
        assert await house.act("safe", "sam") == 200
        await tv.has_state(3, "recovering")
        await look(tv, "wall-recovering", TV)
        await look(incident, "alert-recovering", DESK)
        await look(booth, "booth-recovering", HAND)
        assert await house.act("close", "jo", pin="8080", outcome="naloxone") == 200
        await expect(incident.at("#panel")).to_have_attribute("data-state", "closed")
        await look(incident, "alert-closed", DESK)
        await expect(tv.at("#quiet")).to_be_visible()
        await look(booth, "booth-ended", HAND)
        await responder.page.reload()
        await responder.is_in("me", "closed")
        await look(responder, "responder-closed", HAND)
        missing = Window(await house.open("/alert/9999", beside=tablet))
        await expect(missing.at("#missing")).to_be_visible()
        await missing.is_in("link", "live")
        await look(missing, "alert-missing", DESK)
        await missing.page.close()

    async def care(self) -> None:
        """Everything that is done at a booth."""
        act = self.house.act
        for what, fields in (
            ("at_booth", {}),
            ("take_job", {"job": "lead"}),
            ("classify", {"kind": "overdose"}),
            ("oxygen", {"on": True}),
            ("naloxone", {"route": "nasal"}),
            ("breathing", {"breathing": "slow", "awake": False}),
            ("ems", {"ems": "on_the_way", "minutes": 6}),
        ):
            assert await act(what, "sam", **fields) == 200, what

    async def dialogs_of_the_wall(self, tablet: Wall) -> None:
        """Keys, silence and everything else that can be done."""
        look = self.look
        await tablet.page.bring_to_front()
        await tablet.page.keyboard.press("?")
        await expect(tablet.at("dialog kbd").first).to_be_visible()
        await look(tablet, "wall-tablet-keys", DESK)
        await tablet.page.keyboard.press("Escape")
        await tablet.at("#silence").click()
        await expect(tablet.at("dialog[open]")).to_be_visible()
        await look(tablet, "wall-tablet-silence-by", DESK)
        await tablet.at("dialog [data-person=kim]").click()

        async def silenced() -> bool:
            # A step of the ladder may have broken it since; whose it is, is known by now.
            if not await tablet.at("#silenced").is_visible():
                await tablet.at("#silence").click()
            return await tablet.at("#silenced").is_visible()

        await until(silenced, what="a silence")
        await look(tablet, "wall-tablet-silenced", DESK)
        await tablet.tile(3).locator("[data-action=other]").click()
        await look(tablet, "wall-tablet-other", DESK)
        await tablet.page.keyboard.press("Escape")

    async def dialogs_of_the_incident(self, page: Wall) -> None:
        """Ending, names, PIN, how long ago, minutes and a correction."""
        look = self.look
        await page.page.bring_to_front()
        await page.at("#endings [data-action=stand_down]").click()
        await expect(page.at("[data-sure=stand_down]")).to_be_visible()
        await look(page, "alert-stand-down", DESK)
        await page.at("#endings [data-action=close]").click()
        await look(page, "alert-outcome", DESK)
        await page.at("dialog [data-value=naloxone]").click()
        await look(page, "alert-names", DESK)
        await page.at("dialog [data-person=jo]").click()
        await page.type_pin("1111")
        await expect(page.at("dialog .wrong")).to_be_visible()
        await look(page, "alert-wrong-pin", DESK)
        await page.page.keyboard.press("Escape")
        await page.at("#acts [data-action=naloxone]").dispatch_event("contextmenu")
        await expect(page.at("dialog[open]")).to_be_visible()
        await look(page, "alert-when", DESK)
        await page.page.keyboard.press("Escape")
        await page.at("#ems [data-action=ems]").click()
        await page.at("dialog [data-value=on_the_way]").click()
        await look(page, "alert-minutes", DESK)
        await page.page.keyboard.press("Escape")
        await page.at("#timeline li[data-event=naloxone] .fix").click()
        await look(page, "alert-fix", DESK)
        await page.page.keyboard.press("Escape")

    async def several(self, tv: Wall, tablet: Wall) -> None:
        """Two to eight alerts, and another one on the page of the first."""
        look, house = self.look, self.house
        incident: Wall | None = None
        for number in range(1, 9):
            await house.press(number)
            await tv.has_state(number, "unanswered")
            if number == 1:
                (alert,) = await house.alerts()
                incident = await self.incident(alert["number"], tablet)
            if number == 2 and incident:
                await expect(incident.at("[data-band=other]")).to_be_visible()
                await look(incident, "alert-other-alert", DESK)
                await incident.page.close()
            if number in (2, 3, 4, 8):
                await tablet.has_state(number, "unanswered")
                await look(tv, f"wall-{number}-alerts", TV)
                await look(tablet, f"wall-tablet-{number}-alerts", DESK)
        alerts = {one["booth"]: one["id"] for one in await house.alerts()}
        for booth, what, person in ((1, "at_booth", "sam"), (5, "on_my_way", "kim")):
            body = {"action_id": alerts[booth], "action": what, "person": person}
            answer = await house.http.post(f"/v1/alerts/{alerts[booth]}/actions", json=body)
            assert answer.status_code == 200, answer.text
        await expect(tablet.at(".line")).to_have_count(2)
        await look(tv, "wall-6-and-2-alerts", TV)
        await look(tablet, "wall-tablet-6-and-2-alerts", DESK)
        await look(self.board, "board-alerts", TV)
        for one in alerts.values():
            body = {"action": "close", "person": "jo", "pin": "8080", "outcome": "monitored"}
            body["action_id"] = f"close-{one}"
            await house.http.post(f"/v1/alerts/{one}/actions", json=body)
        await expect(tv.at("#quiet")).to_be_visible()

    async def away(self, tv: Wall, tablet: Wall, booth: Booth) -> None:
        """No network at the booth, and then no server for anybody."""
        look, house = self.look, self.house
        await house.press(7)
        await tv.has_state(7, "unanswered")
        responder = await self.responder()
        pages = {
            "wall-lost": (tv, TV),
            **{
                f"{path}-lost": (Window(await house.open(f"/{path}", beside=tablet)), PAPER)
                for path in ("shift", "devices", "drill")
            },
        }
        await booth.page.bring_to_front()
        await booth.context.set_offline(offline=True)
        await booth.press()
        await booth.is_in("state", "sending")
        await look(booth, "booth-sending", HAND)
        await booth.is_in("state", "not_sent")
        await look(booth, "booth-not-sent", HAND)
        house.place.server.freeze()
        await tv.is_in("link", "stale")
        await look(tv, "wall-stale", TV)
        await responder.context.set_offline(offline=True)
        await responder.is_in("net", "away")
        await look(responder, "responder-no-network", HAND)
        for name, (page, size) in pages.items():
            await page.page.bring_to_front()
            await page.is_in("link", "lost")
            await look(page, name, size)
        await self.board.page.bring_to_front()
        await self.board.is_in("link", "lost")
        await look(self.board, "board-lost", TV)
        house.place.server.thaw()
        await tv.page.bring_to_front()
        await tv.is_in("link", "live")
        assert await house.act("close", "jo", pin="8080", outcome="monitored") == 200
        await expect(tv.at("#quiet")).to_be_visible()


async def line_tour(stage: Stage, windows: Windows, look: Look) -> None:
    """The panel of the direct line in every state, on a stage."""
    panel = Wall(await windows.open("about:blank"))
    await panel.context.add_init_script(FULL)
    await panel.page.goto(f"{stage.url}/line")
    await panel.is_in("link", "live")
    await panel.arm()
    for name, (shown, _english, _dutch) in states().items():
        stage.show(shown)
        await panel.is_in("line", name)
        await look(panel, f"line-{name.replace('_', '-')}", DESK)
