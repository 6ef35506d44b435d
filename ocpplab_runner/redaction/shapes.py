"""The forms in which a secret may stand in a text: as it is, and as JSON, XML, URLs, hex or base64 write it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import orjson

#: A shorter secret is hidden only where it is a text, or a word of it, by itself.
SHORTEST_PART: Final = 4
#: A shorter secret has encoded forms that occur by chance.
_SHORTEST_ENCODED = 6
#: So many characters of an encoded form are no chance.
_ENCODED_START = 8
_QUOTES = {'"': "&quot;", "'": "&apos;"}


class Form(NamedTuple):
    """One way to write a secret.

    Attributes:
        text: the secret, written so; in any letter case.
        start: so many characters of it are its beginning and nothing else's.
        base64: up to two characters on either side, and the padding, hold a part of it too.
    """

    text: str
    start: int = SHORTEST_PART
    base64: bool = False


def forms(secret: str) -> Iterator[Form]:
    """Every form of a secret that is long enough to be looked for within texts."""
    for text in _written(secret):
        yield Form(text)
    if len(secret) >= _SHORTEST_ENCODED:
        data = secret.encode("utf-8", "surrogatepass")
        yield Form(data.hex(), _ENCODED_START)
        for core in _base64_cores(data):
            yield Form(core, min(len(core), _ENCODED_START), base64=True)


def _written(secret: str) -> list[str]:
    found = [secret, escape(secret), escape(secret, _QUOTES), repr(secret)[1:-1]]
    try:
        # Python escapes what is not ASCII and orjson does not; and each once more, for JSON within JSON.
        for write in (json.dumps, lambda text: orjson.dumps(text).decode()):
            once = write(secret)[1:-1]
            found += [once, write(once)[1:-1]]
        found += [
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
        ]
    except (TypeError, UnicodeEncodeError):
        # A lone surrogate: neither JSON nor UTF-8 can hold it.
        pass
    return list(dict.fromkeys(found))


def _base64_cores(data: bytes) -> list[str]:
    """What does not depend on its neighbours of the secret's base64, at each of the three alignments."""
    cores = []
    for before in range(3):
        bits = 8 * (before + len(data))
        core = b64encode(bytes(before) + data).decode()[(8 * before + 5) // 6 : bits // 6]
        cores += [core, core.replace("+", "-").replace("/", "_")]
    return list(dict.fromkeys(cores))
