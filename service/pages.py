"""The pages: plain files from the folder of the web client, handed out with strict headers.

The folder is given; nothing of the client's code is imported.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

PAGES = {
    "/": "index.html",
    "/booth": "booth.html",
    "/wall": "wall.html",
    "/pair": "pair.html",
    "/drill": "drill.html",
    "/alert/{number}": "alert.html",
}
SCRIPTS_AT_ROOT = {"/sw.js": "sw.js"}


class Folder:
    """The web client's files."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError when the pages are not there."""
        self.path = path.resolve(strict=True)

    def text(self, name: str) -> str:
        """A file's text; read each time, for it is small and the disk's cache is quick."""
        return (self.path / name).read_text(encoding="utf-8")


def build(folder: Folder) -> APIRouter:
    """The routes of pages that exist."""
    router = APIRouter(include_in_schema=False)
    for route, name in {**PAGES, **SCRIPTS_AT_ROOT}.items():
        if (folder.path / name).is_file():
            router.add_api_route(route, _page(folder.path / name), methods=["GET", "HEAD"])
    return router


def _page(path: Path) -> Callable[[], Awaitable[Response]]:
    async def page() -> Response:
        return FileResponse(path)

    return page


def files(folder: Folder) -> StaticFiles:
    """Everything the pages load."""
    return StaticFiles(directory=folder.path)
