"""How a 1.6 station answers its Central System's calls: sections 5.1 to 5.19."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.local_list import ListEntry, UpdateType
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.moments import moment
from ocpplab_runner.charger.v16.configuration import Configuration
from ocpplab_runner.charger.v16.payloads import validation_result
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerError, HandlerResult, Reply

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_Payload = Mapping[str, Any]
_ACCEPTED = {"status": "Accepted"}
_REJECTED = {"status": "Rejected"}


class Calls:
    """Answers calls from what is the case; an effect follows its answer."""

    __slots__ = ("_configuration", "_station")

    def __init__(self, station: SimulatedCharger, configuration: Configuration) -> None:
        self._station = station
        self._configuration = configuration

    def handle(self, call: Call) -> HandlerResult:
        """Answer a valid call.

        Raises:
            HandlerError: NotSupported, for an action of a profile that this station does not have.
        """
        entry = _CALLS.get(call.action)
        if entry is None:
            raise HandlerError("NotSupported", f"this station does not do {call.action}")
        feature, answer = entry
        if feature not in self._station.config.features and feature != "Core":
            raise HandlerError("NotSupported", f"this station does not have the profile {feature}")
        return answer(self, call.payload)

    # -- Core -----------------------------------------------------------------------------------------------------

    def _change_availability(self, payload: _Payload) -> HandlerResult:
        connector = payload["connectorId"]
        evse = self._evse(connector)
        if evse is None and connector != 0:
            return _REJECTED
        operative = payload["type"] == "Operative"
        scheduled, change = self._station.availability.change(evse, None, operative=operative, connectors_only=True)
        return Reply({"status": "Scheduled" if scheduled else "Accepted"}, then=change)

    def _change_configuration(self, payload: _Payload) -> HandlerResult:
        return {"status": self._configuration.change(payload["key"], payload["value"])}

    def _get_configuration(self, payload: _Payload) -> HandlerResult:
        return self._configuration.get(payload.get("key", ()))

    def _clear_cache(self, payload: _Payload) -> HandlerResult:
        if not self._station.settings.boolean("cache_enabled"):
            return _REJECTED
        self._station.cache.clear()
        return _ACCEPTED

    def _data_transfer(self, payload: _Payload) -> HandlerResult:
        return {"status": "UnknownVendorId"}

    def _remote_start(self, payload: _Payload) -> HandlerResult:
        connector = payload.get("connectorId")
        evse = None if connector is None else self._evse(connector)
        if connector is not None and evse is None:
            return _REJECTED
        effect = self._station.operations.remote_start(
            IdToken(payload["idTag"]), evse, authorize=self._station.settings.boolean("authorize_remote_start")
        )
        return _REJECTED if effect is None else Reply(_ACCEPTED, then=effect)

    def _remote_stop(self, payload: _Payload) -> HandlerResult:
        transaction = self._station.dialect.find_transaction(payload["transactionId"])
        if transaction is None:
            return _REJECTED
        return Reply(_ACCEPTED, then=self._station.operations.remote_stop(transaction))

    def _reset(self, payload: _Payload) -> HandlerResult:
        return Reply(_ACCEPTED, then=self._station.operations.reset(hard=payload["type"] == "Hard"))

    def _unlock(self, payload: _Payload) -> HandlerResult:
        evse = self._evse(payload["connectorId"])
        if evse is None:
            return {"status": "NotSupported"}
        outcome, effect = self._station.operations.unlock(evse, evse.connectors[0])
        return Reply({"status": outcome.value}, then=effect)

    # -- Local Auth List Management -------------------------------------------------------------------------------

    def _has_local_list(self) -> bool:
        station = self._station
        return "LocalAuthListManagement" in station.config.features and station.settings.boolean("local_list_enabled")

    def _list_version(self, payload: _Payload) -> HandlerResult:
        return {"listVersion": self._station.local_list.version if self._has_local_list() else -1}

    def _send_local_list(self, payload: _Payload) -> HandlerResult:
        if not self._has_local_list():
            return {"status": "NotSupported"}
        given = payload.get("localAuthorizationList", ())
        if len(given) > self._configuration.integer("SendLocalListMaxLength"):
            return {"status": "Failed"}
        entries = [
            ListEntry(
                IdToken(entry["idTag"]),
                None if entry.get("idTagInfo") is None else validation_result(entry["idTagInfo"]),
            )
            for entry in given
        ]
        update = UpdateType(payload["updateType"])
        return {"status": self._station.local_list.update(payload["listVersion"], update, entries).value}

    # -- Remote Trigger -------------------------------------------------------------------------------------------

    def _trigger(self, payload: _Payload) -> HandlerResult:
        connector = payload.get("connectorId")
        evse = None if connector is None else self._evse(connector)
        if connector is not None and evse is None and connector != 0:
            return _REJECTED
        trigger = _TRIGGERS.get(payload["requestedMessage"])
        return {"status": "NotImplemented"} if trigger is None else trigger(self, connector, evse)

    def _trigger_boot(self, connector: int | None, evse: Evse | None) -> HandlerResult:
        return Reply(_ACCEPTED, then=self._station.registrar.trigger_boot)

    def _trigger_heartbeat(self, connector: int | None, evse: Evse | None) -> HandlerResult:
        return Reply(_ACCEPTED, then=self._station.registrar.send_heartbeat)

    def _trigger_status(self, connector: int | None, evse: Evse | None) -> HandlerResult:
        statuses = self._station.statuses
        if connector == 0:
            return Reply(_ACCEPTED, then=lambda: statuses.send(statuses.report(None)))
        return Reply(_ACCEPTED, then=lambda: statuses.send_all(evse))

    def _trigger_meter_values(self, connector: int | None, evse: Evse | None) -> HandlerResult:
        station = self._station
        if not station.dialect.measurands("sampled"):
            return _REJECTED
        wanted = station.evses if evse is None else (evse,)
        return Reply(_ACCEPTED, then=lambda: _each(station.metering.send_now, wanted))

    # -- Reservation ----------------------------------------------------------------------------------------------

    def _reserve_now(self, payload: _Payload) -> HandlerResult:
        connector = payload["connectorId"]
        evse = self._evse(connector)
        if evse is None and not (connector == 0 and self._configuration.boolean("ReserveConnectorZeroSupported")):
            return _REJECTED
        parent = payload.get("parentIdTag")
        answer, change = self._station.reservations.reserve(
            evse,
            payload["reservationId"],
            IdToken(payload["idTag"]),
            moment(payload["expiryDate"]),
            None if parent is None else IdToken(parent),
        )
        return Reply({"status": answer}, then=change)

    def _cancel_reservation(self, payload: _Payload) -> HandlerResult:
        reservations = self._station.reservations
        if not reservations.exists(payload["reservationId"]):
            return _REJECTED
        return Reply(_ACCEPTED, then=lambda: reservations.cancel(payload["reservationId"]))

    def _evse(self, connector_id: int) -> Evse | None:
        evses = self._station.evses
        return evses[connector_id - 1] if 1 <= connector_id <= len(evses) else None


def _each(action: Callable[[Evse], None], evses: tuple[Evse, ...]) -> None:
    for evse in evses:
        action(evse)


_TRIGGER, _RESERVATION = "RemoteTrigger", "Reservation"
# GetLocalListVersion and SendLocalList have answers of their own for a station without the profile (sections 5.10,
# 5.15).
_CALLS: dict[str, tuple[str, Callable[[Calls, _Payload], HandlerResult]]] = {
    "ChangeAvailability": ("Core", Calls._change_availability),
    "ChangeConfiguration": ("Core", Calls._change_configuration),
    "ClearCache": ("Core", Calls._clear_cache),
    "DataTransfer": ("Core", Calls._data_transfer),
    "GetConfiguration": ("Core", Calls._get_configuration),
    "RemoteStartTransaction": ("Core", Calls._remote_start),
    "RemoteStopTransaction": ("Core", Calls._remote_stop),
    "Reset": ("Core", Calls._reset),
    "UnlockConnector": ("Core", Calls._unlock),
    "GetLocalListVersion": ("Core", Calls._list_version),
    "SendLocalList": ("Core", Calls._send_local_list),
    "TriggerMessage": (_TRIGGER, Calls._trigger),
    "ReserveNow": (_RESERVATION, Calls._reserve_now),
    "CancelReservation": (_RESERVATION, Calls._cancel_reservation),
}
#: The actions that this station answers, whatever profiles it has.
ANSWERED = frozenset(_CALLS)
_TRIGGERS: dict[str, Callable[[Calls, int | None, Evse | None], HandlerResult]] = {
    "BootNotification": Calls._trigger_boot,
    "Heartbeat": Calls._trigger_heartbeat,
    "MeterValues": Calls._trigger_meter_values,
    "StatusNotification": Calls._trigger_status,
}
#: The messages that a TriggerMessage can ask it for.
TRIGGERED = frozenset(_TRIGGERS)
