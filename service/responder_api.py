"""The responder's link: one person, one alert. Looking never acts; only a posted form does.

It can end nothing, shows no address, and is gone twelve hours after the end.
"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from alerts.alert import Alert
from alerts.events import By, What
from alerts.site import Person, Site
from alerts.words import choose_language
from dispatch import registry
from dispatch.database import Connection
from dispatch.desk import Action
from dispatch.store import read_alert
from service.line_wire import line_state
from service.pages import Folder
from service.problems import Problem
from service.responder_page import Facts, facts_of, page, unknown
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
    router = APIRouter(include_in_schema=False)

    async def facts_now(token: str) -> tuple[Facts, str]:
        alert, site, person = await _open(wiring, token)
        # The alert keeps the line it was pressed with, whatever the site file says by now.
        line = line_state(alert.plan.line, wiring.phones_state())
        facts = facts_of(alert, site, person, wiring.clock.now(), line)
        return facts, choose_language(person.language, site.language)

    @router.get("/responder")
    async def without_network(request: Request) -> Response:
        """The page as a phone keeps it, with nothing in it about anybody."""
        return page(folder, unknown("asked"), _spoken(request))

    @router.get("/r/{token}")
    async def look(request: Request, token: str) -> Response:
        """The page of this link. It changes nothing, because phones open links by themselves."""
        wanted = request.headers.get("accept", "")
        try:
            facts, language = await facts_now(token)
        except Problem as problem:
            if problem.status == 503 or "text/html" not in wanted:
                raise
            return page(folder, unknown("gone"), _spoken(request), problem.status)
        return JSONResponse(facts) if "json" in wanted else page(folder, facts, language)

    @router.post("/r/{token}")
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
            return JSONResponse({"alert": _seen(after), "page": (await facts_now(token))[0]})
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


def _spoken(request: Request) -> str:
    """The language of a browser of which we know nothing else."""
    return choose_language(request.headers.get("accept-language", "")[:2])
