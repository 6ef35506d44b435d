"""The regular expressions of ``$matches``: RE2's, which never take longer than the text is long times the pattern.

Their syntax is Python's without what needs backtracking: no backreference, no look-ahead and look-behind, no possessive
or atomic group; ``\\d``, ``\\w``, ``\\s`` and ``\\b`` know ASCII only, and ``$`` is the very end of the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

#: Characters of a pattern at most.
MAX_PATTERN = 1000
#: Characters of a text that is matched at most.
MAX_TEXT = 100_000
#: Steps of a match at most: characters of the text times instructions of the pattern; about half a second.
MAX_STEPS = 50_000_000
#: Bytes that a compiled pattern and its automaton take at most: bounds what ``{1000}`` in ``{1000}`` unrolls to.
_MEMORY = 1 << 20
_NEEDS_BACKTRACKING = re.compile(r"\(\?(?:<?[=!]|>|P=|\()|\\[1-9]|[*+?}]\+")


class PatternError(ValueError):
    """A pattern that is none, or a text that is too long for one."""


@lru_cache(maxsize=512)
def compiled(pattern: str, ignore_case: bool) -> Any:
    """The pattern, ready for use.

    Args:
        pattern: in RE2's syntax.
        ignore_case: whether letter case counts for nothing.

    Raises:
        PatternError: it is too long or too large, needs backtracking, or is no regular expression.
    """
    import re2  # type: ignore[import-untyped]  # only what has a pattern needs it

    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"the pattern has more than {MAX_PATTERN:,} characters")
    options = re2.Options()
    # RE2 would write to the standard error, beside our own words.
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise PatternError(_reason(pattern, error)) from None


def matches(pattern: str, text: str, ignore_case: bool) -> bool:
    """Whether the whole text matches.

    Raises:
        PatternError: as :func:`compiled`; or the text is too long, for any pattern or for this one.
    """
    ready = compiled(pattern, ignore_case)
    if len(text) > MAX_TEXT:
        raise PatternError(f"the text has more than {MAX_TEXT:,} characters")
    if len(text) * ready.programsize > MAX_STEPS:
        raise PatternError(f"a pattern this large is not matched against a text of {len(text):,} characters")
    # An unpaired surrogate has no place in the UTF-8 that RE2 reads.
    return ready.fullmatch(text.encode("utf-8", "replace").decode()) is not None


def _reason(pattern: str, error: Exception) -> str:
    said = error.args[0] if error.args else error
    what = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if "too large" in what or "repetition size" in what:
        return f"the pattern repeats too much, 1,000 times at most: {what}"
    if _NEEDS_BACKTRACKING.search(pattern):
        return f"no look-around, backreference, possessive or atomic group is known here: {what}"
    return f"this is not a regular expression: {what}"
