"""A station's device model put together: fixed variables, settings, and what follows from its hardware and state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocpplab_runner import clock
from ocpplab_runner.charger.evse import CONNECTOR_TYPE, Connector, Evse
from ocpplab_runner.charger.readings import MEASURANDS
from ocpplab_runner.charger.v201.device_model import DeviceModel
from ocpplab_runner.charger.v201.variables import (
    DataType,
    Name,
    NameKey,
    Place,
    PlaceKey,
    VariableSpec,
    fixed_variables,
    settings_variables,
)
from ocpplab_runner.charger.v201.words import CONNECTOR_STATUS
from ocpplab_runner.vocabulary.statuses import ConnectorStatus

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_LOCAL_LIST, _RESERVATION = Place("LocalAuthListCtrlr"), Place("ReservationCtrlr")
#: Which status of a connector speaks for its EVSE: the first of these that one of them has.
_LOUDEST = ("Occupied", "Reserved", "Available", "Faulted", "Unavailable")


def device_model(station: SimulatedCharger) -> DeviceModel:
    """The device model of a station."""
    measurands = tuple(sorted(MEASURANDS))
    has_list = "LocalAuthListManagement" in station.config.features
    reserves = "Reservation" in station.config.features
    absent = {place for place, there in ((_LOCAL_LIST, has_list), (_RESERVATION, reserves)) if not there}
    specs = [
        spec for spec in (*settings_variables(measurands), *fixed_variables(measurands)) if spec.place not in absent
    ]
    computed: dict[tuple[PlaceKey, NameKey], Callable[[], str]] = {}

    def add(place: Place, name: str, kind: DataType, value: Callable[[], str], unit: str | None = None) -> None:
        spec = VariableSpec(place, Name(name), kind, unit=unit)
        specs.append(spec)
        computed[spec.key] = value

    config = station.config
    whole = Place("ChargingStation")
    add(whole, "AvailabilityState", "OptionList", lambda: _station_state(station))
    add(whole, "Available", "boolean", lambda: "true")
    add(whole, "Model", "string", lambda: config.model)
    add(whole, "SerialNumber", "string", lambda: config.serial_number)
    add(whole, "SupplyPhases", "integer", lambda: str(config.phases))
    add(whole, "VendorName", "string", lambda: config.vendor)
    add(Place("ClockCtrlr"), "DateTime", "dateTime", lambda: clock.timestamp(station.time.now()))
    add(_LOCAL_LIST, "Available", "boolean", lambda: str(has_list).lower())
    if has_list:
        add(_LOCAL_LIST, "Entries", "integer", lambda: str(len(station.local_list)))
        add(_LOCAL_LIST, "ItemsPerMessage", "integer", lambda: str(config.local_list_max))
    add(_RESERVATION, "Available", "boolean", lambda: str(reserves).lower())
    add(Place("SecurityCtrlr"), "Identity", "string", lambda: config.identity)
    for evse in station.evses:
        place = Place("EVSE", None, evse.evse_id)
        add(place, "AvailabilityState", "OptionList", lambda evse=evse: _evse_state(station, evse))  # type: ignore[misc]
        add(place, "Available", "boolean", lambda: "true")
        add(place, "Power", "decimal", lambda evse=evse: str(evse.meter.power_w), "W")  # type: ignore[misc]
        add(place, "SupplyPhases", "integer", lambda: str(config.phases))
        for connector in evse.connectors:
            place = Place("Connector", None, evse.evse_id, connector.connector_id)
            add(
                place,
                "AvailabilityState",
                "OptionList",
                lambda evse=evse, connector=connector: connector_state(station, evse, connector),  # type: ignore[misc]
            )
            add(place, "Available", "boolean", lambda: "true")
            add(place, "ConnectorType", "string", lambda: CONNECTOR_TYPE)
            add(place, "SupplyPhases", "integer", lambda: str(config.phases))
    return DeviceModel(station.settings, specs, computed)


def connector_state(station: SimulatedCharger, evse: Evse, connector: Connector) -> str:
    """ConnectorStatusEnumType as it is now; a card alone does not occupy a connector."""
    status = station.status(evse.evse_id, connector.connector_id)
    if status is ConnectorStatus.PREPARING and not connector.plugged:
        status = ConnectorStatus.AVAILABLE
    return CONNECTOR_STATUS[status]


def _evse_state(station: SimulatedCharger, evse: Evse) -> str:
    states = {connector_state(station, evse, connector) for connector in evse.connectors}
    return next(state for state in _LOUDEST if state in states)


def _station_state(station: SimulatedCharger) -> str:
    if station.broken:
        return "Faulted"
    return "Available" if station.operative else "Unavailable"
