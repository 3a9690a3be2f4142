"""TCP in between: passes bytes on until a test wants a line cut, deaf, or led somewhere else."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from tests.process import HOST, free_port

CHUNK_BYTES = 65536


class Wire:
    """Listens on `port` and leads each connection to the first of `targets` that takes it.

    With several targets it is a load balancer: they take turns. `cut_at` cuts the next
    connection on which the far side says these bytes, before anybody reads them; `deaf` lets
    every connection stand and passes nothing on.
    """

    def __init__(self, *targets: int) -> None:
        """Nothing listens yet. `targets` are ports of this machine."""
        self.port = free_port()
        self.targets: Sequence[int] = targets
        self.cut_at: bytes | None = None
        self.cuts = 0
        self._hears = asyncio.Event()
        self._hears.set()
        self._turn = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._leading: set[asyncio.Task[None]] = set()

    def deafen(self) -> None:
        """Pass nothing on; both sides believe that the other is only slow."""
        self._hears.clear()

    def hear(self) -> None:
        """Pass on again, and what was held back."""
        self._hears.set()

    def cut(self) -> None:
        """Cut every connection now."""
        for writer in self._open:
            writer.transport.abort()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lead one connection until either side ends it."""
        task = asyncio.current_task()
        assert task is not None
        self._leading.add(task)
        self._open.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await self._far()
            self._open.add(far)
            ways = {
                asyncio.create_task(self._pass(reader, far, back=False)),
                asyncio.create_task(self._pass(far_reader, writer, back=True)),
            }
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            pass
        finally:
            self._leading.discard(task)
            for end in (writer, far):
                if end is not None:
                    self._open.discard(end)
                    end.close()

    async def _far(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._turn += 1
        for place in range(len(self.targets)):
            port = self.targets[(self._turn + place) % len(self.targets)]
            with suppress(OSError):
                return await asyncio.open_connection(HOST, port)
        raise ConnectionRefusedError

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                await self._hears.wait()
                if back and self.cut_at is not None and self.cut_at in chunk:
                    self.cut_at = None
                    self.cuts += 1
                    return
                writer.write(chunk)
                await writer.drain()

    async def end(self) -> None:
        """Cut what is open and wait for its end."""
        self._hears.set()
        self.cut()
        await asyncio.gather(*self._leading, return_exceptions=True)


@asynccontextmanager
async def between(*targets: int) -> AsyncGenerator[Wire]:
    """A wire to these ports, for as long as the block lasts."""
    wire = Wire(*targets)
    async with await asyncio.start_server(wire.lead, HOST, wire.port):
        try:
            yield wire
        finally:
            await wire.end()
