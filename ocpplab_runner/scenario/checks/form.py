"""Does a file follow its schema, and if not, why not."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.literals import check_literals
from ocpplab_runner.scenario.checks.scope import Check, Related
from ocpplab_runner.scenario.document import Document


def passes(gate: Any, data: Any) -> bool:
    """Whether data passes a compiled schema; data that the gate cannot look at does not."""
    try:
        return bool(gate(data))
    except (ValueError, TypeError, OverflowError):
        return False


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
    if not passes(check.language.gate, document.root):
        is_library = "fragments" in document.root and "steps" not in document.root and "name" not in document.root
        diagnose(check, document, "library" if is_library else "scenario", related)
