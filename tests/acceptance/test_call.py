"""``call``: one message to a CSMS, and what is printed of the answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.ocppj import NO_REPLY, HandlerError, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.cli_kit import Done, cli
from tests.acceptance.servers import HOST, Csms, Plain, beside, silent

PASSWORD = "kein-Wort-davon-4711"
STATUS = '{"connectorId": 1, "errorCode": "NoError", "status": "Available"}'


def called(here: Path, server: Any, *arguments: str, **environment: str) -> Done:
    """What the command says of that server."""
    with beside(server) as port:
        return cli("call", f"ws://{HOST}:{port}/ocpp", *arguments, cwd=here, **environment)


def test_the_answer_is_printed_and_nothing_beside_it(tmp_path: Path) -> None:
    """For a pipe; what it is about goes to the standard error."""
    server = Csms({"Heartbeat": {"currentTime": "2026-01-01T00:00:00Z"}})
    done = called(tmp_path, server, "Heartbeat")
    assert done.code == 0
    assert json.loads(done.out) == {"currentTime": "2026-01-01T00:00:00Z"}
    assert done.err.startswith("OCPP 1.6 Heartbeat: answered in ")
    assert [(call.action, call.payload) for call in server.calls] == [("Heartbeat", {})]
    assert called(tmp_path, Csms(), "Heartbeat", "--quiet").err == ""


def test_the_version_follows_from_the_message(tmp_path: Path) -> None:
    """Only those are offered that have it; `--ocpp` says otherwise."""
    authorize = '{"idToken": {"idToken": "A", "type": "Central"}}'
    answer = {"Authorize": {"idTokenInfo": {"status": "Accepted"}}}
    assert "OCPP 2.0.1 Authorize" in called(tmp_path, Csms(answer), "Authorize", authorize).err
    assert "OCPP 2.1 Authorize" in called(tmp_path, Csms(answer), "Authorize", authorize, "--ocpp", "2.1").err
    done = called(tmp_path, Csms(answer), "Authorize", authorize, "--ocpp", "1.6")
    assert done.code == 2
    done = called(tmp_path, Csms(versions=(OcppVersion.V201,)), "StatusNotification", STATUS)
    assert done.code == 3
    assert "the CSMS speaks none of ocpp1.6" in done.err


@pytest.mark.parametrize("source", ["argument", "file", "input"])
def test_where_the_payload_comes_from(tmp_path: Path, source: str) -> None:
    """An argument, a file or a pipe."""
    (tmp_path / "it.json").write_text(STATUS)
    server = Csms()
    with beside(server) as port:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "ocpplab_runner", "call", f"ws://{HOST}:{port}", "StatusNotification"),
                {"argument": STATUS, "file": "@it.json", "input": "-"}[source],
            ],
            cwd=tmp_path,
            input=STATUS,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "{}\n"), done.stderr
    assert server.calls[0].payload == json.loads(STATUS)


def test_after_a_boot(tmp_path: Path) -> None:
    """A CSMS may want one; when it takes no charger, nothing more is sent."""
    server = Csms()
    done = called(tmp_path, server, "Heartbeat", "--boot")
    assert done.code == 0
    assert [call.action for call in server.calls] == ["BootNotification", "Heartbeat"]
    server = Csms({"BootNotification": {"status": "Rejected", "interval": 60, "currentTime": "2026-01-01T00:00:00Z"}})
    done = called(tmp_path, server, "Heartbeat", "--boot")
    assert done.code == 1
    assert "Heartbeat was not sent: the boot was not accepted" in done.err
    assert [call.action for call in server.calls] == ["BootNotification"]


def refusing(_: Any) -> Any:
    """A CSMS that answers with a CALLERROR."""
    raise HandlerError("SecurityError", "not you", {"why": "so"})


@pytest.mark.parametrize(
    ("answer", "out", "told"),
    [
        (
            refusing,
            {"errorCode": "SecurityError", "errorDescription": "not you", "errorDetails": {"why": "so"}},
            "CALLERROR in ",
        ),
        (NO_REPLY, None, "no answer to Heartbeat"),
        (Reply({"now": 1}, validate=False), None, "violation schema (must): "),
        (Reply({"currentTime": "2026-01-01T00:00:00Z", "more": 1}, validate=False), ..., "unknown property more"),
    ],
)
def test_no_good_answer(tmp_path: Path, answer: Any, out: Any, told: str) -> None:
    """Exit code 1, and what is wrong with it."""
    done = called(tmp_path, Csms({"Heartbeat": answer}), "Heartbeat", "--timeout", "1s")
    assert done.code == 1
    assert told in done.err
    if out is not ...:
        assert (json.loads(done.out) if done.out else None) == out


def test_raw_sends_what_is_wrong(tmp_path: Path) -> None:
    """To see what a CSMS does with it."""
    wrong = '{"connectorId": "one", "errorCode": "NoError", "status": "Available"}'
    done = called(tmp_path, Csms(), "StatusNotification", wrong, "--raw", "--ocpp", "1.6")
    assert done.code == 1
    assert json.loads(done.out)["errorCode"] == "TypeConstraintViolation"
    done = called(tmp_path, Csms(), "Nonsense", "[]", "--raw")
    assert json.loads(done.out)["errorCode"] == "NotImplemented"


def test_every_frame_as_json_lines(tmp_path: Path) -> None:
    """As a run writes them, and without the password."""
    with beside(Csms({"DataTransfer": {"status": "Accepted"}}, password=PASSWORD)) as port:
        url, payload = f"ws://CP-1:{PASSWORD}@{HOST}:{port}", f'{{"vendorId": "{PASSWORD}"}}'
        done = cli("call", url, "DataTransfer", payload, "--jsonl", "it.jsonl", "--boot", cwd=tmp_path)
    assert done.code == 0, done.err
    records = [json.loads(line) for line in (tmp_path / "it.jsonl").read_text().splitlines()]
    assert [record["type"] for record in records] == ["run", "event", "event", "event", "event"]
    frames = [(record["event"]["name"], record["event"]["fields"]["type"]) for record in records[1:]]
    assert frames == [(name, kind) for name in ("BootNotification", "DataTransfer") for kind in ("call", "result")]
    assert PASSWORD not in (tmp_path / "it.jsonl").read_text() + done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Heartbeat", "{"), "the payload is not JSON: Expecting property name"),
        (("Heartbeat", "@none.json"), "none.json cannot be read: No such file or directory"),
        (("Heartbeat", '{"x": NaN}', "--raw"), "the payload is not JSON"),
        (("Heartbeat", '{"x": 1e999}', "--raw"), "the payload is not JSON"),
        (("Heartbeat", "@pipe"), "pipe cannot be read: it is a pipe, not a file"),
        (("Heartbeat", "@."), ". cannot be read: Is a directory"),
        (("Heartbeat", "--jsonl", ""), "the name of the file is empty"),
        (("Heartbeat", "--jsonl", "-"), "standard output is /dev/stdout"),
        (("Heartbeet",), "did you mean 'Heartbeat'?"),
        (("Heartbeat", "--jsonl", "it.yaml"), "would overwrite a YAML file"),
        (("Heartbeat", "@it.json", "--jsonl", "it.json"), "would overwrite what is read"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """Nobody is dialled."""
    for name in ("it.yaml", "it.json"):
        (tmp_path / name).write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    done = cli("call", f"ws://{HOST}:9", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert told in done.err


def test_nobody_there(tmp_path: Path) -> None:
    """Exit code 3, as for a run."""
    assert called(tmp_path, Plain(silent), "Heartbeat", "--timeout", "1s").code == 3
    done = cli("call", f"ws://{HOST}:9", "Heartbeat", cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith("cannot reach ws://127.0.0.1:9/CP-1")


def test_a_full_disk_costs_the_report_only(tmp_path: Path) -> None:
    """The answer is printed, and the exit code says that something is missing."""
    done = called(tmp_path, Csms(), "Heartbeat", "--quiet", "--jsonl", "/dev/full")
    assert done.code == 1
    assert "currentTime" in json.loads(done.out)
    assert done.err == "the report /dev/full is incomplete: it cannot be written: No space left on device\n"
