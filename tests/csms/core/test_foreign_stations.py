"""Stations of the `ocpp` library on the built-in CSMS: what is odd and right is neither refused nor minded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.csms.stations import World, play
from tests.fixtures.peers.reference_station import reference_station

V16, V201 = "1.6", "2.0.1"
_STATUSES = [
    "Finishing",
    "Available",
    "SuspendedEV",
    "Charging",
    "Faulted",
    "Preparing",
    "Unavailable",
    "Reserved",
    "SuspendedEVSE",
]
_REASONS = [
    "DeAuthorized",
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
]
Scene = Callable[[Any, World], Awaitable[None]]


def ago(**span: float) -> str:
    """A timestamp of the past."""
    return (datetime.now(UTC) - timedelta(**span)).isoformat(timespec="seconds").replace("+00:00", "Z")


def sample(value: str, **more: str) -> list[dict[str, Any]]:
    """A 1.6 meter value."""
    return [{"timestamp": ago(), "sampled_value": [{"value": value, **more}]}]


async def boot(station: Any) -> None:
    if hasattr(station, "on_get_base_report"):
        await station.tell("BootNotification", reason="Unknown", charging_station={"vendor_name": "v", "model": "m"})
    else:
        await station.tell("BootNotification", charge_point_vendor="v", charge_point_model="m")


async def boots_again(station: Any, _: World) -> None:
    for _again in range(3):
        await boot(station)
        await station.tell("Heartbeat")


async def heartbeats_instead_of_everything(station: Any, _: World) -> None:
    for _again in range(20):
        await station.tell("Heartbeat")


async def unknown_vendor(station: Any, _: World) -> None:
    for data in (None, "text", ""):
        answer = await station.tell("DataTransfer", vendor_id="org.example", message_id="m", data=data)
        assert answer.status == "UnknownVendorId"


# -- OCPP 1.6


async def statuses_in_any_order(station: Any, _: World) -> None:
    for connector in (3, 1, 2):
        for status in (*_STATUSES, *reversed(_STATUSES)):
            await station.tell("StatusNotification", connector_id=connector, error_code="NoError", status=status)
    await station.tell(
        "StatusNotification",
        connector_id=0,
        error_code="OtherError",
        status="Faulted",
        timestamp=ago(days=400),
        info="x" * 50,
        vendor_id="v",
        vendor_error_code="E",
    )


async def begin(station: Any, connector: int = 1, card: str = "GOOD", **more: Any) -> int:
    fields = {"connector_id": connector, "id_tag": card, "meter_start": 0, "timestamp": ago(minutes=9), **more}
    answer = await station.tell("StartTransaction", **fields)
    assert answer.id_tag_info["status"] == "Accepted"
    return int(answer.transaction_id)


async def end(station: Any, transaction_id: int, **more: Any) -> None:
    fields = {"transaction_id": transaction_id, "meter_stop": 10, "timestamp": ago(minutes=1), **more}
    await station.tell("StopTransaction", **fields)


async def stops_in_every_way(station: Any, _: World) -> None:
    await end(station, await begin(station))  # without a card, without a reason
    await end(station, await begin(station), id_tag="good")
    await end(station, await begin(station), id_tag="ANOTHER")
    for reason in [
        "DeAuthorized",
        "EmergencyStop",
        "EVDisconnected",
        "HardReset",
        "Local",
        "Other",
        "PowerLoss",
        "Reboot",
        "Remote",
    ]:
        await end(station, await begin(station), reason=reason)
    data = [*sample("0", context="Transaction.Begin"), *sample("10", context="Transaction.End", format="SignedData")]
    await end(station, await begin(station), transaction_data=data)
    await end(station, await begin(station, meter_start=2_147_483_000), meter_stop=12)  # the meter has rolled over


async def an_offline_session_late(station: Any, _: World) -> None:
    number = await begin(station, timestamp=ago(days=3))
    for value in ("1", "-1.5", "1e3"):
        await station.tell("MeterValues", connector_id=1, transaction_id=number, meter_value=sample(value))
    await end(station, number, timestamp=ago(days=2), reason="PowerLoss")
    await station.tell("StatusNotification", connector_id=1, error_code="NoError", status="Charging")


async def three_connectors_at_once(station: Any, _: World) -> None:
    numbers = {connector: await begin(station, connector, f"GOOD-{connector}") for connector in (2, 1, 3)}
    assert len(set(numbers.values())) == 3
    for connector, number in numbers.items():
        await station.tell("MeterValues", connector_id=connector, transaction_id=number, meter_value=sample("5"))
        await station.tell("MeterValues", connector_id=0, meter_value=sample("9", measurand="Frequency"))
    for connector in (1, 3, 2):
        await end(station, numbers[connector])
        await station.tell("MeterValues", connector_id=connector, meter_value=sample("6"))


async def the_same_message_again(station: Any, _: World) -> None:
    when = ago(minutes=4)
    number = await begin(station, timestamp=when)
    assert await begin(station, timestamp=when) == number
    for _again in range(2):
        await end(station, number, timestamp=when)


async def every_notification_of_16(station: Any, _: World) -> None:
    for status in ("Idle", "Uploaded", "UploadFailed", "Uploading"):
        await station.tell("DiagnosticsStatusNotification", status=status)
    for status in ("Idle", "Downloaded", "Installed"):
        await station.tell("FirmwareStatusNotification", status=status)
    await station.tell("SecurityEventNotification", type="StartupOfTheDevice", timestamp=ago(), tech_info=None)
    await station.tell("LogStatusNotification", status="Idle", request_id=None)


async def authorizes_16(station: Any, _: World) -> None:
    for card in ("GOOD", "good", "A", "x" * 20, "04E1-23 é"):
        answer = await station.tell("Authorize", id_tag=card)
        assert answer.id_tag_info["status"] == ("Accepted" if card.upper() == "GOOD" else "Invalid")


# -- OCPP 2.0.1


async def event(station: Any, kind: str, seq_no: int, transaction: str = "tx", **more: Any) -> Any:
    fields = {"event_type": kind, "timestamp": ago(minutes=5), "trigger_reason": "Trigger", "seq_no": seq_no}
    return await station.tell("TransactionEvent", **fields, transaction_info={"transaction_id": transaction}, **more)


async def connectors_in_any_order(station: Any, _: World) -> None:
    for evse, connector in ((2, 2), (1, 1), (2, 1), (1, 2)):
        for status in ("Occupied", "Available", "Faulted", "Reserved", "Unavailable", "Occupied"):
            await station.tell(
                "StatusNotification",
                timestamp=ago(hours=1),
                connector_status=status,
                evse_id=evse,
                connector_id=connector,
            )


async def authorizes_201(station: Any, _: World) -> None:
    for kind in ["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress"]:
        answer = await station.tell("Authorize", id_token={"id_token": "GOOD", "type": kind})
        assert answer.id_token_info["status"] == "Accepted", kind
    button = {"id_token": "", "type": "NoAuthorization"}
    assert (await station.tell("Authorize", id_token=button)).id_token_info["status"] == "Accepted"
    more = [{"additional_id_token": "x", "type": "vendor"}]
    await station.tell("Authorize", id_token={"id_token": "GOOD", "type": "Local", "additional_info": more})


async def events_late(station: Any, _: World) -> None:
    evse = {"id": 1, "connector_id": 1}
    await event(station, "Started", 0, evse=evse)
    await event(station, "Updated", 3, evse=evse)
    for late in (2, 1):
        await event(station, "Updated", late, offline=True, evse=evse)
    await event(station, "Ended", 5, evse=evse)
    await event(station, "Updated", 4, offline=True)


async def events_that_say_little(station: Any, _: World) -> None:
    await event(station, "Started", 7)  # neither EVSE nor card, and a counter that is not of this transaction
    await event(station, "Updated", 8, evse={"id": 2})
    card = {"id_token": "GOOD", "type": "ISO14443"}
    assert (await event(station, "Updated", 9, id_token=card)).id_token_info["status"] == "Accepted"
    await event(station, "Ended", 10, id_token={"id_token": "ANOTHER", "type": "ISO14443"})


async def two_sessions_at_once(station: Any, _: World) -> None:
    for seq_no, kind in enumerate(("Started", "Updated", "Ended")):
        for evse in (2, 1):
            card = {"id_token": f"GOOD-{evse}", "type": "Local"}
            await event(station, kind, seq_no, f"tx-{evse}", evse={"id": evse, "connector_id": 2}, id_token=card)


async def the_same_event_again(station: Any, _: World) -> None:
    evse, when = {"id": 1}, ago(minutes=2)
    for seq_no, kind in enumerate(("Started", "Updated", "Ended")):
        for _again in range(2):
            fields = {"event_type": kind, "timestamp": when, "trigger_reason": "Trigger", "seq_no": seq_no}
            await station.tell("TransactionEvent", **fields, transaction_info={"transaction_id": "tx"}, evse=evse)


async def a_report_in_parts(station: Any, world: World) -> None:
    await world.csms.call("CP-1", "GetBaseReport", {"requestId": 5, "reportBase": "FullInventory"}).future
    for seq_no in range(4):
        await station.tell("NotifyReport", request_id=5, generated_at=ago(), seq_no=seq_no, tbc=seq_no < 3)


async def every_notification_of_201(station: Any, _: World) -> None:
    now = ago()
    await station.tell("FirmwareStatusNotification", status="Idle")
    await station.tell("LogStatusNotification", status="Idle")
    await station.tell("SecurityEventNotification", type="StartupOfTheDevice", timestamp=now)
    await station.tell("ClearedChargingLimit", charging_limit_source="EMS")
    await station.tell("NotifyChargingLimit", charging_limit={"charging_limit_source": "SO"})
    await station.tell("ReservationStatusUpdate", reservation_id=9, reservation_update_status="Expired")
    values = [{"timestamp": now, "sampled_value": [{"value": -1.5}]}]
    for evse in (0, 1):
        await station.tell("MeterValues", evse_id=evse, meter_value=values)
    data = {
        "event_id": 1,
        "timestamp": now,
        "trigger": "Delta",
        "actual_value": "x",
        "event_notification_type": "HardWiredNotification",
        "component": {"name": "EVSE"},
        "variable": {"name": "Problem"},
    }
    await station.tell("NotifyEvent", generated_at=now, seq_no=0, event_data=[data])


ANY = [boots_again, heartbeats_instead_of_everything, unknown_vendor]
OF_16 = [
    statuses_in_any_order,
    stops_in_every_way,
    an_offline_session_late,
    three_connectors_at_once,
    the_same_message_again,
    every_notification_of_16,
    authorizes_16,
]
OF_201 = [
    connectors_in_any_order,
    authorizes_201,
    events_late,
    events_that_say_little,
    two_sessions_at_once,
    the_same_event_again,
    a_report_in_parts,
    every_notification_of_201,
]
SCENES = [(V16, scene) for scene in (*ANY, *OF_16)] + [(V201, scene) for scene in (*ANY, *OF_201)]


@pytest.mark.parametrize("boot_comes", ["first", "last", "never"])
@pytest.mark.parametrize(("version", "scene"), SCENES, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_odd_and_right_is_no_violation(version: str, scene: Scene, boot_comes: str) -> None:
    """Every call is answered as its schema says (the library looks), and no violation is reported.

    A station that has booted with the CSMS before this one boots when it likes.
    """

    async def meet(world: World) -> None:
        async with reference_station(world.csms.port, version) as station:
            if boot_comes == "first":
                await boot(station)
            await scene(station, world)
            if boot_comes == "last":
                await boot(station)

    cards = dict.fromkeys(["GOOD", "GOOD-1", "GOOD-2", "GOOD-3"], "Accepted")
    given = {"heartbeat_interval": 60} if boot_comes == "never" else {}
    heard = play(meet, first_csms=boot_comes == "first", virtual=False, **({"id_tokens": cards} | given))
    assert [violation.description for _, violation in heard.violations] == []


@pytest.mark.parametrize("version", [V16, V201])
def test_the_same_stations_are_accused_of_what_is_wrong(version: str) -> None:
    """The bench can see a violation: a start where another transaction runs."""

    async def meet(world: World) -> None:
        async with reference_station(world.csms.port, version) as station:
            await boot(station)
            for number in (1, 2):
                if version == V16:
                    await begin(station, 1, f"GOOD-{number}")
                else:
                    await event(station, "Started", 0, f"tx-{number}", evse={"id": 1})

    cards = dict.fromkeys(["GOOD-1", "GOOD-2"], "Accepted")
    assert play(meet, virtual=False, id_tokens=cards).codes == ["transaction-already-running"]
