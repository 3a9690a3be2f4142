"""What a responder's link shows: the same facts as a page, which needs no script, and as JSON.

No number of a person, no address, and nothing of what was done for somebody. The words stand in
`responder.json` of the pages, one set a language; the page carries its own set for its script.
"""

import html
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse

from alerts.alert import Alert, State
from alerts.roster import coordinators, people_on_duty
from alerts.site import Person, Site
from alerts.words import choose_language
from service.pages import Folder

Facts = dict[str, Any]


def facts_of(alert: Alert, site: Site, person: Person, now: datetime, line: str) -> Facts:
    """All that this person may know of this alert. `line` is the state of the alert's line."""
    place = site.place_word.get(choose_language(person.language, site.language), "BOOTH")
    booth = next((one for one in site.booths if one.number == alert.booth), None)
    duty = people_on_duty(site.people, now.astimezone(ZoneInfo(site.timezone)))
    return {
        "number": alert.number,
        "where": f"{place} {alert.booth:02d}" if alert.booth is not None else site.name,
        "place": booth.place if booth else None,
        "state": str(alert.state),
        "me": _me(alert, person),
        "left": any(one.person == person.id and one.answer == "cannot_go" for one in alert.answers),
        "elapsed_s": int((now - alert.raised_at).total_seconds()),
        "coming": [
            one.name
            for one in alert.answers
            if one.person != person.id and one.answer != "cannot_go" and alert.open
        ],
        "coordinators": [
            one.name for one in coordinators(site.people, duty) if one.id != person.id
        ],
        "drill": alert.drill,
        "line": "drill" if alert.drill else line,
        "emergency": site.emergency_number,
        "version": alert.version,
    }


def unknown(me: str) -> Facts:
    """Facts of a link of which nothing is known: `asked` without a network, or `gone`."""
    return {
        "number": None,
        "where": "Directline",
        "place": None,
        "state": "no_news" if me == "asked" else me,
        "me": me,
        "left": False,
        "elapsed_s": None,
        "coming": [],
        "coordinators": [],
        "drill": False,
        "line": "off",
        "emergency": "",
        "version": 0,
    }


def page(folder: Folder, facts: Facts, language: str, status: int = 200) -> HTMLResponse:
    """The page that shows these facts."""
    words: dict[str, str] = json.loads(folder.text("responder.json"))[language]
    values = {
        **{name: facts[name] or "" for name in ("where", "place", "state", "me", "line")},
        "language": language,
        "action_id": secrets.token_urlsafe(12),
        "title": f"#{facts['number']} {facts['where']}" if facts["number"] else facts["where"],
        "elapsed": _elapsed(facts["elapsed_s"]),
        "status": words[_status(facts)],
        "others": _names(words["also"], facts["coming"]),
        "coordinators": _names(words["coordinator"], facts["coordinators"]),
        "is_drill": str(facts["drill"]).lower(),
        "emergency": facts["emergency"],
        "do_call": words["call"].replace("{number}", facts["emergency"]),
        "say_no_line": _no_line(words, facts),
        "facts": json.dumps(facts),
        "words": json.dumps(words, ensure_ascii=False),
        **{name: text for name, text in words.items() if name.startswith("do_")},
        **{
            f"say_{name}": words[name]
            for name in ("closed_long", "gone_long", "by_text", "line_long")
        },
        "say_drill": words["drill_long"],
    }
    safe = {name: html.escape(str(value)) for name, value in values.items()}
    return HTMLResponse(Template(folder.text("responder.html")).substitute(safe), status)


def _me(alert: Alert, person: Person) -> str:
    """closed, there, coming or asked: which buttons make sense."""
    if alert.state is State.CLOSED:
        return "closed"
    if person.id in alert.there:
        return "there"
    return "coming" if any(one.person == person.id for one in alert.coming) else "asked"


def _status(facts: Mapping[str, Any]) -> str:
    """The word that the page begins with; the page's script knows the same."""
    if facts["me"] in {"coming", "there"}:
        return f"you_{facts['me']}"
    return str(facts["state"])


def _no_line(words: Mapping[str, str], facts: Facts) -> str:
    """What to do where no line can be opened; the page's script knows the same."""
    said = words["no_line_drill" if facts["drill"] else "no_line"]
    return said.replace("{number}", facts["emergency"]) if facts["emergency"] else ""


def _elapsed(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02d}"


def _names(words: str, names: list[str]) -> str:
    return words.replace("{names}", ", ".join(names)) if names else ""
