"""Secrets of a shape that nothing else has, and what of one is left in a text, however it is written there.

The forms are worked out here anew: who tests the redaction with its own tables tests nothing.
"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, unquote

#: What a cut may leave of a secret without having told it.
_TELLING = 6


def secret(place: str) -> str:
    """A secret that is named after the place where it stands; quotes, blanks and signs make every encoding another."""
    return f'Zq{place}"Ä /+=&%{place[::-1]}Xj'


def word(place: str) -> str:
    """The same for places that take no more than letters and digits."""
    return f"Zq{place}{place[::-1]}Xj"


def leaks(value: str, text: str) -> list[str]:
    """The forms in which a beginning or an end of a secret stands in a text."""
    data = value.encode()
    forms = {"its beginning": value[:_TELLING], "its end": value[-_TELLING:]}
    forms["hex"] = data.hex()[: 2 * _TELLING]
    for before in range(3):
        encoded = b64encode(bytes(before) + data).decode().rstrip("=")
        core = encoded[(8 * before + 5) // 6 : -2]
        forms[f"base64 after {before}"] = core[: _TELLING + 3]
        forms[f"the end of base64 after {before}"] = core[-_TELLING - 3 :]
    decoded = unquote(unquote(text.replace("+", " "))).lower()
    lowered = text.lower()
    return [name for name, form in forms.items() if form.lower() in lowered or form.lower() in decoded]


def shown(value: str) -> str:
    """As a query's value."""
    return quote(value, safe="")
