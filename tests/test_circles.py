"""No file of the house imports in a circle, not even for typing; and no functional block knows another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, NAME, PACKAGE, nodes_of

#: What is cut by functional block → who puts its blocks together.
CUT = {
    PACKAGE / "charger": "station",
    PACKAGE / "csms": "assembly",
    PACKAGE / "engine" / "interpreter": "interpreter",
}
ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE})


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {module_of(path): path for path in MODULES}


def imported(path: Path) -> Iterator[str]:
    """Every file of ours that a file imports, those of functions and of TYPE_CHECKING included."""
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in KNOWN)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(NAME):
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in KNOWN else node.module


@pytest.mark.parametrize(
    "room", sorted({path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE})
)
def test_no_files_import_in_a_circle(room: str) -> None:
    """What hangs in a circle can only be read, and changed, as one."""
    within = {name: path for name, path in KNOWN.items() if path.is_relative_to(PACKAGE / room)}
    graph = {name: {used for used in imported(path) if used in within} for name, path in within.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


@pytest.mark.parametrize("place", CUT, ids=lambda place: place.name)
def test_a_block_knows_the_core_and_itself(place: Path) -> None:
    """Others are reached by an event or a service of the context; nobody knows who puts the blocks together."""
    told, blocks = [], place / "blocks"
    for path in sorted(blocks.rglob("*.py")):
        mine = path.relative_to(blocks).parts[0]
        for used in imported(path):
            other = KNOWN[used]
            if mine != "__init__.py" and other.is_relative_to(blocks) and other.relative_to(blocks).parts[0] != mine:
                told.append(f"{path} imports {used}")
            if used == f"{module_of(place / '__init__.py')}.{CUT[place]}":
                told.append(f"{path} imports who puts the blocks together")
    assert told == []


@pytest.mark.parametrize("place", CUT, ids=lambda place: place.name)
def test_the_core_knows_no_block(place: Path) -> None:
    """It stands below them."""
    core, blocks = sorted((place / "core").rglob("*.py")), place / "blocks"
    used = [f"{path} imports {used}" for path in core for used in imported(path) if KNOWN[used].is_relative_to(blocks)]
    assert core
    assert used == []
