"""A deployed charger: its record, its runtime once it is provisioned, its log and its command results."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.gateway.server.catalogue import Brand, Model, find_brand
from ocpplab_runner.gateway.server.errors import BadRequest, NotFound
from ocpplab_runner.gateway.server.log import LogRow, LogSpace, MessageLog
from ocpplab_runner.gateway.server.records import ChargerRecord, Provisioning, StageEvent
from ocpplab_runner.gateway.server.results import CommandResults
from ocpplab_runner.gateway.server.runtime import ChargerRuntime, Network, redacted
from ocpplab_runner.gateway.server.settings import GatewaySettings
from ocpplab_runner.gateway.server.traffic import Traffic
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Stage events kept per charger.
_EVENTS = 100


class Deployment:
    """One charger of an organization.

    Args:
        record: what is known of it.
        settings: limits and pessimism.
        network: its way out.
        space: what the logs of its organization share.
        traffic: what its organization may receive.
        random: the source of its own randomness.
        changed: called after anything has happened to it.
        logged: called with each new row of its log.
    """

    def __init__(
        self,
        record: ChargerRecord,
        *,
        settings: GatewaySettings,
        network: Network,
        space: LogSpace,
        traffic: Traffic,
        random: Random,
        changed: Callable[[Deployment], None],
        logged: Callable[[Deployment, LogRow], None],
    ) -> None:
        self.record = record
        self.runtime: ChargerRuntime | None = None
        self.memory: Mapping[str, Any] | None = None
        self._settings = settings
        self._network = network
        self._traffic = traffic
        # A source of its own: what one charger draws does not shift what the others do.
        self._random = Random(random.getrandbits(64))
        self._changed = changed
        self._was_online = False
        self._noticed: tuple[Any, ...] | None = None
        self._troubled = False
        self._provisioning: asyncio.Task[None] | None = None
        # One change of the runtime at a time: two at once would leave two of them, and both would dial.
        self._turn = asyncio.Lock()
        self._closed = False
        limits = settings.limits
        self.log = MessageLog(
            limits.log_entries,
            limits.log_bytes,
            space,
            settings.pessimism,
            self._random,
            lambda row: logged(self, row),
        )
        self.results = CommandResults(settings.limits, settings.pessimism)
        self.events: deque[StageEvent] = deque(maxlen=_EVENTS)
        self._notice()

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its deployment id."""
        return self.record.id

    @property
    def make(self) -> tuple[Brand, Model]:
        """Its brand and model."""
        brand = find_brand(self.record.brand_slug)
        model = None if brand is None else brand.model(self.record.model_slug)
        assert brand is not None
        assert model is not None
        return brand, model

    @property
    def ready(self) -> bool:
        """Whether it has been provisioned."""
        return self.runtime is not None

    @property
    def running(self) -> bool:
        """Whether it can take a command."""
        return self.runtime is not None and not self.record.stopped

    def snapshot(self) -> dict[str, Any] | None:
        """What is the case at the charger; None before it is provisioned."""
        return None if self.runtime is None else self.runtime.snapshot()

    def config(self) -> ChargerConfig:
        """What the simulated charger is made of."""
        brand, model = self.make
        return ChargerConfig(
            identity=self.record.identity,
            vendor=brand.vendor,
            model=model.wire_name,
            serial_number=self.record.id.removeprefix("dep-").upper(),
            evses=model.connectors,
            max_power_w=self.record.power_w or float(model.power_w),
            basic_auth=self.record.basic_auth,
        )

    # -- its life -------------------------------------------------------------------------------------------------

    def provision(self) -> None:
        """Begin to provision it; poll the record for READY."""
        self._provisioning = asyncio.get_running_loop().create_task(self._provision())

    async def _provision(self) -> None:
        record = self.record
        slowness = self._settings.pessimism.provisioning_delay
        # One that the file brings back goes on from where it was.
        if record.status == Provisioning.PENDING:
            await asyncio.sleep(slowness / 2)
            self._become(Provisioning.PROVISIONING)
        if record.status == Provisioning.PROVISIONING:
            await asyncio.sleep(slowness / 2)
        try:
            runtime = self._runtime()
            if self.memory is not None:
                recall(runtime.charger, self.memory)
            self.runtime = runtime
            if not record.stopped:
                await (runtime.start() if self.memory is None else resume(runtime.charger, self.memory))
        except (ValueError, KeyError, TypeError) as error:
            self.runtime = None
            record.error = {
                "code": "charger_not_built",
                "message": str(error) or type(error).__name__,
                "step": "start_runtime",
                "retryable": False,
            }
            self._become(Provisioning.FAILED)
            return
        if record.status != Provisioning.READY:
            record.provisioned_at = clock.timestamp()
            self._become(Provisioning.READY)
        if not record.stopped:
            await self._take_deferred()

    def _runtime(self) -> ChargerRuntime:
        return ChargerRuntime(
            self.config(),
            version=self.record.ocpp_version,
            url=self.record.ws_url,
            network=self._network,
            traffic=self._traffic,
            log=self.log,
            changed=self._touched,
            random=self._random,
        )

    async def start(self) -> None:
        """Start a stopped runtime; one that runs stays as it is."""
        async with self._turn:
            await self._start()

    async def stop(self) -> None:
        """Stop the runtime: the charger loses its power."""
        async with self._turn:
            await self._stop()

    async def restart(self) -> None:
        """Stop and start."""
        async with self._turn:
            await self._stop()
            await self._start()

    async def _start(self) -> None:
        # Deleted while it waited for its turn: it must not dial again.
        if self._closed:
            return
        if self.record.stopped:
            self.record.stopped = False
            self.record.attempt += 1
            if self.runtime is not None:
                await self.runtime.start()
                await self._take_deferred()
        self._touched()

    async def _stop(self) -> None:
        if self._closed:
            return
        if not self.record.stopped:
            self.record.stopped = True
            if self.runtime is not None and self.runtime.running:
                await self.runtime.halt()
        self._touched()

    async def redeploy(self, *, url: str, version: OcppVersion) -> None:
        """Let it dial another CSMS, or speak another version.

        A new version is a new firmware: the charger starts with an empty memory.

        Raises:
            BadRequest: a transaction runs, which another version could not end.
            NotFound: the charger has been deleted, before or meanwhile.
        """
        async with self._turn:
            if not self._closed:
                await self._redeploy(url, version)
            if self._closed:
                raise NotFound(f"there is no charger {self.id!r}")

    async def _redeploy(self, url: str, version: OcppVersion) -> None:
        record = self.record
        replaced = version is not record.ocpp_version
        if not replaced and url == record.ws_url:
            return
        runtime = self.runtime
        if replaced and runtime is not None and runtime.charger.running:
            raise BadRequest("a transaction runs: end it before the OCPP version changes")
        record.ws_url, record.version = url, version.value
        record.attempt += 1
        if runtime is None:
            return
        if runtime.running:
            await runtime.halt()
        # Of a charger without power, as after a reset: what ran will end with the next boot.
        memory = None if replaced else remember(runtime.charger)
        await runtime.close()
        self.runtime = fresh = self._runtime()
        if memory is not None:
            recall(fresh.charger, memory)
        if not record.stopped:
            await fresh.start()
        self._touched()

    async def close(self) -> None:
        """The Gateway goes down: nothing of the charger runs any more."""
        self._closed = True
        if self._provisioning is not None:
            self._provisioning.cancel()
            await asyncio.wait({self._provisioning})
        async with self._turn:
            self.results.close()
            if self.runtime is not None:
                runtime, self.runtime = self.runtime, None
                await runtime.close()

    async def perform(self, command: str, fields: Mapping[str, Any]) -> CommandResult:
        """Let the charger do a command; it refuses what makes no sense now, or ever."""
        if self.runtime is None:
            return CommandResult("refused", reason=f"the charger is {self.record.status}, not READY")
        if self.record.stopped:
            return CommandResult("refused", reason="the charger is stopped: start it first")
        try:
            return await self.runtime.perform(command, fields)
        except ValueError as error:
            # Such as a proxied message that breaks its schema.
            return CommandResult("refused", reason=str(error))

    async def _take_deferred(self) -> None:
        await self.results.run_deferred(self)

    # -- what others see ------------------------------------------------------------------------------------------

    def stage(self) -> tuple[str, str, str | None, str | None]:
        """Where its runtime stands: stage, outcome, code and hint (the G4 routes)."""
        record = self.record
        if record.status == Provisioning.FAILED:
            error = record.error or {}
            return "starting", "failed", error.get("code"), error.get("message")
        if record.stopped:
            return "stopped", "succeeded", None, None
        if self.runtime is None:
            return ("queued" if record.status == Provisioning.PENDING else "starting"), "in_progress", None, None
        charger, refusal = self.runtime.charger, self.runtime.refusal
        if charger.connected:
            if charger.booted:
                return "online", "succeeded", None, None
            return "registering", "in_progress", None, None
        stage = "offline" if self._was_online else "connecting"
        if refusal is None:
            return stage, "in_progress", None, None
        return stage, "stuck", refusal.reason.replace("-", "_"), redacted(str(refusal))

    def _become(self, status: Provisioning) -> None:
        self.record.status = status.value
        self.record.updated_at = clock.timestamp()
        self._touched()

    def _touched(self) -> None:
        self._notice()
        self._changed(self)

    def _notice(self) -> None:
        """Write a stage event when the stage has changed."""
        stage, outcome, code, hint = self.stage()
        attempt = self.record.attempt
        if self._noticed == (attempt, stage, outcome, code):
            return
        self._noticed = (attempt, stage, outcome, code)
        self._event(stage, outcome, code, hint)
        if outcome in ("failed", "stuck"):
            self._troubled = True
        elif stage == "online":
            self._was_online = True
            if self._troubled:
                self._troubled = False
                self._event(stage, "recovered")

    def _event(self, stage: str, outcome: str, code: str | None = None, hint: str | None = None) -> None:
        now = clock.timestamp()
        self.events.append(StageEvent(self.record.identity, self.record.attempt, stage, outcome, now, code, hint))
