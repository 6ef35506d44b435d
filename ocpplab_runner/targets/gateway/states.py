"""The named states of ``given.state`` by commands of the Gateway API, and by operations of a CSMS of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ocpplab_runner.plugin.target import InfrastructureError
from ocpplab_runner.targets.gateway.unit import Unit

Fields = Mapping[str, Any]
#: Lets the CSMS do an operation and returns once the charger has accepted it.
Operate = Callable[[str, Fields], Awaitable[None]]


async def reach(unit: Unit, state: str, fields: Fields, *, operate: Operate | None, limit: float) -> None:
    """Bring a charger that has booted into a named state.

    Args:
        unit: the charger.
        state: its name.
        fields: the state's own.
        operate: how the CSMS is made to act; None where it is not ours.
        limit: seconds that each stage of the recipe may take.

    Raises:
        InfrastructureError: the state was not reached.
        ValueError: a field that it needs is missing.
    """
    if state == "booted":
        return
    evse = int(fields.get("evse_id", 1))
    match state:
        case "ev_connected":
            await _plug(unit, evse)
        case "authorized":
            card = _card(fields, state)
            place = {"evse_id": fields["evse_id"]} if "evse_id" in fields else {}
            await _demand(unit, "authorize_id_tag", {"id_tag": card, **place})
            await unit.watched.until(lambda: card.lower() in unit.watched.accepted, "authorized", limit)
        case "charging" | "suspended_ev" | "finishing":
            await _charge(unit, evse, _card(fields, state), limit)
            if state == "suspended_ev":
                await _demand(unit, "ev_stops_energy", {"evse_id": evse})
                await _status(unit, evse, "SuspendedEV", limit)
            elif state == "finishing":
                await _demand(unit, "authorize_id_tag", {"id_tag": _card(fields, state)})
                await _status(unit, evse, "Finishing", limit)
        case "faulted":
            fault = fields.get("fault_type", "GroundFailure")
            await _demand(unit, "inject_fault", {"fault_type": fault, "evse_id": evse})
        case "unavailable" if operate is not None:
            place = {"evse_id": fields["evse_id"]} if "evse_id" in fields else {}
            await operate("change_availability", {"status": "Inoperative", **place})
            await _status(unit, evse, "Unavailable", limit)
        case "reserved" if operate is not None:
            wanted = {"id_tag": _card(fields, state), "evse_id": evse, "expires_in": fields.get("expires_in", "1h")}
            await operate("reserve_now", wanted)
            await _status(unit, evse, "Reserved", limit)
        case _:
            raise ValueError(f"a charger behind a Gateway cannot be brought into the state {state!r}")


async def _plug(unit: Unit, evse: int) -> None:
    await _demand(unit, "plug_connector", {"evse_id": evse})
    await unit.settle()


async def _charge(unit: Unit, evse: int, card: str, limit: float) -> None:
    await _plug(unit, evse)
    await _demand(unit, "authorize_id_tag", {"id_tag": card})
    await _status(unit, evse, "Charging", limit)


async def _status(unit: Unit, evse: int, wanted: str, limit: float) -> None:
    await unit.watched.until(lambda: unit.watched.status(evse) == wanted, f"{wanted} on EVSE {evse}", limit)
    await unit.settle()


async def _demand(unit: Unit, command: str, fields: Fields) -> None:
    outcome = await unit.perform(command, fields)
    if outcome.status != "done":
        raise InfrastructureError(f"the given state was not reached: {command}: {outcome.reason}", reached=True)


def _card(fields: Fields, state: str) -> str:
    if "id_tag" not in fields:
        raise ValueError(f"the state {state!r} needs an id_tag")
    return str(fields["id_tag"])
