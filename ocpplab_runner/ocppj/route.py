"""What stands between a charger and its CSMS beside TLS: a proxy, and headers that something on the way wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from ocpplab_runner.ocppj.urls import without_credentials
from ocpplab_runner.redaction.names import is_of_the_environment

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
#: The handshake's own (RFC 6455 section 4.1), and what has an option of its own.
_TAKEN = frozenset({"host", "upgrade", "connection", "authorization", "content-length", "transfer-encoding"})
#: A shorter value of a header with an innocent name is no secret.
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class Route:
    """How a charger gets to its CSMS.

    Attributes:
        headers: sent with the handshake.
        proxy: ``http://`` or ``https://`` URL of a proxy that is asked to CONNECT, with its credentials.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None

    @classmethod
    def from_options(cls, headers: Any, proxy: Any) -> Route:
        """From the options of a target.

        Raises:
            ValueError: one of them is wrong; the text shows no value of a header and no credentials.
        """
        if headers is not None and not isinstance(headers, Mapping):
            raise ValueError("`headers` is a mapping of names to values")
        checked = {str(name): _value(str(name), value) for name, value in (headers or {}).items()}
        return cls(checked, None if proxy is None else _proxy(proxy))

    @property
    def proxy_shown(self) -> str | None:
        """The proxy without its credentials."""
        return None if self.proxy is None else without_credentials(self.proxy)

    def secrets(self) -> Iterator[str]:
        """What nobody may see of it."""
        for name, value in self.headers.items():
            if is_of_the_environment(name.replace("-", "_").upper()) or len(value) >= _SHORTEST_SECRET:
                yield value
        password = None if self.proxy is None else urlsplit(self.proxy).password
        if password:
            yield from (password, unquote(password))


def _value(name: str, value: Any) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a header")
    if name.lower() in _TAKEN or name.lower().startswith("sec-websocket-"):
        own = "`basic_auth`" if name.lower() == "authorization" else "the handshake"
        raise ValueError(f"the header {name} is set by {own}")
    if isinstance(value, bool) or not isinstance(value, str | int) or not _VALUE.fullmatch(str(value)):
        raise ValueError(f"the header {name} needs a value of one line in ASCII")
    return str(value)


def _proxy(value: Any) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        good = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        shown = without_credentials(value) if isinstance(value, str) else value
        raise ValueError(f"`proxy` is the http:// or https:// URL of a proxy, not {shown}")
    return str(value)
