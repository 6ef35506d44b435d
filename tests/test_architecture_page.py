"""docs/architecture.md speaks of the house that is there."""

from __future__ import annotations

import ast
import re

from tests.test_architecture import MODULES, PACKAGE, ROOMS, nodes_of

PAGE = PACKAGE.parent / "docs" / "architecture.md"
_ROW = re.compile(r"^\| (?P<rooms>`[a-z_]+`(?:, `[a-z_]+`)*) \|", re.MULTILINE)


def test_the_page_names_every_room_from_top_to_bottom() -> None:
    """In the order of the import rules."""
    named = [room.strip("`") for row in _ROW.findall(PAGE.read_text("utf-8")) for room in row.split(", ")]
    assert named == [room for rooms in ROOMS[1:] for room in rooms]


def test_the_page_names_every_block() -> None:
    """Once, in the list that says what each is for."""
    listed = PAGE.read_text("utf-8").partition("\nThe blocks, ")[2].partition("\n\n")[0]
    blocks = [path.name for path in (PACKAGE / "charger" / "blocks").iterdir() if (path / "__init__.py").exists()]
    assert sorted(re.findall(r"`([a-z_]+)`", listed)) == sorted(blocks)


def test_nothing_private_of_pytest_is_used() -> None:
    """A new pytest must not break us."""
    private = []
    for path in MODULES:
        for node in nodes_of(path):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(module.split(".")[0] == "_pytest" for module in modules):
                private.append(f"{path}:{node.lineno}")
    assert private == []


def test_what_has_moved_is_where_the_page_says() -> None:
    """Each row's second cell is a file or a folder, and holds the modules that are listed for it."""
    rows = (
        (PAGE.parent / "plugins.md")
        .read_text("utf-8")
        .partition("| former module |")[2]
        .partition("\n\n")[0]
        .splitlines()[2:]
    )
    assert rows
    for row in rows:
        old, new = (cell.strip() for cell in row.strip("|").split("|"))
        place = PACKAGE / new.strip("`")
        assert place.exists(), row
        if place.is_dir():
            names = {name.strip(" `") for name in old.partition(":")[2].split(",")}
            assert names <= {path.stem for path in place.glob("*.py")}, row
