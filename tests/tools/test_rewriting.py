"""``scenario TRACE``: a recording written anew, which passes ``check`` and passes when it is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocpplab_runner.cli.plugins import load
from ocpplab_runner.tools.rewriting.replay import settle
from ocpplab_runner.tools.rewriting.script import Script, Step
from ocpplab_runner.tools.rewriting.text import text_of
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import ROOT, cli

_SESSION = ROOT / "scenarios" / "session" / "whole_session.yaml"
_CARD = "0A1B2C3D4E5F"


def _recorded(place: Path, version: str, scenario: Path = _SESSION) -> Path:
    path = place / "session.yaml"
    path.write_text(scenario.read_text("utf-8").replace("CARD-1", _CARD), "utf-8")
    done = cli("run", "session.yaml", "--ocpp", version, "--jsonl", "trace.jsonl", "-q", cwd=place)
    assert done.code == 0, done.err
    return place / "trace.jsonl"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_session_is_written_anew_and_passes(version: str, tmp_path: Path) -> None:
    """With its verbs and what came of them, and without its card."""
    _recorded(tmp_path, version)
    done = cli("scenario", "trace.jsonl", "-o", "again.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "again.yaml").read_text("utf-8")
    assert _CARD not in text
    for wanted in ("plug_connector: 1", "authorize_id_tag: CARD-1", "wait:", "unplug_connector: 1"):
        assert wanted in text
    for wanted in ("is: started", "is: ended, reason: Local", "is: Available", "boot: Accepted"):
        assert wanted in text
    assert cli("check", "again.yaml", cwd=tmp_path).code == 0
    assert cli("run", "again.yaml", "--strict", cwd=tmp_path).code == 0


def test_what_the_csms_asked_for_becomes_verbs(tmp_path: Path) -> None:
    """Also calls that have no verb of their own; cards in them get the same names."""
    calls = [
        ("2", "RemoteStartTransaction", {"connectorId": 1, "idTag": _CARD}, {"status": "Accepted"}),
        ("3", "Reset", {"type": "Soft"}, {"status": "Accepted"}),
        ("4", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}, {"status": "Accepted"}),
    ]
    lines = []
    for number, action, payload, answer in calls:
        lines += [json.dumps([2, number, action, payload]), json.dumps([3, number, answer])]
    (tmp_path / "log.txt").write_text("\n".join(lines), "utf-8")
    done = cli("scenario", "log.txt", cwd=tmp_path)
    assert done.code == 0, done.err
    assert _CARD not in done.out
    assert "remote_start: {evse_id: 1, id_tag: CARD-1}" in done.out
    assert "reset: {type: Soft}" in done.out
    assert "csms_call: {action: ChangeConfiguration" in done.out


def test_what_does_not_come_on_the_simulated_charger_stands_in_a_comment(tmp_path: Path) -> None:
    """Another charger has done it: nothing is lost, and the scenario passes."""
    lines = [
        '[2,"1","Authorize",{"idTag":"A"}]',
        '[3,"1",{"idTagInfo":{"status":"Accepted"}}]',
        '[2,"2","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}]',
        '[3,"2",{"transactionId":7,"idTagInfo":{"status":"Accepted"}}]',
        '[2,"3","FirmwareStatusNotification",{"status":"Idle"}]',
        '[4,"3","NotSupported","",{}]',
        "no frame at all",
    ]
    (tmp_path / "log.txt").write_text("\n".join(lines), "utf-8")
    done = cli("scenario", "log.txt", "-o", "again.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "again.yaml").read_text("utf-8")
    assert "# recorded, and does not come on the simulated charger: transaction" in text
    assert "FirmwareStatusNotification was answered with the CALLERROR NotSupported" in text
    assert cli("run", "again.yaml", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    ("text", "arguments", "code", "told"),
    [
        ("nothing", (), 5, "there is no frame"),
        ('[3,"1",{}]', (), 5, "there is no call"),
        ('[2,"1","Heartbeat",{}]', ("--station", "X"), 2, "there is no station 'X'"),
    ],
)
def test_a_recording_of_nothing(text: str, arguments: tuple[str, ...], code: int, told: str, tmp_path: Path) -> None:
    """Is told with its own exit code."""
    (tmp_path / "log.txt").write_text(text, "utf-8")
    done = cli("scenario", "log.txt", *arguments, cwd=tmp_path)
    assert (done.code, told in done.err) == (code, True), done.err


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cr3tpassw0rd9999"}),
        (
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                        "attributeValue": "s3cr3tpassw0rd9999",
                    }
                ]
            },
        ),
    ],
)
def test_a_password_is_not_written_down(action: str, payload: dict[str, object], tmp_path: Path) -> None:
    """Nor hidden and sent: the verb makes up another one."""
    answer = {"status": "Accepted"} if action == "ChangeConfiguration" else {"setVariableResult": []}
    if action == "SetVariables":
        one = {"attributeStatus": "Accepted", "component": {"name": "SecurityCtrlr"}}
        answer = {"setVariableResult": [{**one, "variable": {"name": "BasicAuthPassword"}}]}
    frames = [[2, "1", action, payload], [3, "1", answer]]
    (tmp_path / "log.txt").write_text("\n".join(map(json.dumps, frames)), "utf-8")
    done = cli("scenario", "log.txt", cwd=tmp_path)
    assert "s3cr3tpassw0rd9999" not in done.out + done.err
    assert f"# line 1: {action} has set a password; this one is the runner's own" in done.out, done.err
    assert "- change_password: {}" in done.out


def test_a_secret_that_is_no_password_is_left_out(tmp_path: Path) -> None:
    """Whether it stands there or is hidden already; and what is declared to be one, wherever it stands."""
    payloads = [
        {"vendorId": "v", "data": '{"apiKey":"s3cr3tpassw0rd9999"}'},
        {"vendorId": "v", "data": "[redacted]"},
        {"vendorId": "v", "data": "first s3cr3tpassw0rd9999 then a-declared-one"},
    ]
    records = [
        {"type": "event", "case": "CP-1", "event": {"kind": "frame", "charger": "CP-1", "name": "DataTransfer", **one}}
        for number, payload in enumerate(payloads)
        for one in (
            {"fields": {"type": "call", "direction": "to_charger", "message_id": str(number), "payload": payload}},
            {
                "fields": {
                    "type": "result",
                    "direction": "to_csms",
                    "message_id": str(number),
                    "payload": {"status": "Rejected"},
                }
            },
        )
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    done = cli("scenario", "log.jsonl", "--secret", "MINE", cwd=tmp_path, MINE="a-declared-one")
    assert done.code == 0, done.err
    for hidden in ("s3cr3tpassw0rd9999", "a-declared-one", "csms_call:"):
        assert hidden not in done.out
    assert done.out.count("DataTransfer holds a secret") == 3


def test_a_secret_that_there_is_not(tmp_path: Path) -> None:
    """Hiding nothing would be a promise that is not kept."""
    (tmp_path / "log.txt").write_text('[2,"1","Heartbeat",{}]', "utf-8")
    for command in (("scenario", "log.txt"), ("frames", "log.txt"), ("diff", "log.txt", "log.txt")):
        done = cli(*command, "--secret", "NOT_SET", cwd=tmp_path)
        assert (done.code, "the environment has no NOT_SET" in done.err) == (2, True)


@pytest.mark.parametrize(
    "frame",
    [
        [2, "1", "take", {}],
        [2, "1", "step", {}],
        [2, "1", "StartTransaction", {"connectorId": "x", "idTag": "A"}],
        [2, "1", "StatusNotification", {"connectorId": "one", "status": "Available"}],
        [2, "1", "TransactionEvent", []],
        [2, "1", "RemoteStartTransaction", {"idTag": {}}],
    ],
)
def test_a_frame_that_is_not_valid_is_named(frame: list[object], tmp_path: Path) -> None:
    """It stands in a comment; no step is made of it."""
    frames = [frame, [2, "2", "Heartbeat", {}]]
    (tmp_path / "log.txt").write_text("\n".join(map(json.dumps, frames)), "utf-8")
    done = cli("scenario", "log.txt", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "# Not taken over: line 1: " in done.out
    assert "- log: nothing happens" in done.out


def test_of_equal_steps_the_one_that_fails_is_taken_out() -> None:
    """And not the first of them, on which others build."""
    verbs = [("unplug_connector", 1), ("plug_connector", 1), ("wait", "1s"), ("plug_connector", 1)]
    script = Script(OcppVersion.V16, {"state": "ev_connected"}, [Step(*one) for one in verbs])
    settle(script, lambda one: text_of(one, "x", "x"), load(()))
    assert [step.verb for step in script.steps] == ["unplug_connector", "plug_connector", "wait"]


_OFFLINE = """\
name: Away for a while
given: {csms: {id_tokens: {CARD-1: Accepted}}, state: disconnected}
steps:
  - power: "on"
    expect: {boot: Accepted}
  - start_session: {id_tag: CARD-1}
    expect: {transaction: started}
  - wait: 30s
  - LOST
    expect: {connection: [closed, opened]}
    within: 5m
  - wait: 30s
  - trigger_message: Heartbeat
    expect: {heartbeat: {}}
"""


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("lost", ["network: {down_for: 20s}", "power: {off_for: 20s}"])
def test_a_lost_connection_is_a_step(lost: str, version: str, tmp_path: Path) -> None:
    """Told with its line; of the power where the station booted when it came back."""
    (tmp_path / "it.yaml").write_text(_OFFLINE.replace("LOST", lost), "utf-8")
    done = cli("run", "it.yaml", "--ocpp", version, "--jsonl", "trace.jsonl", "-q", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    done = cli("scenario", "trace.jsonl", "-o", "again.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "again.yaml").read_text("utf-8")
    verb, _, fields = lost.partition(": ")
    assert f"  - {verb}: {{{fields[1:9]}" in text
    assert text.count(f"  - {verb}: {{") == 1
    assert ": the connection was lost: it was cut" in text
    assert cli("run", "again.yaml", "--strict", cwd=tmp_path).code == 0


def test_a_station_that_dials_anew_because_it_was_reset(tmp_path: Path) -> None:
    """Is no lost connection."""
    (tmp_path / "it.yaml").write_text(
        "name: It\nsteps: [{reset: {type: Soft}, expect: {boot: Accepted}, within: 5m}]\n", "utf-8"
    )
    assert cli("run", "it.yaml", "--ocpp", "1.6", "--jsonl", "trace.jsonl", "-q", cwd=tmp_path).code == 0
    done = cli("scenario", "trace.jsonl", cwd=tmp_path)
    assert (done.code, "was lost" in done.out, "reset: {type: Soft}" in done.out) == (0, False, True), done.out


def test_only_what_is_of_the_station_is_told(tmp_path: Path) -> None:
    """An answer without a call of another station is that one's."""
    lines = [
        {"station": name, "frame": frame}
        for name in ("CP-1", "CP-2")
        for frame in ([2, "1", "Heartbeat", {}], [3, f"of-{name}", {}])
    ]
    (tmp_path / "log.txt").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    done = cli("scenario", "log.txt", "--station", "CP-2", cwd=tmp_path)
    assert (done.code, done.out.count("without a call")) == (0, 1), done.out
    assert "line 4: result without a call" in done.out
