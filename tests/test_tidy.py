"""The style of this code as a test: what a machine can see of it, a machine watches."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("alerts", "dispatch", "service", "clients")
FOLDERS = (*SHIPPED, "tests", "bench")

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

PURE = {
    *("collections", "copy", "dataclasses", "datetime", "enum", "functools", "itertools", "math"),
    *("operator", "re", "types", "typing", "unicodedata", "zoneinfo"),
    "alerts",
}
"""All that the pure floor may import. Nothing here knows a clock, a file or a network."""

SLEEPS = {"time.sleep", "asyncio.sleep", "sleep"}

HISTORY = "dispatch/migrations/versions"
"""The versions of the schema are as long as the schema, and alembic finds them by itself."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(*endings: str) -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in endings and "__pycache__" not in path.parts
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), path)


def place(path: Path, line: int = 1) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Each module a file may load, with its line; `from a import b` names `a` and `a.b`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module, node.lineno
            for name in node.names:
                yield f"{node.module}.{name.name}", node.lineno


def sleeps(path: Path) -> Iterator[tuple[str, int]]:
    """Each sleep with its line. `asyncio.sleep(0)` only lets others go first: it takes no time."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call) or ast.unparse(node) == "asyncio.sleep(0)":
            continue
        if ast.unparse(node.func) in SLEEPS:
            yield ast.unparse(node), node.lineno


def mocks(path: Path) -> Iterator[tuple[str, int]]:
    return ((name, line) for name, line in imports(path) if name.startswith("unittest.mock"))


def test_every_module_says_what_it_is() -> None:
    silent = [place(path) for path in files(".py") if not ast.get_docstring(tree(path))]
    assert silent == []


def test_the_pure_floor_imports_only_what_is_pure() -> None:
    impure = [
        f"{place(path, line)} {name}"
        for path in files(".py")
        if path.relative_to(ROOT).parts[0] == "alerts"
        for name, line in imports(path)
        if name.split(".")[0] not in PURE
    ]
    assert impure == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = [
        f"{place(path)} has {lines} lines"
        for path in files(".py", ".js", ".mjs", ".css", ".html")
        if HISTORY not in path.as_posix()
        and (lines := len(path.read_text().splitlines())) > FILE_LINES_MAX
    ]
    assert long == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name}"
        for path in files(".py")
        if HISTORY not in path.as_posix()
        for node in ast.walk(tree(path))
        if isinstance(node, Function)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    here = Path(__file__)
    left = [
        place(path, number)
        for path in files(".py", ".js", ".mjs", ".css", ".html", ".toml")
        if path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if later.search(line)
    ]
    assert left == []


def test_annotations_are_not_put_off() -> None:
    """SQLModel and FastAPI read annotations while the program runs."""
    put_off = [
        place(path, line)
        for path in files(".py")
        for name, line in imports(path)
        if name == "__future__.annotations"
    ]
    assert put_off == []


def test_tests_write_fakes_and_never_sleep() -> None:
    wrong = [
        f"{place(path, line)} {name}"
        for path in unshipped()
        for name, line in (*mocks(path), *sleeps(path))
    ]
    assert wrong == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """One switch leaves tests out, a person's DIRECTLINE_NO_BROWSER=1, and it is in conftest."""
    words = re.compile(r"\b(skip|skipif|xfail|importorskip)\b")
    avoided = [
        f"{place(path, node.lineno)} {name}"
        for path in unshipped()
        if path.name != "conftest.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and words.search(name := node.attr)
        and ast.unparse(node.value).startswith("pytest")
    ]
    assert avoided == []


def test_every_module_is_used() -> None:
    """A module that nothing imports is dead, unless a command, alembic or a reader starts it."""
    modules = {module_name(path): path for path in files(".py") if in_shipped(path)}
    used = {name for path in modules.values() for name, _ in imports(path)}
    dead = [
        place(path)
        for name, path in modules.items()
        if name not in used
        and path.name not in {"__init__.py", "__main__.py"}
        and not {"migrations", "examples"} & set(path.parts)
    ]
    assert dead == []


def test_every_page_file_is_used() -> None:
    """A file of the pages that no other names is dead; `make pictures` makes all pictures anew."""
    web = ROOT / "clients" / "web"
    texts = {
        path: path.read_text()
        for path in files(".py", ".js", ".css", ".html", ".webmanifest", ".json")
        if in_shipped(path)
    }
    dead = [
        place(path)
        for path in sorted(web.rglob("*"))
        if path.is_file()
        and path.parent.parent.name != "pictures"
        and not any(names(text, path) for other, text in texts.items() if other != path)
    ]
    assert dead == []


def unshipped() -> list[Path]:
    return [path for path in files(".py") if not in_shipped(path)]


def in_shipped(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in SHIPPED


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def names(text: str, path: Path) -> bool:
    """Whether a text names a file: by its ending, as the end of an address, or as a language."""
    page = path.suffix == ".html" and re.search(rf"""["'/]{path.stem}["'?]""", text)
    language = path.parent.name == "languages" and f"\n  {path.stem}: '" in text
    return path.name in text or bool(page) or language
