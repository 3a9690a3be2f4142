"""The replay: every row becomes a stored press, and the table tells what was seen."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from rich.console import Console

from clients.calls_file import BadFileError, Row, read_rows
from clients.clock import SystemClock
from clients.habits import Habit, habit, read_ask
from clients.house import House
from clients.keys import BadKeysError, Keys, Person, read_keys
from clients.replay import Plan, play, run
from clients.replay_report import duplicates, spread, succeeded, table
from clients.steps import Fate, Outcome, Promise, outcome, promised, silent_after
from tests.stub_phones import StubPhones
from tests.stub_served import PHONES, TestClock, until
from tests.stub_site import StubSite

Json = dict[str, Any]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEYS = Keys(
    tokens={kind: [f"{kind}-token"] for kind in ("bridge", "screen", "tablet")},
    people=tuple(
        Person(person, phone, "8080" if person == "jo" else None)
        for phone, person in PHONES.items()
    ),
)


@pytest_asyncio.fixture
async def site() -> AsyncGenerator[StubSite]:
    async with StubSite(time_scale=100) as served:
        yield served


@pytest_asyncio.fixture
async def phones(site: StubSite) -> AsyncGenerator[StubPhones]:
    async with StubPhones(site) as served:
        yield served


async def replayed(
    site: StubSite, phones: StubPhones, rows: list[Row], keys: Keys = KEYS, **more: Any
) -> Json:
    plan = Plan(
        Path("calls.csv"), site.url, "bridge-token", phones.url, speed=60, settle=20, **more
    )
    return await play(plan, rows, keys, SystemClock(), Console(file=io.StringIO()))


def some_rows(count: int) -> list[Row]:
    return [Row(after=2.0 * place, kind="overdose", line=2 + place) for place in range(count)]


async def test_every_row_is_stored_answered_and_closed(site: StubSite, phones: StubPhones) -> None:
    figures = await replayed(site, phones, some_rows(12))
    assert figures["presses"]["stored"] == 12
    assert figures["alerts"]["left_open"] == 0
    assert figures["answers"]["ended"] == 12
    assert figures["screens"] == {"open": 3, "presses_on_all": 12, "presses_missed": 0}
    assert figures["steps"]["lost"] == 0
    assert figures["steps"]["reached"] >= 12
    assert figures["press_to_screen_ms"]["count"] == 36
    assert figures["press_to_text_ms"]["count"] == 12
    assert figures["troubles"] == []
    assert succeeded(figures)
    console = Console(file=io.StringIO(), width=120)
    console.print(table(figures))
    assert all(alert["state"] == "closed" for alert in site.alerts.values())


async def test_a_closing_counts_though_its_answer_comes_after_the_news_of_it(
    site: StubSite, phones: StubPhones
) -> None:
    site.acts_answered.clear()
    playing = asyncio.create_task(replayed(site, phones, some_rows(1)))
    await until(lambda: [alert["state"] for alert in site.alerts.values()] == ["closed"])
    looks = phones.looks
    await until(lambda: phones.looks > looks + 10)
    site.acts_answered.set()
    figures = await playing
    assert figures["alerts"]["left_open"] == 0
    assert figures["answers"]["ended"] == 1


async def test_a_server_that_is_killed_loses_no_row(site: StubSite, phones: StubPhones) -> None:
    playing = asyncio.create_task(replayed(site, phones, some_rows(10)))
    for stored in (2, 5):
        await until(lambda stored=stored: len(site.alerts) >= stored)
        await site.stop()
        await site.start()
    figures = await playing
    assert figures["presses"]["stored"] == 10
    assert len(site.presses) == 10
    assert figures["outages"]["count"] >= 1


async def test_with_a_bridge_token_alone_booths_are_left_in_recovering(
    site: StubSite, phones: StubPhones
) -> None:
    figures = await replayed(site, phones, some_rows(5), Keys(), booths=3)
    assert figures["presses"]["stored"] == 5
    assert figures["alerts"]["left_open"] == 5
    assert {alert["state"] for alert in site.alerts.values()} == {"recovering"}
    assert figures["steps"] is None
    console = Console(file=io.StringIO(), width=120)
    console.print(table(figures))
    assert isinstance(console.file, io.StringIO)
    assert "not seen" in console.file.getvalue()


async def test_rows_wait_for_a_free_booth(site: StubSite, phones: StubPhones) -> None:
    rows = [Row(after=0, kind="medical", line=line) for line in range(2, 9)]
    figures = await replayed(site, phones, rows)
    assert figures["presses"]["stored"] == 7
    assert figures["presses"]["joined"] == 0
    assert figures["presses"]["waited_for_a_booth"] >= 1


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls.csv"


def test_a_file_of_calls(calls: Path) -> None:
    calls.write_text(
        "time,kind\n2016-01-15 12:30,fall victim\n2016-02-15 12:01,overdose\n\n"
        "2016-02-15 12:02:30,Overdose (again)\n"
    )
    assert [row.after for row in read_rows(calls)] == [0, 2676660, 2676750]
    folded = read_rows(calls, fold_days=True)
    assert [(row.after, row.kind, row.line) for row in folded] == [
        (0, "overdose", 3),
        (90, "overdose", 5),
        (1740, "medical", 2),
    ]
    assert [row.line for row in read_rows(calls, only="overdose")] == [3, 5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1: the first line must name the columns"),
        (b"time;kind\n", "line 1: there is no column 'time'"),
        (b"time,sort\n", "line 1: there is no column 'kind'"),
        (b"time,kind\n", "there is no row"),
        (b"time,kind\n2016-01-15 12:01,x\n2016-01-15 25:61,x\n", "line 3, column 1 (time)"),
        (b"time,kind\n2016-01-15 12:01\n", "line 2, column 2 (kind): is empty"),
        (b"kind,time\nx,\n", "line 2, column 2 (time): is empty"),
        (b"time,kind\n2016-01-15 12:01,caf\xe9\n", "line 2, character 21: not UTF-8"),
        (b'time,kind\n2016-01-15 12:01,"open\n', "line 2"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(calls: Path, content: bytes, words: str) -> None:
    calls.write_bytes(content)
    said: list[str] = []
    # Nothing listens there: the file is refused before anything is asked.
    assert run(Plan(calls, "http://127.0.0.1:9", "t", "http://127.0.0.1:9"), said.append) == 2
    assert words in said[0]
    with pytest.raises(BadFileError):
        read_rows(calls)


def test_a_replay_that_cannot_begin_says_why(calls: Path) -> None:
    calls.write_text("time,kind\n2016-01-15 12:01,overdose\n")
    said: list[str] = []
    plan = Plan(calls, "http://127.0.0.1:9", "t", "http://127.0.0.1:9", start=0)
    assert run(plan, said.append) == 3
    assert "Not reachable" in said[0]
    assert run(Plan(calls, "http://127.0.0.1:9"), said.append) == 2


def test_a_keys_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    tokens = {"bridge": "b", "screen": ["s1", "s2"], "booth": {"1": "x", "2": "y"}}
    people = [{"id": "jo", "phone": "+31", "pin": "8080"}, {"id": "sam", "phone": "+32"}]
    file.write_text(json.dumps({"tokens": tokens, "people": people, "phones": "http://p"}))
    keys = read_keys(file)
    assert keys.first("monitor", "screen") == "s1"
    assert keys.tokens["booth"] == ["x", "y"]
    assert keys.people == (Person("jo", "+31", "8080"), Person("sam", "+32"))
    for content in ("[]", "{", '{"tokens": {}, "people": [1]}'):
        file.write_text(content)
        with pytest.raises(BadKeysError):
            read_keys(file)


def test_habits_are_drawn_and_can_be_repeated() -> None:
    drawn = [habit(1, number, person) for number in range(10, 200) for person in ("sam", "kim")]
    again = [habit(1, number, person) for number in range(10, 200) for person in ("sam", "kim")]
    assert drawn == again
    assert set(drawn) == set(Habit)


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (
            "AMC4 BOOTH 12 - HELP NOW. Reply 1 = on my way, 0 = can't. #47 14:03:27 https://h/r/x",
            47,
        ),
        ("AMC4 PLEK 07 - NU HULP (2 open). Antwoord 48 1 = ik ga, 48 0 = kan niet. #48", 48),
        ("OK #47: you are on the way to AMC4 BOOTH 12. Then: 2 = at booth", None),
        ("#47 AMC4 BOOTH 12: closed 14:31. Thank you.", None),
    ],
)
def test_which_texts_ask(body: str, number: int | None) -> None:
    ask = read_ask({"body": body, "from": "+3197"})
    assert (ask and ask.number) == number


def event(seq: int, name: str, seconds: float, **data: Any) -> Json:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {"seq": seq, "name": name, "at": at, "data": data}


NOTHING = timedelta()
LATER = NOON + timedelta(hours=1)
ANNOUNCED = Promise("a", 2, NOON + timedelta(seconds=30), seq=5)


@pytest.mark.parametrize(
    ("timeline", "end"),
    [
        ([event(6, "rung_reached", 30, rung=2, late_s=0)], Fate.KEPT),
        ([event(6, "rung_reached", 55, rung=2, late_s=25)], Fate.KEPT),
        ([event(4, "rung_reached", 30, rung=2, late_s=0)], Fate.LOST),
        ([event(6, "text_sent", 20), event(7, "on_my_way", 29)], Fate.CHANGED),
        ([event(6, "on_my_way", 40)], Fate.OVERDUE),
        ([event(6, "rung_reached", 60, rung=3, late_s=0)], Fate.LOST),
        ([], Fate.LOST),
    ],
)
def test_what_became_of_a_step(timeline: list[Json], end: Fate) -> None:
    assert outcome(ANNOUNCED, timeline, NOTHING, LATER).fate is end


def test_a_step_is_not_lost_before_its_time_or_while_the_server_is_away() -> None:
    assert outcome(ANNOUNCED, [], NOTHING, NOON).fate is Fate.DUE
    away = silent_after(ANNOUNCED.at, [(NOON, NOON + timedelta(seconds=45))], LATER)
    assert away == timedelta(seconds=15)
    assert outcome(ANNOUNCED, [event(6, "on_my_way", 47)], away, LATER).fate is Fate.CHANGED
    assert silent_after(LATER, [(NOON, None)], LATER) == NOTHING


def test_a_late_step_that_does_not_say_so_is_counted() -> None:
    def came(seconds: float, late_s: float) -> Outcome:
        timeline = [event(6, "rung_reached", seconds, rung=2, late_s=late_s)]
        return outcome(ANNOUNCED, timeline, NOTHING, LATER)

    assert came(33, 0) == Outcome(Fate.KEPT, late_unmarked=True)
    assert came(33, 3) == came(30.4, 0) == Outcome(Fate.KEPT)
    assert promised({"id": "a", "next": {"what": "arrival", "at": "x"}}, 1) is None


def test_spread() -> None:
    assert spread([]) is None
    assert spread(range(1, 101)) == {"count": 100, "median": 50, "p99": 99, "worst": 100}


def test_a_send_accepted_twice_is_found() -> None:
    def entry(
        kind: str, token: str, *, accepted: bool = True, status: int | None = 201, at: float = 0
    ) -> Json:
        moment = (NOON + timedelta(seconds=at)).isoformat()
        return {"kind": kind, "token": token, "accepted": accepted, "status": status, "at": moment}

    truth = [
        entry("message", "t1"),
        entry("message", "t1", accepted=False),
        entry("message", "t2"),
        entry("message", "t2"),
        entry("call", "t3", status=None),
        entry("call", "t3"),
        entry("callback", "t3"),
        entry("message", "t4", at=98),
        entry("message", "t4", at=103),
    ]
    killed = [(NOON + timedelta(seconds=99), NOON + timedelta(seconds=101))]
    assert duplicates(truth, killed) == {"texts": 2, "calls": 1, "unexplained": 1}


def test_a_house_learns_from_a_snapshot_what_ended_unseen() -> None:
    house = House(TestClock(), [1, 2])
    booth = house.free_booth()
    assert booth == 1
    house.stored(1, {"id": "a", "booth": 1, "state": "unanswered", "seq": 1, "version": 1})
    assert house.free_booth() == 2
    assert house.free_booth() is None
    house.frame({"type": "snapshot", "seq": 9, "alerts": []})
    assert house.free_booth() == 1
    assert house.open_own(asking=False) == []


def test_a_house_forgets_a_booth_that_the_site_does_not_have() -> None:
    house = House(TestClock(), [7])
    assert house.free_booth() == 7
    alert = {"id": "a", "booth": 7, "booth_known": False, "state": "closed", "version": 1}
    house.stored(7, alert)
    assert house.free_booth() is None
