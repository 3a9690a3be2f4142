"""What phones say to us: a text that answers, a key in a call, a status of a text or call.

Everything goes through the desk. The site is found by the number that was texted or called.
"""

from dataclasses import dataclass

from alerts.alert import Alert, State
from alerts.events import By, What
from dispatch import answers, delivered, line_tests, outbox_rows, reach
from dispatch.answers import Heard
from dispatch.codec import alert_from_text
from dispatch.database import Connection
from dispatch.desk import Action, ActRefused, Desk
from dispatch.outbox_rows import Mail
from dispatch.store import ASKING, Store
from dispatch.writer import Item, Priority

TEXT_RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 5,
    "read": 5,
    "undelivered": 5,
    "failed": 5,
    "canceled": 5,
}
CALL_RANKS = {
    "queued": 1,
    "initiated": 2,
    "ringing": 3,
    "in-progress": 4,
    "answered": 4,
    "completed": 5,
    "busy": 5,
    "no-answer": 5,
    "failed": 5,
    "canceled": 5,
}
FINAL_RANK = 5
REPORTED = frozenset({"text", line_tests.CHANNEL, *outbox_rows.CALLS})
"""What the network reports on; the rest are orders about calls, which are done when taken."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the network says of one attempt: its word, the network's id, an error code."""

    token: str
    sid: str
    status: str
    code: int | None = None


class Inbound:
    """Makes items of what phones and the phone network say."""

    def __init__(self, desk: Desk) -> None:
        """Everything goes through this desk."""
        self._desk = desk

    def text(self, site: str, heard: Heard) -> Item:
        """A text from a phone; the result is our answer, or None."""
        return Item(
            lambda store: answers.answer(self._desk, store, site, heard), (site,), Priority.ANSWER
        )

    def key(self, mail: Mail, answer: What) -> Item:
        """A key in a call we made; the result is the alert, or None when it refused the answer."""

        def pressed(store: Store) -> Alert | None:
            after = self._answer(store, mail.site, mail.alert, mail.person, answer, mail.attempt)
            opened = after is not None and answer is What.OPEN_LINE
            outbox_rows.mark_keyed(store, mail, leg=opened)
            return after

        return Item(pressed, (mail.site,), Priority.ANSWER)

    def key_in(self, site: str, alert: str, person: str, answer: What) -> Item:
        """A key in a call that a person made to us."""
        return Item(
            lambda store: self._answer(store, site, alert, person, answer, None),
            (site,),
            Priority.ANSWER,
        )

    def line_key(self, mail: Mail, key: str) -> Item:
        """A human at the control room pressed this key; the alert then."""
        return self._of_leg(mail, What.LEG_KEYED, key)

    def room_is(self, mail: Mail, room: str, *, joined: bool) -> Item:
        """This call of the line is in the room that the network calls so, or is not."""
        return self._of_leg(mail, What.LEG_IN if joined else What.LEG_OUT, room)

    def _of_leg(self, mail: Mail, what: What, reason: str) -> Item:
        def told(store: Store) -> Alert | None:
            self._desk.reported(store, mail, what, reason)
            return store.alert(mail.site, mail.alert)

        return Item(told, (mail.site,), Priority.ANSWER)

    def status(self, mail: Mail, status: Status) -> Item:
        """The network says how a text or call of ours fares. Forward only; repeats do nothing."""
        return Item(
            lambda store: self._status(store, mail.site, status), (mail.site,), Priority.REST
        )

    def _answer(
        self, store: Store, site: str, alert: str, person: str, what: What, attempt: int | None
    ) -> Alert | None:
        action = Action(
            site=site,
            alert=alert,
            what=what,
            person=person,
            by=By("phone", person),
            via="call",
            attempt=attempt,
        )
        try:
            return self._desk.acted(store, action)
        except ActRefused:
            return None

    def _status(self, store: Store, site: str, status: Status) -> None:
        mail = outbox_rows.find(store.outbox(site), status.token)
        if mail is None or mail.channel not in REPORTED:
            return
        ranks = TEXT_RANKS if mail.channel == "text" else CALL_RANKS
        rank = ranks.get(status.status, 0)
        if rank <= mail.rank:
            return
        unsent = mail.rank == 0
        final = rank == FINAL_RANK
        outbox_rows.heard(
            store, mail, state="settled" if final else "sent", sid=mail.sid or status.sid, rank=rank
        )
        after = outbox_rows.find(store.outbox(site), status.token)
        assert after is not None
        if mail.state == "dropped":
            # It was on its way when it was dropped; deciding must know that nobody wants it.
            after = mail
        if unsent:
            self.reported(store, after, What.SENT)
        self._tell(store, after, status, rank)
        if final:
            # The phone is free for the next call.
            store.effects.waiting = True

    def reported(
        self,
        store: Store,
        mail: Mail,
        what: What,
        reason: str | None = None,
        code: int | None = None,
    ) -> None:
        """The network, or our own sending, said this of a row: of an alert, or of a line test."""
        if mail.channel != line_tests.CHANNEL:
            self._desk.reported(store, mail, what, reason, code)
        elif what in {What.RANG_OUT, What.REFUSED, What.EXPIRED}:
            line_tests.settle(self._desk, store, mail, reason or str(what))

    def _tell(self, store: Store, mail: Mail, status: Status, rank: int) -> None:
        reached = {"delivered", "read"}
        if mail.channel == "text":
            if status.status in reached:
                self.reported(store, mail, What.DELIVERED)
                reach.set_reach(store, mail.site, mail.person, "ok")
                delivered.keep(store, mail)
            elif rank == FINAL_RANK:
                self.reported(store, mail, What.REFUSED, status.status, status.code)
                reach.set_reach(store, mail.site, mail.person, _lost_by(status.code))
        elif rank == outbox_rows.ANSWERED_RANK:
            self.reported(store, mail, What.PICKED_UP)
        elif mail.channel in outbox_rows.OF_LINE:
            if status.status == "ringing":
                self.reported(store, mail, What.LEG_RINGS)
            elif rank == FINAL_RANK:
                self.reported(store, mail, What.RANG_OUT, status.status, status.code)
        elif status.status == "failed":
            self.reported(store, mail, What.REFUSED, status.status, status.code)
        elif rank == FINAL_RANK and not mail.keyed:
            reason = "no_key" if status.status == "completed" else status.status
            self.reported(store, mail, What.RANG_OUT, reason, status.code)


def _lost_by(code: int | None) -> str:
    return "stopped" if code == outbox_rows.STOPPED_CODE else "failing"


def asking_of(connection: Connection, site: str, person: str) -> list[Alert]:
    """The alerts of this site that are asking and have asked this person, oldest first."""
    rows = connection.execute(
        f"SELECT whole FROM alerts WHERE site = :site AND {ASKING} ORDER BY number", {"site": site}
    )
    alerts = (alert_from_text(row[0]) for row in rows)
    return [alert for alert in alerts if person in alert.asked and alert.state is not State.CLOSED]
