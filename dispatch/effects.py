"""What a batch of changes leads to once it is stored: who is told, what is sent, what is not.

Nothing of it may happen before the commit, and nothing of a change that was undone ever does.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """A line that was added to a log, without what it says."""

    site: str
    alert: str | None
    seq: int
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How much there was to tell and to send at some moment."""

    lines: int
    outgoing: int
    dropped: frozenset[tuple[str, int]]


@dataclass(slots=True)
class Effects:
    """What followers should know once this transaction is stored."""

    sites: set[str] = field(default_factory=set[str])
    lines: list[Told] = field(default_factory=list[Told])
    due: float = inf
    """When the earliest timer that was set is due, in seconds since 1970."""
    waiting: bool = False
    """Whether rows of the outbox wait to be claimed."""
    outgoing: list[Any] = field(default_factory=list[Any])
    dropped: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def add(self, more: "Effects") -> None:
        """These followed as well."""
        self.sites |= more.sites
        self.lines += more.lines
        self.due = min(self.due, more.due)
        self.waiting |= more.waiting
        self.outgoing += more.outgoing
        self.dropped |= more.dropped

    def mark(self) -> Mark:
        """Remember how much there is; for `undo`."""
        return Mark(len(self.lines), len(self.outgoing), frozenset(self.dropped))

    def undo(self, mark: Mark) -> None:
        """Forget what came after. A follower that is woken for nothing does no harm."""
        del self.lines[mark.lines :]
        del self.outgoing[mark.outgoing :]
        self.dropped = set(mark.dropped)
