"""Presses on their way: kept, sent until they are proved to be stored, and each with one name."""

import json
from collections.abc import Generator

import pytest

from tests.frames import Json
from tests.lone_page import LonePage

KEPT = "directline.presses"


@pytest.fixture
def page() -> Generator[LonePage]:
    """A booth's page that looks after presses; none waits."""
    alone = LonePage()
    alone.presses()
    yield alone
    alone.end()


def press(page: LonePage) -> str:
    """Somebody touches the button; the press's name."""
    return page.see(
        "const one = world.presses.add().press_id; await world.settle(); return one",
    )


def tries(page: LonePage) -> list[tuple[float, str]]:
    """When which press was sent, in seconds."""
    return [(one["at"], one["body"]["press_id"]) for one in page.asked("/v1/presses")]


def tried(page: LonePage) -> int:
    """How often the oldest was tried, as the page says it."""
    return page.see("return world.presses.oldest().tries")


def kept(page: LonePage) -> list[str]:
    """The presses that this browser would still send after a reload."""
    return [one["press_id"] for one in json.loads(page.see("return world.kept[key]", key=KEPT))]


def failing(page: LonePage) -> bool:
    """Whether the page has to say that a press was not sent."""
    return page.see("return world.presses.failing()")


def stored(page: LonePage) -> list[list[str | None]]:
    """Which presses the page was told of as stored, with their alerts."""
    return page.see("return world.stored")


def proof(press_id: str, **more: object) -> Json:
    """What the server says of a press that it has stored."""
    return {"press_id": press_id, "alert": {"id": "a3"}} | more


def test_a_press_is_kept_before_it_is_sent_and_until_it_is_stored(page: LonePage) -> None:
    first = press(page)
    assert (kept(page), tries(page)) == ([first], [(0, first)])
    assert page.asked("/v1/presses")[0]["as"] == "booth"
    page.answer(201, proof(first))
    assert (kept(page), stored(page)) == ([], [[first, "a3"]])
    page.passes(60)
    assert len(tries(page)) == 1


def test_a_press_is_sent_for_ever_with_one_name(page: LonePage) -> None:
    """Half a second after it failed, then one, then every two."""
    first = press(page)
    for wait in (0.5, 1, 2, 2, 2):
        page.answer(503)
        page.passes(wait)
    assert tries(page) == [(at, first) for at in (0, 0.5, 1.5, 3.5, 5.5, 7.5)]
    times = {one["body"]["pressed_at"] for one in page.asked("/v1/presses")}
    assert len(times) == 1, "when it was pressed, not when it was sent"
    assert tried(page) == 6
    page.answer(200, proof(first))
    assert stored(page) == [[first, "a3"]]


def test_a_try_that_hangs_is_given_up_after_three_seconds(page: LonePage) -> None:
    first = press(page)
    page.passes(3)
    page.passes(0.5)
    assert tries(page) == [(0, first), (3.5, first)]


def test_a_press_that_is_not_proved_within_two_seconds_is_failing(page: LonePage) -> None:
    first = press(page)
    page.passes(1.9)
    assert failing(page) is False
    page.passes(0.1)
    assert failing(page) is True
    page.answer(201, proof(first))
    assert failing(page) is False


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"hotel": "please log in"}),
        (200, {"alert": {"id": "a3"}}),
        (201, {"press_id": "another", "alert": {"id": "a3"}}),
        (200, {"press_id": None}),
        (202, None),
        (500, None),
        (409, None),
        (0, None),
    ],
)
def test_only_the_servers_own_word_for_this_press_is_proof(
    page: LonePage, status: int, body: Json | None
) -> None:
    """A login page answers 200 as well."""
    first = press(page)
    said = proof(first) if body is None else body
    page.answer(status, {"press_id": first} if body == {"press_id": None} else said)
    assert (kept(page), stored(page)) == ([first], [])
    page.passes(0.5)
    assert len(tries(page)) == 2


def test_a_press_that_was_the_test_of_a_button_is_stored_too(page: LonePage) -> None:
    first = press(page)
    page.answer(200, {"press_id": first, "test": {"test_id": "t"}})
    assert (kept(page), stored(page)) == ([], [[first, None]])


def test_a_press_that_is_answered_twice_is_told_once(page: LonePage) -> None:
    """A second try was on its way when the first was answered after all."""
    first = press(page)
    page.happens("online")
    assert len(tries(page)) == 2
    page.answer(201, proof(first))
    page.answer(200, proof(first))
    assert stored(page) == [[first, "a3"]]


def test_each_touch_is_a_press_of_its_own_and_only_what_is_stored_is_forgotten(
    page: LonePage,
) -> None:
    first, second = press(page), press(page)
    assert first != second
    assert kept(page) == [first, second]
    page.answer(201, proof(second), place=1)
    assert kept(page) == [first]
    page.answer(0)
    page.passes(0.5)
    assert tries(page)[-1] == (0.5, first)


def test_what_waits_goes_out_in_order_once_the_first_got_through(page: LonePage) -> None:
    """A server that is away is asked for one of them, not for each."""
    names = [press(page) for _ in range(3)]
    for _ in names:
        page.answer(0)
    page.passes(0.5)
    assert [one for _, one in tries(page)[3:]] == names[:1]
    page.answer(0)
    page.passes(1)
    assert tries(page)[3:] == [(0.5, names[0]), (1.5, names[0])]
    for name in names:
        page.answer(201, proof(name))
    assert [one for _, one in tries(page)[4:]] == names
    assert [name for name, _ in stored(page)] == names
    page.passes(60)
    assert len(tries(page)) == 7


@pytest.mark.parametrize("name", ["online", "visibilitychange"])
def test_a_network_that_comes_back_is_used_at_once(page: LonePage, name: str) -> None:
    first = press(page)
    page.answer(0)
    page.passes(0.2)
    page.happens(name)
    assert tries(page)[1:] == [(0.2, first)]
    page.happens(name)
    assert len(tries(page)) == 2, "one round at a time"
    page.answer(0)
    page.passes(0.9)
    assert len(tries(page)) == 2, "the round that was to come is not made any more"
    page.passes(0.1)
    assert tries(page)[2:] == [(1.2, first)]


def test_a_page_that_nobody_sees_does_not_hurry(page: LonePage) -> None:
    press(page)
    page.answer(0)
    page.see("document.hidden = true")
    page.happens("visibilitychange")
    assert len(tries(page)) == 1


def test_a_new_touch_is_tried_again_soon_however_long_others_have_waited(page: LonePage) -> None:
    press(page)
    for wait in (0.5, 1, 2):
        page.answer(0)
        page.passes(wait)
    press(page)
    page.answer(0)
    page.answer(0)
    before = len(tries(page))
    page.passes(0.5)
    assert len(tries(page)) == before + 1


@pytest.mark.parametrize("status", [413, 422])
def test_a_press_that_is_not_understood_is_sent_as_plainly_as_can_be(
    page: LonePage, status: int
) -> None:
    """Whatever was wrong with it, somebody has pressed; and the others do not wait for it."""
    first, second = press(page), press(page)
    page.answer(status)
    page.answer(0)
    page.passes(0.5)
    assert page.asked("/v1/presses")[-1]["body"] == {"press_id": first}
    page.answer(status)
    assert page.asked("/v1/presses")[-1]["body"]["press_id"] == second


def test_a_browser_that_is_not_let_in_says_so_until_a_press_was_stored(page: LonePage) -> None:
    def unpaired() -> bool:
        return page.see("return world.presses.unpaired")

    first = press(page)
    page.answer(503)
    assert unpaired() is False
    page.passes(0.5)
    page.answer(401)
    assert unpaired() is True
    page.passes(1)
    page.answer(201, proof(first))
    assert unpaired() is False


def test_a_press_of_before_a_reload_is_failing_at_once_and_sent_first() -> None:
    old: Json = {
        "press_id": "old",
        "pressed_at": "2026-11-23T14:04:09.000Z",
        "since": 9,
        "tries": 4,
    }
    page = LonePage(kept={KEPT: json.dumps([old])})
    page.presses()
    assert (failing(page), tried(page)) == (True, 2)
    first = press(page)
    assert [one for _, one in tries(page)] == ["old", first]
    assert page.asked("/v1/presses")[0]["body"] == {
        "press_id": "old",
        "pressed_at": "2026-11-23T14:04:09.000Z",
    }
    assert page.see("return world.presses.oldest().press_id") == "old"
    page.answer(201, proof("old"))
    assert kept(page) == [first]
    page.end()


def test_presses_of_two_windows_of_a_booth_do_not_lose_one_another(page: LonePage) -> None:
    """What another window keeps is left as it is."""
    first = press(page)
    other = json.dumps([{"press_id": first}, {"press_id": "other"}])
    page.see("world.kept[key] = other", key=KEPT, other=other)
    page.answer(201, proof(first))
    assert kept(page) == ["other"]
