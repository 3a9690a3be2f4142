"""Fills a database with sites of 8 booths and five people; prints the tokens of their devices."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatch import migrations, setup
from dispatch.clock import SystemClock
from dispatch.database import Database
from dispatch.site_file import read_site
from dispatch.store import Store
from dispatch.writer import InlineWriter, Item
from service.settings import read_settings

DEMO = Path(__file__).parent.parent / "service" / "demo_site.toml"


def site_text(index: int) -> str:
    """The demo site under another code, with numbers of its own."""
    text = DEMO.read_text("utf-8").replace('"AMC4"', f'"S{index:05d}"')
    for old in ("97010200001", "97010200002", "97010200003"):
        text = text.replace(old, f"97{102 + int(old[-1])}{index:06d}")
    text = text.replace("+31201234568", f"+3120{3_230_000 + index:07d}")
    return text.replace("+31201230000", f"+3120{1_230_000 + index:07d}")


def _pairer(store: Store, site: str) -> Callable[[str, str], str]:
    """Pairs devices of one site: kind and name to token."""
    return lambda kind, name: setup.add_device(site, kind, None, name).carry_out(store).token


def main(count: int, screens: int) -> list[dict[str, Any]]:
    """Load so many sites in one go and pair a bridge, a tablet and so many screens at each."""
    database = Database(read_settings().database_url)
    migrations.bring_up_to_date(database)
    connection = database.open()
    writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
    made: list[dict[str, Any]] = []

    def load_all(store: Store) -> None:
        for index in range(count):
            loaded = read_site(site_text(index), "bench.toml")
            setup.load_site(loaded, {}).carry_out(store)
            tokens = _pairer(store, loaded.site.code)
            made.append(
                {
                    "bridge": tokens("bridge", "bridge"),
                    "tablet": tokens("tablet", "tablet"),
                    "screens": [tokens("screen", f"TV-{n}") for n in range(screens)],
                }
            )

    writer.now(Item(load_all))
    connection.close()
    return made


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
