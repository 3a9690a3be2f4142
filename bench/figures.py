"""What a measurement found, beside the bar it should hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `seen` holds the bar when it is at most `bar`, or `least` says at least."""

    name: str
    seen: float
    bar: float
    unit: str
    note: str = ""
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bar is held."""
        return self.seen >= self.bar if self.least else self.seen <= self.bar

    def row(self) -> str:
        """A row of the table in the README."""
        bound = "at least" if self.least else "at most"
        seen = f"{_short(self.seen)} {self.unit}{'' if self.holds else ' (missed)'}"
        note = f"; {self.note}" if self.note else ""
        return f"| {self.name} | {bound} {_short(self.bar)} {self.unit} | {seen}{note} |"


def table(figures: Sequence[Figure]) -> str:
    """All figures as a table."""
    return "\n".join(("| figure | bar | seen |", "|---|---|---|", *(f.row() for f in figures)))


def _short(value: float) -> str:
    """Three digits that say something."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def median(values: Sequence[float]) -> float:
    """The middle one."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
