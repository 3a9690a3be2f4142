"""Prometheus metrics (`wire.md`). No label names a site or a person."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
ANSWER_SECONDS = (2, 5, 10, 15, 30, 60, 90, 120, 300, 600)


class Metrics:
    """Every metric of one service, in a registry of its own."""

    def __init__(self) -> None:
        """All at zero."""
        # When a counter was made is a series of its own that nobody asked for.
        disable_created_metrics()
        self.registry = registry = CollectorRegistry()
        self.presses = Counter(
            "directline_presses", "Presses by result", ["result"], registry=registry
        )
        self.press_store = Histogram(
            "directline_press_store_seconds",
            "From a press to its commit",
            buckets=SECONDS,
            registry=registry,
        )
        self.open_alerts = Gauge(
            "directline_open_alerts", "Open alerts by state", ["state"], registry=registry
        )
        self.step_late = Histogram(
            "directline_step_late_seconds",
            "How late timers fired",
            buckets=SECONDS,
            registry=registry,
        )
        self.steps_late = Counter(
            "directline_steps_late", "Timers that fired more than a second late", registry=registry
        )
        self.sends = Counter(
            "directline_sends",
            "Attempts by channel and result",
            ["channel", "result"],
            registry=registry,
        )
        self.duplicates = Counter(
            "directline_sends_duplicate", "Sends made again after a lost answer", registry=registry
        )
        self.answer = Histogram(
            "directline_answer_seconds",
            "From the press to the first answer",
            buckets=ANSWER_SECONDS,
            registry=registry,
        )
        self.screens = Gauge(
            "directline_screens", "Connected screens on this node", ["able"], registry=registry
        )
        self.evicted = Counter(
            "directline_live_evicted", "Sockets closed for being too slow", registry=registry
        )
        self.batch = Histogram(
            "directline_writer_batch_items",
            "Changes in a commit",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 512),
            registry=registry,
        )
        self.commit = Histogram(
            "directline_commit_seconds", "Time a commit took", buckets=SECONDS, registry=registry
        )

        for result in ("stored", "repeated", "not_stored"):
            self.presses.labels(result)

    def fired(self, late: float) -> None:
        """A timer fired so many seconds late."""
        self.step_late.observe(late)
        if late > 1:
            self.steps_late.inc()

    def sent(self, channel: str, result: str) -> None:
        """An attempt had this result; `repeated` counts one more send after a lost answer."""
        if result == "repeated":
            self.duplicates.inc()
        else:
            self.sends.labels(channel, result).inc()

    def committed(self, seconds: float, items: int) -> None:
        """A batch was stored."""
        self.commit.observe(seconds)
        self.batch.observe(items)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
