"""What the API and the page show of a station."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.csms import StationSession
from ocpplab_runner.tools.csms.program import CsmsProgram


def station_row(program: CsmsProgram, station: StationSession) -> dict[str, Any]:
    """A station as plain data."""
    summary = program.summaries.stations.get(station.identity)
    return {
        "identity": station.identity,
        "connected": station.connected,
        "ocpp": None if station.session is None else station.session.version.value,
        "registration": station.registration,
        "transactions": [
            {"transaction_id": one.transaction_id, "evse_id": one.evse_id, "id_token": one.id_token}
            for one in station.running_transactions
        ],
        "violations_counted": 0 if summary is None else sum(summary.violations.values()),
        "calls": 0 if summary is None else summary.from_it + summary.to_it,
    }
