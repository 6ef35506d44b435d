"""The TLS of a CSMS of ours that chargers dial: OCPP security profiles 2 and 3."""

from __future__ import annotations

import ssl as tls


def server_context(cert: str, key: str, client_ca: str | None = None) -> tls.SSLContext:
    """A context that knows TLS 1.2 and newer.

    Args:
        cert: file of the server's certificate, with its chain.
        key: file of its private key.
        client_ca: file of the authorities whose client certificates are wanted; without it none is asked for.

    Raises:
        ValueError: a file cannot be used; the text names it.
    """
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    context.minimum_version = tls.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except (OSError, tls.SSLError) as error:
        raise ValueError(f"`cert` {cert} and `key` {key}: {_why(error)}") from error
    if client_ca is not None:
        context.verify_mode = tls.CERT_REQUIRED
        try:
            context.load_verify_locations(client_ca)
        except (OSError, tls.SSLError) as error:
            raise ValueError(f"`client_ca` {client_ca}: {_why(error)}") from error
    return context


def _why(error: OSError) -> str:
    return error.strerror or str(error)
