"""Every route of the service, with the errors they share: the application that is served."""

from pathlib import Path

from fastapi import FastAPI, WebSocket
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from dispatch.database import DatabaseAway
from service import (
    action_api,
    asyncapi,
    devices_api,
    drill_api,
    health,
    line_api,
    line_test_api,
    pages,
    pair_api,
    press_api,
    problems,
    read_api,
    responder_api,
    shift_api,
    twilio_api,
)
from service.bodies import BodyLimit
from service.live import Hub
from service.pins import Pins
from service.screens import Screens
from service.wiring import Wiring

WEB = Path(__file__).parent.parent / "clients" / "web"


def build_app(wiring: Wiring, hub: Hub, screens: Screens) -> FastAPI:
    """The routes, on a service whose parts are there."""
    app = FastAPI(
        title="Directline",
        version="1",
        # What nobody collects need not be looked for at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        docs_url=None,
        redoc_url=None,
        responses=problems.documented("method_not_allowed", "too_large", "not_stored"),
        redirect_slashes=False,
    )
    app.add_middleware(BodyLimit)
    app.add_exception_handler(problems.Problem, problems.on_problem)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(HTTPException, problems.on_http)
    app.add_exception_handler(DatabaseAway, problems.on_away)
    app.add_exception_handler(Exception, problems.on_failure)
    folder = pages.Folder(WEB)
    pins = Pins(wiring.reader, wiring.clock)
    routers = (
        press_api.build(wiring),
        action_api.build(wiring, pins),
        drill_api.build(wiring, pins),
        read_api.build(wiring),
        pair_api.build(wiring),
        health.build(wiring),
        responder_api.build(wiring, folder),
        pages.build(folder),
        twilio_api.build(wiring),
        line_api.build(wiring),
        line_test_api.build(wiring),
        shift_api.build(wiring, pins),
        devices_api.build(wiring, pins, screens),
        asyncapi.build(wiring.public_url),
    )
    for router in routers:
        app.include_router(router)

    @app.websocket("/v1/live")
    async def live(web: WebSocket) -> None:
        await hub.serve(web)

    app.mount("/web", pages.files(folder))
    return app
