"""The URL that a charger dials: where its identity stands in it, and what of it may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

#: Stands for the percent-encoded identity, anywhere behind the scheme.
IDENTITY = "{identity}"
_HIDDEN = "[redacted]"


@dataclass(frozen=True, slots=True)
class Dialled:
    """One charger's way to its CSMS.

    Attributes:
        url: with the identity, without credentials.
        shown: for people: the query, which may hold a token, is hidden.
        basic_auth: user and password that stood in the URL.
    """

    url: str
    shown: str
    basic_auth: tuple[str, str] | None


def dial(url: str, identity: str) -> Dialled:
    """Put a charger's identity into the URL of a CSMS: in the place of ``{identity}``, else at the end of the path.

    Args:
        url: ``ws://`` or ``wss://``.
        identity: the charger's; percent-encoded as OCPP-J asks (1.6 section 3.1.1, 2.x Part 4 section 3.1.1).

    Raises:
        ValueError: it is no WebSocket URL; the text shows no credentials.
    """
    return _dialled(url, quote(identity, safe=""))


def forward(url: str, target: str) -> Dialled:
    """Where a proxy dials for a charger.

    A URL with ``{identity}``, or with a path, gets the charger's identity as :func:`dial` puts it there; one without a
    path gets the charger's whole path. The query of both goes along. Nothing is decoded and encoded anew.

    Args:
        url: of the CSMS.
        target: path and query that the charger has dialled.

    Raises:
        ValueError: it is no WebSocket URL; the text shows no credentials.
    """
    path, _, query = target.partition("?")
    before, _, identity = path.rstrip("/").rpartition("/")
    if IDENTITY not in url and urlsplit(url).path in ("", "/"):
        parts = urlsplit(url)
        url = urlunsplit((parts.scheme, parts.netloc, f"{before}/{IDENTITY}", parts.query, ""))
    return _dialled(url, identity, query)


def _dialled(url: str, encoded: str, query: str = "") -> Dialled:
    whole = url.replace(IDENTITY, encoded)
    try:
        parts = urlsplit(whole)
        good = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
        # As it will be looked up; raises UnicodeError for what no name can be.
        (parts.hostname or "").encode("idna")
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"not a ws:// or wss:// URL: {without_credentials(url)}")
    path = parts.path if IDENTITY in url else f"{parts.path.rstrip('/')}/{encoded}"
    query = "&".join(part for part in (parts.query, query) if part)
    host = parts.netloc.rpartition("@")[2]
    credentials = None
    if parts.username or parts.password:
        credentials = unquote(parts.username or ""), unquote(parts.password or "")
    return Dialled(
        urlunsplit((parts.scheme, host, path, query, "")),
        urlunsplit((parts.scheme, host, path, _HIDDEN if query else "", "")),
        credentials,
    )


def without_credentials(url: str) -> str:
    """A text that should have been a URL, without what stands before its ``@`` and without its query."""
    scheme, slashes, rest = url.partition("://")
    address, question, _ = (rest if slashes else scheme).rpartition("@")[2].partition("?")
    return f"{scheme}{slashes}{address}" + (f"?{_HIDDEN}" if question else "") if slashes else address
