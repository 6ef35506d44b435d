"""Which modules an EVerest has for us, and finding that out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.everest.broker import BrokerError, Bus
from ocpplab_runner.everest.topics import Module, Topics
from ocpplab_runner.vocabulary.numbers import is_integer

#: Seconds that the modules have to say that they are there.
LISTENING = 1.0
#: What configures a module where it is lacking, for people.
_CONFIGURE = "docs/everest.md has the lines for its configuration"


@dataclass(frozen=True, slots=True)
class Installation:
    """What one EVerest offers.

    Attributes:
        modules: type → module ids, in the order in which they were told.
        evse_managers: the modules that show EVSEs, by EVSE id.
        dummy_token_provider: module id of DummyTokenProviderManual where tokens are provided that way; else None.
        cars: EVSE id → number of its car simulator.
        websocket: whether OCPP's WebSocket obeys (``EnableExternalWebsocketControl``).
        board_errors: whether YetiSimulator is there to raise errors.
    """

    modules: Mapping[Module, tuple[str, ...]] = field(default_factory=dict)
    evse_managers: Mapping[int, str] = field(default_factory=dict)
    dummy_token_provider: str | None = None
    cars: Mapping[int, int] = field(default_factory=dict)
    websocket: bool = False
    board_errors: bool = False

    def first(self, kind: Module) -> str | None:
        """The module of a type, the first one where there are several."""
        return next(iter(self.modules.get(kind, ())), None)

    def lacks(self, kind: Module) -> str | None:
        """Why what needs a module of a type cannot be done; None when it is there."""
        return None if self.first(kind) else f"this EVerest has no module of the type {kind}_API; {_CONFIGURE}"

    @property
    def provides_tokens(self) -> bool:
        """Whether tokens can be handed over."""
        return self.dummy_token_provider is not None or self.first(Module.TOKEN_PROVIDER) is not None


@dataclass(frozen=True, slots=True)
class ApiModule:
    """What an API module says of itself.

    Attributes:
        module_id: its id in EVerest's configuration.
        version: of the API that it speaks; None where it does not say.
        monitored: whether it raises CommunicationFault when nobody confirms every few seconds to be there
            (``cfg_communication_check_to_s``).
    """

    module_id: str
    version: int | None = None
    monitored: bool = False


async def discover(bus: Bus, topics: Topics, *, listening: float = LISTENING) -> dict[Module, tuple[ApiModule, ...]]:
    """Ask for the API modules of each type that is used here.

    Args:
        bus: to the broker.
        topics: of the installation.
        listening: seconds in which a module must answer.

    Returns:
        Type → the modules that have answered, by their names.

    Raises:
        BrokerError: the broker is away.
    """
    answers = await asyncio.gather(*(bus.collect(topics, topics.query(kind), listening) for kind in Module))
    return {kind: found for kind, said in zip(Module, answers, strict=True) if (found := _modules(kind, said))}


async def evse_ids(bus: Bus, topics: Topics, managers: Iterable[str], *, limit: float = LISTENING) -> dict[int, str]:
    """Ask each EvseManager which EVSE it is (``get_evse``); those that do not answer are left out.

    Raises:
        BrokerError: the broker is away.
    """
    found: dict[int, str] = {}

    async def ask(module_id: str) -> None:
        try:
            told = await bus.ask(topics, topics.to(Module.EVSE_MANAGER, module_id, "get_evse"), {}, limit)
        except BrokerError:
            return
        number = told.get("id") if isinstance(told, Mapping) else None
        if is_integer(number):
            found[number] = module_id

    await asyncio.gather(*map(ask, managers))
    return dict(sorted(found.items()))


def _modules(kind: Module, answers: Iterable[Any]) -> tuple[ApiModule, ...]:
    listed = (one for answer in answers if isinstance(answer, Mapping) for one in answer.get("apis") or ())
    named = {str(one["module_id"]): _described(one) for one in listed if _is_of(kind, one)}
    return tuple(module for _, module in sorted(named.items()))


def _described(one: Mapping[str, Any]) -> ApiModule:
    version = one.get("version")
    known = version if is_integer(version) else None
    return ApiModule(str(one["module_id"]), known, one.get("communication_monitoring") is True)


def _is_of(kind: Module, one: Any) -> bool:
    # How a real EVerest spells the type in its answer has not been seen yet: either way will do.
    return isinstance(one, Mapping) and "module_id" in one and one.get("type", kind) in (kind, f"{kind}_API")
