"""The secrets in the text of a scenario file, also where it is no YAML: diagnostics quote its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

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
_SHORTEST_PART = 4
_SHORTEST_START = 8


def secrets_in(text: str) -> frozenset[str]:
    """Values of ``secrets``, and of keys that are sensitive or nearly so (``pasword``); expressions are none."""
    declared = {word for match in _DECLARED.finditer(text) for word in re.findall(r"[\w.-]+", str(match[0])[8:])}
    return frozenset(value for value in _values(text, declared) if value and "${{" not in value)


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with an asterisk for each character of a secret: what stands behind keeps its column."""
    for secret in sorted(secrets, key=len, reverse=True):
        found = re.escape(secret) if len(secret) >= _SHORTEST_PART else rf"(?<![\w-]){re.escape(secret)}(?![\w-])"
        text = re.sub(found, "*" * len(secret), text)
        if len(secret) > _SHORTEST_START and secret[:_SHORTEST_START] in text:
            # A message may have cut it.
            start = re.escape(secret[:_SHORTEST_START])
            text = re.sub(rf"{start}[^\n]*?…", lambda found: "*" * (len(found[0]) - 1) + "…", text)
    return text


def _values(text: str, declared: set[str]) -> Iterator[str]:
    for match in _PAIR.finditer(text):
        if match["key"] in declared or _is_nearly_sensitive(match["key"]):
            if match["block"]:
                yield from (line.strip() for line in match["body"].splitlines())
            else:
                yield (match["double"] or match["single"] or match["plain"]).strip()
    for named in _NAMED.finditer(text):
        if _is_nearly_sensitive(named[1]):
            yield named[2] or named[3] or named[4]


def _is_nearly_sensitive(key: str) -> bool:
    name = key.rpartition(".")[2]
    return name.lower() not in _HARMLESS and len(name) >= 4 and nearest(name, _SENSITIVE) is not None
