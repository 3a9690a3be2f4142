"""`make bench`: runs every measurement, or those named on the command line."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import phones, presses, screens, timers
from bench.figures import Figure, table
from bench.harness import disk

MEASUREMENTS = {
    "presses": presses.measure,
    "screens": screens.measure,
    "phones": phones.measure,
    "timers": timers.measure,
}


def bar() -> Progress:
    """How many measurements are done, on a terminal.

    It is drawn between them alone: a thread that draws would be measured as well.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not sys.stderr.isatty(),
    )


def main(names: list[str]) -> None:
    """Run them one after the other on one disk, and end with a table of all figures."""
    figures: list[Figure] = []
    chosen = names or list(MEASUREMENTS)
    with disk() as where, bar() as shown:
        task = shown.add_task("", total=len(chosen))
        print(f"on {where.words}")
        for name in chosen:
            print(f"\n# {name}", flush=True)
            shown.update(task, description=f"measuring {name}", refresh=True)
            found = MEASUREMENTS[name](where)
            print("\n".join(figure.row() for figure in found), flush=True)
            figures += found
            shown.advance(task)
    print(f"\n{table(figures)}")


if __name__ == "__main__":
    main(sys.argv[1:])
