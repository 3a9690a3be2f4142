"""How frames get to sockets: each is made once, and written at once to every socket it is for.

uvicorn's own way costs a task of each socket a turn and frames every text anew, so that the last
screen waits for the work of all. What a slow screen does not take waits at its own socket alone.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from starlette.types import Scope
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

WAITING_FRAMES_MOST = 256
WAITING_BYTES_MOST = 1_000_000
_OURS = "directline.protocol"


def framed(text: str) -> bytes:
    """The text as it goes over the wire of a socket that compresses nothing."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class Protocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol for `ws=`, with a way past its messages for frames that are made."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """As uvicorn makes one for each socket."""
        super().__init__(config, server_state, app_state, _loop)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0

    async def run_asgi(self) -> None:
        """Tell the application where its frames go."""
        self.scope.setdefault("extensions", {})[_OURS] = {_OURS: self}
        await super().run_asgi()

    def write_frames(self, frames: Sequence[bytes]) -> bool:
        """Write frames, or keep them until there is room; False when too much waits already."""
        if self.writable.is_set():
            self._write(frames)
            return True
        self._waiting += frames
        self._waiting_bytes += sum(map(len, frames))
        few = len(self._waiting) <= WAITING_FRAMES_MOST
        return few and self._waiting_bytes <= WAITING_BYTES_MOST

    def forget_frames(self) -> None:
        """What still waits is not written."""
        self._waiting.clear()
        self._waiting_bytes = 0

    def resume_writing(self) -> None:
        """There is room again."""
        super().resume_writing()
        while self._waiting and self.writable.is_set():
            frame = self._waiting.popleft()
            self._waiting_bytes -= len(frame)
            self._write([frame])

    def _write(self, frames: Sequence[bytes]) -> None:
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.writelines(frames)


def protocol_of(scope: Scope) -> Protocol:
    """The protocol under the socket of this scope."""
    return scope["extensions"][_OURS][_OURS]
