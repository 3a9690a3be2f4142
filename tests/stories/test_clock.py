"""A clock that lies, and hours that are not there: no step comes later for it (promise 20)."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from dispatch import store
from dispatch.clock import SLEW, SystemClock, guarded_start
from service import app
from service.reference import reference_time
from tests.clock import START
from tests.postgres import Postgres
from tests.record import rungs, sent
from tests.world import World, open_world

HOUR = 3600.0
MOMENT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


class Machine:
    """The machine's own clocks, in the words of the `time` module; the wall clock can be set."""

    def __init__(self) -> None:
        """Both run from the same moment."""
        self.passed = 0.0
        self.wrong_by = 0.0

    def time(self) -> float:
        """The wall clock."""
        return START.timestamp() + self.passed + self.wrong_by

    def monotonic(self) -> float:
        """Seconds since the machine was switched on."""
        return self.passed


class GuardedClock(SystemClock):
    """The service's real clock, on a machine whose time a story moves."""

    def __init__(self, machine: Machine) -> None:
        """Anchored to the machine's wall clock as it is."""
        self.machine = machine
        super().__init__()

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.machine.passed += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine of this story's own, in place of ours."""
    made = Machine()
    monkeypatch.setattr("dispatch.clock.time", made)
    return made


@pytest_asyncio.fixture
async def guarded(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[World]:
    """A world on the service's own clock."""
    monkeypatch.setattr("tests.world.MovedClock", lambda: GuardedClock(machine))
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("step", [HOUR, -HOUR, 60 * HOUR, -60 * HOUR])
def test_a_step_of_the_wall_clock_moves_time_by_next_to_nothing(
    machine: Machine, step: float
) -> None:
    """An administrator sets the clock: in ten minutes we drift by less than a tenth of a second."""
    clock = SystemClock()
    begin = clock.now()
    machine.wrong_by = step
    before = begin
    for _ in range(600):
        machine.passed += 1.0
        off = clock.compare(clock.wall())
        assert abs(off) > HOUR - 1
        assert clock.now() > before
        before = clock.now()
    drift = (clock.now() - begin).total_seconds() - 600
    assert abs(drift) <= 600 * SLEW + 1e-3
    assert drift * step > 0


def test_a_small_difference_is_made_up_for_and_then_left_alone(machine: Machine) -> None:
    """Ten milliseconds off are gone after two minutes, and the clock does not swing."""
    clock = SystemClock()
    machine.wrong_by = 0.010
    off = 0.010
    for _ in range(120):
        machine.passed += 1.0
        off = clock.compare(clock.wall())
    assert abs(off) < 1e-3
    for _ in range(60):
        machine.passed += 1.0
        assert abs(clock.compare(clock.wall())) < 1e-3


def test_the_start_is_never_before_what_is_stored() -> None:
    """A wall clock behind the log is wrong, and then the next timer counts as due."""
    due = MOMENT + timedelta(seconds=12)
    nineteen_seventy = datetime(1970, 1, 1, tzinfo=UTC)
    assert guarded_start(MOMENT, None, None) == MOMENT
    assert guarded_start(MOMENT, MOMENT - timedelta(hours=1), due) == MOMENT
    assert guarded_start(nineteen_seventy, None, None) == nineteen_seventy
    assert guarded_start(nineteen_seventy, MOMENT, None) == MOMENT
    assert guarded_start(nineteen_seventy, MOMENT, due) == due
    assert guarded_start(MOMENT - timedelta(hours=1), MOMENT, due) == due
    a_little = timedelta(milliseconds=300)
    assert guarded_start(MOMENT - a_little, MOMENT, due) == MOMENT, "another node is ahead a little"
    overdue = MOMENT - timedelta(seconds=3)
    assert guarded_start(nineteen_seventy, MOMENT, overdue) == MOMENT


@pytest.mark.parametrize("step", [HOUR, -HOUR])
async def test_the_ladder_keeps_its_time_over_a_step(
    guarded: World, machine: Machine, step: float
) -> None:
    """The clock is set by an hour between two rungs: each still comes, on time, once."""
    await guarded.press(3)
    await guarded.advance(5)
    machine.wrong_by = step
    for rung, at in ((1, 15.0), (2, 30.0), (3, 60.0)):
        await guarded.advance(at - 0.1 - machine.passed)
        assert len(await rungs(guarded)) == rung
        await guarded.advance(0.2)
        assert len(await rungs(guarded)) == rung + 1
    assert not (await guarded.alert())["late"]
    assert len(await sent(guarded, "message", "sam")) == 2


async def test_a_clock_that_is_off_is_shown(guarded: World, machine: Machine) -> None:
    """`/readyz` says so, and goes on taking presses."""
    await guarded.advance(1)
    assert (await guarded.request("GET", "/readyz")).json()["degraded"] == []
    machine.wrong_by = -HOUR
    await guarded.advance(1)
    answer = await guarded.request("GET", "/readyz")
    assert (answer.status_code, answer.json()["degraded"]) == (200, ["clock"])
    machine.wrong_by = 0.0
    await guarded.advance(1)
    assert (await guarded.request("GET", "/readyz")).json()["degraded"] == []


@pytest.mark.parametrize("wrong_by", [-56 * 365 * 24 * HOUR, -HOUR, HOUR])
async def test_a_wrong_clock_at_boot_delays_no_step(
    guarded: World, machine: Machine, wrong_by: float
) -> None:
    """1970 at boot, or an hour off either way: the next step is due at the latest when it was."""
    await guarded.press(3)
    await guarded.advance(5)
    due = store.next_due(guarded.connection)
    machine.passed += 4
    machine.wrong_by = wrong_by
    node = app.Service(guarded.settings, 8080, inline=guarded.connection)
    node_clock = node.clock
    machine.passed += 6
    assert due is not None
    assert node_clock.now() >= due
    await node.timers.step()
    assert [rung for rung, _ in await rungs(guarded)][:2] == [0, 1]
    node.reader.close()
    assert node.twilio is not None
    await node.twilio.close()


@pytest.mark.parametrize("wrong_by", [-HOUR, HOUR])
async def test_nodes_that_disagree_go_by_the_clock_of_their_database(
    machine: Machine, tmp_path: Path, postgres: Postgres, wrong_by: float
) -> None:
    """One machine's clock is an hour off: its node still knows what time the others have."""
    async with open_world(tmp_path, database_url=postgres.create_database()) as world:
        machine.wrong_by = wrong_by
        node = app.Service(world.settings, 8080, inline=world.connection)
        theirs = reference_time(world.connection)
        assert theirs is not None
        assert abs((node.clock.now() - theirs).total_seconds()) < 1
        await node.look()
        assert node.readiness()["degraded"] == []
        node.reader.close()
        assert node.twilio is not None
        await node.twilio.close()


def shifts(sam: str, kim: str) -> str:
    """The demo site with these hours for Sam and for Kim."""
    text = Path("service/demo_site.toml").read_text("utf-8")
    for person, hours in (("sam", sam), ("kim", kim)):
        head, _, tail = text.partition(f'id = "{person}"')
        text = f'{head}id = "{person}"' + tail.replace(
            'on_duty = "always"', f'on_duty = ["{hours}"]', 1
        )
    return text


@pytest.mark.parametrize(
    ("edge", "first", "second"),
    [
        # The clocks go back: 02:59:59 is followed by 02:00:00; who works from 3 is not there yet.
        (datetime(2027, 10, 31, 1, 0, tzinfo=UTC), "Su 02:00-03:00", "Su 03:00-08:00"),
        # The clocks go forward: 01:59:59 is followed by 03:00:00, and the shift from 3 begins.
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "Su 01:00-02:00", "Su 03:00-08:00"),
    ],
    ids=["back", "forward"],
)
async def test_the_night_the_clocks_change(
    tmp_path: Path, edge: datetime, first: str, second: str
) -> None:
    """Rungs keep their time over the edge, and ask who is on duty by the clock on the wall."""
    async with open_world(tmp_path, site=shifts(first, second)) as world:
        begin = edge - timedelta(seconds=5)
        world.clock.move((begin - world.clock.now()).total_seconds())
        await world.press(3)
        offset = (begin - START).total_seconds()
        await world.advance(61)
        assert [at - offset for _, at in await rungs(world)] == [0.0, 15.0, 30.0, 60.0]
        assert (await sent(world, "message", "sam"))[:1] == [offset]
        forward = edge.month == 3
        assert len(await sent(world, "message", "sam")) == (1 if forward else 2)
        assert len(await sent(world, "message", "kim")) == (1 if forward else 0)
