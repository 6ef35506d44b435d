"""The target ``csms``: simulated chargers against a CSMS that somebody else runs, on the real clock."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.csms import VIOLATIONS, Card, CsmsConfig
from ocpplab_runner.engine.planning.preflight import walk
from ocpplab_runner.ocppj.tls import TlsFileError
from ocpplab_runner.plugin.csms_driver import BEGIN_CASE
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, GraveComplaint, InfrastructureError, Recorder, Stage, StageRequest
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.scenario.model import FacetExpectation, Scenario
from ocpplab_runner.targets.capabilities import foreign_csms_capabilities
from ocpplab_runner.targets.cards import CardBook, Loan, NoSuchCardsError
from ocpplab_runner.targets.charger_host import ChargerHost, hosts_for, switch_off
from ocpplab_runner.targets.csms_options import CsmsTargetOptions
from ocpplab_runner.targets.doubts import Doubts
from ocpplab_runner.targets.drivers.ahead import why_not
from ocpplab_runner.targets.drivers.side import DrivenSide
from ocpplab_runner.targets.end_transactions import Leftover, end_transactions
from ocpplab_runner.targets.foreign_tls import ForeignTls
from ocpplab_runner.targets.foreign_world import cards_at
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.targets.leases import Lease, Leases, NothingLeftError
from ocpplab_runner.targets.named import NamedTarget
from ocpplab_runner.targets.sides import ForeignSide
from ocpplab_runner.targets.stage import DrivenStage, UnhurriedStage, charger_configs, own_heartbeats
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = ["CsmsTarget", "CsmsTargetOptions"]

#: Identities and cards: the names under which they are lent, then the identity of each charger and the cards.
_Choice = tuple[Collection[str], tuple[Mapping[str, str], Loan]]

#: Seconds that each stage of a state's recipe may take.
_LIMIT = 30.0
#: Seconds in which the CSMS must take a connection.
_KNOCK = 10.0


class CsmsTarget(NamedTarget):
    """Our chargers, their CSMS.

    Args:
        name: as chosen on the command line.
        options: how to reach the CSMS.
    """

    def __init__(self, name: str, options: CsmsTargetOptions) -> None:
        capabilities = foreign_csms_capabilities(default_within=options.within, driver=options.driver)
        super().__init__(name, replace(capabilities, versions=options.versions, call_timeout=options.call_timeout))
        self._options = options
        options.check_files()
        self._tls = ForeignTls(options.url, options.tls, options.profiles)
        self._identities = options.identities
        self._cards = CardBook(options.cards, options.tokens)
        self._leases = Leases()
        self._driver = options.driver
        told = frozenset() if options.driver is None else frozenset(options.driver.operations)
        #: Whether each case can have a world of its own at the CSMS, or at least its cards.
        self._begins = BEGIN_CASE in told
        self._teaches = "update_id_tokens" in told and not options.cards and not self._begins

    @property
    def secrets(self) -> Sequence[str]:
        """The password of the basic authentication, what headers and the proxy have, and what the driver knows."""
        own = () if self._options.basic_auth is None else (self._options.basic_auth[1],)
        return (*own, *self._options.route.secrets(), *(() if self._driver is None else self._driver.secrets))

    @property
    def max_workers(self) -> int:
        """As many as there are identities; one when the scenarios' own are used, which may be the same."""
        return max(1, len(self._options.identities))

    def take_share(self, worker: int, of: int) -> None:
        """Each worker asks for another identity first, so that they seldom wait for each other."""
        pool = self._options.identities
        start = worker % max(1, len(pool))
        self._identities = pool[start:] + pool[:start]

    def why_blocked(self, scenario: Scenario, version: OcppVersion, variables: Mapping[str, Any]) -> str | None:
        """Why a scenario cannot run here, as far as its text tells: what cannot be arranged."""
        if self._identities and len(scenario.chargers) > len(self._identities):
            return _too_few(len(scenario.chargers), len(self._identities))
        steps = [*walk(scenario.steps, version), *walk(scenario.finally_, version)]
        judged = [one for step in steps for one in (step.expect, step.never) if one is not None]
        if any(_is_of_the_charger(facet) for one in (*scenario.throughout, *judged) for facet in one.facets):
            return "what the charger does wrong is found by the CSMS, and it is not ours"
        if self._driver is not None and (reason := why_not(self._driver, scenario, version)) is not None:
            return reason
        try:
            wanted = self._arrangeable(known_data(dict(scenario.csms), variables), version)
            if not self._begins:
                self._cards.lend(wanted, version)
        except (BlockedError, NoSuchCardsError) as error:
            return str(error)
        except (LookupError, ValueError):
            return None
        return None

    async def set_up(self, request: StageRequest) -> Stage:
        """Borrow identities and cards, connect the chargers and bring the first into the given state.

        Raises:
            BlockedError: ``given.csms`` asks for what only the CSMS's operators can arrange, or there are no such cards
                or too few identities.
            InfrastructureError: the CSMS cannot be reached, or the state was not.
        """
        wanted = self._arrangeable(request.csms, request.version)
        lease, (identities, loan) = await self._borrow(request, wanted)
        # A world of the case's own knows the scenario's cards as they are called.
        fixed = {} if self._begins else self._options.tokens
        tokens = TokenMap({**fixed, **loan.cards, **loan.groups}, request.version)
        doubts = Doubts(wanted, request.version, listed=loan.listed)
        driven = None if self._driver is None else DrivenSide(self._driver, request.version, tokens)
        stage: UnhurriedStage[ChargerHost]
        if driven is None:
            stage = UnhurriedStage(ForeignSide(), tokens)
        else:
            stage = DrivenStage(driven, tokens, late=bool({"answer_delay", "replies"} & request.csms.keys()))
        async with AsyncExitStack() as undo:
            # Last in, first out: transactions end, what is left is told, chargers go; only then is anything lent on.
            left: list[Leftover] = []
            # In a world of its own, which begins anew, nothing that a case leaves open is in anybody's way.
            undo.callback(lambda: lease.give_back(but=() if self._begins else _still_open(left)))
            undo.callback(lambda: stage.complaints.extend(doubts.found))
            undo.push_async_callback(switch_off, stage.chargers, stage.complaints)
            several = len(request.chargers) > 1
            undo.callback(lambda: stage.complaints.extend(_told(one, several=several) for one in left))
            undo.push_async_callback(lambda: end_transactions(stage.chargers.values(), left))
            configs = {
                name: replace(config, identity=identities[name])
                for name, config in charger_configs(
                    replace(request, chargers=tokens.outwards(request.chargers))
                ).items()
            }
            doing_tls = {name: given.get("tls") for name, given in request.chargers.items()}
            configs = {name: self._equipped(config, doing_tls[name]) for name, config in configs.items()}
            _note(request, next(iter(configs)), identities if self._options.identities else {}, loan)
            record = tokens.recorder(_both(request.record, doubts.hear))
            if driven is not None:
                record = _both(record, driven.hear_of({name: config.identity for name, config in configs.items()}))
                await self._arrange(driven, request, configs)
                if self._begins:
                    undo.push_async_callback(_as_usual, driven, stage.complaints)
            stage.chargers |= hosts_for(
                configs,
                request,
                url=self._options.url,
                record=record,
                route=self._options.route,
                credentials=self._options.basic_auth,
                silence=self._options.settle,
                call_timeout=self._options.call_timeout,
                reach=lambda name: functools.partial(
                    self._tls.reach, identity=configs[name].identity, given=doing_tls[name]
                ),
            )
            if request.state is not None and request.state[0] == "disconnected":
                await self._knock()
            await stage.begin(request.state, _LIMIT)
            stage.undo = undo.pop_all()
        stage.serve_files(replace(request, record=record))
        return stage

    async def end_worker(self) -> None:
        """Close the driver's connections."""
        if self._driver is not None:
            await self._driver.close()

    def _equipped(self, config: ChargerConfig, tls: Mapping[str, Any] | None) -> ChargerConfig:
        try:
            return self._tls.equip(config, tls)
        except TlsFileError as error:
            raise BlockedError(f"{config.identity} cannot show a certificate: {error}") from error

    async def _arrange(self, driven: DrivenSide, request: StageRequest, configs: Mapping[str, ChargerConfig]) -> None:
        """Have the CSMS know what ``given.csms`` says, as far as its driver can."""
        try:
            if self._begins:
                await driven.begin(request.csms, own_heartbeats(configs.values(), request.version))
            elif self._teaches and request.csms.get("id_tokens"):
                await driven.perform("update_id_tokens", request.csms["id_tokens"])
        except StepError as error:
            raise InfrastructureError(f"what the case gives cannot be arranged: {error}", reached=True) from error

    def _arrangeable(self, csms: Mapping[str, Any], version: OcppVersion) -> Mapping[str, Card]:
        """The cards of ``given.csms``; everything else there must be as it is at this CSMS anyway.

        A driver that can begin a case arranges everything.
        """
        if self._begins:
            return CsmsConfig.from_given(csms).id_tokens
        return cards_at(self._options, csms, version)

    async def _borrow(
        self, request: StageRequest, wanted: Mapping[str, Card]
    ) -> tuple[Lease, tuple[Mapping[str, str], Loan]]:
        try:
            borrowed = await self._leases.borrow(self._choice(charger_configs(request), wanted, request))
        except NothingLeftError as error:
            raise BlockedError(
                f"an earlier case has left something open at the CSMS, and no other can be lent: {error}"
            ) from error
        # The next case begins with those that have been idle for longest.
        used = set(borrowed[1][0].values())
        pool = self._identities
        self._identities = (*(one for one in pool if one not in used), *(one for one in pool if one in used))
        return borrowed

    def _choice(
        self, configs: Mapping[str, ChargerConfig], wanted: Mapping[str, Card], request: StageRequest
    ) -> Callable[[Callable[[str], bool]], _Choice | None]:
        pool = self._identities
        if pool and len(configs) > len(pool):
            raise BlockedError(_too_few(len(configs), len(pool)))

        own_identities = {name: config.identity for name, config in configs.items()}
        said = {name for name in configs if "identity" in request.chargers[name]}

        def choose(free: Callable[[str], bool]) -> _Choice | None:
            if self._begins:
                own = _pick(own_identities, pool, free, said)
                # Its cards are of its world, whoever else has some that are called like them.
                names = [] if own is None else [f"identity {identity}" for identity in own.values()]
                return None if own is None else (names, (own, Loan({card: card for card in wanted}, {}, True)))
            try:
                loan = self._cards.lend(wanted, request.version, free=lambda card: free(f"card {card}"))
            except NoSuchCardsError as error:
                raise BlockedError(str(error)) from error
            identities = _pick(own_identities, pool, free, said)
            if loan is None or identities is None:
                return None
            names = [f"card {card}" for card in loan.cards.values()]
            return [*names, *(f"identity {identity}" for identity in identities.values())], (identities, loan)

        return choose

    async def _knock(self) -> None:
        """See that somebody is there, where no charger connects before the first step."""
        parts = urlsplit(self._options.route.proxy or self._options.url)
        port = parts.port or (443 if parts.scheme in ("wss", "https") else 80)
        try:
            async with asyncio.timeout(_KNOCK):
                _, writer = await asyncio.open_connection(parts.hostname, port)
        except OSError as error:
            where = self._options.route.proxy_shown or self._options.url
            raise InfrastructureError(
                f"cannot reach {where}: {error or type(error).__name__}", reached=False
            ) from error
        writer.close()


async def _as_usual(driven: DrivenSide, complaints: list[str]) -> None:
    """Have the CSMS answer as it does by itself: what the scenario has made it do is no way to end transactions."""
    try:
        await driven.begin({}, ())
    except (StepError, BlockedError, InfrastructureError) as error:
        complaints.append(f"the CSMS could not be told to answer as usual: {error}")


def _still_open(left: Sequence[Leftover]) -> list[str]:
    """The names, as they are lent, of what a case leaves open."""
    identities = [f"identity {one.host.identity}" for one in left]
    return [*identities, *(f"card {card}" for one in left for card in one.host.cards)]


def _is_of_the_charger(facet: FacetExpectation) -> bool:
    """Whether it is about a violation by the charger: said so, or of a kind that only a CSMS finds."""
    return facet.facet == "violation" and any(
        one.get("by") == "charger" or ("by" not in one and str(one.get("is")) in VIOLATIONS)
        for one in facet.sequence or (facet.fields,)
    )


def _too_few(wanted: int, pool: int) -> str:
    return f"it needs {wanted} charger identities, and the target has {pool} to lend"


def _pick(
    own: Mapping[str, str], pool: Sequence[str], free: Callable[[str], bool], said: Collection[str]
) -> dict[str, str] | None:
    """An identity of the pool for each charger; without a pool its own.

    A charger that the scenario gives an identity gets that, where the pool has it. One that it gives none is called
    what every such charger is called: whoever waited for that name would wait for all others.
    """
    if not pool:
        return dict(own) if all(free(f"identity {identity}") for identity in own.values()) else None
    picked: dict[str, str] = {}
    for name, identity in sorted(own.items(), key=lambda charger: charger[0] not in said or charger[1] not in pool):
        fixed = name in said and identity in pool and identity not in picked.values()
        options = [identity] if fixed else pool
        found = next((one for one in options if one not in picked.values() and free(f"identity {one}")), None)
        if found is None:
            return None
        picked[name] = found
    return picked


def _note(request: StageRequest, charger: str, identities: Mapping[str, str], loan: Loan) -> None:
    """Tell a reader of the trace who is who at the CSMS."""
    lines = [f"charger {name} is {identity} at the CSMS" for name, identity in identities.items()]
    for card, real in loan.cards.items():
        if card != real:
            lines.append(f"{card} is {real} at the CSMS")
        elif not loan.listed:
            lines.append(f"{card} is taken to be what the scenario says at the CSMS: no cards are listed for it")
    lines += [f"the group {group} is {real} at the CSMS" for group, real in loan.groups.items() if group != real]
    for line in lines:
        request.record(Observation("note", line, charger, clock.now()))


def _both(first: Recorder, second: Recorder) -> Recorder:
    def record(observation: Observation) -> None:
        first(observation)
        second(observation)

    return record


def _told(left: Leftover, *, several: bool) -> GraveComplaint:
    return GraveComplaint(f"charger {left.host.name}: {left.text}" if several else left.text)
