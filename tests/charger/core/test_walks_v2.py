"""Whatever happens, in whatever order: what every 2.0.1 session has in common."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charger.rig import Rig, play
from tests.thoroughness import examples

POINTS = ["PowerPathClosed", "EVConnected", "Authorized", "EVConnected,Authorized"]
TOKEN = {"idToken": "A", "type": "ISO14443"}
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    *(("plug_connector", {"evse_id": n}) for n in (1, 2)),
    *(("unplug_connector", {"evse_id": n}) for n in (1, 2)),
    *(("authorize_id_tag", {"id_tag": card}) for card in ("A", "B", "S", "T")),
    ("authorize_id_tag", {"id_tag": "A", "evse_id": 1}),
    ("ev_stops_energy", {"evse_id": 1}),
    ("ev_requests_energy", {"evse_id": 1}),
    ("power_update", {"evse_id": 1, "power_w": 0}),
    ("inject_fault", {"fault_type": "GroundFailure", "evse_id": 1}),
    ("clear_fault", {}),
    ("network", {"state": "down"}),
    ("network", {"state": "up"}),
    ("power", {"off_for": "30s"}),
    ("start_transaction", {"id_tag": "X", "evse_id": 1}),
    ("stop_transaction", {"evse_id": 1}),
]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("RequestStartTransaction", {"remoteStartId": 3, "idToken": TOKEN, "evseId": 1}),
    ("RequestStartTransaction", {"remoteStartId": 4, "idToken": TOKEN}),
    ("Reset", {"type": "Immediate"}),
    ("Reset", {"type": "OnIdle"}),
    ("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}}),
    ("ChangeAvailability", {"operationalStatus": "Operative"}),
    ("ChangeAvailability", {"operationalStatus": "Operative", "evse": {"id": 1}}),
    ("UnlockConnector", {"evseId": 1, "connectorId": 1}),
    ("TriggerMessage", {"requestedMessage": "TransactionEvent"}),
    ("TriggerMessage", {"requestedMessage": "MeterValues"}),
    ("ReserveNow", {"id": 1, "expiryDateTime": "2026-01-01T00:10:00Z", "idToken": TOKEN, "evseId": 1}),
    ("CancelReservation", {"reservationId": 1}),
    ("ClearCache", {}),
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("do"), st.sampled_from(COMMANDS)),
        st.tuples(st.just("call"), st.sampled_from(CALLS)),
        st.tuples(st.just("stop"), st.just(("", {}))),
        st.tuples(st.just("wait"), st.sampled_from([("1", {}), ("20", {}), ("70", {})])),
    ),
    max_size=25,
)
GROUP = {"status": "Accepted", "parent_id_token": "FLEET"}


@settings(deadline=None, max_examples=examples(60))
@given(STEPS, st.sampled_from(POINTS), st.sampled_from(["PowerPathClosed", "EVConnected"]), st.booleans())
def test_events_of_a_transaction_are_a_story(
    steps: list[tuple[str, tuple[str, dict[str, Any]]]], start: str, stop: str, stop_on_unplug: bool
) -> None:
    """Started once and first, Ended at most once and last, numbers without gaps, time and meter never backwards."""

    async def scene(it: Rig) -> None:
        for kind, (name, fields) in steps:
            if kind == "do":
                await it.do(name, **fields)
            elif kind == "wait":
                await asyncio.sleep(int(name))
            elif it.charger.online and kind == "call":
                await it.call(name, fields)
            elif it.charger.online:
                for running in list(it.charger.running):
                    transaction_id = running.wire["wire"].transaction_id
                    await it.call("RequestStopTransaction", {"transactionId": transaction_id})
        await it.do("network", state="up")
        await asyncio.sleep(307)  # not at the very moment of a sample
        assert it.charger.online
        assert len(it.charger.context.queue) == 0
        for evse in it.charger.evses:
            if evse.plugged_connector is not None:
                await it.do("unplug_connector", evse_id=evse.evse_id)
        await asyncio.sleep(70)
        open_now.extend(it.charger.running)

    open_now: list[Any] = []
    it = play(
        scene,
        given={
            "evses": 2,
            "configuration": {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop},
            "settings": {"stop_transaction_on_ev_disconnect": stop_on_unplug},
        },
        csms={"id_tokens": {"A": "Accepted", "B": "Blocked", "S": GROUP, "T": GROUP}, "concurrent_tx": "allow"},
    )
    stories: dict[str, list[dict[str, Any]]] = {}
    for event in it.sent("TransactionEvent"):
        stories.setdefault(event["transactionInfo"]["transactionId"], []).append(event)
    for story in stories.values():
        told: list[dict[str, Any]] = []
        for event in story:
            if event not in told:  # sent again after a broken connection
                told.append(event)
        assert [event["seqNo"] for event in told] == list(range(len(told)))
        kinds = [event["eventType"] for event in told]
        assert kinds[0] == "Started"
        assert kinds.count("Started") == 1 and kinds.count("Ended") <= 1
        assert "Ended" not in kinds[:-1]
        assert "evse" in told[0]
        times = [event["timestamp"] for event in told]
        assert times == sorted(times)
        readings = [
            sample["value"]
            for event in told[:-1]
            for value in event.get("meterValue", ())
            for sample in value["sampledValue"]
            if sample["measurand"] == "Energy.Active.Import.Register"
        ]
        assert readings == sorted(readings)
        if "Charging" in [event["transactionInfo"].get("chargingState") for event in told]:
            assert any("idToken" in event for event in told)
    if stop_on_unplug:
        assert open_now == []
        assert all(story[-1]["eventType"] == "Ended" for story in stories.values())
