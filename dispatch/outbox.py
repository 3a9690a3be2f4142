"""The outbox: the only place that talks to the phone network.

Claims what is due with a lease, sends it, and reports what became of it through the desk. At
least once: after a lost answer it sends again, and the record says so.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine

from alerts.events import What
from dispatch import outbox_rows, reach
from dispatch.bell import Bell
from dispatch.clock import Clock
from dispatch.codec import decode, stamp
from dispatch.database import Connection
from dispatch.desk import Desk
from dispatch.effects import Effects
from dispatch.inbound import CALL_RANKS, FINAL_RANK, TEXT_RANKS, Inbound, Status
from dispatch.loop import LOOK_SECONDS
from dispatch.outbox_rows import Mail
from dispatch.phone import Phone, PhoneError, Receipt
from dispatch.reader import Reader
from dispatch.store import Store, read_alert
from dispatch.writer import InlineWriter, Item, Priority, Writer

FLYING_MOST = 48
READY_MOST = 240
CLAIM_AGE_SECONDS = 1.5
"""A claim older than this is given back: lease minus the longest a send can take."""
EXPIRE_SECONDS = 120.0
"""What could not be handed over for so long is noise by now; the ladder has asked again."""
AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0)
FAILING_AFTER = 2
RING_SECONDS = 20.0
DEAF_SECONDS = 60.0
"""So long the network counts as failing after callbacks were found missing."""
ABOUT_CALLS = frozenset({"hang_up", "turn", "room"})
"""What is done to a call that exists, in place of making one."""
LINE_FIRST = frozenset({*outbox_rows.OF_LINE, "turn", "room"})
log = logging.getLogger("directline.outbox")


class Outbox:
    """One step starts what can be started. `failing` says that the network does not take texts."""

    def __init__(
        self,
        desk: Desk,
        inbound: Inbound,
        writer: Writer | InlineWriter,
        reader: Reader,
        phone: Phone,
        clock: Clock,
        sent: Callable[[str, str], None] = lambda _channel, _result: None,
    ) -> None:
        """`sent` is told the channel and the result of every attempt, for the metrics."""
        self._desk = desk
        self._inbound = inbound
        self._writer = writer
        self._reader = reader
        self._phone = phone
        self._clock = clock
        self._sent = sent
        self._ready: deque[Mail] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._next: float | None = None
        self._failures = 0
        self._deaf_until = 0.0
        self._late = False
        self._started = clock.now()
        self._begun = False
        self._finishing = False
        self.bell = Bell()

    def room(self) -> bool:
        """Whether a new row may be claimed for us as it is written."""
        return len(self._ready) < READY_MOST

    @property
    def flying(self) -> int:
        """How many requests are on their way to the network."""
        return len(self._flying)

    @property
    def failing(self) -> bool:
        """Whether the network fails, delivers late, or its callbacks do not reach us."""
        deaf = self._clock.monotonic() < self._deaf_until
        return self._failures >= FAILING_AFTER or self._late or deaf

    def stored(self, effects: Effects) -> None:
        """Take what a commit claimed for us and forget what it dropped."""
        if effects.outgoing or effects.dropped:
            every = (*self._ready, *effects.outgoing)
            wanted = [mail for mail in every if (mail.alert, mail.attempt) not in effects.dropped]
            # The first ask of every alert goes before the second of any, whenever they came.
            # The line is what people are waiting for in that very minute, so it goes before both.
            self._ready = deque(
                sorted(wanted, key=lambda mail: (mail.channel not in LINE_FIRST, mail.attempt))
            )
        if effects.outgoing or effects.waiting:
            self.bell.ring()

    def wait(self) -> float:
        """Seconds until the next row is due, as far as the last look knows."""
        return LOOK_SECONDS if self._next is None else self._next - stamp(self._clock.now())

    async def step(self) -> bool:
        """Start what is ready; claim what is due when nothing is. Whether there may be more."""
        free = FLYING_MOST - len(self._flying)
        if free <= 0 or self._finishing:
            return False
        if not self._begun:
            await self._take_over()
        if not self._ready:
            self._next = await self._reader.ask(outbox_rows.next_due)
            if self._next is None or self._next > stamp(self._clock.now()):
                return False
            item = Item(lambda store: outbox_rows.claim(store, free), (), Priority.TIMER)
            await self._writer.carry_out(item)
            if not self._ready:
                # What is due waits for the end of another call, which rings the bell.
                self._next = None
        started = False
        while self._ready and len(self._flying) < FLYING_MOST:
            self._start(self._send(self._ready.popleft()))
            started = True
        return started

    async def _take_over(self) -> None:
        item = Item(lambda store: outbox_rows.take_over(store, self._started), (), Priority.TIMER)
        await self._writer.carry_out(item)
        self._begun = True

    async def ask_again(self) -> bool:
        """Ask the network about what has been silent; whether there may be more."""
        silent, self._late = await self._reader.ask(self._silent)
        if silent:
            await self._writer.carry_out(Item(lambda store: outbox_rows.mark_asked(store, silent)))
        for mail in silent:
            self._start(self._ask(mail))
        return False

    async def finish(self) -> None:
        """Start nothing more, and wait until what is on its way has been answered and stored."""
        self._finishing = True
        while self._flying:
            await asyncio.gather(*self._flying, return_exceptions=True)

    def _silent(self, connection: Connection) -> tuple[list[Mail], bool]:
        now = self._clock.now()
        late = outbox_rows.texts_are_late(connection, now, FAILING_AFTER)
        return outbox_rows.unheard(connection, now, FLYING_MOST), late

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._flying.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            # The lease ends by itself and the row is sent again.
            log.error("send_failed", exc_info=problem)
        self.bell.ring()

    async def _send(self, mail: Mail) -> None:
        assert mail.claimed_at is not None
        age = (self._clock.now() - mail.claimed_at).total_seconds()
        if age > CLAIM_AGE_SECONDS:
            await self._report(mail, lambda store: self._again(store, mail, 0.0, lost=mail.lost))
            return
        if mail.lost:
            self._sent(mail.channel, "repeated")
        try:
            if await self._rings_already(mail):
                return
            receipt = await self._hand_over(mail)
        except PhoneError as error:
            await self._failed(mail, error)
            return
        self._failures = 0
        self._sent(mail.channel, "accepted")
        await self._report(mail, lambda store: self._accepted(store, mail, receipt))

    async def _hand_over(self, mail: Mail) -> Receipt:
        if mail.channel == "text":
            return await self._phone.text(mail.sender, mail.phone, mail.body, mail.id)
        if mail.channel in ABOUT_CALLS:
            return await self._do_to_call(mail)
        ring = RING_SECONDS / self._desk.rules.time_scale
        if mail.channel != "call":
            ring = decode(mail.body)
        return await self._phone.call(mail.sender, mail.phone, mail.id, ring)

    async def _do_to_call(self, mail: Mail) -> Receipt:
        if mail.channel == "hang_up":
            await self._phone.hang_up(mail.body)
            return Receipt(mail.body, "completed")
        sid, *what = decode(mail.body)
        if mail.channel == "turn":
            await self._phone.turn(sid, *what)
        else:
            await self._phone.in_room(sid, *what)
        return Receipt(sid, "completed")

    async def _rings_already(self, mail: Mail) -> bool:
        """Look for a call whose taking we never heard of; whether nobody is to be rung any more.

        Nobody of the line is rung twice because an answer was lost. A found call is one that is
        nobody else's. Looking may take most of a lease, so without one the claim is held anew.
        """
        if not mail.lost or mail.channel not in outbox_rows.OF_LINE:
            return False
        found = await self._phone.calls_to(mail.sender, mail.phone, mail.made_at)
        known = await self._reader.ask(outbox_rows.known_calls, mail.phone, _since(mail))
        sid = next((sid for sid in found if sid not in known), None)
        if sid is not None:
            await self._report(mail, lambda store: self._adopted(store, mail, sid))
            return True
        hold = Item(lambda store: outbox_rows.hold(store, mail), (mail.site,), Priority.REST)
        return not await self._writer.carry_out(hold)

    async def _failed(self, mail: Mail, error: PhoneError) -> None:
        if error.refused:
            self._failures = self._failures + 1 if error.ours else 0
            self._sent(mail.channel, "refused")
            await self._report(mail, lambda store: self._refused(store, mail, error))
            return
        self._failures += 1
        self._sent(mail.channel, "unclear" if error.unclear else "again")
        age = stamp(self._clock.now()) - mail.made_at
        if age > EXPIRE_SECONDS:
            await self._report(mail, lambda store: self._expired(store, mail))
            return
        wait = AGAIN_SECONDS[min(mail.tries, len(AGAIN_SECONDS)) - 1]
        seconds = outbox_rows.UNCLEAR_SECONDS if error.unclear else wait
        lost = mail.lost or error.unclear
        await self._report(mail, lambda store: self._again(store, mail, seconds, lost=lost))

    def _again(self, store: Store, mail: Mail, seconds: float, *, lost: bool) -> None:
        """Let it wait, unless a newer ask of the same phone was ordered while it was on its way."""
        if not outbox_rows.wait_again(store, mail, seconds, lost=lost):
            return
        if outbox_rows.is_superseded(store.outbox(mail.site), mail):
            self._desk.superseded(store, mail)

    async def _report(self, mail: Mail, change: Callable[[Store], object]) -> None:
        await self._writer.carry_out(Item(change, (mail.site,), Priority.REST))

    def _ours(self, store: Store, mail: Mail) -> Mail | None:
        """The row as it is now, if this claim still holds it: a late result changes nothing."""
        now = outbox_rows.find(store.outbox(mail.site), mail.id)
        return now if now is not None and now.claim == mail.claim else None

    def _accepted(self, store: Store, mail: Mail, receipt: Receipt) -> None:
        row = self._ours(store, mail)
        if row is None:
            return
        done = mail.channel in ABOUT_CALLS
        outbox_rows.heard(
            store,
            row,
            state="settled" if done else "sent",
            sid=receipt.sid,
            rank=FINAL_RANK if done else max(1, row.rank),
        )
        if not done and row.rank == 0:
            self._inbound.reported(store, row, What.SENT)

    def _adopted(self, store: Store, mail: Mail, sid: str) -> None:
        """A call was found that the network took for this row, unless another row has it by now."""
        if sid in outbox_rows.known_calls(store.connection, mail.phone, _since(mail)):
            self._again(store, mail, 0.0, lost=True)
        else:
            self._accepted(store, mail, Receipt(sid, "queued"))
            outbox_rows.ask_now(store, mail)

    def _refused(self, store: Store, mail: Mail, error: PhoneError) -> None:
        row = self._ours(store, mail)
        if row is None:
            return
        outbox_rows.heard(store, row, state="settled", sid=row.sid, rank=FINAL_RANK)
        if mail.channel in ABOUT_CALLS:
            return
        self._inbound.reported(store, row, What.REFUSED, "refused", error.code or None)
        if mail.channel == "text" and not error.ours:
            stopped = error.code == outbox_rows.STOPPED_CODE
            reach.set_reach(store, mail.site, mail.person, "stopped" if stopped else "failing")

    def _expired(self, store: Store, mail: Mail) -> None:
        row = self._ours(store, mail)
        if row is None:
            return
        outbox_rows.heard(store, row, state="settled", sid=row.sid, rank=FINAL_RANK)
        if mail.channel not in ABOUT_CALLS:
            self._inbound.reported(store, row, What.EXPIRED, "expired")

    async def _ask(self, mail: Mail) -> None:
        of_line = mail.channel in outbox_rows.OF_LINE
        longest = outbox_rows.LONGEST_CALL_SECONDS if of_line else outbox_rows.SETTLE_SECONDS
        if stamp(self._clock.now()) - mail.made_at > longest:
            await self._report(mail, lambda store: self._given_up(store, mail))
            return
        assert mail.sid is not None
        try:
            status, code = await self._phone.status(mail.channel, mail.sid)
        except PhoneError:
            return
        if _progress(mail, status):
            # The network knew more than its callbacks told us: they do not reach us.
            self._deaf_until = self._clock.monotonic() + DEAF_SECONDS
        told = Status(mail.id, mail.sid, status, code)
        await self._writer.carry_out(self._inbound.status(mail, told))
        if of_line and status == "in-progress":
            await self._ask_room(mail)

    async def _ask_room(self, mail: Mail) -> None:
        """Who is in the room of this call: the words of that may have been lost as well."""
        alert = await self._reader.ask(read_alert, mail.site, mail.alert)
        if alert is None or not alert.line.live:
            return
        try:
            room, people = await self._phone.people(alert.room)
        except PhoneError:
            return
        await self._writer.carry_out(self._inbound.room_is(mail, room, joined=mail.sid in people))

    def _given_up(self, store: Store, mail: Mail) -> None:
        row = outbox_rows.find(store.outbox(mail.site), mail.id)
        if row is None or row.state != "sent":
            return
        outbox_rows.heard(store, row, state="settled", sid=row.sid, rank=FINAL_RANK)
        if row.channel != "text" and not row.keyed:
            self._inbound.reported(store, row, What.RANG_OUT, "unheard")


def _since(mail: Mail) -> float:
    """Since when calls to the same phone may have been ordered that were made after this one."""
    return mail.made_at - EXPIRE_SECONDS


def _progress(mail: Mail, status: str) -> bool:
    ranks = TEXT_RANKS if mail.channel == "text" else CALL_RANKS
    return ranks.get(status, 0) > max(mail.rank, 3)
