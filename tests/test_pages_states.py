"""Every state of every page, as the tour passes through them: nothing hinders anybody.

In both languages, both palettes, wide, on a tablet, at 200 % and on the smallest phone; in the
system's own colours and on paper. Once more in the made-up language, 40 % longer.
"""

import pytest
from playwright.async_api import ViewportSize

from tests.browser import Windows, faults_in, faults_in_print, faults_when_forced
from tests.line_stage import Stage
from tests.pages import Window, open_house
from tests.process import Place
from tests.test_pages_looks import speaking, whole
from tests.test_pages_words import speak_longer, unsaid
from tests.tour import Tour, line_tour

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE, DESK, ZOOMED, PHONE, NARROW = (1280, 720), (1024, 768), (640, 360), (390, 844), (320, 568)
"""A television, a tablet, the first at 200 %, a phone and a small phone."""
LOOKS = {"en": {WIDE: "dark", NARROW: "light"}, "nl": {WIDE: "light", NARROW: "dark"}}
"""The palette that all rules are asked in; what colours decide is asked in the other as well."""
BESIDES = {"en": faults_when_forced, "nl": faults_in_print}
"""What words do not matter to is looked at in one of the languages."""


class Faults:
    """Looks at each state, and keeps what hinders somebody until the end of the tour."""

    def __init__(self, language: str) -> None:
        """In a language of ours it is looked at by axe, in the made-up one its words are."""
        self.found: list[str] = []
        self._looks = LOOKS.get(language, {})
        self._besides = BESIDES.get(language)
        # English is the shortest of them: where Dutch has room at the sizes between, it has too.
        between = () if language == "en" else (ZOOMED, PHONE)
        self._sizes = (WIDE, DESK, *between, NARROW)

    async def look(self, window: Window, name: str, size: ViewportSize) -> None:
        """Everything can be read, nothing is cut off, and all words are in the catalogue."""
        del size
        found: list[str] = []
        for seen in self._sizes:
            found += await whole(window, [seen], real=bool(self._looks))
            if seen in self._looks:
                found += await faults_in(self._looks[seen], window.page)
        found += [] if self._looks else await unsaid(window)
        found += await self._besides(window.page) if self._besides else []
        self.found += [f"{name}: {one}" for one in found]


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_nothing_hinders_anybody_in_any_state(
    place: Place, windows: Windows, language: str
) -> None:
    faults = Faults(language)
    async with open_house(place, windows, speaking(language)) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_state_has_room_for_longer_words_and_says_none_of_its_own(
    place: Place, windows: Windows
) -> None:
    faults = Faults("longer")
    windows.prepare = speak_longer
    async with open_house(place, windows, speaking("en")) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl", "longer"])
async def test_the_line_in_every_state(windows: Windows, language: str) -> None:
    faults = Faults(language)
    windows.prepare = speak_longer if language == "longer" else None
    async with Stage() as stage:
        stage.site["language"] = "en" if language == "longer" else language
        await line_tour(stage, windows, faults.look)
        await windows.close()
    assert faults.found == [], "\n".join(faults.found)
