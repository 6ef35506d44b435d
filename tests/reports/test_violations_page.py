"""docs/reports.md lists every code of a protocol violation with its weight and its source."""

from __future__ import annotations

from pathlib import Path

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.vocabulary.versions import OcppVersion

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reports.md"


def test_every_code_is_in_the_table() -> None:
    """Those of single frames and those of their order, and no other, each as its rule has it."""
    section = PAGE.read_text("utf-8").partition("## Protocol violations")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    rules = {**FRAME_VIOLATIONS, **VIOLATIONS}
    assert rows == [f"| `{code}` | {rule.told} | {rule.weights} | {rule.source} |" for code, rule in rules.items()]


def test_no_code_stands_for_two_rules() -> None:
    """A code says which rule was broken."""
    assert not set(FRAME_VIOLATIONS) & set(VIOLATIONS)


def test_an_overlapping_call_is_only_advised_against_in_1_6() -> None:
    """OCPP-J 1.6 section 4.1.1 has SHOULD NOT, Part 4 of OCPP 2.x SHALL NOT."""
    rule = FRAME_VIOLATIONS["overlapping-call"]
    assert [rule.weight(version) for version in OcppVersion] == ["should", "must", "must"]
    assert rule.weights == "must; 1.6: should"
