"""One simulated charger of a case: how it connects, what it is told, and waiting for what it becomes."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any
from urllib.parse import urlsplit

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj.route import Route
from ocpplab_runner.ocppj.session import CALL_TIMEOUT
from ocpplab_runner.ocppj.websocket import ConnectRefused, WebSocket, connect
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome, Recorder, StageRequest
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.changes import QUIET, Changes
from ocpplab_runner.targets.observing import ChargerEnd
from ocpplab_runner.targets.stage import own_random
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

_REJECTED = "Rejected"
#: Who gives a verdict → how it is told; every other route is an answer of the CSMS.
_VERDICTS: Mapping[str, str] = {
    AuthorizationRoute.LOCAL_LIST: "is {is} in the local list",
    AuthorizationRoute.CACHE: "is {is} in the authorization cache",
    AuthorizationRoute.OFFLINE: "was refused offline: {is}",
    AuthorizationRoute.STATION: "was refused by the station: {reason}",
}


_STRAIGHT = Route()
#: From what a charger has for its security profile to where it dials, and its end of TLS.
Reach = Callable[[Dial], Awaitable[tuple[str, tls.SSLContext | None]]]


class ChargerHost:
    """Holds one simulated charger.

    Args:
        name: the scenario's name of it.
        config: what it is.
        version: the OCPP version that it speaks.
        url: of the CSMS, without the identity.
        record: where observations go.
        random: its own randomness.
        route: a proxy, and headers of the handshake.
        basic_auth: credentials of the target, unless the scenario gives the charger its own.
        silence: seconds without a frame after which, on a real clock, nothing more is expected.
        reach: where it dials with what it has, and its end of TLS; to ``url`` unless given.
        introduce: called with another identity before it dials as that (2.1 network profiles).

    Attributes:
        charger: the station itself; off until somebody starts it.
        changes: wakes who waits for something to become true of it.
        call_timeout: seconds that the charger waits for an answer.
        cards: in lower case, those of which anything has been heard.
    """

    def __init__(
        self,
        name: str,
        config: ChargerConfig,
        *,
        version: OcppVersion,
        url: str,
        record: Recorder,
        random: Random,
        route: Route = _STRAIGHT,
        basic_auth: tuple[str, str] | None = None,
        silence: float = QUIET,
        call_timeout: float = CALL_TIMEOUT,
        reach: Reach | None = None,
        introduce: Callable[[str], None] | None = None,
    ) -> None:
        self._reach, self._introduce = reach, introduce
        self.name = name
        self.config = config = replace(config, basic_auth=config.basic_auth or basic_auth)
        self._version = version
        self._url = url
        self._record = record
        self._route = route
        self.changes = Changes()
        self._refused: ConnectRefused | None = None
        self._token_statuses: set[tuple[str, str]] = set()
        self.cards: set[str] = set()
        self._verdicts: dict[str, Mapping[str, Any]] = {}
        self._silence = silence
        self.call_timeout = call_timeout
        self.charger = SimulatedCharger(
            config,
            version=version,
            connect=self._connect,
            observer=ChargerEnd(name, self._observe),
            random=random,
            call_timeout=call_timeout,
        )

    async def perform(self, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Let the charger do a command.

        Raises:
            StepError: the fields make no sense.
        """
        try:
            result = await self.charger.perform(command, fields, raw=raw)
        except ValueError as error:
            raise StepError(f"{command}: {error}") from error
        except NotImplementedError as error:
            raise BlockedError(str(error)) from error
        return Outcome(result.status, result.detail, result.reason)

    @property
    def identity(self) -> str:
        """As the CSMS knows it."""
        return self.charger.dial.identity or self.config.identity

    async def boot(self, limit: float) -> None:
        """Switch the charger on and wait until its boot is accepted and every connector is reported."""
        await self.charger.start()
        await self.until(lambda: self.charger.booted, "booted", limit)

    async def present(self, card: str, evse_id: int) -> Outcome:
        """Present a card at an EVSE."""
        return await self.perform("authorize_id_tag", {"id_tag": card, "evse_id": evse_id})

    def status(self, evse_id: int) -> str | None:
        """The status of an EVSE's first connector.

        Raises:
            ValueError: there is no such EVSE.
        """
        try:
            return self.charger.status(evse_id)
        except Refused as refusal:
            raise ValueError(f"the given state cannot be: {refusal}") from refusal

    def online(self) -> bool:
        """Whether it is connected and has booted."""
        return self.charger.online

    def accepted(self, card: str) -> bool:
        """Whether a card has been accepted."""
        return (card.lower(), "Accepted") in self._token_statuses

    async def until(self, holds: Callable[[], bool], what: str, limit: float, *, card: str | None = None) -> None:
        """Wait until something is true of the charger.

        Args:
            holds: the condition.
            what: the condition in words.
            limit: seconds.
            card: whose acceptance it takes: when it is refused there is nothing to wait for.

        Raises:
            InfrastructureError: it did not become true, the card was refused, or the CSMS cannot be reached.
        """

        def now() -> bool:
            if holds():
                return True
            if self._refused is not None:
                raise self._infrastructure(self._refused)
            if card is not None and (card.lower(), _REJECTED) in self._token_statuses:
                raise InfrastructureError(f"the given state was not reached: {self._refusal(card)}", reached=True)
            return False

        await self.changes.until(now, what, limit, reached=lambda: self.charger.connected)

    def stirred(self) -> None:
        """The CSMS sets something off: it shows at the charger's own end."""

    async def answered(self) -> None:
        """Return when every call of the charger is answered, and what the answers have set off."""
        await clock.settled()
        if not clock.is_virtual():
            await self.all_answered()

    async def all_answered(self) -> None:
        """As :meth:`answered`, also where time is virtual and answers are late on purpose."""
        await self.changes.answered(lambda: self.charger.busy, self.call_timeout)

    async def settle(self) -> None:
        """Return when the charger has said what it had to say by now, and the CSMS too, as far as anybody can tell.

        Under the virtual clock, too, a CSMS that is slow on purpose is waited for: its answers set off what comes next.
        """
        await clock.settled()
        await self.all_answered()
        while not clock.is_virtual():
            # Silence alone may be that of a slow CSMS: what it has not answered is waited for, too.
            await self.changes.quiet(self._silence)
            if not self.charger.busy:
                return
            await self.answered()

    def watermark(self, evidence: str) -> float:
        """Our own sockets do not lag."""
        return clock.now()

    def _refusal(self, card: str) -> str:
        """What became of a card, in words."""
        verdict = self._verdicts.get(card.lower())
        if verdict is None:
            return f"{card} was refused"
        told = _VERDICTS.get(str(verdict.get("via")), "was answered {is}")
        return f"{card} {told.format_map({'reason': verdict.get('is'), **verdict})}"

    def _infrastructure(self, refused: ConnectRefused) -> InfrastructureError:
        # Whoever opens no OCPP connection has not been reached, although something may listen there.
        return InfrastructureError(f"{self.config.identity} cannot connect to the CSMS: {refused}", reached=False)

    def _observe(self, observation: Observation) -> None:
        if observation.kind == "fact" and "id_tag" in observation.fields:
            fields = observation.fields
            card = str(fields["id_tag"]).lower()
            self.cards.add(card)
            if observation.name == "token_status":
                self._token_statuses.add((card, str(fields.get("is"))))
            elif observation.name in ("validation_result", "auth_status"):
                self._verdicts[card] = fields
        self._record(observation)
        self.changes.stir(crossed=observation.kind == "frame")

    async def _connect(self) -> WebSocket:
        dial = self.charger.dial
        url, ssl = (self._url, None) if self._reach is None else await self._reach(dial)
        if dial.identity is not None and self._introduce is not None:
            self._introduce(dial.identity)
        try:
            ws, _ = await connect(
                url,
                identity=self.identity,
                versions=[self._version],
                basic_auth=self._credentials(),
                ssl=ssl,
                route=self._route,
            )
        except ConnectRefused as refused:
            # Wakes who waits for a state: at a CSMS that lets nobody in there is nothing to wait for.
            self._refused = refused
            self.changes.stir(crossed=False)
            raise _reproducible(refused, url) from refused.__cause__
        self._refused = None
        return ws

    def _credentials(self) -> tuple[str, str] | None:
        """User and password of this attempt."""
        dial, given = self.charger.dial, self.config.basic_auth
        user = dial.identity or (self.config.identity if given is None else given[0])
        return None if dial.password is None else (user, dial.password)


def _reproducible(refused: ConnectRefused, url: str) -> ConnectRefused:
    """The port of a CSMS of ours is whichever was free: in virtual time a trace would differ from run to run."""
    port = urlsplit(url).port
    if not clock.is_virtual() or port is None:
        return refused
    return ConnectRefused(refused.reason, str(refused).replace(f":{port}/", "/"), refused.status)


def hosts_for(
    configs: Mapping[str, ChargerConfig],
    request: StageRequest,
    *,
    url: str,
    record: Recorder | None = None,
    route: Route = _STRAIGHT,
    credentials: tuple[str | None, str] | None = None,
    silence: float = QUIET,
    call_timeout: float = CALL_TIMEOUT,
    reach: Callable[[str], Reach] | None = None,
    introduce: Callable[[str, str], None] | None = None,
) -> dict[str, ChargerHost]:
    """The simulated chargers of a case by name, off.

    Args:
        configs: scenario name → what it is.
        request: the case.
        url: of the CSMS.
        record: where observations go, unless straight to the case.
        route: a proxy, and headers of the handshake.
        credentials: user (None: the identity) and password of those that the scenario gives none.
        silence: seconds without a frame after which, on a real clock, nothing more is expected.
        call_timeout: seconds that the charger waits for an answer.
        reach: where a charger dials, by its name; see :class:`ChargerHost`.
        introduce: called with the identity and the name of a charger that dials as somebody else now.
    """
    return {
        name: ChargerHost(
            name,
            config,
            version=request.version,
            url=url,
            record=record or request.record,
            random=own_random(request),
            route=route,
            basic_auth=None if credentials is None else (credentials[0] or config.identity, credentials[1]),
            silence=silence,
            call_timeout=call_timeout,
            reach=None if reach is None else reach(name),
            introduce=None if introduce is None else partial(_introduced, introduce, name),
        )
        for name, config in configs.items()
    }


def _introduced(introduce: Callable[[str, str], None], name: str, identity: str) -> None:
    introduce(identity, name)


async def switch_off(hosts: Mapping[str, ChargerHost], complaints: list[str]) -> None:
    """Switch every charger off; what goes wrong is added to the complaints."""
    results = await asyncio.gather(*(host.charger.stop() for host in hosts.values()), return_exceptions=True)
    complaints += [f"a charger could not be stopped: {error}" for error in results if isinstance(error, Exception)]
