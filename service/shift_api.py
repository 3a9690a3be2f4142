"""Shifts and supervision by hand: ask a phone anew, test a button or the sound, take over."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from alerts.events import By
from alerts.orders import Entry
from alerts.site import Site
from dispatch import button_tests, handovers, shifts
from dispatch.button_tests import ButtonTest
from dispatch.database import Connection
from dispatch.desk import ReusedId
from dispatch.handovers import Handover, Takeover
from dispatch.writer import Item
from service.action_api import Id, Short
from service.callers import ACT, Caller
from service.pins import Pins
from service.press_api import BOOTH_MOST
from service.problems import Problem, documented
from service.storing import stored
from service.wiring import Wiring

FORBID = ConfigDict(extra="forbid", strict=True)


class ConfirmBody(BaseModel):
    """Whose phone is asked to answer 7."""

    model_config = FORBID
    person: Id


class ButtonTestBody(BaseModel):
    """Which booth's button is tested, and by whom. The same `test_id` again is the same test."""

    model_config = FORBID
    test_id: Id
    booth: Annotated[int, Field(ge=0, le=BOOTH_MOST)]
    person: Id


class SoundTestBody(BaseModel):
    """Who wants to hear every screen."""

    model_config = FORBID
    person: Id


class Checks(BaseModel):
    """What was counted at the handover."""

    model_config = FORBID
    naloxone: bool
    oxygen: bool


class TakeoverBody(BaseModel):
    """Who takes over the shift. The same `takeover_id` again is the same takeover."""

    model_config = FORBID
    takeover_id: Id
    person: Id
    pin: Annotated[str, Field(max_length=16)] | None = None
    checks: Checks
    note: Short | None = None

    def takeover(self) -> Takeover:
        """What is asked, but for the PIN."""
        checks = self.checks
        note = (self.note or "").strip() or None
        return Takeover(self.takeover_id, self.person, checks.naloxone, checks.oxygen, note)


USUAL = ("unauthenticated", "not_allowed", "invalid", "not_stored")


def build(wiring: Wiring, pins: Pins) -> APIRouter:
    """The routes of shifts and tests."""
    router = APIRouter(tags=["shift"])
    tablet = Depends(wiring.callers.needed(ACT))
    _add_tests(router, wiring)

    @router.post("/v1/shift/confirm", status_code=202, responses=documented(*USUAL))
    async def confirm(caller: Annotated[Caller, tablet], body: ConfirmBody) -> dict[str, bool]:
        """Text this person again to answer 7; not twice within a minute, nor without phones."""
        await site_with(wiring, caller, body.person)
        item = shifts.ask_again(wiring.desk, caller.site, body.person)
        return {"sent": await stored(wiring, item)}

    @router.get("/v1/shift", responses=documented("unauthenticated", "not_allowed", "invalid"))
    async def read_shift(caller: Annotated[Caller, tablet]) -> dict[str, Any]:
        """The last handover, null without one, with the `note` that was left, null without one."""
        site = await wiring.views.site_of(caller.site)
        return {"shift": await wiring.reader.ask(_read, site)}

    @router.post(
        "/v1/shift/takeover",
        status_code=201,
        responses=documented(*USUAL, "pin_needed", "wrong_pin", "pin_wait", "id_reused"),
    )
    async def take_over(caller: Annotated[Caller, tablet], body: TakeoverBody) -> dict[str, Any]:
        """Take over the shift, with what was counted; a note only where the site keeps notes."""
        taken = await _take_over(wiring, pins, caller, body)
        return {"shift": taken.shown()}

    return router


def _add_tests(router: APIRouter, wiring: Wiring) -> None:
    """The routes of the tests of buttons and of sound."""
    tablet = Depends(wiring.callers.needed(ACT))

    @router.post(
        "/v1/button-tests",
        status_code=201,
        responses=documented(*USUAL, "booth_busy", "id_reused"),
    )
    async def test_button(
        caller: Annotated[Caller, tablet], body: ButtonTestBody
    ) -> dict[str, Any]:
        """For 30 s the first press of this booth's button is the test; the second is real."""
        site = await site_with(wiring, caller, body.person)
        if not site.has_booth(body.booth):
            raise Problem("invalid", errors=[("body.booth", "this site has no such booth")])
        item = button_tests.open_window(caller.site, body.test_id, body.booth, body.person)
        test: ButtonTest = await stored(wiring, item)
        return {"test": test.shown()}

    @router.post("/v1/sound-tests", status_code=202, responses=documented(*USUAL))
    async def test_sound(caller: Annotated[Caller, tablet], body: SoundTestBody) -> dict[str, bool]:
        """Let every armed screen play the test sound once; an alert goes before it."""
        await site_with(wiring, caller, body.person)
        entry = Entry("sound_test", By("person", body.person), {"person": body.person})
        site = caller.site
        await stored(wiring, Item(lambda store: wiring.desk.note(store, site, entry), (site,)))
        return {"started": True}


async def _take_over(wiring: Wiring, pins: Pins, caller: Caller, body: TakeoverBody) -> Handover:
    site = await site_with(wiring, caller, body.person)
    if body.note is not None and not site.notes:
        raise Problem("invalid", errors=[("body.note", "this site keeps no notes")])
    asked = body.takeover()
    known = await _taken(wiring, caller, asked)
    if known is not None:
        return known
    await pins.check(caller.site, body.person, body.pin)
    return await stored(wiring, handovers.take_over(caller.site, asked))


async def _taken(wiring: Wiring, caller: Caller, asked: Takeover) -> Handover | None:
    """The handover that this id has made already: a second try needs no PIN. Raises Problem."""
    try:
        return await wiring.reader.ask(handovers.repeated, caller.site, asked)
    except ReusedId:
        raise Problem("id_reused") from None


def _read(connection: Connection, site: Site) -> dict[str, Any] | None:
    taken = handovers.last(connection, site.code)
    note = handovers.note(connection, site.code) if site.notes else None
    return taken and {**taken.shown(), "note": note}


async def site_with(wiring: Wiring, caller: Caller, person: str) -> Site:
    """The site, if this person is one of its people. Raises Problem: invalid."""
    site = await wiring.views.site_of(caller.site)
    if site.person(person) is None:
        raise Problem("invalid", errors=[("body.person", "nobody of this site has this id")])
    return site
