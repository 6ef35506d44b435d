"""Which EVerests there are, and how they are reached: the options of an ``everest`` target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ocpplab_runner.everest.broker import Broker
from ocpplab_runner.everest.installation import LISTENING
from ocpplab_runner.everest.topics import Module
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.targets.option_values import some_time, text_of
from ocpplab_runner.targets.station.options import SCRIPTED, StationFacts
from ocpplab_runner.vocabulary.authorization import CSMS_VALIDATOR
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.quirks import Quirk

#: Options that are this target's own; the others are those of a ``station``.
OWN_OPTIONS = frozenset(
    {"broker", "prefix", "broker_ca", "broker_cert", "broker_key", "reach", "discovery", "modules", "cars"}
    | {"dummy_token_provider", "websocket", "board_errors", "validators", "quirks"}
)
_OF_ONE = frozenset(
    {"prefix", "modules", "cars", "dummy_token_provider", "websocket", "board_errors", "validators", "quirks"}
)
_BROKER = "mqtt://localhost:1883"
_VALIDATORS = (CSMS_VALIDATOR, SCRIPTED)
#: How EVerest's Auth handles tokens where its configuration says nothing: not as the language's defaults are.
_EVERESTS_OWN: Mapping[str, Any] = {
    "selection_algorithm": "FindFirst",
    "prioritize_authorization_over_stopping_transaction": True,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One EVerest on the broker.

    Attributes:
        prefix: before its topics.
        modules: type → ids, where they are said by hand; what is not said is asked for.
        cars: EVSE id → number of its car simulator; without any there is none.
        dummy_token_provider: module id of DummyTokenProviderManual, where it has no auth_token_provider_API.
        websocket: whether OCPP's WebSocket obeys.
        board_errors: whether YetiSimulator is there.
        validators: whom Auth asks, in its order: ``csms``, and :data:`SCRIPTED` for each validator that we are.
        quirks: where it is known to depart from EVerest's rules.
    """

    prefix: str = ""
    modules: Mapping[Module, tuple[str, ...]] = field(default_factory=dict)
    cars: Mapping[int, int] = field(default_factory=dict)
    dummy_token_provider: str | None = None
    websocket: bool = False
    board_errors: bool = False
    validators: tuple[str, ...] = (CSMS_VALIDATOR,)
    quirks: frozenset[Quirk] = frozenset()


@dataclass(frozen=True, slots=True)
class EverestOptions:
    """What an ``everest`` target is told beside what a ``station`` is.

    Attributes:
        broker: where they all are.
        places: identity that an EVerest dials with → it.
        reach: seconds in which the broker must be reached.
        discovery: seconds in which modules must say that they are there.
        other: what does by hand what EVerest has no topic for; None for nobody.
    """

    broker: Broker
    places: Mapping[str, Place]
    reach: float = 5.0
    discovery: float = LISTENING
    other: Rig | None = None

    @classmethod
    def from_mapping(cls, options: Mapping[str, Any]) -> tuple[EverestOptions, dict[str, Any]]:
        """From the command line or ``ocpplab.yaml``; also returns the options that are those of a station.

        Raises:
            ValueError: an option is unknown or wrong; the text never holds a password.
        """
        left = {name: value for name, value in options.items() if name not in OWN_OPTIONS}
        files = {name: _file(f"broker_{name}", options) for name in ("ca", "cert", "key")}
        broker = Broker.from_url(text_of("broker", options, _BROKER), **files)
        shared = {name: options[name] for name in _OF_ONE if name in options}
        stations = options.get("stations")
        places: dict[str, Place] = {}
        if isinstance(stations, Mapping):
            left["stations"] = {}
            for identity, told in stations.items():
                own = dict(told or {}) if isinstance(told, Mapping) or told is None else {"": told}
                mine = {name: own.pop(name) for name in _OF_ONE if name in own}
                places[str(identity)] = _place(f"stations.{identity}.", {**shared, **mine})
                left["stations"][identity] = own
        else:
            places[""] = _place("", shared)
        rig = left.pop("rig", None)
        if rig is not None and not isinstance(rig, Rig):
            raise ValueError("`rig` is a mapping")
        made = cls(
            broker,
            places,
            some_time("reach", options, 5.0),
            some_time("discovery", options, LISTENING),
            rig,
        )
        return made, left

    def facts(self, station: StationFacts) -> StationFacts:
        """What is known of an EVerest as a station: EVerest's own defaults stand below what is said."""
        said = station.charger.get("authorization") or {}
        charger = {**station.charger, "authorization": {**_EVERESTS_OWN, **said}}
        return replace(station, charger=charger, validators=self.place(station.identity).validators)

    def place(self, identity: str) -> Place:
        """Of the EVerest that dials with an identity."""
        return self.places.get(identity) or self.places[""]


def _place(where: str, options: Mapping[str, Any]) -> Place:
    return Place(
        prefix=text_of(f"{where}prefix", {f"{where}prefix": options.get("prefix", "")}, ""),
        modules=_modules(f"{where}modules", options.get("modules")),
        cars=_cars(f"{where}cars", options.get("cars")),
        dummy_token_provider=_name(f"{where}dummy_token_provider", options.get("dummy_token_provider")),
        websocket=_flag(f"{where}websocket", options.get("websocket", False)),
        board_errors=_flag(f"{where}board_errors", options.get("board_errors", False)),
        validators=_validators(f"{where}validators", options.get("validators")),
        quirks=_quirks(f"{where}quirks", options.get("quirks")),
    )


def _validators(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return (CSMS_VALIDATOR,)
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(one in _VALIDATORS for one in listed):
        raise ValueError(f"`{name}` lists whom Auth asks, in its order: some of {', '.join(_VALIDATORS)}")
    return tuple(listed)


def _quirks(name: str, value: Any) -> frozenset[Quirk]:
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or (wrong := [one for one in listed if one not in set(Quirk)]):
        shown = repr(wrong[0]) if isinstance(listed, list | tuple) else repr(listed)
        raise ValueError(f"`{name}` lists some of {', '.join(Quirk)}, not {shown}")
    return frozenset(map(Quirk, listed))


def _modules(name: str, value: Any) -> Mapping[Module, tuple[str, ...]]:
    if value is None:
        return {}
    known = ", ".join(Module)
    if not isinstance(value, Mapping):
        raise ValueError(f"`{name}` maps types of API modules ({known}) to module ids")
    found: dict[Module, tuple[str, ...]] = {}
    for kind, ids in value.items():
        if kind not in set(Module):
            raise ValueError(f"`{name}` knows {known}, not {kind!r}")
        listed = [ids] if isinstance(ids, str) else ids
        if not isinstance(listed, list | tuple) or not all(isinstance(one, str) and one for one in listed):
            raise ValueError(f"`{name}.{kind}` is a module id, or a list of them")
        found[Module(kind)] = tuple(listed)
    return found


def _cars(name: str, value: Any) -> Mapping[int, int]:
    """EVSE id → number of the car simulator; a number of EVSEs stands for the simulators of the same numbers."""
    if value is None or value is False:
        return {}
    if is_integer(value) and value > 0:
        return {evse: evse for evse in range(1, value + 1)}
    if isinstance(value, Mapping) and all(_is_positive(one) for pair in value.items() for one in pair):
        return dict(value)
    raise ValueError(f"`{name}` maps EVSE ids to the numbers of their car simulators, or is how many there are")


def _is_positive(value: Any) -> bool:
    return is_integer(value) and value > 0


def _name(name: str, value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    raise ValueError(f"`{name}` is a module id")


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"`{name}` is true or false, not {value!r}")


def _file(name: str, options: Mapping[str, Any]) -> str | None:
    value = options.get(name)
    if value is None or (isinstance(value, str) and value):
        return value
    raise ValueError(f"`{name}` is the path of a file")
