"""How a 1.6 station answers its Central System's calls, and what follows. OCPP 1.6 section 5."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services import AUTHORIZATION, LOCAL_LIST
from tests.charger.rig import is_error, rig


def test_remote_start_with_the_cable_in():
    """Accepted goes out first, then the card is authorized and the transaction begins."""

    async def main():
        async with rig() as it:
            await it.do("plug_connector")
            it.forget()
            assert await it.call("RemoteStartTransaction", idTag="A", connectorId=1) == {"status": "Accepted"}
            assert it.actions() == ["Authorize", "StartTransaction", "StatusNotification"]
            assert it.told("token_status")[0] == {"is": "Processing", "id_tag": "A", "evse_id": 1}

    clock.run(main())


def test_remote_start_without_authorization():
    """With AuthorizeRemoteTxRequests false nobody is asked."""

    async def main():
        async with rig({"settings": {"authorize_remote_start": False}}) as it:
            await it.do("plug_connector")
            it.forget()
            await it.call("RemoteStartTransaction", idTag="A")
            assert it.actions() == ["StartTransaction", "StatusNotification"]
            assert it.told("auth_status") == [{"is": "Accepted", "via": "station", "id_tag": "A", "evse_id": 1}]

    clock.run(main())


def test_remote_start_waits_for_the_cable():
    """Without a cable the remote start waits for ConnectionTimeOut and is forgotten then."""

    async def main():
        async with rig({"settings": {"connection_timeout": "20s"}}) as it:
            it.forget()
            assert await it.call("RemoteStartTransaction", idTag="A", connectorId=1) == {"status": "Accepted"}
            assert it.statuses() == ["Preparing"]
            await it.wait(21)
            assert it.statuses() == ["Preparing", "Available"]

    clock.run(main())


def test_remote_start_is_rejected_where_it_cannot_be():
    """Connector 0, an unknown, a busy, a faulted, an unavailable and a reserved connector reject a remote start."""

    async def main():
        async with rig({"evses": 5}) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            await it.do("inject_fault", fault_type="GroundFailure", evse_id=2)
            await it.call("ChangeAvailability", connectorId=3, type="Inoperative")
            reserve = {"expiryDate": "2026-01-02T00:00:00Z", "idTag": "X", "reservationId": 1}
            await it.call("ReserveNow", connectorId=4, **reserve)
            for connector in (0, 1, 2, 3, 4, 9):
                answer = await it.call("RemoteStartTransaction", idTag="B", connectorId=connector)
                assert answer == {"status": "Rejected"}, connector
            assert await it.call("RemoteStartTransaction", idTag="X", connectorId=4) == {"status": "Accepted"}

    clock.run(main())


def test_remote_stop():
    """A known transaction stops with reason Remote, an unknown one is Rejected."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            assert await it.call("RemoteStopTransaction", transactionId=99) == {"status": "Rejected"}
            assert await it.call("RemoteStopTransaction", transactionId=1) == {"status": "Accepted"}
            assert it.sent("StopTransaction")[0]["reason"] == "Remote"
            assert await it.call("RemoteStopTransaction", transactionId=1) == {"status": "Rejected"}

    clock.run(main())


def test_soft_reset_delivers_the_stop_before_it_restarts():
    """A soft reset ends the transaction with SoftReset, then closes, boots again and reports everything."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            assert await it.call("Reset", type="Soft") == {"status": "Accepted"}
            await it.wait(10)
            actions = it.actions()
            assert actions.index("StopTransaction") < actions.index("BootNotification")
            assert it.sent("StopTransaction")[0]["reason"] == "SoftReset"
            assert it.statuses()[-1] == "Preparing"

    clock.run(main())


def test_hard_reset_delivers_the_stop_after_the_boot():
    """A hard reset drops the connection at once; the StopTransaction with HardReset follows after the boot."""

    async def main():
        async with rig() as it:
            await it.do("start_session", id_tag="A")
            it.forget()
            assert await it.call("Reset", type="Hard") == {"status": "Accepted"}
            assert (await it.do("authorize_id_tag", id_tag="A")).reason == "the charger restarts"
            await it.wait(10)
            actions = it.actions()
            assert actions.index("StopTransaction") > actions.index("BootNotification")
            assert it.sent("StopTransaction")[0]["reason"] == "HardReset"

    clock.run(main())


def test_reset_while_a_card_waits_forgets_it():
    """A granted card does not survive a reset."""

    async def main():
        async with rig() as it:
            await it.do("authorize_id_tag", id_tag="A")
            await it.call("Reset", type="Hard")
            await it.wait(5)
            await it.do("plug_connector")
            assert it.sent("StartTransaction") == []
            assert it.told("token_status")[-1]["is"] == "Withdrawn"

    clock.run(main())


@pytest.mark.parametrize(("lock", "status"), [("works", "Unlocked"), ("fails", "UnlockFailed")])
def test_unlock_ends_the_transaction(lock, status):
    """UnlockConnector ends the transaction with UnlockCommand; an unknown connector is NotSupported."""

    async def main():
        async with rig({"unlock": lock}) as it:
            await it.do("start_session", id_tag="A")
            assert await it.call("UnlockConnector", connectorId=1) == {"status": status}
            assert it.sent("StopTransaction")[0]["reason"] == "UnlockCommand"
            assert await it.call("UnlockConnector", connectorId=2) == {"status": "NotSupported"}

    clock.run(main())


def test_unlock_without_a_lock_leaves_the_transaction():
    """A station that has no lock answers NotSupported and goes on charging."""

    async def main():
        async with rig({"unlock": "not_supported"}) as it:
            await it.do("start_session", id_tag="A")
            assert await it.call("UnlockConnector", connectorId=1) == {"status": "NotSupported"}
            assert it.sent("StopTransaction") == []

    clock.run(main())


def test_availability_of_one_connector():
    """Unavailable and back, reported after the answer; other connectors keep their status."""

    async def main():
        async with rig({"evses": 2}) as it:
            it.forget()
            for kind in ("Inoperative", "Operative"):
                assert await it.call("ChangeAvailability", connectorId=1, type=kind) == {"status": "Accepted"}
            assert it.statuses(1) == ["Unavailable", "Available"]
            assert it.statuses(2) == it.statuses(0) == []
            assert await it.call("ChangeAvailability", connectorId=7, type="Operative") == {"status": "Rejected"}

    clock.run(main())


def test_availability_of_the_station_is_scheduled_behind_transactions():
    """Connector 0 means all; a running transaction makes it Scheduled, and the connector follows when it ends."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            it.forget()
            assert await it.call("ChangeAvailability", connectorId=0, type="Inoperative") == {"status": "Scheduled"}
            assert (it.statuses(0), it.statuses(1), it.statuses(2)) == ([], [], ["Unavailable"])
            await it.do("stop_session", evse_id=1)
            assert (it.statuses(0), it.statuses(1)) == (["Unavailable"], ["Unavailable"])
            assert await it.call("ChangeAvailability", connectorId=0, type="Operative") == {"status": "Accepted"}
            assert it.statuses(0)[-1] == it.statuses(1)[-1] == it.statuses(2)[-1] == "Available"

    clock.run(main())


def test_unavailable_connector_refuses_cards_and_stays_so_over_a_power_cycle():
    """Availability is not volatile."""

    async def main():
        async with rig() as it:
            await it.call("ChangeAvailability", connectorId=0, type="Inoperative")
            await it.do("power", off_for="10s")
            it.forget()
            await it.wait(20)
            assert (it.statuses(0), it.statuses(1)) == (["Unavailable"], ["Unavailable"])
            await it.do("plug_connector")
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            assert it.actions() == []

    clock.run(main())


def test_clear_cache():
    """ClearCache empties the cache; it is Rejected where the cache is off."""

    async def main():
        async with rig({"cache": {"A": "Accepted"}}) as it:
            assert await it.call("ClearCache") == {"status": "Accepted"}
            assert len(it.charger.context.ask(AUTHORIZATION).cache) == 0
            await it.call("ChangeConfiguration", key="AuthorizationCacheEnabled", value="false")
            assert await it.call("ClearCache") == {"status": "Rejected"}

    clock.run(main())


def test_local_list():
    """Version, full and differential updates, and each refusal."""

    async def main():
        given = {
            "local_list": {"version": 3, "entries": {"A": "Accepted"}},
            "configuration": {"SendLocalListMaxLength": "2"},
            "local_list_max": 3,
        }
        card = {"idTagInfo": {"status": "Accepted"}}

        async with rig(given) as it:

            async def send(version, kind, *entries):
                answer = await it.call(
                    "SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=list(entries)
                )
                return answer["status"]

            assert await it.call("GetLocalListVersion") == {"listVersion": 3}
            assert await send(3, "Differential", {"idTag": "B", **card}) == "VersionMismatch"
            assert await send(4, "Differential", {"idTag": "B", **card}, {"idTag": "A"}) == "Accepted"
            assert await send(5, "Full", *({"idTag": f"C{n}", **card} for n in range(3))) == "Failed"
            assert await send(5, "Full", {"idTag": "D"}) == "Failed"
            assert await it.call("GetLocalListVersion") == {"listVersion": 4}
            assert await send(6, "Differential", {"idTag": "E", **card}, {"idTag": "F", **card}) == "Accepted"
            assert await send(7, "Differential", {"idTag": "G", **card}) == "Failed"
            assert await it.call("SendLocalList", listVersion=8, updateType="Full") == {"status": "Accepted"}
            assert len(it.charger.context.ask(LOCAL_LIST).entries) == 0

    clock.run(main())


@pytest.mark.parametrize("given", [{"features": ["Core"]}, {"settings": {"local_list_enabled": False}}])
def test_local_list_absent(given):
    """Without the profile, or with LocalAuthListEnabled false, the version is -1 and a list NotSupported."""

    async def main():
        async with rig(given) as it:
            assert await it.call("GetLocalListVersion") == {"listVersion": -1}
            answer = await it.call("SendLocalList", listVersion=1, updateType="Full")
            assert answer == {"status": "NotSupported"}

    clock.run(main())


@pytest.mark.parametrize(
    ("message", "connector", "answer", "sent"),
    [
        ("BootNotification", None, "Accepted", ["BootNotification"]),
        ("Heartbeat", None, "Accepted", ["Heartbeat"]),
        ("StatusNotification", None, "Accepted", ["StatusNotification"] * 3),
        ("StatusNotification", 2, "Accepted", ["StatusNotification"]),
        ("StatusNotification", 0, "Accepted", ["StatusNotification"]),
        ("StatusNotification", 3, "Rejected", []),
        ("MeterValues", 1, "Accepted", ["MeterValues"]),
        ("MeterValues", None, "Accepted", ["MeterValues"] * 2),
        ("DiagnosticsStatusNotification", None, "Accepted", ["DiagnosticsStatusNotification"]),
        ("FirmwareStatusNotification", None, "Accepted", ["FirmwareStatusNotification"]),
    ],
)
def test_trigger(message, connector, answer, sent):
    """Each message can be triggered that the station has; the answer goes first."""

    async def main():
        async with rig({"evses": 2}) as it:
            it.forget()
            payload = {"requestedMessage": message}
            if connector is not None:
                payload["connectorId"] = connector
            assert await it.call("TriggerMessage", **payload) == {"status": answer}
            assert it.actions() == sent

    clock.run(main())


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("MakeCoffee", {}, "NotImplemented"),
        ("Reset", {"type": "Gently"}, "PropertyConstraintViolation"),
    ],
)
def test_what_the_station_does_not_do(action, payload, code):
    """What is not built, unknown or wrong is answered with the right CALLERROR."""

    async def main():
        async with rig() as it:
            assert is_error(await it.call(action, **payload), code)

    clock.run(main())


@pytest.mark.parametrize(
    ("feature", "action", "payload"),
    [
        ("RemoteTrigger", "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("Reservation", "CancelReservation", {"reservationId": 1}),
    ],
)
def test_absent_profile(feature, action, payload):
    """A call of a profile that the station does not have is NotSupported."""

    async def main():
        features = sorted({"Core", "RemoteTrigger", "Reservation"} - {feature})
        async with rig({"features": features}) as it:
            assert is_error(await it.call(action, **payload), "NotSupported")

    clock.run(main())


def test_data_transfer():
    """The station knows no vendor's data."""

    async def main():
        async with rig() as it:
            assert await it.call("DataTransfer", vendorId="org.example") == {"status": "UnknownVendorId"}

    clock.run(main())


def test_verdicts_reach_the_cache():
    """The answer to a StopTransaction updates the cache for the card that stopped, and only when one did."""

    async def main():
        info = {"idTagInfo": {"status": "Expired"}}
        async with rig(answers={"StopTransaction": lambda call: info}) as it:
            await it.do("start_session", id_tag="A")
            await it.do("stop_session")
            await it.do("start_session", id_tag="B")
            await it.do("authorize_id_tag", id_tag="B")
            await it.do("unplug_connector")
            await it.do("network", state="down")
            for card in "AB":
                await it.do("authorize_id_tag", id_tag=card)
                await it.wait(61)
            assert [f["is"] for f in it.told("auth_status")[-2:]] == ["Accepted", "Expired"]

    clock.run(main())


def test_operative_station_means_every_connector():
    """In 1.6 ChangeAvailability of connector 0 holds for all connectors, whatever they were before."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.call("ChangeAvailability", connectorId=1, type="Inoperative")
            await it.call("ChangeAvailability", connectorId=0, type="Inoperative")
            await it.call("ChangeAvailability", connectorId=0, type="Operative")
            assert it.statuses(1)[-1] == it.statuses(2)[-1] == "Available"

    clock.run(main())
