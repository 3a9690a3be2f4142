"""The booth page and the wall in a real browser: from the press to quiet again, and who may act."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser import Windows
from tests.pages import NOT_KNOWN, PHONE, SECONDS, Booth, House, Wall, Window, open_house
from tests.pressing import until
from tests.process import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEAF = """
// An audio clock that stands still although the context calls itself running, once it is told to.
const real = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'currentTime').get;
Object.defineProperty(BaseAudioContext.prototype, 'currentTime', {
  get() { return localStorage.getItem('deaf') ? 42 : real.call(this); },
});
"""
BAR_RUNS = """
// It says in its length what the countdown says in digits.
(() => {
  const [bar, part] = ['.bar', '.bar > i'].map((one) =>
    document.querySelector(`.tile ${one}`).getBoundingClientRect().width);
  const left = Number(document.querySelector('.tile .next').textContent.match(/0:(\\d\\d)/)?.[1]);
  return left < 14 && Math.abs(part / (bar - 4) - left / 15) < 0.1;
})()
"""
HIDDEN = """
// Somebody uses this tablet for something else, once it is told so.
const away = () => localStorage.getItem('away') !== null;
Object.defineProperty(Document.prototype, 'hidden', { get: away });
"""
FAST_CLOCK = """
// The clock of this device is five minutes fast.
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length ? given : [Real.now() + 300000])); }
  static now() { return Real.now() + 300000; }
};
"""


@pytest.mark.slow
async def test_a_press_is_seen_heard_answered_and_ended(house: House) -> None:
    wall = await house.wall("Wall")
    booth = await house.booth(3, beside=wall)
    await wall.shows("ALL QUIET")
    await booth.press()
    await booth.step("sent", "Sent")
    await wall.says(3, "NO ONE YET")
    await wall.sounds("alarm")
    await booth.step("sounding", "Sounding on 1 staff screen")
    assert (await house.alert())["sounding"] == ["Wall"]
    await booth.step("coming", "Looking for someone", done=False)
    await booth.shows("You are not alone. Staff are being called.", "#note")
    await wall.says(3, "in 0:")
    await until(lambda: wall.page.evaluate(BAR_RUNS), what="a bar for who does not read")
    spoken = "directline.voice.saying"
    await until(lambda: wall.page.evaluate(f"{spoken} === 'booth 3'"), SECONDS, "a voice")
    assert "BOOTH 03 - HELP NOW" in (await house.handset("kim").asked())["body"]
    await house.handset("sam").reply("1")
    await wall.says(3, "SAM ON THE WAY")
    await wall.sounds("soft")
    await until(lambda: wall.page.evaluate(f"{spoken} === ''"), what="a voice that is quiet")
    await booth.step("coming", "SOMEONE IS COMING")
    await booth.shows("You are not alone. Staff are coming.", "#note")
    await wall.tap(3, "at_booth", "sam")
    await wall.says(3, "SAM AT BOOTH")
    await booth.step("coming", "SOMEONE IS HERE")
    await wall.tap(3, "safe", "sam")
    await wall.has_state(3, "recovering")
    await booth.shows("Staff keep an eye on you")
    await wall.tap(3, "close", "naloxone", "jo")
    await wall.type_pin("8080")
    await wall.shows("ALL QUIET")
    await wall.sounds("nothing")
    await booth.shows("Staff ended the alert")
    assert await house.alerts() == []


async def test_a_screen_that_is_not_armed_or_not_there_is_named_on_the_others(house: House) -> None:
    wall = await house.wall("Wall")
    paired = await house.wall("TV-2", kind="screen", armed=False)
    # A browser that nobody has touched gives no sound: as after a power cut.
    silent = Wall(await house.open("/wall", storage_state=await paired.context.storage_state()))
    await paired.page.close()
    await silent.is_in("arm", "silent")
    await silent.shows("THIS SCREEN IS SILENT")
    await wall.shows("TV-2 NOT ARMED", "#bands")
    await wall.shows("1/2", "#sound")
    booth = await house.booth(3)
    await booth.press()
    await silent.says(3, "NO ONE YET")
    await silent.shows("THIS SCREEN IS SILENT")
    await booth.step("sounding", "Sounding on 1 staff screen")
    assert (await house.alert())["sounding"] == ["Wall"]
    await silent.arm()
    await silent.sounds("alarm")
    await booth.step("sounding", "Sounding on 2 staff screens")
    await wall.shows_not("TV-2", "#bands")
    await silent.page.close()
    await wall.shows("TV-2 NOT CONNECTED", "#bands")
    await booth.step("sounding", "Sounding on 1 staff screen")


async def test_a_screen_that_is_deaf_or_used_for_something_else_is_named(house: House) -> None:
    wall = await house.wall("Wall")
    deaf = await house.wall("TV-2", script=DEAF)
    hidden = await house.wall("TV-3", script=HIDDEN)
    await wall.shows("3/3", "#sound")
    await deaf.page.evaluate("localStorage.setItem('deaf', 'yes')")
    await hidden.page.evaluate("localStorage.setItem('away', 'yes')")
    await wall.shows("TV-2 NO SOUND", "#bands")
    await wall.shows("TV-3 HIDDEN", "#bands")
    await wall.shows("1/3", "#sound")
    await deaf.is_in("arm", "silent")
    await wall.shows("TV-2 NOT ARMED", "#bands")


async def test_silence_is_for_one_screen_and_a_new_press_breaks_it(house: House) -> None:
    wall, other = await house.wall("Wall"), await house.wall("Desk")
    booth = await house.booth(3)
    await booth.press()
    await wall.sounds("alarm")
    await wall.page.get_by_role("button", name="SILENCE 60 s").click()
    await wall.shows("SILENCED 0:5", "#silenced")
    await wall.sounds("nothing")
    await wall.says(3, "NO ONE YET")
    await other.shows("Wall silenced 0:5", "#bands")
    await other.sounds("alarm")
    await booth.press()
    await wall.sounds("alarm")
    await expect(wall.at("#silenced")).to_be_hidden()
    await wall.says(3, "pressed 2")
    await booth.step("sent", "pressed 2")


async def test_two_who_answer_at_once_are_both_kept(house: House) -> None:
    wall, other = await house.wall("Wall"), await house.wall("Desk")
    booth = await house.booth(3)
    await booth.press()
    for screen in (wall, other):
        await screen.says(3, "NO ONE YET")
        await screen.tap(3, "on_my_way")
    await asyncio.gather(
        wall.at("dialog [data-person=sam]").click(), other.at("dialog [data-person=kim]").click()
    )
    for screen in (wall, other):
        await screen.says(3, "SAM")
        await screen.says(3, "KIM")
        await screen.shows("Saved", ".toasts")
    answers = (await house.alert())["answers"]
    assert {one["person"] for one in answers} == {"sam", "kim"}
    said = {one["name"] for one in (await house.alert())["timeline"]}
    assert "on_my_way" in said
    await booth.step("coming", "SOMEONE IS COMING")


async def test_a_wrong_pin_is_told_and_ends_nothing(house: House) -> None:
    house.windows.forgive("status of 403")
    wall = await house.wall("Wall")
    await (await house.booth(3)).press()
    await wall.says(3, "NO ONE YET")
    await wall.tap(3, "stand_down", "false_press", "jo")
    await expect(wall.at("dialog [data-person=sam]")).to_have_count(0)
    await wall.type_pin("1111")
    await wall.shows("Wrong PIN. Alarms still work.", "dialog")
    await wall.has_state(3, "unanswered")
    await wall.type_pin("8080")
    await wall.shows("ALL QUIET")
    (closed,) = await house.alerts("closed")
    assert (closed["outcome"], closed["ended_by"]) == ("false_press", "jo")
    await wall.shows("Saved", ".toasts")
    await wall.page.get_by_role("button", name="REOPEN").click()
    await wall.at("dialog [data-person=jo]").click()
    await wall.says(3, "NO ONE YET")


async def test_a_booth_that_was_revoked_says_so_and_still_calls(house: House) -> None:
    house.windows.forgive(NOT_KNOWN)
    wall = await house.wall("Wall")
    made = house.add("booth", 3, "Button 3")
    booth = Booth(await house.pair(made))
    await booth.is_in("state", "ready")
    house.revoke(made.device)
    await booth.is_in("state", "unpaired")
    await booth.shows("NOT PAIRED")
    await booth.press()
    await wall.says(3, "Unknown device")
    await wall.sounds("alarm")
    await booth.step("sent", "Sent")


async def test_a_broken_tablet_is_replaced_by_pairing_another(house: House) -> None:
    house.windows.forgive("status of 409")
    house.windows.forgive(NOT_KNOWN)
    old, made = await house.booth(3), house.add("booth", 3, "New tablet")
    page = Window(await house.open(f"/pair#{made.code}"))
    await page.at("#pair").click()
    await page.shows("Booth 3 has a button already: Button 3 (last heard of")
    await page.at("#back").click()
    await page.at("#pair").click()
    await page.at("#replace").click()
    await page.at("#go").click()
    await page.is_in("state", "ready")
    await old.page.bring_to_front()
    await old.shows("NOT PAIRED")


async def test_a_browser_that_was_never_paired_is_no_alarm_button(house: House) -> None:
    house.windows.forgive(NOT_KNOWN)
    booth = Booth(await house.open("/booth"))
    await booth.is_in("state", "unpaired")
    await booth.press()
    await booth.shows("NOT PAIRED")
    await booth.shows("shout for help")
    await expect(booth.page.get_by_role("link", name="Pair this device")).to_be_visible()
    wall = Wall(await house.open("/wall"))
    await wall.shows("cannot alarm. Tap to pair")
    assert await house.alerts() == []


async def test_the_link_in_a_text_acts_only_when_it_is_tapped(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    await booth.press()
    link = await house.handset("kim").link()
    page = Window(await house.open(link.removeprefix(house.url), viewport=PHONE))
    await page.shows("NO ONE YET")
    await page.page.reload()
    await page.shows("NO ONE YET")
    assert (await house.alert())["answers"] == []
    await page.page.get_by_role("button", name="ON MY WAY").click()
    await page.shows("YOU ARE ON THE WAY")
    await wall.says(3, "KIM ON THE WAY")
    await booth.step("coming", "SOMEONE IS COMING")
    # For a moment after a change nothing that moved under a finger is taken for a tap.
    await expect(page.at("body")).not_to_have_attribute("data-frozen", "true")
    await page.page.get_by_role("button", name="AT THE BOOTH").click()
    await page.shows("YOU ARE AT THE BOOTH")
    await wall.says(3, "KIM AT BOOTH")
    await expect(page.at("body")).not_to_have_attribute("data-frozen", "true")
    await page.page.get_by_role("button", name="SAFE").click()
    await wall.has_state(3, "recovering")
    assert (await house.act("close", "jo", pin="8080", outcome="monitored")) == 200
    await page.shows("This alert is closed. Thank you.")


async def test_without_scripts_a_press_and_a_link_work(house: House) -> None:
    wall = await house.wall("Wall")
    both = await house.booth(3, beside=wall)
    state = await both.context.storage_state()
    plain = Window(await house.open("/booth", storage_state=state, java_script_enabled=False))
    await expect(plain.at("#sent")).to_be_hidden()
    await expect(plain.at("#steps")).to_be_hidden()
    await plain.page.get_by_role("button", name="HELP").click()
    await wall.says(3, "NO ONE YET")
    await plain.shows("Sent. Staff are being called.")
    link = (await house.handset("sam").link()).removeprefix(house.url)
    page = Window(await house.open(link, java_script_enabled=False))
    await page.page.get_by_role("button", name="IK GA").click()
    await page.shows("JIJ BENT ONDERWEG")
    await wall.says(3, "SAM ON THE WAY")


async def test_a_mistake_is_told_and_stops_nothing(house: House) -> None:
    wall, booth = await house.wall("Wall"), await house.booth(3)
    await expect(booth.at("#mistake")).to_be_hidden()
    await booth.press()
    await booth.page.get_by_role("button", name="Pressed by mistake?").click()
    await booth.shows("Staff know it may be a mistake")
    await wall.says(3, "Booth says mistake")
    await wall.sounds("alarm")
    alert = await house.alert()
    assert (alert["state"], alert["ladder"]) == ("unanswered", "running")


async def test_a_keyboard_presses_once_however_long_it_is_held(house: House) -> None:
    booth = await house.booth(3)
    await booth.page.keyboard.down("Space")
    for _ in range(3):
        await booth.page.keyboard.down("Space")
    await booth.page.keyboard.up("Space")
    await booth.step("sent", "Sent")
    assert (await house.alert())["presses"] == 1
    await booth.at("#help").focus()
    await booth.page.keyboard.press("Enter")
    await booth.step("sent", "pressed 2")


async def test_a_clock_that_is_wrong_changes_no_time_on_the_wall(house: House) -> None:
    wall = await house.wall("Wall", script=FAST_CLOCK)
    await (await house.booth(3)).press()
    await wall.says(3, "NO ONE YET")
    await wall.says(3, "0:0")
    await wall.says(3, "TEXT TO EVERYONE in 0:1")


async def test_the_pages_speak_the_language_of_the_site(place: Place, windows: Windows) -> None:
    def dutch(text: str) -> str:
        return text.replace('language = "en"', 'language = "nl"', 1)

    async with open_house(place, windows, dutch) as house:
        wall = await house.wall("Wall")
        await wall.shows("ALLES RUSTIG")
        booth = await house.booth(3)
        await booth.shows("HULP")
        await booth.shows("Plek 3")
        await booth.press()
        await booth.step("sent", "Verstuurd")
        await booth.step("sounding", "Klinkt op 1 scherm")
        await wall.says(3, "NOG NIEMAND")
        await booth.page.get_by_role("button", name="English").click()
        await booth.step("sent", "Sent")
        await wall.tap(3, "on_my_way", "noor")
        await wall.says(3, "NOOR ONDERWEG")
        await booth.step("coming", "SOMEONE IS COMING")


async def test_a_screen_without_fingers_only_shows(house: House) -> None:
    tv = await house.wall("TV", kind="screen")
    await (await house.booth(3)).press()
    await tv.says(3, "NO ONE YET")
    await tv.sounds("alarm")
    await expect(tv.tile(3).get_by_role("button")).to_have_count(0)
    await expect(tv.at("#silence")).to_be_hidden()


async def test_every_alert_is_on_the_wall_the_unanswered_first(house: House) -> None:
    wall = await house.wall("Wall")
    for number in (1, 2, 3):
        await house.press(number)
    for number in (1, 2, 3):
        await wall.says(number, "NO ONE YET")
    await wall.shows("3 ALERTS")
    await wall.tap(1, "on_my_way", "sam")
    await wall.has_state(1, "on_the_way")
    shown = wall.at("#tiles > li")
    await until(lambda: _order(wall, [2, 3, 1]), what="the unanswered first")
    await expect(shown).to_have_count(3)


async def _order(wall: Wall, wanted: list[int]) -> bool:
    shown = await wall.at("#tiles > li").evaluate_all("all => all.map((one) => one.dataset.booth)")
    return shown == [str(number) for number in wanted]
