"""The pages: plain files from the folder of the web client, handed out compressed.

There is no build. Every file is read once, at the start. What only people read, such as comments
and indentation, is not sent, so that no budget is ever a reason not to write it. The folder is
given; nothing of the client's code is imported.
"""

import gzip
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from fastapi import APIRouter, Request
from rjsmin import jsmin  # pyright: ignore[reportUnknownVariableType]
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGES = {
    "/": "index.html",
    "/booth": "booth.html",
    "/wall": "wall.html",
    "/pair": "pair.html",
    "/drill": "drill.html",
    "/shift": "shift.html",
    "/devices": "devices.html",
    "/board": "board.html",
    "/alert/{number}": "alert.html",
    "/line": "line.html",
}
SCRIPTS_AT_ROOT = {"/sw.js": "sw.js"}
MEDIA = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
}
"""Files of these kinds are texts, and are kept compressed."""
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
UNREAD = re.compile(r"/\*.*?\*/|(?<=[:;,{}])[ \n]|;?\s*(?=})|\s+(?={)", re.DOTALL)
"""What browsers do not read of a stylesheet that is written as ours are."""
SHORTENED: dict[str, Callable[[str], str]] = {
    ".js": cast("Callable[[str], str]", jsmin),
    ".css": lambda text: UNREAD.sub("", INDENTATION.sub("", text)),
    ".html": lambda text: INDENTATION.sub("", text),
}
"""What people read of a file and browsers do not, such as comments and indentation, is not sent."""
VERSION = "%VERSION%"
"""Where this stands in a file, the version of all files together is sent."""


@dataclass(frozen=True, slots=True)
class File:
    """One text as it is sent: plain, compressed, and the mark by which a browser knows it again."""

    media: str
    plain: bytes
    packed: bytes
    mark: str

    def answer(self, headers: Headers) -> Response:
        """What a browser that sent these headers gets: 304 when it has this already."""
        packs = "gzip" in headers.get("accept-encoding", "")
        mark = f'"{self.mark}-{"gzip" if packs else "plain"}"'
        known = {"cache-control": "no-cache", "etag": mark, "vary": "Accept-Encoding"}
        if mark in re.split(r"\s*,\s*(?:W/)?|^W/", headers.get("if-none-match", "")):
            return Response(status_code=304, headers=known)
        if packs:
            known["content-encoding"] = "gzip"
        body = self.packed if packs else self.plain
        return Response(body, headers=known, media_type=f"{self.media}; charset=utf-8")


class Folder:
    """The web client's files."""

    def __init__(self, path: Path) -> None:
        """Reads them all. Raises FileNotFoundError when the pages are not there."""
        self.path = path.resolve(strict=True)
        texts = {
            file.relative_to(self.path).as_posix(): _sent(file)
            for file in sorted(self.path.rglob("*"))
            if file.suffix in MEDIA
        }
        self.version = hashlib.sha256(repr(texts).encode()).hexdigest()[:12]
        self._files = {
            name: _file(name, text.replace(VERSION, self.version)) for name, text in texts.items()
        }

    def file(self, name: str) -> File | None:
        """The text of this name, such as `languages/nl.js`."""
        return self._files.get(name)

    def text(self, name: str) -> str:
        """The same as text. Raises KeyError."""
        return self._files[name].plain.decode()


class Files(StaticFiles):
    """Everything the pages load: texts from memory, sounds and pictures from the disk."""

    def __init__(self, folder: Folder) -> None:
        super().__init__(directory=folder.path)
        self._folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Raises HTTPException 404 and 405."""
        file = self._folder.file(path) if scope["method"] in {"GET", "HEAD"} else None
        if file is not None:
            return file.answer(Headers(scope=scope))
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "no-cache"
        return answer


def build(folder: Folder) -> APIRouter:
    """The routes of pages that exist."""
    router = APIRouter(include_in_schema=False)
    for route, name in {**PAGES, **SCRIPTS_AT_ROOT}.items():
        file = folder.file(name)
        if file is not None:
            router.add_api_route(route, _page(file), methods=["GET", "HEAD"])
    return router


def _page(file: File) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return file.answer(request.headers)

    return page


def files(folder: Folder) -> StaticFiles:
    """Everything the pages load."""
    return Files(folder)


def _sent(file: Path) -> str:
    return _shortened(file.read_text(encoding="utf-8"), file.suffix)


@cache
def _shortened(text: str, suffix: str) -> str:
    return SHORTENED[suffix](text) if suffix in SHORTENED else text


@cache
def _file(name: str, text: str) -> File:
    media = MEDIA[Path(name).suffix]
    plain = text.encode()
    return File(
        media, plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:24]
    )
