"""Controls of the grid in OCPP 2.1: use cases R01 to R05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.charger.blocks.der_control.controls import MOST, DerControl, DerControls, field_of, problem_of
from ocpplab_runner.charger.core.block import Block, Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import reason, rejected
from ocpplab_runner.charger.core.events import ClockSet, PoweredUp, Reconnected, Registered, Resumed, WentDown
from ocpplab_runner.charger.core.model import Outgoing, Refused
from ocpplab_runner.charger.core.services.smart_charging import DER_ALARMS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Component, Variable, of_2x
from ocpplab_runner.clock import timestamp
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.der import CONTROL_TYPES
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The inverter of an EVSE, and what it can have the EV's do.
_INVERTERS = ("DCDERCtrlr", "ACDERCtrlr")
#: Nobody here falls silent for a moment, or sets reactive power by active power.
_NOT_DONE = frozenset({"HVMomCess", "LVMomCess", "WattPF", "WattVar"})
MODES = tuple(one for one in CONTROL_TYPES if one not in _NOT_DONE)
#: Controls in one part of a report.
REPORTED_AT_ONCE = 5
#: A timer must not fire before its moment for the rounding of a date.
_ROUNDING = timedelta(microseconds=1)


class DerControlV21(Block):
    """Keeps controls, tells when one begins and ends, and tells of alarms."""

    versions = frozenset({OcppVersion.V21})
    sends = frozenset({"ReportDERControl", "NotifyDERStartStop", "NotifyDERAlarm"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._controls = DerControls()
        #: What the CSMS is to be told, the oldest first.
        self._untold: list[Outgoing] = []
        #: Types of controls of which an alarm lasts.
        self._alarms: set[str] = set()
        context.offer(DER_ALARMS, self)

    def variables(self) -> Iterable[Variable]:
        """DCDERCtrlr and ACDERCtrlr of each EVSE; a DC inverter has a name plate (R01.FR.01, .02)."""
        for evse in self.context.equipment.evses:
            for name in _INVERTERS:
                place = Component(name, None, evse.evse_id)
                yield of_2x(place, "Available", "boolean", "true", settable=False)
                yield of_2x(place, "Enabled", "boolean", "true", mutability="ReadWrite", changed=self._bound)
                yield of_2x(place, "ModesSupported", "MemberList", ",".join(MODES), choices=CONTROL_TYPES)
            yield from self._name_plate(Component("DCDERCtrlr", None, evse.evse_id))

    def _name_plate(self, place: Component) -> Iterable[Variable]:
        config = self.context.config
        watts, volts = config.max_power_w, config.voltage_v
        amounts = (
            ("MaxW", watts, "W"),
            ("OverExcitedW", watts, "W"),
            ("OverExcitedPF", 0.9, None),
            ("UnderExcitedW", watts, "W"),
            ("UnderExcitedPF", 0.9, None),
            ("MaxVA", watts, "VA"),
            ("MaxVar", 0.0, "var"),
            ("MaxVarNeg", 0.0, "var"),
            ("MaxChargeRateW", watts, "W"),
            ("MaxChargeRateVA", watts, "VA"),
            ("VNom", volts, "V"),
            ("MaxV", volts * 1.1, "V"),
            ("MinV", volts * 0.9, "V"),
            ("ReactiveSusceptance", 0.0, "S"),
        )
        for name, amount, unit in amounts:
            yield of_2x(place, name, "decimal", f"{amount:g}", unit=unit, settable=False)
        for name, text in (
            ("InverterManufacturer", config.vendor),
            ("InverterModel", config.model),
            ("InverterSerialNumber", config.serial_number),
            ("InverterSwVersion", config.firmware_version),
            ("InverterHwVersion", "1"),
        ):
            yield of_2x(place, name, "string", text, settable=False)
        yield of_2x(place, "IslandingDetectionMethod", "OptionList", "RoCoF", choices=("RoCoF",), settable=False)
        yield of_2x(place, "IslandingDetectionTripTime", "decimal", "2", unit="s", settable=False)

    # -- what the CSMS wants --------------------------------------------------------------------------------------

    @answers("SetDERControl")
    def set_der_control(self, payload: Payload) -> HandlerResult:
        """R04: a control, or another one for its id."""
        if not any(self._is_enabled(evse.evse_id) for evse in self.context.equipment.evses):
            return rejected("NotEnabled", "no inverter follows controls")
        if not self._knows(payload["controlType"]):  # R04.FR.01
            return {"status": "NotSupported"}
        now = self._now()
        why = problem_of(payload, now)
        if why is not None:
            return rejected("InvalidValue", why)
        control = DerControl.of(payload, now)
        alike = self._controls.find(control.is_default, control.control_type)
        # Another one for its id takes no more room.
        if len([one for one in alike if one.control_id != control.control_id]) >= MOST:
            return rejected("OutOfStorage", f"the station keeps {MOST} controls of one type")
        superseded = self._controls.put(control, now)
        answer: dict[str, Any] = {"status": "Accepted"}
        if superseded:
            answer["supersededIds"] = list(superseded)
        return Reply(answer, then=self._turn)

    @answers("GetDERControl")
    def get_der_control(self, payload: Payload) -> HandlerResult:
        """R04: all of them, or those that are meant."""
        control_type = payload.get("controlType")
        if control_type is not None and not self._knows(control_type):  # R04.FR.36
            return {"status": "NotSupported"}
        found = self._controls.find(payload.get("isDefault"), control_type, payload.get("controlId"))
        if not found:  # R04.FR.30
            return {"status": "NotFound"}
        return Reply({"status": "Accepted"}, then=lambda: self._report(payload["requestId"], found))

    @answers("ClearDERControl")
    def clear_der_control(self, payload: Payload) -> HandlerResult:
        """R04: all defaults or all scheduled ones, or those of them that are meant."""
        control_type, control_id = payload.get("controlType"), payload.get("controlId")
        if control_id is None and control_type is not None and not self._knows(control_type):  # R04.FR.43
            return {"status": "NotSupported"}
        found = self._controls.find(payload["isDefault"], control_type, control_id)
        if not found and (control_type is not None or control_id is not None):  # R04.FR.41, .42
            return {"status": "NotFound", "statusInfo": reason("InvalidValue", "no such control is set")}
        self._controls.clear(found)
        return Reply({"status": "Accepted"}, then=self._turn)

    def _is_enabled(self, evse_id: int) -> bool:
        return any(self.context.variables.boolean(f"{name}.{evse_id}.Enabled") for name in _INVERTERS)

    def _knows(self, control_type: str) -> bool:
        return any(
            control_type in self.context.variables.items(f"{name}.{evse.evse_id}.ModesSupported")
            for evse in self.context.equipment.evses
            for name in _INVERTERS
        )

    def _report(self, request_id: int, found: Sequence[DerControl]) -> None:
        for start in range(0, len(found), REPORTED_AT_ONCE):
            report: dict[str, Any] = {"requestId": request_id}
            for control in found[start : start + REPORTED_AT_ONCE]:
                report.setdefault(field_of(control.control_type), []).append(_reported(control))
            if start + REPORTED_AT_ONCE < len(found):
                report["tbc"] = True
            self.context.post(Outgoing("ReportDERControl", report))

    # -- what happens ---------------------------------------------------------------------------------------------

    def alarm(self, control_type: str, fault: str | None, *, ended: bool) -> None:
        """The grid is such that a control of that type acts, or no longer; the CSMS is told (R05).

        Args:
            control_type: which control acts.
            fault: GridEventFaultEnumType, where there is one.
            ended: whether it is over.

        Raises:
            Refused: the station has no such control, or nothing of it lasts that could end.
        """
        if not self._knows(control_type):
            raise Refused(f"the inverters have no {control_type}: choose from {', '.join(MODES)}")
        if ended and control_type not in self._alarms:
            raise Refused(f"no alarm of {control_type} lasts")
        (self._alarms.discard if ended else self._alarms.add)(control_type)
        payload: dict[str, Any] = {"controlType": control_type, "timestamp": timestamp(self.context.time.now())}
        if fault is not None:
            payload["gridEventFault"] = fault
        if ended:
            payload["alarmEnded"] = True
        self._tell(Outgoing("NotifyDERAlarm", payload))

    def _turn(self) -> None:
        """Tell what has begun and ended, and look again when the next one does (R04.FR.20 to .22)."""
        now = self._now()
        for turn in self._controls.turn(now):
            payload: dict[str, Any] = {
                "controlId": turn.control_id,
                "started": turn.started,
                "timestamp": timestamp(self.context.time.now()),
            }
            if turn.superseded:
                payload["supersededIds"] = list(turn.superseded)
            self._tell(Outgoing("NotifyDERStartStop", payload))
        self._bound()
        following = self._controls.next_turn(now)
        if following is None:
            self._timers.stop("turn")
        else:
            self._timers.start("turn", (following - now + _ROUNDING) / timedelta(seconds=1), self._turn)

    def _bound(self) -> None:
        """Let no EV give back more than LimitMaxDischarge lets it, where an inverter follows."""
        control = self._controls.in_force("LimitMaxDischarge", self._now())
        wanted = 1.0 if control is None else control.wire.get("pctMaxDischargePower", 100) / 100
        for evse in self.context.equipment.evses:
            part = min(1.0, max(0.0, wanted)) if self._is_enabled(evse.evse_id) else 1.0
            if part != evse.discharge_part:
                evse.discharge_part = part
                self.context.ask(TRANSACTIONS).refresh(evse)

    def _now(self) -> datetime:
        return self.context.time.now() + _ROUNDING

    def _tell(self, call: Outgoing) -> None:
        self._untold.append(call)
        self._catch_up()

    def _catch_up(self) -> None:
        """Tell the CSMS what it does not know; each says when that was."""
        while self._untold and self.context.online:
            self.context.post(self._untold.pop(0))

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """Controls outlive a restart (R01.FR.03); what should have begun begins."""
        self._turn()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """As before."""
        self._turn()

    @hears(ClockSet)
    def clock_set(self, event: ClockSet) -> None:
        """Others hold at another time."""
        self._controls.clock_set(event.by)
        if self.context.powered:
            self._turn()

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """What has happened meanwhile is told."""
        self._catch_up()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What has happened without a connection is told."""
        self._catch_up()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing begins or ends without power."""
        self.stop()

    # -- memory ---------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Controls, alarms, and what the CSMS does not know of them."""
        return {
            "der_controls": [one.as_data() for one in self._controls],
            "der_alarms": sorted(self._alarms),
            "der_untold": [[one.action, dict(one.payload)] for one in self._untold],
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self._controls.recall([DerControl.from_data(one) for one in memory.get("der_controls", ())])
        self._alarms = set(memory.get("der_alarms", ()))
        self._untold = [Outgoing(action, payload) for action, payload in memory.get("der_untold", ())]

    def snapshot(self) -> Mapping[str, Any]:
        """How many controls there are."""
        return {"der_controls": len(self._controls)}


def _reported(control: DerControl) -> dict[str, Any]:
    """One of the items of a ReportDERControlRequest."""
    field = field_of(control.control_type)
    item: dict[str, Any] = {"id": control.control_id}
    # Both are defaults in any case (R04.FR.15), so that their types have no such fields.
    if field not in ("enterService", "gradient"):
        item |= {"isDefault": control.is_default, "isSuperseded": control.superseded}
    if field == "curve":
        item["curveType"] = control.control_type
    # FixedPFGetType is one for both directions, which its list in the report tells apart.
    item["fixedPF" if field.startswith("fixedPF") else field] = dict(control.wire)
    return item
