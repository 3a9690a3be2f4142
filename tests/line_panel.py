"""The direct line's panel as tests see it: each state of the line, and the page on its stage."""

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser import Windows
from tests.line_stage import Json, Stage, ago, leg, line, room

JO = leg(1, "jo", "on", 20)
FAILED = room(3, 0, "ended", 20, reason="busy")
BY_HAND: Json = {"by_hand": True, "round": 2}


def states() -> dict[str, tuple[Json, str, str]]:
    """A line in each state as of now, and what its panel says in English and in Dutch."""
    return {
        "none": (line("none"), "No line is open", "Er is geen lijn open"),
        "joining": (
            line("joining", leg(1, "jo", "calling", 1), join_at=ago(-7)),
            "OUR PHONES ARE RINGING",
            "ONZE TELEFOONS GAAN OVER",
        ),
        "ringing": (
            line("ringing", JO, room(3, 0, "ringing", 9)),
            "CONTROL ROOM A IS RINGING",
            "MELDKAMER A GAAT OVER",
        ),
        "answered": (
            line("answered", JO, room(3, 0, "on", 6)),
            "NOT YET CONFIRMED",
            "NOG NIET BEVESTIGD",
        ),
        "confirmed": (
            line("confirmed", JO, room(3, 0, "on", 6), reached_at=ago(2)),
            "CONTROL ROOM A CONFIRMED",
            "MELDKAMER A BEVESTIGD",
        ),
        "bridged": (
            line("bridged", JO, room(3, 0, "on", 60), reached_at=ago(42), since=ago(42)),
            "BRIDGED WITH CONTROL ROOM A",
            "DOORVERBONDEN MET MELDKAMER A",
        ),
        "failed": (line("failed", JO, FAILED), "CONTROL ROOM A FAILED", "MELDKAMER A MISLUKT"),
        "ended": (line("ended", FAILED), "THE LINE HAS ENDED", "DE LIJN IS BEËINDIGD"),
        "not_reached": (line("not_reached", JO, FAILED, **BY_HAND), "LINE NOT", "LIJN NIET"),
    }


async def panel(stage: Stage, windows: Windows, path: str = "/line", **options: Any) -> Page:
    """The panel, live."""
    page = await windows.open(stage.url + path, **options)
    await expect(page.locator("#link")).to_contain_text("LIVE")
    return page


def row(page: Page, who: str) -> Locator:
    """One row of the list of who is on the line."""
    return page.locator("#rows li").filter(has_text=who)


async def says(page: Page, where: str, words: str | re.Pattern[str]) -> None:
    """Wait until these words are there to be seen."""
    await expect(page.locator(where)).to_contain_text(words, use_inner_text=True)
