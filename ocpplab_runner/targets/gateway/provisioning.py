"""Having a case's chargers made, waiting until they have booted, and giving them what the scenario gives them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import CardData, ChargerConfig
from ocpplab_runner.gateway.client import GatewayClient, Model, NewCharger
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Recorder
from ocpplab_runner.targets.gateway.evidence import LogEvidence
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.remote_charger import RemoteCharger
from ocpplab_runner.targets.gateway.stage import GatewayStage
from ocpplab_runner.targets.gateway.watching import Watched
from ocpplab_runner.targets.raw_settings import raw_settings
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A charger's identity may be a CiString20Type in OCPP 1.6 messages.
_LONGEST_IDENTITY = 20
_MARK_BYTES = 4


class Provisioner:
    """Makes the chargers of one case.

    Args:
        client: the Gateway.
        stage: takes the chargers over as soon as they exist.
        options: how they are made.
        version: that they shall speak.
        ws_url: the CSMS that they shall dial.
        record: where notes go.
        models: models of the catalogue that have been found already, by their number of connectors.
    """

    def __init__(
        self,
        client: GatewayClient,
        stage: GatewayStage,
        options: GatewayOptions,
        *,
        version: OcppVersion,
        ws_url: str,
        record: Recorder,
        models: dict[int, Model],
    ) -> None:
        self._client, self._stage, self._options = client, stage, options
        self._version, self._ws_url, self._record, self._models = version, ws_url, record, models
        self._patience = options.log_delay if options.csms is not None else 0.0

    async def provide(
        self, configs: Mapping[str, ChargerConfig], identities: Mapping[str, str], watched: Mapping[str, Watched]
    ) -> None:
        """Have every charger made, side by side; on return each has booted and reported its connectors.

        Args:
            configs: scenario name → what it shall be.
            identities: scenario name → OCPP identity.
            watched: scenario name → who hears of its frames.

        Raises:
            BlockedError: the catalogue has no such model, or the charger can have no such credentials.
            InfrastructureError: a charger has not booted.
            GatewayError, ProvisioningError: from the Gateway.
        """
        shared = self._options.location_id
        if shared is None and self._options.address == "subset":
            shared = await self._location(next(iter(identities.values())))
        await side_by_side(
            *(self._one(name, config, identities[name], watched[name], shared) for name, config in configs.items())
        )
        # They have come in any order; the scenario's first is the one that has the given state.
        self._stage.chargers = {name: self._stage.chargers[name] for name in configs}

    async def _one(self, name: str, config: ChargerConfig, identity: str, watched: Watched, shared: str | None) -> None:
        location = shared
        if location is None and self._options.address == "location":
            location = await self._location(identity)
        model = await self._model(config.evses)
        wanted = NewCharger(identity, model, self._ws_url, self._version, location, _password(config))
        charger = await self._client.create(wanted)
        # At once: whatever fails from here on, it is unmade.
        self._stage.made_charger(charger)
        note = f"charger {name} is {identity} at the Gateway, {model.brand}/{model.slug} with the id {charger.id}"
        self._record(Observation("note", note, name, clock.now()))
        log: LogEvidence | None = None
        if self._options.csms is not None:
            log = LogEvidence(
                self._client,
                charger,
                name=name,
                version=self._version,
                hear=watched.hear,
                delay=self._options.log_delay,
                answers=self._options.answers_logged,
            )
        self._stage.chargers[name] = RemoteCharger(
            name, charger, self._client, version=self._version, options=self._options, watched=watched, log=log
        )
        await self._client.ready(charger, within=self._options.provisioning)
        if log is not None:
            log.start()
        await self._booted(self._stage.chargers[name], config.evses)

    async def _booted(self, charger: RemoteCharger, evses: int) -> None:
        """READY says only that the charger's program runs."""
        watched, limit = charger.watched, self._options.provisioning + self._patience
        await watched.changes.until(lambda: watched.booting, "connected to the CSMS", limit)
        if self._options.csms is not None and self._options.answers_logged:
            # Connectors are reported after the boot's answer: a log that shows none by then holds no answers.
            await watched.changes.until(lambda: watched.answered or watched.reports >= evses, "booted", limit)
            if not watched.answered:
                raise BlockedError(
                    "the Gateway's log holds the charger's calls and no answer to them: give the target `log: calls`"
                )
        if self._options.csms is None or self._options.answers_logged:
            await watched.changes.until(lambda: watched.boot == "Accepted", "booted", limit)
        reported = range(1, evses + 1)
        await watched.changes.until(
            lambda: all(watched.status(evse) is not None for evse in reported), f"{evses} connectors reported", limit
        )
        charger.stirred()
        await charger.settle()

    async def _location(self, name: str) -> str:
        location = await self._client.create_location(f"ocpplab-runner {name}")
        self._stage.made_location(location)
        return location

    async def _model(self, connectors: int) -> Model:
        model = self._models.get(connectors)
        if model is None:
            options = self._options
            found = await self._client.model(connectors, brand=options.brand, slug=options.model)
            if found is None:
                which = (
                    "the model of the target has not" if options.model else "no model of the Gateway's catalogue has"
                )
                raise BlockedError(f"{which} {connectors} connector{'s' if connectors > 1 else ''}")
            model = self._models[connectors] = found
        return model


async def arrange(
    charger: RemoteCharger, config: ChargerConfig, stage: GatewayStage, version: OcppVersion, *, ours: bool
) -> None:
    """Give a charger its settings and its local list.

    Args:
        charger: the charger.
        config: what the scenario gives it.
        stage: lets the CSMS act, where it is ours.
        version: that the charger speaks.
        ours: whether the CSMS is the built-in one.

    Raises:
        BlockedError: the charger will not have them.
        InfrastructureError: the Gateway is in trouble.
    """
    wanted = {
        **raw_settings(config.settings, version),
        **{key: str(value) for key, value in config.configuration.items()},
    }
    if wanted:
        outcome = await charger.perform("set_configuration", {"configuration": wanted})
        if outcome.status != "done":
            raise BlockedError(f"given.charger.settings cannot be arranged: {outcome.reason}")
    if config.local_list or config.local_list_version:
        await _send_list(charger, config, stage, ours)
    if wanted or config.local_list:
        await charger.settle()


async def _send_list(charger: RemoteCharger, config: ChargerConfig, stage: GatewayStage, ours: bool) -> None:
    """Through the API where its entries can say it, else through our CSMS."""
    if all(_plain(card) for card in config.local_list.values()):
        entries: list[dict[str, Any]] = []
        for card, data in config.local_list.items():
            entry = {"id_tag": card, "parent_id_tag": data.parent}
            if data.expires_in is not None:
                expiry = data.result(clock.utcnow()).expiry_time
                assert expiry is not None
                entry["expiry_date"] = clock.timestamp(expiry)
            entries.append({name: value for name, value in entry.items() if value is not None})
        fields = {"list_version": config.local_list_version, "entries": entries}
        outcome = await charger.perform("send_local_auth_list", fields)
        if outcome.status != "done":
            raise BlockedError(f"given.charger.local_list cannot be arranged: {outcome.reason}")
        return
    if not ours:
        raise BlockedError("given.charger.local_list cannot be arranged: the API's entries have no status and no type")
    given = {card: data.as_given() for card, data in config.local_list.items()}
    await stage.csms.demand(
        charger.identity, "send_local_list", {"version": config.local_list_version, "entries": given}
    )


def _plain(card: CardData) -> bool:
    return card.status == "Accepted" and card.type == DEFAULT_TOKEN_TYPE


def _password(config: ChargerConfig) -> str | None:
    if config.basic_auth is None:
        return None
    user, password = config.basic_auth
    if user != config.identity:
        raise BlockedError(
            "given.charger.basic_auth.user cannot be arranged: the Gateway API makes a charger's identity the user"
        )
    return password


def unique(identity: str) -> str:
    """An identity that nobody else has: chargers of other cases and other runs stand behind the same Gateway."""
    # Not of the case's seed: two runs with the same one may share a Gateway.
    mark = os.urandom(_MARK_BYTES).hex()
    return f"{identity[: _LONGEST_IDENTITY - len(mark) - 1]}-{mark}"


async def side_by_side(*works: Coroutine[Any, Any, None]) -> None:
    """Await all; when one fails the others are cancelled and awaited before its error is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if task.cancelled():
            raise InfrastructureError("a charger was not made", reached=True)
        if (error := task.exception()) is not None:
            raise error
