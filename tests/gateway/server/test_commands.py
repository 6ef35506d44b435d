"""The 18 commands over plain HTTP: each answer has the documented shape, and each effect is proved.

The proof is a frame at the CSMS where the command causes one. Commands that send nothing are proved by the follow-up
probe that docs/gateway.md lists for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from ocpplab_runner.gateway.server.commands import Command
from tests.gateway.server.kit import CARDS, VERSIONS, Site, run, site

Proof = Callable[[Site, str, str], Awaitable[None]]
PROOFS: dict[str, Proof] = {}


def proves(name: str) -> Callable[[Proof], Proof]:
    """Register the proof of a command."""

    def register(proof: Proof) -> Proof:
        PROOFS[name] = proof
        return proof

    return register


def envelope(answer: httpx.Response, event_type: str, event: dict[str, Any], version: str) -> None:
    """The answer of a fan-out command to one charger."""
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert set(body) == {"targeted_count", "queued_count", "failed_count", "results", "failed"}
    assert (body["targeted_count"], body["queued_count"], body["failed_count"]) == (1, 1, 0), body
    (result,) = body["results"]
    assert set(result) == {"charger_id", "identity", "command"}
    assert result["identity"] == "CP-1"
    command = result["command"]
    assert command.pop("id")
    assert command == {"event_type": event_type, "ocpp_version": version.lower(), "payload": event}


async def plugged(here: Site, charger: str, evse_id: int = 1) -> None:
    assert (await here.command("plug-connector", charger, {"evse_id": evse_id})).status_code == 202


async def charging(here: Site, charger: str) -> None:
    await plugged(here, charger)
    assert (await here.command("authorize-id-tag", charger, {"id_tag": "CARD-1"})).status_code == 202
    assert running(here) == 1


def running(here: Site) -> int:
    return len(here.csms.transactions.running("CP-1"))


def last_status(here: Site, version: str, evse_id: int = 1) -> str:
    """The status that the charger has reported last."""
    if version == "OCPP1.6":
        return [c for c in here.log.calls("StatusNotification") if c["connectorId"] == evse_id][-1]["status"]
    return [c for c in here.log.calls("StatusNotification") if c["evseId"] == evse_id][-1]["connectorStatus"]


@proves("proxy-message")
async def _(here: Site, charger: str, version: str) -> None:
    event = {"action": "data_transfer", "ocpp_version": version.lower(), "payload": {"vendor_id": "x", "data": "y"}}
    answer = await here.command("proxy-message", charger, event)
    assert answer.status_code == 202
    body = answer.json()
    assert body.pop("id")
    assert body == {"event_type": "data_transfer", "ocpp_version": version.lower(), "payload": event["payload"]}
    assert here.log.calls("DataTransfer") == [{"vendorId": "x", "data": "y"}]


@proves("configuration")
async def _(here: Site, charger: str, version: str) -> None:
    key = "HeartbeatInterval" if version == "OCPP1.6" else "OCPPCommCtrlr.HeartbeatInterval"
    answer = await here.command("configuration", charger, {"configuration": {key: "77", "NoSuchKey": "1"}})
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "Rejected" and body["configured"] == [key] and "NoSuchKey" in body["msg"]
    answer = await here.command("configuration", charger, {"configuration": {key: "78"}})
    assert answer.json() == {"status": "Accepted", "configured": [key], "msg": "Configuration changed"}
    if version == "OCPP1.6":
        probe = await here.ask("GetConfiguration", {"key": [key]})
        assert probe["configurationKey"][0]["value"] == "78"
    else:
        wanted = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        probe = await here.ask("GetVariables", {"getVariableData": [wanted]})
        assert probe["getVariableResult"][0]["attributeValue"] == "78"


async def answer_from_memory(here: Site, charger: str, version: str) -> None:
    """Let the charger judge cards by its cache and its list before it asks the CSMS."""
    if version == "OCPP1.6":
        keys = {"LocalPreAuthorize": "true", "LocalAuthListEnabled": "true", "AuthorizationCacheEnabled": "true"}
    else:
        keys = {
            "AuthCtrlr.LocalPreAuthorize": "true",
            "LocalAuthListCtrlr.Enabled": "true",
            "AuthCacheCtrlr.Enabled": "true",
        }
    answer = await here.command("configuration", charger, {"configuration": keys})
    assert answer.json()["status"] == "Accepted", answer.text


async def asks_the_csms(here: Site, charger: str, card: str) -> bool:
    """The probe of cache and list: whether a presented card is asked about."""
    before = len(here.log.calls("Authorize"))
    assert (await here.command("start-session", charger, {"id_tag": card})).json()["failed"] == []
    assert (await here.command("stop-session", charger, {})).json()["failed"] == []
    return len(here.log.calls("Authorize")) > before


@proves("cache/reset")
async def _(here: Site, charger: str, version: str) -> None:
    await answer_from_memory(here, charger, version)
    assert await asks_the_csms(here, charger, "CARD-1")
    assert not await asks_the_csms(here, charger, "CARD-1")
    answer = await here.command("cache/reset", charger)
    assert (answer.status_code, answer.json()) == (
        200,
        {"msg": "Authorization cache cleared", "cleared_entries": 1},
    )
    assert await asks_the_csms(here, charger, "CARD-1")


LIST = {
    "list_version": 2,
    "entries": [
        {"id_tag": "CARD-1", "expiry_date": "2027-12-31T23:59:59Z"},
        {"id_tag": "CARD-2", "expiry_date": "2027-06-30T23:59:59Z", "parent_id_tag": "FLEET"},
    ],
}


async def list_version(here: Site) -> int:
    answer = await here.ask("GetLocalListVersion", {})
    return int(answer.get("listVersion", answer.get("versionNumber")))


@proves("local-auth-list")
async def _(here: Site, charger: str, version: str) -> None:
    await answer_from_memory(here, charger, version)
    answer = await here.command("local-auth-list", charger, LIST)
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "Accepted", "list_version": 2, "entries_received": 2},
    )
    assert await list_version(here) == 2
    assert not await asks_the_csms(here, charger, "CARD-2")
    again = await here.command("local-auth-list", charger, LIST)
    assert again.status_code == 400 and "version 2" in again.json()["detail"]


@proves("clear-local-auth-list")
async def _(here: Site, charger: str, version: str) -> None:
    await answer_from_memory(here, charger, version)
    await here.command("local-auth-list", charger, LIST)
    answer = await here.command("clear-local-auth-list", charger)
    assert (answer.status_code, answer.json()) == (
        200,
        {"msg": "Local authorization list cleared", "entries_deleted": 2},
    )
    assert await list_version(here) == 0
    assert await asks_the_csms(here, charger, "CARD-2")


@proves("inject-fault")
async def _(here: Site, charger: str, version: str) -> None:
    event = {"fault_type": "OverCurrent", "evse_id": 1, "connector_id": 1}
    answer = await here.command("inject-fault", charger, event)
    assert (answer.status_code, answer.json()) == (200, {"msg": "Fault injected", "status": "Faulted", **event})
    assert last_status(here, version) == "Faulted"


@proves("clear-fault")
async def _(here: Site, charger: str, version: str) -> None:
    await here.command("inject-fault", charger, {"fault_type": "OverCurrent", "evse_id": 1})
    answer = await here.command("clear-fault", charger, {"evse_id": 1, "connector_id": 1})
    assert (answer.status_code, answer.json()) == (
        200,
        {"msg": "Fault cleared", "fault_type": None, "evse_id": 1, "connector_id": 1, "status": "Available"},
    )
    assert last_status(here, version) == "Available"


@proves("plug-connector")
async def _(here: Site, charger: str, version: str) -> None:
    event = {"evse_id": 2, "connector_id": 1}
    envelope(await here.command("plug-connector", charger, event), "plug_connector", event, version)
    assert last_status(here, version, 2) == ("Preparing" if version == "OCPP1.6" else "Occupied")


@proves("unplug-connector")
async def _(here: Site, charger: str, version: str) -> None:
    await plugged(here, charger)
    event = {"evse_id": 1, "connector_id": 1}
    envelope(await here.command("unplug-connector", charger, event), "unplug_connector", event, version)
    assert last_status(here, version) == "Available"


@proves("unlock-connector")
async def _(here: Site, charger: str, version: str) -> None:
    await charging(here, charger)
    event = {"evse_id": 1, "connector_id": 1}
    envelope(await here.command("unlock-connector", charger, event), "unlock_connector", event, version)
    assert running(here) == 0
    if version == "OCPP1.6":
        assert here.log.calls("StopTransaction")[-1]["reason"] == "UnlockCommand"
    else:
        assert here.log.calls("TransactionEvent")[-1]["triggerReason"] == "UnlockCommand"


@proves("start-transaction")
async def _(here: Site, charger: str, version: str) -> None:
    await plugged(here, charger)
    event = {"id_tag": "CARD-1", "evse_id": 1, "connector_id": 1}
    envelope(await here.command("start-transaction", charger, event), "start_transaction", event, version)
    assert running(here) == 1 and here.log.calls("Authorize") == []


@proves("stop-transaction")
async def _(here: Site, charger: str, version: str) -> None:
    await charging(here, charger)
    if version == "OCPP1.6":
        number = str(next(iter(here.csms.transactions.running("CP-1"))).transaction_id)
    else:
        number = here.log.calls("TransactionEvent")[-1]["transactionInfo"]["transactionId"]
    event = {"transaction_id": number}
    envelope(await here.command("stop-transaction", charger, event), "stop_transaction", event, version)
    assert running(here) == 0


@proves("start-session")
async def _(here: Site, charger: str, version: str) -> None:
    event = {"id_tag": "CARD-1", "connector_id": 2, "duration_seconds": 900, "target_energy_kwh": 15.5}
    envelope(await here.command("start-session", charger, event), "start_session", event, version)
    assert running(here) == 1 and len(here.log.calls("Authorize")) == 1
    if version == "OCPP1.6":
        assert here.log.calls("StartTransaction")[0]["connectorId"] == 2
    else:
        assert here.log.calls("TransactionEvent")[0]["evse"]["id"] == 2


@proves("stop-session")
async def _(here: Site, charger: str, version: str) -> None:
    await charging(here, charger)
    event = {"connector_id": 1}
    envelope(await here.command("stop-session", charger, event), "stop_session", event, version)
    assert running(here) == 0 and last_status(here, version) == "Available"


@proves("authorize-id-tag")
async def _(here: Site, charger: str, version: str) -> None:
    event = {"id_tag": "CARD-BLOCKED"}
    envelope(await here.command("authorize-id-tag", charger, event), "authorize_id_tag", event, version)
    (asked,) = here.log.calls("Authorize")
    assert asked.get("idTag", asked.get("idToken", {}).get("idToken")) == "CARD-BLOCKED"
    assert running(here) == 0


@proves("ev-stops-energy")
async def _(here: Site, charger: str, version: str) -> None:
    await charging(here, charger)
    event = {"evse_id": 1, "connector_id": 1}
    envelope(await here.command("ev-stops-energy", charger, event), "ev_stops_energy", event, version)
    assert charging_state(here, version) == "SuspendedEV"


@proves("ev-requests-energy")
async def _(here: Site, charger: str, version: str) -> None:
    await charging(here, charger)
    event = {"evse_id": 1, "connector_id": 1}
    await here.command("ev-stops-energy", charger, event)
    envelope(await here.command("ev-requests-energy", charger, event), "ev_requests_energy", event, version)
    assert charging_state(here, version) == "Charging"


def charging_state(here: Site, version: str) -> str:
    if version == "OCPP1.6":
        return last_status(here, version)
    told = [call["transactionInfo"].get("chargingState") for call in here.log.calls("TransactionEvent")]
    return [state for state in told if state is not None][-1]


@proves("power-update")
async def _(here: Site, charger: str, version: str) -> None:
    measurands = "Power.Active.Import"
    key = "MeterValuesSampledData" if version == "OCPP1.6" else "SampledDataCtrlr.TxUpdatedMeasurands"
    await here.command("configuration", charger, {"configuration": {key: measurands}})
    await charging(here, charger)
    event = {"power_w": 7400, "evse_id": 1, "connector_id": 1}
    envelope(await here.command("power-update", charger, event), "power_update", event, version)
    await here.ask("TriggerMessage", TRIGGERS[version])
    call = here.log.calls("MeterValues" if version == "OCPP1.6" else "TransactionEvent")[-1]
    values = call["meterValue"][0]["sampledValue"]
    assert [float(value["value"]) for value in values if "phase" not in value] == [7400.0]


TRIGGERS = {
    "OCPP1.6": {"requestedMessage": "MeterValues", "connectorId": 1},
    "OCPP2.0.1": {"requestedMessage": "TransactionEvent", "evse": {"id": 1}},
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", PROOFS)
def test_a_command_answers_as_documented_and_does_what_it_says(path: str, version: str) -> None:
    """Shape of the answer and proof of the effect, in both versions of OCPP."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger(ocpp_version=version)
            await PROOFS[path](here, charger, version)
            assert here.log.violations == []

    run(main())


def test_every_command_is_proved() -> None:
    """The table has all 18."""
    assert len(PROOFS) == len(Command) == 18


def test_the_cards_of_the_kit_are_known() -> None:
    """The proofs rest on these."""
    assert CARDS["CARD-1"] == "Accepted" and CARDS["CARD-BLOCKED"] == "Blocked"


@pytest.mark.parametrize("path", PROOFS)
def test_a_command_to_a_charger_that_is_not_there(path: str) -> None:
    """404 with a detail, whatever the command."""

    async def main() -> None:
        async with site() as here:
            answer = await here.command(path, "dep-none", EVENTS[path])
            assert answer.status_code == 404, answer.text
            assert "dep-none" in answer.json()["detail"]

    run(main())


EVENTS: dict[str, dict[str, Any]] = {
    **{path: {} for path in PROOFS},
    "proxy-message": {"action": "heartbeat", "ocpp_version": "ocpp1.6", "payload": {}},
    "configuration": {"configuration": {"HeartbeatInterval": "30"}},
    "local-auth-list": LIST,
    "inject-fault": {"fault_type": "OverCurrent"},
    "start-transaction": {"id_tag": "CARD-1"},
    "start-session": {"id_tag": "CARD-1"},
    "authorize-id-tag": {"id_tag": "CARD-1"},
    "power-update": {"power_w": 5000},
}


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("plug-connector", {"target": {}, "event": {}}, ["body", "target"]),
        ("plug-connector", {"target": {"charger_id": "a", "location_id": "b"}, "event": {}}, ["body", "target"]),
        ("plug-connector", {"target": {"charger_id": "a", "charger_ids": ["b"]}, "event": {}}, ["body", "target"]),
        ("plug-connector", {"target": {"charger_id": "a"}}, ["body", "event"]),
        ("plug-connector", {"target": {"charger_id": 1}, "event": {}}, ["body", "target", "charger_id"]),
        ("plug-connector", {"target": {"charger_id": "a"}, "event": {"evse_id": "1"}}, ["body", "event", "evse_id"]),
        ("start-session", {"target": {"charger_id": "a"}, "event": {}}, ["body", "event", "id_tag"]),
        ("cache/reset", {"target": {"location_id": "a"}}, ["body", "target", "charger_id"]),
        (
            "local-auth-list",
            {"target": {"charger_id": "a"}, "event": {"list_version": 1, "entries": [{}]}},
            ["body", "event", "entries", 0, "id_tag"],
        ),
    ],
)
def test_a_malformed_command_is_answered_as_fastapi_does(path: str, body: Any, place: list[Any]) -> None:
    """422 with loc, msg and type of each problem."""

    async def main() -> None:
        async with site() as here:
            answer = await here.post(f"/ocpp/commands/{path}", body)
            assert answer.status_code == 422
            problem = answer.json()["detail"][0]
            assert problem["loc"] == place
            assert problem["msg"] and problem["type"]

    run(main())


def test_a_fan_out_tells_of_each_charger() -> None:
    """What one charger refuses, or a location does not have, fails beside what the others took."""

    async def main() -> None:
        async with site() as here:
            place = (await here.post("/ocpp/locations", LOCATION)).json()["id"]
            ids = [await here.charger(f"CP-{number}", location_id=place) for number in (1, 2, 3)]
            await plugged(here, ids[1], 1)
            body = {"target": {"location_id": place, "charger_ids": [*ids[:2], "dep-none"]}, "event": {"evse_id": 1}}
            answer = await here.post("/ocpp/commands/plug-connector", body)
            assert answer.status_code == 202
            told = answer.json()
            assert (told["targeted_count"], told["queued_count"], told["failed_count"]) == (3, 1, 2)
            assert [result["charger_id"] for result in told["results"]] == [ids[0]]
            assert [failure["identity"] for failure in told["failed"]] == ["CP-2", None]
            everybody = await here.post(
                "/ocpp/commands/authorize-id-tag",
                {"target": {"location_id": place}, "event": {"id_tag": "CARD-1"}},
            )
            assert everybody.json()["queued_count"] == 3
            nowhere = await here.post("/ocpp/commands/plug-connector", {"target": {"location_id": "none"}, "event": {}})
            assert nowhere.status_code == 404

    run(main())


LOCATION = {
    "name": "La Défense Hub",
    "address": "1 Parvis",
    "city": "Paris",
    "country": "FR",
    "coordinates": {"latitude": 48.89, "longitude": 2.24},
}


@pytest.mark.parametrize(
    ("path", "event", "reason"),
    [
        ("inject-fault", {"fault_type": "Gremlins"}, "no fault Gremlins"),
        ("clear-fault", {}, "no fault to clear"),
        ("inject-fault", {"fault_type": "OverCurrent", "evse_id": 9}, "no EVSE 9"),
        ("configuration", {"configuration": {}}, "no configuration key"),
        ("local-auth-list", {"list_version": 0, "entries": []}, "version"),
        ("proxy-message", {"action": "heartbeat", "ocpp_version": "ocpp2.0.1", "payload": {}}, "speaks ocpp1.6"),
        ("proxy-message", {"action": "authorize", "ocpp_version": "ocpp1.6", "payload": {}}, "breaks its schema"),
    ],
)
def test_what_a_charger_cannot_do_is_a_bad_request(path: str, event: Any, reason: str) -> None:
    """The commands to one charger say at once, and in words, why they were refused."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            answer = await here.command(path, charger, event)
            assert answer.status_code == 400, answer.text
            assert reason in answer.json()["detail"]

    run(main())
