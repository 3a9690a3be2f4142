"""The document of the live feed, `GET /asyncapi.json`, in AsyncAPI 3: what is sent and read.

It is made of the tables that the code itself is held to, so that it cannot drift from them.
"""

from typing import Any

from fastapi import APIRouter

from service.event_names import EVENTS
from service.live import PROTOCOL, TEXT_BYTES_MOST

Json = dict[str, Any]
NUMBER: Json = {"type": "integer", "minimum": 0}
TIME: Json = {"type": "string", "format": "date-time"}
OBJECT: Json = {"type": "object"}
NONE: Json = {"type": "null"}


def document(public_url: str) -> Json:
    """The whole document, for a service that the outside reaches at this address."""
    scheme, _, rest = public_url.partition("://")
    host, _, path = rest.partition("/")
    messages = {name: _message(name, *said) for name, said in _MESSAGES.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Directline live feed",
            "version": "1",
            "description": "Every event of a site once, in order, without a gap. Contract v1.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "live": {
                "host": host,
                "protocol": "wss" if scheme == "https" else "ws",
                **({"pathname": f"/{path}"} if path else {}),
                "security": [{"$ref": "#/components/securitySchemes/bearer"}],
            }
        },
        "channels": {
            "live": {
                "address": "/v1/live",
                "description": f"Subprotocol {PROTOCOL}; ?after=SEQ&epoch=EPOCH resumes.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {
                    "ws": {
                        "query": {
                            "type": "object",
                            "properties": {
                                "after": NUMBER,
                                "epoch": {"type": "string"},
                                "as": {"type": "string"},
                            },
                        }
                    }
                },
            }
        },
        "operations": {
            "told": _operation("send", [name for name in messages if name != "proof"]),
            "proves": _operation("receive", ["proof"]),
        },
        "components": {
            "messages": messages,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def build(public_url: str) -> APIRouter:
    """The route of the document."""
    router = APIRouter(include_in_schema=False)
    said = document(public_url)

    @router.get("/asyncapi.json")
    async def asyncapi() -> Json:
        return said

    return router


def _operation(action: str, names: list[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
    }


def _message(name: str, summary: str, fields: Json, optional: tuple[str, ...]) -> Json:
    payload: Json = {
        "type": "object",
        "required": ["type", *(one for one in fields if one not in optional)],
        "properties": {"type": {"const": name}, **fields},
        "additionalProperties": name == "proof",
    }
    return {"name": name, "summary": summary, "payload": payload}


def _event() -> Json:
    """An event: its name, and the data that events of this name have where one may see it."""
    return {
        "type": "object",
        "required": ["seq", "at", "alert", "name", "by", "data"],
        "properties": {
            "seq": NUMBER,
            "at": TIME,
            "alert": {"type": ["string", "null"]},
            "name": {"enum": list(EVENTS)},
            "by": {
                "type": "object",
                "required": ["kind", "id"],
                "properties": {
                    "kind": {"enum": ["device", "person", "phone", "timer", "network", "operator"]},
                    "id": {"type": ["string", "null"]},
                },
            },
            "data": OBJECT,
        },
        "allOf": [
            {
                "if": {"properties": {"name": {"const": name}}},
                "then": {"properties": {"data": _data(fields.split())}},
            }
            for name, fields in EVENTS.items()
        ],
    }


def _data(fields: list[str]) -> Json:
    """These fields, or none for those who may not see them; an act may say when it was (`at`)."""
    names = [*(field.rstrip("?") for field in fields), "at"]
    return {
        "type": "object",
        "properties": {name: {} for name in names},
        "additionalProperties": False,
    }


_MESSAGES: dict[str, tuple[str, Json, tuple[str, ...]]] = {
    "snapshot": (
        "All that is to be known to begin; a board of several sites is given them all as `sites`.",
        {
            "epoch": {"type": "string"},
            "seq": NUMBER,
            "server_time": TIME,
            "site": OBJECT,
            "alerts": {"type": "array", "items": OBJECT},
            "sites": {"type": "array", "items": OBJECT},
        },
        ("sites",),
    ),
    "resumed": (
        "Nothing is lost: the missed events follow; `seq` is the head, `phones` as in the site.",
        {
            "epoch": {"type": "string"},
            "seq": NUMBER,
            "server_time": TIME,
            "phones": {"enum": ["ok", "off", "failing"]},
        },
        (),
    ),
    "event": (
        "One event, and the alert as it is after it; `prev` is the number sent before it.",
        {
            "seq": NUMBER,
            "prev": NUMBER,
            "event": _event(),
            "alert": {"anyOf": [OBJECT, NONE]},
        },
        (),
    ),
    "beat": (
        "The server is there: every 4 s.",
        {"seq": NUMBER, "server_time": TIME},
        (),
    ),
    "proof": (
        f"A screen proves that it can alarm: every 4 s, at most {TEXT_BYTES_MOST} bytes.",
        {
            "seq": NUMBER,
            "armed": {"type": "boolean"},
            "sound": {"enum": ["running", "suspended", "frozen", "none"]},
            "visible": {"type": "boolean"},
            "awake": {"type": "boolean"},
            "volume_ok": {"type": "boolean"},
            "sounding": {"type": "array", "items": {"type": "string"}},
            "silenced_until": {"anyOf": [TIME, NONE]},
            "silenced_by": {"type": ["string", "null"]},
            "clock": TIME,
        },
        ("clock",),
    ),
}
