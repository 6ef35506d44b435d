"""Random days at a charging station: whatever happens, the rules hold."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, Direction
from tests.charger.rig import rig
from tests.thoroughness import examples

_AVAILABLE, _PREPARING, _CHARGING = "Available", "Preparing", "Charging"
_EV, _EVSE, _FINISHING = "SuspendedEV", "SuspendedEVSE", "Finishing"
_RESERVED, _UNAVAILABLE, _FAULTED = "Reserved", "Unavailable", "Faulted"
#: OCPP 1.6 section 4.9, row by row.
TABLE = {
    _AVAILABLE: {_PREPARING, _CHARGING, _EV, _EVSE, _RESERVED, _UNAVAILABLE, _FAULTED},
    _PREPARING: {_AVAILABLE, _CHARGING, _EV, _EVSE, _FINISHING, _FAULTED},
    _CHARGING: {_AVAILABLE, _EV, _EVSE, _FINISHING, _UNAVAILABLE, _FAULTED},
    _EV: {_AVAILABLE, _CHARGING, _EVSE, _FINISHING, _UNAVAILABLE, _FAULTED},
    _EVSE: {_AVAILABLE, _CHARGING, _EV, _FINISHING, _UNAVAILABLE, _FAULTED},
    _FINISHING: {_AVAILABLE, _PREPARING, _UNAVAILABLE, _FAULTED},
    _RESERVED: {_AVAILABLE, _PREPARING, _UNAVAILABLE, _FAULTED},
    _UNAVAILABLE: {_AVAILABLE, _PREPARING, _CHARGING, _EV, _EVSE, _FAULTED},
    _FAULTED: {_AVAILABLE, _PREPARING, _CHARGING, _EV, _EVSE, _FINISHING, _RESERVED, _UNAVAILABLE},
}

COMMANDS = st.sampled_from(
    [
        ("plug_connector", {}),
        ("plug_connector", {"ev": {"demand": False}}),
        ("plug_connector", {"ev": {"energy_needed_wh": 300}}),
        ("unplug_connector", {}),
        ("authorize_id_tag", {"id_tag": "A"}),
        ("authorize_id_tag", {"id_tag": "B"}),
        ("authorize_id_tag", {"id_tag": "BAD"}),
        ("start_session", {"id_tag": "A", "duration_seconds": 100}),
        ("start_transaction", {"id_tag": "A"}),
        ("stop_transaction", {}),
        ("stop_session", {}),
        ("ev_requests_energy", {}),
        ("ev_stops_energy", {}),
        ("power_update", {"power_w": 0}),
        ("power_update", {"power_w": 5000}),
        ("unlock_connector", {}),
        ("inject_fault", {"fault_type": "GroundFailure", "evse_id": 1}),
        ("inject_fault", {"fault_type": "WeakSignal"}),
        ("clear_fault", {}),
    ]
)
CALLS = st.sampled_from(
    [
        ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
        ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
        ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}),
        ("RemoteStartTransaction", {"idTag": "B", "connectorId": 1}),
        ("RemoteStopTransaction", {"transactionId": 1}),
        ("UnlockConnector", {"connectorId": 1}),
        ("ReserveNow", {"connectorId": 1, "idTag": "B", "reservationId": 1, "expiryDate": "2026-01-01T00:10:00Z"}),
        ("ReserveNow", {"connectorId": 0, "idTag": "B", "reservationId": 2, "expiryDate": "2026-01-01T00:10:00Z"}),
        ("CancelReservation", {"reservationId": 1}),
    ]
)
WORLD = st.sampled_from(
    [
        ("network", {"state": "down"}),
        ("network", {"state": "up"}),
        ("network", {"down_for": "90s"}),
        ("power", {"off_for": "20s"}),
        ("power", {"state": "off"}),
        ("power", {"state": "on"}),
    ]
)
WAITS = st.sampled_from([("wait", 1), ("wait", 61), ("wait", 400)])


async def _act(it, step):
    name, what = step
    if name == "wait":
        await it.wait(what)
    elif name[0].isupper():
        if it.charger.booted and it.charger.connected:
            await it.call(name, **what)
    else:
        await it.do(name, **what)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.one_of(COMMANDS, COMMANDS, CALLS, WAITS), min_size=6, max_size=30), st.sampled_from([1, 2]))
def test_statuses_move_as_the_table_says(steps, evses):
    """Every reported change of status is one of section 4.9."""

    async def main():
        async with rig({"evses": evses}, cards={"BAD": "Blocked"}) as it:
            for step in steps:
                await _act(it, step)
            seen = it.statuses()
            for before, after in pairwise(seen):
                assert before == after or after in TABLE[before], (before, after, steps)

    clock.run(main())


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.one_of(COMMANDS, CALLS, WAITS, WORLD), min_size=6, max_size=30))
def test_transactions_are_told_whole_and_in_order(steps):
    """Whatever happens: each transaction is started once and stopped once, in order, and its energy adds up."""

    async def main():
        async with rig({"settings": {"allow_offline_tx_for_unknown_id": True}}, cards={"BAD": "Blocked"}) as it:
            for step in steps:
                await _act(it, step)
            if not it.charger.powered:
                await it.do("power", state="on")
            await it.do("network", state="up")
            await it.wait(60)
            await it.do("stop_session")
            await it.wait(60)
            told = [
                r.message
                for r in it.frames
                if r.direction is Direction.TO_CSMS
                and isinstance(r.message, Call)
                and "Transaction" in r.message.action
            ]
            register = 0
            expected = 1
            for number, message in enumerate(told):
                payload = message.payload
                wanted = "StartTransaction" if number % 2 == 0 else "StopTransaction"
                assert message.action == wanted, steps
                meter = payload["meterStart" if number % 2 == 0 else "meterStop"]
                assert meter >= register, steps
                register = meter
                if number % 2:
                    assert payload["transactionId"] == expected, steps
                    expected += 1
            assert len(told) % 2 == 0, steps
            assert len(it.charger.context.queue) == 0

    clock.run(main())
