"""The files of the pages as they are sent: compressed once, known again, and without comments."""

import gzip
import json
import subprocess
from pathlib import Path

from service.pages import SHORTENED, VERSION, Folder
from tests.chromium import node_program
from tests.contract import guarded
from tests.world import World

WEB = Path("clients/web")
CODES = sorted(
    path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.suffix in SHORTENED
)
FOLDER = Folder(WEB)
SAME_STATEMENTS = """
const { parse } = require('internal/deps/acorn/acorn/dist/acorn');
const read = (text) => JSON.stringify(
  parse(text, { ecmaVersion: 'latest', sourceType: 'module' }),
  (key, value) => ['start', 'end', 'raw'].includes(key) ? undefined
    : typeof value === 'bigint' || value instanceof RegExp ? String(value) : value);
const pairs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(Object.entries(pairs)
  .filter(([, [whole, sent]]) => read(whole) !== read(sent)).map(([name]) => name)));
"""


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


def test_scripts_say_the_same_as_before_they_were_shortened() -> None:
    """Every statement of every script, as node itself reads them."""
    pairs = {
        name: [(WEB / name).read_text("utf-8"), unpacked(name)]
        for name in CODES
        if name.endswith(".js")
    }
    assert len(pairs) > 50
    ended = subprocess.run(
        [node_program(), "--no-warnings", "--expose-internals", "-e", SAME_STATEMENTS],
        input=json.dumps(pairs).replace(VERSION, FOLDER.version),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stdout) == []


def test_a_page_keeps_every_line_but_its_indentation() -> None:
    for name in CODES:
        if name.endswith(".html"):
            text = (WEB / name).read_text("utf-8").replace(VERSION, FOLDER.version)
            lines = text.splitlines()
            assert unpacked(name).splitlines() == [line.lstrip(" \t") for line in lines], name


def unpacked(name: str) -> str:
    """What a browser gets."""
    file = FOLDER.file(name)
    assert file
    return gzip.decompress(file.packed).decode()
