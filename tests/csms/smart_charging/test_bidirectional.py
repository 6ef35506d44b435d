"""Whose EV the CSMS lets give energy back, and what it answers a station that asks (OCPP 2.1 Q01, Q02, Q04)."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import Station, World, play

NEEDS = {
    "requestedEnergyTransfer": "AC_BPT",
    "v2xChargingParameters": {"maxChargePower": 7000, "maxDischargePower": 5000},
}
AUTHORIZE = {"idToken": {"idToken": "CARD", "type": "ISO14443"}}


def allowing(*modes: str) -> list[dict[str, Any]]:
    return [{"to": "Authorize", "patch": {"allowedEnergyTransfer": list(modes)}}]


async def charging(world: World) -> Station:
    station = await world.station(OcppVersion.V21)
    await station.tell("Authorize", AUTHORIZE)
    await station.event("Started", card="CARD", evse={"id": 1, "connectorId": 1})
    return station


async def needs(station: Station, **more: Any) -> str:
    payload = {"evseId": 1, "chargingNeeds": {**NEEDS, **more}}
    return str((await station.tell("NotifyEVChargingNeeds", payload))["status"])


@pytest.mark.parametrize(
    ("replies", "status"),
    [([], "Rejected"), (allowing("AC_three_phase"), "Rejected"), (allowing("AC_three_phase", "AC_BPT"), "Accepted")],
)
def test_what_was_allowed_with_the_card(replies: list[Any], status: str) -> None:
    """And nothing else; with what is charged only nobody has to be asked."""

    async def scene(world: World) -> None:
        station = await charging(world)
        assert await needs(station) == status
        assert await needs(station, requestedEnergyTransfer="AC_three_phase") == "Accepted"

    play(scene, id_tokens={"CARD": "Accepted"}, replies=replies)


def test_what_is_allowed_later_takes_its_place() -> None:
    """NotifyAllowedEnergyTransfer holds from then on, for its transaction."""

    async def scene(world: World) -> None:
        station = await charging(world)
        for modes, status in ((["AC_BPT"], "Accepted"), (["AC_three_phase"], "Rejected")):
            told = {"transactionId": "tx", "allowedEnergyTransfer": modes}
            await world.csms.call("CP-1", "NotifyAllowedEnergyTransfer", told).future
            assert await needs(station) == status

    play(scene, id_tokens={"CARD": "Accepted"})


def test_what_it_offers_gives_nothing_back() -> None:
    """All that the EV can take, in W."""

    async def scene(world: World) -> None:
        station = await charging(world)
        assert await needs(station) == "Accepted"
        await station.tell("Heartbeat")
        (profile,) = [call.payload["chargingProfile"] for call in station.calls if call.action == "SetChargingProfile"]
        (schedule,) = profile["chargingSchedule"]
        assert (schedule["chargingRateUnit"], schedule["chargingSchedulePeriod"][0]["limit"]) == ("W", 7000)

    play(scene, id_tokens={"CARD": "Accepted"}, replies=allowing("AC_BPT"))


DYNAMIC = {
    "id": 4,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Dynamic",
    "chargingSchedule": [
        {
            "id": 4,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "operationMode": "CentralSetpoint", "setpoint": -1000}],
        }
    ],
}


def test_a_station_that_asks_gets_what_was_sent_last() -> None:
    """Whatever that was: a setpoint of the profile, or of an update."""

    async def scene(world: World) -> None:
        station = await charging(world)
        pull = {"chargingProfileId": 4}
        assert await station.tell("PullDynamicScheduleUpdate", pull) == {"status": "Rejected"}
        await world.csms.call("CP-1", "SetChargingProfile", {"evseId": 1, "chargingProfile": DYNAMIC}).future
        told = await station.tell("PullDynamicScheduleUpdate", pull)
        assert told == {"status": "Accepted", "scheduleUpdate": {"setpoint": -1000}}
        update = {"setpoint": 500, "limit": 2000}
        await world.csms.call("CP-1", "UpdateDynamicSchedule", {**pull, "scheduleUpdate": update}).future
        told = await station.tell("PullDynamicScheduleUpdate", pull)
        assert told == {"status": "Accepted", "scheduleUpdate": update}

    play(scene, id_tokens={"CARD": "Accepted"})


def test_a_dynamic_profile_that_was_refused_has_no_values() -> None:
    """Nor has an update that was: the values before stay (K28)."""

    async def scene(world: World) -> None:
        station = await charging(world)
        pull = {"chargingProfileId": 4}
        station.answers["SetChargingProfile"] = {"status": "Rejected"}
        await world.csms.call("CP-1", "SetChargingProfile", {"evseId": 1, "chargingProfile": DYNAMIC}).future
        assert await station.tell("PullDynamicScheduleUpdate", pull) == {"status": "Rejected"}
        del station.answers["SetChargingProfile"]
        await world.csms.call("CP-1", "SetChargingProfile", {"evseId": 1, "chargingProfile": DYNAMIC}).future
        station.answers["UpdateDynamicSchedule"] = {"status": "Rejected"}
        await world.csms.call("CP-1", "UpdateDynamicSchedule", {**pull, "scheduleUpdate": {"setpoint": 500}}).future
        assert (await station.tell("PullDynamicScheduleUpdate", pull))["scheduleUpdate"] == {"setpoint": -1000}

    play(scene, id_tokens={"CARD": "Accepted"})


@pytest.mark.parametrize("way", ["SetChargingProfile", "RequestStartTransaction"])
@pytest.mark.parametrize("readable", [True, False])
def test_an_offer_that_is_refused_takes_no_other_with_it(way: str, readable: bool) -> None:
    """What the EV may choose from is what the station has taken last, however much of the refused one could be read."""

    def offer(number: int, amperes: int) -> dict[str, Any]:
        period = {"startPeriod": 0, "limit": amperes}
        schedule = {"id": number, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
        kind = {"chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative"}
        return {"id": number, "stackLevel": 1, **kind, "chargingSchedule": [schedule]}

    async def chooses(station: Station, amperes: int) -> str:
        schedule = offer(9, amperes)["chargingSchedule"][0]
        payload = {"timeBase": "2026-01-01T00:00:00Z", "evseId": 1, "chargingSchedule": schedule}
        return str((await station.tell("NotifyEVChargingSchedule", payload))["status"])

    async def scene(world: World) -> None:
        station = await charging(world)
        await world.csms.call("CP-1", "SetChargingProfile", {"evseId": 1, "chargingProfile": offer(1, 10)}).future
        station.answers[way] = {"status": "Rejected"}
        other = offer(2, 30)
        if not readable:
            del other["stackLevel"]
        payload: dict[str, Any] = {"evseId": 1, "chargingProfile": other}
        if way == "RequestStartTransaction":
            payload |= {"remoteStartId": 1, **AUTHORIZE}
        await world.csms.call("CP-1", way, payload, raw=not readable).future
        assert (await chooses(station, 8), await chooses(station, 20)) == ("Accepted", "Rejected")

    play(scene, id_tokens={"CARD": "Accepted"})
