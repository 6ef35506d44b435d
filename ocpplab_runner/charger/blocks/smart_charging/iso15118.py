"""What EVs say by ISO 15118 of their charging: K15 to K17 of OCPP 2.x.

An EV that has said what it needs chooses one of the schedules that the next TxProfile offers, and the CSMS is told
which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ocpplab_runner.charger.blocks.smart_charging.profiles import Profile
from ocpplab_runner.charger.blocks.smart_charging.wire import schedule_out
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.clock import timestamp
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import SessionClosed
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Energy transfers in both directions.
TWO_WAYS = frozenset({"AC_BPT", "AC_BPT_DER", "DC_BPT", "DC_ACDP_BPT"})
#: EnergyTransferModeEnumType.
_V201 = frozenset({"DC", "AC_single_phase", "AC_two_phase", "AC_three_phase"})
ENERGY_TRANSFERS: Mapping[OcppVersion, frozenset[str]] = {
    OcppVersion.V201: _V201,
    OcppVersion.V21: _V201 | TWO_WAYS | {"AC_DER", "DC_ACDP", "WPT"},
}
#: What is requested where nobody says more, by the phases that an EV uses.
_TRANSFER = {1: "AC_single_phase", 2: "AC_two_phase", 3: "AC_three_phase"}

#: controlMode of an EV that leaves to the station what it takes (2.1 K19).
DYNAMIC_CONTROL = "DynamicControl"


@dataclass(slots=True)
class _Session:
    """An EV that speaks ISO 15118.

    Attributes:
        choice: which schedule it takes, from 1.
        fields: what it has said, as a scenario has it.
        untold: what it needs, and since when, until the CSMS has been told.
        under_way: whether that has been sent.
    """

    choice: int
    fields: Mapping[str, Any]
    untold: tuple[Mapping[str, Any], datetime] | None = None
    under_way: bool = False


class Iso15118:
    """The EVs at a station's EVSEs that speak it.

    Args:
        context: the station.
        rejected: hears which EV the CSMS does not let have which energy transfer.
    """

    def __init__(self, context: Context, rejected: Callable[[Evse, str], None]) -> None:
        self._context = context
        self._rejected = rejected
        self._sessions: dict[int, _Session] = {}

    def needs(self, evse: Evse, fields: Mapping[str, Any]) -> None:
        """An EV says what it needs: the CSMS is told now, or once there is a connection (K15)."""
        # What it has said before, and the CSMS has not heard yet, is of no use any more.
        session = self._sessions[evse.evse_id] = _Session(fields.get("takes", 1), fields)
        payload: dict[str, Any] = {"evseId": evse.evse_id, "chargingNeeds": self._needs(evse, fields)}
        if fields.get("max_schedules") is not None:
            payload["maxScheduleTuples"] = fields["max_schedules"]
        session.untold = payload, self._context.time.now()
        self.send()

    def again(self, evse: Evse, transfer: str) -> None:
        """An EV is asked again, and says what it needs for that energy transfer; nothing where it was never asked."""
        session = self._sessions.get(evse.evse_id)
        if session is not None:
            self.needs(evse, {**session.fields, "energy_transfer": transfer})

    def send(self) -> None:
        """Tell the CSMS what it does not know."""
        if not self._context.online:
            return
        for evse_id, session in self._sessions.items():
            if session.untold is not None and not session.under_way:
                payload, since = session.untold
                late = self._context.time.now() - since > timedelta(seconds=1)
                # Only 2.1 has a time for needs that were said without a connection.
                if late and self._context.version is OcppVersion.V21:
                    payload = {**payload, "timestamp": timestamp(since)}
                session.under_way = True
                self._context.post_raw(
                    Outgoing("NotifyEVChargingNeeds", payload), partial(self._needs_told, evse_id, session, payload)
                )

    def _needs_told(
        self, evse_id: int, session: _Session, payload: Mapping[str, Any], answer: Answer | Exception
    ) -> None:
        session.under_way = False
        if isinstance(answer, SessionClosed):  # it goes again after the next connection
            return
        session.untold = None
        if isinstance(answer, CallResult):
            self._needs_answered(evse_id, payload["chargingNeeds"]["requestedEnergyTransfer"], answer.payload)

    def choice(self, evse_id: int, offered: int) -> int:
        """Which of the schedules that are offered counts there, from 0; the first without ISO 15118."""
        session = self._sessions.get(evse_id)
        # Where fewer are offered than the EV would choose from it takes the last.
        return 0 if session is None else min(session.choice, offered) - 1

    def takes(self, evse: Evse, profile: Profile) -> None:
        """An EV has chosen its schedule: the CSMS is told (K15.FR.07, K16, 2.1 K18)."""
        session = self._sessions.get(evse.evse_id)
        if session is None or session.fields.get("control_mode") == DYNAMIC_CONTROL:  # it follows, and chooses nothing
            return
        schedule = profile.schedule
        payload: dict[str, Any] = {
            "timeBase": timestamp(schedule.start or self._context.time.now()),
            "evseId": evse.evse_id,
            "chargingSchedule": {"id": schedule.schedule_id or 0, **schedule_out(schedule)},
        }
        if self._context.version is OcppVersion.V21:
            payload["selectedChargingScheduleId"] = schedule.schedule_id or 0
        self._context.post(Outgoing("NotifyEVChargingSchedule", payload), self._answered)

    def gone(self, evse: Evse) -> None:
        """The EV's session is over."""
        self._sessions.pop(evse.evse_id, None)

    def _needs_answered(self, evse_id: int, transfer: str, payload: Mapping[str, Any]) -> None:
        if payload["status"] == "Rejected":
            self._rejected(self._context.equipment.evses[evse_id - 1], transfer)
        else:
            self._answered(payload)

    def _answered(self, payload: Mapping[str, Any]) -> None:
        if payload["status"] not in ("Accepted", "Processing"):
            self._context.note(f"the CSMS answers the EV {payload['status']}: what holds without a schedule holds on")

    def _needs(self, evse: Evse, fields: Mapping[str, Any]) -> dict[str, Any]:
        """ChargingNeedsType."""
        config = self._context.config
        transfer = fields.get("energy_transfer") or plain_transfer(evse)
        volts, amperes = config.voltage_v, evse.wanted_phase_w / config.voltage_v
        energy = fields.get("energy_wh", 0)
        needs: dict[str, Any] = {"requestedEnergyTransfer": transfer}
        if transfer in TWO_WAYS and self._context.version is OcppVersion.V21:
            needs |= self._both_ways(evse, fields)
        elif transfer.startswith("AC"):
            needs["acChargingParameters"] = _whole(
                self._context.version,
                energyAmount=energy,
                evMinCurrent=0,
                evMaxCurrent=amperes,
                evMaxVoltage=volts,
            )
        else:
            power = evse.wanted_phase_w * evse.phases
            needs["dcChargingParameters"] = _whole(
                self._context.version,
                evMaxCurrent=power / volts,
                evMaxVoltage=volts,
                evMaxPower=power,
                energyAmount=energy,
            )
        if fields.get("control_mode") is not None:
            needs["controlMode"] = fields["control_mode"]
        if fields.get("departs_in") is not None:
            leaves = self._context.time.now() + timedelta(seconds=seconds_of(fields["departs_in"]))
            needs["departureTime"] = timestamp(leaves)
        return needs

    def _both_ways(self, evse: Evse, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What an EV that can give energy back says of it (2.1 V2XChargingParametersType)."""
        ev = evse.ev
        back = 0.0 if ev is None else ev.discharge_w
        parameters: dict[str, Any] = {
            "maxChargePower": round(evse.wanted_phase_w * evse.usable_phases, 3),
            "maxDischargePower": back,
        }
        if fields.get("energy_wh") is not None:
            parameters["evTargetEnergyRequest"] = fields["energy_wh"]
        return {
            "availableEnergyTransfer": [plain_transfer(evse), *(["AC_BPT"] if back else [])],
            "controlMode": "ScheduledControl",
            "v2xChargingParameters": parameters,
        }


def plain_transfer(evse: Evse) -> str:
    """EnergyTransferModeEnumType of an EV that is charged only, by the phases that it uses."""
    return _TRANSFER[evse.usable_phases]


def _whole(version: OcppVersion, **amounts: float) -> dict[str, float]:
    """Amounts, which 2.0.1 has as integers."""
    return {
        name: round(amount) if version is OcppVersion.V201 else round(amount, 3) for name, amount in amounts.items()
    }
