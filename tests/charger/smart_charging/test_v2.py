"""Smart charging in OCPP 2.x: what is refused, and why."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig


def _profile(period=None, schedule=None, **more):
    periods = [{"startPeriod": 0, "limit": 1000, **(period or {})}]
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": periods, **(schedule or {})}],
        **more,
    }


REFUSED = {
    "an unknown EVSE": (7, _profile(), "UnknownEvse"),
    "a TxProfile without its transaction": (1, _profile(chargingProfilePurpose="TxProfile"), "MissingParam"),
    "an absolute one without a begin": (1, _profile(chargingProfileKind="Absolute"), "InvalidSchedule"),
    "a relative one with a begin": (1, _profile(schedule={"startSchedule": "2026-01-01T00:00:00Z"}), "InvalidSchedule"),
    "a phase to use": (1, _profile({"numberPhases": 1, "phaseToUse": 2}), "InvalidSchedule"),
    "a dynamic one with a begin": (
        1,
        _profile(chargingProfileKind="Dynamic", schedule={"startSchedule": "2026-01-01T00:00:00Z"}),
        "InvalidSchedule",
    ),
    "a dynamic one with two periods": (
        1,
        _profile(
            chargingProfileKind="Dynamic",
            schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1}, {"startPeriod": 9, "limit": 1}]},
        ),
        "InvalidSchedule",
    ),
    "a setpoint of reactive power": (
        1,
        _profile({"setpoint": -500, "setpointReactive": 10, "operationMode": "CentralSetpoint"}),
        "InvalidSchedule",
    ),
    "a setpoint of a phase": (1, _profile({"setpoint_L2": 500}), "InvalidSchedule"),
    "a limit of discharging": (1, _profile({"dischargeLimit": -500}), "InvalidSchedule"),
    "a delay by chance": (1, _profile(schedule={"randomizedDelay": 60}), "UnsupportedParam"),
    "a limit at a state of charge": (
        1,
        _profile(schedule={"limitAtSoC": {"soc": 80, "limit": 500}}),
        "UnsupportedParam",
    ),
    "what is generated at an EVSE": (1, _profile(chargingProfilePurpose="LocalGeneration"), "InvalidProfile"),
    "what is generated relatively": (0, _profile(chargingProfilePurpose="LocalGeneration"), "InvalidProfile"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_its_reason(what):
    """Nothing is installed then, and nothing is pretended to be followed."""
    evse_id, profile, code = REFUSED[what]

    async def main():
        async with rig(version=OcppVersion.V21) as it:
            answer = await it.call("SetChargingProfile", evseId=evse_id, chargingProfile=profile)
            assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", code)
            answer = await it.call("GetChargingProfiles", requestId=1, chargingProfile={})
            assert answer == {"status": "NoProfiles"}

    clock.run(main())


def test_a_period_without_a_limit():
    """2.1 may leave the limit out; this station would not know what to do."""

    async def main():
        profile = _profile()
        del profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"]
        async with rig(version=OcppVersion.V21) as it:
            answer = await it.call("SetChargingProfile", evseId=1, chargingProfile=profile)
            assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"

    clock.run(main())


def test_switched_off():
    """SmartChargingCtrlr.Enabled."""

    async def main():
        configuration = {"SmartChargingCtrlr.Enabled": "false"}
        async with rig({"configuration": configuration}, version=OcppVersion.V201) as it:
            answer = await it.call("SetChargingProfile", evseId=1, chargingProfile=_profile())
            assert answer["statusInfo"]["reasonCode"] == "NotEnabled"

    clock.run(main())


def test_profiles_that_are_never_valid_together():
    """Two at one level are two, where one ends before the other begins (K01.FR.06)."""

    async def main():
        early = _profile(validTo="2026-02-01T00:00:00Z")
        async with rig(version=OcppVersion.V201) as it:
            for profile, status in (
                (early, "Accepted"),
                (
                    {**early, "id": 2, "validFrom": "2026-02-01T00:00:00Z", "validTo": "2026-03-01T00:00:00Z"},
                    "Accepted",
                ),
                (
                    {**early, "id": 3, "validFrom": "2026-01-31T23:59:59Z", "validTo": "2026-03-01T00:00:00Z"},
                    "Rejected",
                ),
            ):
                answer = await it.call("SetChargingProfile", evseId=1, chargingProfile=profile)
                assert answer["status"] == status, profile
            entries = {
                "component": {"name": "SmartChargingCtrlr"},
                "variable": {"name": "Entries", "instance": "ChargingProfiles"},
            }
            told = await it.call("GetVariables", getVariableData=[entries])
            assert told["getVariableResult"][0]["attributeValue"] == "2"

    clock.run(main())


@pytest.mark.parametrize("switches", ["true", "false"])
def test_whether_it_goes_from_three_phases_to_one_is_told_and_not_set(switches):
    """Phases3to1 says what the station can do."""

    async def main():
        async with rig(
            {"configuration": {"SmartChargingCtrlr.ACPhaseSwitchingSupported": switches}}, version=OcppVersion.V201
        ) as it:
            place = {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "Phases3to1"}}
            told = await it.call("GetVariables", getVariableData=[place])
            assert told["getVariableResult"][0]["attributeValue"] == switches
            told = await it.call("SetVariables", setVariableData=[{**place, "attributeValue": "true"}])
            assert told["setVariableResult"][0]["attributeStatus"] == "Rejected"

    clock.run(main())
