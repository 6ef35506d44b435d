"""Smart charging in OCPP 1.6: sections 3.13, 5.5, 5.7, 5.11 and 5.16."""

import pytest

from ocpplab_runner import clock
from tests.charger.rig import rig
from tests.charger.smart_charging.profiles import energy, iso, power, profile, set_profile


def _run(scenario, **given):
    async def main():
        async with rig(given) as it:
            await scenario(it)

    clock.run(main())


REFUSED = {
    "an unknown connector": (9, {}),
    "a limit of the station at a connector": (1, {"purpose": "ChargePointMaxProfile"}),
    "a limit of the station relative to a transaction": (0, {"purpose": "ChargePointMaxProfile", "kind": "Relative"}),
    "a TxProfile without a transaction": (1, {"purpose": "TxProfile"}),
    "a TxProfile at connector 0": (0, {"purpose": "TxProfile"}),
    "a stack level too high": (1, {"level": 11}),
    "a first period that is late": (1, {"limits": [(10, 100)]}),
    "periods out of order": (1, {"limits": [(0, 100), (60, 50), (30, 20)]}),
    "two periods at one moment": (1, {"limits": [(0, 100), (60, 50), (60, 20)]}),
    "too many periods": (1, {"limits": [(number, 100) for number in range(49)]}),
    "a limit below zero": (1, {"limits": [-1]}),
    "phases that there are not": (1, {"limits": [(0, 100, 4)]}),
    "a schedule that does not last": (1, {"duration": 0}),
    "a least rate below zero": (1, {"minChargingRate": -1}),
    "no recurrency": (1, {"kind": "Recurring"}),
    "a recurrency without a begin": (1, {"kind": "Recurring", "recurrencyKind": "Daily", "start": None}),
    "never valid": (1, {"validFrom": iso(100), "validTo": iso(100)}),
    "not valid any more": (1, {"validTo": iso(0)}),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    """A profile that the station cannot follow is refused, and nothing is installed."""
    connector, fields = REFUSED[what]
    limits = fields.pop("limits", [4000]) if (fields := dict(fields)) is not None else []

    async def scenario(it):
        assert await set_profile(it, connector, *limits, **fields) == "Rejected"
        assert await it.call("ClearChargingProfile") == {"status": "Unknown"}

    _run(scenario)


EDGE = {
    "the highest stack level": (1, {"level": 10}),
    "as many periods as can be": (1, {"limits": [(number, 100) for number in range(48)]}),
    "a limit of nothing": (1, {"limits": [0]}),
    "the whole station": (0, {"purpose": "ChargePointMaxProfile"}),
    "every connector": (0, {}),
    "valid for a second": (1, {"validTo": iso(1)}),
}


@pytest.mark.parametrize("what", EDGE)
def test_just_accepted(what):
    """What lies at the edge of the refusals."""
    connector, fields = EDGE[what]
    fields = dict(fields)

    async def scenario(it):
        assert await set_profile(it, connector, *fields.pop("limits", [4000]), **fields) == "Accepted"
        assert await it.call("ClearChargingProfile") == {"status": "Accepted"}

    _run(scenario)


@pytest.mark.parametrize(
    ("allowed", "unit", "status"),
    [("Current", "W", "Rejected"), ("Current", "A", "Accepted"), ("Power", "A", "Rejected")],
)
def test_unit_of_the_limits(allowed, unit, status):
    """Limits are in a unit of ChargingScheduleAllowedChargingRateUnit; so is the composite schedule."""

    async def scenario(it):
        assert await set_profile(it, 1, 10, unit=unit) == status
        answer = await it.call("GetCompositeSchedule", connectorId=1, duration=60, chargingRateUnit=unit)
        assert answer["status"] == status

    _run(scenario, configuration={"ChargingScheduleAllowedChargingRateUnit": allowed})


def test_room_for_profiles():
    """MaxChargingProfilesInstalled counts what is new; what takes the place of another needs no room."""

    async def scenario(it):
        assert await set_profile(it, 1, 1000, number=1) == "Accepted"
        assert await set_profile(it, 1, 1000, number=2, level=1) == "Accepted"
        assert await set_profile(it, 1, 1000, number=3, level=2) == "Rejected"
        assert await set_profile(it, 1, 1000, number=2, level=2) == "Accepted"  # the same id
        assert await set_profile(it, 1, 1000, number=9, level=0) == "Accepted"  # the same place
        assert await it.call("ClearChargingProfile", id=1) == {"status": "Unknown"}
        assert await it.call("ClearChargingProfile", id=9) == {"status": "Accepted"}

    _run(scenario, configuration={"MaxChargingProfilesInstalled": "2"})


def test_power_follows_the_periods():
    """Power changes at the borders, so that the energy is exact, and a limit of 0 suspends the EVSE."""

    async def scenario(it):
        assert await set_profile(it, 1, 6000, (600, 0), (1200, 3000), duration=1800, start=0) == "Accepted"
        it.forget()
        await it.do("start_session", id_tag="A")
        assert power(it) == 6000
        await it.wait(600)
        assert (power(it), energy(it)) == (0, 1000)
        assert it.statuses()[-1] == "SuspendedEVSE"
        await it.wait(600)
        assert (power(it), it.statuses()[-1]) == (3000, "Charging")
        await it.wait(600)
        assert (power(it), energy(it)) == (11000, 1500)
        assert it.statuses() == ["Preparing", "Charging", "SuspendedEVSE", "Charging"]

    _run(scenario)


def test_begins_suspended():
    """Where nothing is allowed a transaction begins all the same, and waits."""

    async def scenario(it):
        await set_profile(it, 0, 0)
        await it.do("start_session", id_tag="A")
        assert it.statuses()[-1] == "SuspendedEVSE" and len(it.sent("StartTransaction")) == 1
        assert await it.call("ClearChargingProfile") == {"status": "Accepted"}
        assert (power(it), it.statuses()[-1]) == (11000, "Charging")

    _run(scenario)


@pytest.mark.parametrize(
    ("ev", "switching", "limit", "expected", "amperes"),
    [
        ({}, "false", (0, 10), 6900, [10, 10, 10]),
        ({}, "false", (0, 10, 1), 2300, [3.333, 3.333, 3.333]),
        ({}, "true", (0, 10, 1), 2300, [10, 0, 0]),
        ({"phases": 1, "power_w": 7360}, "false", (0, 10), 2300, [10, 0, 0]),
        ({"phases": 1, "power_w": 7360}, "false", (0, 10, 3), 2300, [10, 0, 0]),
        ({"phases": 2, "power_w": 7360}, "true", (0, 10), 4600, [10, 10, 0]),
        ({"phases": 2, "power_w": 7360}, "true", (0, 32), 7333.333, [15.942, 15.942, 0]),
        ({"phases": 1, "power_w": 1150}, "true", (0, 32), 1150, [5, 0, 0]),
    ],
)
def test_amperes_on_the_phases_that_are_used(ev, switching, limit, expected, amperes):
    """A limit in A holds for each phase that is used: of the supply, of the car, of those that are left switched on."""

    async def scenario(it):
        await set_profile(it, 1, limit, unit="A")
        await it.do("start_session", id_tag="A", ev=ev)
        assert power(it) == pytest.approx(expected, abs=0.001)
        it.forget()
        await it.call("TriggerMessage", requestedMessage="MeterValues")
        samples = it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"]
        assert [float(one["value"]) for one in samples if one["measurand"] == "Current.Import"] == amperes

    configuration = {"ConnectorSwitch3to1PhaseSupported": switching, "MeterValuesSampledData": "Current.Import"}
    _run(scenario, configuration=configuration)


def test_one_phase_station():
    """A station of one phase gives an ampere once."""

    async def scenario(it):
        await set_profile(it, 1, 10, unit="A")
        await it.do("start_session", id_tag="A")
        assert power(it) == 2300
        answer = await it.call("GetCompositeSchedule", connectorId=1, duration=60, chargingRateUnit="A")
        assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 10, "numberPhases": 1}
        ]

    _run(scenario, phases=1, max_power_w=7360, ev={"power_w": 7360})


def test_tx_profile_is_of_its_transaction():
    """A TxProfile needs the transaction that runs, takes the place of the default, and ends with its transaction."""

    async def scenario(it):
        await set_profile(it, 1, 6000)
        await it.do("start_session", id_tag="A")
        assert await set_profile(it, 1, 8000, purpose="TxProfile", number=2, transactionId=99) == "Rejected"
        assert await set_profile(it, 2, 8000, purpose="TxProfile", number=2, transactionId=1) == "Rejected"
        assert await set_profile(it, 1, 8000, purpose="TxProfile", number=2, transactionId=1) == "Accepted"
        assert power(it) == 8000
        await it.do("stop_session")
        assert await it.call("ClearChargingProfile", id=2) == {"status": "Unknown"}
        await it.do("start_session", id_tag="A")
        assert power(it) == 6000
        assert await set_profile(it, 1, 500, purpose="TxProfile", number=2) == "Accepted"  # of the one that runs
        assert power(it) == 500

    _run(scenario, evses=2)


def test_default_of_one_connector_goes_before_that_of_all():
    """Of two at one stack level the one for the connector alone counts; a higher level counts anyway."""

    async def scenario(it):
        await set_profile(it, 0, 4000, number=1)
        await set_profile(it, 1, 6000, number=2)
        for evse in (1, 2):
            await it.do("start_session", id_tag=f"A{evse}", evse_id=evse)
        assert (power(it, 1), power(it, 2)) == (6000, 4000)
        await set_profile(it, 0, 2000, number=3, level=1)
        assert (power(it, 1), power(it, 2)) == (2000, 2000)

    _run(scenario, evses=2)


def test_limit_of_the_station_is_shared():
    """A ChargePointMaxProfile is for all connectors together, in equal parts; what one does not want others have."""

    async def scenario(it):
        await set_profile(it, 0, 9000, purpose="ChargePointMaxProfile")
        await it.do("start_session", id_tag="A", evse_id=1)
        assert power(it, 1) == 9000
        await it.do("start_session", id_tag="B", evse_id=2, ev={"power_w": 2000})
        assert (power(it, 1), power(it, 2)) == (7000, 2000)
        await it.do("start_session", id_tag="C", evse_id=3)
        assert [power(it, evse) for evse in (1, 2, 3)] == [3500, 2000, 3500]
        await it.do("ev_stops_energy", evse_id=1)
        assert [power(it, evse) for evse in (1, 2, 3)] == [0, 2000, 7000]
        await it.do("stop_session", evse_id=2)
        assert [power(it, evse) for evse in (1, 2, 3)] == [0, 0, 9000]

    _run(scenario, evses=3)


def test_amperes_of_the_station():
    """In A the limit of the station holds on each phase, whatever cars charge there."""

    async def scenario(it):
        await set_profile(it, 0, 20, purpose="ChargePointMaxProfile", unit="A")
        await it.do("start_session", id_tag="A", evse_id=1)
        await it.do("start_session", id_tag="B", evse_id=2, ev={"phases": 1, "power_w": 7360})
        assert (power(it, 1), power(it, 2)) == (10 * 690, 10 * 230)

    _run(scenario, evses=2, max_power_w=22000, ev={"power_w": 22000})


def test_least_rate():
    """What is below minChargingRate is of no use: the car gets nothing, and of a shared limit the others have it."""

    async def scenario(it):
        await set_profile(it, 0, 6, (600, 12), (1200, 5), unit="A", minChargingRate=6)
        await set_profile(it, 0, 10, unit="A", purpose="ChargePointMaxProfile", number=2)
        await it.do("start_session", id_tag="A", evse_id=1)
        assert power(it) == 6 * 690
        await it.do("start_session", id_tag="B", evse_id=2)
        assert (power(it, 1), power(it, 2)) == (6 * 690, 0)
        assert it.statuses(2)[-1] == "SuspendedEVSE"
        await it.wait(1200)
        assert (power(it, 1), power(it, 2)) == (0, 0)

    _run(scenario, evses=2)


def test_kinds():
    """Relative counts from the transaction, Recurring comes back, and outside of its validity a profile is silent."""

    async def scenario(it):
        await set_profile(it, 1, 1000, number=1, level=3, kind="Relative", duration=60)
        await set_profile(
            it, 1, 2000, number=2, level=2, start=120, duration=60, kind="Recurring", recurrencyKind="Daily"
        )
        await set_profile(it, 1, 3000, number=3, level=1, validFrom=iso(240), validTo=iso(300), start=None)
        await it.wait(30)
        await it.do("start_session", id_tag="A")
        seen = []
        for wait in (0, 59, 1, 30, 59, 1, 60, 59, 1, 86400 - 181, 1, 60):
            await it.wait(wait)
            seen.append(power(it))
        assert seen == [1000, 1000, 11000, 2000, 2000, 11000, 3000, 3000, 11000, 11000, 2000, 11000]

    _run(scenario)


def test_weekly():
    """Weekly comes back after seven days, not before."""

    async def scenario(it):
        for frequent in ("MeterValueSampleInterval", "HeartbeatInterval"):
            await it.call("ChangeConfiguration", key=frequent, value="86400")
        await set_profile(it, 1, 2000, start=0, duration=60, kind="Recurring", recurrencyKind="Weekly")
        await it.do("start_session", id_tag="A")
        assert power(it) == 2000
        await it.wait(6 * 86400)
        assert power(it) == 11000
        await it.wait(86400)
        assert power(it) == 2000
        await it.wait(60)
        assert power(it) == 11000

    _run(scenario)


def test_falls_back_to_a_lower_level():
    """Where a higher level has nothing to say, the next one speaks (3.13.3)."""

    async def scenario(it):
        await set_profile(it, 1, 4000, number=1, level=0)
        await set_profile(it, 1, 9000, number=2, level=1, start=60, duration=60)
        await it.do("start_session", id_tag="A")
        seen = []
        for wait in (0, 60, 60):
            await it.wait(wait)
            seen.append(power(it))
        assert seen == [4000, 9000, 4000]

    _run(scenario)


CLEARED = {
    "all": ({}, {1, 2, 3, 4}),
    "an id": ({"id": 3}, {3}),
    "a connector": ({"connectorId": 1}, {3, 4}),
    "connector 0": ({"connectorId": 0}, {1, 2}),
    "a purpose": ({"chargingProfilePurpose": "TxDefaultProfile"}, {2, 3, 4}),
    "a stack level": ({"stackLevel": 1}, {1, 4}),
    "purpose and stack level": ({"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}, {4}),
    "everything": (
        {"id": 4, "connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1},
        {4},
    ),
    "an unknown id": ({"id": 9}, set()),
    "an id elsewhere": ({"id": 3, "connectorId": 0}, set()),
    "a purpose that none has": ({"chargingProfilePurpose": "TxProfile"}, set()),
}


@pytest.mark.parametrize("what", CLEARED)
def test_clear(what):
    """ClearChargingProfile takes out what meets everything that it names."""
    wanted, gone = CLEARED[what]

    async def scenario(it):
        await set_profile(it, 0, 9000, number=1, level=1, purpose="ChargePointMaxProfile")
        await set_profile(it, 0, 8000, number=2, level=0)
        await set_profile(it, 1, 7000, number=3, level=0)
        await set_profile(it, 1, 6000, number=4, level=1)
        assert await it.call("ClearChargingProfile", **wanted) == {"status": "Accepted" if gone else "Unknown"}
        left = {n for n in range(1, 5) if await it.call("ClearChargingProfile", id=n) == {"status": "Accepted"}}
        assert left == {1, 2, 3, 4} - gone

    _run(scenario)


def test_composite_schedule():
    """What will be allowed, period by period: defaults and the limit of the station together, from now on."""

    async def scenario(it):
        await set_profile(it, 0, 9000, (300, 5000), purpose="ChargePointMaxProfile", number=1)
        await set_profile(it, 1, 7000, number=2, duration=400)
        await it.wait(100)
        answer = await it.call("GetCompositeSchedule", connectorId=1, duration=1000, chargingRateUnit="W")
        assert answer == {
            "status": "Accepted",
            "connectorId": 1,
            "scheduleStart": "2026-01-01T00:01:40.000Z",
            "chargingSchedule": {
                "duration": 1000,
                "startSchedule": "2026-01-01T00:01:40.000Z",
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 7000, "numberPhases": 3},
                    {"startPeriod": 200, "limit": 5000, "numberPhases": 3},
                ],
            },
        }
        answer = await it.call("GetCompositeSchedule", connectorId=0, duration=250, chargingRateUnit="A")
        periods = answer["chargingSchedule"]["chargingSchedulePeriod"]
        assert [(one["startPeriod"], one["limit"]) for one in periods] == [(0, 13.0), (200, 7.2)]
        assert (await it.call("GetCompositeSchedule", connectorId=7, duration=250)) == {"status": "Rejected"}

    _run(scenario, evses=2)


def test_composite_schedule_counts_a_transaction_from_its_begin():
    """Relative to the transaction that runs, or to one that would begin now."""

    async def scenario(it):
        await set_profile(it, 1, 1000, (600, 2000), kind="Relative")

        async def periods():
            answer = await it.call("GetCompositeSchedule", connectorId=1, duration=3600, chargingRateUnit="W")
            return [(p["startPeriod"], p["limit"]) for p in answer["chargingSchedule"]["chargingSchedulePeriod"]]

        assert await periods() == [(0, 1000), (600, 2000)]
        await it.do("start_session", id_tag="A")
        await it.wait(500)
        assert await periods() == [(0, 1000), (100, 2000)]

    _run(scenario)


def test_remote_start_with_a_profile():
    """The profile is that of the transaction that begins, and of no later one."""

    async def scenario(it):
        wanted = profile(5000, (60, 3000), purpose="TxProfile", kind="Relative")
        answer = await it.call("RemoteStartTransaction", idTag="A", connectorId=1, chargingProfile=wanted)
        assert answer == {"status": "Accepted"}
        await it.wait(20)
        await it.do("plug_connector", evse_id=1)
        assert power(it) == 5000
        await it.wait(60)
        assert power(it) == 3000
        await it.do("stop_session")
        await it.do("start_session", id_tag="A")
        assert power(it) == 11000

    _run(scenario)


@pytest.mark.parametrize(
    "wrong", [{"purpose": "TxDefaultProfile"}, {"level": 11}, {"transactionId": 1}, {"kind": "Recurring"}]
)
def test_remote_start_with_a_wrong_profile(wrong):
    """Nothing starts then (5.11)."""

    async def scenario(it):
        wanted = profile(5000, **{"purpose": "TxProfile", "kind": "Relative", **wrong})
        answer = await it.call("RemoteStartTransaction", idTag="A", connectorId=1, chargingProfile=wanted)
        assert answer == {"status": "Rejected"}
        await it.do("plug_connector")
        assert it.sent("StartTransaction") == []

    _run(scenario)


def test_without_smart_charging():
    """A station without the profile ignores that of a remote start (5.11), and does not do the rest."""

    async def scenario(it):
        wanted = profile(5000, purpose="TxDefaultProfile")
        answer = await it.call("RemoteStartTransaction", idTag="A", chargingProfile=wanted)
        assert answer == {"status": "Accepted"}
        await it.do("plug_connector")
        assert power(it) == 11000
        answer = await it.call("SetChargingProfile", connectorId=1, csChargingProfiles=wanted)
        assert answer.code == "NotSupported"

    _run(scenario, features=["Core"])


def test_outlives_a_loss_of_power():
    """Defaults and the station's limit stay; the profile of a transaction goes with it. Offline all of them hold."""

    async def scenario(it):
        await set_profile(it, 1, 6000, number=1)
        await it.do("start_session", id_tag="A")
        await set_profile(it, 1, 3000, (600, 2000), number=2, purpose="TxProfile", transactionId=1)
        await it.do("network", state="down")
        await it.wait(600)
        assert power(it) == 2000
        await it.do("network", state="up")
        await it.wait(10)
        await it.do("power", state="off")
        await it.do("power", state="on")
        await it.do("unplug_connector")
        await it.do("start_session", id_tag="A")
        assert power(it) == 6000
        assert await it.call("ClearChargingProfile", id=2) == {"status": "Unknown"}

    _run(scenario)


def test_ends_with_validity_and_makes_room():
    """What is not valid any more is gone."""

    async def scenario(it):
        await set_profile(it, 1, 6000, number=1, validTo=iso(60))
        await it.wait(60)
        assert await it.call("ClearChargingProfile", id=1) == {"status": "Unknown"}

    _run(scenario)
