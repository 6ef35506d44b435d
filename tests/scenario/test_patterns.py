"""The regular expressions of ``$matches``: whole texts, linear time, and words for what is refused."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.scenario.patterns import PatternError, compiled, matches


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("CP-.*", "CP-1", True),
        ("CP-.*", "xCP-1", False),
        ("a|ab", "ab", True),
        ("é.", "éü", True),
        (r"\p{L}+", "é", True),
        ("(?i)card", "CARD", True),
        ("card", "CARD", False),
        ("x", "\ud800", False),
    ],
)
def test_the_whole_text_is_matched(pattern: str, text: str, found: bool) -> None:
    """Alternatives are tried until the whole text is covered; letters of every script are letters by ``\\p{L}``."""
    assert matches(pattern, text, ignore_case=False) is found


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        (r"(?=a)b", "b", "no look-around"),
        (r"(a)\1", "aa", "backreference"),
        ("a++", "a", "possessive"),
        ("[", "x", "not a regular expression"),
        ("((a{100}){100}){100}", "a", "repeats too much"),
        ("a" * 1001, "a", "1,000 characters"),
        ("a*", "a" * 100_001, "100,000 characters"),
        ("(?:.*a){900}", "a" * 99_999, "a pattern this large"),
    ],
)
def test_what_cannot_be_matched_is_told(pattern: str, text: str, message: str) -> None:
    """Neither a pattern nor a text is without bounds, and the message says which."""
    with pytest.raises(PatternError, match=re.escape(message)):
        matches(pattern, text, ignore_case=False)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)+", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)(.*)c"])
def test_no_pattern_takes_exponential_time(pattern: str) -> None:
    """What a backtracking engine would not finish in a lifetime costs little processor time."""
    began = time.process_time()
    assert not matches(pattern, "a" * 50_000 + "!", ignore_case=False)
    assert time.process_time() - began < 2


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_pattern_gives_an_answer_or_a_pattern_error(pattern: str, text: str) -> None:
    """Nothing else is ever raised."""
    try:
        assert matches(pattern, text, ignore_case=True) in (True, False)
    except PatternError:
        with pytest.raises(PatternError):
            compiled(pattern, ignore_case=True)
