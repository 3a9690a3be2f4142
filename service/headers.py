"""Security headers on every answer, errors included, and no more than one layer of it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'"
)
HEADERS = [
    (b"content-security-policy", CONTENT.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), screen-wake-lock=(self)"),
]
NO_STORE = (b"cache-control", b"no-store")
SECURE = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """`https`: the outside reaches us over TLS, so tell browsers to keep to it."""
        self._app = app
        self._headers = [*HEADERS, SECURE] if https else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding the headers to the start of every HTTP answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", []))
                # The files of the pages say themselves that they may be kept; nothing else may.
                kept = [] if any(name == b"cache-control" for name, _ in said) else [NO_STORE]
                message["headers"] = [*said, *self._headers, *kept]
            await send(message)

        await self._app(scope, receive, with_headers)
