"""What an operator is asked to do, in the words of the verb. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ocpplab_runner.vocabulary.durations import format_duration

Fields = Mapping[str, Any]


def _at(fields: Fields, station: str) -> str:
    if fields.get("evse_id") is None:
        return station
    connector = fields.get("connector_id", 1)
    return f"EVSE {fields['evse_id']}" + (f", connector {connector}," if connector != 1 else "") + f" of {station}"


def _car(fields: Fields, station: str) -> str:
    return _at({"evse_id": 1, **fields}, station)


def _either(on: str, off: str) -> Callable[[Fields, str], str]:
    return lambda fields, station: (on if fields["state"] in ("on", "up") else off).format(station=station)


#: Verb → the sentence, and the fields that a person can do justice to.
_PROMPTS: Mapping[str, tuple[Callable[[Fields, str], str], frozenset[str]]] = {
    "plug_connector": (
        lambda f, s: f"Plug the car into {_car(f, s)}",
        frozenset({"evse_id", "connector_id"}),
    ),
    "unplug_connector": (
        lambda f, s: f"Unplug the car from {_car(f, s)}",
        frozenset({"evse_id", "connector_id"}),
    ),
    "authorize_id_tag": (
        lambda f, s: f"Present the card {f['id_tag']} at {_at(f, s)}",
        frozenset({"id_tag", "evse_id"}),
    ),
    "stop_transaction": (lambda f, s: f"Press stop at {_at(f, s)}", frozenset({"evse_id"})),
    "start_session": (
        lambda f, s: f"Plug the car into {_car(f, s)} and present the card {f['id_tag']} there",
        frozenset({"id_tag", "evse_id", "connector_id"}),
    ),
    "stop_session": (
        lambda f, s: f"End charging at {_car(f, s)} and unplug the car",
        frozenset({"evse_id", "connector_id"}),
    ),
    "ev_requests_energy": (
        lambda f, s: f"Let the car at {_car(f, s)} ask for energy",
        frozenset({"evse_id", "connector_id"}),
    ),
    "ev_stops_energy": (
        lambda f, s: f"Let the car at {_car(f, s)} ask for no more energy",
        frozenset({"evse_id", "connector_id"}),
    ),
    "parking_bay": (
        lambda f, s: (
            f"Let a car drive into the bay of {_at(f, s)}"
            if f["is"] == "taken"
            else f"Let the car leave the bay of {_at(f, s)}"
        ),
        frozenset({"is", "evse_id"}),
    ),
    "inject_fault": (
        lambda f, s: f"Cause the fault {f['fault_type']} at {_at(f, s)}",
        frozenset({"fault_type", "evse_id", "connector_id"}),
    ),
    "clear_fault": (lambda f, s: f"Remove every fault at {_at(f, s)}", frozenset({"evse_id", "connector_id"})),
    "network": (
        _either("Connect {station} to the network", "Cut {station} off from the network"),
        frozenset({"state"}),
    ),
    "power": (_either("Switch the power of {station} on", "Switch the power of {station} off"), frozenset({"state"})),
}
#: What people can be asked for.
VERBS = frozenset(_PROMPTS)


def prompt(station: str, verb: str, fields: Fields, limit: float) -> str:
    """The question.

    Args:
        station: identity.
        verb: one of :data:`VERBS`.
        fields: of the verb.
        limit: seconds that there are for it.
    """
    sentence, _ = _PROMPTS[verb]
    return f"{sentence(fields, station)}, then press Enter; n if that cannot be done ({format_duration(limit)})"


def why_not(verb: str, fields: Collection[str]) -> str | None:
    """Why nobody can be asked for that; None when somebody can."""
    if verb not in _PROMPTS:
        return f"no hand can do {verb}"
    more = sorted(set(fields) - _PROMPTS[verb][1])
    return f"no hand can do {verb} with `{more[0]}`" if more else None
