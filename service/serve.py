"""Running a service: the socket, the server, the followers and an orderly end.

One TaskGroup holds everything; a task that ends unasked ends the process (exit 70), because a
supervisor that starts us anew is better than a service that is half there.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator

import uvicorn
import uvloop

from dispatch.writer import Writer
from service import app, health, logs
from service.settings import Settings
from service.sockets import Protocol

STOPPED, ENDED_UNASKED = 0, 70
SEND_BUFFER_BYTES = 131_072
START_LOOK_SECONDS = 0.005
STOP_SECONDS = 4.5
"""From being told to stop to the end, at most; promise 23 says five."""
SWITCH_SECONDS = 0.0005
"""A shorter turn for each thread: the writer hands commits back to the loop sooner."""
log = logging.getLogger("directline.service")


class PortTaken(Exception):
    """We cannot listen there."""


class Server(uvicorn.Server):
    """uvicorn, but signals are ours: it would raise them again and spoil the exit code."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol named, asyncio would not switch off Nagle: 40 ms on every answer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it: a screen that does not read may not fill megabytes of the kernel.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from error
    bound.setblocking(False)
    return bound


def run(settings: Settings, bound: socket.socket, ready: Callable[[], Awaitable[None]]) -> int:
    """Serve until told to stop; the exit code. `ready` is awaited once requests are answered."""
    logs.set_up(settings.log)
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, bound, ready))


async def _serve(
    settings: Settings, bound: socket.socket, ready: Callable[[], Awaitable[None]]
) -> int:
    port = bound.getsockname()[1]
    service = app.Service(settings, port)
    log.info("started", extra={"port": port, "node": service.node})
    server = Server(
        uvicorn.Config(
            app.outermost(service),
            loop="none",
            http="httptools",
            ws=Protocol,
            ws_per_message_deflate=False,
            ws_ping_interval=5,
            ws_ping_timeout=5,
            ws_max_size=65536,
            timeout_graceful_shutdown=3,
            access_log=False,
            log_config=None,
            log_level="error",
            lifespan="off",
            server_header=False,
            backlog=4096,
        )
    )
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, told.set)
    watch = health.StallWatch(service.scans, service.clock, service.held_up)
    code = ENDED_UNASKED
    try:
        async with asyncio.TaskGroup() as tasks:
            if isinstance(service.writer, Writer):
                service.writer.start()
                tasks.create_task(_endless("writer", service.writer.run, service))
            for name, follower in service.followers().items():
                tasks.create_task(_endless(name, follower, service))
            if settings.watchdog_url:
                tasks.create_task(health.ping(settings.watchdog_url, service.scans))
            service.listener.start()
            serving = tasks.create_task(server.serve(sockets=[bound]))
            watch.start()
            await _until_started(server, serving)
            # What was made at the start lives for ever; the collector need not look at it again.
            gc.freeze()
            await ready()
            log.info("ready", extra={"port": port, "node": service.node})
            await told.wait()
            await _stop(service, server, serving, watch)
            _leave()
    except* _Stopped:
        log.info("stopped")
        code = STOPPED
    except* _EndedUnasked:
        code = ENDED_UNASKED
    return code


class _Stopped(Exception):
    """Told to stop and has."""


def _leave() -> None:
    """End the task group, which has endless tasks in it."""
    raise _Stopped


class _EndedUnasked(Exception):
    """A part of the service ended that never should."""


async def _endless(name: str, task: Callable[[], Awaitable[None]], service: app.Service) -> None:
    problem: Exception | None = None
    try:
        await task()
    except Exception as error:  # noqa: BLE001 - whatever ended it, the process ends with it
        problem = error
    if service.stopping:
        return
    log.critical("task_ended", exc_info=problem, extra={"task": name})
    raise _EndedUnasked(name) from problem


async def _until_started(server: Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():
        await asyncio.wait({serving}, timeout=START_LOOK_SECONDS)


async def _stop(
    service: app.Service, server: Server, serving: asyncio.Task[None], watch: health.StallWatch
) -> None:
    """Answer what was asked, tell the screens to move, and store what waits; in time."""
    log.info("stopping")
    watch.stop()
    service.hurry()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await service.hub.stop()
            server.should_exit = True
            await asyncio.wait({serving})
            await service.stop()
    except TimeoutError:
        log.warning("stopped_in_a_hurry")
