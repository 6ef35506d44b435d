"""What one look at a layer has shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What one look has shown, from good to bad."""

    OK = "ok"
    SKIPPED = "skipped"
    #: It is not there, and need not be.
    ABSENT = "no"
    WARNING = "warning"
    FAILED = "failed"
    #: There is no way on from here.
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look.

    Attributes:
        check: what was looked at: ``name``, ``tcp``, ``tls``, ``chain`` for each certificate that is shown, and what
            the other side has above these.
        verdict: what it comes to.
        text: the same in words.
        details: for programs.
    """

    check: str
    verdict: Verdict
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)
