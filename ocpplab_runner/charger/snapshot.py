"""A station as plain data, for reports and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.evse import Evse

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


def snapshot(station: SimulatedCharger) -> dict[str, Any]:
    """What is the case, as JSON data."""
    return {
        "identity": station.config.identity,
        "version": station.version.value,
        "powered": station.powered,
        "connected": station.connected,
        "booted": station.booted,
        "operative": station.operative,
        "faults": sorted(station.faults),
        "local_list": {"version": station.local_list.version, "entries": len(station.local_list)},
        "cache": len(station.cache),
        "queued_messages": len(station.outbox),
        "interrupted_transactions": station.transactions.interrupted,
        "evses": [_evse(station, evse) for evse in station.evses],
    }


def _evse(station: SimulatedCharger, evse: Evse) -> dict[str, Any]:
    return {
        "evse_id": evse.evse_id,
        "connectors": [
            {
                "connector_id": connector.connector_id,
                "status": station.status(evse.evse_id, connector.connector_id).value,
                "plugged": connector.plugged,
                "faults": sorted(connector.faults),
            }
            for connector in evse.connectors
        ],
        "meter_wh": evse.meter.register_wh(station.now()),
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
