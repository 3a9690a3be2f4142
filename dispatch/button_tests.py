"""Testing a button: for half a minute the first press of one booth's button is the test.

A true press is never refused (promise 3), so the window is narrow: see `_is_test`. Whatever is
in doubt is a real press, and so is whatever comes after the first.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.events import By
from alerts.orders import Entry
from alerts.times import clock_text
from dispatch.codec import moment, stamp
from dispatch.database import Connection
from dispatch.desk import ActRefused, Desk, Press, Pressing, ReusedId
from dispatch.store import ASKING, Store
from dispatch.writer import Item, Priority

WINDOW_SECONDS = 30.0
TESTED_KINDS = frozenset({"booth", "bridge"})
COLUMNS = "test_id, booth, person, opened_at, until, press_id, heard_at, seconds"


@dataclass(frozen=True, slots=True)
class ButtonTest:
    """The newest test of a booth's button. `seconds` from press to us, if the device said when."""

    test_id: str
    booth: int
    person: str
    opened_at: datetime
    until: datetime
    press_id: str | None
    heard_at: datetime | None
    seconds: float | None

    def shown(self) -> dict[str, object]:
        """As the wire has it, without the name of who tests."""
        return {
            "test_id": self.test_id,
            "booth": self.booth,
            "until": clock_text(self.until),
            "heard_at": clock_text(self.heard_at),
            "seconds": self.seconds,
        }


def newest(connection: Connection, site: str) -> list[ButtonTest]:
    """The newest test of each booth that was ever tested."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM button_tests WHERE site = :site ORDER BY booth", {"site": site}
    )
    return [_read(*row) for row in rows]


def _read(
    test_id: str,
    booth: int,
    person: str,
    opened_at: float,
    until: float,
    press_id: str | None,
    heard_at: float | None,
    seconds: float | None,
) -> ButtonTest:
    heard = None if heard_at is None else moment(heard_at)
    return ButtonTest(
        test_id, booth, person, moment(opened_at), moment(until), press_id, heard, seconds
    )


def open_window(site: str, test_id: str, booth: int, person: str) -> Item:
    """The first press of this booth's button in the next half minute is a test.

    The same `test_id` again is the same test. Raises ReusedId; ActRefused while an alert of the
    booth asks. A window that is open elsewhere at the site is closed: there is one at a time.
    """

    def carry_out(store: Store) -> ButtonTest:
        known = {one.test_id: one for one in newest(store.connection, site)}.get(test_id)
        if known is not None:
            if (known.booth, known.person) != (booth, person):
                raise ReusedId
            return known
        if _asks(store, site, booth):
            raise ActRefused("booth_busy", "Help is being asked for in this booth.")
        where = {"site": site, "now": stamp(store.now)}
        store.connection.change(
            "UPDATE button_tests SET until = :now WHERE site = :site AND until > :now", where
        )
        until = store.now + timedelta(seconds=WINDOW_SECONDS)
        store.connection.change(
            f"INSERT INTO button_tests (site, {COLUMNS}) VALUES (:site, :test, :booth, :person,"
            " :now, :until, NULL, NULL, NULL) ON CONFLICT (site, booth) DO UPDATE SET"
            " test_id = excluded.test_id, person = excluded.person,"
            " opened_at = excluded.opened_at, until = excluded.until,"
            " press_id = NULL, heard_at = NULL, seconds = NULL",
            where | {"test": test_id, "booth": booth, "person": person, "until": stamp(until)},
        )
        by = By("person", person)
        said = {"test": test_id, "booth": booth, "person": person, "until": clock_text(until)}
        changed = {"changes": [f"button of booth {booth} is tested"]}
        started = Entry("button_test_started", by, said)
        store.append(site, None, [started, Entry("site_changed", by, changed)])
        return ButtonTest(test_id, booth, person, store.now, until, None, None, None)

    return Item(carry_out, (site,), Priority.REST)


def press(desk: Desk, pressed: Press) -> Item:
    """A press, which may be the test of its button: the result is a Pressing or a ButtonTest.

    When looking for a test fails, the press is stored by the desk's own last net, as a real one.
    """
    item = desk.press(pressed)

    def carry_out(store: Store) -> Pressing | ButtonTest:
        test = _tested(store, pressed)
        return item.carry_out(store) if test is None else test

    return replace(item, carry_out=carry_out)


def _tested(store: Store, pressed: Press) -> ButtonTest | None:
    """The test that this press is, or was when it came before."""
    if pressed.booth is None:
        return None
    rows = store.apart.execute(
        "SELECT test_id FROM button_tests WHERE site = :site AND booth = :booth"
        " AND (press_id = :press_id OR (press_id IS NULL AND until > :now))",
        {
            "site": pressed.site,
            "booth": pressed.booth,
            "press_id": pressed.press_id,
            "now": stamp(store.now),
        },
    )
    if not rows:
        return None
    test = next(one for one in newest(store.connection, pressed.site) if one.test_id == rows[0][0])
    if test.press_id is not None:
        return test
    return _hear(store, pressed, test) if _is_test(store, pressed, test) else None


def _is_test(store: Store, pressed: Press, test: ButtonTest) -> bool:
    """Only the button itself, in the window, saying no more than that it was pressed.

    Not a device that is unknown, nor a press that was kept from before the window, nor one that we
    stored before, nor any while somebody is asked to come to this booth.
    """
    if pressed.unknown_device or pressed.device_kind not in TESTED_KINDS:
        return False
    if pressed.kind != "unclear":
        return False
    if pressed.pressed_at is not None and pressed.pressed_at < test.opened_at:
        return False
    stored = store.connection.execute(
        "SELECT 1 FROM presses WHERE site = :site AND press_id = :press_id",
        {"site": pressed.site, "press_id": pressed.press_id},
    )
    return not stored and not _asks(store, pressed.site, test.booth)


def _asks(store: Store, site: str, booth: int) -> bool:
    rows = store.connection.execute(
        f"SELECT 1 FROM alerts WHERE site = :site AND booth = :booth AND {ASKING} LIMIT 1",
        {"site": site, "booth": booth},
    )
    return bool(rows)


def _hear(store: Store, pressed: Press, test: ButtonTest) -> ButtonTest:
    seconds = None
    if pressed.pressed_at is not None and pressed.pressed_at <= store.now:
        seconds = round((store.now - pressed.pressed_at).total_seconds(), 1)
    heard = replace(test, press_id=pressed.press_id, heard_at=store.now, seconds=seconds)
    store.connection.change(
        "UPDATE button_tests SET press_id = :press_id, heard_at = :now, seconds = :seconds"
        " WHERE site = :site AND booth = :booth",
        {
            "site": pressed.site,
            "booth": test.booth,
            "press_id": pressed.press_id,
            "now": stamp(store.now),
            "seconds": seconds,
        },
    )
    by = By("device", pressed.device)
    data = {"test": test.test_id, "booth": test.booth, "seconds": seconds}
    changed = {"changes": [f"button of booth {test.booth} was tested"]}
    tested = Entry("button_tested", by, data)
    store.append(pressed.site, None, [tested, Entry("site_changed", by, changed)])
    return heard
