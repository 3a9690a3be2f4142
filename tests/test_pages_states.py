"""Every state of every page, as the tour passes through them: nothing hinders anybody.

In both languages, both palettes, wide, on a tablet, at 200 % and on the smallest phone: what is
wide and dark in one language is narrow and dark in the other. Once more in the made-up language,
40 % longer.
"""

import pytest
from playwright.async_api import ViewportSize

from tests.browser import Windows, faults_in
from tests.line_stage import Stage
from tests.pages import Window, open_house
from tests.process import Place
from tests.test_pages_looks import BROKEN_WORDS, LONG_NAME, speaking, whole
from tests.test_pages_words import speak_longer, unsaid
from tests.tour import Tour, line_tour
from tests.tour_door import TV

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE, DESK, ZOOMED, NARROW = (1280, 720), (1024, 768), (640, 360), (320, 568)
"""A television, a tablet, the first at 200 %, and a small phone. A television is no tablet."""
LOOKS = {"en": {WIDE: "dark", NARROW: "light"}, "nl": {WIDE: "light", NARROW: "dark"}}


class Faults:
    """Looks at each state, and keeps what hinders somebody until the end of the tour."""

    def __init__(self, looks: dict[tuple[int, int], str]) -> None:
        """`looks` says in which palette axe looks at which size; without, words are looked at."""
        self.found: list[str] = []
        self._looks = looks

    async def look(self, window: Window, name: str, size: ViewportSize) -> None:
        """Everything can be read, nothing is cut off, and all words are in the catalogue."""
        found: list[str] = []
        tablet = () if size == TV else (DESK,)
        for seen in (WIDE, *tablet, ZOOMED, NARROW):
            found += await whole(window, [seen])
            if seen in self._looks:
                found += await faults_in(self._looks[seen], window.page)
                broken: list[str] = await window.page.evaluate(BROKEN_WORDS)
                ours = (word for word in broken if word != LONG_NAME)
                found += [f"{seen}: {word} is broken in two" for word in ours]
        found += [] if self._looks else await unsaid(window)
        self.found += [f"{name}: {one}" for one in found]


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize("language", ["en", "nl"])
async def test_nothing_hinders_anybody_in_any_state(
    place: Place, windows: Windows, language: str
) -> None:
    faults = Faults(LOOKS[language])
    async with open_house(place, windows, speaking(language)) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_state_has_room_for_longer_words_and_says_none_of_its_own(
    place: Place, windows: Windows
) -> None:
    faults = Faults({})
    windows.prepare = speak_longer
    async with open_house(place, windows, speaking("en")) as house:
        await Tour(house, faults.look).walk()
    assert faults.found == [], "\n".join(faults.found)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nl", "longer"])
async def test_the_line_in_every_state(windows: Windows, language: str) -> None:
    faults = Faults(LOOKS.get(language, {}))
    windows.prepare = speak_longer if language == "longer" else None
    async with Stage() as stage:
        stage.site["language"] = "en" if language == "longer" else language
        await line_tour(stage, windows, faults.look)
        await windows.close()
    assert faults.found == [], "\n".join(faults.found)
