"""The live board as words and colours: what the terminal shows for a state at a moment.

Pure drawing: it asks neither the time nor the network, and a colour never stands without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from clients.state import ASKING, State, ordered
from clients.wire import Json, items, part, rows

STALE_SECONDS = 10.0

_WORDS = {
    "unanswered": ("*** NO ONE YET", "bold white on red"),
    "on_the_way": ("> ON THE WAY", "bold black on bright_blue"),
    "at_booth": ("= AT THE BOOTH", "bold black on bright_green"),
    "recovering": ("~ RECOVERING", "green"),
    "closed": ("CLOSED", "dim"),
}
_ANSWERS = {
    "on_my_way": "on the way",
    "at_booth": "at the booth",
    "safe": "says safe",
    "cannot_go": "cannot go",
    "more_people": "asks for more",
}
_DONE_TO = (
    ("open_line", "direct line opened"),
    ("call", "called"),
    ("text", "texted"),
    ("offer_line", "line offered"),
    ("louder", "louder"),
    ("screens", "screens sound"),
)
_CLOCKS = {
    "arrival": "alarm again if nobody is there",
    "quiet": "ask about the ambulance",
    "recovery": "recovery check",
}


@dataclass(frozen=True, slots=True)
class Link:
    """The connection as the board tells it. `age` is the seconds since the last frame, if any."""

    connected: bool
    why: str
    age: float | None

    @property
    def live(self) -> bool:
        """True while what is shown can be believed."""
        return self.connected and self.age is not None and self.age < STALE_SECONDS


def board(state: State, link: Link, now: datetime) -> RenderableType:
    """The whole board. `now` is the server's time of day, as far as it is known."""
    if state.site is None:
        return _connection(link)
    alerts = ordered(state)
    parts: list[RenderableType] = [_head(state.site, link, now, alerts)]
    if not link.live:
        parts.append(_connection(link))
    if alerts:
        parts.append(_table(state.site, alerts, now))
    elif link.live:
        parts.append(Panel(Text("ALL QUIET", style="bold"), style="dim"))
    parts.extend(_faults(state.site))
    return Group(*parts)


def line(frame: Mapping[str, Any]) -> str | None:
    """An event in one line for a log or a pipe; None for what a reader need not see."""
    if frame.get("type") == "snapshot":
        site: Json = frame["site"]
        return f"connected: {site['code']} {site.get('name', '')}, {len(frame['alerts'])} open"
    if frame.get("type") != "event":
        return None
    event = part(frame, "event")
    alert: Json | None = frame.get("alert")
    words = f"{event.get('at')} {event.get('name')}"
    person = part(event, "data").get("person")
    if person:
        words += f" {person}"
    if alert is not None:
        words += f" - alert {alert.get('number')}, {place(alert)}, {state_words(alert)}"
    return words


def place(alert: Mapping[str, Any]) -> str:
    """Where the alert is; a board that is not told the booth says so."""
    if "booth" not in alert:
        return "-"
    booth = alert["booth"]
    return "in the house" if booth is None else f"booth {booth}"


def state_words(alert: Mapping[str, Any]) -> str:
    """The state of the alert as people say it, without signs."""
    words, _ = _WORDS.get(alert.get("state", ""), (str(alert.get("state")), ""))
    return words.lstrip("*>=~ ")


def coming(alert: Mapping[str, Any]) -> str:
    """Who has answered and how, each person once with the newest answer."""
    newest: dict[str, str] = {}
    for answer in rows(alert, "answers"):
        name = answer.get("name") or answer.get("person") or "guest"
        newest[name] = _ANSWERS.get(answer.get("answer", ""), str(answer.get("answer")))
    return ", ".join(f"{name} {said}" for name, said in newest.items())


def next_step(alert: Mapping[str, Any], now: datetime) -> str:
    """What happens next by itself and in how long: `coordinator called in 0:18`."""
    step = part(alert, "next")
    if not step:
        return ""
    left = (when(step["at"]) - now).total_seconds()
    moment = f"in {minutes(left)}" if left > 0 else "now"
    if step.get("what") != "rung":
        return f"{_CLOCKS.get(step.get('what', ''), str(step.get('what')))} {moment}"
    do = items(step.get("do"))
    who = ", ".join(str(name) for name in items(step.get("who"))) or "everyone"
    doing = [words for name, words in _DONE_TO if name in do]
    asked = [f"{who} {words}" if words in ("called", "texted") else words for words in doing]
    return f"{' and '.join(asked[:2]) or 'next step'} {moment}"


def minutes(seconds: float) -> str:
    """`0:42`, `12:05`, `1:02:05`; never below zero."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    tail = f"{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
    return f"{hours}:{tail}" if hours else tail


def when(text: str) -> datetime:
    """A time of the wire as an aware datetime."""
    return datetime.fromisoformat(text)


def _head(site: Json, link: Link, now: datetime, alerts: list[Json]) -> Text:
    asking = sum(1 for alert in alerts if alert.get("state") in ASKING)
    screens = rows(site, "screens")
    able = sum(1 for screen in screens if screen.get("able"))
    text = Text()
    text.append(f"{site.get('code', '')} {site.get('name') or ''}", style="bold")
    text.append(f"   {now:%H:%M:%S} UTC   ")
    if link.live:
        text.append(f"o LIVE {link.age or 0:.1f} s", style="green")
    else:
        text.append("x NOT LIVE", style="bold black on yellow")
    words = "1 ALERT" if asking == 1 else f"{asking} ALERTS"
    text.append("   ").append(words, style="bold red" if asking else "")
    if screens:  # Not everybody who may watch is told of the screens.
        text.append(f"   screens able {able}/{len(screens)}")
    return text


def _connection(link: Link) -> Panel:
    if link.connected:
        words = f"CONNECTED, BUT SILENT for {link.age or 0:.0f} s."
    elif link.age is None:
        words = "NOT CONNECTED YET, trying."
    else:
        words = f"NOT CONNECTED for {link.age:.0f} s, trying. What is below is old."
    text = Text(words, style="bold black on yellow")
    if link.why:
        text.append(f" {link.why}")
    return Panel(text, border_style="yellow")


def _table(site: Json, alerts: list[Json], now: datetime) -> Table:
    table = Table(expand=True, header_style="dim")
    for name in ("where", "alert", "for", "state", "who", "next"):
        table.add_column(name, no_wrap=name in ("where", "alert", "for", "state"))
    known = {row.get("number"): row.get("name") for row in rows(site, "booths")}
    for alert in alerts:
        words, style = _WORDS.get(alert.get("state", ""), (str(alert.get("state")), ""))
        name = known.get(alert.get("booth"))
        raised = alert.get("raised_at")
        elapsed = (now - when(raised)) if raised else timedelta()
        table.add_row(
            Text(place(alert).upper() + (f" {name}" if name else ""), style="bold"),
            f"#{alert.get('number')}" + (f"  {alert['presses']}x" if _again(alert) else ""),
            minutes(elapsed.total_seconds()),
            Text(words, style=style),
            Text(_who(alert)),
            Text(next_step(alert, now)),
        )
    return table


def _again(alert: Json) -> bool:
    return (alert.get("presses") or 1) > 1


def _who(alert: Json) -> str:
    marks = [
        words
        for name, words in (
            ("drill", "DRILL"),
            ("nobody_reached", "NOBODY REACHED - CALL FOR HELP YOURSELF"),
            ("late", "LATE STEP"),
            ("unknown_device", "UNKNOWN DEVICE"),
        )
        if alert.get(name)
    ]
    return "  ".join(part for part in (coming(alert), *marks) if part)


def _faults(site: Json) -> list[Text]:
    lines: list[str] = []
    if site.get("phones") in ("off", "failing"):
        lines.append(f"PHONES {site['phones'].upper()}: texts and calls may not arrive")
    for screen in rows(site, "screens"):
        if not screen.get("able"):
            why = ", ".join(str(reason) for reason in items(screen.get("why"))) or "no proof"
            lines.append(f"{screen.get('name')} CANNOT ALARM: {why.replace('_', ' ')}")
    lines.extend(
        f"{button.get('name')} button SILENT since {button.get('last_seen_at')}"
        for button in rows(site, "buttons")
        if button.get("state") == "silent"
    )
    return [Text(f"! {words}", style="yellow") for words in lines]
