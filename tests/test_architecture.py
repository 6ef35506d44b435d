"""The house: rooms import only what lies below them, and nobody reads the wall clock."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ocpplab_runner"
NAME = PACKAGE.name

#: From top to bottom. A room may import the rooms below its own line, and itself; rooms on one line never each other.
ROOMS = (
    ("__main__",),
    ("api",),
    ("cli", "pytest_plugin", "testing"),
    ("reports",),
    ("targets",),
    ("gateway",),
    ("engine",),
    ("steps",),
    ("plugin",),
    ("charger", "csms"),
    ("authorization",),
    ("scenario",),
    ("ocppj",),
    ("clock",),
    ("loopback",),
    ("redaction",),
    ("vocabulary",),
)
FLOOR = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}
#: Reports read records; they know nothing of how the records came about.
REPORTS_MAY_USE = frozenset({"reports", "plugin", "scenario", "clock", "vocabulary"})
WALL_CLOCK = {
    "time": {"time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "sleep", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text("utf-8"))


def room_of(path: Path) -> str:
    """The room that a module belongs to; empty for the package's own ``__init__``."""
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if part == "__init__" else part


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) of every import of ours in a module, those inside functions included."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            names = [node.module or ""]
            if node.module == NAME:
                names = [f"{NAME}.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
        else:
            continue
        for name in names:
            if name.startswith(f"{NAME}."):
                yield node.lineno, name.split(".")[1]


def name_of(path: Path) -> str:
    """For the test's id."""
    return str(path.relative_to(PACKAGE))


def test_every_room_has_its_floor() -> None:
    """A new room is entered into the table, above what it uses and below what uses it."""
    rooms = {room_of(path) for path in MODULES} - {""}
    assert rooms <= set(FLOOR)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_downwards(path: Path) -> None:
    """A lower room never knows a higher one, and siblings do not know each other."""
    room = room_of(path)
    if not room:
        return
    for line, used in imports(path):
        assert used in FLOOR, f"{path}:{line}: there is no room {used}"
        assert used != "api", f"{path}:{line}: the api is for plugins; import from where it stands"
        assert used == room or FLOOR[used] > FLOOR[room], f"{path}:{line}: {room} imports {used}"
        if room == "reports":
            assert used in REPORTS_MAY_USE, f"{path}:{line}: reports import {used}"


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "clock.py"], ids=name_of)
def test_nobody_reads_the_wall_clock(path: Path) -> None:
    """Time comes from ocpplab_runner.clock; so a run can be virtual, and its records the same every time."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            forbidden = WALL_CLOCK.get(node.value.id, set())
            assert node.attr not in forbidden, f"{path}:{node.lineno}: {node.value.id}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            raise AssertionError(f"{path}:{node.lineno}: from time import …")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_draws_from_the_global_random(path: Path) -> None:
    """Randomness is passed in; module-level functions of random would make two runs differ."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "random":
            assert node.attr == "Random" or not _imports_random(path), f"{path}:{node.lineno}: random.{node.attr}"


def _imports_random(path: Path) -> bool:
    tree = tree_of(path)
    return any(
        isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names) for node in ast.walk(tree)
    )
