"""The target ``gateway``: scenario commands become HTTP calls, and what crosses the wire is the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms
from ocpplab_runner.gateway.client import (
    DIALECTS,
    KEEP_ALIVE,
    Charger,
    GatewayClient,
    GatewayError,
    GatewayHttp,
    Model,
    ProvisioningError,
    UnknownModelError,
)
from ocpplab_runner.plugin.stage import InfrastructureError, Stage, StageRequest
from ocpplab_runner.scenario.model import Scenario
from ocpplab_runner.targets.gateway.borrowed_cards import Lent, cards_objection, lend
from ocpplab_runner.targets.gateway.created_resources import CreatedResources
from ocpplab_runner.targets.gateway.evidence import CsmsEvidence
from ocpplab_runner.targets.gateway.hosted import Hosting, HostingError
from ocpplab_runner.targets.gateway.limits import gateway_capabilities, objection
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.process import GatewayProcess, GatewayProcessError
from ocpplab_runner.targets.gateway.provisioning import Provisioner, arrange, unique
from ocpplab_runner.targets.gateway.stage import GatewayStage
from ocpplab_runner.targets.gateway.watching import Watched
from ocpplab_runner.targets.leases import Leases
from ocpplab_runner.targets.named import NamedTarget
from ocpplab_runner.targets.sides import BuiltInSide, ForeignSide
from ocpplab_runner.targets.stage import charger_configs, csms_config, own_random
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds that each stage of a state's recipe may take, besides what the log is late.
_LIMIT = 30.0
_MANY = 1_000_000


class GatewayTarget(NamedTarget):
    """Chargers behind a Gateway; our CSMS or somebody else's.

    Args:
        name: as chosen on the command line.
        options: how to reach them.
        transport: instead of the network; for tests.
    """

    def __init__(
        self,
        name: str,
        options: GatewayOptions,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._options = options
        self._dialect = DIALECTS[options.dialect]
        super().__init__(name, gateway_capabilities(options, self._dialect))
        self._created = CreatedResources()
        self._leases = Leases()
        self._transport = transport
        self._process: GatewayProcess | None = None
        self._hosting: Hosting | None = None
        self._out_of_order: str | None = None
        self._models: dict[int, Model] = {}

    @property
    def secrets(self) -> Sequence[str]:
        """The bearer token."""
        return (self._options.token,) if self._options.token else ()

    @property
    def max_workers(self) -> int:
        """One where the built-in CSMS has a port of its own, else as many as there are."""
        return 1 if self._options.csms is None and self._options.listen[1] else _MANY

    def take_share(self, worker: int, of: int) -> None:
        """Identities are made up, so there is nothing to share out."""

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a scenario cannot run here, before anything runs."""
        reason = objection(scenario, version, variables, self._options, self._dialect)
        return reason or cards_objection(scenario.csms, version, variables, self._options)

    # -- the run --------------------------------------------------------------------------------------------------

    def begin_run(self) -> None:
        """Start or prepare the Gateway, where it is our own; workers are forked afterwards."""
        if self._options.base_url is not None:
            return
        config = self._options.local_config
        try:
            # Of a process, too: what is wrong in the file is better told here than by its last words.
            hosting = Hosting.prepared(config)
            if self._options.virtual_clock:
                self._hosting = hosting
            else:
                self._process = GatewayProcess(() if config is None else ("--config", config))
        except (HostingError, GatewayProcessError, OSError) as error:
            self._out_of_order = str(error)

    def end_run(self) -> Sequence[str]:
        """Unmake what killed workers have left, and stop the Gateway of our own; returns complaints."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
        # With a Gateway of our own its chargers have gone.
        if self._options.base_url is None:
            return []
        chargers, locations = self._created.left()
        return clock.run(self._unmake(chargers, locations), virtual=False) if chargers or locations else []

    async def _unmake(self, chargers: Sequence[Charger], locations: Sequence[str]) -> list[str]:
        complaints = []
        client = self._client(self._options.base_url or "", self._options.token)
        try:
            for charger in chargers:
                try:
                    await client.delete(charger)
                except GatewayError as error:
                    complaints.append(f"the charger {charger.identity} ({charger.id}) is left at the Gateway: {error}")
            for location in locations:
                try:
                    await client.delete_location(location)
                except GatewayError as error:
                    complaints.append(f"the location {location} is left at the Gateway: {error}")
        finally:
            await client.aclose()
        return complaints

    # -- one case -------------------------------------------------------------------------------------------------

    async def set_up(self, request: StageRequest) -> Stage:
        """Start the CSMS, have the chargers made, and bring the first into the given state.

        Raises:
            BlockedError: the given data cannot be had through this API.
            InfrastructureError: the Gateway cannot be reached or is in trouble, or the state was not reached.
        """
        if self._out_of_order is not None:
            raise InfrastructureError(self._out_of_order, reached=False)
        if self._options.base_url is None and self._process is None and self._hosting is None:
            raise InfrastructureError("the local Gateway runs only during a run", reached=False)
        lent = await lend(request, self._options, self._leases)
        async with AsyncExitStack() as undo:
            left_open: list[str] = []
            # Winding up fills the list, and comes before this.
            undo.callback(lent.give_back, left_open)
            try:
                stage = await self._build(lent, undo, left_open)
            except GatewayError as error:
                raise InfrastructureError(str(error), reached=error.reached) from error
            except ProvisioningError as error:
                raise InfrastructureError(str(error), reached=True) from error
            except HostingError as error:
                raise InfrastructureError(str(error), reached=False) from error
            except UnknownModelError as error:
                raise InfrastructureError(str(error), reached=True) from error
            stage.undo = undo.pop_all()
        return stage

    async def _build(self, lent: Lent, undo: AsyncExitStack, left_open: list[str]) -> GatewayStage:
        request = lent.request
        configs = charger_configs(request)
        identities = {name: self._identity(config.identity) for name, config in configs.items()}
        watched = {name: Watched(lent.record, request.version) for name in configs}
        csms: BuiltInCsms | None = None
        ws_url = self._options.csms
        if ws_url is None:
            hear = {identities[name]: (name, watched[name].hear) for name in configs}
            csms = BuiltInCsms(
                csms_config(request, ((identities[name], config) for name, config in configs.items())),
                observer=CsmsEvidence(hear),
                random=own_random(request),
                first_csms=True,  # the chargers are made for the case
            )
            host, port = self._options.listen
            try:
                await csms.start(host, port, versions=[request.version])
            except OSError as error:
                reason = error.strerror or error
                raise InfrastructureError(
                    f"the CSMS cannot listen on {host}:{port} (option `listen`): {reason}"
                ) from error
            undo.push_async_callback(csms.stop)
            ws_url = self._options.ws_url or f"ws://{host}:{csms.port}/ocpp"
        client = self._client(*await self._access(request, undo))
        undo.push_async_callback(client.aclose)
        stage = GatewayStage(client, self._created, ForeignSide() if csms is None else BuiltInSide(csms), lent.tokens)
        undo.push_async_callback(stage.unmake)
        provisioner = Provisioner(
            client,
            stage,
            self._options,
            version=request.version,
            ws_url=ws_url,
            record=request.record,
            models=self._models,
        )
        await provisioner.provide(configs, identities, watched)
        for name, charger in stage.chargers.items():
            await arrange(charger, configs[name], stage, request.version, ours=csms is not None)
        if csms is None:
            # Last in, first out: while the chargers are still there.
            undo.push_async_callback(stage.end_transactions, left_open)
        await stage.begin(request.state, _LIMIT + (self._options.log_delay if csms is None else 0.0))
        await stage.settle()
        return stage

    async def _access(self, request: StageRequest, undo: AsyncExitStack) -> tuple[str, str]:
        """Base URL and token."""
        if self._hosting is not None:
            gateway = await self._hosting.start(own_random(request))
            undo.push_async_callback(gateway.stop)
            return gateway.url, self._hosting.token
        if self._process is not None:
            return self._process.base_url, self._process.token
        return self._options.base_url or "", self._options.token

    def _identity(self, wanted: str) -> str:
        """Behind a Gateway that a case does not have to itself, one that nobody else has."""
        return wanted if self._hosting is not None else unique(wanted)

    def _client(self, url: str, token: str) -> GatewayClient:
        http = GatewayHttp(
            url,
            token,
            organization=self._options.organization,
            # The wall clock says nothing of how long a connection has been idle in virtual time.
            keep_alive=0.0 if self._options.virtual_clock else KEEP_ALIVE,
            transport=self._transport,
        )
        return GatewayClient(http, self._dialect)
