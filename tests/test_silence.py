"""The silence of one screen: a minute, in somebody's name, and no longer."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.frames import Json
from tests.script import run

BEGIN = """
const { Silence } = await load('silence.js');
globalThis.story = { now: 1000000, changes: 0, asked: null, looked: null };
story.silence = new Silence({
  now: () => story.now, site: () => site, asks: () => asks, onChange: () => { story.changes += 1; },
  actions: {
    lately: (ms) => { story.looked = ms; return known; },
    askName: (title, chosen) => { story.asked = chosen; },
  },
});
"""


@pytest.fixture(autouse=True)
def _forgotten() -> Generator[None]:
    yield
    run("delete globalThis.story")


def silenced(*, asks: bool = True, known: str | None = None, site: Json | None = None) -> None:
    """Somebody silences a screen that asks for a name, or knows who was just here."""
    run(BEGIN, asks=asks, known=known, site=site)
    run("story.silence.begin()")


def after(seconds: float) -> Any:
    """The silence so many seconds later, as it is told to the others."""
    return run("story.now += ms; return story.silence.proof()", ms=seconds * 1000)


def test_a_silence_lasts_a_minute_and_not_longer() -> None:
    silenced()
    assert after(0) == {"silenced_until": "1970-01-01T00:17:40.000Z", "silenced_by": None}
    assert after(59.9)["silenced_until"] is not None
    assert after(0.1) == {"silenced_until": None, "silenced_by": None}
    assert run("return story.silence.now()") is None


def test_a_silence_is_shorter_where_time_runs_faster() -> None:
    silenced(site={"time_scale": 20})
    assert after(2.9)["silenced_until"] is not None
    assert after(0.1)["silenced_until"] is None


def test_it_is_quiet_at_once_and_whose_doing_it_is_is_asked_after_it() -> None:
    silenced()
    assert run("return [story.changes, Boolean(story.asked)]") == [1, True]
    run("story.asked('kim')")
    assert after(1)["silenced_by"] == "kim"
    assert run("return story.changes") == 2


def test_who_was_here_within_five_minutes_is_not_asked() -> None:
    silenced(known="sam")
    assert after(1)["silenced_by"] == "sam"
    assert run("return [story.looked, Boolean(story.asked)]") == [300000, False]


def test_a_screen_without_fingers_asks_nobody() -> None:
    silenced(asks=False)
    assert run("return Boolean(story.asked)") is False
    assert after(1)["silenced_until"] is not None


def test_a_name_that_comes_late_is_not_put_on_the_next_silence() -> None:
    silenced()
    run("story.late = story.asked; story.silence.end(); story.silence.begin(); story.late('kim')")
    assert after(1)["silenced_by"] is None


def test_what_breaks_a_silence_ends_it() -> None:
    silenced()
    run("story.silence.end()")
    assert after(0) == {"silenced_until": None, "silenced_by": None}
