"""Every state of every page, as the tour passes through them: nothing hinders anybody.

In both languages, both palettes, wide, at 200 % and on the smallest phone; and once more in the
made-up language that is 40 % longer.
"""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser import Windows, faults_in_both_palettes
from tests.line_stage import Stage
from tests.pages import Window, open_house
from tests.process import Place
from tests.test_pages_looks import speaking, whole
from tests.test_pages_words import speak_longer, unsaid
from tests.tour import Tour, line_tour

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE, ZOOMED, NARROW = (1280, 720), (640, 360), (320, 568)
"""A television, the same at 200 %, and a small phone."""


class Faults:
    """Looks at each state, and keeps what hinders somebody until the end of the tour."""

    def __init__(self, *, longer: bool = False) -> None:
        self.found: list[str] = []
        self._longer = longer

    async def look(self, window: Window, name: str, size: ViewportSize) -> None:
        """Everything can be read, nothing is cut off, and all words are in the catalogue."""
        del size
        found: list[str] = []
        for seen in (WIDE, ZOOMED, NARROW):
            found += await whole(window, [seen])
            if not self._longer and seen != ZOOMED:
                found += await faults_in_both_palettes(window.page)
        found += await unsaid(window) if self._longer else []
        self.found += [f"{name}: {one}" for one in found]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_nothing_hinders_anybody_in_any_state(
    place: Place, windows: Windows, language: str
) -> None:
    faults = Faults()
    async with open_house(place, windows, speaking(language)) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_state_has_room_for_longer_words_and_says_none_of_its_own(
    place: Place, windows: Windows
) -> None:
    faults = Faults(longer=True)
    windows.prepare = speak_longer
    async with open_house(place, windows, speaking("en")) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl", "longer"])
async def test_the_line_in_every_state(windows: Windows, language: str) -> None:
    faults = Faults(longer=language == "longer")
    windows.prepare = speak_longer if language == "longer" else None
    async with Stage() as stage:
        stage.site["language"] = "en" if language == "longer" else language
        window = Window(await windows.open(f"{stage.url}/line"))
        await expect(window.at("#link")).to_contain_text("LIVE")
        await line_tour(stage, window, faults.look)
        await windows.close()
    assert faults.found == [], "\n".join(faults.found)
