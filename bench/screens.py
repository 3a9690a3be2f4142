"""Screens: how long from a press until the last of twenty armed screens has been told."""

import asyncio
import secrets
from typing import Any

import uvloop

from bench.connection import LONG_SECONDS, Caller, Hall
from bench.figures import Figure, median, percentile
from bench.harness import Disk, Server, raw_writer, server

SCREENS = 20
PRESSES = 200
BOOTHS = 8


async def _press_and_end(running: Server) -> list[float]:
    """Press, see it on every screen, go there and stand down; the seconds to the last screen."""
    site = running.sites[0]
    hall = Hall()
    await hall.open(running.url, site["screens"])
    booth, tablet = await Caller(running.url).open(), await Caller(running.url).open()
    took: list[float] = []
    for number in range(PRESSES + BOOTHS):
        press_id = secrets.token_hex(8)
        last = hall.expect(press_id)
        pressed = await booth.press(
            site["bridge"], {"press_id": press_id, "booth": number % BOOTHS + 1}
        )
        took.append(await asyncio.wait_for(last, LONG_SECONDS) - pressed.sent_at)
        await _end(hall, tablet, site["tablet"], pressed.body["alert"]["id"])
    hall.close()
    booth.close()
    tablet.close()
    return took[BOOTHS:]


async def _end(hall: Hall, tablet: Caller, token: str, alert: str) -> None:
    """Somebody goes there and stands it down, so that the booth is free again."""
    ended = hall.expect('"name":"stood_down"')
    for more in ({"action": "at_booth"}, {"action": "stand_down", "reason": "false_press"}):
        body: dict[str, Any] = more | {"action_id": secrets.token_hex(8), "person": "kim"}
        answer = await tablet.post(f"/v1/alerts/{alert}/actions", token, body)
        if answer.status != 200:
            raise RuntimeError(f"an action was answered {answer.status}: {answer.body}")
    await asyncio.wait_for(ended, LONG_SECONDS)


def measure(where: Disk) -> list[Figure]:
    """Presses one at a time, with a bare writer before and after."""
    before = raw_writer(where)
    with server(where, "screens", 1, screens=SCREENS) as running:
        took = uvloop.run(_press_and_end(running))
    commit = (before.commit + raw_writer(where).commit) / 2
    p50, p99 = median(took) * 1000, percentile(took, 0.99) * 1000
    return [
        Figure(
            f"press to the last of {SCREENS} screens: median over a raw commit",
            p50 - commit, 4.0, "ms",
        ),
        Figure(
            f"press to the last of {SCREENS} screens: p99 in raw commits", p99 / commit, 5.0,
            "commits", f"{p99:.0f} ms",
        ),
    ]  # fmt: skip
