"""docs/reports.md lists every code of a protocol violation."""

from __future__ import annotations

import re
from pathlib import Path

from ocpplab_runner.csms.breaches import BREACHES
from ocpplab_runner.ocppj.records import FRAME_VIOLATIONS, PeerViolation

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reports.md"


def test_every_code_is_in_the_table() -> None:
    """Those of single frames and those of their order, and no other."""
    rows = PAGE.read_text("utf-8").partition("## Protocol violations")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", rows, re.MULTILINE)
    frames = re.findall(r"^ +``([a-z-]+)`` —", str(PeerViolation.__doc__), re.MULTILINE)
    assert sorted(frames) == sorted(FRAME_VIOLATIONS)
    assert sorted(listed) == sorted({*frames, *BREACHES})
