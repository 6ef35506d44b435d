"""Our CSMS as long as a worker lives, and the stations that dial it."""

from __future__ import annotations

import asyncio
import hmac
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from random import SystemRandom
from ssl import SSLError
from typing import Any

from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.ocppj.tls import in_words
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Recorder
from ocpplab_runner.targets.observing import CsmsEnd
from ocpplab_runner.targets.station.journal import RestoreJournal
from ocpplab_runner.targets.station.options import StationFacts, StationOptions
from ocpplab_runner.targets.station.questions import Questions, RefusedError
from ocpplab_runner.targets.station.reports import Reports
from ocpplab_runner.targets.station.settings import StationSettings
from ocpplab_runner.targets.station.station_watch import StationWatch
from ocpplab_runner.vocabulary.durations import format_duration
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds in which a station that has connected boots by itself.
_OWN_BOOT = 5.0
#: Seconds without a station after which it is told that somebody waits for it.
_TELL_AFTER = 1.0


def say(text: str) -> None:
    """Tell whoever watches the run, while it runs; a progress bar that stands on the line makes room."""
    room = "\r\033[K" if sys.stderr.isatty() else ""
    sys.stderr.write(f"{room}{text}\n")
    sys.stderr.flush()


class Station:
    """One station, across the cases of a worker.

    Args:
        facts: what is known of it.
        csms: that it dials.
        options: of the target.

    Attributes:
        watch: of the present case; between two cases nobody records what it hears.
        settings: what it is set to; None before it has come.
        lost: why no case can have it any more; empty as long as one can.
        absent: whether it has been waited for in vain.
        put_back: whether what an earlier run has left of it has been looked for.
        arrived: whether it has come to the present case.
        asked: whether it has been asked for the statuses of its connectors.
        dirty: whether its settings may not be what was last read.
        listed: whether it may have a local list of ours.
        malformed: how many of its texts in the present case were no OCPP messages.
    """

    def __init__(self, facts: StationFacts, csms: BuiltInCsms, options: StationOptions) -> None:
        self.facts = facts
        self._options = options
        self.questions = Questions(csms, facts.identity, options.call_timeout)
        self.reports = Reports()
        self.watch = StationWatch(lambda _: None, facts.versions[0])
        self.end = CsmsEnd({}, self._hear, frames=True)
        self.settings: StationSettings | None = None
        self.lost = ""
        self.absent = False
        self.put_back = False
        self.arrived = False
        self.asked = False
        self.dirty = True
        self.listed = False
        self.malformed = 0

    def begin_case(self, name: str, record: Recorder, version: OcppVersion) -> None:
        """Let a case hear of it from now on."""
        self.watch = StationWatch(record, version, self.watch)
        self.end = CsmsEnd({self.facts.identity: name}, self._hear, frames=True)
        self.arrived = False
        self.malformed = 0

    def leave_case(self) -> None:
        """Nobody records what it says until the next case."""
        self.watch = StationWatch(lambda _: None, self.watch.version, self.watch)

    def settings_of(self, version: OcppVersion) -> StationSettings:
        """Its settings, in the version that it speaks."""
        if self.settings is None:
            journal = RestoreJournal(Path(self._options.journal), self.facts.identity)
            self.settings = StationSettings(
                self.questions, version, journal, self.reports, limit=self._options.call_timeout
            )
        return self.settings

    def _hear(self, observation: Observation) -> None:
        if observation.kind == "frame":
            self.malformed += observation.fields.get("type") == "malformed"
            self.reports.hear(observation)
        self.watch.hear(observation)


class Reception:
    """Where a worker's stations arrive; the observer of its CSMS.

    Args:
        options: of the target.
        stations: those that this worker serves.

    Attributes:
        csms: ours; listens once this is open.
        stations: by identity.
    """

    def __init__(self, options: StationOptions, stations: Sequence[StationFacts]) -> None:
        self._options = options
        self._usual = replace(
            CsmsConfig.from_given({"answer_delay": options.answer_delay}), call_timeout=options.call_timeout
        )
        # No seed: a real station may still know what an id of an earlier run meant.
        self.csms = BuiltInCsms(self._usual, observer=self, random=SystemRandom())
        self.stations = {facts.identity: Station(facts, self.csms, options) for facts in stations}
        self._refusals: dict[str, str] = {}
        self._tls_failure = ""

    async def open(self) -> None:
        """Listen at every address.

        Raises:
            InfrastructureError: it cannot listen there.
        """
        options = self._options
        addresses = dict.fromkeys(station.facts.listen for station in self.stations.values())
        for host, port in addresses:
            here = [one.facts.versions for one in self.stations.values() if one.facts.listen == (host, port)]
            versions = [version for version in OcppVersion if any(version in some for some in here)]
            try:
                await self.csms.start(
                    host,
                    port,
                    versions=versions,
                    ssl=None if options.tls is None else options.tls.context(self._tls_failed),
                    authenticate=self._authenticate,
                    path=options.path,
                    refused=self._refused,
                )
            except OSError as error:
                raise InfrastructureError(
                    f"cannot listen on {host}:{port} (option `listen`): {error.strerror or error}"
                ) from error

    async def close(self) -> list[str]:
        """Put every station's settings back and stop listening; returns what could not be put back."""
        # Without what a case has programmed: at a CSMS that is silent on purpose nothing is put back.
        self.csms.answer_as_usual(self.stations, self._options.answer_delay)
        told = await asyncio.gather(*(self._put_back(station) for station in self.stations.values()))
        await self.csms.stop()
        return [one for some in told for one in some]

    async def _put_back(self, station: Station) -> list[str]:
        settings, identity = station.settings, station.facts.identity
        if settings is None or not settings.changed:
            return []
        try:
            return [f"{identity}: {one}" for one in await settings.put_back()]
        except InfrastructureError as error:
            return [f"{identity}: its settings are not put back yet, the next run does it first: {error}"]

    def begin_case(self, stations: Iterable[Station], config: CsmsConfig | None = None) -> None:
        """Serve a case, or its preparation.

        Args:
            stations: of the case; the others are served as they were.
            config: what the CSMS knows and does; the usual where it is not given.
        """
        told = self._usual if config is None else replace(config, call_timeout=self._options.call_timeout)
        self.csms.give(told, [station.facts.identity for station in stations])

    async def arrive(self, station: Station, version: OcppVersion) -> None:
        """Return when a station is connected with a version, and its boot accepted.

        Raises:
            InfrastructureError: it has not come in time.
            BlockedError: it speaks another version.
        """
        identity, limit = station.facts.identity, self._options.boot
        if station.absent:
            limit = 0.0  # a run of many cases does not wait for it in each of them
        try:
            async with asyncio.timeout(limit):
                await self._connection(station, version)
        except TimeoutError:
            station.absent = True
            raise InfrastructureError(self._missing(station, version), reached=False) from None
        station.absent = False
        station.arrived = True
        session = self.csms.stations[identity].session
        if session is not None and session.version is not version:
            raise BlockedError(f"{identity} is connected with OCPP {session.version}, and the case is of {version}")
        try:
            async with asyncio.timeout(self._options.boot):
                await self._boot(station)
        except TimeoutError:
            raise InfrastructureError(
                f"{identity} is connected and has not booted within {format_duration(self._options.boot)}"
                + (f"; {station.malformed} of its texts were no OCPP messages" if station.malformed else ""),
                reached=True,
            ) from None

    async def _connection(self, station: Station, version: OcppVersion) -> None:
        identity = station.facts.identity
        if self._connected(identity):
            return
        telling = asyncio.get_running_loop().call_later(_TELL_AFTER, self._tell, station, version)
        try:
            await self.csms.wait_connected(identity)
        finally:
            telling.cancel()

    def _connected(self, identity: str) -> bool:
        known = self.csms.stations.get(identity)
        return known is not None and known.connected

    async def _boot(self, station: Station) -> None:
        """It has booted with this CSMS, or with one before it and refuses to do so again."""
        session = self.csms.stations[station.facts.identity]
        if session.registration == "Accepted":
            return

        def booted() -> bool:
            return session.registration == "Accepted"

        if await self._soon(station, booted, _OWN_BOOT):
            return
        try:
            await station.questions.demand("TriggerMessage", {"requestedMessage": "BootNotification"})
        except RefusedError:
            if "reset" not in self._options.allow:
                return
            await station.questions.operate("reset", {"type": "Soft"})
        await station.watch.changes.until(booted, "booted", self._options.boot)

    @staticmethod
    async def _soon(station: Station, holds: Callable[[], bool], limit: float) -> bool:
        try:
            await station.watch.changes.until(holds, "", limit)
        except InfrastructureError:
            return False
        return True

    def url(self, station: StationFacts) -> str:
        """What a station must dial, as far as we know our own address."""
        host, port = station.listen
        shown = f"[{host}]" if ":" in host else host
        return f"{self._options.scheme}://{shown}:{port or self.csms.port}{self._options.path}/{station.identity}"

    def _tell(self, station: Station, version: OcppVersion) -> None:
        limit = format_duration(self._options.boot)
        facts = station.facts
        say(f"waiting for {facts.identity} to dial {self.url(facts)} ({version.subprotocol}), {limit} at most …")

    def _missing(self, station: Station, version: OcppVersion) -> str:
        facts = station.facts
        text = f"{facts.identity} has not dialled {self.url(facts)} within {format_duration(self._options.boot)}"
        if facts.identity in self._refusals:
            return f"{text}: {self._refusals[facts.identity]}, and is not let in"
        if self._tls_failure:
            return f"{text}: TLS has failed: {self._tls_failure}"
        strangers = sorted(set(self._refusals) - self.stations.keys())
        if strangers:
            return f"{text}; {strangers[0]!r} has dialled, which this target does not wait for"
        untold = "one that does not trust our certificate hangs up without a word"
        return text if self._options.tls is None else f"{text}; {untold}"

    # -- the handshake --------------------------------------------------------------------------------------------

    def _authenticate(self, identity: str, credentials: tuple[str, str] | None) -> bool | HTTPStatus:
        if identity not in self.stations:
            return HTTPStatus.NOT_FOUND
        if self._options.basic_auth is None:
            return True
        user, password = self._options.basic_auth
        wanted = f"{user or identity}:{password}".encode("utf-8", "surrogateescape")
        given = ":".join(credentials or ()).encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, wanted)

    def _refused(self, identity: str, why: str) -> None:
        # A few strangers are enough to tell of: who dials under ever new names gets no more memory.
        if identity in self.stations or len(self._refusals) < len(self.stations) + 1:
            self._refusals[identity] = why

    def _tls_failed(self, error: SSLError) -> None:
        self._tls_failure = in_words(error, "the charger")

    # -- what the CSMS sees ---------------------------------------------------------------------------------------

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text has crossed."""
        self._end(identity).frame(identity, record)

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """A station broke the protocol."""
        self._end(identity).violation(identity, violation)

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """A connection has opened or closed."""
        self._end(identity).fact(identity, name, fields)

    def note(self, identity: str, text: str) -> None:
        """Something a reader of the trace wants."""
        self._end(identity).note(identity, text)

    def _end(self, identity: str) -> CsmsEnd:
        return self.stations[identity].end
