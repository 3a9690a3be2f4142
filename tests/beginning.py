"""What every story begins with, made once a process: an empty database, and the PINs' hashes."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from service.opening import bring_up_to_date
from service.pin_hashes import hashed_pins


@cache
def first_hashes(*pins: tuple[str, str | None]) -> dict[str, str | None]:
    """Hashing takes long on purpose; every story begins with the same PINs."""
    return hashed_pins(dict(pins))


@cache
def empty_database() -> Path:
    """A database at this version with nothing in it: the schema's history is run once."""
    folder = Path(tempfile.mkdtemp(prefix="directline-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "empty.db"
    bring_up_to_date(f"sqlite:///{path}")
    return path
