from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.reports.text import clean, duration, one_line, plural


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain", "plain"),
        ("a\nb\tc", "a\nb\tc"),
        ("nul \x00 here", "nul #x00 here"),
        ("bell\x07", "bell#x07"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x9b1mbold", "bold"),
        ("lone \ud83d surrogate", "lone #xD83D surrogate"),
        ("non-character \ufffe", "non-character #xFFFE"),
        ("plane one \U0001fffe", "plane one #x1FFFE"),
        ("crlf\r\nend\rmac", "crlf\nend\nmac"),
        ("Straße ✓ 🔌", "Straße ✓ 🔌"),
    ],
)
def test_clean_makes_forbidden_characters_visible(given_text: str, shown: str) -> None:
    """Escape sequences go, other forbidden characters become readable, everything else stays."""
    assert clean(given_text) == shown


@given(st.text(st.characters(exclude_categories=[])))
@settings(deadline=None)
def test_clean_text_survives_xml(text: str) -> None:
    """Whatever came in, the cleaned text can be written as XML and read back unchanged."""
    element = ElementTree.Element("t")
    element.text = cleaned = clean(text)
    assert (ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8")).text or "") == cleaned
    assert clean(cleaned) == cleaned


def test_one_line_joins_lines() -> None:
    """Attributes hold one line."""
    assert one_line("a\n  b\x00") == "a b#x00"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.000s"),
        (0.0134, "0.013s"),
        (0.9999, "1.0s"),
        (59.96, "1m00s"),
        (250, "4m10s"),
        (3599.7, "1h00m"),
        (86400, "24h00m"),
    ],
)
def test_duration_is_readable(seconds: float, shown: str) -> None:
    """Durations read well from milliseconds to days."""
    assert duration(seconds) == shown


def test_plural() -> None:
    """One case, two cases."""
    assert (plural(1, "case"), plural(0, "case")) == ("1 case", "0 cases")
