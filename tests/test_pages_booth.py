"""The booth page in the hands of people: any finger, any language, any size, any version."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from dispatch.site_file import BOOTH_LANGUAGES
from tests.browser import Windows, accessibility_faults
from tests.pages import NOT_KNOWN, OFFLINE, SECONDS, SERVER_AWAY, Booth, House, open_house
from tests.pressing import until
from tests.process import Place, open_place

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = [(1280, 800), (800, 1280), (1024, 600), (640, 360), (390, 844), (360, 640), (320, 568)]
NAMES = {
    "en": ("English", "HELP"),
    "nl": ("Nederlands", "HULP"),
    "de": ("Deutsch", "HILFE"),
    "fr": ("Français", "À L'AIDE"),
    "es": ("Español", "AYUDA"),
    "pt": ("Português", "AJUDA"),
    "pl": ("Polski", "POMOC"),
    "ar": ("العربية", "النجدة"),
}
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/150.0.0.0 Mobile Safari/537.36"
)
FAST_CLOCK = """
// The clock of this device is five minutes fast.
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length ? given : [Real.now() + 300000])); }
  static now() { return Real.now() + 300000; }
};
"""
BUZZES = """
// What would be felt: how often this device has shaken.
Navigator.prototype.vibrate = () => {
  const { dataset } = document.documentElement;
  dataset.buzzes = Number(dataset.buzzes ?? 0) + 1;
  return true;
};
"""
WATCH = """
// What the very next picture after a finger on the button shows.
document.addEventListener('pointerdown', () => {
  requestAnimationFrame(() => {
    document.documentElement.dataset.shown = document.body.dataset.state;
  });
}, true);
"""
NEAR = """
(() => {
  const box = (one) => one.getBoundingClientRect();
  const help = box(document.getElementById('help'));
  const others = [...document.querySelectorAll('a[href], button, summary, select, input')]
    .filter((one) => one.id !== 'help' && one.checkVisibility());
  const away = (one) => Math.hypot(
    Math.max(help.left - one.right, one.left - help.right, 0),
    Math.max(help.top - one.bottom, one.top - help.bottom, 0),
  );
  return {
    width: help.width,
    height: help.height / innerHeight,
    beside: [help.left, innerWidth - help.right],
    near: others.filter((one) => away(box(one)) < 64).map((one) => one.textContent),
    small: others.filter((one) => box(one).height < 48).map((one) => one.textContent),
  };
})()
"""
CUT_OFF = """
[...document.querySelectorAll('#help, #help *, #words, #words *, header, header *, footer *')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== 'inline'
    && (one.scrollWidth > one.clientWidth + 2
      || (one.matches('#help, #words, header') && one.scrollHeight > one.clientHeight + 2)
      || one.getBoundingClientRect().bottom > innerHeight + 2) && !one.closest('#languages'))
  .map((one) => `${one.id || one.className || one.localName}: ${one.textContent.trim()}`)
"""


def every_language(text: str) -> str:
    """The site file with all languages of the booth switched on."""
    codes = ", ".join(f'"{code}"' for code in BOOTH_LANGUAGES)
    return text.replace("booth_languages = []", f"booth_languages = [{codes}]")


async def well(booth: Booth) -> None:
    """At every size the button is large and alone, and nothing is cut off."""
    for width, height in SIZES:
        await booth.page.set_viewport_size({"width": width, "height": height})
        # Two frames later the page has been laid out anew.
        await booth.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        )
        seen: dict[str, Any] = await booth.page.evaluate(NEAR)
        where = f"{width} x {height}: {seen}"
        assert seen["width"] >= 240, where
        assert seen["height"] >= 0.599, where
        if height > 500:  # Where it is lower, all else stands beside the button.
            assert max(seen["beside"]) <= 24.5, where
        assert (seen["near"], seen["small"]) == ([], []), where
        assert await booth.page.evaluate(CUT_OFF) == [], where
    assert await accessibility_faults(booth.page) == []


async def choose(booth: Booth, language: str) -> None:
    """Tap a language by its own name."""
    name, _ = NAMES[language]
    if await booth.at("html").get_attribute("lang") != language:
        await booth.page.get_by_role("button", name=name, exact=True).click()
    await expect(booth.at("html")).to_have_attribute("lang", language)


@pytest.mark.slow
@pytest.mark.parametrize("language", list(NAMES))
async def test_the_button_is_large_and_alone_in_every_state_and_language(
    place: Place, windows: Windows, language: str
) -> None:
    windows.forgive(OFFLINE)
    async with open_house(place, windows, every_language) as house:
        booth = await house.booth(3)
        await choose(booth, language)
        await booth.shows(NAMES[language][1], "#word")
        await expect(booth.at("html")).to_have_attribute(
            "dir", "rtl" if language == "ar" else "ltr"
        )
        await well(booth)
        await booth.press()
        await booth.is_in("state", "sent")
        await well(booth)
        await house.act("on_my_way", "sam")
        await booth.is_in("state", "coming")
        await well(booth)
        await booth.context.set_offline(True)
        await booth.press()
        await booth.is_in("state", "not_sent")
        await well(booth)


async def test_a_stranger_is_not_an_alarm_button_at_any_size(house: House) -> None:
    house.windows.forgive(NOT_KNOWN)
    booth = Booth(await house.open("/booth"))
    await booth.is_in("state", "unpaired")
    await well(booth)
    await choose(booth, "nl")
    await well(booth)


async def test_a_touch_is_answered_in_the_very_next_picture(house: House) -> None:
    """A tenth of a second is six pictures; `make bench-screens` says how long it takes."""
    booth = await house.booth(3)
    await booth.page.evaluate(WATCH)
    await booth.press()
    await expect(booth.at("html")).to_have_attribute("data-shown", re.compile("sending|sent"))
    await booth.sounds("chirp")


async def test_a_whole_hand_is_one_alert_and_says_nothing_twice(house: House) -> None:
    """Palm and elbow: many touches at once, none of them refused."""
    booth = await house.booth(3, has_touch=True)
    box = await booth.at("#help").bounding_box()
    assert box
    session: Any = await booth.context.new_cdp_session(booth.page)
    hand = [
        {"x": box["x"] + x, "y": box["y"] + 90, "radiusX": 40, "radiusY": 30, "id": x}
        for x in (60, 110, 160, 210)
    ]
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": hand})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await booth.step("sent", "Sent")
    await booth.step("sent", "pressed 4")
    assert len(await house.alerts()) == 1


async def with_a_clock(house: House, booth: Booth, script: str = "") -> Booth:
    """The same button in a browser whose clock the test moves."""
    state = await booth.context.storage_state()
    page = await house.open("/booth", script=script, storage_state=state)
    await booth.page.close()
    await page.clock.install()
    await page.reload()
    other = Booth(page)
    await other.is_in("state", "ready")
    return other


async def test_touches_within_two_seconds_count_and_say_nothing_new(house: House) -> None:
    booth = await with_a_clock(house, await house.booth(3), BUZZES)
    for presses, buzzes in ((1, "1"), (2, "1"), (3, "2")):
        if presses == 3:
            await booth.page.clock.fast_forward(2_000)
        await booth.press()
        await booth.step("sent", f"pressed {presses}" if presses > 1 else "Sent")
        await expect(booth.at("html")).to_have_attribute("data-buzzes", buzzes)


async def test_a_press_is_tried_again_after_half_a_second_one_two_two_for_ever(
    house: House,
) -> None:
    house.windows.forgive(OFFLINE)
    booth = await with_a_clock(house, await house.booth(3))
    clock = booth.page.clock
    await clock.pause_at("2099-01-01")
    await booth.context.set_offline(True)
    await booth.press()
    told = "[directline.presses.oldest().tries, directline.presses.timer > 0]"
    for tries, wait in enumerate((500, 1000, 2000, 2000, 2000), 1):
        # A try has failed, and the next one has its time.
        await until(lambda n=tries: _is(booth, told, [n, True]), SECONDS, f"try {tries}")
        await clock.run_for(wait - 1)
        assert await booth.page.evaluate(told) == [tries, True]
        await clock.run_for(1)
    assert len(await booth.page.evaluate("directline.presses.waiting")) == 1


async def _is(booth: Booth, script: str, wanted: object) -> bool:
    return await booth.page.evaluate(script) == wanted


async def test_a_siren_that_was_held_off_comes_back_after_a_minute(house: House) -> None:
    house.windows.forgive(OFFLINE)
    booth = await with_a_clock(house, await house.booth(3))
    await booth.context.set_offline(True)
    await booth.press()
    await booth.is_in("siren", "on")
    await booth.at("#status").hover()
    await booth.page.mouse.down()
    await booth.page.clock.fast_forward(2_500)
    await booth.page.mouse.up()
    await booth.page.clock.fast_forward(2_500)
    await booth.shows("Hold 3 s: siren off 1 min", "#siren")
    await booth.page.mouse.down()
    await booth.page.clock.fast_forward(3_000)
    await booth.shows("Siren off for", "#siren")
    await booth.page.mouse.up()
    await booth.is_in("siren", "off")
    await booth.page.clock.fast_forward(50_000)
    await booth.shows("Siren off for 0:0", "#siren")
    await booth.is_in("state", "not_sent")
    await booth.page.clock.fast_forward(10_000)
    await booth.is_in("siren", "on")


async def test_the_language_of_the_site_comes_back_by_itself(house: House) -> None:
    """A minute after the last touch."""
    other = await with_a_clock(house, await house.booth(3))
    await choose(other, "nl")
    await other.shows("HULP", "#word")
    await other.page.clock.fast_forward(50_000)
    await other.shows("HULP", "#word")
    await other.page.clock.fast_forward(11_000)
    await other.shows("HELP", "#word")
    await expect(other.at("html")).to_have_attribute("lang", "en")


async def test_a_language_that_was_switched_on_is_there_without_a_network(
    place: Place, windows: Windows
) -> None:
    windows.forgive(OFFLINE)
    async with open_house(place, windows, every_language) as house:
        booth = await house.booth(3)
        await until(
            lambda: booth.page.evaluate("caches.match('/web/languages/ar.js').then(Boolean)"),
            SECONDS,
            "Arabic to be kept",
        )
        await booth.context.set_offline(True)
        await booth.page.reload()
        await choose(booth, "ar")
        await booth.shows(NAMES["ar"][1], "#word")


async def test_only_a_phone_offers_to_call_and_others_show_the_number(house: House) -> None:
    house.windows.forgive(OFFLINE)
    phone = await house.booth(3, user_agent=PHONE_AGENT)
    tablet = await house.booth(4)
    for booth in (phone, tablet):
        await booth.context.set_offline(True)
        await booth.press()
        await booth.is_in("state", "not_sent")
        await booth.shows("112", "#call")
        await booth.sounds("siren")
    await expect(phone.page.get_by_role("link", name="CALL 112")).to_have_attribute(
        "href", "tel:112"
    )
    await expect(tablet.page.get_by_role("link")).to_have_count(0)
    size = await tablet.at("#call-number").evaluate("one => getComputedStyle(one).fontSize")
    # The digits are 0.72 of their size high; a millimetre has 3.78 px.
    assert float(size.removesuffix("px")) * 0.72 >= 20 * 3.78


async def test_a_booth_whose_clock_is_wrong_tells_true_times(house: House) -> None:
    booth = await house.booth(3, script=FAST_CLOCK)
    await booth.press()
    await booth.step("sent", "Sent")
    await booth.shows(re.compile(r"\b0:0\d\b"), "#status")
    alert = await house.alert()
    stored = alert["raised_at"][14:19]
    await booth.step("sent", re.compile(stored))
    assert alert["late"] is False


async def test_nobody_else_is_told_of_a_press_twice(house: House) -> None:
    """The same press_id from the page after a reload in the middle of sending."""
    booth = await house.booth(3)
    await booth.press()
    await booth.page.reload()
    await booth.step("sent", "Sent")
    assert (await house.alert())["presses"] == 1


@pytest.mark.slow
async def test_when_nobody_answers_the_booth_says_whom_to_call(
    tmp_path: Path, windows: Windows
) -> None:
    windows.forgive(SERVER_AWAY)
    async with (
        open_place(tmp_path, time_scale=100) as place,
        open_house(place, windows) as house,
    ):
        booth = await house.booth(3, user_agent=PHONE_AGENT)
        await booth.press()
        await booth.shows("NO ONE HAS ANSWERED", "#note")
        await booth.is_in("siren", "off")  # Never while there is a connection.
        await expect(booth.page.get_by_role("link", name="CALL 112")).to_be_visible()
        await booth.step("sent", "Sent")
        await expect(booth.at("#alarm")).to_have_text("No one has answered. Call 112 yourself.")
        await well(booth)


ANOTHER_VERSION = """
navigator.serviceWorker.register('/sw.js?another', { scope: '/booth', updateViaCache: 'none' })
"""
WAITING = "navigator.serviceWorker.getRegistration('/booth').then((one) => Boolean(one?.waiting))"


@pytest.mark.slow
async def test_a_new_version_waits_until_an_alert_has_long_ended(house: House) -> None:
    booth = await house.booth(3)
    page = await house.open("/booth", storage_state=await booth.context.storage_state())
    await booth.page.close()
    booth = Booth(page)
    # A page that is loaded anew while the worker begins is not its own: it would wait for ever.
    controlled = "Boolean(navigator.serviceWorker.controller)"
    await until(lambda: page.evaluate(controlled), 4 * SECONDS, "the service worker's control")
    await page.clock.install()
    await page.reload()
    await booth.is_in("state", "ready")
    await until(lambda: page.evaluate(controlled), SECONDS, "the same after loading")
    await page.evaluate("document.documentElement.dataset.mine = 'yes'")
    await booth.press()
    await booth.step("sent", "Sent")
    await page.evaluate(ANOTHER_VERSION)
    await until(lambda: page.evaluate(WAITING), SECONDS, "another version")
    await page.clock.fast_forward(660_000)
    await booth.step("sent", "Sent")
    await expect(booth.at("#newer")).to_be_hidden()
    await house.act("at_booth", "sam")
    await booth.step("coming", "SOMEONE IS HERE")
    assert await house.act("close", "jo", pin="8080", outcome="monitored") == 200
    await booth.is_in("state", "ready")
    await expect(booth.at("#newer")).to_be_hidden()
    await expect(booth.at("html")).to_have_attribute("data-mine", "yes")
    await page.clock.fast_forward(601_000)
    await booth.is_in("state", "ready")
    await booth.at("#newer").click()
    await expect(booth.at("html")).not_to_have_attribute("data-mine", "yes")
    await booth.is_in("state", "ready")
    await booth.press()
    await booth.step("sent", "Sent")
