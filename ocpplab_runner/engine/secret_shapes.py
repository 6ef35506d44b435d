"""The shapes in which a secret may stand in a text: as it is, and as JSON, XML, URLs, hex or base64 write it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import orjson

#: A shorter secret is hidden only where it is a text, or a word of it, by itself.
SHORTEST_PART: Final = 4
#: A shorter secret has encoded forms that occur by chance.
_SHORTEST_ENCODED = 6
_BASE64 = "[A-Za-z0-9+/_-]"
_QUOTES = {'"': "&quot;", "'": "&apos;"}
_PEM: Final = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----).*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)


def patterns(secret: str) -> Iterator[str]:
    """Regular expressions, for any letter case, of everything that shows the secret."""
    if len(secret) < SHORTEST_PART:
        yield rf"(?<![\w-]){re.escape(secret)}(?![\w-])"
        return
    for form in _written(secret):
        yield re.escape(form)
    for core in _base64_cores(secret):
        yield f"{_BASE64}{{0,2}}{re.escape(core)}{_BASE64}{{0,2}}={{0,2}}"


def marks(secret: str) -> Iterator[str]:
    """Texts, in any letter case, one of which is in every text in which a pattern is found."""
    for form in _written(secret):
        # Only ASCII letters of the text that is looked through have become small ones.
        yield from (form,) if form.isascii() else {form, form.lower(), form.upper()}
    yield from _base64_cores(secret)


def hide_pem(text: str, hidden: str) -> str:
    """The text without what stands in PEM blocks: certificates and keys; also in a block without its end."""
    return _PEM.sub(rf"\1{hidden}", text)


def _written(secret: str) -> list[str]:
    forms = [secret]
    if len(secret) >= SHORTEST_PART:
        forms += [escape(secret), escape(secret, _QUOTES), repr(secret)[1:-1]]
        try:
            once = orjson.dumps(secret).decode()[1:-1]
            forms += [
                once,
                orjson.dumps(once).decode()[1:-1],
                quote(secret, safe=""),
                quote(secret),
                quote_plus(secret),
            ]
            if len(secret) >= _SHORTEST_ENCODED:
                forms.append(secret.encode().hex())
        except (TypeError, UnicodeEncodeError):
            # A lone surrogate: neither JSON nor UTF-8 can hold it.
            pass
    return list(dict.fromkeys(forms))


def _base64_cores(secret: str) -> list[str]:
    """What does not depend on its neighbours of the secret's base64, at each of the three alignments."""
    if len(secret) < _SHORTEST_ENCODED:
        return []
    data = secret.encode("utf-8", "surrogatepass")
    cores = []
    for before in range(3):
        bits = 8 * (before + len(data))
        core = b64encode(bytes(before) + data).decode()[(8 * before + 5) // 6 : bits // 6]
        cores += [core, core.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(cores))
