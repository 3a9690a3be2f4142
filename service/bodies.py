"""How much of a request is read: a body that is too large is refused, never held in memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Problem, answer

BODY_BYTES_MOST = 65536
TOO_LARGE = 413


class BodyLimit:
    """Wraps the routes."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard this application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose body is not too large, as far as it is known or read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _said_length(scope) > BODY_BYTES_MOST:
            await answer(Problem("too_large"))(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > BODY_BYTES_MOST:
                # The one kind of exception that every reader of a body lets through.
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _said_length(scope: Scope) -> int:
    """What the request says of its length; one that says nothing sensible is counted."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and len(value) < 19:
            return int(value)
    return 0
