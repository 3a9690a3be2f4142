"""That what is private is found however it is written, and that a world which writes it fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.events import By
from alerts.orders import Entry
from dispatch.site_file import read_site
from dispatch.writer import Item
from tests.private import Private, PrivateWritten
from tests.process import open_place
from tests.world import World, demo_site, open_world

SAM = "+31612345601"
WAYS = ["+31612345601", "0612345601", "06 12345601", "0 6, 1 2, 3 4, 5 6, 0 1", "x31612345601y"]


@pytest.fixture(scope="module")
def secret() -> Private:
    """What is private of the demo site."""
    return Private.of([read_site(demo_site(), "site.toml").site])


@pytest.mark.parametrize(
    "text",
    [
        *WAYS,
        "+31205550001",
        "call back 020 123 4567",
        "Call back: 0 2 0, 1 2 3, 4 5, 6 7.",
        "Damrak",
        "green door in the alley on the left",
        '{"name": "Sam"}',
        "Kim wrote",
    ],
)
def test_it_is_found(secret: Private, text: str) -> None:
    assert secret.found_in(f"something {text} more") != []


@pytest.mark.parametrize("text", ["sam", "Sample", "call 112", "2026-11-24T13:03:27.123Z"])
def test_what_is_not_private_is_not_found(secret: Private, text: str) -> None:
    assert secret.found_in(text) == []


def test_names_may_stand_in_texts(secret: Private) -> None:
    """First names do by design; numbers and the address never."""
    assert secret.found_in("#47: Sam is on the way", named=True) == []
    assert secret.found_in(f"Sam, {SAM}", named=True) == ["612345601"]


def is_noted(world: World) -> None:
    entry = Entry("site_changed", By("timer"), {"to": SAM})
    world.carry_out(Item(lambda store: store.append("AMC4", None, [entry]), ("AMC4",)))


def is_refused(world: World) -> None:
    world.refusals.append(f"404 nobody has {SAM}")


def is_logged(world: World) -> None:
    world.lines.write('{"event": "Kim"}')


@pytest.mark.parametrize(
    ("happens", "place"),
    [
        (is_noted, "the events"),
        (is_refused, "the errors"),
        (is_logged, "the log of the process"),
    ],
)
async def test_a_world_that_has_written_it_fails_when_it_is_closed(
    tmp_path: Path, happens: Callable[[World], None], place: str
) -> None:
    with pytest.raises(PrivateWritten, match=place):
        async with open_world(tmp_path) as world:
            happens(world)


async def test_a_text_with_the_address_fails_it(tmp_path: Path) -> None:
    def change(text: str) -> str:
        return text.replace('en = "BOOTH"', 'en = "Damrak"')

    with pytest.raises(PrivateWritten, match="the texts"):
        async with open_world(tmp_path, change=change) as world:
            await world.press(3)


async def test_a_server_that_has_logged_it_fails_its_place(tmp_path: Path) -> None:
    async def logs_it() -> None:
        async with open_place(tmp_path, phones=False) as place:
            with place.server.log.open("a") as log:
                log.write(f"{SAM}\n")

    with pytest.raises(PrivateWritten, match=r"server\.log"):
        await logs_it()
