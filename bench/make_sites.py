"""Fills a database with sites of 8 booths and five people, for a measurement; prints their tokens."""

import json
import sys
from pathlib import Path

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
    return text.replace("+31201230000", f"+3120{1_230_000 + index:07d}")


def main(count: int) -> list[dict[str, str]]:
    """Load so many sites in one go and pair three devices at each."""
    database = Database(read_settings().database_url)
    migrations.bring_up_to_date(database)
    connection = database.open()
    writer = InlineWriter(connection, SystemClock(), lambda _effects: None)
    made: list[dict[str, str]] = []

    def load_all(store: Store) -> None:
        for index in range(count):
            loaded = read_site(site_text(index), "bench.toml")
            setup.load_site(loaded, {}).carry_out(store)
            code = loaded.site.code
            made.append(
                {"site": code}
                | {kind: setup.add_device(code, kind, None, kind).carry_out(store).token
                   for kind in ("bridge", "screen", "tablet")}
            )

    writer.now(Item(load_all))
    connection.close()
    return made


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
