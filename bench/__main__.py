"""`make bench`: runs every measurement, or those named on the command line."""

import sys

from bench import phones, presses, screens, timers
from bench.figures import Figure, table
from bench.harness import disk

MEASUREMENTS = {
    "presses": presses.measure,
    "screens": screens.measure,
    "phones": phones.measure,
    "timers": timers.measure,
}


def main(names: list[str]) -> None:
    """Run them one after the other on one disk, and end with a table of all figures."""
    figures: list[Figure] = []
    with disk() as where:
        print(f"on {where.words}")
        for name in names or MEASUREMENTS:
            print(f"\n# {name}", flush=True)
            found = MEASUREMENTS[name](where)
            print("\n".join(figure.row() for figure in found), flush=True)
            figures += found
    print(f"\n{table(figures)}")


if __name__ == "__main__":
    main(sys.argv[1:])
