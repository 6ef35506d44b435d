"""One problem in one file: where it is, what is wrong, what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file. Lines and columns count from 1; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


#: For problems of a file as a whole.
WHOLE_FILE = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem found by ``check``.

    Attributes:
        path: the file, as the user named it.
        span: where in the file.
        code: kebab-case, documented in ``docs/diagnostics.md``.
        message: one sentence that says what is wrong.
        hint: what would be right (``did you mean 'within'?``), or empty.
        severity: only errors stop a run.
        related: further places: (path, span, why).
    """

    path: Path
    span: Span
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    related: tuple[tuple[Path, Span, str], ...] = ()
