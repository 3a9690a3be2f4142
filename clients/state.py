"""What a screen knows, and how one frame of the live feed changes it.

Pure: no input, no output, no clock. The rule is that the snapshot a screen started from with
every later event applied is equal to a fresh snapshot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clients.wire import Json, items, part, rows

ASKING = ("unanswered", "on_the_way", "at_booth")
_ORDER = {state: place for place, state in enumerate((*ASKING, "recovering", "closed"))}


@dataclass(frozen=True, slots=True)
class State:
    """One site as a screen has it: the Site, its open alerts by id, and how far it has read.

    `site` is None until the first snapshot. `server_time` is the newest the server sent, as text.
    """

    site: Json | None = None
    alerts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    seq: int = 0
    epoch: str | None = None
    server_time: str | None = None


def apply(state: State, frame: Mapping[str, Any]) -> State:
    """The state after `frame`. Frames of a type not known here change nothing."""
    match frame.get("type"):
        case "snapshot":
            return State(
                site=frame["site"],
                alerts={alert["id"]: alert for alert in frame["alerts"]},
                seq=frame["seq"],
                epoch=frame["epoch"],
                server_time=frame.get("server_time"),
            )
        case "resumed":
            return replace(
                state,
                site=_with_phones(state.site, frame.get("phones")),
                epoch=frame["epoch"],
                server_time=frame.get("server_time", state.server_time),
            )
        case "event":
            return _after_event(state, frame)
        case "beat":
            return replace(state, server_time=frame.get("server_time", state.server_time))
        case _:
            return state


def ordered(state: State) -> list[Json]:
    """The open alerts as a wall shows them: unanswered first, the oldest of each state on top."""
    return sorted(
        state.alerts.values(),
        key=lambda alert: (
            _ORDER.get(alert.get("state", ""), len(_ORDER)),
            alert.get("raised_at") or "",
            alert.get("number") or 0,
        ),
    )


def _after_event(state: State, frame: Mapping[str, Any]) -> State:
    if frame["seq"] <= state.seq:
        return state  # Sent twice over a reconnect; applying it again could take a step back.
    event = part(frame, "event")
    alert: Json | None = frame.get("alert")
    return replace(
        state,
        seq=frame["seq"],
        site=_site_after(state.site, event),
        alerts=state.alerts if alert is None else _alerts_after(state.alerts, alert),
    )


def _with_phones(site: Json | None, phones: str | None) -> Json | None:
    return site if site is None or phones is None else {**site, "phones": phones}


def _alerts_after(alerts: Mapping[str, Json], alert: Json) -> Mapping[str, Json]:
    changed = {**alerts, alert["id"]: alert}
    if alert.get("state") == "closed":
        del changed[alert["id"]]
    return changed


def _site_after(site: Json | None, event: Mapping[str, Any]) -> Json | None:
    if site is None:
        return None
    data = part(event, "data")
    match event.get("name"):
        case "site_changed":
            return part(data, "site") or site
        case "screen_silenced":
            silence = {"silenced_until": data.get("until"), "silenced_by": data.get("person")}
            return _with_screen(site, data.get("screen"), part(data, "shown") or silence)
        case "device_silent" | "device_back":
            return _with_device(site, data, silent=event.get("name") == "device_silent")
        case "cover_lost" | "cover_back":
            return {**site, "cover": part(data, "cover") or site.get("cover")}
        case _:
            return site


def _with_screen(site: Json, device: object, changes: Json) -> Json:
    return _changed(site, "screens", lambda row: row.get("device_id") == device, changes)


def _with_device(site: Json, data: Mapping[str, Any], *, silent: bool) -> Json:
    device = data.get("device")
    why = data.get("why")
    reasons = items(why) or ([why] if why else [])
    state = "silent" if silent else "ok"
    heard = _changed(
        site,
        "buttons",
        # A bridge watches several buttons: each is told of with its booth.
        lambda row: (
            row.get("device_id") == device
            and row.get("booth") == data.get("booth", row.get("booth"))
        ),
        part(data, "button") or {"state": state},
    )
    # The server sends the whole row along; older ones only said whether the screen can alarm.
    ability = {"able": not silent, "why": reasons if silent else []}
    screen = part(data, "screen")
    if screen and not any(row.get("device_id") == device for row in rows(heard, "screens")):
        return {**heard, "screens": [*rows(heard, "screens"), screen]}
    return _with_screen(heard, device, screen or ability)


def _changed(site: Json, name: str, meant: Callable[[Json], bool], changes: Json) -> Json:
    changed = [{**row, **changes} if meant(row) else row for row in rows(site, name)]
    return {**site, name: changed}
