"""One simulated charger of a case: how it connects, what it is told, and waiting for what it becomes."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.model import Refused
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.ocppj.websocket import ConnectRefused, WebSocket, connect
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.target import BlockedError, InfrastructureError, Outcome, Recorder
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.observing import ChargerEnd
from ocpplab_runner.vocabulary.durations import format_duration
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.versions import OcppVersion

#: On a real clock: without a frame for so long, in seconds, a charger is taken to have said what it had to say.
_QUIET = 0.25
_QUIET_AT_MOST = 5.0
_REJECTED = "Rejected"
#: Who gives a verdict → how it is told; every other route is an answer of the CSMS.
_VERDICTS: Mapping[str, str] = {
    AuthorizationRoute.LOCAL_LIST: "is {is} in the local list",
    AuthorizationRoute.CACHE: "is {is} in the authorization cache",
    AuthorizationRoute.OFFLINE: "was refused offline: {is}",
    AuthorizationRoute.STATION: "was refused by the station: {reason}",
}


class ChargerHost:
    """Holds one simulated charger.

    Args:
        name: the scenario's name of it.
        config: what it is.
        version: the OCPP version that it speaks.
        url: of the CSMS, without the identity.
        record: where observations go.
        random: its own randomness.
        ssl: for ``wss://``.
        basic_auth: credentials of the target, unless the scenario gives the charger its own.

    Attributes:
        charger: the station itself; off until somebody starts it.
        token_statuses: (card in lower case, EVerest token status) that have been seen.
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
        ssl: tls.SSLContext | None = None,
        basic_auth: tuple[str, str] | None = None,
    ) -> None:
        self.name = name
        self.config = config
        self._version = version
        self._url = url
        self._record = record
        self._ssl = ssl
        self._basic_auth = config.basic_auth or basic_auth
        self._changed = asyncio.Event()
        self._last_change = 0.0
        self._refused: ConnectRefused | None = None
        self.token_statuses: set[tuple[str, str]] = set()
        self._verdicts: dict[str, Mapping[str, Any]] = {}
        self.charger = SimulatedCharger(
            config,
            version=version,
            connect=self._connect,
            observer=ChargerEnd(name, self._observe),
            random=random,
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

    async def demand(self, command: str, fields: Mapping[str, Any]) -> None:
        """As :meth:`perform`, for a recipe.

        Raises:
            InfrastructureError: the charger refuses.
        """
        outcome = await self.perform(command, fields)
        if outcome.status != "done":
            raise InfrastructureError(f"the given state was not reached: {command}: {outcome.reason}", reached=True)

    async def until(
        self, holds: Callable[[SimulatedCharger], bool], what: str, limit: float, *, card: str | None = None
    ) -> None:
        """Wait until something is true of the charger.

        Args:
            holds: the condition; looked at whenever something has been observed.
            what: the condition in words.
            limit: seconds.
            card: whose acceptance it takes: when it is refused there is nothing to wait for.

        Raises:
            InfrastructureError: it did not become true, the card was refused, or the CSMS cannot be reached.
        """
        try:
            async with asyncio.timeout(limit):
                while not holds(self.charger):
                    if self._refused is not None:
                        raise self._infrastructure(self._refused)
                    if card is not None and (card.lower(), _REJECTED) in self.token_statuses:
                        raise InfrastructureError(
                            f"the given state was not reached: {self._refusal(card)}", reached=True
                        )
                    self._changed.clear()
                    await self._changed.wait()
        except Refused as refusal:
            raise ValueError(f"the given state cannot be: {refusal}") from refusal
        except TimeoutError:
            raise InfrastructureError(
                f"the given state was not reached: not {what} within {format_duration(limit)}",
                reached=self.charger.connected,
            ) from None

    async def quiet(self) -> None:
        """Return when the charger has said what it had to say by now."""
        await clock.settled()
        if clock.is_virtual():
            return
        began = clock.now()
        while clock.now() - began < _QUIET_AT_MOST:
            rest = self._last_change + _QUIET - clock.now()
            if rest <= 0:
                return
            await asyncio.sleep(rest)

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
        self._last_change = clock.now()
        if observation.kind == "fact" and "id_tag" in observation.fields:
            fields = observation.fields
            card = str(fields["id_tag"]).lower()
            if observation.name == "token_status":
                self.token_statuses.add((card, str(fields.get("is"))))
            elif observation.name in ("validation_result", "auth_status"):
                self._verdicts[card] = fields
        self._record(observation)
        self._changed.set()

    async def _connect(self) -> WebSocket:
        try:
            ws, _ = await connect(
                self._url,
                identity=self.config.identity,
                versions=[self._version],
                basic_auth=self._basic_auth,
                ssl=self._ssl,
            )
        except ConnectRefused as refused:
            self._refused = refused
            self._changed.set()
            raise
        self._refused = None
        return ws
