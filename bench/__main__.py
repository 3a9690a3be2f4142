"""`make bench`: runs every measurement, or those named on the command line."""

import sys

from bench import presses
from bench.harness import disk

MEASUREMENTS = {"presses": presses.measure}


def main(names: list[str]) -> None:
    """Run them one after the other on one disk."""
    with disk() as where:
        print(f"on {where.words}")
        for name in names or MEASUREMENTS:
            print(f"\n# {name}")
            MEASUREMENTS[name](where)


if __name__ == "__main__":
    main(sys.argv[1:])
