"""The pages as people use them: a wall, a booth and a handset in the hands of a test.

The service and the phone network are real processes, the browser is real, and so are the taps. A
test never looks into a page by a gesture of its own: what was heard is told by the page itself.
"""

import itertools
import re
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from playwright.async_api import BrowserContext, Error, Locator, Page, ViewportSize, expect

from alerts.site import Site
from dispatch import registry, setup
from dispatch.clock import SystemClock
from dispatch.database import Database
from dispatch.registry import Device
from dispatch.setup import NewDevice
from dispatch.site_file import read_site
from dispatch.writer import InlineWriter, Item
from service.pin_hashes import hashed_pins
from tests.browser import NO_SERVER, Windows
from tests.pressing import until
from tests.process import DEMO_SITE, Place

TABLET = ViewportSize(width=1024, height=768)
PHONE = ViewportSize(width=390, height=844)
SERVER_AWAY = rf"{NO_SERVER}|WebSocket connection"
OFFLINE = r"ERR_INTERNET_DISCONNECTED|WebSocket connection"
NOT_KNOWN = r"status of 401"
SECONDS = 15.0
"""How long a page may take to say what it has to say, on a machine that is busy."""
EARS = """
// Only a script in the page hears what a person would: a test that asks counts as a gesture.
(() => {
  let at = -Infinity;
  const loud = ({ meter }) => {
    if (!meter) return false;
    const heard = new Float32Array(meter.fftSize);
    meter.getFloatTimeDomainData(heard);
    return Math.sqrt(heard.reduce((sum, value) => sum + value * value, 0) / heard.length) > 0.02;
  };
  setInterval(() => {
    const speaker = globalThis.directline?.speaker;
    const html = document.documentElement;
    if (!speaker || !html) return;
    if (loud(speaker)) {
      at = performance.now();
      html.dataset.heard = speaker.playing;
    } else if (performance.now() - at > 3500) html.dataset.heard = 'nothing';
  }, 25);
})();
"""
NUMBERS = itertools.count(1)
"""No two sites of one run have the same."""
Json = dict[str, Any]


class Window:
    """One window of one browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def context(self) -> BrowserContext:
        """The browser that it is a window of, with its cookies and its storage."""
        return self.page.context

    def at(self, where: str) -> Locator:
        """What is at this place of the page, by CSS."""
        return self.page.locator(where)

    async def shows(self, words: str | re.Pattern[str], where: str = "body") -> None:
        """Wait until it shows these words, upper and lower case alike."""
        await expect(self.at(where)).to_contain_text(
            words, ignore_case=isinstance(words, str), timeout=SECONDS * 1000, use_inner_text=True
        )

    async def shows_not(self, words: str, where: str = "body") -> None:
        """Wait until these words are not, or no more, to be seen."""
        await expect(self.at(where)).not_to_contain_text(
            words, ignore_case=True, timeout=SECONDS * 1000, use_inner_text=True
        )

    async def is_in(self, name: str, value: str | re.Pattern[str], within: float = SECONDS) -> None:
        """Wait until the page is in this state: `data-NAME` of its body."""
        await expect(self.at("body")).to_have_attribute(
            f"data-{name}", value, timeout=within * 1000
        )

    async def sounds(self, name: str) -> None:
        """Wait until this is heard: alarm, soft, fault, siren, test, chirp, or nothing."""
        await expect(self.at("html")).to_have_attribute("data-heard", name, timeout=SECONDS * 1000)


class Booth(Window):
    """The page of one booth's button."""

    async def press(self) -> float:
        """Touch the button; the moment."""
        began = time.monotonic()
        await self.at("#help").click(no_wait_after=True)
        return began

    async def step(self, name: str, words: str | re.Pattern[str], *, done: bool = True) -> None:
        """Wait until a step (sent, sounding, coming) is shown as done, or not, with these words."""
        step = self.at(f"[data-step={name}]")
        await expect(step).to_have_attribute("data-done", str(done).lower(), timeout=SECONDS * 1000)
        await expect(step).to_contain_text(words, timeout=SECONDS * 1000)


class Wall(Window):
    """A staff screen."""

    def tile(self, booth: int) -> Locator:
        """The alert of this booth, large or as a line."""
        return self.at(f"[data-booth='{booth}'][data-alert]")

    async def arm(self) -> None:
        """Tap, listen, and say that it was heard. After a tap on PAIR the sound plays already."""
        shown = self.at("#arm-tap, #arm-heard").filter(visible=True)

        async def tapped() -> bool:
            if await self.at("body").get_attribute("data-arm") != "armed":
                with suppress(Error):  # A kiosk goes on by itself, also under a tap.
                    await shown.click(timeout=500)
            return await self.at("body").get_attribute("data-arm") == "armed"

        await until(tapped, SECONDS, "a screen that is armed")
        await self.is_in("arm", "armed")

    async def says(self, booth: int, words: str) -> None:
        """Wait until the alert of this booth shows these words."""
        await expect(self.tile(booth)).to_contain_text(
            words, ignore_case=True, timeout=SECONDS * 1000, use_inner_text=True
        )

    async def has_state(self, booth: int, state: str) -> None:
        """Wait until the alert of this booth has this state."""
        await expect(self.tile(booth)).to_have_attribute(
            "data-state", state, timeout=SECONDS * 1000
        )

    async def tap(self, booth: int, action: str, *choices: str) -> None:
        """Tap a button of the alert, or one behind OTHER, and then these choices in turn."""
        await self.page.bring_to_front()  # A page behind another is painted seldom.
        button = self.tile(booth).locator(f"[data-action={action}]")
        if not await button.count():
            await self.tile(booth).locator("[data-action=other]").click()
            button = self.at(f"dialog [data-action={action}]")
        await button.click()
        if action == "stand_down":
            await self.at("dialog [data-sure=stand_down]").click()
        for choice in choices:
            await self.at(f"dialog :is([data-value='{choice}'], [data-person='{choice}'])").click()

    async def type_pin(self, digits: str) -> None:
        """Tap a PIN on the keys of the screen."""
        for digit in digits:
            await self.at(f"dialog [data-digit='{digit}']").click()


class Handset:
    """A person's phone, as the simulated network sees it."""

    def __init__(self, http: httpx2.AsyncClient, number: str) -> None:
        self._http = http
        self.number = number

    async def texts(self) -> list[Json]:
        """Everything texted to it, the oldest first."""
        answer = await self._http.get("/sim/texts", params={"to": self.number})
        return answer.json()["texts"]

    async def asked(self, words: str = "1 = ") -> Json:
        """Wait for a text with these words; the newest of them."""

        async def come() -> Json | None:
            found = [text for text in await self.texts() if words in text["body"]]
            return found[-1] if found else None

        return await until(come, SECONDS, f"a text with {words!r}")

    async def link(self, words: str = " 1 = ") -> str:
        """The address in the newest text with these words that has one.

        Where an older alert may have sent one as well, name the alert: `#47 `.
        """

        async def come() -> str | None:
            bodies = [text["body"] for text in await self.texts() if words in text["body"]]
            links = [link for body in bodies for link in re.findall(r"https?://\S+/r/\S+", body)]
            return links[-1] if links else None

        return await until(come, SECONDS, f"a link with {words!r}")

    async def reply(self, body: str, words: str = "1 = ") -> str:
        """Answer the newest text with these words; what the service says to it."""
        text = await self.asked(words)
        said = {"from": self.number, "to": text["from"], "body": body}
        answer = await self._http.post("/sim/texts", json=said)
        assert answer.status_code == 200, answer.text
        return answer.text


@dataclass(frozen=True, slots=True)
class House:
    """One site of a running service: its devices are made beside it, as an operator would."""

    place: Place
    windows: Windows
    site: Site
    http: httpx2.AsyncClient
    _phones: httpx2.AsyncClient

    @property
    def url(self) -> str:
        """Where the service is."""
        return self.place.server.url

    def add(self, kind: str, booth: int | None, name: str) -> NewDevice:
        """A new device, with the code that pairs a browser as it."""
        return carry_out(
            self.place.database_url, setup.add_device(self.site.code, kind, booth, name)
        )

    def revoke(self, device: Device) -> None:
        """Take a device's rights away."""
        carry_out(self.place.database_url, setup.set_status(device, "revoked"))

    def handset(self, person: str) -> Handset:
        """This person's phone."""
        found = self.site.person(person)
        assert found
        return Handset(self._phones, found.phone)

    async def open(
        self, path: str = "", *, beside: Window | None = None, script: str = "", **options: Any
    ) -> Page:
        """A window of this service, in a browser of its own or beside another window.

        `script` runs in it before any of ours.
        """
        shared = beside.page if beside else None
        page = await self.windows.open("about:blank", beside=shared, **options)
        page.set_default_timeout(SECONDS * 1000)
        if not shared:
            await page.context.add_init_script(script + EARS)
        await page.goto(f"{self.url}{path}")
        return page

    async def pair(self, made: NewDevice, **options: Any) -> Page:
        """A window that has been paired by the code as a person does it, beside other buttons."""
        page = await self.open(f"/pair#{made.code}", **options)
        await page.locator("#pair").click()
        beside, paired = page.locator("#keep"), page.locator("#go")
        await expect(beside.or_(paired).filter(visible=True)).to_be_visible()
        if await beside.is_visible():
            await beside.click()
        await paired.click()
        where = "/booth" if made.device.kind == "booth" else "/wall"
        await page.wait_for_url(f"{self.url}{where}")
        return page

    async def booth(self, number: int = 3, **options: Any) -> Booth:
        """The page of this booth's button, ready."""
        booth = Booth(await self.pair(self.add("booth", number, f"Button {number}"), **options))
        await booth.is_in("state", "ready")
        return booth

    async def wall(
        self, name: str = "Wall", *, kind: str = "tablet", armed: bool = True, **options: Any
    ) -> Wall:
        """A staff screen, and whether somebody has armed it."""
        wall = Wall(await self.pair(self.add(kind, None, name), **options))
        await wall.is_in("link", "live")
        if armed:
            await wall.arm()
        return wall

    async def alerts(self, state: str = "open") -> list[Json]:
        """What the service says of this site's alerts."""
        answer = await self.http.get("/v1/alerts", params={"state": state})
        assert answer.status_code == 200, answer.text
        return answer.json()["alerts"]

    async def alert(self) -> Json:
        """The one open alert, with its timeline."""
        (alert,) = await self.alerts()
        return (await self.http.get(f"/v1/alerts/{alert['id']}")).json()

    async def press(self, number: int) -> None:
        """Somebody presses for this booth on another tablet."""
        answer = await self.http.post("/v1/presses", json={"booth": number})
        assert answer.status_code == 201, answer.text

    async def act(self, action: str, person: str, **fields: Any) -> int:
        """Somebody does this on another tablet; the status."""
        body = {"action_id": secrets.token_hex(8), "action": action, "person": person, **fields}
        (alert,) = await self.alerts()
        return (await self.http.post(f"/v1/alerts/{alert['id']}/actions", json=body)).status_code

    async def sim(self, method: str, path: str, body: Any = None) -> None:
        """Tell the phone network something, such as a fault."""
        answer = await self._phones.request(method, f"/sim{path}", json=body)
        assert answer.status_code == 200, answer.text


def carry_out(database_url: str, item: Item) -> Any:
    """Do this beside the running service, as the operators' commands do."""
    connection = Database(database_url).open()
    try:
        return InlineWriter(connection, SystemClock(), lambda _effects: None).now(item)
    finally:
        connection.close()


def new_site(place: Place, change: Callable[[str], str] = lambda text: text) -> Site:
    """The demo site once more, with a code, numbers and phones of its own; `change` its file."""
    number = next(NUMBERS)
    text = change(DEMO_SITE.read_text("utf-8"))
    text = text.replace('"AMC4"', f'"H{number:03}"').replace("+316123456", f"+316{123000 + number}")
    text = text.replace("+3197010200", f"+31970{11000 + number}")
    text = text.replace("+31201230000", f"+3120{1231000 + number}")
    text = text.replace("+31201234568", f"+3120{1235000 + number}")
    text = text.replace("+3120555000", f"+31205{55000 + number}")
    loaded = read_site(text, "site.toml")
    connection = Database(place.database_url).open()
    try:
        pins = hashed_pins(loaded.pins, registry.pins(connection, loaded.site.code))
    finally:
        connection.close()
    carry_out(place.database_url, setup.load_site(loaded, pins))
    return loaded.site


@asynccontextmanager
async def open_house(
    place: Place,
    windows: Windows,
    change: Callable[[str], str] = lambda text: text,
    *,
    site: Site | None = None,
) -> AsyncGenerator[House]:
    """A site of its own in this place, or `site`; in the end its windows and alerts are closed."""
    site = site or new_site(place, change)
    made = carry_out(place.database_url, setup.add_device(site.code, "tablet", None, "Test"))
    bearer = {"Authorization": f"Bearer {made.token}"}
    async with (
        httpx2.AsyncClient(base_url=place.server.url, headers=bearer, trust_env=False) as http,
        httpx2.AsyncClient(base_url=place.phones.url, trust_env=False) as phones,
    ):
        house = House(place, windows, site, http, phones)
        yield house
        await windows.close()
        if place.server.runs:
            for alert in await house.alerts():
                said = {"person": "jo", "pin": "8080", "outcome": "monitored"}
                body = {"action_id": secrets.token_hex(8), "action": "close", **said}
                await http.post(f"/v1/alerts/{alert['id']}/actions", json=body)
