"""The demo as a process: it ends what it has started, however it ends."""

import asyncio
import re
import signal
import time
from pathlib import Path

import pytest

from tests.pressing import until
from tests.process import HOST, Program, running

END_SECONDS = 5.0
"""Promise 23: SIGTERM to exit, at most."""


async def test_ctrl_c_ends_the_demo_and_its_phones(tmp_path: Path) -> None:
    words = ("-m", "service", "demo", "--port", "0", "--phones-port", "0", "--data", str(tmp_path))
    demo = Program(tmp_path, "demo", words, {})
    async with running(demo):
        await until(lambda: len(demo.said) == 6)
        said = dict(line.split(" ", 1) for line in demo.said[1:5])
        assert (Path(said["keys"]).stat().st_mode & 0o777) == 0o600
        phones = int(said["phones"].rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection(HOST, phones)
        writer.close()
        began = time.monotonic()
        assert await demo.terminate(signal.SIGINT) == 0
        assert time.monotonic() - began < END_SECONDS + 3
        with pytest.raises(OSError, match=re.escape(str(phones))):
            await asyncio.open_connection(HOST, phones)
    assert "Traceback" not in demo.words()


async def test_the_phones_of_a_demo_that_was_killed_end_as_well(tmp_path: Path) -> None:
    words = ("-m", "service", "demo", "--port", "0", "--phones-port", "0", "--data", str(tmp_path))
    demo = Program(tmp_path, "demo", words, {})
    async with running(demo):
        await until(lambda: len(demo.said) == 6)
        phones = int(demo.said[3].rsplit(":", 1)[1])
        await demo.kill()

        async def gone() -> bool:
            try:
                _, writer = await asyncio.open_connection(HOST, phones)
            except OSError:
                return True
            writer.close()
            return False

        await until(gone, what="the end of the phones")
