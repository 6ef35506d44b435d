"""One case's world: its chargers, the CSMS that they dial, and taking both down in good order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random, SystemRandom
from typing import Any, Generic, TypeVar

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.csms import CsmsConfig
from ocpplab_runner.plugin.stage import BlockedError, Outcome, SentCall, Stage, StageRequest
from ocpplab_runner.targets.changes import QUIET
from ocpplab_runner.targets.files import CaseFiles, unserved
from ocpplab_runner.targets.sides import CSMS_COMMANDS, ChargerSide, CsmsSide
from ocpplab_runner.targets.states import reach
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

_ONLY = "charger"
_DEFAULT_NAME = "1"
C = TypeVar("C", bound=ChargerSide)


def charger_configs(request: StageRequest) -> dict[str, ChargerConfig]:
    """The chargers of a case by name.

    Raises:
        ValueError: the given data makes no charger, or two have one identity.
    """
    configs = {
        name: ChargerConfig.from_given(given, name=_DEFAULT_NAME if name == _ONLY else name)
        for name, given in request.chargers.items()
    }
    identities = [config.identity for config in configs.values()]
    for identity in identities:
        if identities.count(identity) > 1:
            raise ValueError(f"two chargers have the identity {identity!r}")
    return configs


def csms_config(request: StageRequest, configs: Iterable[tuple[str, ChargerConfig]]) -> CsmsConfig:
    """The built-in CSMS of a case.

    Args:
        request: the case.
        configs: identity as the CSMS knows it, charger; each has just what the scenario gives it.

    Raises:
        ValueError: the given data makes no CSMS.
    """
    known = {identity: replace(config, identity=identity) for identity, config in configs}
    own = frozenset(own_heartbeats(known.values(), request.version))
    evses = {identity: config.evses for identity, config in known.items()}
    given = CsmsConfig.from_given(request.csms)
    passwords = {
        identity: config.basic_auth[1]
        for identity, config in known.items()
        if config.basic_auth is not None and config.security_profile in (1, 2)
    } | dict(given.passwords or {})
    return replace(given, own_heartbeat=own, evses=evses, passwords=passwords or None)


def own_heartbeats(configs: Iterable[ChargerConfig], version: OcppVersion) -> list[str]:
    """The identities of the chargers that a scenario gives an interval of heartbeats of their own."""
    return [config.identity for config in configs if _has_heartbeat(config, version)]


def _has_heartbeat(config: ChargerConfig, version: OcppVersion) -> bool:
    setting = SETTINGS["heartbeat_interval"]
    names = {setting.name: config.settings, str(setting.v16): config.configuration}
    if version is not OcppVersion.V16 and setting.v2 is not None:
        names = {setting.name: config.settings, f"{setting.v2.component}.{setting.v2.name}": config.configuration}
    return any(name in given for name, given in names.items())


class CaseStage(Stage, Generic[C]):
    """What a case acts on.

    Args:
        csms: that the chargers dial.
        tokens: a scenario's cards and the real ones.

    Attributes:
        chargers: scenario name → charger; filled while the case is set up.
        undo: what closing does, the last first.
        complaints: what closing could not do.
        files: that the case's chargers find here; None where none can be served.
    """

    def __init__(self, csms: CsmsSide, tokens: TokenMap) -> None:
        self.csms = csms
        self.tokens = tokens
        self.chargers: dict[str, C] = {}
        self.undo = AsyncExitStack()
        self.complaints: list[str] = []
        self.files: CaseFiles | None = None

    def serve_files(
        self, request: StageRequest, at: tuple[str, int] | None = None, lists: Mapping[str, bytes] | None = None
    ) -> None:
        """Have the case's files served to its chargers, as soon as one is needed.

        Args:
            request: the case.
            at: an address where they find them; on this machine unless given.
            lists: what the CSMS's CAs have revoked, by the names of the lists; None where the CSMS is not ours.
        """
        names = {charger.identity: name for name, charger in self.chargers.items()}
        self.files = CaseFiles(request, names, request.record, at, lists)
        self.undo.push_async_callback(self.files.stop)

    async def _located(self, identity: str, operation: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.files is not None:
            return await self.files.located(identity, operation, fields)
        if (reason := unserved(operation, fields)) is not None:
            raise BlockedError(reason)
        return fields

    async def begin(self, state: tuple[str, Mapping[str, Any]] | None, limit: float) -> None:
        """Bring the first charger into the given state; the others are booted.

        Raises:
            InfrastructureError: not reached.
            ValueError: the given state makes no sense.
        """
        name, fields = state or ("booted", {})
        first, *others = self.chargers.values()
        await reach(first, self.csms, name, self.tokens.outwards(fields), limit=limit)
        for other in others:
            await reach(other, self.csms, "booted", {}, limit=limit)

    async def perform(self, charger: str, command: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Do a charger or world command, or one that is about the CSMS."""
        if command in CSMS_COMMANDS:
            return await self.csms.perform(command, fields)
        return await self.charger(charger).perform(command, self.tokens.command(command, fields), raw=raw)

    async def operate(self, charger: str, operation: str, fields: Mapping[str, Any], *, raw: bool = False) -> SentCall:
        """Let the CSMS do a version-neutral operation."""
        identity = self._stirred(charger)
        located = await self._located(identity, operation, fields)
        return await self.csms.operate(identity, operation, located, raw=raw)

    async def call(self, charger: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let the CSMS send any OCPP call."""
        return await self.csms.call(self._stirred(charger), action, payload, raw=raw)

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> Awaitable[None] | None:
        """Set how the CSMS answers that charger's next calls."""
        return self.csms.program(self.charger(charger).identity, rule)

    def watermark(self, evidence: str) -> float:
        """The time up to which everything from that evidence source has arrived, for every charger."""
        return min(charger.watermark(evidence) for charger in self.chargers.values())

    async def close(self) -> Sequence[str]:
        """Undo what was done, whatever happens on the way; returns what could not be, also when it is cut short."""
        with contextlib.suppress(asyncio.CancelledError):
            await self.undo.aclose()
        return self.complaints

    def charger(self, name: str) -> C:
        """The charger of that name.

        Raises:
            ValueError: there is none.
        """
        try:
            return self.chargers[name]
        except KeyError:
            raise ValueError(f"there is no charger {name!r}") from None

    def _stirred(self, name: str) -> str:
        charger = self.charger(name)
        charger.stirred()
        return charger.identity


class UnhurriedStage(CaseStage[C]):
    """A stage on which what a step sets off takes its time to show."""

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have shown."""
        await asyncio.gather(*(charger.answered() for charger in self.chargers.values()))


class PunctualStage(UnhurriedStage[C]):
    """A real clock and a CSMS of ours: it answers at once, or is late on purpose, which no step waits for."""

    async def settle(self) -> None:
        """Return when what was set off so far has been answered, but for what is late on purpose."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(QUIET):
                await super().settle()


class DrivenStage(PunctualStage[C]):
    """Somebody else's CSMS: it takes its time as any does, but where a scenario has made it late, that is on purpose.

    Args:
        csms: that the chargers dial.
        tokens: a scenario's cards and the real ones.
        late: whether the case's CSMS may be late on purpose from the beginning.
    """

    def __init__(self, csms: CsmsSide, tokens: TokenMap, *, late: bool) -> None:
        super().__init__(csms, tokens)
        self._late = late

    def program_csms(self, charger: str, rule: Mapping[str, Any]) -> Awaitable[None] | None:
        """Set how the CSMS answers that charger's next calls."""
        self._late = self._late or "delay" in rule or "silence" in rule
        return super().program_csms(charger, rule)

    async def settle(self) -> None:
        """As any CSMS's, until something is late on purpose."""
        if self._late:
            await super().settle()
        else:
            await UnhurriedStage.settle(self)


def own_random(request: StageRequest) -> Random:
    """A source of randomness of its own for one part of the case, drawn from the case's.

    On the real clock it is a new one in every run: what an id meant in an earlier one, a CSMS may still know.
    """
    seed = request.random.getrandbits(64)
    return Random(seed) if clock.is_virtual() else SystemRandom()
