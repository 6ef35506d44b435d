"""What verdicts, exit codes and CALLERRORs mean, and the explanations of diagnostics that ``explain`` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ocpplab_runner.vocabulary.call_errors import CALL_ERRORS
from ocpplab_runner.vocabulary.outcomes import EXIT_CODES, VERDICTS

_ENTRY = re.compile(r"^### (?P<code>\S+)\n+(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def page() -> str:
    """``docs/reference/codes.md``."""
    return "\n".join(_lines()) + "\n"


def diagnostics(markdown: str) -> str:
    """The entries of ``docs/diagnostics.md`` for the command ``explain``, as JSON: code → Markdown."""
    entries = {found["code"]: found["text"].strip() for found in _ENTRY.finditer(markdown)}
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def _lines() -> Iterator[str]:
    yield from ("# Codes", "", "Written by `make docs` from the tables of the program; change it there.", "")
    yield "`ocpplab-runner explain CODE` explains any of them, and besides: [diagnostics](../diagnostics.md),"
    yield "[violations of the protocol](../reports.md#protocol-violations),"
    yield "[authorization rules](authorization-rules.md), quirks of EVerest and the"
    yield "[cases of certification](../coverage.md)."
    yield from _table("Verdicts", "verdict", VERDICTS)
    yield from _table("Exit codes", "code", {str(code): f"{_capital(told)}." for code, told in EXIT_CODES.items()})
    yield from ("", "When several hold, the first of 130, 2, 3, 1, 5, 0 is taken.")
    yield from _table("Codes of a CALLERROR", "code", {code: _capital(told) for code, told in CALL_ERRORS.items()})


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _table(title: str, head: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {head} | what it means |", "| --- | --- |")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in rows.items())
