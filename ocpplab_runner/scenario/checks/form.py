"""Does a file follow its schema, and if not, why not."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.literals import check_literals
from ocpplab_runner.scenario.checks.scope import Check, Related
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.everyday import read_everyday


def passes(gate: Any, data: Any) -> bool:
    """Whether data passes a compiled schema; data that the gate cannot look at does not."""
    try:
        return bool(gate(data))
    except (ValueError, TypeError, OverflowError):
        return False


def follows(check: Check, document: Document, part: str) -> bool:
    """Whether a document follows its part of the schema, perhaps once it is read as everybody means it."""
    gate = check.language.defaults_gate if part == "defaults" else check.language.gate
    if passes(gate, document.root):
        return True
    read_everyday(document, check.language.schema, part)
    return passes(gate, document.root)


def diagnose(check: Check, document: Document, part: str, related: Related) -> None:
    """Say why a document does not follow its schema."""
    from ocpplab_runner.scenario.checks.schema_errors import explain  # imports jsonschema, for broken files only

    for span, code, message, hint in explain(check.language, document, part):
        check.report(document, span, code, message, hint, related=related)


def check_included_file(check: Check, document: Document, related: Related) -> None:
    """Check the form of an included file, once per scenario."""
    if document.path in check.checked_files:
        return
    check.checked_files.add(document.path)
    for diagnostic in document.diagnostics:
        check.report(document, diagnostic.span, diagnostic.code, diagnostic.message, diagnostic.hint, related=related)
    check_literals(check, document, related)
    is_library = "fragments" in document.root and "steps" not in document.root and "name" not in document.root
    part = "library" if is_library else "scenario"
    if not follows(check, document, part):
        diagnose(check, document, part, related)
