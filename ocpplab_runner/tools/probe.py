"""Is there a CSMS, and would it take a charger? One look at each layer, from the name to the boot."""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from ocpplab_runner import clock
from ocpplab_runner.ocppj.frames import CallError, CallResult
from ocpplab_runner.ocppj.records import CallFailed, SessionClosed
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.ocppj.tls import in_words
from ocpplab_runner.tools.chain import shown_chain
from ocpplab_runner.tools.dialling import Dialling, Line, boot_payload, line
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A certificate that ends sooner is worth a word.
_SOON = timedelta(days=30)
#: OpenSSL's reason for a certificate that is not taken; it can be looked at all the same.
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
#: Seconds by which a CSMS's clock may differ before it is worth a word.
_SKEW = 5.0
#: With these of HTTP's statuses some servers say that they do not speak the version offered.
_OF_THE_VERSION = frozenset({400, 406, 426})


class Verdict(StrEnum):
    """What one look has shown, from good to bad."""

    OK = "ok"
    SKIPPED = "skipped"
    #: It is not there, and need not be.
    ABSENT = "no"
    WARNING = "warning"
    FAILED = "failed"
    #: There is no way to an OCPP connection.
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look.

    Attributes:
        check: ``name``, ``tcp``, ``tls``, ``chain`` for each certificate of the CSMS, ``http``, ``auth``, a
            subprotocol, ``boot`` or ``clock``.
        verdict: what it comes to.
        text: the same in words.
        details: for programs.
    """

    check: str
    verdict: Verdict
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


async def probe(
    dialling: Dialling, versions: Sequence[OcppVersion], *, wanted: bool = False, boot: bool = True
) -> AsyncGenerator[Finding, None]:
    """Look at a CSMS, layer by layer, as far as there is a way.

    Args:
        dialling: the way there.
        versions: to ask for, each by itself; the first that is spoken boots.
        wanted: whether all of them must be spoken; otherwise one will do.
        boot: False sends no BootNotification, and so learns nothing of the clock.

    Raises:
        ValueError: the URL is none, or a file of certificates cannot be used.
    """
    parts = urlsplit(dialling.dialled.url)
    host, port = parts.hostname or "", parts.port or (443 if dialling.secure else 80)
    looks = [_name, _tcp, _tls] if dialling.secure else [_name, _tcp]
    if dialling.route.proxy is not None:
        told = f"through the proxy {dialling.route.proxy_shown}, which sees to the name and the port"
        yield Finding("proxy", Verdict.SKIPPED, told, {"proxy": dialling.route.proxy_shown})
        looks = []
    for look in looks:
        found = await look(dialling, host, port)
        yield found
        if look is _tls and (found.verdict is not Verdict.UNREACHABLE or found.details.get("reason") == _UNTRUSTED):
            for number, certificate in enumerate(await shown_chain(dialling, host, port), 1):
                yield _certificate(number, certificate)
        if found.verdict is Verdict.UNREACHABLE:
            return
    spoken: OcppVersion | None = None
    async for found, version in _websocket(dialling, versions, Verdict.FAILED if wanted else Verdict.ABSENT):
        spoken = spoken or version
        yield found
    if spoken is None:
        return
    if not boot:
        yield Finding("boot", Verdict.SKIPPED, "no BootNotification was sent")
        return
    # Dialled anew: many a CSMS closes a charger's older connection when it dials again.
    try:
        ws, version = await dialling.connect([spoken])
    except ConnectRefused as refused:
        yield Finding("boot", Verdict.FAILED, f"dialled again for its boot: {refused}")
        return
    try:
        async with line(ws, version, dialling) as asking:
            async for found in _boot(asking, dialling.limit):
                yield found
    finally:
        await ws.close()


async def _name(dialling: Dialling, host: str, port: int) -> Finding:
    limit = dialling.limit
    try:
        async with asyncio.timeout(limit):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Finding("name", Verdict.UNREACHABLE, f"{host} was not found within {limit:g} s")
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Finding("name", Verdict.UNREACHABLE, f"{host} is no name that can be found: {why}")
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    text = f"{host} is an address" if addresses == [host] else f"{host} is {', '.join(addresses)}"
    return Finding("name", Verdict.OK, text, {"host": host, "addresses": addresses})


async def _tcp(dialling: Dialling, host: str, port: int) -> Finding:
    began, limit = clock.now(), dialling.limit
    where = f"port {port}"
    try:
        async with asyncio.timeout(limit):
            _, writer = await asyncio.open_connection(host, port)
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
    return Finding("tcp", Verdict.OK, f"{where} is open ({_milliseconds(took)})", {"port": port, "seconds": took})


async def _tls(dialling: Dialling, host: str, port: int) -> Finding:
    try:
        version, cipher, certificate = await _handshake(dialling, host, port)
    except TimeoutError:
        return Finding("tls", Verdict.UNREACHABLE, f"the handshake did not end within {dialling.limit:g} s")
    except tls.SSLError as error:
        return Finding("tls", Verdict.UNREACHABLE, in_words(error, "the CSMS"), {"reason": error.reason})
    except OSError:
        text = "the connection was broken off in the handshake: there may be ws:// only, or other versions of TLS"
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
    """One of those that the CSMS shows."""
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


async def _handshake(dialling: Dialling, host: str, port: int) -> tuple[str, str, dict[str, Any]]:
    """Version, cipher and certificate; the latter is empty when it was not verified."""
    async with asyncio.timeout(dialling.limit):
        _, writer = await asyncio.open_connection(host, port, ssl=dialling.tls.context(dialling.identity))
    secured: tls.SSLObject = writer.get_extra_info("ssl_object")
    try:
        cipher = secured.cipher()
        return secured.version() or "", cipher[0] if cipher else "", dict(secured.getpeercert() or {})
    finally:
        writer.transport.abort()


async def _websocket(
    dialling: Dialling, versions: Sequence[OcppVersion], unspoken: Verdict
) -> AsyncIterator[tuple[Finding, OcppVersion | None]]:
    """What HTTP, authentication and each version come to; a version that is spoken comes along."""
    answered = spoken = False
    for version in versions:
        try:
            ws, _ = await dialling.connect([version])
        except ConnectRefused as refused:
            if refused.reason == "subprotocol":
                if not answered:
                    for found in _welcome(dialling):
                        yield found, None
                answered = True
                yield Finding(version.subprotocol, unspoken, "not spoken", {"spoken": False}), None
                continue
            details = {"reason": refused.reason, "status": refused.status}
            if not answered and refused.status not in _OF_THE_VERSION:
                check = "tls" if refused.reason == "tls" else "http"  # TLS 1.3: the CSMS looks at certificates late
                yield Finding(check, Verdict.UNREACHABLE, str(refused), details), None
                return
            yield Finding(version.subprotocol, unspoken, str(refused), details | {"spoken": False}), None
            continue
        if not answered:
            for found in _welcome(dialling):
                yield found, None
        answered = spoken = True
        await ws.close()
        yield Finding(version.subprotocol, Verdict.OK, "spoken", {"spoken": True}), version
    if not spoken:
        names = ", ".join(version.subprotocol for version in versions)
        yield Finding("subprotocol", Verdict.UNREACHABLE, f"the CSMS speaks none of {names}", {"spoken": []}), None


def _welcome(dialling: Dialling) -> list[Finding]:
    """The CSMS has opened a WebSocket."""
    http = Finding("http", Verdict.OK, f"HTTP 101 for {dialling.dialled.shown}", {"status": 101})
    credentials = dialling.basic_auth or dialling.dialled.basic_auth
    shown = [f"the password of {credentials[0]}"] if credentials is not None else []
    shown += ["a certificate"] if dialling.tls.cert is not None and dialling.secure else []
    told = f"let in with {' and '.join(shown)}" if shown else "let in without password or certificate"
    return [http, Finding("auth", Verdict.OK, told, {"shown": shown})]


async def _boot(asking: Line, limit: float) -> AsyncIterator[Finding]:
    session = asking.session
    began = clock.now()
    try:
        answer = await session.call("BootNotification", boot_payload(session.version, "probe"))
    except SessionClosed:
        yield Finding("boot", Verdict.FAILED, f"no answer to BootNotification: {await asking.end()}")
        return
    except CallFailed:
        yield Finding("boot", Verdict.FAILED, f"no answer to BootNotification within {limit:g} s")
        return
    took = clock.now() - began
    there = clock.utcnow() - timedelta(seconds=took / 2)
    wrong = [f"{one.code}: {one.description}" for one in asking.heard.violations]
    if isinstance(answer, CallError):
        text = f"BootNotification was answered with {answer.code}: {answer.description or 'no description'}"
        yield Finding("boot", Verdict.FAILED, "; ".join([text, *wrong]), {"error": answer.code, "violations": wrong})
        return
    status, interval = answer.payload.get("status"), answer.payload.get("interval")
    details = {"status": status, "interval": interval, "seconds": took, "violations": wrong}
    meaning = {"Accepted": "", "Pending": ": the charger must wait", "Rejected": ": the CSMS takes no such charger"}
    text = f"{status}{meaning.get(str(status), '')}, interval {interval} s ({_milliseconds(took)})"
    verdict = {"Accepted": Verdict.OK, "Pending": Verdict.WARNING}.get(str(status), Verdict.FAILED)
    yield Finding("boot", Verdict.FAILED if wrong else verdict, "; ".join([text, *wrong]), details)
    yield _clock(answer, there)


def _clock(answer: CallResult, there: datetime) -> Finding:
    """How far the CSMS's clock is from ours.

    Args:
        answer: to the BootNotification.
        there: our time when it was, supposedly, written.
    """
    try:
        told = datetime.fromisoformat(str(answer.payload.get("currentTime")).upper())
    except ValueError:
        return Finding("clock", Verdict.FAILED, "the answer's currentTime is none")
    told = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
    skew = (told - there).total_seconds()
    ahead = "ahead of" if skew > 0 else "behind"
    if abs(skew) < _SKEW:
        return Finding("clock", Verdict.OK, f"within {_SKEW:g} s of this machine's", {"skew": skew})
    return Finding("clock", Verdict.WARNING, f"{abs(skew):.0f} s {ahead} this machine's", {"skew": skew})


def _common_name(name: Sequence[Sequence[Sequence[str]]]) -> str:
    pairs = [(str(key), str(value)) for part in name for key, value in part]
    named = dict(pairs)
    return named.get("commonName") or named.get("organizationName") or "nobody"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
