"""A station's memory: it goes on in another process as if only its network had been away."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

VERSIONS = (OcppVersion.V16, OcppVersion.V201)
GIVEN: dict[str, Any] = {"evses": 2, "max_power_w": 11000}


def another(here: Rig) -> SimulatedCharger:
    """A station of the same make that has never been started."""
    return SimulatedCharger(
        ChargerConfig.from_given(here.given),
        version=here.version,
        connect=here.connect,
        observer=here,
        random=Random(2),
    )


async def killed(here: Rig, away: float = 0.0) -> SimulatedCharger:
    """The station dies without a word; another one of the same make goes on from its memory."""
    memory = json.loads(json.dumps(remember(here.charger)))
    with clock.hold():
        await here.charger.stop()
    if away:
        # Time that passes for nobody but the world.
        await here.wait(away)
    fresh = another(here)
    recall(fresh, memory)
    again = json.loads(json.dumps(remember(fresh)))
    assert {key: again[key] for key in again if key not in _MOVING} == {
        key: memory[key] for key in memory if key not in _MOVING
    }
    here.charger = fresh
    await resume(fresh, memory)
    await clock.settled()
    return fresh


#: What follows from the moment at which one looks.
_MOVING = {"at", "evses", "registration", "powered"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_running_transaction_goes_on(version: OcppVersion) -> None:
    """No boot, no second start; the meter has gone on, and the end has the transaction's own id."""

    async def main() -> None:
        async with rig(GIVEN, version=version) as here:
            await here.do("start_session", id_tag="CARD-1", evse_id=2)
            transaction = here.charger.evses[1].transaction
            assert transaction is not None
            await here.wait(1800)
            here.frames.clear()
            fresh = await killed(here, away=1800)
            sent = here.actions()
            assert "BootNotification" not in sent and "StartTransaction" not in sent
            running = fresh.evses[1].transaction
            assert running is not None and running.remote_id == transaction.remote_id
            assert running.local_id == transaction.local_id
            assert fresh.evses[1].meter.register_wh(clock.now()) == 11000
            await here.do("stop_session", evse_id=2)
            last = here.sent("StopTransaction") + here.sent("TransactionEvent")
            if version is OcppVersion.V16:
                assert last[0]["transactionId"] == transaction.remote_id and last[0]["meterStop"] == 11000
            else:
                assert last[0]["transactionInfo"]["transactionId"] == transaction.local_id
                assert last[0]["eventType"] == "Ended" and last[0]["seqNo"] > 0

    clock.run(main())


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_cache_settings_and_faults_stay(version: OcppVersion) -> None:
    """And so do availability, cables and the lists' verdicts."""

    async def main() -> None:
        async with rig(GIVEN, version=version) as here:
            await here.do("send_local_auth_list", list_version=7, entries=[{"id_tag": "A", "parent_id_tag": "G"}])
            await here.do("start_session", id_tag="CARD-1", evse_id=1)
            await here.do("stop_session", evse_id=1)
            await here.do("inject_fault", fault_type="OverCurrent", evse_id=2, info="x")
            await here.do("plug_connector", evse_id=1)
            await here.do("set_configuration", settings={"connection_timeout": "17s"})
            if version is OcppVersion.V16:
                await here.do("set_configuration", configuration={"StopTxnSampledData": "SoC"})
            else:
                await here.do("set_configuration", configuration={"SampledDataCtrlr.TxEndedMeasurands": "Voltage"})
            await here.call("ChangeAvailability", **_inoperative(version))
            before = here.charger.snapshot()
            fresh = await killed(here)
            after = fresh.snapshot()
            assert after == before
            assert (after["local_list"], after["cache"]) == ({"version": 7, "entries": 1}, 1)
            assert fresh.context.variables.integer("connection_timeout") == 17
            assert after["evses"][1]["connectors"][0]["faults"] == ["OverCurrentFailure"]

    clock.run(main())


def _inoperative(version: OcppVersion) -> dict[str, Any]:
    if version is OcppVersion.V16:
        return {"connectorId": 2, "type": "Inoperative"}
    return {"evse": {"id": 2}, "operationalStatus": "Inoperative"}


@pytest.mark.parametrize("version", VERSIONS)
def test_undelivered_messages_are_delivered(version: OcppVersion) -> None:
    """A whole transaction of an offline time reaches the CSMS afterwards, once and in order."""

    async def main() -> None:
        async with rig(GIVEN, version=version) as here:
            await here.do("start_session", id_tag="CARD-1", evse_id=1)
            await here.do("network", state="down")
            await here.wait(600)
            await here.do("stop_session", evse_id=1)
            waiting = len(here.charger.context.queue)
            assert waiting > 1
            here.frames.clear()
            fresh = await killed(here)
            assert len(fresh.context.queue) == 0
            if version is OcppVersion.V16:
                assert [payload["transactionId"] for payload in here.sent("StopTransaction")] == [1]
            else:
                numbers = [payload["seqNo"] for payload in here.sent("TransactionEvent")]
                assert len(numbers) == waiting and numbers == sorted(numbers)

    clock.run(main())


def test_a_session_ends_at_its_goal_all_the_same() -> None:
    """The rest of its duration counts on; one that is over ends at once, with the energy of its duration."""

    async def main() -> None:
        async with rig(GIVEN) as here:
            await here.do("start_session", id_tag="CARD-1", evse_id=1, duration_seconds=3600)
            await here.do("start_session", id_tag="CARD-2", evse_id=2, target_energy_kwh=5.5)
            await here.wait(600)
            fresh = await killed(here, away=600)
            assert fresh.evses[0].transaction is not None
            await here.wait(2401)
            assert fresh.evses[0].transaction is None and fresh.evses[1].transaction is None
            assert fresh.evses[0].meter.register_wh(clock.now()) == 11000
            assert fresh.evses[1].meter.register_wh(clock.now()) == 5500

    clock.run(main())


def test_a_station_without_power_stays_off_and_ends_what_was_interrupted() -> None:
    """When its power comes back, the loss of power is told."""

    async def main() -> None:
        async with rig(GIVEN) as here:
            await here.do("start_session", id_tag="CARD-1", evse_id=1)
            await here.do("power", state="off")
            memory = json.loads(json.dumps(remember(here.charger)))
            fresh = another(here)
            recall(fresh, memory)
            assert not fresh.powered and fresh.snapshot()["interrupted_transactions"] == 1
            here.frames.clear()
            await resume(fresh, memory)
            await here.wait(5)
            assert [payload["reason"] for payload in here.sent("StopTransaction")] == ["PowerLoss"]
            await fresh.stop()

    clock.run(main())


def test_a_reservation_is_kept_until_it_ends() -> None:
    """Its end is a date, wherever it passes."""

    async def main() -> None:
        async with rig(GIVEN) as here:
            expiry = "2026-01-01T01:00:00Z"
            await here.call("ReserveNow", connectorId=1, idTag="CARD-1", reservationId=5, expiryDate=expiry)
            fresh = await killed(here, away=1800)
            assert fresh.status(1).value == "Reserved"
            await here.wait(1900)
            assert fresh.status(1).value == "Available"

    clock.run(main())


def test_the_running_card_still_stops_its_transaction() -> None:
    """The station remembers who holds the EVSE."""

    async def main() -> None:
        async with rig(GIVEN) as here:
            await here.do("start_session", id_tag="CARD-1", evse_id=1)
            fresh = await killed(here)
            await here.do("authorize_id_tag", id_tag="CARD-1")
            assert fresh.evses[0].transaction is None

    clock.run(main())


@pytest.mark.parametrize("change", [{"version": "2.0.1"}, {"format": 99}, {"evses": []}])
def test_somebody_else_s_memory_is_refused(change: dict[str, Any]) -> None:
    """Another version, format or make."""

    async def main() -> None:
        async with rig(GIVEN) as here:
            with pytest.raises(ValueError, match="this memory belongs to"):
                recall(another(here), remember(here.charger) | change)

    clock.run(main())
