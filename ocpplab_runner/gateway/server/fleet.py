"""The fleet: every organization's chargers in one process, and the file that outlives it."""

from __future__ import annotations

import asyncio
import logging
import ssl as tls
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Protocol

from ocpplab_runner.charger.persistence import remember
from ocpplab_runner.gateway.server.deployment import Deployment
from ocpplab_runner.gateway.server.errors import NotKept, Unavailable
from ocpplab_runner.gateway.server.log import LogRow, LogSpace
from ocpplab_runner.gateway.server.organization import Organization
from ocpplab_runner.gateway.server.records import ChargerRecord, JobRecord, LocationRecord
from ocpplab_runner.gateway.server.results import CommandRecord
from ocpplab_runner.gateway.server.runtime import Network
from ocpplab_runner.gateway.server.settings import GatewaySettings
from ocpplab_runner.gateway.server.store import Nothing, Storage, StoreError
from ocpplab_runner.gateway.server.traffic import Traffic

LOGGER = logging.getLogger("ocpplab_runner.gateway")

#: Parts of a charger's memory that may be long and change rarely: kept apart, and written when they have changed.
_LONG = ("local_list", "cache")


class Watcher(Protocol):
    """Hears what happens in a fleet; must be quick, and note it for later."""

    def changed(self, deployment: Deployment) -> None:
        """Anything has happened to a charger."""
        ...

    def logged(self, deployment: Deployment, row: LogRow) -> None:
        """A charger's log has a new row."""
        ...


class Fleet:
    """Everything behind the HTTP routes. Lives on one event loop, from :meth:`open` to :meth:`close`.

    Args:
        settings: tenants, limits, pessimism.
        store: where state is kept; nowhere when None.
        random: gives ids and message ids; the disorder of pessimism has a seed of its own.
        ssl: for ``wss://`` CSMSs; the system's certificates when None.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        store: Storage | None = None,
        random: Random,
        ssl: tls.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self.random = random
        self.store: Storage = store or Nothing()
        self.disorder = Random(settings.pessimism.seed)
        self.organizations: Mapping[str, Organization] = {name: Organization(name, self) for name in settings.tenants}
        limits = settings.limits
        self._spaces = {name: LogSpace(limits.organization_log_bytes) for name in settings.tenants}
        self._traffic = {name: Traffic(limits.frames_per_second, limits.bytes_per_second) for name in settings.tenants}
        self._network = Network(asyncio.Semaphore(limits.connecting), ssl)
        self.watchers: set[Watcher] = set()
        self._dirty: set[Deployment] = set()
        self._saving: asyncio.Handle | None = None
        self._unwritten = False

    async def open(self) -> None:
        """Bring back what the file holds; its chargers continue where they stopped."""
        results: dict[str, list[CommandRecord]] = {}
        for _, data in self.store.objects("result"):
            result = CommandRecord.from_json(data)
            results.setdefault(result.deployment_id, []).append(result)
        memories = dict(self.store.objects("memory"))
        lists = {kind: dict(self.store.objects(kind)) for kind in _LONG}
        for _, data in self.store.objects("location"):
            location = LocationRecord.from_json(data)
            if location.tenant in self.organizations:
                self.organizations[location.tenant].locations.adopt(location)
        for _, data in self.store.objects("job"):
            job = JobRecord.from_json(data)
            if job.tenant in self.organizations:
                self.organizations[job.tenant].jobs[job.id] = job
        for _, data in self.store.objects("charger"):
            record = ChargerRecord.from_json(data)
            # An organization that the settings name no more keeps what it has in the file.
            if record.tenant not in self.organizations:
                continue
            deployment = self.organizations[record.tenant].adopt(record)
            if record.id in memories:
                deployment.memory = memories[record.id] | {kind: lists[kind][record.id] for kind in _LONG}
            deployment.log.restore(self.store.rows(record.id, self.settings.limits.log_entries))
            deployment.results.restore(results.get(record.id, ()))
            deployment.provision()

    async def close(self, patience: float = 10.0) -> None:
        """Stop every charger and write what is left; they continue at the next :meth:`open`.

        Args:
            patience: seconds that the chargers' connections may take to close.
        """
        everybody = [one for organization in self.organizations.values() for one in organization.chargers.values()]
        with suppress(NotKept):
            self.commit()
        self.store, store = Nothing(), self.store
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await asyncio.gather(*(deployment.close() for deployment in everybody))
        if self._saving is not None:
            self._saving.cancel()
        # What could not be written has been said.
        with suppress(StoreError):
            store.close()

    @property
    def size(self) -> int:
        """How many chargers there are."""
        return sum(len(organization.chargers) for organization in self.organizations.values())

    def require_room(self, count: int) -> None:
        """See :class:`~ocpplab_runner.gateway.server.organization.Host`."""
        most = self.settings.limits.chargers
        if self.size + count > most:
            raise Unavailable(f"this Gateway takes at most {most} chargers")

    def deploy(self, record: ChargerRecord) -> Deployment:
        """Give a record its deployment."""
        deployment = Deployment(
            record,
            settings=self.settings,
            network=self._network,
            space=self._spaces[record.tenant],
            traffic=self._traffic[record.tenant],
            random=self.random,
            changed=self._changed,
            logged=self._logged,
        )
        deployment.results.changed = lambda result: self._result_changed(deployment, result)
        deployment.results.dropped = lambda result: self.store.delete("result", result.id)
        return deployment

    @property
    def kept(self) -> bool:
        """Whether everything that has happened is in the file; always where there is none."""
        return not self._unwritten

    def hex(self, size: int) -> str:
        """So many random bytes as hexadecimal digits."""
        return f"{self.random.getrandbits(size * 8):0{size * 2}x}"

    def command_id(self) -> str:
        """An id for a command."""
        return self.hex(6)

    def commit(self) -> None:
        """Write everything that has happened so far; an answer that promises something comes after it.

        Raises:
            NotKept: the file cannot be written; what has happened is written once it can.
        """
        if isinstance(self.store, Nothing):
            self._dirty.clear()
            return
        dirty, self._dirty = self._dirty, set()
        for deployment in dirty:
            if not self._here(deployment):
                continue
            self.store.put("charger", deployment.id, deployment.record.to_json())
            if deployment.runtime is not None:
                memory = remember(deployment.runtime.charger)
                for kind in _LONG:
                    self.store.put(kind, deployment.id, memory.pop(kind))
                self.store.put("memory", deployment.id, memory)
        try:
            self.store.commit()
        except StoreError as error:
            if not self._unwritten:
                LOGGER.error("the file cannot be written: %s", error)
            self._unwritten = True
            raise NotKept(f"done, but not kept, for the file cannot be written: {error}") from error
        if self._unwritten:
            LOGGER.warning("the file has been written again")
        self._unwritten = False

    def _here(self, deployment: Deployment) -> bool:
        """Whether it has not been deleted: what still happens to a deleted charger is nobody's."""
        return self.organizations[deployment.record.tenant].chargers.get(deployment.id) is deployment

    def _changed(self, deployment: Deployment) -> None:
        self._dirty.add(deployment)
        self._save_soon()
        for watcher in self.watchers:
            watcher.changed(deployment)

    def _logged(self, deployment: Deployment, row: LogRow) -> None:
        if not self._here(deployment):
            return
        self.store.add_row(deployment.id, row, len(deployment.log))
        self._save_soon()
        for watcher in self.watchers:
            watcher.logged(deployment, row)

    def _result_changed(self, deployment: Deployment, result: CommandRecord) -> None:
        if not self._here(deployment):
            return
        self.store.put("result", result.id, result.to_json())
        self._save_soon()

    def _save_soon(self) -> None:
        """In this very turn of the loop, once everything that is ready now has been done."""
        if self._saving is None and not isinstance(self.store, Nothing):
            self._saving = asyncio.get_running_loop().call_soon(self._save)

    def _save(self) -> None:
        self._saving = None
        # Who waits for an answer hears of it; here nobody does, and the log has it.
        with suppress(NotKept):
            self.commit()
