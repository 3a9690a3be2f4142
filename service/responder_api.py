"""The responder's link: one person, one alert. Looking never acts; only a posted form does.

It can end nothing, shows no address, and is gone twelve hours after the end.
"""

import html
import json
import secrets
from contextlib import suppress
from datetime import timedelta
from string import Template
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from alerts.alert import Alert, State
from alerts.events import By, What
from alerts.site import Person, Site
from alerts.words import choose_language
from dispatch import registry
from dispatch.database import Connection
from dispatch.desk import Action
from dispatch.store import read_alert
from service.pages import Folder
from service.problems import Problem
from service.storing import stored
from service.wire import alert_to_wire
from service.wiring import Wiring

GONE_HOURS = 12
ACTIONS = {
    name: What(name)
    for name in ("on_my_way", "cannot_go", "at_booth", "more_people", "safe", "open_line")
}


def build(wiring: Wiring, folder: Folder) -> APIRouter:
    """The routes of links."""
    router = APIRouter(prefix="/r", include_in_schema=False)

    @router.get("/{token}")
    async def look(token: str) -> Response:
        """The page of this link. It changes nothing, because phones open links by themselves."""
        alert, site, person = await _open(wiring, token)
        return _page(wiring, folder, token, alert, site, person)

    @router.post("/{token}")
    async def act(request: Request, token: str) -> Response:
        """One act of this person on this alert; the token is the capability."""
        alert, site, person = await _open(wiring, token)
        name, action_id = _act(await _body(request))
        action = Action(
            site=site.code,
            alert=alert.id,
            what=ACTIONS[name],
            person=person.id,
            by=By("person", person.id),
            via="link",
            action_id=action_id,
            body=f"{person.id} {name}",
        )
        after = await stored(wiring, wiring.desk.act(action))
        if "json" in request.headers.get("content-type", ""):
            return JSONResponse({"alert": _seen(after)})
        return RedirectResponse(f"/r/{token}", 303)

    return router


async def _open(wiring: Wiring, token: str) -> tuple[Alert, Site, Person]:
    """What the link opens. Raises Problem: not_found, gone."""

    def question(connection: Connection) -> tuple[Alert, str] | None:
        link = registry.link(connection, token)
        alert = read_alert(connection, link.site, link.alert) if link else None
        return (alert, link.person) if alert and link else None

    found = await wiring.reader.ask(question)
    if found is None:
        raise Problem("not_found")
    alert, person_id = found
    ended = alert.closed_at
    if ended is not None and wiring.clock.now() - ended >= timedelta(hours=GONE_HOURS):
        raise Problem("gone")
    site = await wiring.views.site_of(alert.site)
    person = site.person(person_id)
    if person is None:
        raise Problem("gone", "You are no longer in this site's file.")
    return alert, site, person


def _act(body: dict[str, Any]) -> tuple[str, str]:
    """The action and its id. Raises Problem: invalid."""
    name, action_id = body.get("action"), body.get("action_id")
    errors = [
        (f"body.{field[:64]}", "is not a field of this")
        for field in sorted(set(body) - {"action", "action_id"})[:20]
    ]
    if not isinstance(name, str) or name not in ACTIONS:
        errors.append(("body.action", f"must be one of {', '.join(ACTIONS)}"))
    if (
        not isinstance(action_id, str)
        or not 0 < len(action_id) <= 64
        or not action_id.isprintable()
    ):
        errors.append(("body.action_id", "must be a text of 1 to 64 characters"))
    if errors:
        raise Problem("invalid", errors=errors)
    return str(name), str(action_id)


async def _body(request: Request) -> dict[str, Any]:
    if "json" not in request.headers.get("content-type", ""):
        return dict(await request.form(max_files=0, max_fields=10))
    body: object = None
    with suppress(ValueError, RecursionError):
        body = json.loads(await request.body())
    if not isinstance(body, dict):
        raise Problem("invalid", errors=[("body", "must be a JSON object")])
    return cast(dict[str, Any], body)


def _seen(alert: Alert) -> dict[str, Any]:
    """The alert as a responder sees it: without what was done for the person."""
    shown = alert_to_wire(alert)
    return {name: value for name, value in shown.items() if name not in {"care", "jobs", "line"}}


_WORDS = {
    "en": {
        "unanswered": "NO ONE YET",
        "on_the_way": "ON THE WAY",
        "at_booth": "AT THE BOOTH",
        "recovering": "RECOVERING",
        "closed": "ENDED",
        "drill": "DRILL · ",
        "you_coming": "YOU ARE ON THE WAY",
        "you_there": "YOU ARE AT THE BOOTH",
        "also": "Also coming",
    },
    "nl": {
        "unanswered": "NOG NIEMAND",
        "on_the_way": "ONDERWEG",
        "at_booth": "BIJ DE PLEK",
        "recovering": "HERSTELT",
        "closed": "AFGELOPEN",
        "drill": "OEFENING · ",
        "you_coming": "JIJ BENT ONDERWEG",
        "you_there": "JIJ BENT BIJ DE PLEK",
        "also": "Ook onderweg",
    },
}


def _page(
    wiring: Wiring, folder: Folder, token: str, alert: Alert, site: Site, person: Person
) -> Response:
    language = choose_language(person.language, site.language)
    said = _WORDS[language]
    coming = any(one.person == person.id for one in alert.coming)
    there = person.id in alert.there
    mine = "there" if there else "coming" if coming else "asked"
    state = "closed" if alert.state is State.CLOSED else mine
    others = [
        one.name for one in alert.answers if one.person != person.id and one.answer != "cannot_go"
    ]
    place = site.place_word.get(language, "BOOTH")
    values = {
        "token": token,
        "language": language,
        "state": state,
        "action_id": secrets.token_urlsafe(12),
        "booth": f"{place} {alert.booth:02d}" if alert.booth is not None else site.name,
        "drill": said["drill"] if alert.drill else "",
        "is_drill": str(alert.drill).lower(),
        "number": str(alert.number),
        "alert_state": str(alert.state),
        "raised_at": alert_to_wire(alert)["raised_at"],
        "elapsed": _elapsed(wiring, alert),
        "status": said[f"you_{mine}"] if mine != "asked" and alert.open else said[str(alert.state)],
        "others": f"{said['also']}: {', '.join(others)}" if others else "",
        "emergency": site.emergency_number,
    }
    safe = {name: html.escape(str(value)) for name, value in values.items()}
    return HTMLResponse(Template(folder.text("responder.html")).safe_substitute(safe))


def _elapsed(wiring: Wiring, alert: Alert) -> str:
    seconds = int((wiring.clock.now() - alert.raised_at).total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"
