"""One EVerest as a worker has it: the way to it, what it offers, and who listens there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.authorization.validators import ScriptedValidator, validators_from_given
from ocpplab_runner.everest.broker import Bus
from ocpplab_runner.everest.installation import Installation, discover, evse_ids
from ocpplab_runner.everest.topics import Module, Topics
from ocpplab_runner.plugin.stage import Recorder
from ocpplab_runner.targets.everest.conclusions import Conclusions
from ocpplab_runner.targets.everest.inside import Inside
from ocpplab_runner.targets.everest.options import EverestOptions, Place
from ocpplab_runner.targets.everest.validators import Validators

#: A module that nobody has heard of; nothing is ever said to it, as there is no way to the broker.
_UNKNOWN = "unknown"


class Site:
    """What is known of one EVerest.

    Args:
        place: what the options say of it.
        options: of the target.

    Attributes:
        topics: its topics.
        installation: its modules; before they are found out, those that the options name.
        raised: EVSE id → errors of YetiSimulator that are raised there.
        conclusions: who judged the tokens of the present case; None where nobody concludes that.
    """

    bus: Bus
    inside: Inside
    validators: Validators

    def __init__(self, place: Place, options: EverestOptions) -> None:
        self.place, self._options = place, options
        self.topics = Topics(place.prefix)
        self.raised: dict[int, set[str]] = {}
        self.conclusions: Conclusions | None = None
        self.installation = Installation(
            modules=place.modules,
            dummy_token_provider=place.dummy_token_provider,
            cars=place.cars,
            websocket=place.websocket,
            board_errors=place.board_errors,
        )

    async def find_out(self, bus: Bus) -> None:
        """Ask which modules there are.

        Raises:
            BrokerError: the broker is away.
        """
        found = await discover(bus, self.topics, listening=self._options.discovery)
        answered = {kind: tuple(one.module_id for one in modules) for kind, modules in found.items()}
        modules = {**answered, **self.place.modules}
        managers = modules.get(Module.EVSE_MANAGER, ())
        told = await evse_ids(bus, self.topics, managers, limit=self._options.discovery)
        self.installation = replace(self.installation, modules=modules, evse_managers=told)

    def presume(self) -> None:
        """Nobody could be asked: what may be there is not called missing, since it is the broker that is in the way."""
        modules = {**dict.fromkeys(Module, (_UNKNOWN,)), **self.place.modules}
        evses = dict.fromkeys(self.place.cars or {1: 1}, _UNKNOWN)
        self.installation = replace(self.installation, modules=modules, evse_managers=evses)

    async def open(self, bus: Bus) -> None:
        """Listen, over a connection that is open."""
        self.bus = bus
        self.inside = Inside(self.bus, self.topics, self.installation)
        validators = self.installation.modules.get(Module.TOKEN_VALIDATOR, ())
        self.validators = Validators(self.bus, self.topics, validators, self.inside)
        await self.inside.open()
        await self.validators.open()

    def begin_case(self, name: str, given: Mapping[str, Any], record: Recorder) -> None:
        """Let a case hear of it, and answer for the validators that the case scripts.

        Args:
            name: the scenario's name of the charger.
            given: its ``given.charger``.
            record: where observations go.
        """
        self.inside.begin_case(name, record)
        self.validators.begin_case(scripted(given))

    def leave_case(self) -> None:
        """Nobody hears of it until the next case."""
        self.inside.leave_case()
        self.validators.leave_case()
        self.conclusions = None


def scripted(given: Mapping[str, Any]) -> list[ScriptedValidator]:
    """The validators that a case scripts in its ``given.charger``."""
    listed = validators_from_given((given.get("authorization") or {}).get("validators"))
    return [one for one in listed if isinstance(one, ScriptedValidator)]
