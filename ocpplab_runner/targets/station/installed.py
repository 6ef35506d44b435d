"""What a case has had installed at a station over OCPP, and taking it away again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.ocppj.plug_and_charge import exchange
from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.targets.station.questions import Questions, RefusedError

Payload = Mapping[str, Any]
#: What a call that takes something away is answered where that is gone: done, or nothing was there any more.
_GONE = frozenset({"Accepted", "Unknown", "NotFound", "NoTariff"})
_RESULTS = ("clearMonitoringResult", "clearTariffsResult", "setVariableResult")


@dataclass(frozen=True, slots=True)
class _Undoing:
    """A call that takes something away.

    Attributes:
        action: of the call, or an operation of the CSMS where ``operation`` is set.
        gone: statuses that say that nothing is left.
    """

    action: str
    payload: Payload
    operation: bool = False
    gone: frozenset[str] = _GONE

    def sent(self, questions: Questions) -> Awaitable[Payload]:
        """Its answer; raises as :meth:`Questions.ask`."""
        return (questions.operate if self.operation else questions.ask)(self.action, self.payload)


class Installed:
    """At one station, in one case."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, Payload]] = {}
        self._undoing: list[_Undoing] = []

    async def remember(self, questions: Questions, action: str, payload: Any) -> None:
        """Ask what the limits of variables are that a call is about to change (2.x MinSet, MaxSet, Target).

        Raises:
            InfrastructureError: the station does not answer.
        """
        for one in _limits(payload) if action == "SetVariables" else ():
            place = {name: one[name] for name in ("attributeType", "component", "variable") if name in one}
            try:
                answer = await questions.ask("GetVariables", {"getVariableData": [place]})
            except RefusedError:
                continue
            found = answer.get("getVariableResult") or [{}]
            if "attributeValue" in found[0]:
                before = {**place, "attributeValue": found[0]["attributeValue"]}
                self._add(_Undoing("SetVariables", {"setVariableData": [before]}))

    def sent(self, message_id: str, action: str, payload: Any) -> None:
        """The station was sent a call."""
        if action in _TAKEN_AWAY and isinstance(payload, Mapping):
            self._open[message_id] = action, payload

    def answered(self, message_id: str, answer: Any) -> None:
        """It has answered one with a result."""
        action, payload = self._open.pop(message_id, ("", {}))
        if action and isinstance(answer, Mapping):
            try:
                for undoing in _TAKEN_AWAY[action](payload, answer):
                    self._add(undoing)
            except (KeyError, TypeError, AttributeError):  # a raw call, or an answer that is no valid one
                return

    async def take_away(self, questions: Questions) -> list[str]:
        """Take everything away, the latest first; returns what could not be.

        Raises:
            InfrastructureError: the station does not answer.
        """
        told = []
        while self._undoing:
            undoing = self._undoing.pop()
            try:
                answer = await undoing.sent(questions)
            except RefusedError as refusal:
                told.append(str(refusal))
                continue
            except InfrastructureError:
                self._undoing.append(undoing)
                raise
            told += [
                f"{undoing.action} was answered {status}" for status in _statuses(answer) if status not in undoing.gone
            ]
        return told

    def _add(self, undoing: _Undoing) -> None:
        if undoing not in self._undoing:
            self._undoing.append(undoing)


def _limits(payload: Any) -> list[Payload]:
    data = payload.get("setVariableData") if isinstance(payload, Mapping) else None
    return [
        one
        for one in (data if isinstance(data, list | tuple) else ())
        # Actual values are settings, which StationSettings puts back.
        if isinstance(one, Mapping) and one.get("attributeType", "Actual") != "Actual"
    ]


def _statuses(answer: Payload) -> list[str]:
    for name in _RESULTS:
        if isinstance(answer.get(name), list):
            return [str(one.get("status", one.get("attributeStatus"))) for one in answer[name]]
    return [str(answer.get("status"))]


# -- what takes away what --------------------------------------------------------------------------------------------


def _accepted(answer: Payload) -> bool:
    return answer.get("status") == "Accepted"


def _profile(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        if "csChargingProfiles" in payload:
            yield _Undoing("ClearChargingProfile", {"id": payload["csChargingProfiles"]["chargingProfileId"]})
        else:
            yield _Undoing("ClearChargingProfile", {"chargingProfileId": payload["chargingProfile"]["id"]})


def _monitors(_: Payload, answer: Payload) -> Iterator[_Undoing]:
    for one in answer["setMonitoringResult"]:
        if one["status"] == "Accepted":
            yield _Undoing("ClearVariableMonitoring", {"id": [one["id"]]})


def _message(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        yield _Undoing("ClearDisplayMessage", {"id": payload["message"]["id"]})


def _tariff(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        yield _Undoing("ClearTariffs", {"tariffIds": [payload["tariff"]["tariffId"]], "evseId": payload["evseId"]})


def _grid_control(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        named = {name: payload[name] for name in ("isDefault", "controlId")}
        yield _Undoing("ClearDERControl", named)


def _certificate(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        # An operation: the CSMS works out the hashes by which DeleteCertificate names it.
        yield _Undoing("delete_certificate", {"certificate": payload["certificate"]}, operation=True)


def _by_data_transfer(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    told = exchange(payload, answer)
    if told is not None and told.message == "InstallCertificate":
        yield from _certificate(told.data, told.answer)


def _reservation(payload: Payload, answer: Payload) -> Iterator[_Undoing]:
    if _accepted(answer):
        number = payload["reservationId"] if "reservationId" in payload else payload["id"]
        # One that has ended by itself is refused: nobody knows it any more.
        yield _Undoing("CancelReservation", {"reservationId": number}, gone=_GONE | {"Rejected"})


_TAKEN_AWAY: Mapping[str, Callable[[Payload, Payload], Iterator[_Undoing]]] = {
    "DataTransfer": _by_data_transfer,
    "InstallCertificate": _certificate,
    "ReserveNow": _reservation,
    "SetChargingProfile": _profile,
    "SetDERControl": _grid_control,
    "SetDefaultTariff": _tariff,
    "SetDisplayMessage": _message,
    "SetVariableMonitoring": _monitors,
}
