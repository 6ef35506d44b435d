"""The secrets in the text of a scenario file, also where it is no YAML: diagnostics quote its lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Set
from typing import Final

from ocpplab_runner.redaction.values import SecretValues
from ocpplab_runner.scenario.suggest import nearest

_SENSITIVE: Final = (
    *("password", "passwd", "passphrase", "secret", "token", "api_key", "client_secret", "private_key"),
    *("authorization_key", "basic_auth_password", "access_token"),
)
#: Near in letters, and no secret.
_HARMLESS: Final = frozenset(
    {
        *("secrets", "tokens", "idtoken", "idtokens", "id_token", "id_tokens", "passed"),
        *("authorization", "authorization_status", "authorization_type", "withdraw_authorization"),
    }
)
_PAIR: Final = re.compile(
    r"""(?<![\w.-])["']?(?P<key>[A-Za-z_][\w.-]*)["']?[ ]*[:=][ ]*
    (?:(?P<block>[|>][+-]?\d?)[ ]*\n(?P<body>(?:[ ]+[^\n]*\n?|\n)+)
    |"(?P<double>(?:\\.|[^"\\\n])+)"?|'(?P<single>(?:''|[^'\n])+)'?|(?P<plain>[^\s,\[\]{}"'\#&|>][^,}\]\n\#]*))""",
    re.VERBOSE,
)
_NAMED: Final = re.compile(
    r"""(?:key|name|variable)["']?:[ ]*["']?([\w.]+)["']?[ ]*[,\n}][^\n]*?(?:value|attributeValue)["']?:[ ]*
    (?:"([^"\n]+)"?|'([^'\n]+)'?|([^\s,}\]"']+))""",
    re.VERBOSE,
)
_DECLARED: Final = re.compile(r"""secrets["']?:[ ]*(?:\[([^\]\n]*)|((?:\n[ ]*-[ ]*[^\n]+)+)|([\w.-]+))""")
_USER_INFO: Final = re.compile(r"://[^/@\s:]*:([^/@\s]+)@")
_PEM: Final = re.compile(r"-----BEGIN [A-Z0-9 ]+-----(.*?)(?:-----END|\Z)", re.DOTALL)
#: Where a PEM block is broken into lines, in whatever YAML.
_BREAKS: Final = re.compile(r"(?:\\n|\s)+")
#: A shorter piece of a PEM block stands in other texts, too, which would be masked.
_SHORTEST_LINE = 8


def declared_in(text: str) -> frozenset[str]:
    """The names that a file lists under ``secrets``."""
    found = (re.findall(r"[\w.-]+", str(match[0])[8:]) for match in _DECLARED.finditer(text))
    return frozenset(word for words in found for word in words)


def secrets_in(text: str, declared: Iterable[str] = ()) -> frozenset[str]:
    """Values of ``secrets``, and of keys that are sensitive or nearly so (``pasword``); expressions are none.

    Args:
        text: of a file, whether it is YAML or not.
        declared: names that other files declare as secrets.
    """
    names = declared_in(text).union(declared)
    return frozenset(
        spelled
        for value in _values(text, names)
        if value and "${{" not in value
        for spelled in (value, _unescaped(value))
    )


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with an asterisk for each character of a secret: what stands behind keeps its column."""
    return SecretValues(secrets).replaced(text, lambda piece: "*" * len(piece))


def _unescaped(value: str) -> str:
    """What a quoted scalar stands for, as a message would show it."""
    try:
        plain = json.loads(f'"{value}"') if "\\" in value else value.replace("''", "'")
    except ValueError:
        return value
    return str(plain)


def _values(text: str, declared: Set[str]) -> Iterator[str]:
    for match in _PAIR.finditer(text):
        if match["key"] in declared or _is_nearly_sensitive(match["key"]):
            if match["block"]:
                yield from (line.strip() for line in match["body"].splitlines())
            else:
                yield (match["double"] or match["single"] or match["plain"]).strip()
    for named in _NAMED.finditer(text):
        if _is_nearly_sensitive(named[1]):
            yield named[2] or named[3] or named[4]
    for user_info in _USER_INFO.finditer(text):
        yield user_info[1]
    for block in _PEM.finditer(text):
        yield from (line for line in _BREAKS.split(block[1]) if len(line) >= _SHORTEST_LINE)


def _is_nearly_sensitive(key: str) -> bool:
    name = key.rpartition(".")[2]
    if name.lower().startswith(("authorize", "authorise")):  # a card is shown, as everybody calls it
        return False
    return name.lower() not in _HARMLESS and len(name) >= 4 and nearest(name, _SENSITIVE) is not None
