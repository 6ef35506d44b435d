"""Is there a CSMS, and would it take a charger? One look at each layer, from the name to the boot."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from ocpplab_runner import clock
from ocpplab_runner.ocppj.frames import CallError, CallResult
from ocpplab_runner.ocppj.records import CallFailed, SessionClosed
from ocpplab_runner.ocppj.refusals import ConnectRefused
from ocpplab_runner.tools.dialling import Dialling, Line, boot_payload, line
from ocpplab_runner.tools.probing.finding import Finding, Verdict
from ocpplab_runner.tools.probing.layers import Server, layers, milliseconds
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds by which a CSMS's clock may differ before it is worth a word.
_SKEW = 5.0
#: With these of HTTP's statuses some servers say that they do not speak the version offered.
_OF_THE_VERSION = frozenset({400, 406, 426})


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
    reachable = True
    if dialling.route.proxy is not None:
        told = f"through the proxy {dialling.route.proxy_shown}, which sees to the name and the port"
        yield Finding("proxy", Verdict.SKIPPED, told, {"proxy": dialling.route.proxy_shown})
    else:
        trust = dialling.tls if dialling.secure else None
        async for found in layers(Server(host, port, dialling.limit, "the CSMS", "ws://", trust, dialling.identity)):
            reachable = reachable and found.verdict is not Verdict.UNREACHABLE
            yield found
    if not reachable:
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
    text = f"{status}{meaning.get(str(status), '')}, interval {interval} s ({milliseconds(took)})"
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
        # RFC 3339 lets t and z be small, which Python does not read.
        told = datetime.fromisoformat(str(answer.payload.get("currentTime")).upper())
    except ValueError:
        return Finding("clock", Verdict.FAILED, "the answer's currentTime is none")
    told = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
    skew = (told - there).total_seconds()
    ahead = "ahead of" if skew > 0 else "behind"
    if abs(skew) < _SKEW:
        return Finding("clock", Verdict.OK, f"within {_SKEW:g} s of this machine's", {"skew": skew})
    return Finding("clock", Verdict.WARNING, f"{abs(skew):.0f} s {ahead} this machine's", {"skew": skew})
