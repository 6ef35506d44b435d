"""The problems of scenario files as text, JSON or GitHub annotations."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from ocpplab_runner.plugin.results import InvalidFileRecord
from ocpplab_runner.reports.explain import diagnostic_line
from ocpplab_runner.reports.github import annotation, capped
from ocpplab_runner.reports.text import clean
from ocpplab_runner.scenario.diagnostics import Diagnostic, Span

#: (file, line number) → the text of that line.
SourceLine = Callable[[Any, int], str]
_WIDEST = 160


def as_data(diagnostic: Diagnostic, source_line: SourceLine) -> dict[str, Any]:
    """A diagnostic as plain data, with the line it is about: what records and ``--format json`` carry."""
    span = diagnostic.span
    return {
        "file": diagnostic.path.as_posix(),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "source": source_line(diagnostic.path, span.line),
        "related": [
            {"file": path.as_posix(), "line": place.line, "column": place.column, "message": why}
            for path, place, why in diagnostic.related
        ],
    }


def invalid_records(diagnostics: Iterable[Diagnostic], source_line: SourceLine) -> list[InvalidFileRecord]:
    """One record for each file with an error, holding all of its problems."""
    by_file: dict[str, list[dict[str, Any]]] = {}
    refused = set()
    for diagnostic in diagnostics:
        data = as_data(diagnostic, source_line)
        by_file.setdefault(data["file"], []).append(data)
        if diagnostic.severity == "error":
            refused.add(data["file"])
    return [
        InvalidFileRecord(type="invalid", file=file, diagnostics=found)
        for file, found in by_file.items()
        if file in refused
    ]


def full(data: Mapping[str, Any], *, color: bool = False) -> Iterator[str]:
    """``file:line:column: message [code]``, the line with carets below, the hint."""
    level = str(data.get("severity", "error"))
    shown = click.style(level, fg="red" if level == "error" else "yellow", bold=True) if color else level
    place = clean(f"{data['file']}:{data['line']}:{data['column']}")
    place = click.style(place, bold=True) if color else place
    yield f"{place}: {shown}: {clean(str(data['message']))} [{data['code']}]"
    yield from excerpt(data, color=color)
    if data.get("hint"):
        yield f"     = {clean(str(data['hint']))}"
    for other in data.get("related", ()):
        yield f"     = {clean(str(other['message']))}: {clean(str(other['file']))}:{other['line']}:{other['column']}"


def excerpt(data: Mapping[str, Any], *, color: bool = False) -> Iterator[str]:
    """The source line and the carets; nothing where there is no line."""
    source = str(data.get("source") or "")
    if not source.strip():
        return
    span = Span(data["line"], data["column"], data["end_line"], data["end_column"])
    start = min(span.column, len(source) + 1) - 1
    end = min(span.end_column - 1, len(source)) if span.end_line == span.line else len(source.rstrip())
    first = max(0, start - _WIDEST // 2) if len(source) > _WIDEST else 0
    visible = source[first : first + _WIDEST]
    number = f"{span.line:>4} | "
    yield number + _printable(visible)
    carets = "^" * max(1, _width(source[start : max(start, min(end, first + _WIDEST))]))
    if color:
        carets = click.style(carets, fg="red", bold=True)
    yield "     | " + " " * _width(source[first:start]) + carets


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _width(text: str) -> int:
    """Columns on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def render(diagnostics: Sequence[Mapping[str, Any]], form: str, *, color: bool = False) -> str:
    """All of them, in one of the formats ``full``, ``concise``, ``json``, ``github``; empty when there is none.

    JSON is always a list.
    """
    match form:
        case "json":
            return json.dumps(list(diagnostics), indent=2, ensure_ascii=False)
        case "concise":
            return "\n".join(diagnostic_line("", data) for data in diagnostics)
        case "github":
            return "\n".join(capped(_annotation(data) for data in diagnostics))
        case _:
            return "\n\n".join("\n".join(full(data, color=color)) for data in diagnostics)


def _annotation(data: Mapping[str, Any]) -> str:
    hint = f" ({data['hint']})" if data.get("hint") else ""
    return annotation(
        str(data["severity"]),
        f"{data['message']}{hint}",
        title=str(data["code"]),
        file=str(data["file"]),
        line=data["line"],
        column=data["column"],
    )
