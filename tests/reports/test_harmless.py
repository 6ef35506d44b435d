"""Texts of scenarios and peers are shown by a terminal and a CI log, never done."""

from __future__ import annotations

import pytest

from ocpplab_runner.reports.text import clean, harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error file=a::b", "| ::error file=a::b"),
        ("fine\n  ::add-mask::x", "fine\n  | ::add-mask::x"),
        ("a ##[error] b", "a ## [error] b"),
        ("a.yaml::name: fine", "a.yaml::name: fine"),
        ("", ""),
    ],
)
def test_no_text_is_a_command_of_the_ci(text: str, shown: str) -> None:
    """GitHub Actions reads commands from lines that begin with two colons, after blanks too, and from ``##[``."""
    assert harmless(text) == shown


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200F, 0x2028, 0x2029, 0x85, 0x07])
def test_what_turns_or_breaks_a_line_is_made_visible(code: int) -> None:
    """Bidirectional overrides, separators that break lines, controls."""
    character = chr(code)
    assert character not in clean(f"a{character}b")
    assert clean(f"a{character}b").startswith("a#x")
