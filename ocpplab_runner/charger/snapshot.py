"""A station as plain data, for reports and tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.core.block import Block
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.services.station import REGISTRATION


def snapshot(context: Context, blocks: Sequence[Block]) -> dict[str, Any]:
    """What is the case, as JSON data."""
    equipment = context.equipment
    told: dict[str, Any] = {
        "identity": context.config.identity,
        "version": context.version.value,
        "powered": context.powered,
        "connected": context.connection.session is not None,
        "booted": context.ask(REGISTRATION).accepted,
        "operative": equipment.operative,
        "faults": sorted(equipment.faults),
    }
    for block in blocks:
        told.update(block.snapshot())
    return {**told, "evses": [_evse(context, evse) for evse in equipment.evses]}


def _evse(context: Context, evse: Evse) -> dict[str, Any]:
    return {
        "evse_id": evse.evse_id,
        "connectors": [
            {
                "connector_id": connector.connector_id,
                "status": context.equipment.status(evse, connector).value,
                "plugged": connector.plugged,
                "faults": sorted(connector.faults),
            }
            for connector in evse.connectors
        ],
        "meter_wh": evse.meter.register_wh(clock.now()),
        "power_w": evse.meter.power_w,
        "reservation_id": None if evse.reservation is None else evse.reservation.reservation_id,
        "transaction": _transaction(evse),
    }


def _transaction(evse: Evse) -> dict[str, Any] | None:
    transaction = evse.transaction
    if transaction is None:
        return None
    return {
        "id": transaction.local_id if transaction.remote_id is None else transaction.remote_id,
        "id_tag": transaction.token.value,
        "meter_start_wh": transaction.meter_start_wh,
    }
