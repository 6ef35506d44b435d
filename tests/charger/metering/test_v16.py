"""Meter values: sampled and clock-aligned, in transactions and outside, adding up. OCPP 1.6 sections 4.7 and 9.1."""

from ocpplab_runner import clock
from tests.charger.rig import rig

MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage"


def _value(payload, measurand, phase=None):
    return next(
        s["value"]
        for s in payload["meterValue"][0]["sampledValue"]
        if s["measurand"] == measurand and s.get("phase") == phase
    )


def test_sampled_values_add_up():
    """Each minute at 6 kW the register has 100 Wh more, and meterStop is the last of it."""

    async def main():
        async with rig({"ev": {"power_w": 6000}, "meter_start_wh": 5000}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(305)
            sampled = it.sent("MeterValues")
            assert [_value(p, "Energy.Active.Import.Register") for p in sampled] == [
                "5100",
                "5200",
                "5300",
                "5400",
                "5500",
            ]
            assert {p["transactionId"] for p in sampled} == {1}
            assert sampled[0]["meterValue"][0]["timestamp"] == "2026-01-01T00:01:00.000Z"
            assert sampled[0]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Periodic"
            await it.do("stop_session")
            assert it.sent("StartTransaction")[0]["meterStart"] == 5000
            assert it.sent("StopTransaction")[0]["meterStop"] == 5508

    clock.run(main())


def test_measurands_of_three_phases():
    """Currents and voltages come for each phase, and fit the power."""

    async def main():
        given = {"ev": {"power_w": 6900}, "configuration": {"MeterValuesSampledData": MEASURANDS}}
        async with rig(given) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(60)
            payload = it.sent("MeterValues")[0]
            assert _value(payload, "Power.Active.Import") == "6900"
            assert [_value(payload, "Current.Import", f"L{n}") for n in (1, 2, 3)] == ["10"] * 3
            assert [_value(payload, "Voltage", f"L{n}-N") for n in (1, 2, 3)] == ["230"] * 3

    clock.run(main())


def test_sample_interval_takes_effect_at_once():
    """A new MeterValueSampleInterval counts from now; 0 ends the samples."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            await it.call("ChangeConfiguration", key="MeterValueSampleInterval", value="10")
            await it.wait(35)
            assert len(it.sent("MeterValues")) == 3
            await it.call("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
            await it.wait(600)
            assert len(it.sent("MeterValues")) == 3

    clock.run(main())


def test_clock_aligned_values_of_every_connector():
    """Aligned values come on the boundaries since midnight, from every connector, with or without a transaction."""

    async def main():
        async with rig({"evses": 2, "settings": {"aligned_interval": "15m", "meter_value_interval": "0s"}}) as it:
            await it.wait(420)
            await it.do("start_session", id_tag="A", evse_id=2)
            await it.wait(1500)
            aligned = [
                (p["connectorId"], p.get("transactionId"), p["meterValue"][0]["timestamp"][11:19])
                for p in it.sent("MeterValues")
            ]
            assert aligned == [
                (1, None, "00:15:00"),
                (2, 1, "00:15:00"),
                (1, None, "00:30:00"),
                (2, 1, "00:30:00"),
            ]
            assert it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"

    clock.run(main())


def test_aligned_interval_that_does_not_divide_the_day():
    """Boundaries count from midnight anew each day."""

    async def main():
        async with rig({"settings": {"aligned_interval": "7h"}}) as it:
            await it.wait(86400 + 7 * 3600 + 1)
            stamps = [p["meterValue"][0]["timestamp"][8:16] for p in it.sent("MeterValues")]
            assert stamps == ["01T07:00", "01T14:00", "01T21:00", "02T00:00", "02T07:00"]

    clock.run(main())


def test_transaction_data_of_the_stop():
    """StopTxnSampledData and StopTxnAlignedData fill transactionData from begin to end."""

    async def main():
        given = {
            "ev": {"power_w": 6000},
            "settings": {"meter_value_interval": "1m", "aligned_interval": "2m"},
            "configuration": {
                "StopTxnSampledData": "Energy.Active.Import.Register",
                "StopTxnAlignedData": "Energy.Active.Import.Register",
            },
        }
        async with rig(given) as it:
            await it.wait(30)
            await it.do("start_session", id_tag="A")
            await it.wait(100)
            await it.do("stop_session")
            data = it.sent("StopTransaction")[0]["transactionData"]
            shown = [(v["sampledValue"][0]["context"], v["sampledValue"][0]["value"]) for v in data]
            assert shown == [
                ("Transaction.Begin", "0"),
                ("Sample.Periodic", "100"),
                ("Sample.Clock", "150"),
                ("Transaction.End", "166"),
            ]

    clock.run(main())


def test_nothing_is_sampled_without_measurands():
    """An empty MeterValuesSampledData sends no meter values, and a trigger for them is Rejected."""

    async def main():
        async with rig({"configuration": {"MeterValuesSampledData": ""}}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(600)
            assert it.sent("MeterValues") == []
            answer = await it.call("TriggerMessage", requestedMessage="MeterValues")
            assert answer == {"status": "Rejected"}

    clock.run(main())


def test_triggered_values():
    """Triggered meter values carry the context Trigger, and the transaction where one runs."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=2)
            await it.call("TriggerMessage", requestedMessage="MeterValues")
            shown = [
                (p["connectorId"], p.get("transactionId"), p["meterValue"][0]["sampledValue"][0]["context"])
                for p in it.sent("MeterValues")
            ]
            assert shown == [(1, None, "Trigger"), (2, 1, "Trigger")]

    clock.run(main())


def test_a_day_at_one_kilowatt():
    """After 24 h the sum of all samples is the register, and the register is 24 kWh."""

    async def main():
        async with rig({"ev": {"power_w": 1000}}) as it:
            await it.do("start_session", id_tag="A")
            await it.wait(86400)
            await it.do("stop_session")
            assert len(it.sent("MeterValues")) == 1440
            assert it.sent("StopTransaction")[0]["meterStop"] == 24000

    clock.run(main())
