"""Errors as `application/problem+json`: every refusal has a name, a status and a clear sentence.

What was sent is never told back, but for the names of fields.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

MEDIA = "application/problem+json"
log = logging.getLogger("directline.service")

NAMES: Mapping[str, tuple[int, str]] = {
    "unauthenticated": (401, "Nobody we know"),
    "not_allowed": (403, "Not allowed"),
    "pin_needed": (403, "A PIN is needed"),
    "wrong_pin": (403, "Wrong PIN"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Not possible here"),
    "closed": (409, "The alert is closed"),
    "not_at_booth": (409, "Only somebody at the booth can say so"),
    "line_open": (409, "The direct line is open"),
    "no_agreement": (409, "The direct line is not switched on"),
    "drill": (409, "Not in a drill, or only in one"),
    "booth_busy": (409, "Another alert is asking at this booth"),
    "booth_taken": (409, "The booth has a button already"),
    "id_reused": (409, "This id was used for something else"),
    "gone": (410, "This link has ended"),
    "too_large": (413, "Too large"),
    "invalid": (422, "Not understood"),
    "pin_wait": (429, "Too many wrong PINs"),
    "too_many": (429, "Too many tries"),
    "failed": (500, "We failed"),
    "not_stored": (503, "Not stored"),
}


class Problem(Exception):
    """A refusal; `name` is one of NAMES."""

    def __init__(
        self,
        name: str,
        detail: str = "",
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`errors` are pairs of a place, such as `body.booth`, and why; `more` are members of
        this problem's own (RFC 9457, 3.2)."""
        super().__init__(name)
        self.name = name
        self.detail = detail or NAMES[name][1]
        self.errors = errors
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return NAMES[self.name][0]


def answer(problem: Problem) -> Response:
    """The problem as a response; the log gets its name and nothing else."""
    log.info("refused", extra={"problem": problem.name})
    status, title = NAMES[problem.name]
    body: dict[str, Any] = {
        "type": f"urn:directline:{problem.name}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        **problem.more,
    }
    if problem.errors:
        body["errors"] = [{"at": at, "why": why} for at, why in problem.errors]
    # ASCII, so that a lone surrogate in a name that is told back can not break the answer.
    return Response(json.dumps(body), status, problem.headers, MEDIA)


async def on_problem(_request: Request, problem: Exception) -> Response:
    """For FastAPI: a Problem that was raised."""
    assert isinstance(problem, Problem)
    return answer(problem)


async def on_invalid(_request: Request, error: Exception) -> Response:
    """For FastAPI: a body, path or query that is not of the shape."""
    assert isinstance(error, RequestValidationError)
    errors = [
        (".".join(str(part)[:64] for part in one["loc"]), str(one["msg"])[:200])
        for one in error.errors()[:20]
    ]
    return answer(Problem("invalid", errors=errors))


async def on_http(_request: Request, error: Exception) -> Response:
    """For FastAPI: no such route, method, or a body that is too large."""
    assert isinstance(error, HTTPException)
    names = {
        401: "unauthenticated",
        403: "not_allowed",
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
    }
    name = names.get(error.status_code, "invalid")
    return answer(Problem(name, headers=error.headers))


async def on_failure(_request: Request, _error: Exception) -> Response:
    """For FastAPI: a fault of ours; whoever serves us logs where it is."""
    return answer(Problem("failed"))


async def on_away(_request: Request, _error: Exception) -> Response:
    """For FastAPI: the database is away; the same request later may work."""
    return answer(Problem("not_stored", headers={"Retry-After": "1"}))


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "why"],
                "properties": {"at": {"type": "string"}, "why": {"type": "string"}},
            },
        },
        "booth": {"type": "integer", "description": "booth_taken: the booth"},
        "buttons": {
            "type": "array",
            "description": "booth_taken: device_id, name and last_seen_at of each",
            "items": {"type": "object"},
        },
    },
}


def documented(*names: str) -> dict[int | str, dict[str, Any]]:
    """These problems, for an operation's `responses` in the OpenAPI document."""
    documented: dict[int | str, dict[str, Any]] = {}
    for name in names:
        status, title = NAMES[name]
        known = documented.get(status)
        text = f"{known['description']}; {title}" if known else title
        documented[status] = {"description": text, "content": {MEDIA: {"schema": SCHEMA}}}
    return documented
