"""No file of the house imports in a circle, not even for typing; and no functional block knows another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.test_architecture import MODULES, NAME, PACKAGE, name_of, tree_of

BLOCKS = PACKAGE / "charger" / "blocks"
ROOMS = sorted({path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE})


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {module_of(path): path for path in MODULES}


def imported(path: Path) -> Iterator[str]:
    """Every file of ours that a file imports, those of functions and of TYPE_CHECKING included."""
    for node in ast.walk(tree_of(path)):
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


@pytest.mark.parametrize("path", sorted(BLOCKS.rglob("*.py")), ids=name_of)
def test_a_block_knows_the_core_and_itself(path: Path) -> None:
    """Others are reached by an event or a service of the context; the core knows no block."""
    mine = path.relative_to(BLOCKS).parts[0]
    for used in imported(path):
        place = KNOWN[used]
        if mine != "__init__.py" and place.is_relative_to(BLOCKS):
            assert place.relative_to(BLOCKS).parts[0] == mine, f"{path} imports {used}"
        assert used != f"{NAME}.charger.station", f"{path} imports the station"


@pytest.mark.parametrize("path", sorted((PACKAGE / "charger" / "core").rglob("*.py")), ids=name_of)
def test_the_core_knows_no_block(path: Path) -> None:
    """It stands below them."""
    assert not [used for used in imported(path) if KNOWN[used].is_relative_to(BLOCKS)]
