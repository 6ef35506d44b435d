"""Writes what is generated: ``docs/reference/``, ``schemas/``, and the diagnostics that ``explain`` prints.

``make docs`` calls it; a test says when it must be called again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.pages import authorization_rules, authorization_types, codes, language
from docs.pages.authorization_schemas import json_schemas
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.scenario.editor_schema import editor_schema_text
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.steps import builtin

ROOT = Path(__file__).resolve().parent.parent


def registry() -> Registry:
    """The language without any plugin."""
    return Plugins([builtin], {}).registry


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file: its path in the repository, and its content."""
    known = registry()
    for name, content in language.pages(known).items():
        yield Path("docs", "reference", name), content
    yield Path("docs", "reference", "authorization-types.md"), authorization_types.page()
    yield Path("docs", "reference", "authorization-rules.md"), authorization_rules.page()
    yield Path("docs", "reference", "codes.md"), codes.page()
    explained = codes.diagnostics((ROOT / "docs" / "diagnostics.md").read_text("utf-8"))
    yield Path("ocpplab_runner", "tools", "explaining", "diagnostics.json"), explained
    yield Path("schemas", "scenario.schema.json"), editor_schema_text(known)
    for name, schema in json_schemas().items():
        yield Path("schemas", "authorization", f"{name}.json"), _json(schema)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them all."""
    for path, content in generated():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")
        print(path.as_posix())


if __name__ == "__main__":
    main()
