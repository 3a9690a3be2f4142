"""The files of the pages as they are sent: compressed once, known again, and without comments."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from service.pages import CODE, UNSENT, Folder
from tests.chromium import node_program
from tests.contract import guarded
from tests.world import World

WEB = Path("clients/web")
CODES = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.suffix in CODE)
FOLDER = Folder(WEB)


async def test_a_browser_gets_it_compressed_and_asks_only_whether_it_is_new(world: World) -> None:
    for path in ("/booth", "/wall", "/sw.js", "/web/booth.js", "/web/languages/ar.js"):
        packed = await world.to_us.get(path, headers={"Accept-Encoding": "gzip, br"})
        plain = await world.to_us.get(path, headers={"Accept-Encoding": "identity"})
        for answer in (packed, plain):
            assert answer.status_code == 200
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["cache-control"] == "no-cache"
            guarded(answer)
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text
        assert packed.headers["etag"] != plain.headers["etag"]
        for mark in (packed.headers["etag"], f'"other", W/{packed.headers["etag"]}'):
            known = {"Accept-Encoding": "gzip", "If-None-Match": mark}
            again = await world.to_us.get(path, headers=known)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == packed.headers["etag"]


async def test_pictures_come_from_the_disk_and_what_is_not_there_is_told(world: World) -> None:
    icon = await world.to_us.get("/web/icon-192.png")
    assert icon.headers["content-type"] == "image/png"
    assert icon.headers["cache-control"] == "no-cache"
    for path in ("/web/nothing.js", "/web/languages", "/web/%2e%2e/__main__.py", "/web/"):
        answer = await world.to_us.get(path)
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"


def test_the_worker_knows_the_version_of_all_files(tmp_path: Path) -> None:
    """One byte anywhere makes a new worker, and with it a new cache."""
    assert f"'{FOLDER.version}'" in FOLDER.text("sw.js")
    for path in WEB.glob("*.js"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = Folder(tmp_path)
    (tmp_path / "siren.js").write_text("// quieter\n")
    assert Folder(tmp_path).text("sw.js") != before.text("sw.js")


@pytest.mark.parametrize("name", CODES)
def test_only_comments_and_indentation_are_left_out(name: str) -> None:
    """Every line keeps its number, and what is left out of a line stands outside of any text."""
    source = (WEB / name).read_text("utf-8")
    sent = FOLDER.text(name).splitlines()
    assert len(sent) == len(source.splitlines())
    for left_out in UNSENT.finditer(source):
        words = left_out[0].strip()
        assert words == "" or re.match(r"/\*|//", words)
        if "\n" not in words and not words.startswith("/**"):
            line = source[source.rfind("\n", 0, left_out.start()) + 1 : left_out.start()]
            assert all(line.count(quote) % 2 == 0 for quote in "'\"`"), line


@pytest.mark.parametrize("name", [name for name in CODES if name.endswith(".js")])
def test_what_is_sent_is_still_a_script(name: str, tmp_path: Path) -> None:
    script = tmp_path / "sent.mjs"
    file = FOLDER.file(name)
    assert file
    script.write_bytes(gzip.decompress(file.packed))
    ended = subprocess.run(
        [node_program(), "--check", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
