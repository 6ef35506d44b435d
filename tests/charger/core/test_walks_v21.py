"""Whatever happens, in whatever order, to what OCPP 2.1 adds: tariffs, limits, payments, profiles, controls, clocks."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charger.rig import CARDS, V21, Rig, play
from tests.thoroughness import examples

BEGUN = "2026-01-01T00:00:00Z"
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    *(("plug_connector", {"evse_id": n}) for n in (1, 2)),
    *(("unplug_connector", {"evse_id": n}) for n in (1, 2)),
    ("authorize_id_tag", {"id_tag": "A", "evse_id": 1}),
    *(("pay_by_card", {"psp_ref": one, "evse_id": n}) for one, n in (("P1", 1), ("P1", 2), ("P2", 1))),
    ("pay_by_card", {"psp_ref": "P1", "outcome": "Canceled"}),
    *(
        ("limit_transaction", {"evse_id": 1, name: most})
        for name, most in (("cost", 0), ("energy_wh", 500), ("cost", 9))
    ),
    ("limit_transaction", {"evse_id": 1, "time": "60s"}),
    *(("set_clock", one) for one in ({"ahead": "3h"}, {"behind": "3h"})),
    *(("external_limit", {"evse_id": n, "limit": 2000, "unit": "W", "duration": "60s"}) for n in (0, 1)),
    ("grid", {"frequency_hz": 49.5, "load_w": 9000}),
    ("ev_charging_needs", {"evse_id": 1, "energy_transfer": "AC_BPT"}),
    *(("network", {"state": state}) for state in ("down", "up")),
    ("power", {"off_for": "30s"}),
]


def tariff(name: str, **more: Any) -> dict[str, Any]:
    return {"tariffId": name, "currency": "EUR", "energy": {"prices": [{"priceKwh": 1}]}, **more}


def setting(component: str, name: str, value: str) -> tuple[str, dict[str, Any]]:
    one = {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}
    return "SetVariables", {"setVariableData": [one]}


def profile(number: int, kind: str, period: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, **period}], **more}
    wire = {"id": number, "stackLevel": number, "chargingProfilePurpose": "TxDefaultProfile", "dynUpdateInterval": 60}
    return "SetChargingProfile", {
        "evseId": 0,
        "chargingProfile": {**wire, "chargingProfileKind": kind, "chargingSchedule": [schedule]},
    }


def control(number: str, priority: int, **more: Any) -> tuple[str, dict[str, Any]]:
    field = {"priority": priority, "pctMaxDischargePower": 50, **more}
    wire = {"isDefault": not more, "controlType": "LimitMaxDischarge", "limitMaxDischarge": field}
    return "SetDERControl", {**wire, "controlId": number}


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("SetDefaultTariff", {"evseId": 0, "tariff": tariff("T", fixedFee={"prices": [{"priceFixed": 3}]})}),
    ("SetDefaultTariff", {"evseId": 1, "tariff": tariff("U", maxCost={"inclTax": 1})}),
    ("ClearTariffs", {"tariffIds": ["T"]}),
    ("ChangeTransactionTariff", {"tariff": tariff("V", maxCost={"inclTax": 2})}),
    ("ChangeTransactionTariff", {"tariff": tariff("W")}),
    ("CostUpdated", {"totalCost": 70}),
    setting("PaymentCtrlr", "IncrementalAuthorizationAmount", "0.5"),
    setting("PaymentCtrlr", "IncrementalAuthorizationThreshold", "1000"),
    ("NotifyWebPaymentStarted", {"evseId": 0, "timeout": 30}),
    profile(1, "Dynamic", {"operationMode": "CentralSetpoint", "setpoint": -3000}),
    profile(1, "Relative", {"limit": 4000}),
    profile(2, "Absolute", {"operationMode": "LocalLoadBalancing"}, startSchedule=BEGUN, duration=600),
    ("UpdateDynamicSchedule", {"chargingProfileId": 1, "scheduleUpdate": {"setpoint": 3000}}),
    ("ClearChargingProfile", {"chargingProfileId": 1}),
    ("NotifyAllowedEnergyTransfer", {"allowedEnergyTransfer": ["AC_BPT"]}),
    control("a", 5, startTime=BEGUN),
    control("b", 1, duration=60),
    control("c", 0),
    ("ClearDERControl", {"isDefault": False}),
    ("SetDisplayMessage", {"message": {"id": 1, "priority": "InFront", "message": {"format": "UTF8", "content": "m"}}}),
    ("Reset", {"type": "ImmediateAndResume"}),
    ("Reset", {"type": "OnIdle"}),
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("do"), st.sampled_from(COMMANDS)),
        st.tuples(st.just("call"), st.sampled_from(CALLS)),
        st.tuples(st.just("wait"), st.sampled_from([("1", {}), ("60", {}), ("600", {})])),
    ),
    max_size=25,
)
OF_A_TRANSACTION = {"ChangeTransactionTariff", "CostUpdated", "NotifyAllowedEnergyTransfer"}


@settings(deadline=None, max_examples=examples(100))
@given(STEPS)
def test_neither_side_has_anything_to_mind(steps: list[tuple[str, tuple[str, dict[str, Any]]]]) -> None:
    """No handler fails, time is counted as it passes, and a payment is settled once for each of its transactions."""

    async def scene(it: Rig) -> None:
        await it.call("SetDefaultTariff", evseId=0, tariff=tariff("X", chargingTime={"prices": [{"priceMinute": 1}]}))
        await it.charge()
        for kind, (name, fields) in steps:
            if kind == "do":
                await it.do(name, **fields)
            elif kind == "wait":
                await it.wait(int(name))
            elif it.charger.online:
                running = [one.wire["wire"].transaction_id for one in it.charger.running]
                more = {"transactionId": running[0] if running else "NONE"} if name in OF_A_TRANSACTION else {}
                assert isinstance(await it.call(name, fields, **more), dict)
        await it.do("network", state="up")
        await it.do("unplug_connector", evse_id=1)
        await it.wait(307)

    it = play(
        scene,
        given={
            "evses": 2,
            "clock": {"follows": False},
            "ev": {"power_w": 9000, "discharge_w": 6000},
            "configuration": {"TxCtrlr.ResumptionTimeout": "60"},
            "settings": {"meter_value_interval": "0s"},
        },
        csms={"id_tokens": {**CARDS, "P1": "Accepted", "P2": "Accepted"}, "concurrent_tx": "allow"},
        version=V21,
    )
    longest = sum(int(name) for kind, (name, _) in steps if kind == "wait") + 40 * len(steps) + 400
    for event in it.sent("TransactionEvent"):
        usage = event.get("costDetails", {}).get("totalUsage", {})
        assert usage.get("chargingTime", 0) + usage.get("idleTime", 0) <= longest
        assert usage.get("energy", 0) >= 0
    told = [(one["pspRef"], one.get("transactionId")) for one in it.sent("NotifySettlement")]
    assert len(told) == len(set(told))
