"""The part of the tour through the pages of the house: its shift, and its devices."""

from playwright.async_api import expect

from tests.pages import Booth, House, Wall, Window
from tests.tour_door import HAND, PAPER, TV, Look


async def shift_is_taken(house: House, look: Look, tablet: Wall) -> None:
    """Who is there, a wrong PIN and a handover."""
    shift = Window(await house.open("/shift", beside=tablet))
    await expect(shift.at("#people li").first).to_be_visible()
    await look(shift, "shift", PAPER)
    await house.handset("kim").reply("7", "7")
    await expect(shift.at("#people [data-reach=ok]")).to_have_count(1)
    await shift.at("#takers [data-person=jo]").click()
    await shift.at("#naloxone").check()
    if house.site.notes:
        await shift.at("#note").fill("02: 1/2\n" + "05: 112 " * 30)
    await shift.at("#pin").fill("1111")
    await shift.at("#take").click()
    await expect(shift.at("#why")).not_to_be_empty()
    await look(shift, "shift-wrong-pin", PAPER)
    await shift.at("#pin").fill("8080")
    await shift.at("#take").click()
    await expect(shift.at("#took")).not_to_be_empty()
    await look(shift, "shift-taken", PAPER)
    await shift.page.close()


async def button_is_tested(house: House, look: Look, tv: Wall, tablet: Wall, booth: Booth) -> None:
    """The devices, and a button that is tested."""
    devices = Window(await house.open("/devices", beside=tablet))
    await expect(devices.at("#buttons li").first).to_be_visible()
    await look(devices, "devices", PAPER)
    await _removing(look, devices)
    await devices.at("#testers [data-person=sam]").click()
    await devices.at("#booths-of [data-booth='3']").click()
    await expect(devices.at("[data-cover=test_3]")).to_be_visible()
    await look(devices, "devices-test", PAPER)
    await expect(booth.at("#note")).not_to_be_empty()
    await look(booth, "booth-test", HAND)
    await look(tv, "wall-test", TV)
    await booth.page.bring_to_front()
    await booth.press()
    await booth.is_in("state", "ready")
    await look(booth, "booth-test-heard", HAND)
    await look(devices, "devices-test-heard", PAPER)
    await devices.page.close()


async def _removing(look: Look, devices: Window) -> None:
    """A device that somebody means to remove, and thinks better of."""
    await devices.at("#buttons [data-drop]").first.click()
    await devices.at("dialog [data-action=drop]").click()
    await look(devices, "devices-remove", PAPER)
    await devices.at("dialog .back").click()
