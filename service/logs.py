"""The log of the process: one line an event on standard error, without anything that is secret.

Never a request line, a body, a number, a token, an address or a person's name: messages of
exceptions are left out, because they may hold any of these.
"""

import asyncio
import json
import logging
import sys
import traceback
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from dispatch.effects import Told

TELL_SECONDS = 0.02
_EXTRA = ("alert", "site", "seq", "port", "node", "problem", "task")


class _Lines(logging.Formatter):
    """Log records as JSON objects, or as short text for a terminal."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.msg,
        }
        told: Iterable[Told] | None = record.__dict__.get("told")
        if told is not None:
            return "\n".join(
                self._line(said | {"event": t.name, "alert": t.alert, "site": t.site, "seq": t.seq})
                for t in told
            )
        for name in _EXTRA:
            if name in record.__dict__:
                said[name] = record.__dict__[name]
        if record.exc_info and record.exc_info[0] is not None:
            said["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            said["where"] = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames]
        return self._line(said)

    def _line(self, said: dict[str, Any]) -> str:
        if self._as_json:
            return json.dumps(said)
        rest = " ".join(f"{name}={value}" for name, value in list(said.items())[3:])
        return f"{said['at'][11:19]} {said['level']:7} {said['event']} {rest}".rstrip()


class _Ours(logging.Filter):
    """Lets through what is ours; of others only that something is wrong, never their words."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("directline"):
            return True
        record.msg, record.args = f"{record.name.split('.')[0]}_{record.levelname.lower()}", ()
        return record.levelno >= logging.ERROR


def handler(kind: str, stream: TextIO) -> logging.Handler:
    """What writes the log to this stream as `json` or `text`."""
    made = logging.StreamHandler(stream)
    made.setFormatter(_Lines(as_json=kind == "json"))
    made.addFilter(_Ours())
    return made


def set_up(kind: str) -> None:
    """Send the log to standard error as `json` or `text`."""
    logging.basicConfig(level=logging.INFO, handlers=[handler(kind, sys.stderr)], force=True)


class Feed:
    """Says which lines the logs of sites have got; the database has the rest.

    A moment later, and many in one record: whoever waits for what was stored goes first.
    """

    def __init__(self) -> None:
        """Nothing to tell yet."""
        self._lines: list[Told] = []

    def tell(self, lines: Sequence[Told]) -> None:
        """Say these soon, or at once where no loop runs that could do it later."""
        begins = bool(lines) and not self._lines
        self._lines += lines
        if not begins:
            return
        try:
            asyncio.get_running_loop().call_later(TELL_SECONDS, self.flush)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Say now what was not said yet."""
        lines, self._lines = self._lines, []
        if lines:
            logging.getLogger("directline.feed").info("told", extra={"told": lines})
