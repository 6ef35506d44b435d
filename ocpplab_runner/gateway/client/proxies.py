"""Proxies of the environment: which one a request takes, and what of it may be shown.

Only requests to a Gateway take one. Chargers never do: a charger's connection is what is tested.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass

from ocpplab_runner.loopback import is_loopback

_SCHEMES = ("http", "https", "socks5", "socks5h")


class ProxyError(Exception):
    """The environment names a proxy that cannot be used; the message names the variable, never its value."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy of a URL.

    Attributes:
        variable: of the environment; in small letters it goes first, as everywhere.
        url: its value, with a scheme.
        secrets: user and password, as they may come back in an answer.
    """

    variable: str
    url: str
    secrets: Sequence[str]


def proxy_of(url: str) -> Proxy | None:
    """The proxy that a URL is reached by; None for this machine's own addresses, which no proxy knows.

    Raises:
        ProxyError: it cannot be used.
    """
    parts = urlsplit(url)
    host, address = parts.hostname or "", parts.netloc.rpartition("@")[2]
    if is_loopback(host) or host == "localhost" or host.endswith(".localhost") or proxy_bypass(address):
        return None
    names = (f"{parts.scheme}_proxy", "all_proxy")
    variable = next((one for name in names for one in (name, name.upper()) if os.environ.get(one)), None)
    return None if variable is None else _read(variable, os.environ[variable])


def _read(variable: str, value: str) -> Proxy:
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0 and value.isprintable()
    except ValueError:
        good = False
    if not good:
        raise ProxyError(f"the environment variable {variable} is no URL of a proxy")
    if parts.scheme not in _SCHEMES:
        raise ProxyError(f"the proxy of the environment variable {variable} is none of {', '.join(_SCHEMES)}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Proxy(variable, url, [one for one in (password, f"{user}:{password}" if password else "") if one])
