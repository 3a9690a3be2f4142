"""What every route needs, built once by `service.app` and handed to each router."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dispatch.clock import Clock
from dispatch.desk import Desk
from dispatch.inbound import Inbound
from dispatch.reader import Reader
from dispatch.twilio import Signatures
from dispatch.writer import InlineWriter, Writer
from service.callers import Callers
from service.metrics import Metrics
from service.settings import Settings
from service.views import Views


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of a running service."""

    settings: Settings
    node: str
    clock: Clock
    desk: Desk
    inbound: Inbound
    writer: Writer | InlineWriter
    reader: Reader
    callers: Callers
    views: Views
    metrics: Metrics
    signatures: Signatures | None
    public_url: str
    public_path: str
    phones_state: Callable[[], str]
    ready: Callable[[], dict[str, Any]]
