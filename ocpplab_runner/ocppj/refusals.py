"""Why there is no connection, in words: what a failed handshake means for somebody who tests chargers."""

from __future__ import annotations

import ssl as tls
from collections.abc import Sequence

from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI, NegotiationError

from ocpplab_runner.ocppj.tls import in_words
from ocpplab_runner.vocabulary.versions import OcppVersion


class ConnectRefused(Exception):
    """No connection, or none that speaks OCPP.

    Attributes:
        reason: one of ``unreachable`` (nothing answers there), ``tls`` (the certificate or the TLS handshake),
            ``unauthorized`` (HTTP 401 or 403), ``not-found`` (404: the identity is unknown), ``http`` (another HTTP
            answer), ``subprotocol`` (no OCPP version in common), ``timeout``, ``url`` (no WebSocket URL).
        status: the HTTP status, where there was one.
    """

    def __init__(self, reason: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.reason, self.status = reason, status


def no_common_version(versions: Sequence[OcppVersion]) -> ConnectRefused:
    """The handshake ended without a subprotocol (OCPP-J 1.6 section 3.2)."""
    return ConnectRefused("subprotocol", f"the CSMS speaks none of {_offer(versions)}")


def refusal(error: Exception, url: str, versions: Sequence[OcppVersion], limit: float) -> ConnectRefused:
    """What an error of the handshake means.

    Args:
        error: an OSError, or one of ``websockets``.
        url: as it may be shown.
        versions: that were offered.
        limit: seconds that TCP, TLS and HTTP had together.
    """
    match error:
        case TimeoutError():
            return ConnectRefused("timeout", f"{url} did not complete the handshake within {limit:g} s")
        case InvalidStatus():
            return _by_status(error, url, versions)
        case NegotiationError():
            return ConnectRefused("subprotocol", f"the CSMS picked none of {_offer(versions)}: {error}")
        case tls.SSLError():
            return ConnectRefused("tls", f"TLS with {url} failed: {in_words(error, 'the CSMS')}")
        case InvalidMessage() if url.startswith("wss:") and isinstance(error.__cause__, EOFError):
            return ConnectRefused(
                "tls", f"{url} closed the connection without an answer: it may ask for another certificate, or for one"
            )
        case ConnectionResetError() | ConnectionAbortedError() if url.startswith("wss:"):
            return ConnectRefused(
                "tls", f"{url} broke off the TLS handshake: it may speak ws:// only, or other TLS versions"
            )
        case InvalidURI():
            return ConnectRefused("url", str(error))
        case InvalidHandshake():
            return ConnectRefused("http", f"{url} is no WebSocket server: {error}")
    return ConnectRefused("unreachable", f"cannot reach {url}: {error or type(error).__name__}")


def _by_status(error: InvalidStatus, url: str, versions: Sequence[OcppVersion]) -> ConnectRefused:
    status = error.response.status_code
    reason = {401: "unauthorized", 403: "unauthorized", 404: "not-found"}.get(status, "http")
    hint = {
        400: f": perhaps it speaks none of {_offer(versions)}, or asks for credentials",
        401: ": the CSMS refuses the credentials",
        403: ": the CSMS forbids this charger",
        404: ": the CSMS does not know this charger or this path",
    }.get(status, "")
    if 300 <= status < 400:
        hint = ": a charger follows no redirect, which could carry its password elsewhere"
    return ConnectRefused(reason, f"{url} answered HTTP {status}{hint}", status)


def _offer(versions: Sequence[OcppVersion]) -> str:
    return ", ".join(version.subprotocol for version in versions)
