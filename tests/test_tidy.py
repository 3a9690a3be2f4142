"""The style of the project as a test, so that nobody has to remember it or to argue about it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("alerts", "dispatch", "service", "clients", "tests", "bench")
WRITTEN = {".py", ".js", ".mjs", ".css", ".html"}
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
# A version of the schema is as long as the schema.
SCHEMA = ROOT / "dispatch" / "migrations" / "versions"
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
# The pure floor needs no more of the standard library than this.
PURE = {
    "alerts",
    "base64",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
}
SLEEPS = {"time.sleep", "asyncio.sleep"}
SKIPS = {
    "pytest.skip",
    "pytest.xfail",
    "pytest.mark.skip",
    "pytest.mark.skipif",
    "pytest.mark.xfail",
}
# The one skip there is: a person asks for it by name.
MAY_SKIP = {"tests/conftest.py"}


def written() -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in WRITTEN and "node_modules" not in path.parts
    ]


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """The name and syntax tree of every Python module in these folders, or in all."""
    for path in written():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and (not folders or name.split("/")[0] in folders):
            yield name, ast.parse(path.read_text(), name)


def dotted(node: ast.AST) -> str:
    """The name that an expression spells, `a.b.c`, or nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
        case _:
            return ""


def uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name a module imports or reaches, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names)
            case ast.ImportFrom(module=module, names=names):
                yield from ((node.lineno, f"{module}.{name.name}") for name in names)
            case ast.Attribute():
                yield node.lineno, dotted(node)
            case _:
                pass


def test_every_module_opens_with_what_it_is() -> None:
    assert [name for name, tree in modules() if not ast.get_docstring(tree)] == []


def test_no_file_is_too_long() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in written()
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MAX} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for name, tree in modules()
        if not (ROOT / name).is_relative_to(SCHEMA)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    }
    assert long == {}


def test_nothing_is_left_for_later() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for path in written()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if UNFINISHED.search(line)
    ] == []


def test_nothing_is_mocked() -> None:
    assert [
        f"{name}:{line}"
        for name, tree in modules()
        for line, used in uses(tree)
        if used.startswith(("unittest.mock", "pytest_mock"))
    ] == []


def test_no_test_sleeps() -> None:
    assert [
        f"{name}:{line}"
        for name, tree in modules("tests")
        for line, used in uses(tree)
        if used in SLEEPS
    ] == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    assert [
        f"{name}:{line} {used}"
        for name, tree in modules("tests")
        if name not in MAY_SKIP
        for line, used in uses(tree)
        if used in SKIPS
    ] == []


def test_annotations_are_read_where_they_stand() -> None:
    late = "__future__.annotations"
    assert [name for name, tree in modules() if late in {used for _, used in uses(tree)}] == []


def test_the_pure_floor_imports_nothing_that_acts() -> None:
    assert [
        f"{name}:{node.lineno} {imported}"
        for name, tree in modules("alerts")
        for node in ast.walk(tree)
        for imported in imports(node)
        if imported.split(".")[0] not in PURE
    ] == []


def imports(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
        case _:
            return []
