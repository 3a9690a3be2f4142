"""What a batch has written and not yet handed to the database: rows that go there together.

A statement for many rows costs hardly more than one for each, and every statement of the writer
lets another thread go first. Whoever asks the database about such rows has them written out
before: see `Store.connection`, `Store.of` and `Store.outbox`.
"""

from typing import Any

from alerts.alert import Alert
from dispatch.codec import alert_to_text, stamp
from dispatch.database import Connection

ADD_LOG = """INSERT INTO log (site, seq, at, alert, name, by_kind, by_id, data, hash)
    VALUES (:site, :seq, :at, :alert, :name, :by_kind, :by_id, :data, :hash)"""
ADD_ALERT = """INSERT INTO alerts (id, site, number, booth, device, state, sender, version,
        raised_at, closed_at, whole)
    VALUES (:id, :site, :number, :booth, :device, :state, :sender, :version,
        :raised_at, :closed_at, :whole)"""
SAVE_ALERT = """UPDATE alerts SET state = :state, version = :version, closed_at = :closed_at,
    whole = :whole WHERE id = :id AND version = :was"""
ADD_PRESS = """INSERT INTO presses (site, press_id, alert, joined, at)
    VALUES (:site, :press_id, :alert, :joined, :at)"""
ADD_MAIL = """INSERT INTO outbox (id, site, alert, attempt, person, phone, sender, channel, asking,
        rung, language, body, state, due, made_at, claim, lease_until, tries, rank, keyed, asked_at)
    VALUES (:id, :site, :alert, :attempt, :person, :phone, :sender, :channel, :asking,
        :rung, :language, :body, :state, :due, :now, :claim, :lease_until, :tries, 0, :no, :now)"""
ADD_LINK = "INSERT INTO links (hash, site, alert, person) VALUES (:hash, :site, :alert, :person)"
SET_TIMER = """INSERT INTO timers (alert, timer, site, due) VALUES (:alert, :timer, :site, :due)
    ON CONFLICT (alert, timer) DO UPDATE SET due = excluded.due"""
END_TIMER = "DELETE FROM timers WHERE alert = :alert AND timer = :timer"


class Conflict(Exception):
    """Another node changed the alert first; decide again on what is there now."""


class KeptBack:
    """The rows, and of which `sites` they are; `outbox` are the sites of those of the outbox.

    Timers make no site one of them: nothing asks for timers within a batch.
    """

    def __init__(self) -> None:
        """Nothing is kept back."""
        self.sites: set[str] = set()
        self.outbox: set[str] = set()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._alerts: dict[str, tuple[Alert, int | None]] = {}
        self._timers: dict[tuple[str, str], dict[str, Any] | None] = {}

    def add(self, statement: str, row: dict[str, Any]) -> None:
        """Keep a row for this statement; its `site` says where it belongs."""
        self._rows.setdefault(statement, []).append(row)
        self.sites.add(row["site"])
        if statement is ADD_MAIL:
            self.outbox.add(row["site"])

    def alert(self, alert: Alert, was: int | None) -> None:
        """Keep an alert; `was` is the version that was there before, None of a new one."""
        known = self._alerts.get(alert.id)
        self._alerts[alert.id] = (alert, was if known is None else known[1])
        self.sites.add(alert.site)

    def set_timer(self, alert: Alert, timer: str, due: float) -> None:
        """Keep a timer of this alert that rings at `due`."""
        row = {"alert": alert.id, "timer": timer, "site": alert.site, "due": due}
        self._timers[alert.id, timer] = row

    def end_timer(self, alert: str, timer: str) -> None:
        """Keep that this timer of the alert will not ring, or has rung."""
        self._timers[alert, timer] = None

    def write_out(self, connection: Connection) -> None:
        """Hand everything over. Raises Conflict when an alert is not the one we changed."""
        new = [_columns(alert) for alert, was in self._alerts.values() if was is None]
        if new:
            connection.many(ADD_ALERT, new)
        for alert, was in self._alerts.values():
            if was is None:
                continue
            if connection.change(SAVE_ALERT, _changing(alert) | {"was": was}) != 1:
                raise Conflict(alert.id)
        for statement, rows in self._rows.items():
            connection.many(statement, rows)
        set_ = [row for row in self._timers.values() if row is not None]
        if set_:
            connection.many(SET_TIMER, set_)
        if len(set_) < len(self._timers):
            ended = (key for key, row in self._timers.items() if row is None)
            connection.many(END_TIMER, [{"alert": alert, "timer": timer} for alert, timer in ended])
        self.clear()

    def clear(self) -> None:
        """Nothing is kept back any more."""
        for kept in (self.sites, self.outbox, self._rows, self._alerts, self._timers):
            kept.clear()


def _columns(alert: Alert) -> dict[str, Any]:
    return _changing(alert) | {
        "site": alert.site,
        "number": alert.number,
        "booth": alert.booth,
        "device": alert.device,
        "sender": alert.plan.sender,
        "raised_at": stamp(alert.raised_at),
    }


def _changing(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "state": str(alert.state),
        "version": alert.version,
        "closed_at": None if alert.closed_at is None else stamp(alert.closed_at),
        "whole": alert_to_text(alert),
    }
