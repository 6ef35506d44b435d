"""Remote start and stop, the lock and triggers in OCPP 1.6: sections 5.11, 5.12, 5.17 and 5.18."""

import pytest

from ocpplab_runner import clock
from tests.charger.rig import rig


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
