"""The certificates that a TLS server shows, from its own to the last, whether anybody trusts them or not."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

#: A server may show as many as it likes.
_MOST = 10


async def shown_chain(context: tls.SSLContext, host: str, port: int, limit: float) -> list[x509.Certificate]:
    """Ask for them by a handshake of its own; nothing where there is none, or it cannot be read.

    Args:
        context: to dial with, which takes any certificate.
        host: the server's.
        port: the server's.
        limit: seconds.
    """
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except (OSError, TimeoutError):
        return []
    try:
        return [*_read(_sent(writer.get_extra_info("ssl_object")))]
    finally:
        # Without TLS's farewell, for whose answer close() would wait.
        writer.transport.abort()


def _sent(secured: tls.SSLObject) -> list[bytes]:
    """DER, in the order in which they were sent."""
    public = getattr(secured, "get_unverified_chain", None)
    if public is not None:  # from Python 3.13 on
        return list(public())
    # Before that only the object behind it has the method.
    below = getattr(getattr(secured, "_sslobj", None), "get_unverified_chain", None)
    if below is not None:
        return [tls.PEM_cert_to_DER_cert(one.public_bytes()) for one in below() or ()]
    alone = secured.getpeercert(binary_form=True)
    return [] if alone is None else [alone]


def _read(chain: Iterable[bytes]) -> Iterable[x509.Certificate]:
    for number, one in enumerate(chain):
        if number == _MOST:
            return
        try:
            yield x509.load_der_x509_certificate(one)
        except (ValueError, UnsupportedAlgorithm):
            return
