"""What each generation of the API is asked, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ocpplab_runner.gateway.client import DIALECTS, Address, Charger, Fate, Model, NewCharger, NotInTheApiError
from ocpplab_runner.gateway.client.model import Acknowledgement, Progress, Queued, ShapeError, Stage
from ocpplab_runner.vocabulary.versions import OcppVersion

G2, G4 = DIALECTS["g2"], DIALECTS["g4"]
V16, V201 = OcppVersion.V16, OcppVersion.V201
HERE = Address("dep-1")
PLACE = {"evse_id": 1, "connector_id": 1}
LIST = {"list_version": 2, "entries": [{"id_tag": "A"}]}

FAULT = {"fault_type": "OverCurrent", **PLACE}
SESSION = {"id_tag": "A", "connector_id": 2, "duration_seconds": 9}
POWER = {"power_w": 11000, **PLACE}
#: Verb, its fields, path, the event of generation 2, the payload of generation 4 (None: it has no such command).
COMMANDS: list[tuple[str, dict[str, Any], str, dict[str, Any], dict[str, Any] | None]] = [
    (
        "proxy_message",
        {"action": "BootNotification", "payload": {"a": 1}},
        "proxy-message",
        {"action": "boot_notification", "payload": {"a": 1}, "ocpp_version": "ocpp1.6"},
        {"action": "BootNotification", "payload": {"a": 1}},
    ),
    (
        "set_configuration",
        {"configuration": {"HeartbeatInterval": 30}},
        "configuration",
        {"configuration": {"HeartbeatInterval": "30"}},
        {"key": "HeartbeatInterval", "value": "30"},
    ),
    ("reset_auth_cache", {}, "cache/reset", {}, {}),
    ("send_local_auth_list", LIST, "local-auth-list", LIST, LIST | {"update_type": "Full"}),
    ("clear_local_auth_list", {}, "clear-local-auth-list", {}, {}),
    ("inject_fault", FAULT, "inject-fault", FAULT, FAULT),
    ("clear_fault", PLACE, "clear-fault", PLACE, PLACE),
    ("plug_connector", PLACE, "plug-connector", PLACE, PLACE),
    ("unplug_connector", PLACE, "unplug-connector", PLACE, PLACE),
    ("unlock_connector", PLACE, "unlock-connector", PLACE, None),
    ("start_transaction", {"id_tag": "A", **PLACE}, "start-transaction", {"id_tag": "A", **PLACE}, None),
    ("stop_transaction", {"transaction_id": 7}, "stop-transaction", {"transaction_id": "7"}, None),
    ("start_session", SESSION, "start-session", SESSION, SESSION),
    ("stop_session", {"connector_id": 2}, "stop-session", {"connector_id": 2}, {"connector_id": 2}),
    ("authorize_id_tag", {"id_tag": "A"}, "authorize-id-tag", {"id_tag": "A"}, {"id_tag": "A"}),
    ("ev_requests_energy", PLACE, "ev-requests-energy", PLACE, PLACE),
    ("ev_stops_energy", PLACE, "ev-stops-energy", PLACE, PLACE),
    ("power_update", POWER, "power-update", POWER, POWER),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "fields", "path", "event", "payload"), COMMANDS, ids=[one[0] for one in COMMANDS])
def test_each_command(verb: str, fields: Any, path: str, event: Any, payload: Any) -> None:
    """Path, envelope and fields of all 18 commands in generation 2, and of the 15 of generation 4."""
    (request,) = G2.command(verb, HERE, fields, V16)
    assert (request.method, request.path) == ("POST", f"/ocpp/commands/{path}")
    assert request.body == {"target": {"charger_id": "dep-1"}, "event": event}
    assert not request.repeatable
    if payload is None:
        with pytest.raises(NotInTheApiError, match="has no command"):
            G4.command(verb, HERE, fields, V16)
        return
    (request,) = G4.command(verb, HERE, fields, V16)
    assert (request.method, request.path) == ("POST", f"/evcharger/commands/{path}")
    assert request.body == {"target": {"deployment_id": "dep-1"}, "payload": payload}
    assert not request.repeatable


def test_every_command_is_in_the_table() -> None:
    """18 in generation 2, 15 in generation 4."""
    assert {one[0] for one in COMMANDS} == set(G2.commands)
    assert {one[0] for one in COMMANDS if one[4] is not None} == set(G4.commands)
    assert (len(G2.commands), len(G4.commands)) == (18, 15)


def test_one_configuration_key_for_each_call_in_generation_4() -> None:
    """Several keys are several calls, in order."""
    requests = G4.command("set_configuration", HERE, {"configuration": {"A": "1", "B": "2"}}, V16)
    assert [request.body["payload"] for request in requests] == [
        {"key": "A", "value": "1"},
        {"key": "B", "value": "2"},
    ]


@pytest.mark.parametrize(
    ("address", "target"),
    [
        (Address(location_id="loc"), {"location_id": "loc"}),
        (Address(location_id="loc", charger_ids=("a", "b")), {"location_id": "loc", "charger_ids": ["a", "b"]}),
    ],
)
def test_locations_and_subsets(address: Address, target: Any) -> None:
    """A location as a whole, or some of its chargers."""
    (request,) = G2.command("plug_connector", address, {}, V16)
    assert request.body["target"] == target
    (request,) = G4.command("plug_connector", address, {}, V16)
    assert request.body["target"] == target


def test_mutations_go_to_one_charger() -> None:
    """In generation 2 seven commands take no location."""
    refused = []
    for verb in G2.commands:
        try:
            G2.command(verb, Address(location_id="loc"), _some(verb), V16)
        except NotInTheApiError:
            refused.append(verb)
    assert len(refused) == 7


def _some(verb: str) -> Any:
    return next(one[1] for one in COMMANDS if one[0] == verb)


@pytest.mark.parametrize(
    "wrong", [{}, {"charger_id": "a", "location_id": "b"}, {"charger_id": "a", "charger_ids": ("b",)}]
)
def test_addresses_that_make_no_sense(wrong: Any) -> None:
    """Exactly one of charger and location."""
    with pytest.raises(ValueError, match="charger"):
        Address(**wrong)


def test_a_field_that_the_api_lacks() -> None:
    """It is named, and nothing is sent without it."""
    with pytest.raises(NotInTheApiError, match="no evse_id in authorize-id-tag"):
        G2.command("authorize_id_tag", HERE, {"id_tag": "A", "evse_id": 1}, V201)


ENVELOPE = {
    "targeted_count": 2,
    "queued_count": 1,
    "failed_count": 1,
    "results": [{"charger_id": "a", "identity": "CP-A", "command": {"id": "c1", "event_type": "plug_connector"}}],
    "failed": [{"identity": "CP-B", "error": "not running"}],
}


@pytest.mark.parametrize("dialect", [G2, G4])
def test_a_partial_fan_out_is_inside_a_202(dialect: Any) -> None:
    """Who was reached and who was not."""
    told = dialect.acknowledgement("plug_connector", ENVELOPE)
    assert told.queued == (Queued("c1", "a", "CP-A"),)
    assert told.failed == (("CP-B", "not running"),)


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        ({"targeted_count": 3, "results": ENVELOPE["results"], "failed": []}, 1),
        ({"results": ENVELOPE["results"], "failed_count": 2, "failed": []}, 2),
        ({"targeted_count": 0, "queued_count": 0, "results": [], "failed": []}, 1),
    ],
)
def test_counts_that_do_not_add_up_are_failures(body: Any, failed: int) -> None:
    """A charger that is listed nowhere was not reached."""
    assert len(G2.acknowledgement("plug_connector", body).failed) == failed


@pytest.mark.parametrize(
    ("verb", "body", "refusal"),
    [
        ("clear_local_auth_list", {"msg": "Local authorization list cleared", "entries_deleted": 2}, None),
        ("send_local_auth_list", {"status": "Accepted", "list_version": 2, "entries_received": 2}, None),
        ("send_local_auth_list", {"status": "VersionMismatch"}, "VersionMismatch"),
        ("set_configuration", {"status": "Rejected", "configured": [], "msg": "read-only"}, "read-only"),
        ("set_configuration", {"status": "RebootRequired", "configured": ["A"], "msg": ""}, None),
        ("inject_fault", {"msg": "Fault injected", "fault_type": "OverCurrent", "status": "Faulted"}, None),
        ("reset_auth_cache", {"msg": "Authorization cache cleared", "cleared_entries": 3}, None),
    ],
)
def test_mutations_answer_at_once(verb: str, body: Any, refusal: str | None) -> None:
    """Their answer is the outcome."""
    told = G2.acknowledgement(verb, body)
    assert told == Acknowledgement(detail=body, refusal=refusal)


def test_the_echo_of_a_proxied_message() -> None:
    """It is queued, no more."""
    told = G2.acknowledgement("proxy_message", {"id": "a1", "event_type": "boot_notification", "payload": {}})
    assert told.queued == (Queued("a1"),)


@pytest.mark.parametrize("body", [None, [], "ok", 7])
def test_an_answer_of_another_shape(body: Any) -> None:
    """Is no success."""
    for dialect in (G2, G4):
        with pytest.raises(ShapeError):
            dialect.acknowledgement("plug_connector", body)


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("received", Fate.OPEN),
        ("deferred", Fate.OPEN),
        ("applied", Fate.APPLIED),
        ("rejected", Fate.REJECTED),
        ("expired", Fate.LOST),
        ("failed", Fate.LOST),
        ("something new", Fate.OPEN),
    ],
)
def test_results_of_generation_4(status: str, fate: Fate) -> None:
    """Each of its words, and one that nobody knows."""
    result = G4.read_result({"command_id": "c", "status": status, "detail": None, "result": None})
    assert (result.fate, result.word) == (fate, status)


def test_generation_2_tells_no_results() -> None:
    """It says so instead of guessing."""
    with pytest.raises(NotInTheApiError):
        G2.result("c1")


NEW = NewCharger("CP-1", Model("abb", "terra", 2, "CCS2"), "ws://csms.test/ocpp", V201)
CHARGER = Charger("dep-1", "CP-1")


def test_creation() -> None:
    """Bodies and ids of both generations."""
    assert G2.create(NEW).body == {
        "identity": "CP-1",
        "brand_slug": "abb",
        "model_slug": "terra",
        "connector_type": "CCS2",
        "ws_url": "ws://csms.test/ocpp",
        "ocpp_version": "OCPP2.0.1",
        "charge_point_name": "CP-1",
    }
    body = G4.create(NEW).body
    assert {name: body[name] for name in ("identity", "model", "ws_url", "ocpp_version", "charger_name")} == {
        "identity": "CP-1",
        "model": "terra",
        "ws_url": "ws://csms.test/ocpp",
        "ocpp_version": "ocpp2.0.1",
        "charger_name": "CP-1",
    }
    assert not {"security_profile", "authorization_key"} & body.keys()
    assert G2.read_created({"charger_id": "dep-1", "status": "PROVISIONING"}, NEW) == CHARGER
    assert G4.read_created({"id": "row", "deployment_id": "dep-1"}, NEW) == CHARGER


def test_deletion_without_an_id() -> None:
    """By identity in generation 4; generation 2 has a list that the id is found in."""
    request = G4.delete_named("CP-1")
    assert request is not None
    assert (request.method, request.path, request.query) == ("DELETE", "/evcharger/deployment", {"identity": "CP-1"})
    assert G2.delete_named("CP-1") is None
    with pytest.raises(NotInTheApiError):
        G4.find("CP-1", 1)


@pytest.mark.parametrize(("scheme", "profile"), [("ws", 1), ("wss", 2)])
def test_a_charger_with_credentials(scheme: str, profile: int) -> None:
    """Generation 4 takes a password, with the security profile that it belongs to; nothing shows it."""
    new = replace(NEW, ws_url=f"{scheme}://csms.test/ocpp", password="key-of-CP-1")
    request = G4.create(new)
    assert (request.body["security_profile"], request.body["authorization_key"]) == (profile, "key-of-CP-1")
    assert "key-of-CP-1" not in f"{new!r} {request}"
    with pytest.raises(NotInTheApiError):
        G2.create(new)


@pytest.mark.parametrize(
    ("body", "progress"),
    [
        ({"status": None}, Progress(Stage.UNDERWAY, "PENDING")),
        ({"status": "PROVISIONING"}, Progress(Stage.UNDERWAY, "PROVISIONING")),
        ({"status": "READY"}, Progress(Stage.READY, "READY")),
        (
            {"status": "FAILED", "error": {"code": "image_pull", "message": "no image", "retryable": False}},
            Progress(Stage.FAILED, "FAILED", "image_pull: no image"),
        ),
    ],
)
def test_provisioning_of_generation_2(body: Any, progress: Progress) -> None:
    """Null is pending; a failure has its reason."""
    assert G2.read_progress(body, CHARGER) == progress


@pytest.mark.parametrize(
    ("items", "stage"),
    [
        ([], Stage.UNDERWAY),
        ([{"identity": "CP-2", "stage": "online"}], Stage.UNDERWAY),
        ([{"identity": "CP-1", "stage": "pulling", "outcome": "in_progress"}], Stage.UNDERWAY),
        ([{"identity": "CP-1", "stage": "registering"}], Stage.READY),
        ([{"identity": "CP-1", "stage": "online", "outcome": "succeeded"}], Stage.READY),
        ([{"identity": "CP-1", "stage": "pulling", "outcome": "failed", "code": "image_pull_failed"}], Stage.FAILED),
    ],
)
def test_provisioning_of_generation_4(items: Any, stage: Stage) -> None:
    """Only the charger's own item counts."""
    assert G4.read_progress({"items": items}, CHARGER).stage is stage
