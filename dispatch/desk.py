"""The desk: the one door through which everything that changes an alert comes.

A press, a staff action, a reply, a callback, a timer and a send result all become one item for
the writer: load, decide, record, in one transaction. Texts from phones are read in
`dispatch.inbound`, the set-up of sites and devices is `dispatch.setup`.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts import plain
from alerts.alert import Alert, State, Timer
from alerts.drill import REAL_ALERT
from alerts.events import (
    Acted,
    Birth,
    By,
    Drill,
    DrillStopped,
    Fact,
    Pressed,
    Reported,
    Scene,
    ScreensLost,
    Sounded,
    TimerRang,
    What,
)
from alerts.machine import decide
from alerts.orders import Decision, Drop, Entry, Send
from alerts.site import Site
from dispatch import drill_rows, outbox_orders, outbox_rows, senders
from dispatch.book import Book
from dispatch.database import Connection
from dispatch.scenes import read_scene
from dispatch.store import DueTimer, Store, read_alert
from dispatch.writer import Item, Priority

AGAIN_SECONDS = 600
"""A press so soon after the booth's last alert ended is tagged "again"."""
log = logging.getLogger("directline.desk")

Decide = Callable[[Alert | None, Fact, datetime], Decision]
Settle = Callable[[Store, Alert | None, Fact], Alert]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the desk needs to know of this node."""

    node: str = "node"
    base_url: str = "http://127.0.0.1:8080"
    phones: bool = True
    time_scale: float = 1.0
    room: Callable[[], bool] = lambda: False
    """Whether this node's outbox can take a new row at once, claimed in the same transaction."""


@dataclass(frozen=True, slots=True)
class Press:
    """A press as it came in, from a device that may be unknown by now."""

    site: str
    press_id: str
    device: str
    device_kind: str
    booth: int | None
    unknown_device: bool = False
    kind: str = "unclear"
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pressing:
    """What became of a press. `repeated` when we had stored it before."""

    alert: Alert
    joined: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A staff action, checked in shape. `body` tells two uses of one `action_id` apart."""

    site: str
    alert: str
    what: What
    person: str
    by: By
    via: str = "tablet"
    action_id: str = ""
    body: str = ""
    at: datetime | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    pin_shown: bool = False
    attempt: int | None = None


class NoSuchAlert(Exception):
    """There is no such alert at this site."""


class ReusedId(Exception):
    """This `action_id` was used for something else."""


@dataclass(frozen=True, slots=True)
class ActRefused(Exception):
    """The act makes no sense now; `problem` is the name in `wire.md`."""

    problem: str
    detail: str = ""


class Desk:
    """Makes items for the writer. It holds no state of alerts; `book` is the writer's own."""

    def __init__(self, rules: Rules, book: Book, decide: Decide = decide) -> None:
        """Use these rules and this book; `decide` is the machine."""
        self.rules = rules
        self.book = book
        self._decide = decide

    def press(self, press: Press) -> Item:
        """Store a press: a new alert, or one more on the alert that is asking there."""
        return Item(
            lambda store: self._press(store, press, self.settle),
            (press.site,),
            Priority.PRESS,
            otherwise=lambda store: self._press(store, press, self._merely_stored),
        )

    def act(self, action: Action) -> Item:
        """Carry out an action; the alert then. Raises NoSuchAlert, ReusedId, ActRefused."""
        return Item(lambda store: self.acted(store, action), (action.site,), Priority.ANSWER)

    def ring(self, timer: DueTimer) -> Item:
        """A timer has come due: decide and mark it done in one. False when it was void."""
        return Item(lambda store: self._ring(store, timer), (timer.site,), Priority.TIMER)

    def screens_lost(self, site: str, alert: str) -> Item:
        """No screen of this alert's site can alarm."""

        def lost(store: Store) -> None:
            before = store.alert(site, alert)
            if before is not None and before.state is State.UNANSWERED:
                self.settle(store, before, ScreensLost(self.scene(store, before)))

        return Item(lost, (site,), Priority.TIMER)

    def _press(self, store: Store, press: Press, settle: Settle) -> Pressing:
        since = store.now - timedelta(seconds=AGAIN_SECONDS)
        found = store.before_press(press.site, press.press_id, press.booth, press.device, since)
        if found.known is not None:
            alert = store.alert(press.site, found.known[0])
            assert alert is not None
            return Pressing(alert, joined=found.known[1], repeated=True)
        site = self.site(store, press.site)
        by = By("device", press.device)
        if found.drill:
            # A press is always real: a drill anywhere at the site ends before it.
            self.stop_drill(store, site.code, REAL_ALERT, by, press.booth, settle)
        before = found.asking
        scene = self.scene(store, before, site)
        if before is None:
            scene = replace(scene, others=found.others)
        fact = Pressed(
            scene=scene,
            by=by,
            press_id=press.press_id,
            device_kind=press.device_kind,
            booth=press.booth,
            booth_known=press.booth is None or site.has_booth(press.booth),
            unknown_device=press.unknown_device,
            kind=press.kind,
            pressed_at=press.pressed_at,
            birth=None if before else self.birth(store, site, again=found.again),
        )
        after = settle(store, before, fact)
        store.add_press(press.site, press.press_id, after.id, joined=before is not None)
        return Pressing(after, joined=before is not None, repeated=False)

    def _merely_stored(self, store: Store, before: Alert | None, fact: Fact) -> Alert:
        """The last net: even the plain path failed, and the press is stored all the same.

        Screens alarm. Its plain timer is due now, and again every second until the asking works.
        """
        return self.record(store, before, plain.merely_stored(before, fact, store.now))

    def birth(
        self, store: Store, site: Site, *, again: bool = False, drill: Drill | None = None
    ) -> Birth:
        """What a new alert of this site is given."""
        sender = senders.take(store, site) if self.rules.phones else site.sender_numbers[0]
        return Birth(
            id=secrets.token_urlsafe(16),
            number=store.next_number(site.code),
            sender=sender,
            time_scale=self.rules.time_scale,
            again=again,
            drill=drill,
        )

    def stop_drill(
        self,
        store: Store,
        site: str,
        reason: str,
        by: By,
        booth: int | None = None,
        settle: Settle | None = None,
    ) -> None:
        """End the drill of this site, if one runs. `booth` is that of the real alert."""
        kept = drill_rows.running(store.apart, site)
        drill = store.alert(site, kept.alert) if kept else None
        if drill is not None:
            fact = DrillStopped(self.scene(store, drill), by, reason, booth)
            (settle or self.settle)(store, drill, fact)

    def acted(self, store: Store, action: Action) -> Alert:
        """Carry out an action inside this transaction."""
        return self.act_within(store, action)[0]

    def act_within(self, store: Store, action: Action) -> tuple[Alert, Decision | None]:
        """As `acted`, with the decision; None when the action had been carried out before."""
        if action.action_id:
            done = store.action(action.site, action.action_id)
            if done is not None:
                if done != (action.alert, action.body):
                    raise ReusedId
                alert = store.alert(action.site, action.alert)
                assert alert is not None
                return alert, None
        before = store.alert(action.site, action.alert)
        if before is None:
            raise NoSuchAlert
        decision = self.decided(before, self.fact(store, before, action), store.now)
        if decision.refused is not None:
            raise ActRefused(decision.refused)
        if decision.pin and not action.pin_shown:
            raise ActRefused("pin_needed")
        after = self.record(store, before, decision)
        if action.action_id:
            store.add_action(action.site, action.action_id, action.alert, action.body)
        return after, decision

    def rehearse(self, connection: Connection, action: Action, now: datetime) -> Decision | None:
        """What would follow from the action now, storing nothing; None without such an alert.

        So that a reason why it makes no sense is found before a PIN is checked.
        """
        before = read_alert(connection, action.site, action.alert)
        if before is None:
            return None
        store = Store(connection, now)
        return self.decided(before, self.fact(store, before, action), now)

    def fact(self, store: Store, alert: Alert, action: Action) -> Acted:
        """The action as a fact in its scene."""
        return Acted(
            scene=self.scene(store, alert, others=True),
            by=action.by,
            what=action.what,
            person=action.person,
            via=action.via,
            at=action.at,
            details=action.details,
            attempt=action.attempt,
        )

    def _ring(self, store: Store, timer: DueTimer) -> bool:
        before = store.alert(timer.site, timer.alert)
        if before is None or before.timers.get(Timer(timer.timer)) != timer.due:
            # Void: replaced or ended since, or fired by another node. A row that lies is removed.
            if before is None or Timer(timer.timer) not in before.timers:
                store.end_timer(timer.alert, timer.timer)
            return False
        fact = TimerRang(self.scene(store, before), Timer(timer.timer), timer.due)
        self.settle(store, before, fact)
        return True

    def reported(
        self,
        store: Store,
        mail: outbox_rows.Mail,
        what: What,
        reason: str | None = None,
        code: int | None = None,
    ) -> None:
        """The phone network said this of a row of the outbox."""
        before = store.alert(mail.site, mail.alert)
        if before is None:
            return
        if mail.channel in outbox_rows.OF_LINE:
            what, reason = outbox_rows.LEG_FACTS.get(what, what), reason or str(what)
        fact = Reported(self.scene(store, before), what, mail.as_attempt(), reason, code)
        self.settle(store, before, fact)

    def superseded(self, store: Store, mail: outbox_rows.Mail) -> None:
        """This ask will not be sent again: a newer one to the same phone takes its place."""
        before = store.alert(mail.site, mail.alert)
        if before is None:
            return
        data = {
            "person": mail.person,
            "channel": mail.channel,
            "attempt": mail.attempt,
            "rung": mail.rung,
        }
        entry = Entry("text_superseded", By("network"), data)
        self.record(store, before, Decision(before, (entry,), (Drop(mail.attempt),)))

    def sounded(self, store: Store, alert: Alert, screens: tuple[str, ...]) -> None:
        """Other screens than before prove that they sound this alert."""
        self.settle(store, alert, Sounded(self.scene(store, alert), screens))

    def settle(self, store: Store, before: Alert | None, fact: Fact) -> Alert:
        """Decide and record; the alert as it is stored."""
        return self.record(store, before, self.decided(before, fact, store.now))

    def decided(self, before: Alert | None, fact: Fact, now: datetime) -> Decision:
        """What follows. When the machine fails, the path that needs no machine."""
        if before is not None and before.plain:
            return plain.decide_plainly(before, fact, now)
        try:
            return self._decide(before, fact, now)
        except Exception:
            log.exception("undecided", extra={"alert": before.id if before else None})
            return plain.without_machine(before, fact, now)

    def record(self, store: Store, before: Alert | None, decision: Decision) -> Alert:
        """Store a decision whole: log, alert, timers, outbox, in this order."""
        alert = decision.alert
        if before is not None and not (decision.entries or decision.orders) and alert is before:
            return before
        if before is not None and alert.asking and not (before.asking or alert.drill):
            # A real alert that asks again ends a drill, as one that is raised does.
            self.stop_drill(store, alert.site, REAL_ALERT, decision.entries[0].by, alert.booth)
        seq = store.append(alert.site, alert.id, decision.entries)
        if before is None:
            stored = store.add_alert(alert, seq)
        else:
            stored = store.save_alert(before, alert, seq)
            if before.open and not stored.open:
                senders.free(store, stored)
        if stored.drill:
            drill_rows.follow(store, before, stored, decision.entries)
        for order in decision.orders:
            claim = self.rules.room()
            if isinstance(order, Send):
                voice = self.site(store, stored.site).voice_number
                outbox_orders.order(store, stored, order, voice, self.rules.base_url, claim=claim)
            elif isinstance(order, Drop):
                outbox_rows.drop(store, stored.site, stored.id, order.attempt)
            else:
                outbox_orders.order_about(store, stored, order, self.rules.base_url, claim=claim)
        return stored

    def note(self, store: Store, site: str, *entries: Entry) -> None:
        """Add lines to the site's log that are about no alert."""
        store.append(site, None, entries)

    def site(self, store: Store, code: str) -> Site:
        """The site as it is set up now."""
        self.book.turn(store.setup_version())
        site = self.book.site(store.apart, code)
        assert site is not None, "a device or an alert of a site that is not there"
        return site

    def scene(
        self,
        store: Store,
        alert: Alert | None,
        site: Site | None = None,
        *,
        others: bool = False,
    ) -> Scene:
        """The surroundings of something that happens to this alert, or raises one.

        `others`: the site's other asking alerts are looked at as well.
        """
        if site is None:
            assert alert is not None
            site = self.site(store, alert.site)
        return read_scene(store, site, alert, self.book, phones=self.rules.phones, others=others)
