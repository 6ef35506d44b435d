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
    ("cli", "pytest_plugin"),
    ("testing",),
    ("reports",),
    ("tools",),
    ("targets",),
    ("gateway", "everest"),
    ("engine",),
    ("steps",),
    ("plugin",),
    ("charger", "csms"),
    ("authorization", "tariffs"),
    ("scenario",),
    ("ocppj",),
    ("transfers",),
    ("web",),
    ("clock",),
    ("loopback",),
    ("redaction",),
    ("certificates",),
    ("vocabulary",),
)
FLOOR = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}
#: The engine's rooms, from top to bottom.
ENGINE = ("running", "judging", "planning", "explaining", "matching", "recording", "interpreter")
#: Reports read records; they know nothing of how the records came about.
REPORTS_MAY_USE = frozenset({"reports", "plugin", "scenario", "clock", "vocabulary"})
WALL_CLOCK = {
    "time": {"time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "sleep", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


@functools.cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """The imports of a module, and what it asks a clock or `random` for.

    The rest of its tree is let go: a million nodes would be looked through with the garbage of every test that follows.
    """
    return tuple(filter(_tells, ast.walk(ast.parse(path.read_text("utf-8")))))


def _tells(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Attribute(ast.Name(name)):
            return name == "random" or name in WALL_CLOCK
    return False


def room_of(path: Path) -> str:
    """The room that a module belongs to; empty for the package's own ``__init__``."""
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if part == "__init__" else part


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, room) of every import of ours in a module, those inside functions included."""
    for node in nodes_of(path):
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


def test_imports_go_downwards() -> None:
    """A lower room never knows a higher one, and siblings do not know each other."""
    assert [told for path in MODULES for told in _upwards(path)] == []


def test_imports_go_downwards_in_the_engine() -> None:
    """What runs a case knows how it was planned and how it is judged; nobody knows who runs it."""
    engine = PACKAGE / "engine"
    rooms = {path.parent.name for path in engine.glob("*/__init__.py")}
    assert rooms == set(ENGINE)
    upwards = []
    for path in sorted(engine.rglob("*.py")):
        room = path.relative_to(engine).parts[0]
        above = ENGINE[: ENGINE.index(room)] if room in ENGINE else ()
        used = [node.module or "" for node in nodes_of(path) if isinstance(node, ast.ImportFrom)]
        upwards += [f"{path} imports {one}" for one in used for other in above if f".engine.{other}" in one]
    assert upwards == []


def _upwards(path: Path) -> Iterator[str]:
    room = room_of(path)
    for line, used in imports(path) if room else ():
        if used not in FLOOR:
            yield f"{path}:{line}: there is no room {used}"
        elif used == "api":
            yield f"{path}:{line}: the api is for plugins; import from where it stands"
        elif used != room and FLOOR[used] <= FLOOR[room]:
            yield f"{path}:{line}: {room} imports {used}"
        elif room == "reports" and used not in REPORTS_MAY_USE:
            yield f"{path}:{line}: reports import {used}"


def test_nobody_reads_the_wall_clock() -> None:
    """Time comes from ocpplab_runner.clock; so a run can be virtual, and its records the same every time."""
    assert [told for path in MODULES if name_of(path) != "clock.py" for told in _clocks(path)] == []


def _clocks(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in WALL_CLOCK.get(node.value.id, ()):
                yield f"{path}:{node.lineno}: {node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"{path}:{node.lineno}: from time import …"


def test_nobody_draws_from_the_global_random() -> None:
    """Randomness is passed in; module-level functions of random would make two runs differ."""
    assert [told for path in MODULES for told in _draws(path)] == []


def _draws(path: Path) -> Iterator[str]:
    nodes = nodes_of(path)
    if any(isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names) for node in nodes):
        for node in nodes:
            match node:
                case ast.Attribute(ast.Name("random"), attribute) if attribute != "Random":
                    yield f"{path}:{node.lineno}: random.{attribute}"


@pytest.mark.parametrize("room", ["charger", "csms"])
def test_the_tests_of_a_room_are_cut_as_the_room_is(room: str) -> None:
    """Each folder of its tests is a block of its, or the core that all blocks stand on."""
    blocks = {path.stem for path in (PACKAGE / room / "blocks").iterdir()}
    folders = {path.parent.name for path in (Path(__file__).parent / room).glob("*/test_*.py")}
    assert folders - blocks <= {"core"}
