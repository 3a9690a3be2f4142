"""How tiles share a wall, and that none of them moves under a finger: pure, without a browser."""

from typing import Any

import pytest

from tests.script import run

Json = dict[str, Any]
GRID = "const { gridOf } = await load('layout.js'); return gridOf(tiles, width, height, foot);"
SETTLE = "const { settle } = await load('layout.js'); return settle(layout, wanted, moment);"


def settle(now: int, shown: list[str], wanted: list[str], **more: Any) -> Json:
    """What is shown at this moment; `since`, `touchedAt` and `hold` as they are told."""
    layout = {"shown": shown, "since": more.pop("since", None)}
    moment = {"now": now, "touchedAt": 0, "hold": True} | more
    return run(SETTLE, layout=layout, wanted=wanted, moment=moment)


@pytest.mark.parametrize(
    ("now", "touched", "hold", "shown", "fresh"),
    [
        (1000, 0, True, ["a"], ["b"]),
        (1500, 0, True, ["a"], ["b"]),
        (1700, 0, True, ["b", "a"], []),
        (1700, 1500, True, ["a"], ["b"]),
        (1000, 0, False, ["b", "a"], []),
    ],
)
def test_buttons_stay_where_they_are_for_a_moment(
    now: int, touched: int, hold: bool, shown: list[str], fresh: list[str]
) -> None:
    """A new alert is shown at once in its own place; the tiles move 600 ms later."""
    since = 1000 if now > 1000 else None
    settled = settle(now, ["a"], ["b", "a"], since=since, touchedAt=touched, hold=hold)
    assert (settled["shown"], settled["fresh"]) == (shown, fresh)


def test_the_first_alert_has_nothing_to_wait_for() -> None:
    settled = settle(1000, [], ["a"], touchedAt=999)
    assert (settled["shown"], settled["since"], settled["fresh"]) == (["a"], None, [])


def test_each_change_is_waited_for_anew() -> None:
    """What is as it should be has no change under way, so the next one begins with the next."""
    assert settle(1000, ["a"], ["a"])["since"] is None
    assert settle(1000, ["a"], ["a"], since=500)["since"] is None
    assert settle(1000, ["a"], ["b", "a"])["since"] == 1000
    assert settle(1200, ["a"], ["b", "a"], since=1000)["since"] == 1000


@pytest.mark.parametrize(
    ("tiles", "size", "grid"),
    [
        (1, (1280, 656), (1, 1, False)),
        (2, (1280, 656), (2, 1, True)),
        (4, (1280, 656), (2, 2, False)),
        (8, (1280, 656), (4, 2, True)),
        (2, (768, 960), (1, 2, True)),
        (3, (390, 700), (1, 3, True)),
    ],
)
def test_tiles_share_a_screen_so_that_their_digits_are_largest(
    tiles: int, size: tuple[int, int], grid: tuple[int, int, bool]
) -> None:
    found = run(GRID, tiles=tiles, width=size[0], height=size[1], foot=0)
    assert (found["columns"], found["rows"], found["below"]) == grid


def test_buttons_need_their_room_in_every_row() -> None:
    """With as much below each tile fewer rows are better."""
    room: Json = {"tiles": 3, "width": 768, "height": 1024}
    assert run(GRID, **room, foot=0)["rows"] > run(GRID, **room, foot=200)["rows"]
