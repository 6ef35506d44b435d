"""The commands of scenarios: what they hand back, and what they refuse."""

from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.assembly import COMMANDS
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.services.authorization import LOCAL_LIST
from ocpplab_runner.charger.station import SimulatedCharger
from ocpplab_runner.gateway.client.commands import G2_COMMANDS
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.targets.sides import CSMS_COMMANDS
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig


def test_every_gateway_command_is_there():
    """Every verb that acts on a charger or the world around it, those of the Gateway API among them."""
    assert {spec.name for spec in ACTING if spec.actor in ("charger", "world")} - CSMS_COMMANDS == COMMANDS
    assert G2_COMMANDS.keys() < COMMANDS


@pytest.mark.parametrize(
    ("command", "fields", "reason"),
    [
        ("unplug_connector", {}, "no EV is plugged in"),
        ("unplug_connector", {"evse_id": 1}, "no EV is plugged into EVSE 1"),
        ("plug_connector", {"evse_id": 3}, "there is no EVSE 3; the charger has 2"),
        ("plug_connector", {"evse_id": 1, "connector_id": 2}, "EVSE 1 has no connector 2"),
        ("stop_transaction", {}, "no transaction runs"),
        ("stop_transaction", {"transaction_id": "5"}, "no running transaction has the id 5"),
        ("stop_session", {}, "no session runs and no EV is plugged in"),
        ("start_transaction", {"id_tag": "A", "evse_id": 1}, "no EV is plugged into EVSE 1: plug_connector first"),
        ("ev_requests_energy", {}, "no EV is plugged in"),
        ("power_update", {"power_w": 1}, "no EV is plugged in"),
        ("clear_fault", {"evse_id": 2}, "there is no fault to clear on EVSE 2"),
        ("unlock_connector", {}, "say which EVSE is meant: evse_id 1 or 2"),
        ("power", {"state": "on"}, "the power is on already"),
        ("send_local_auth_list", {"list_version": 2, "entries": []}, "the list is at version 2 already"),
        (
            "send_local_auth_list",
            {"list_version": 1, "entries": [], "update_type": "Differential"},
            "the update was refused: VersionMismatch",
        ),
        (
            "send_local_auth_list",
            {"list_version": 3, "entries": [{"id_tag": "A", "expiry_date": "soon"}]},
            "'soon' is no RFC 3339 date and time",
        ),
        ("proxy_message", {"action": "Heartbeat", "payload": {}, "ocpp_version": "ocpp2.0.1"}, "speaks ocpp1.6"),
        ("proxy_message", {"action": "Authorize", "payload": {}}, "breaks its schema"),
        ("authorize_id_tag", {"id_tag": "A-TAG-OF-21-CHARS-XXX"}, "does not fit OCPP 1.6"),
        ("charger_reply", {"to": "Reset"}, "a reply needs one of"),
    ],
)
def test_what_makes_no_sense_is_refused(command, fields, reason):
    """A command that cannot be done now is refused with a reason to act on."""

    async def main():
        async with rig({"evses": 2, "local_list": {"version": 2, "entries": {"LISTED": "Accepted"}}}) as it:
            result = await it.do(command, **fields)
            assert result.status == "refused"
            assert reason in result.reason

    clock.run(main())


def test_unknown_command_is_an_error_of_the_caller():
    """A command that does not exist is no refusal."""

    async def main():
        async with rig() as it:
            with pytest.raises(ValueError, match="no command 'dance'"):
                await it.do("dance")

    clock.run(main())


def test_plugging_twice_and_ambiguous_places():
    """A socket holds one cable; a command without an EVSE needs one that fits, and only one."""

    async def main():
        async with rig({"evses": 2}) as it:
            assert (await it.do("plug_connector", evse_id=1)).status == "done"
            assert (await it.do("plug_connector", evse_id=1)).reason == "an EV is already plugged into EVSE 1"
            assert (await it.do("plug_connector")).status == "done"
            assert "evse_id 1 or 2" in (await it.do("unplug_connector")).reason
            assert (await it.do("unplug_connector", evse_id=2)).status == "done"
            assert (await it.do("unplug_connector")).status == "done"

    clock.run(main())


def test_locked_cable():
    """With ev_side_unplug locked the cable stays in while it charges."""

    async def main():
        async with rig({"ev_side_unplug": "locked"}) as it:
            await it.do("start_session", id_tag="A")
            assert (await it.do("unplug_connector")).reason == "the cable of EVSE 1 is locked while it charges"
            await it.do("stop_transaction")
            assert (await it.do("unplug_connector")).status == "done"

    clock.run(main())


def test_details():
    """List and cache commands tell how many entries they touched."""

    async def main():
        async with rig({"cache": {"A": "Accepted", "B": "Blocked"}}) as it:
            entries = [{"id_tag": "A", "parent_id_tag": "G", "expiry_date": "2027-01-01T00:00:00Z"}, {"id_tag": "C"}]
            result = await it.do("send_local_auth_list", list_version=2, entries=entries)
            assert result.detail == {"entries_received": 2, "list_version": 2}
            assert (await it.do("clear_local_auth_list")).detail == {"entries_deleted": 2}
            assert it.charger.context.ask(LOCAL_LIST).entries.version == 0
            assert (await it.do("reset_auth_cache")).detail == {"cleared_entries": 2}

    clock.run(main())


def test_snapshot_is_plain_data():
    """A snapshot shows what is the case."""

    async def main():
        async with rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=2)
            shown = it.charger.snapshot()
            assert shown["evses"][1]["transaction"] == {"id": 1, "id_tag": "A", "meter_start_wh": 0}
            assert shown["evses"][1]["connectors"][0]["status"] == "Charging"
            assert shown["evses"][0]["transaction"] is None
            assert shown["booted"] is True

    clock.run(main())


def test_multi_connector_evses_are_not_for_1_6():
    """OCPP 1.6 has one connector per EVSE."""

    async def main():
        async with rig() as it:
            config = ChargerConfig.from_given({"connectors_per_evse": 2})
            with pytest.raises(ValueError, match="one connector per EVSE"):
                SimulatedCharger(config, version=OcppVersion.V16, connect=it.connect, observer=it, random=Random(1))

    clock.run(main())
