"""The phone network as a process: one port on this machine, real time, a clean end.

It is what `directline phones` runs. It listens on loopback only.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import httpx2
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clients.clock import SystemClock
from clients.phones.app import build_app
from clients.phones.doors import TRANSPORT
from clients.phones.network import Network

HOST = "127.0.0.1"
# Only for a network that nobody has named; a server must be given the same two.
ACCOUNT = "AC00000000000000000000000000000001"
AUTH = "simulated-phone-network"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
CONNECTIONS_MAX = 100
CLOSE_SECONDS = 1


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the app, so that a fault can cut it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[typeddict-item]


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to `serve`, so that they end in exit 0."""

    def __init__(self, config: uvicorn.Config, network: Network, ready: str) -> None:
        super().__init__(config)
        self._network = network
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            sys.stdout.write(self._ready + "\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._network.stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(network: Network, listening: socket.socket, *, until_eof: bool = False) -> None:
    """Serve the network on the socket until SIGTERM or Ctrl-C. Raises what a part of it raised.

    `until_eof`: also until standard input ends, as it does with whoever holds its other side.
    """
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        build_app(network),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        timeout_keep_alive=75,
    )
    server = _Server(config, network, f"phones ready on http://{HOST}:{port}")

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    if until_eof:
        threading.Thread(target=_wait_for_eof, args=(loop, stop), daemon=True).start()
    moving = asyncio.create_task(network.run())
    moving.add_done_callback(lambda _: stop())
    try:
        await server.serve(sockets=[listening])
    finally:
        moving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await moving


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """In a thread of its own: pipes can not be awaited everywhere."""
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    with contextlib.suppress(RuntimeError):  # The loop has ended by itself.
        loop.call_soon_threadsafe(stop)


def main(
    port: int = 0,
    account: str = ACCOUNT,
    auth: str = AUTH,
    sms_url: str | None = None,
    voice_url: str | None = None,
    seed: int = 0,
    truth: Path | None = None,
    *,
    until_eof: bool = False,
) -> int:
    """Run the simulator and return its exit code: 0 after SIGTERM or Ctrl-C, 2 for a bad port.

    `port` 0 picks a free one; `truth` is a file that the truth log is added to, a line at a time;
    with `until_eof` the end of standard input ends it, too.
    """
    # The protocol is named: without it asyncio leaves answers to wait for their acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"phones: cannot listen on {HOST}:{port}: {error}\n")
        return 2
    # The faster event loop, where it is installed; uvicorn chooses as it does for itself.
    factory = uvicorn.Config(build_app, loop="auto").get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_run(listening, account, auth, sms_url, voice_url, seed, truth, until_eof))
    return 0


async def _run(
    listening: socket.socket,
    account: str,
    auth: str,
    sms_url: str | None,
    voice_url: str | None,
    seed: int,
    truth: Path | None,
    until_eof: bool,
) -> None:
    timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=None)
    limits = httpx2.Limits(
        max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX
    )
    async with httpx2.AsyncClient(timeout=timeout, limits=limits, trust_env=False) as http:
        network = Network(SystemClock(), http, account, auth, sms_url, voice_url, seed, truth)
        await serve(network, listening, until_eof=until_eof)
