"""A charging session in OCPP 2.0.1, over a real socket."""

from __future__ import annotations

import asyncio

from tests.charger.rig import Rig, play


def test_plug_card_charge_stop_unplug() -> None:
    """E02 and E07: sequence numbers without a gap, the right triggers, charging states only when they change."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(125)
        await it.do("ev_stops_energy")
        await it.do("ev_requests_energy")
        await it.do("authorize_id_tag", id_tag="a")
        await it.do("unplug_connector")

    it = play(scene)
    assert it.events() == [
        "Started 0 Authorized Charging",
        "Updated 1 MeterValuePeriodic -",
        "Updated 2 MeterValuePeriodic -",
        "Updated 3 ChargingStateChanged SuspendedEV",
        "Updated 4 ChargingStateChanged Charging",
        "Ended 5 StopAuthorized EVConnected Local",
    ]
    assert it.statuses() == ["Available", "Occupied", "Available"]
    assert len(it.sent("Authorize")) == 1
    events = it.sent("TransactionEvent")
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    assert events[0]["evse"] == {"id": 1, "connectorId": 1}
    assert events[0]["idToken"] == {"idToken": "A", "type": "ISO14443"}
    assert events[-1]["idToken"]["idToken"] == "a"
    assert [event for event in events[1:] if "evse" in event] == []


def test_a_card_before_the_cable_shows_no_frame() -> None:
    """A card-first Preparing has no 2.0.1 frame; the cable then triggers the start."""

    async def scene(it: Rig) -> None:
        await it.do("authorize_id_tag", id_tag="A")
        assert it.statuses() == ["Available"]
        await it.do("plug_connector")

    it = play(scene)
    assert it.events() == ["Started 0 CablePluggedIn Charging"]
    assert it.statuses() == ["Available", "Occupied"]


def test_a_card_without_a_cable_times_out() -> None:
    """EVConnectionTimeOut: later nothing starts, and nothing was on the wire."""

    async def scene(it: Rig) -> None:
        await it.do("authorize_id_tag", id_tag="A")
        await asyncio.sleep(21)
        await it.do("plug_connector")

    it = play(scene, given={"settings": {"connection_timeout": "20s"}})
    assert it.events() == []
    assert [f["is"] for name, f in it.facts if name == "token_status"][-1] == "TimedOut"


def test_unplugging_ends_it() -> None:
    """E09: EVCommunicationLost, EVDisconnected, and the cable is gone."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("unplug_connector")

    assert play(scene).events()[-1] == "Ended 1 EVCommunicationLost Idle EVDisconnected"


def test_unplugging_may_only_suspend() -> None:
    """E10: with StopTxOnEVSideDisconnect false the transaction goes on when the cable is back."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("unplug_connector")
        await it.do("plug_connector")
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene, given={"settings": {"stop_transaction_on_ev_disconnect": False}})
    assert it.events()[1] == "Updated 1 EVCommunicationLost Idle"
    assert it.events()[2] == "Updated 2 CablePluggedIn Charging"
    assert it.events()[-1].endswith("StopAuthorized EVConnected Local")


def test_a_sibling_stops() -> None:
    """C09: another card of the group is authorized and stops the transaction."""

    async def scene(it: Rig) -> None:
        await it.charge("S")
        await it.do("authorize_id_tag", id_tag="T")

    group = {"status": "Accepted", "parent_id_token": "FLEET"}
    it = play(scene, csms={"id_tokens": {"S": group, "T": group}})
    assert len(it.sent("Authorize")) == 2
    assert it.events()[-1] == "Ended 1 StopAuthorized EVConnected Local"
    assert it.sent("TransactionEvent")[-1]["idToken"]["idToken"] == "T"


def test_two_evses_two_cards() -> None:
    """Each EVSE has a transaction and sequence numbers of its own."""

    async def scene(it: Rig) -> None:
        await it.charge("A", 1)
        await it.charge("S", 2)
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene, given={"evses": 2})
    assert it.events() == [
        "Started 0 Authorized Charging",
        "Started 0 Authorized Charging",
        "Ended 1 StopAuthorized EVConnected Local",
    ]
    assert [event["evse"]["id"] for event in it.sent("TransactionEvent")[:2]] == [1, 2]


def test_a_late_refusal_ends_it() -> None:
    """E05, StopTxOnInvalidId true: Deauthorized, DeAuthorized."""

    async def scene(it: Rig) -> None:
        await it.charge("A")

    it = play(
        scene,
        csms={"replies": [{"to": "TransactionEvent", "payload": {"idTokenInfo": {"status": "Blocked"}}}]},
    )
    assert it.events() == ["Started 0 Authorized Charging", "Ended 1 Deauthorized EVConnected DeAuthorized"]


def test_a_late_refusal_may_only_suspend() -> None:
    """E05, StopTxOnInvalidId false and no energy allowed: no more energy, but the transaction stays."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("authorize_id_tag", id_tag="A")

    it = play(
        scene,
        given={"settings": {"stop_transaction_on_invalid_id": False}},
        csms={"replies": [{"to": "TransactionEvent", "payload": {"idTokenInfo": {"status": "Invalid"}}}]},
    )
    assert any("Deauthorized" in event for event in it.events())
    assert any("SuspendedEVSE" in event for event in it.events())
    assert it.events()[-1].endswith("StopAuthorized EVConnected Local")


def test_offline_events_follow_in_order_and_say_so() -> None:
    """E04: what happened offline is sent afterwards, marked, nothing lost."""

    async def scene(it: Rig) -> None:
        await it.do("network", state="down")
        await it.charge("A")
        await asyncio.sleep(60)
        await it.do("authorize_id_tag", id_tag="A")
        assert it.events() == []
        await it.do("network", state="up")
        await asyncio.sleep(120)

    it = play(scene, given={"cache": {"A": "Accepted"}})
    assert it.events() == [
        "Started 0 Authorized Charging offline",
        "Updated 1 MeterValuePeriodic - offline",
        "Ended 2 StopAuthorized EVConnected Local offline",
    ]
    assert it.verdicts() == ["cache Accepted"]
    assert it.sent("TransactionEvent")[0]["timestamp"] == "2026-01-01T00:00:00.000Z"


def test_a_failed_event_is_sent_again() -> None:
    """E13: MessageAttempts times, the pause growing; then it is given up and the next follows."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(100)

    it = play(
        scene,
        given={
            "settings": {
                "transaction_message_attempts": 3,
                "transaction_message_retry_interval": "10s",
                "meter_value_interval": "0s",
            }
        },
        csms={"replies": [{"to": "TransactionEvent", "error": "InternalError", "times": 3}]},
        minding=False,
    )
    times = [r.at for r in it.frames if r.action == "TransactionEvent" and r.direction == "to_csms"]
    assert times == [0, 10, 30]
    assert it.notes == ["gave up TransactionEvent after the last attempt"] or it.notes[0].startswith("gave up")


def test_power_loss_ends_it_afterwards() -> None:
    """A transaction that a loss of power has cut is ended after the next boot, with the time of the loss."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(30)
        await it.do("power", off_for="60s")
        await asyncio.sleep(120)

    it = play(scene)
    assert it.events()[:2] == [
        "Started 0 Authorized Charging",
        "Ended 1 AbnormalCondition EVConnected PowerLoss offline",
    ]
    assert it.sent("TransactionEvent")[1]["timestamp"] == "2026-01-01T00:00:30.000Z"
    assert [boot["reason"] for boot in it.sent("BootNotification")] == ["PowerUp", "PowerUp"]


def test_a_fault_ends_it_and_shows() -> None:
    """An inoperative fault: AbnormalCondition, StatusNotification Faulted, and Available or Occupied again after it."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)
        await it.do("clear_fault", evse_id=1)

    it = play(scene)
    assert it.events()[-1].split()[2] == "AbnormalCondition"
    assert it.statuses() == ["Available", "Occupied", "Faulted", "Occupied"]


def test_the_same_seed_gives_the_same_frames() -> None:
    """Nothing but the passed randomness is random."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        await asyncio.sleep(200)
        await it.do("authorize_id_tag", id_tag="A")

    first, second, other = (play(scene, seed=seed) for seed in (5, 5, 6))
    assert [(r.at, r.text) for r in first.frames] == [(r.at, r.text) for r in second.frames]
    assert [r.text for r in first.frames] != [r.text for r in other.frames]


def test_the_status_of_a_transaction() -> None:
    """E14: running, ended, unknown, and what still waits in the queue."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        running = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        ask = {"transactionId": running}
        assert await it.call("GetTransactionStatus", ask) == {"ongoingIndicator": True, "messagesInQueue": False}
        await it.do("authorize_id_tag", id_tag="A")
        assert await it.call("GetTransactionStatus", ask) == {"ongoingIndicator": False, "messagesInQueue": False}
        unknown = await it.call("GetTransactionStatus", {"transactionId": "nope"})
        assert unknown == {"ongoingIndicator": False, "messagesInQueue": False}
        assert await it.call("GetTransactionStatus", {}) == {"messagesInQueue": False}

    play(scene)


def test_messages_that_wait_are_told() -> None:
    """E14: while the CSMS fails to process an event it stays in the queue."""

    async def scene(it: Rig) -> None:
        await it.charge("A")
        running = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        answer = await it.call("GetTransactionStatus", {"transactionId": running})
        assert answer == {"ongoingIndicator": True, "messagesInQueue": True}
        assert await it.call("GetTransactionStatus", {}) == {"messagesInQueue": True}

    play(scene, csms={"replies": [{"to": "TransactionEvent", "error": "InternalError"}]}, minding=False)
