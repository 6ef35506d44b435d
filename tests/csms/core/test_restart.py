"""A CSMS that is killed and started again while its stations go on: it accuses none and refuses no card."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj import Call, CallError, CallResult, Direction
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig
from tests.csms.stations import TIME, V16, V201, Heard, Station, World, play

LATER = "2026-01-01T01:00:00.000Z"
METER = {"timestamp": TIME, "sampledValue": [{"value": "1"}]}
AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
EVSE = {"id": 1, "connectorId": 1}


class Plant(Rig):
    """A simulated charger whose CSMS can be killed and started again at the same address."""

    def __init__(self, version: OcppVersion) -> None:
        super().__init__({}, version)
        self.heard = Heard()
        self.port = 0

    async def begin(self) -> None:
        """Start a CSMS that knows nothing of what was before."""
        config = CsmsConfig.from_given({"id_tokens": {"A": "Accepted", "B": "Accepted"}})
        self.heard = Heard()
        self.csms = BuiltInCsms(config, observer=self.heard, random=Random(2))
        await self.csms.start(port=self.port)
        self.port = self.csms.port

    async def kill(self) -> None:
        """End it, and with it every connection."""
        await self.csms.stop()
        await clock.settled()

    async def do(self, command: str, **fields: Any) -> CommandResult:
        """A command, and time for what follows from it."""
        result = await super().do(command, **fields)
        assert result.status == "done"
        await asyncio.sleep(5)
        return result

    async def back(self) -> None:
        """Wait until the charger has found the new CSMS and said everything."""
        await self.csms.wait_connected("CP-1")
        await asyncio.sleep(120)

    def said(self) -> list[Any]:
        """What the CSMS has said of cards, and its errors."""
        found: list[Any] = []
        for record in self.frames:
            if record.direction is not Direction.TO_CHARGER:
                continue
            if isinstance(record.message, CallError):
                found.append(record.message.code)
            elif isinstance(record.message, CallResult):
                info = record.message.payload.get("idTagInfo") or record.message.payload.get("idTokenInfo")
                found += [info["status"]] if info else []
        return found


async def _charging(plant: Plant) -> None:
    await plant.do("plug_connector", evse_id=1)
    await plant.do("authorize_id_tag", id_tag="A", evse_id=1)
    assert plant.csms.stations["CP-1"].running_transactions


async def _in_a_transaction(plant: Plant) -> None:
    await _charging(plant)
    await plant.kill()
    await plant.begin()
    await plant.back()
    await plant.do("authorize_id_tag", id_tag="A", evse_id=1)
    await plant.do("unplug_connector", evse_id=1)


async def _ended_meanwhile(plant: Plant) -> None:
    await _charging(plant)
    await plant.kill()
    await plant.do("authorize_id_tag", id_tag="A", evse_id=1)
    await plant.do("unplug_connector", evse_id=1)
    await plant.begin()
    await plant.back()


async def _idle(plant: Plant) -> None:
    await plant.kill()
    await plant.begin()
    await plant.back()


@pytest.mark.parametrize("version", [V16, V201], ids=lambda version: version.value)
@pytest.mark.parametrize("scene", [_in_a_transaction, _ended_meanwhile, _idle])
def test_a_charger_goes_on_with_the_new_csms(scene: Callable[[Plant], Awaitable[None]], version: OcppVersion) -> None:
    """It sends no boot, ends or delivers the transaction that the old one began, and charges again."""

    async def main() -> Plant:
        plant = Plant(version)
        await plant.begin()
        await plant.charger.start()
        await asyncio.sleep(5)
        await scene(plant)
        await plant.do("plug_connector", evse_id=1)
        await plant.do("authorize_id_tag", id_tag="B", evse_id=1)
        assert [record.id_token for record in plant.csms.stations["CP-1"].running_transactions] == ["B"]
        boots = [record for record in plant.frames if isinstance(record.message, Call)]
        assert [record.action for record in boots].count("BootNotification") == 1
        await plant.charger.stop()
        await plant.csms.stop()
        return plant

    plant = clock.run(main())
    assert plant.heard.codes == []
    assert plant.violations == []
    assert set(plant.said()) == {"Accepted"}


async def _v16_messages(station: Station) -> None:
    await station.tell("StatusNotification", {**AVAILABLE, "status": "Charging"})
    await station.tell("MeterValues", {"connectorId": 1, "transactionId": 7, "meterValue": [METER]})
    await station.tell("StopTransaction", {"transactionId": 7, "meterStop": 5, "timestamp": TIME})
    await station.tell("StopTransaction", {"transactionId": 8, "meterStop": 5, "timestamp": TIME, "reason": "Local"})
    assert (await station.start("CARD", reservationId=3))["idTagInfo"]["status"] == "Accepted"
    await station.boot()
    await station.tell("StopTransaction", {"transactionId": 6, "meterStop": 5, "timestamp": TIME})


async def _v201_messages(station: Station) -> None:
    assert await station.event("Updated", "live", 5, evse=EVSE) == {}
    await station.event("Started", "live", 3, card="CARD", evse=EVSE, offline=True)
    await station.event("Updated", "live", 4, offline=True)
    await station.event("Ended", "live", 6)
    await station.event("Ended", "old", 9, offline=True)
    await station.tell("NotifyReport", {"requestId": 4, "generatedAt": TIME, "seqNo": 1})
    answer = await station.event("Started", "new", 0, card="CARD", evse=EVSE, reservationId=2)
    assert answer["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("virtual", [True, False], ids=["virtual", "real"])
@pytest.mark.parametrize(("version", "talk"), [(V16, _v16_messages), (V201, _v201_messages)])
def test_what_may_be_older_than_the_csms_is_taken(
    version: OcppVersion, talk: Callable[[Station], Awaitable[None]], virtual: bool
) -> None:
    """Without a boot, in the middle of transactions, and with a queue from before."""

    async def scene(world: World) -> None:
        await talk(await world.station(version, boot=False))

    heard = play(scene, first_csms=False, virtual=virtual, id_tokens={"CARD": "Accepted"})
    assert heard.codes == []
    assert not [record for _, record in heard.frames if isinstance(record.message, CallError)]


def test_a_running_transaction_is_known_from_its_messages() -> None:
    """The CSMS can stop a transaction of which it has only seen meter values."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        await station.tell("MeterValues", {"connectorId": 1, "transactionId": 7, "meterValue": [METER]})
        await world.csms.operate("CP-1", "remote_stop").future
        assert station.calls[-1].payload == {"transactionId": 7}
        assert (await station.start("CARD"))["transactionId"] == 1

    assert play(scene, first_csms=False, id_tokens={"CARD": "Accepted"}).codes == []


@pytest.mark.parametrize(
    ("status", "moment", "codes"),
    [
        ("Available", LATER, ["unknown-transaction-id"]),
        ("Available", TIME, []),
        ("Charging", LATER, []),
        (None, LATER, []),
    ],
)
def test_a_transaction_that_cannot_be_older_is_minded(status: str | None, moment: str, codes: list[str]) -> None:
    """The station has booted here, was idle everywhere, and the message is of a later time."""

    async def scene(world: World) -> None:
        station = await world.station()
        if status is not None:
            await station.tell("StatusNotification", {**AVAILABLE, "status": status})
        await station.tell("StopTransaction", {"transactionId": 99, "meterStop": 5, "timestamp": moment})

    assert play(scene, first_csms=False).codes == codes


def test_meter_values_of_another_transaction_than_the_one_that_runs_are_minded() -> None:
    """A connector has one transaction at a time, and this CSMS has given it its id."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        await station.start("CARD")
        await station.tell("MeterValues", {"connectorId": 1, "transactionId": 7, "meterValue": [METER]})

    assert play(scene, first_csms=False).codes == ["unknown-transaction-id"]


@pytest.mark.parametrize(("given", "asked"), [({}, 0), ({"heartbeat_interval": "1m"}, 1), ({"boot": "Pending"}, 1)])
def test_it_asks_for_a_boot_where_the_answer_matters(given: dict[str, Any], asked: int) -> None:
    """Once, by TriggerMessage; a station that refuses goes on."""

    async def scene(world: World) -> None:
        station = await world.station(boot=False)
        station.answers["TriggerMessage"] = {"status": "NotImplemented"}
        for _ in range(3):
            await station.tell("Heartbeat")
            await clock.settled()
        assert [call.payload for call in station.calls] == [{"requestedMessage": "BootNotification"}] * asked

    assert play(scene, first_csms=False, **given).codes == []


def test_a_station_that_is_not_accepted_is_minded_all_the_same() -> None:
    """That it has no registration is known from its own boot here."""

    async def scene(world: World) -> None:
        station = await world.station()
        await station.tell("Heartbeat")

    assert play(scene, first_csms=False, boot="Pending").codes == ["message-before-boot"]


def test_ids_never_repeat_on_the_real_clock() -> None:
    """Two CSMSs one after the other hand out ids that grow, and that fit into 32 bits."""

    async def scene(world: World) -> None:
        station = await world.station()
        for evse_id in (1, 2):
            ids.append((await station.start("CARD", evse_id=evse_id))["transactionId"])

    ids: list[int] = []
    for _ in range(3):
        play(scene, virtual=False, id_tokens={"CARD": "Accepted"})
    assert ids == sorted(set(ids))
    assert ids[0] > 2 and ids[-1] < 2**31
