"""The named states of ``given.state``: one table of recipes for every target whose charger is the simulated one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from ocpplab_runner.plugin.target import InfrastructureError
from ocpplab_runner.targets.charger_host import ChargerHost

Fields = Mapping[str, Any]
#: Lets the CSMS do an operation and returns once the charger has accepted it; None where the CSMS is not ours.
Operate = Callable[[str, Fields], Awaitable[None]]


class _Recipe(Protocol):
    async def __call__(self, host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None: ...


async def reach(host: ChargerHost, state: str, fields: Fields, *, operate: Operate | None, limit: float) -> None:
    """Bring a charger that has just been made into a named state.

    Args:
        host: the charger.
        state: a name of :data:`STATES`.
        fields: the state's own.
        operate: how the CSMS is made to act.
        limit: seconds that each stage of the recipe may take.

    Raises:
        InfrastructureError: the state was not reached.
        ValueError: there is no such state, or a field that it needs is missing.
    """
    recipe = STATES.get(state)
    if recipe is None:
        raise ValueError(f"there is no state {state!r}")
    if state != "disconnected":
        await booted(host, limit)
    await recipe(host, fields, operate, limit)
    await host.quiet()


async def booted(host: ChargerHost, limit: float) -> None:
    """Switch the charger on and wait until its boot is accepted and every connector is reported."""
    await host.charger.start()
    await host.until(lambda charger: charger.booted, "booted", limit)
    await host.quiet()


def _evse(fields: Fields) -> int:
    return int(fields.get("evse_id", 1))


def _status(evse_id: int, *wanted: str) -> Callable[[Any], bool]:
    return lambda charger: charger.status(evse_id) in wanted


def _card(fields: Fields, state: str) -> str:
    if "id_tag" not in fields:
        raise ValueError(f"the state {state!r} needs an id_tag")
    return str(fields["id_tag"])


async def _nothing(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    """``disconnected`` and ``booted``."""


async def _ev_connected(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    ev = {"ev": fields["ev"]} if "ev" in fields else {}
    await host.demand("plug_connector", {"evse_id": _evse(fields), **ev})


async def _authorized(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    place = {"evse_id": fields["evse_id"]} if "evse_id" in fields else {}
    card = _card(fields, "authorized")
    await host.demand("authorize_id_tag", {"id_tag": card, **place})
    await host.until(lambda _: (card.lower(), "Accepted") in host.token_statuses, "authorized", limit, card=card)


async def _charging(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    await _ev_connected(host, fields, operate, limit)
    await host.quiet()
    card = _card(fields, "charging")
    await host.demand("authorize_id_tag", {"id_tag": card, "evse_id": _evse(fields)})
    await host.until(_status(_evse(fields), "Charging"), "charging", limit, card=card)


async def _suspended_ev(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    await _charging(host, fields, operate, limit)
    await host.quiet()
    await host.demand("ev_stops_energy", {"evse_id": _evse(fields)})
    await host.until(_status(_evse(fields), "SuspendedEV"), "suspended by the EV", limit)


async def _finishing(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    await _charging(host, fields, operate, limit)
    await host.quiet()
    card = _card(fields, "finishing")
    await host.demand("authorize_id_tag", {"id_tag": card, "evse_id": _evse(fields)})
    await host.until(_status(_evse(fields), "Finishing"), "finishing", limit, card=card)


async def _unavailable(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    if operate is None:
        raise InfrastructureError("only the CSMS can take a charger out of service, and it is not ours", reached=True)
    place = {"evse_id": fields["evse_id"]} if "evse_id" in fields else {}
    await operate("change_availability", {"status": "Inoperative", **place})
    await host.until(_status(_evse(fields), "Unavailable"), "unavailable", limit)


async def _faulted(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    fault = fields.get("fault_type", "GroundFailure")
    await host.demand("inject_fault", {"fault_type": fault, "evse_id": _evse(fields)})


async def _offline(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    await host.demand("network", {"state": "down"})
    await host.until(lambda charger: not charger.online, "offline", limit)


async def _reserved(host: ChargerHost, fields: Fields, operate: Operate | None, limit: float) -> None:
    if operate is None:
        raise InfrastructureError("only the CSMS can reserve a charger, and it is not ours", reached=True)
    await operate(
        "reserve_now",
        {
            "id_tag": _card(fields, "reserved"),
            "evse_id": _evse(fields),
            "expires_in": fields.get("expires_in", "1h"),
        },
    )
    await host.until(_status(_evse(fields), "Reserved"), "reserved", limit)


STATES: dict[str, _Recipe] = {
    "disconnected": _nothing,
    "booted": _nothing,
    "ev_connected": _ev_connected,
    "authorized": _authorized,
    "charging": _charging,
    "suspended_ev": _suspended_ev,
    "finishing": _finishing,
    "unavailable": _unavailable,
    "faulted": _faulted,
    "offline": _offline,
    "reserved": _reserved,
}
#: The states that only a CSMS of ours can bring about.
CSMS_STATES = frozenset({"unavailable", "reserved"})
