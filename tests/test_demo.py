"""The demo as a process: it ends what it has started, goes on where it was left, and says plainly
what hinders it.
"""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.pressing import until
from tests.process import HOST, ROOT, Program, running

END_SECONDS = 5.0
"""Promise 23: SIGTERM to exit, at most."""
LINES = 7
"""Those of a start, and one more where alerts go on."""
Json = dict[str, Any]


def demo_in(folder: Path, *more: str) -> Program:
    """A demo on free ports that keeps its data in this folder."""
    words = ("-m", "service", "demo", "--port", "0", "--phones-port", "0", "--data", str(folder))
    return Program(folder, "demo", (*words, *more), {})


async def started(demo: Program, lines: int = LINES) -> dict[str, str]:
    """Wait until it has said so many lines; its addresses, and the last line as `last`."""
    await until(lambda: len(demo.said) == lines, what="what a demo says")
    said = demo.said[lines - LINES :] if lines == LINES else demo.said[-LINES - 1 :]
    return dict(line.split(" ", 1) for line in said[1:6]) | {
        "url": said[0].split(" on ")[1],
        "last": said[-1],
    }


async def test_ctrl_c_ends_the_demo_and_its_phones(tmp_path: Path) -> None:
    demo = demo_in(tmp_path)
    async with running(demo):
        said = await started(demo)
        assert (Path(said["keys"]).stat().st_mode & 0o777) == 0o600
        assert "Jo's is 8080" in said["last"]
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
    demo = demo_in(tmp_path)
    async with running(demo):
        phones = int((await started(demo))["phones"].rsplit(":", 1)[1])
        await demo.kill()

        async def gone() -> bool:
            try:
                _, writer = await asyncio.open_connection(HOST, phones)
            except OSError:
                return True
            writer.close()
            return False

        await until(gone, what="the end of the phones")


async def test_an_alert_goes_on_when_the_demo_is_started_again(tmp_path: Path) -> None:
    """Devices stay who they were: what was paired before is paired still, and nothing is double."""
    demo = demo_in(tmp_path, "--fast")
    async with running(demo), httpx2.AsyncClient(trust_env=False) as http:
        said = await started(demo)
        before: Json = json.loads(Path(said["keys"]).read_text("utf-8"))
        booth, tablet = before["tokens"]["booth"]["2"], before["tokens"]["tablet"]
        pressed = await http.post(
            f"{said['url']}/v1/presses",
            headers={"Authorization": f"Bearer {booth}"},
            json={"press_id": "a-press-before-ctrl-c"},
        )
        assert pressed.status_code == 201
        assert await demo.terminate(signal.SIGINT) == 0
        await demo.start()
        said = await started(demo, 2 * LINES + 1)
        assert said["last"] == "Open alerts from before, which go on now: 1"
        after: Json = json.loads(Path(said["keys"]).read_text("utf-8"))
        assert after["tokens"] == before["tokens"]

        async def asked() -> Json | None:
            found = (await http.get(f"{said['phones']}/sim/texts")).json()["texts"]
            return next((one for one in found if "BOOTH 02 - NO ONE" in one["body"]), None)

        assert await until(asked, what="the next step of the alert")
        bearer = {"Authorization": f"Bearer {tablet}"}
        site = (await http.get(f"{said['url']}/v1/site", headers=bearer)).json()
        assert len(site["buttons"]) == 9  # Eight booths and the bridge.
        paired = await http.post(f"{said['url']}/v1/pair", json={"code": after["codes"]["board"]})
        assert paired.json()["page"] == "/board"


async def test_the_demo_is_a_dutch_site_where_that_is_asked_for(tmp_path: Path) -> None:
    demo = demo_in(tmp_path, "--language", "nl")
    async with running(demo), httpx2.AsyncClient(trust_env=False) as http:
        said = await started(demo)
        keys: Json = json.loads(Path(said["keys"]).read_text("utf-8"))
        bearer = {"Authorization": f"Bearer {keys['tokens']['tablet']}"}
        site = (await http.get(f"{said['url']}/v1/site", headers=bearer)).json()
        assert site["language"] == "nl"


def refused(*words: str) -> tuple[int, str]:
    """How a demo ends that cannot start, and its one line."""
    ended = subprocess.run(
        [sys.executable, "-m", "service", "demo", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    return ended.returncode, line


def test_what_hinders_its_start_is_one_plain_line(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with socket.create_server((HOST, 0)) as other:
        taken = str(other.getsockname()[1])
        code, line = refused(*data, "--port", taken)
        assert (code, line) == (
            2,
            f"directline: --port: cannot listen on {HOST}:{taken}: Address already in use; choose"
            " another: directline demo --port 0, or make run ARGS='--port 0'",
        )
        code, line = refused(*data, "--port", "0", "--phones-port", taken)
        assert code == 3
        assert line.startswith(
            f"directline: --phones-port: phones: cannot listen on {HOST}:{taken}"
        )
        assert line.endswith("make run ARGS='--phones-port 0'")
    (tmp_path / "file").touch()
    code, line = refused("--port", "0", "--data", str(tmp_path / "file"))
    assert (code, line) == (
        2,
        f"directline: --data: cannot write in {tmp_path / 'file'}: File exists",
    )


async def test_a_second_demo_keeps_its_hands_off_the_first_ones_data(tmp_path: Path) -> None:
    demo = demo_in(tmp_path)
    async with running(demo):
        await started(demo)
        code, line = await asyncio.to_thread(refused, "--port", "0", "--data", str(tmp_path))
        assert code == 2
        assert line == (
            f"directline: --data: a demo already runs with what is in {tmp_path}:"
            " use it, or end it with Ctrl-C"
        )
