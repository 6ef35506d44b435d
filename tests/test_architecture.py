"""Who may import whom, as docs/architecture.md says, and what nobody may do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ocpplab_runner"
#: Rooms from top to bottom; those of one line do not know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli", "pytest_plugin"),
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
    ("vocabulary",),
)
DEPTH = {room: depth for depth, rooms in enumerate(LAYERS) for room in rooms}
#: reports consume records; they know neither targets nor the engine that makes the records.
REPORTS_MAY_USE = {"plugin", "scenario", "clock", "vocabulary"}
MODULES = sorted(PACKAGE.rglob("*.py"))
#: The one place that reads the wall clock.
CLOCK = PACKAGE / "clock.py"
_WALL_CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "monotonic_ns"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
_RANDOM = {"random", "randint", "choice", "choices", "shuffle", "sample", "uniform", "getrandbits", "randrange"}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def parametrized(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(PACKAGE)) for path in paths])


@parametrized([path for path in MODULES if path != PACKAGE / "__init__.py"])
def test_imports_go_downwards(path: Path) -> None:
    """A room knows the rooms below it, and itself."""
    room = room_of(path)
    assert room in DEPTH, f"docs/architecture.md has no room {room!r}"
    for line, name in imports(path):
        parts = name.split(".")
        if parts[0] != "ocpplab_runner" or len(parts) < 2 or parts[1] == "__version__":
            continue
        other = parts[1]
        allowed = other == room or DEPTH[other] > DEPTH[room]
        if room == "reports" and other != "reports":
            allowed = other in REPORTS_MAY_USE
        assert allowed, f"{path.relative_to(ROOT)}:{line}: {room} imports {other}"


@parametrized(MODULES)
def test_nobody_imports_what_is_not_for_them(path: Path) -> None:
    """No private parts of pytest, and pytest itself only where it is the subject."""
    for line, name in imports(path):
        top = name.split(".")[0]
        assert top != "_pytest", f"{path}:{line}"
        assert top != "pytest" or room_of(path) == "pytest_plugin", f"{path}:{line}"


@parametrized([path for path in MODULES if path != CLOCK])
def test_nobody_reads_the_wall_clock(path: Path) -> None:
    """Time comes from ocpplab_runner.clock and asyncio's timers."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = (node.value.id, node.attr)
            assert used not in _WALL_CLOCK, f"{path}:{node.lineno}: {'.'.join(used)}"


@parametrized(MODULES)
def test_randomness_is_passed_in(path: Path) -> None:
    """The module-level functions of random would not follow the seed."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "random":
            is_call_on_module = node.attr in _RANDOM and "import random\n" in path.read_text("utf-8")
            assert not is_call_on_module, f"{path}:{node.lineno}: random.{node.attr}"


def test_the_page_names_every_room() -> None:
    """docs/architecture.md lists the rooms in this order."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = [room for rooms in LAYERS[1:] for room in rooms]
    drawn = re.findall(r"^\| `([a-z_]+)(?:\.py)?/?`(?:, `([a-z_]+)(?:\.py)?/?`)? \|", page, re.MULTILINE)
    assert [room for row in drawn for room in row if room] == rooms
