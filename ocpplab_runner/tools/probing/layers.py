"""The layers below any protocol: a name, a port, TLS and the certificates that it shows."""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from ocpplab_runner import clock
from ocpplab_runner.ocppj.tls import ClientTls, in_words
from ocpplab_runner.tools.probing.chain import shown_chain
from ocpplab_runner.tools.probing.finding import Finding, Verdict

#: A certificate that ends sooner is worth a word.
_SOON = timedelta(days=30)
#: OpenSSL's reason for a certificate that is not taken; it can be looked at all the same.
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody to look at.

    Attributes:
        host: name or address.
        port: where it listens.
        limit: seconds that each look may take.
        called: what it is, for people.
        plainly: how its URL begins where it speaks no TLS.
        trust: for TLS; None where none is spoken.
        identity: of whose certificate is shown.
    """

    host: str
    port: int
    limit: float
    called: str
    plainly: str
    trust: ClientTls | None = None
    identity: str = ""


async def layers(server: Server) -> AsyncGenerator[Finding, None]:
    """Look at each as far as there is a way.

    Raises:
        ValueError: a file of certificates cannot be used.
    """
    for look in (_name, _tcp):
        found = await look(server)
        yield found
        if found.verdict is Verdict.UNREACHABLE:
            return
    if server.trust is None:
        return
    context = server.trust.context(server.identity)
    found = await _tls(server, context)
    yield found
    if found.verdict is not Verdict.UNREACHABLE or found.details.get("reason") == _UNTRUSTED:
        # By another handshake, which takes any: of one that has failed nothing can be looked at.
        taking = replace(server.trust, verify=False).context(server.identity)
        shown = await shown_chain(taking, server.host, server.port, server.limit)
        for number, certificate in enumerate(shown, 1):
            yield _certificate(number, certificate)


async def _name(server: Server) -> Finding:
    host, limit = server.host, server.limit
    try:
        async with asyncio.timeout(limit):
            found = await asyncio.get_running_loop().getaddrinfo(host, server.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Finding("name", Verdict.UNREACHABLE, f"{host} was not found within {limit:g} s")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Finding("name", Verdict.UNREACHABLE, f"{host} is no name that can be found: {why}")
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    text = f"{host} is an address" if addresses == [host] else f"{host} is {', '.join(addresses)}"
    return Finding("name", Verdict.OK, text, {"host": host, "addresses": addresses})


async def _tcp(server: Server) -> Finding:
    began, limit, port = clock.now(), server.limit, server.port
    where = f"port {port}"
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(server.host, port)
    except TimeoutError:
        text = f"nobody answers at {where} within {limit:g} s: a firewall may swallow what is sent"
        return Finding("tcp", Verdict.UNREACHABLE, text, {"port": port})
    except ConnectionRefusedError:
        return Finding("tcp", Verdict.UNREACHABLE, f"{where} is closed: nobody listens there", {"port": port})
    except OSError as error:
        text = f"{where} cannot be reached: {error.strerror or error}"
        return Finding("tcp", Verdict.UNREACHABLE, text, {"port": port})
    took = clock.now() - began
    writer.close()
    return Finding("tcp", Verdict.OK, f"{where} is open ({milliseconds(took)})", {"port": port, "seconds": took})


async def _tls(server: Server, context: tls.SSLContext) -> Finding:
    try:
        version, cipher, certificate = await _handshake(server, context)
    except TimeoutError:
        return Finding("tls", Verdict.UNREACHABLE, f"the handshake did not end within {server.limit:g} s")
    except tls.SSLError as error:
        return Finding("tls", Verdict.UNREACHABLE, in_words(error, server.called), {"reason": error.reason})
    except OSError:
        text = "the connection was broken off in the handshake: there may be "
        text += f"{server.plainly} only, or other versions of TLS"
        return Finding("tls", Verdict.UNREACHABLE, text)
    details: dict[str, Any] = {"version": version, "cipher": cipher}
    text = f"{version}, {cipher}"
    if not certificate:
        return Finding("tls", Verdict.WARNING, f"{text}; the certificate was not verified", details)
    until = datetime.fromtimestamp(tls.cert_time_to_seconds(certificate["notAfter"]), UTC)
    left = until - clock.utcnow()
    names = [str(value) for _, value in certificate.get("subjectAltName", ())]
    issuer = _common_name(certificate.get("issuer", ()))
    details |= {"hosts": names, "issuer": issuer, "until": until.isoformat()}
    text += f"; certificate for {', '.join(names)} by {issuer}, until {until:%Y-%m-%d}"
    if left < _SOON:
        return Finding("tls", Verdict.WARNING, f"{text}: it ends in {left.days} days", details)
    return Finding("tls", Verdict.OK, text, details)


def _certificate(number: int, certificate: x509.Certificate) -> Finding:
    """One of those that are shown."""
    subject, issuer = _name_of(certificate.subject), _name_of(certificate.issuer)
    until = certificate.not_valid_after_utc
    text = f"{number}: {subject}, by {'itself' if subject == issuer else issuer}, until {until:%Y-%m-%d}"
    details = {"subject": subject, "issuer": issuer, "until": until.isoformat()}
    left = until - clock.utcnow()
    if left < timedelta():
        return Finding("chain", Verdict.WARNING, f"{text}: it has expired", details)
    if left < _SOON:
        return Finding("chain", Verdict.WARNING, f"{text}: it ends in {left.days} days", details)
    return Finding("chain", Verdict.OK, text, details)


def _name_of(name: x509.Name) -> str:
    return name.rfc4514_string() or "nobody"


async def _handshake(server: Server, context: tls.SSLContext) -> tuple[str, str, dict[str, Any]]:
    """Version, cipher and certificate; the latter is empty when it was not verified."""
    async with asyncio.timeout(server.limit):
        _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    secured: tls.SSLObject = writer.get_extra_info("ssl_object")
    try:
        cipher = secured.cipher()
        return secured.version() or "", cipher[0] if cipher else "", dict(secured.getpeercert() or {})
    finally:
        writer.transport.abort()


def _common_name(name: Sequence[Sequence[Sequence[str]]]) -> str:
    pairs = [(str(key), str(value)) for part in name for key, value in part]
    named = dict(pairs)
    return named.get("commonName") or named.get("organizationName") or "nobody"


def milliseconds(seconds: float) -> str:
    """For people."""
    return f"{seconds * 1000:.0f} ms"
