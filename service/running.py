"""`directline serve`: settings to exit code, with one clear line when it cannot start."""

from collections.abc import Callable

from dispatch.database import DatabaseAway, DatabaseUnfit
from service import app
from service import serve as serving
from service.settings import Settings, WrongSetting, complain, read_settings

WRONG, AWAY = 2, 3


def serve() -> int:
    """Run the service with the settings of the environment; the exit code."""
    try:
        settings = read_settings()
    except WrongSetting as wrong:
        complain(wrong)
        return WRONG
    return run(
        settings, lambda port: print(f"directline ready on {_address(settings, port)}", flush=True)
    )


def run(settings: Settings, said: Callable[[int], None]) -> int:
    """Run a service with these settings; `said` tells the world where, once it answers."""
    try:
        app.prepare(settings)
        bound = serving.listen(settings.host, settings.port)
    except DatabaseUnfit as unfit:
        complain(f"DIRECTLINE_DATABASE_URL: {unfit}")
        return WRONG
    except DatabaseAway as away:
        complain(f"DIRECTLINE_DATABASE_URL: {away}")
        return AWAY
    except serving.PortTaken as taken:
        complain(f"DIRECTLINE_HOST, DIRECTLINE_PORT: {taken}")
        return WRONG
    port = bound.getsockname()[1]

    async def ready() -> None:
        said(port)

    try:
        return serving.run(settings, bound, ready)
    except DatabaseAway as away:
        complain(f"DIRECTLINE_DATABASE_URL: {away}")
        return AWAY


def _address(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}"
