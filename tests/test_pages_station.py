"""What every staff screen does by itself: what it hears, sounds, proves and has read back.

It is shown on a stage that a test sets, with a clock that only the test moves.
"""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser import Windows
from tests.line_stage import Stage, ago
from tests.pressing import until
from tests.stub_served import CLOCK
from tests.test_pages import DEAF

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def still_wall(
    stage: Stage, windows: Windows, script: str = "", *, armed: bool = True
) -> Page:
    """A wall on a tablet, armed by a finger or not; its clock stands still."""
    page = await windows.open("about:blank")
    await page.add_init_script(script)
    await page.clock.install()
    await page.goto(f"{stage.url}/wall")
    body, tap, heard = (page.locator(one) for one in ("body", "#arm-tap", "#arm-heard"))
    await expect(body).to_have_attribute("data-link", "live")
    await expect(tap.or_(heard).filter(visible=True)).to_be_visible()
    if armed:
        if await tap.is_visible():
            await tap.click()
        await heard.click()
        await expect(body).to_have_attribute("data-arm", "armed")
    await page.clock.pause_at(CLOCK.now() + timedelta(seconds=2))
    return page


async def sounds(page: Page, name: str) -> None:
    """Wait until the page plays this."""
    await expect(page.locator("body")).to_have_attribute("data-sound", name)


async def proves(stage: Stage, **fields: Any) -> None:
    """Wait until the newest proof of life says this."""

    async def proved() -> bool:
        return bool(stage.proofs) and fields.items() <= stage.proofs[-1].items()

    await until(proved, 10, f"a proof with {fields}")


def press(stage: Stage) -> None:
    """Somebody presses in booth 3."""
    stage.alerts.append(stage.new_alert(48, 3) | {"state": "unanswered", "answers": []})
    stage.happen("pressed", of=stage.alerts[1])


async def test_what_a_screen_sounds_is_proved_at_once(stage: Stage, windows: Windows) -> None:
    page = await still_wall(stage, windows)
    await sounds(page, "none")
    press(stage)
    await sounds(page, "alarm")
    await proves(stage, sounding=["a48"], sound="running", armed=True)
    await page.locator("#silence").click()
    await proves(stage, sounding=[])


async def test_a_screen_proves_every_four_seconds_and_when_it_is_looked_at(
    stage: Stage, windows: Windows
) -> None:
    page = await still_wall(stage, windows, armed=False)
    await proves(stage, armed=False)

    async def another(script: str, ms: int) -> None:
        before = len(stage.proofs)
        await page.evaluate(script)
        await page.clock.run_for(ms)
        await until(lambda: len(stage.proofs) > before, 10, "a proof")

    await another("", 4000)
    await another("", 4000)
    await another("document.dispatchEvent(new Event('visibilitychange'))", 0)


async def test_a_screen_whose_sound_stands_still_proves_that_it_sounds_nothing(
    stage: Stage, windows: Windows
) -> None:
    page = await still_wall(stage, windows, DEAF)
    press(stage)
    await sounds(page, "alarm")
    await proves(stage, sounding=["a48"])
    await page.evaluate("localStorage.setItem('deaf', 'yes')")
    await page.clock.run_for(600)  # What it showed last is seen to stand still.
    await page.clock.run_for(2300)
    await sounds(page, "none")
    await proves(stage, sounding=[], sound="frozen")


async def test_faults_of_before_make_no_noise(stage: Stage, windows: Windows) -> None:
    stage.site["phones"] = "failing"
    page = await still_wall(stage, windows)
    for _ in range(8):
        await page.clock.run_for(3000)
        await until(lambda: page.evaluate("directline.live.age() < 1000"), 10, "news")
        assert await page.evaluate("directline.speaker.playing") == "none"


async def test_care_that_is_due_is_heard_of(stage: Stage, windows: Windows) -> None:
    page = await still_wall(stage, windows)
    await sounds(page, "none")
    stage.alert["care"]["reassess_at"] = ago(1)
    stage.happen("naloxone")
    await sounds(page, "info")


async def test_an_alarm_is_as_loud_as_the_slider_says(stage: Stage, windows: Windows) -> None:
    """Until the ladder says louder."""
    stage.site["ladder"] = [{"after": 600, "do": ["louder"], "who": []}]
    page = await still_wall(stage, windows, "localStorage.setItem('directline.volume', '0.8')")
    press(stage)
    await sounds(page, "alarm")
    assert await page.evaluate("directline.speaker.volume") == pytest.approx(0.75 * 0.8)
    stage.happen("rung_reached", of=stage.alerts[1], rung=1, do=["louder"])
    await until(lambda: page.evaluate("directline.speaker.volume === 1"), 10, "that it is louder")


async def test_a_page_that_came_later_knows_what_happened_before(
    stage: Stage, windows: Windows
) -> None:
    stage.happen("not_understood", person="sam")
    page = await still_wall(stage, windows)
    await expect(page.locator(".tile")).to_contain_text("Sam texted: not understood")
    stage.alert.update(state="closed", closed_at=ago(0))
    other = await windows.open(f"{stage.url}/wall")
    await expect(other.locator("#quiet")).to_contain_text("Last alert")


async def test_nobody_is_asked_what_they_hear_while_an_alert_is_on(
    stage: Stage, windows: Windows
) -> None:
    page = await still_wall(stage, windows)
    arm = page.locator("body")
    stage.happen("sound_test")
    press(stage)
    await sounds(page, "alarm")
    await expect(arm).to_have_attribute("data-arm", "armed")
    for alert in stage.alerts:
        alert["state"] = "closed"
        stage.happen("closed", of=alert)
    stage.happen("sound_test")
    await expect(arm).to_have_attribute("data-arm", "testing")
    await sounds(page, "test")


async def test_a_language_that_changes_changes_every_word_of_an_open_alert(
    stage: Stage, windows: Windows
) -> None:
    page = await still_wall(stage, windows)
    button = page.locator(".tile [data-action=on_my_way]")
    await expect(button).to_have_text("ON MY WAY")
    stage.change_site(language="nl")
    await expect(button).to_have_text("IK GA")


async def test_the_voice_is_fetched_until_it_is_there(stage: Stage, windows: Windows) -> None:
    windows.forgive("ERR_FAILED")
    page = await windows.open("about:blank")
    asked: list[str] = []

    def count(request: Request) -> None:
        if "/voice/voice.js" in request.url:
            asked.append(request.url)

    page.on("request", count)
    await page.route("**/voice/voice.js*", lambda route: route.abort())
    await page.clock.install()
    await page.goto(f"{stage.url}/wall")
    await expect(page.locator("body")).to_have_attribute("data-link", "live")
    await until(lambda: page.evaluate("directline.words === null"), 10, "that it failed")
    await page.clock.fast_forward(10_000)
    await until(lambda: len(asked) == 2, 10, "a second try")
    await page.unroute("**/voice/voice.js*")
    await page.clock.fast_forward(10_000)
    await until(lambda: page.evaluate("Boolean(directline.voice)"), 10, "the voice")
    assert len(asked) == 3


async def test_those_who_do_not_see_are_told_of_alarms_steps_and_news(
    stage: Stage, windows: Windows
) -> None:
    """What has ended before it was known is no alarm."""
    page = await still_wall(stage, windows)
    alarm, news = page.locator("#alarm"), page.locator("#news")
    gone = stage.new_alert(49, 5) | {"state": "closed"}
    stage.happen("closed", of=gone)
    press(stage)
    await expect(alarm).to_contain_text("Alert, BOOTH 03")
    stage.happen("rung_reached", of=stage.alerts[1], rung=1, do=["text"])
    await expect(alarm).to_have_text("BOOTH 03: NO ONE YET. Step 2")
    stage.alerts[1] |= {"state": "on_the_way", "coming": ["sam"], "ladder": "stopped"}
    stage.happen("on_my_way", of=stage.alerts[1], person="sam")
    await expect(news).to_have_text("BOOTH 03: SAM ON THE WAY")
    await expect(alarm).to_have_text("BOOTH 03: NO ONE YET. Step 2")
    stage.happen("closed", of=gone)
    stage.happen("sounding", of=stage.alerts[1])
    await expect(alarm).to_have_text("BOOTH 03: NO ONE YET. Step 2")
