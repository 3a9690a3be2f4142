"""The writer: every change of state is carried out here, one transaction for all that waits.

`commit_batch` is the whole of it; the thread around it is a shell that takes what waits (presses
first, then answers, timers and the rest), without adding delay, and resolves the waiters after
the commit.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from dispatch import outbox_rows
from dispatch.clock import Clock
from dispatch.database import Connection, Database, DatabaseAway
from dispatch.effects import Effects
from dispatch.kept_back import Conflict
from dispatch.outbox_rows import Mail
from dispatch.store import Store
from dispatch.waits import Waits

BATCH_MOST = 512
NOTIFIED_MOST = 20
log = logging.getLogger("directline.writer")
AGAIN_SECONDS = 0.25
"""Pause before the next try while the database is away."""
BEHIND_SECONDS = 1.0
"""An item that waits for so long, while others are stored, says that too much is asked of us."""


class Priority(IntEnum):
    """What goes first when several wait."""

    PRESS = 0
    ANSWER = 1
    TIMER = 2
    REST = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One change: the sites whose log heads it needs, and what to do under their lock.

    `otherwise` is carried out in its place when it fails, whatever the reason.
    """

    carry_out: Callable[[Store], Any]
    sites: tuple[str, ...] = ()
    priority: Priority = Priority.REST
    otherwise: Callable[[Store], Any] | None = None


class UnclearCommit(DatabaseAway):
    """The answer to a commit was lost: what it claimed may be stored, and then is ours to send."""

    def __init__(self, claimed: Sequence[Mail]) -> None:
        """`claimed` are the rows of the outbox that it claimed."""
        super().__init__("the answer to a commit was lost")
        self.claimed = claimed


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be carried out; the rest of its batch was."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Committed:
    """A stored batch: a result or Failure for each item, in order, and the effects."""

    results: tuple[Any, ...]
    effects: Effects


def commit_batch(connection: Connection, items: Sequence[Item], now: datetime) -> Committed:
    """Carry the items out in one durable transaction.

    A bad item never sinks its batch: when one fails, all is undone and carried out again, each
    item in a savepoint. Raises DatabaseAway when nothing is known to be stored, UnclearCommit when
    it may be; carrying the same items out again is then safe and right, because every item looks
    first whether it has been done.
    """
    try:
        return _transaction(connection, items, now, lambda store, item: item.carry_out(store))
    except DatabaseAway:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the second time shows whose it is
        return _transaction(connection, items, now, _in_savepoint)


def _transaction(
    connection: Connection,
    items: Sequence[Item],
    now: datetime,
    carry_out: Callable[[Store, Item], Any],
) -> Committed:
    connection.begin()
    try:
        store = Store(connection, now)
        store.lock(site for item in items for site in item.sites)
        results = tuple(carry_out(store, item) for item in items)
        store.write_out()
        store.save_heads()
        _commit(connection, store)
    except BaseException:
        connection.rollback()
        raise
    return Committed(results, store.effects)


def _commit(connection: Connection, store: Store) -> None:
    try:
        connection.commit()
    except DatabaseAway as away:
        raise UnclearCommit(store.effects.outgoing) from away


def _in_savepoint(store: Store, item: Item) -> Any:
    point = store.savepoint(item.sites)
    try:
        result = item.carry_out(store)
        store.write_out()
    except DatabaseAway:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not sink the batch
        store.undo(point)
        result = Failure(error)
    store.release()
    if isinstance(result, Failure) and item.otherwise and not isinstance(result.error, Conflict):
        log.error("carried_out_otherwise", exc_info=result.error)
        return _in_savepoint(store, replace(item, carry_out=item.otherwise, otherwise=None))
    return result


@dataclass(slots=True)
class _Waiting:
    item: Item
    done: Callable[[Any], None]
    since: float


@dataclass(slots=True)
class _Queue:
    ready: threading.Condition = field(default_factory=threading.Condition)
    waiting: tuple[deque[_Waiting], ...] = field(
        default_factory=lambda: tuple(deque[_Waiting]() for _ in Priority)
    )
    stopping: bool = False
    patient: bool = True


class Writer:
    """The thread that owns the writing connection. `start` it in the loop whose futures it ends.

    `after` is called in that loop with the effects of every stored batch, before the waiters are
    resolved; `measured` in the thread with the seconds and the size of each batch.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        after: Callable[[Effects], None],
        waits: Waits,
        measured: Callable[[float, int], None] | None = None,
    ) -> None:
        """Nothing is opened before `start`. `waits` is told of every batch."""
        self._database = database
        self._waits = waits
        self._unclear: list[Mail] = []
        self._clock = clock
        self._after = after
        self._measured = measured
        self._queue = _Queue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Future[None] | None = None
        self._stored_at = clock.monotonic()
        self.away_since: float | None = None

    def start(self) -> None:
        """Start the thread."""
        self._loop = asyncio.get_running_loop()
        self._ended = self._loop.create_future()
        self._thread.start()

    async def run(self) -> None:
        """Wait for the thread's end; raises what ended it, if it was not asked to stop."""
        assert self._ended is not None
        await asyncio.shield(self._ended)

    def hurry(self) -> None:
        """We are about to stop: what cannot be stored at once is refused from now on."""
        self._queue.patient = False

    async def stop(self) -> None:
        """Store what waits, then end the thread. Nothing may be handed over after this."""
        self.hurry()
        with self._queue.ready:
            self._queue.stopping = True
            self._queue.ready.notify()
        await self.run()

    async def carry_out(self, item: Item) -> Any:
        """Hand over one item and wait until it is stored; its result.

        Raises the item's own error. A waiter that is cancelled does not cancel the item.
        """
        assert self._loop is not None
        future: asyncio.Future[Any] = self._loop.create_future()
        self.hand_over(item, lambda result: _resolve(future, result))
        return await future

    def hand_over(self, item: Item, done: Callable[[Any], None]) -> None:
        """Hand over one item; `done` is called in the loop with its result or Failure."""
        waiting = _Waiting(item, done, self._clock.monotonic())
        with self._queue.ready:
            self._queue.waiting[item.priority].append(waiting)
            self._queue.ready.notify()

    def behind(self, most: float) -> bool:
        """Whether items wait for long though a batch was stored in the last `most` seconds.

        More is asked than can be stored; nothing is stuck. Safe in any thread.
        """
        now = self._clock.monotonic()
        with self._queue.ready:
            oldest = min((lane[0].since for lane in self._queue.waiting if lane), default=now)
        return now - oldest > BEHIND_SECONDS and now - self._stored_at < most

    def _take(self) -> list[_Waiting]:
        queue = self._queue
        with queue.ready:
            while not any(queue.waiting) and not queue.stopping:
                queue.ready.wait()
            taken: list[_Waiting] = []
            for lane in queue.waiting:
                while lane and len(taken) < BATCH_MOST:
                    taken.append(lane.popleft())
            return taken

    def _run(self) -> None:
        assert self._loop is not None
        connection: Connection | None = None
        problem: BaseException | None = None
        try:
            while taken := self._take():
                connection = self._store(connection, taken)
        except BaseException as error:  # noqa: BLE001 - handed to the loop, which ends the process
            problem = error
        finally:
            if connection is not None:
                connection.close()
            self._loop.call_soon_threadsafe(self._end, problem)

    def _store(self, connection: Connection | None, taken: list[_Waiting]) -> Connection | None:
        """Store these, trying until the database is back."""
        assert self._loop is not None
        while True:
            self._waits.begin()
            try:
                connection = connection or self._database.open()
                began = self._clock.monotonic()
                committed = self._store_once(connection, taken)
            except DatabaseAway as away:
                self.away_since = self.away_since or self._clock.monotonic()
                if connection is not None:
                    connection.close()
                connection = None
                if not self._queue.patient:
                    self._loop.call_soon_threadsafe(_refuse, taken, away)
                    return None
                threading.Event().wait(AGAIN_SECONDS)
                continue
            finally:
                self._waits.end()
            self.away_since = None
            self._stored_at = self._clock.monotonic()
            _notify(connection, committed.effects)
            if self._measured is not None:
                self._measured(self._clock.monotonic() - began, len(taken))
            self._loop.call_soon_threadsafe(self._stored, taken, committed)
            return connection

    def _store_once(self, connection: Connection, taken: list[_Waiting]) -> Committed:
        """Store these. What an unclear commit before claimed is ours to send, if it was stored.

        Nobody else would send it before the lease ends.
        """
        found = outbox_rows.still_claimed(connection, self._unclear)
        committed = self._decide_again(connection, taken)
        committed.effects.outgoing += found
        self._unclear.clear()
        return committed

    def _decide_again(self, connection: Connection, taken: list[_Waiting]) -> Committed:
        try:
            committed = commit_batch(connection, [one.item for one in taken], self._clock.now())
        except UnclearCommit as unclear:
            self._unclear += unclear.claimed
            raise
        conflicts = [
            i
            for i, r in enumerate(committed.results)
            if isinstance(r, Failure) and isinstance(r.error, Conflict)
        ]
        if not conflicts:
            return committed
        # Should this fail, the whole is carried out again, and finds what the first has claimed.
        before = list(self._unclear)
        self._unclear += committed.effects.outgoing
        again = self._decide_again(connection, [taken[i] for i in conflicts])
        self._unclear = before
        results = list(committed.results)
        for i, result in zip(conflicts, again.results, strict=True):
            results[i] = result
        committed.effects.add(again.effects)
        return Committed(tuple(results), committed.effects)

    def _stored(self, taken: list[_Waiting], committed: Committed) -> None:
        self._after(committed.effects)
        for one, result in zip(taken, committed.results, strict=True):
            one.done(result)

    def _end(self, problem: BaseException | None) -> None:
        assert self._ended is not None
        if problem is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(problem)


def _notify(connection: Connection, effects: Effects) -> None:
    """Ring the bell of the other nodes: one hint a batch, after the commit, which may be lost."""
    if connection.dialect != "postgresql" or not (effects.sites or effects.waiting):
        return
    codes = sorted(effects.sites)
    payload = " ".join(codes) if len(codes) <= NOTIFIED_MOST else ""
    try:
        connection.execute("SELECT pg_notify('directline', :payload)", {"payload": payload})
    except DatabaseAway:
        log.warning("bell_lost")


def _refuse(taken: list[_Waiting], away: DatabaseAway) -> None:
    for one in taken:
        one.done(Failure(away))


def _resolve(future: asyncio.Future[Any], result: Any) -> None:
    if future.done():
        return
    if isinstance(result, Failure):
        future.set_exception(result.error)
    else:
        future.set_result(result)


class InlineWriter:
    """The same door without a thread: carries each item out at once, for tools and stories."""

    def __init__(
        self, connection: Connection, clock: Clock, after: Callable[[Effects], None]
    ) -> None:
        """Use this open connection, which stays the caller's."""
        self.connection = connection
        self._clock = clock
        self._after = after

    def hand_over(self, item: Item, done: Callable[[Any], None]) -> None:
        """Carry it out now, then call `done` with its result or Failure."""
        committed = commit_batch(self.connection, [item], self._clock.now())
        self._after(committed.effects)
        done(committed.results[0])

    async def carry_out(self, item: Item) -> Any:
        """Carry it out now; its result. Raises the item's own error."""
        return self.now(item)

    def now(self, item: Item) -> Any:
        """Carry it out now, outside any loop."""
        results: list[Any] = []
        self.hand_over(item, results.append)
        if isinstance(results[0], Failure):
            raise results[0].error
        return results[0]
