"""A bar for what may take more than two seconds: on a terminal alone, and gone when it is done."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def shown(what: str, total: int) -> Generator[Callable[[int], None]]:
    """Show how far `what` is on standard error; tell what this gives how many are done."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
