"""What a text itself says to be secret: ``password=…``, a URL's user and signature, ``Basic …``, PEM blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ocpplab_runner.redaction.names import PATTERN

#: One of these is in every text that says so.
MARKS: Final = re.compile(r"[ @=:]")
_CREDENTIALS: Final = re.compile(r"(?i)\b((?:basic|bearer)\s+)((?=[A-Za-z0-9+/._~-]{6})[A-Za-z0-9+/._~-]+=*)")
# `id_token` is a card and `provide_token` a verb: no secrets; and an expression, `${{ env.NAME }}`, holds none itself.
_ASSIGNED: Final = re.compile(
    rf"""(?ixs)((?<![a-z])(?<!id[_-])(?<!provide[_-])(?:{PATTERN})(?:\\*["'])?\s*[=:]\s*)
    (?!\[redacted)("(?:\\.|[^"\\])+"|"[^"\n]+|'[^']+'|'[^'\n]+|(?P<quote>\\+["']).+?(?:(?<!\\)(?P=quote)|(?=\n)|\Z)
    |(?!\$\{{\{{)[^\s"'\\,;&{{}}()\[\]]+)"""
)
_USER_INFO: Final = re.compile(r"((?<=://)[^/@\s:]*:)([^/@\s]+)(?=@)")
#: What clouds call the parts of a signed URL, besides the names above.
_QUERY: Final = re.compile(
    r"""(?i)([?&][\w.-]*(?:sig|signature|credentials?|key|token|secret|auth|passw(?:or)?d|pwd)=)
    (?!\[redacted)([^&\#\s"'\\<>{}]+)""",
    re.VERBOSE,
)
_PEM: Final = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----)(.*?(?:-----END [A-Z0-9 ]+-----|\Z))", re.DOTALL)


def replaced(text: str, stand_in: Callable[[str], str]) -> str:
    """The text with something else in place of what it says to be secret.

    Args:
        text: any.
        stand_in: what stands in place of a piece of it.
    """

    def kept_first(match: re.Match[str]) -> str:
        return match[1] + stand_in(match[2])

    if "@" in text:
        text = _USER_INFO.sub(kept_first, text)
    if "?" in text:
        text = _QUERY.sub(kept_first, text)
    if " " in text:
        text = _CREDENTIALS.sub(kept_first, text)
    if "=" in text or ":" in text:
        text = _ASSIGNED.sub(kept_first, text)
    return _PEM.sub(kept_first, text) if "-----BEGIN " in text else text
