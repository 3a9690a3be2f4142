"""What the network remembers of texts, calls, rooms and handsets. It holds no behaviour.

Times are those of the schedule: `*_at` a time of day, `*_mono` seconds of its monotonic scale.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clients.phones.twiml import AfterDial, Conference, Gather, Verb

LIVE_CALLS = frozenset({"queued", "ringing", "in-progress"})


@dataclass(slots=True)
class Text:
    """One text, in either direction. `arrived_at` is when it stood on the handset's screen."""

    n: int
    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    callback: str | None = None
    validity: float = 36000.0
    error: int | None = None
    fault_code: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The habit of answering a text: what is sent back, and after how many seconds."""

    text: str
    after: float


@dataclass(frozen=True, slots=True)
class PickUp:
    """The habit of answering a call: seconds of ringing, keys pressed, seconds until hung up.

    A `w` among the keys waits half a second, a `W` a whole one.
    """

    after: float
    keys: str
    hang_up_after: float | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a voicemail says, after how many seconds of ringing, and how long it stays.

    `after` None means as usual. Text may be empty: it answers, and says nothing.
    """

    text: str
    after: float | None
    stays: float


@dataclass(frozen=True, slots=True)
class Label:
    """Whose phone it is, in words, and of which kind: person, line_phone or control_room."""

    name: str
    kind: str = "person"


@dataclass(slots=True)
class Handset:
    """One phone and how the person with it behaves. `changed` is the version it last changed."""

    number: str
    off: bool = False
    voicemail: bool = False
    busy: bool = False
    stopped: bool = False
    reply: Reply | None = None
    pick_up: PickUp | None = None
    greeting: Greeting | None = None
    unreachable_after: float | None = None
    changed: int = 0
    active_at: datetime | None = None
    texts: list[Text] = field(default_factory=list["Text"])
    calls: list["Call"] = field(default_factory=list["Call"])
    current: "Call | None" = None
    replying_to: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Gathering:
    """A Gather that is going on: what is left to say first, and the keys so far.

    `waiting` is true once all is said, or the first key has cut it short.
    """

    verb: Gather
    prompts: deque[Verb]
    digits: str = ""
    waiting: bool = False


@dataclass(slots=True)
class Call:
    """One call, from its order to its end. `turn` grows whenever what it was doing is cut off.

    `said` is what we said to it, `spoken` what was said at its phone, `heard` what it heard in a
    room, and `met` the numbers that were in a room with it, in the order in which it met them.
    """

    n: int
    sid: str
    from_: str
    to: str
    direction: str
    handset: str
    status: str
    created_at: datetime
    updated_at: datetime
    url: str = ""
    method: str = "POST"
    fallback: str | None = None
    twiml: str | None = None
    callback: str | None = None
    events: frozenset[str] = frozenset()
    timeout: float = 60.0
    parent: "Call | None" = None
    child: "Call | None" = None
    fault_code: int | None = None
    sequence: int = 0
    dialled_at: datetime | None = None
    rang_mono: float | None = None
    rang_seconds: float | None = None
    answered_at: datetime | None = None
    answered_mono: float | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    duration: int = 0
    # What it is doing now.
    turn: int = 0
    base: str = ""
    script: deque[Verb] = field(default_factory=deque[Any])
    gather: Gathering | None = None
    after_dial: AfterDial | None = None
    said: list[str] = field(default_factory=list[str])
    heard: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    spoken: list[str] = field(default_factory=list[str])
    met: list[str] = field(default_factory=list[str])
    speaking: bool = False
    keys: str = ""
    pending_keys: str = ""
    pausing: bool = False
    room: "Room | None" = None

    @property
    def live(self) -> bool:
        """Whether it has not ended yet."""
        return self.status in LIVE_CALLS


@dataclass(slots=True)
class Member:
    """One call in a room."""

    call: Call
    order: Conference
    joined_at: datetime
    muted: bool
    hold: bool = False


@dataclass(slots=True)
class Room:
    """A conference. A private one joins the two ends of a dialled number and is not listed."""

    sid: str
    name: str
    created_at: datetime
    updated_at: datetime
    private: bool = False
    status: str = "init"
    callback: str | None = None
    events: frozenset[str] = frozenset()
    sequence: int = 0
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    ended_by: str | None = None
    reason: str | None = None
