"""Every code that the program prints is explained, from the tables that the program itself uses."""

from __future__ import annotations

import re
from pathlib import Path

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.ocppj.validation import ERROR_CODES
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.tools.explaining import explanations
from ocpplab_runner.vocabulary.outcomes import EXIT_CODES
from ocpplab_runner.vocabulary.quirks import QUIRKS
from ocpplab_runner.vocabulary.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"
KNOWN = {(one.kind, one.code): one.text for one in explanations()}


def codes(kind: str) -> set[str]:
    """Those of one kind."""
    return {code for known, code in KNOWN if known == kind}


def test_verdicts_exit_codes_and_call_errors_are_those_of_the_program() -> None:
    """None is missing, none is invented."""
    assert codes("verdict") == {verdict.value for verdict in Verdict}
    assert codes("exit code") == {str(int(code)) for code in ExitCode}
    assert codes("CALLERROR") == set().union(*ERROR_CODES.values())


def test_violations_rules_and_quirks_are_those_of_the_program() -> None:
    """Each with its text."""
    assert codes("violation of the protocol") == {*FRAME_VIOLATIONS, *VIOLATIONS}
    assert codes("authorization rule") == set(RULES)
    assert codes("quirk of EVerest") == {quirk.value for quirk in QUIRKS}
    assert "takes 30 s" in KNOWN["violation of the protocol", "late-answer"]


def test_every_diagnostic_has_its_entry_of_the_documentation() -> None:
    """Word for word, with the example and what to write instead."""
    page = (DOCS / "diagnostics.md").read_text("utf-8")
    assert codes("diagnostic of check") == set(re.findall(r"^### (\S+)$", page, re.MULTILINE))
    for (kind, code), text in KNOWN.items():
        if kind == "diagnostic of check":
            assert text in page
            assert f"[{code}]" in text
            assert "Instead:" in text


def test_no_code_stands_twice_in_a_kind() -> None:
    """Else one explanation would hide the other."""
    assert len(KNOWN) == len(explanations())


def test_the_command_line_page_has_the_same_exit_codes() -> None:
    """The table that people read first."""
    page = (DOCS / "command-line.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE)
    assert dict(rows) == {str(code): meaning for code, meaning in EXIT_CODES.items()}
