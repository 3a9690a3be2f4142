"""The HTTP doors of a phone network as one ASGI app: REST API, `/sim` and the page of handsets.

It holds no state of its own, and does not move the network: whoever made it calls `run` or `step`.
"""

from importlib.resources import files

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from clients.phones.doors import Door, Refused, answer_error
from clients.phones.network import Network
from clients.phones.rest import Rest
from clients.phones.rest_rooms import RestRooms
from clients.phones.sim import Sim

SCRIPT = "text/javascript; charset=utf-8"
PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/phones.css": ("phones.css", "text/css; charset=utf-8"),
    "/phones.js": ("phones.js", SCRIPT),
    "/phone.js": ("phone.js", SCRIPT),
    "/desk.js": ("desk.js", SCRIPT),
    "/rooms.js": ("rooms.js", SCRIPT),
    "/parts.js": ("parts.js", SCRIPT),
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def build_app(network: Network) -> ASGIApp:
    """The app of this network, for uvicorn or for `httpx2.ASGITransport`."""
    door = Door(network)
    routes = [
        *Rest(network, door).routes(),
        *RestRooms(network, door).routes(),
        *Sim(network).routes(),
        *(_page(path, name, kind) for path, (name, kind) in PAGE.items()),
    ]
    router = Router(routes, default=_not_found, redirect_slashes=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await router(scope, receive, send)
        except ClientDisconnect:
            # The caller went away before its request was whole: nothing was accepted.
            return

    return app


def _page(path: str, name: str, kind: str) -> Route:
    content = files("clients.phones").joinpath("static", name).read_bytes()

    async def page(request: Request) -> Response:
        del request
        return Response(content, media_type=kind, headers=HEADERS)

    return Route(path, page, methods=["GET"])


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    refused = Refused(404, 20404, f"The requested resource {scope['path']} was not found")
    await answer_error(refused)(scope, receive, send)
