"""The program: the built-in CSMS, listening, with everybody who listens to it."""

from __future__ import annotations

import json
import ssl as tls
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj.tls import in_words, server_context
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.tools.csms.admission import Admission, new_passwords
from ocpplab_runner.tools.csms.summary import Summaries
from ocpplab_runner.tools.traffic.exchanges import Exchange, Exchanges
from ocpplab_runner.tools.traffic.lines import rule_of
from ocpplab_runner.tools.traffic.watching import Listener, Watch, redacted
from ocpplab_runner.vocabulary.versions import OcppVersion
from ocpplab_runner.web.recordings import Crossed, recording_of

#: What a station is called that has not said who it is.
UNKNOWN_STATION = "?"
#: Exchanges, and violations of each station, that are kept to be asked for.
_HISTORY, _VIOLATIONS = 1000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsSettings:
    """What the program is told.

    Attributes:
        config: what the CSMS knows and how it answers.
        host: a numeric address to listen on.
        port: 0 picks a free one.
        path: what stands before the identity in the URL's path; anything may when it is None.
        versions: spoken, the preferred one first.
        passwords: see :class:`~ocpplab_runner.tools.csms.admission.Admission`.
        cert: a file of a certificate, for ``wss://``; None for ``ws://``.
        key: a file of its key, unless that stands in the same one.
        client_ca: a file of the certificates of those who sign stations' certificates, which are asked for then.
    """

    config: CsmsConfig
    host: str = "127.0.0.1"
    port: int = 0
    path: str | None = None
    versions: tuple[OcppVersion, ...] = tuple(OcppVersion)
    passwords: Mapping[str, str | None] | None = None
    cert: str | None = None
    key: str | None = None
    client_ca: str | None = None


class CsmsProgram:
    """Serves stations; made on a running event loop.

    Args:
        settings: what it is told.
        random: of message ids.

    Attributes:
        csms: which serves.
        summaries: what became of each station.
        history: the latest exchanges, without secrets.
    """

    def __init__(self, settings: CsmsSettings, *, random: Random) -> None:
        self._settings = settings
        self._admission = Admission(settings.passwords)
        self._redactor = Redactor(self._admission.secrets())
        self._watch = Watch(self._version_of)
        self._began = clock.now(), clock.utcnow()
        self._audience: tuple[Listener, ...] = ()
        self.summaries = Summaries()
        self.history: deque[Exchange] = deque(maxlen=_HISTORY)
        self._watchers: tuple[Callable[[Exchange], None], ...] = ()
        self._violations: dict[str, deque[Event]] = {}
        # Twice: as it crosses, for the passwords that it brings, and without secrets, for everybody else.
        self._exchanges = Exchanges(self._exchange)
        self._shown_exchanges = Exchanges(self._remember)
        self.csms = BuiltInCsms(settings.config, observer=self._watch, random=random)
        self._watch.subscribe(self._hear)

    @property
    def url(self) -> str:
        """What stations dial; the port is known once it has been started."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        path = "/".join(part for part in ((self._settings.path or "").strip("/"), "{identity}") if part)
        return f"{'ws' if self._settings.cert is None else 'wss'}://{host}:{self.csms.port}/{path}"

    def moment(self, at: float) -> datetime:
        """Date and time of a point of time on the loop's clock."""
        began, moment = self._began
        return moment + timedelta(seconds=at - began)

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Tell ``listener`` every event from now on, without secrets."""
        self._audience = (*self._audience, listener)

    def give(self, identities: Sequence[str], given: Mapping[str, Any], *, own_heartbeat: Iterable[str] = ()) -> None:
        """Begin anew for some stations, which share a world of their own from now on.

        Args:
            identities: of the stations.
            given: what the CSMS knows and how it answers, as ``given.csms``.
            own_heartbeat: those of them to which the boot answer leaves the interval of their heartbeats.

        Raises:
            ValueError: ``given`` makes no CSMS.
        """
        config = replace(CsmsConfig.from_given(given), own_heartbeat=frozenset(own_heartbeat))
        self.csms.give(config, identities)

    def violations_of(self, identity: str) -> list[dict[str, Any]]:
        """The latest violations of a station, each with its rule."""
        return [
            {
                "at": clock.timestamp(self.moment(event.at)),
                "code": event.name,
                "rule": rule_of(event.name),
                **event.fields,
            }
            for event in self._violations.get(identity, ())
        ]

    def recording(self, identity: str) -> str:
        """The latest messages of a station, as JSON Lines that `frames` and `scenario` read."""
        frames: list[Crossed] = []
        for one in self.history:
            if one.station != identity or one.message_id is None:
                continue
            up, number = one.direction == "to_csms", one.message_id
            kind = 6 if one.outcome == "one-way" else 2
            frames.append((self.moment(one.at), up, json.dumps([kind, number, one.action, one.payload])))
            if one.answered is None:
                continue
            error = (
                [4, number, *(one.answer.get(name, "") for name in ("code", "description")), {}]
                if (one.outcome == "error")
                else [3, number, one.answer]
            )
            frames.append((self.moment(one.answered), not up, json.dumps(error)))
        session = self.csms.stations[identity].session
        version = self.summaries.stations[identity].ocpp if session is None else session.version.value
        return recording_of(identity, version, sorted(frames, key=lambda frame: frame[0]))

    def exchange_row(self, exchange: Exchange) -> dict[str, Any]:
        """An exchange as plain data."""
        row: dict[str, Any] = {
            "number": exchange.number,
            "at": clock.timestamp(self.moment(exchange.at)),
            "station": exchange.station,
            "direction": exchange.direction,
            "action": exchange.action,
            "message_id": exchange.message_id,
            "payload": exchange.payload,
            "outcome": exchange.outcome,
        }
        if exchange.latency is not None:
            row |= {"answer": exchange.answer, "latency_ms": round(exchange.latency * 1000, 1)}
        return row

    async def start(self) -> None:
        """Listen.

        Raises:
            TlsFileError: a file of certificates or keys cannot be used.
            OSError: it cannot listen there.
        """
        settings, context = self._settings, None
        if settings.cert is not None:
            context = server_context(
                settings.cert, settings.key, client_ca=settings.client_ca, refused=self._refused_handshake
            )
        await self.csms.start(
            settings.host,
            settings.port,
            versions=settings.versions,
            ssl=context,
            path=settings.path,
            authenticate=self._admission.judge,
            refused=self._refused,
        )

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        await self.csms.stop()

    def _refused(self, identity: str, why: str) -> None:
        self._watch.note(identity, f"refused: {why}")

    def _refused_handshake(self, error: tls.SSLError) -> None:
        self._watch.note(UNKNOWN_STATION, f"refused: {in_words(error, 'the station')}")

    def _version_of(self, identity: str) -> OcppVersion:
        session = self.csms.stations[identity].session
        assert session is not None
        return session.version

    def _hear(self, event: Event) -> None:
        # First: a password that the station takes by this event is hidden from this event on.
        self._exchanges.hear(event)
        shown = redacted(event, self._redactor)
        self.summaries.hear(shown)
        self._shown_exchanges.hear(shown)
        if shown.kind == "violation":
            self._violations.setdefault(shown.charger, deque(maxlen=_VIOLATIONS)).append(shown)
        for listener in self._audience:
            listener(shown)

    def _exchange(self, exchange: Exchange) -> None:
        for password in new_passwords(exchange):
            self._redactor.add(password)
        self._admission.answered(exchange)
        self.summaries.exchange(exchange)

    def watch(self, watcher: Callable[[Exchange], None]) -> Callable[[], None]:
        """Tell ``watcher`` every exchange when it begins and when it has ended, without secrets; the result ends it."""
        self._watchers = (*self._watchers, watcher)

        def forget() -> None:
            self._watchers = tuple(one for one in self._watchers if one is not watcher)

        return forget

    def _remember(self, exchange: Exchange) -> None:
        for watcher in self._watchers:
            watcher(exchange)
        # When it begins: the same object has its answer later.
        if exchange.outcome in ("waiting", "one-way", "stray"):
            self.history.append(exchange)
