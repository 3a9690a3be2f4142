"""What phones say to us: a text that answers, a key in a call, a status of a text or call.

Which alert a text means is read by `alerts.replies` before anything is decided; everything then
goes through the desk. The site is found by the number that was texted or called.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from alerts import replies, says, words
from alerts.alert import Alert, State
from alerts.events import UNKNOWN_PHONE, By, Scene, What
from alerts.site import Person, Site
from alerts.words import Text
from dispatch import line_tests, notices, outbox_rows, registry
from dispatch.codec import alert_from_text, stamp
from dispatch.database import Connection
from dispatch.desk import Action, ActRefused, Desk
from dispatch.outbox_rows import Mail
from dispatch.store import ASKING, Store
from dispatch.writer import Item, Priority

NOT_COUNTED_MOST = 3
"""So many "not counted" texts go back to one phone about one alert."""
NOT_COUNTED, UNKNOWN = "not_counted", "unknown_phone"
SHOWN_OF_ANYBODY = frozenset({"on_my_way", "at_booth", "cannot_go"})
"""What an unknown phone may be shown to have answered; whatever else it says is not understood."""
NINE_SECONDS = 60
ENDED_HOURS = 12
"""So long after the last end a text without an open alert hears that it was closed."""

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
class Heard:
    """A text from a phone, as the network handed it over."""

    sid: str
    phone: str
    to: str
    text: str
    opt_out: str = ""


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
        return Item(lambda store: self._text(store, site, heard), (site,), Priority.ANSWER)

    def key(self, mail: Mail, answer: What) -> Item:
        """A key in a call we made; the result is the alert, or None when it refused the answer."""

        def pressed(store: Store) -> Alert | None:
            outbox_rows.mark_keyed(store, mail, leg=answer is What.OPEN_LINE)
            return self._answer(store, mail.site, mail.alert, mail.person, answer, mail.attempt)

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
        return Item(lambda store: self._status(store, status), (mail.site,), Priority.REST)

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

    def _status(self, store: Store, status: Status) -> None:
        mail = outbox_rows.find(store.connection, status.token)
        if mail is None or mail.channel not in REPORTED:
            return
        ranks = TEXT_RANKS if mail.channel == "text" else CALL_RANKS
        rank = ranks.get(status.status, 0)
        if mail.state == "settled" or rank <= mail.rank:
            return
        unsent = mail.rank == 0
        final = rank == FINAL_RANK
        outbox_rows.heard(
            store, mail, state="settled" if final else "sent", sid=mail.sid or status.sid, rank=rank
        )
        after = outbox_rows.find(store.connection, status.token)
        assert after is not None
        if mail.state == "dropped":
            # It was on its way when it was dropped; deciding must know that nobody wants it.
            after = mail
        if unsent:
            self.reported(store, after, What.SENT)
        self._tell(store, after, status, rank)
        if final:
            # The phone is free for the next call.
            store.effects.timers = True

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
                registry.set_reach(store, mail.site, mail.person, "ok")
            elif rank == FINAL_RANK:
                self.reported(store, mail, What.REFUSED, status.status, status.code)
                registry.set_reach(store, mail.site, mail.person, _lost_by(status.code))
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

    def _text(self, store: Store, code: str, heard: Heard) -> str | None:
        known = store.connection.execute(
            "SELECT answer FROM replies WHERE sid = :sid", {"sid": heard.sid}
        )
        if known:
            return known[0][0]
        site = self._desk.site(store, code)
        person = next((one for one in site.people if one.phone == heard.phone), None)
        if person is None:
            self._unknown_phone(store, code, heard)
            return None
        alert, meaning, text = _Reading(self._desk, store, site, person, heard).read()
        answer = None if text is None else words.render(text, person.language)
        _keep(store, heard, code, alert, meaning, answer)
        return answer

    def _unknown_phone(self, store: Store, site: str, heard: Heard) -> None:
        """Kept, and shown where it is clear which alert is meant; it hears nothing from us.

        Anybody may text us: it moves nothing, and after a few texts it is not shown any more.
        """
        asking = [
            replies.AskingAlert(one.id, one.number, one.booth, one.plan.sender, site)
            for one in store.asking(site)
            if one.plan.sender == heard.to
        ]
        match replies.read_reply(heard.text, heard.to, asking):
            case replies.Answered(alert, meaning) if str(meaning) in SHOWN_OF_ANYBODY:
                what = What(str(meaning))
            case replies.Answered(alert) | replies.NotUnderstood(alert):
                what = What.NOT_UNDERSTOOD
            case _:
                alert, what = None, None
        if alert and what and _told(store, heard.phone, alert, UNKNOWN) < NOT_COUNTED_MOST:
            by = By("phone")
            self._desk.acted(store, Action(site, alert, what, UNKNOWN_PHONE, by, via="text"))
        _keep(store, heard, site, alert, UNKNOWN, None)


class _Reading:
    """One text of one person, read and acted upon inside one transaction."""

    def __init__(self, desk: Desk, store: Store, site: Site, person: Person, heard: Heard) -> None:
        self._desk = desk
        self._store = store
        self._site = site
        self._person = person
        self._heard = heard
        self._asking = [one for one in store.asking(site.code) if person.id in one.asked]

    def read(self) -> tuple[str | None, str, Text | None]:
        """The alert it was about, what it meant in a word, and what we say back."""
        if self._heard.opt_out.upper() == "STOP":
            return self._stopped()
        if self._heard.opt_out.upper() == "START" or replies.opts_in(self._heard.text):
            self._reach("ok")
        return self._carry_out(self._reading())

    def _reading(self) -> replies.Reading:
        return replies.read_reply(
            self._heard.text,
            self._heard.to,
            [
                replies.AskingAlert(a.id, a.number, a.booth, a.plan.sender, a.site)
                for a in self._asking
            ],
        )

    def _carry_out(self, reading: replies.Reading) -> tuple[str | None, str, Text | None]:
        match reading:
            case replies.Answered(alert, meaning):
                return self._answered(self._find(alert), meaning)
            case replies.NotUnderstood(alert):
                return self._not_counted((self._find(alert),), says.not_understood)
            case replies.WhichOne(alerts, digit):
                return self._which_one(tuple(self._find(a.id) for a in alerts), digit)
            case replies.PhoneWorks():
                self._reach("ok")
                return None, "phone_works", Text("W6", words.about(self._site))
            case replies.OptedOut():
                return self._stopped()
            case replies.OptedIn():
                return None, "opted_in", None
            case replies.NotAsked(code):
                return self._none_open(code)
            case replies.NoneOpen():
                return self._none_open(None)

    def _find(self, alert: str) -> Alert:
        return next(one for one in self._asking if one.id == alert)

    def _scene(self, alert: Alert) -> Scene:
        return self._desk.scene(self._store, alert)

    def _act(self, alert: Alert, what: What, **details: object) -> Text | None:
        action = Action(
            site=alert.site,
            alert=alert.id,
            what=what,
            person=self._person.id,
            by=By("phone", self._person.id),
            via="text",
            details=details,
        )
        decision = self._desk.decided(
            alert, self._desk.fact(self._store, alert, action), self._store.now
        )
        if decision.refused is None:
            self._desk.record(self._store, alert, decision)
        return decision.answer

    def _answered(
        self, alert: Alert, meaning: replies.Meaning
    ) -> tuple[str | None, str, Text | None]:
        if meaning is replies.Meaning.NINE:
            if not self._said_nine(alert):
                return alert.id, str(meaning), says.nine(alert, self._scene(alert))
            meaning = replies.Meaning.OPEN_LINE
        return alert.id, str(meaning), self._act(alert, What(str(meaning)))

    def _said_nine(self, alert: Alert) -> bool:
        """Whether this phone sent a single 9 about this alert just before."""
        since = self._store.now - alert.plan.delay(NINE_SECONDS)
        rows = self._store.connection.execute(
            "SELECT 1 FROM replies WHERE phone = :phone AND alert = :alert AND meaning = 'nine'"
            " AND at >= :since",
            {"phone": self._heard.phone, "alert": alert.id, "since": stamp(since)},
        )
        return bool(rows)

    def _not_counted(
        self, alerts: tuple[Alert, ...], say: Callable[[Alert, Scene], Text]
    ) -> tuple[str | None, str, Text | None]:
        # Counted for the alert of which this phone has heard least, so that what was said of one
        # never keeps us from asking back about another.
        told = {
            alert.id: _told(self._store, self._heard.phone, alert.id, NOT_COUNTED)
            for alert in alerts
        }
        about = min(alerts, key=lambda alert: told[alert.id])
        for alert in alerts:
            self._act(alert, What.NOT_UNDERSTOOD)
        if told[about.id] >= NOT_COUNTED_MOST:
            return about.id, NOT_COUNTED, None
        return about.id, NOT_COUNTED, say(about, self._scene(about))

    def _which_one(
        self, alerts: tuple[Alert, ...], digit: str | None
    ) -> tuple[str | None, str, Text | None]:
        def ask_back(_alert: Alert, _scene: Scene) -> Text:
            slots = words.about(self._site)
            listed = [[alert.number, alert.booth] for alert in alerts]
            return Text("U2", {**slots, "alerts": listed, "digit": digit})

        return self._not_counted(alerts, ask_back)

    def _none_open(self, code: str | None) -> tuple[str | None, str, Text | None]:
        since = self._store.now - timedelta(hours=ENDED_HOURS)
        rows = self._store.connection.execute(
            "SELECT whole FROM alerts WHERE site = :site AND state = 'closed'"
            " AND closed_at > :since ORDER BY closed_at DESC",
            {"site": self._site.code, "since": stamp(since)},
        )
        for alert in (alert_from_text(row[0]) for row in rows):
            meant = code is None or str(alert.number) == code
            if meant and self._person.id in alert.asked:
                return alert.id, "closed", says.over(alert, self._scene(alert))
        return None, "none_open", Text("U3", {**words.about(self._site), "code": code})

    def _stopped(self) -> tuple[str | None, str, Text | None]:
        """They stopped our texts, so they are told in a call, and the coordinator by text."""
        self._reach("stopped")
        notices.tell_stopped(self._desk, self._store, self._site, self._person)
        return None, "opted_out", None

    def _reach(self, reach: str) -> None:
        person = self._person.id
        registry.set_reach(self._store, self._site.code, person, reach, By("phone", person))


def _told(store: Store, phone: str, alert: str, meaning: str) -> int:
    """How often this phone's texts about this alert came to this."""
    rows = store.connection.execute(
        "SELECT count(*) FROM replies WHERE phone = :phone AND alert = :alert"
        " AND meaning = :meaning",
        {"phone": phone, "alert": alert, "meaning": meaning},
    )
    return int(rows[0][0])


def _keep(
    store: Store, heard: Heard, site: str, alert: str | None, meaning: str, answer: str | None
) -> None:
    store.connection.change(
        "INSERT INTO replies (sid, site, phone, alert, meaning, answer, at)"
        " VALUES (:sid, :site, :phone, :alert, :meaning, :answer, :at)",
        {
            "sid": heard.sid,
            "site": site,
            "phone": heard.phone,
            "alert": alert,
            "meaning": meaning,
            "answer": answer,
            "at": stamp(store.now),
        },
    )


def _lost_by(code: int | None) -> str:
    return "stopped" if code == outbox_rows.STOPPED_CODE else "failing"


def asking_of(connection: Connection, site: str, person: str) -> list[Alert]:
    """The alerts of this site that are asking and have asked this person, oldest first."""
    rows = connection.execute(
        f"SELECT whole FROM alerts WHERE site = :site AND {ASKING} ORDER BY number", {"site": site}
    )
    alerts = (alert_from_text(row[0]) for row in rows)
    return [alert for alert in alerts if person in alert.asked and alert.state is not State.CLOSED]
