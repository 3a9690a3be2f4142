"""Drills through the one door: beginning one, stopping it, and making it real.

What a drill is stands in `alerts.drill`. That a real alert ends one is the desk's own doing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.alert import Alert
from alerts.drill import STOPPED
from alerts.events import By, Drill, Pressed
from alerts.site import Site
from dispatch import drill_rows
from dispatch.desk import Action, ActRefused, Desk, Press, ReusedId
from dispatch.drill_rows import Gate, Kept
from dispatch.registry import Device
from dispatch.store import Store
from dispatch.writer import Item, Priority


@dataclass(frozen=True, slots=True)
class Start:
    """A drill that somebody wants to begin. `body` tells two uses of one `drill_id` apart."""

    drill_id: str
    booth: int
    type: str
    person: str
    body: str
    told: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The drill's alert. `repeated` when this `drill_id` had begun it before."""

    alert: Alert
    repeated: bool


def begin(desk: Desk, device: Device, start: Start) -> Item:
    """Begin a drill; the result is Started. Raises ReusedId, ActRefused."""

    def carry_out(store: Store) -> Started:
        known = drill_rows.find(store.connection, device.site, start.drill_id)
        if known is not None:
            if known.body != start.body:
                raise ReusedId
            alert = store.alert(device.site, known.alert)
            assert alert is not None
            return Started(alert, repeated=True)
        site = desk.site(store, device.site)
        shut = drill_rows.gate(store.connection, site.code, start.booth, store.now)
        if shut.why is not None:
            raise refusal(site, shut)
        alert = desk.settle(store, None, _fact(desk, store, device, start))
        kept = Kept(start.drill_id, start.body, alert.id, start.type, start.person, store.now, None)
        drill_rows.add(store, site.code, kept)
        return Started(alert, repeated=False)

    return Item(carry_out, (device.site,), Priority.ANSWER)


def _fact(desk: Desk, store: Store, device: Device, start: Start) -> Pressed:
    site = desk.site(store, device.site)
    drill = Drill(start.type, start.person, start.told)
    return Pressed(
        scene=desk.scene(store, None, site),
        by=By("device", device.id),
        press_id=start.drill_id,
        device_kind=device.kind,
        booth=start.booth,
        birth=desk.birth(store, site, drill=drill),
    )


def stop(desk: Desk, device: Device) -> Item:
    """Stop the drill that runs at this device's site, if one does; never a real alert."""

    def carry_out(store: Store) -> None:
        desk.stop_drill(store, device.site, STOPPED, By("device", device.id))

    return Item(carry_out, (device.site,), Priority.ANSWER)


def make_real(desk: Desk, device: Device, action: Action) -> Item:
    """End this drill and press at its booth; the result is the real alert.

    Of a drill that is over it still is a press: whoever says that it is real is never refused.
    Raises NoSuchAlert, ReusedId, ActRefused.
    """
    # The same act again is the same press.
    press_id = hashlib.sha256(f"make_real {action.action_id}".encode()).hexdigest()

    def carry_out(store: Store) -> Alert:
        try:
            drill = desk.acted(store, action)
        except ActRefused as refused:
            raise ActRefused(refused.problem, "This alert is real already.") from None
        press = Press(device.site, press_id, device.id, device.kind, drill.booth)
        return desk.press(press).carry_out(store).alert

    return Item(carry_out, (device.site,), Priority.PRESS)


def refusal(site: Site, shut: Gate) -> ActRefused:
    """Why no drill may begin, in a sentence that says when one may."""
    when = "" if shut.at is None else _local(site, shut.at)
    match shut.why:
        case "busy":
            return ActRefused(
                "booth_busy",
                f"Alert #{shut.number} is asking in this booth. A drill may be started 30 minutes"
                " after the last real alert has ended.",
            )
        case "running":
            return ActRefused(
                "drill",
                f"Drill #{shut.number} is running, and one runs at a time. The next may be started"
                " a week after it began.",
            )
        case "real_alert" if shut.at is None:
            return ActRefused(
                "drill",
                f"Alert #{shut.number} is real and has not ended. A drill may be started 30 minutes"
                " after its end.",
            )
        case "real_alert":
            return ActRefused(
                "drill",
                f"Real alert #{shut.number} has ended less than 30 minutes ago. A drill may be"
                f" started from {when}.",
            )
        case _:
            return ActRefused(
                "drill", f"A drill was started less than a week ago. The next may be from {when}."
            )


def _local(site: Site, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(site.timezone)):%Y-%m-%d %H:%M:%S}"
