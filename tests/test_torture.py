"""The torture, short: killed at random instants during a replay, nothing is lost or done twice.

`make torture` runs the whole of it.
"""

import random
from pathlib import Path

import pytest

from tests.torture import Plan, torture

KILLS = 6


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_nothing_is_lost_or_done_twice_when_the_server_is_killed(
    tmp_path: Path, database: str
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    figures, faults = await torture(Plan(KILLS, seed, database), tmp_path, lambda _words: None)
    assert faults == [], (seed, figures)
    assert figures["presses acknowledged to the pressers"] > KILLS
    assert figures["presses of the replay"] > KILLS
    assert figures["steps late and marked"] > 0
