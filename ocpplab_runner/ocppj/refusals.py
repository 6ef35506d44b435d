"""Why there is no connection, in words: what a failed handshake means for somebody who tests chargers."""

from __future__ import annotations

import errno
import os
import ssl as tls
from collections.abc import Sequence

from websockets.exceptions import (
    InvalidHandshake,
    InvalidHeader,
    InvalidMessage,
    InvalidProxyStatus,
    InvalidStatus,
    InvalidURI,
    NegotiationError,
    ProxyError,
)

from ocpplab_runner.ocppj.tls import in_words
from ocpplab_runner.vocabulary.texts import shortened

#: Characters of what the other side says.
_LONGEST = 160


class ConnectRefused(Exception):
    """No connection, or none that speaks OCPP.

    Attributes:
        reason: one of ``unreachable`` (nothing answers there), ``tls`` (the certificate or the TLS handshake),
            ``unauthorized`` (HTTP 401 or 403), ``not-found`` (404: the identity is unknown), ``http`` (another HTTP
            answer), ``proxy`` (it is not there, or opens no way), ``subprotocol`` (no OCPP version in common),
            ``timeout``, ``url`` (no WebSocket URL).
        status: the HTTP status, where there was one.
    """

    def __init__(self, reason: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.reason, self.status = reason, status


def no_common_version(offered: Sequence[str]) -> ConnectRefused:
    """The handshake ended without a subprotocol (OCPP-J 1.6 section 3.2)."""
    return ConnectRefused("subprotocol", f"the CSMS speaks none of {_offer(offered)}")


def refusal(
    error: Exception,
    url: str,
    offered: Sequence[str],
    limit: float,
    lacks: str,
    proxy: str | None = None,
) -> ConnectRefused:
    """What an error of the handshake means.

    Args:
        error: an OSError, or one of ``websockets``.
        url: as it may be shown.
        offered: the subprotocols that were.
        limit: seconds that TCP, TLS and HTTP had together.
        lacks: how far it came by then: what there is not yet.
        proxy: that is in the way still, as it may be shown.
    """
    if proxy is not None:
        return _by_proxy(error, url, proxy, limit)
    # The order counts: all of websockets' but InvalidURI are kinds of InvalidHandshake.
    match error:
        case TimeoutError():
            return ConnectRefused("timeout", f"{url} did not complete the handshake within {limit:g} s: {lacks}")
        case InvalidStatus():
            return _by_status(error, url, offered)
        case NegotiationError() | InvalidHeader() if _is_subprotocol(error):
            return ConnectRefused("subprotocol", f"the CSMS picked none of {_offer(offered)}: {_told(error)}")
        case tls.SSLError():
            return ConnectRefused("tls", f"TLS with {url} failed: {in_words(error, 'the CSMS')}")
        # By TLS 1.3 the CSMS looks at the charger's certificate when the handshake is over for the charger.
        case InvalidMessage() if url.startswith("wss:") and isinstance(error.__cause__, EOFError):
            return ConnectRefused(
                "tls", f"{url} closed the connection without an answer: it may ask for another certificate, or for one"
            )
        case ConnectionResetError() | ConnectionAbortedError() if url.startswith("wss:"):
            perhaps = "it may speak ws:// only, or other TLS versions, or ask for a certificate"
            return ConnectRefused("tls", f"{url} broke off the TLS handshake: {perhaps}")
        case InvalidURI():
            return ConnectRefused("url", str(error))
        case InvalidMessage():
            return ConnectRefused("http", _no_http(error, url))
        case InvalidHandshake():
            return ConnectRefused("http", f"{url} is no WebSocket server: its answer is wrong: {_told(error)}")
    return ConnectRefused("unreachable", f"cannot reach {url}: {_in_the_systems_words(error)}")


def _in_the_systems_words(error: Exception) -> str:
    """asyncio puts its own words, and the address once more, in the place of the system's."""
    match error:
        case ConnectionRefusedError():
            return f"{os.strerror(errno.ECONNREFUSED)}: nobody listens there"
        # getaddrinfo has numbers of its own, below 0, and says itself what they mean.
        case OSError(errno=int(number)) if number > 0:
            return os.strerror(number)
        case OSError(strerror=str(told)):  # of a name that is not found
            return told
    return str(error) or type(error).__name__


def _by_proxy(error: Exception, url: str, proxy: str, limit: float) -> ConnectRefused:
    """The way through a proxy has not opened."""
    match error:
        case InvalidProxyStatus():
            status = error.response.status_code
            hint = {403: ": it lets nobody through to there", 407: ": it asks for credentials"}.get(status, "")
            return ConnectRefused("proxy", f"the proxy {proxy} answered HTTP {status} for {url}{hint}", status)
        case TimeoutError():
            return ConnectRefused("timeout", f"the proxy {proxy} opened no way to {url} within {limit:g} s")
        case ProxyError():
            return ConnectRefused("proxy", f"{proxy} is no proxy that can CONNECT: {_told(error)}")
    return ConnectRefused("proxy", f"cannot reach the proxy {proxy}: {_told(error) or type(error).__name__}")


#: HTTP status → the reason of a refusal and what it means.
_STATUSES = {
    200: ("http", "a page of the web and no WebSocket; perhaps another path is right"),
    400: ("http", "perhaps it speaks none of {offer}, or asks for credentials"),
    401: ("unauthorized", "the CSMS refuses the credentials"),
    403: ("unauthorized", "the CSMS forbids this charger"),
    404: ("not-found", "the CSMS does not know this charger or this path"),
    407: ("http", "a proxy on the way asks for credentials of its own"),
    426: ("http", "it asks for another version of the protocol"),
    429: ("http", "it has had too many attempts"),
}


def _by_status(error: InvalidStatus, url: str, offered: Sequence[str]) -> ConnectRefused:
    status = error.response.status_code
    reason, hint = _STATUSES.get(status, ("http", ""))
    if 300 <= status < 400:
        hint = "a charger follows no redirect, which could carry its password elsewhere"
    elif status >= 500:
        hint = "the CSMS, or what stands before it, is in trouble"
    told = f"{url} answered HTTP {status}" + (f": {hint.format(offer=_offer(offered))}" if hint else "")
    return ConnectRefused(reason, told, status)


def _no_http(error: InvalidMessage, url: str) -> str:
    """A server that speaks TLS, where none is expected, mostly just hangs up."""
    if isinstance(error.__cause__, EOFError):
        return f"{url} closed the connection without an answer in HTTP: it may speak wss:// only"
    return f"{url} is no WebSocket server: it gave no answer that can be taken as HTTP/1.1" + (
        f": {_told(error.__cause__)}" if error.__cause__ is not None else ""
    )


def _is_subprotocol(error: NegotiationError | InvalidHeader) -> bool:
    """A NegotiationError may also be about extensions."""
    if isinstance(error, InvalidHeader):
        return error.name.lower() == "sec-websocket-protocol"
    return "subprotocol" in str(error)


def _told(error: BaseException) -> str:
    """What a library says, which may quote the other side at any length."""
    return shortened("".join(char if char.isprintable() else "?" for char in str(error)), _LONGEST)


def _offer(offered: Sequence[str]) -> str:
    return ", ".join(offered)
