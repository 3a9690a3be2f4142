"""Texts that phones send us: read, acted upon and answered, inside one transaction.

Which alert a text means is read by `alerts.replies` before anything is decided; everything then
goes through the desk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from alerts import replies, says, words
from alerts.alert import Alert
from alerts.events import UNKNOWN_PHONE, By, Scene, What
from alerts.site import Person, Site
from alerts.words import Text
from dispatch import notices, reach
from dispatch.codec import alert_from_text, stamp
from dispatch.desk import Action, Desk
from dispatch.store import Store

NOT_COUNTED_MOST = 3
"""So many "not counted" texts go back to one phone about one alert."""
NOT_COUNTED, UNKNOWN = "not_counted", "unknown_phone"
SHOWN_OF_ANYBODY = frozenset({"on_my_way", "at_booth", "cannot_go"})
"""What an unknown phone may be shown to have answered; whatever else it says is not understood."""
NINE_SECONDS = 60
ENDED_HOURS = 12
"""So long after the last end a text without an open alert hears that it was closed."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A text from a phone, as the network handed it over."""

    sid: str
    phone: str
    to: str
    text: str
    opt_out: str = ""


def answer(desk: Desk, store: Store, code: str, heard: Heard) -> str | None:
    """Read a text and act upon it; what we say back, if anything. One read twice acts once."""
    known = store.connection.execute(
        "SELECT answer FROM replies WHERE sid = :sid", {"sid": heard.sid}
    )
    if known:
        return known[0][0]
    site = desk.site(store, code)
    person = next((one for one in site.people if one.phone == heard.phone), None)
    if person is None:
        _unknown_phone(desk, store, code, heard)
        return None
    alert, meaning, text = _Reading(desk, store, site, person, heard).read()
    answer = None if text is None else words.render(text, person.language)
    _keep(store, heard, code, alert, meaning, answer)
    return answer


def _unknown_phone(desk: Desk, store: Store, site: str, heard: Heard) -> None:
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
        desk.acted(store, Action(site, alert, what, UNKNOWN_PHONE, by, via="text"))
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
            self._confirm()
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
                self._confirm()
                return self._answered(self._find(alert), meaning)
            case replies.NotUnderstood(alert):
                return self._not_counted((self._find(alert),), says.not_understood)
            case replies.WhichOne(alerts, digit):
                return self._which_one(tuple(self._find(a.id) for a in alerts), digit)
            case replies.PhoneWorks():
                self._confirm()
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
        person = self._person.id
        reach.set_reach(self._store, self._site.code, person, reach.STOPPED, By("phone", person))
        notices.tell_stopped(self._desk, self._store, self._site, self._person)
        return None, "opted_out", None

    def _confirm(self) -> None:
        """Whoever answers from this phone has shown that our texts reach them."""
        reach.confirm(self._store, self._site.code, self._person.id)


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
