"""``diff A B``: what two recordings have different."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.cli_kit import ROOT, cli

_SESSION = str(ROOT / "scenarios" / "session" / "whole_session.yaml")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """A recorded session."""
    done = cli("run", _SESSION, "--ocpp", "1.6", "--jsonl", "a.jsonl", "-q", cwd=tmp_path)
    assert done.code == 0, done.err
    return tmp_path / "a.jsonl"


def _changed(trace: Path, change: Any) -> Path:
    records = [json.loads(line) for line in trace.read_text("utf-8").splitlines()]
    other = trace.with_name("b.jsonl")
    other.write_text("\n".join(json.dumps(one) for one in change(records)), "utf-8")
    return other


def _frame(record: dict[str, Any], action: str, kind: str = "call") -> bool:
    event = record.get("event", {})
    return event.get("kind") == "frame" and event["name"] == action and event["fields"]["type"] == kind


def test_the_same_session_twice_is_no_difference(trace: Path) -> None:
    """Also with other message ids, times of day and transactions."""
    done = cli("run", _SESSION, "--ocpp", "1.6", "--seed", "5", "--jsonl", "b.jsonl", "-q", cwd=trace.parent)
    assert done.code == 0
    done = cli("diff", "a.jsonl", "b.jsonl", "--times", "1s", cwd=trace.parent)
    assert (done.code, done.out.startswith("no difference")) == (0, True), done.out


def test_three_places_are_three_differences(trace: Path) -> None:
    """A message that is not sent, a field, and the order of two messages; nothing else."""

    def change(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        heartbeat = next(one for one in records if _frame(one, "Heartbeat"))
        number = heartbeat["event"]["fields"]["message_id"]
        kept = [one for one in records if one.get("event", {}).get("fields", {}).get("message_id") != number]
        stop = next(one for one in kept if _frame(one, "StopTransaction"))
        stop["event"]["fields"]["payload"]["reason"] = "Other"
        boot = next(one for one in kept if _frame(one, "BootNotification"))
        boot["event"]["fields"]["payload"]["firmwareVersion"] = "2.0.0"
        return kept

    _changed(trace, change)
    done = cli("diff", "a.jsonl", "b.jsonl", cwd=trace.parent)
    lines = done.out.splitlines()
    assert done.code == 1
    assert lines[-1].startswith("3 differences")
    assert len(lines) == 4
    assert "BootNotification: firmwareVersion was 1.0.0, and is 2.0.0" in lines[0]
    assert any("only in A: Heartbeat" in line for line in lines)
    assert any("StopTransaction" in line and "reason was Local, and is Other" in line for line in lines)
    told = json.loads(cli("diff", "a.jsonl", "b.jsonl", "--json", cwd=trace.parent).out)
    assert sorted(one["kind"] for one in told) == ["field", "field", "only in A"]


def test_order_answers_and_times(tmp_path: Path) -> None:
    """Each is its own kind."""
    a = ['0s [2,"1","A",{}]', '0s [3,"1",{"status":"Accepted"}]', '[2,"2","B",{"x":1}]', '[2,"3","C",{}]']
    b = ['[2,"9","C",{}]', '[2,"7","A",{}]', '[3,"7",{"status":"Rejected"}]', '[2,"8","B",{"x":1}]']
    (tmp_path / "a.log").write_text("\n".join(a), "utf-8")
    (tmp_path / "b.log").write_text("\n".join(b), "utf-8")
    done = cli("diff", "a.log", "b.log", "--json", cwd=tmp_path)
    told = json.loads(done.out)
    assert [(one["kind"], one["message"]) for one in told] == [("answer", "A"), ("moved", "C")]
    assert (told[0]["path"], told[0]["a"], told[0]["b"]) == ("status", "Accepted", "Rejected")
    early = '10:00:00 [2,"1","A",{}]\n10:00:05 [2,"2","B",{}]\n'
    (tmp_path / "a.log").write_text(early, "utf-8")
    (tmp_path / "b.log").write_text(early.replace("10:00:05", "10:00:09"), "utf-8")
    assert cli("diff", "a.log", "b.log", "--times", "5s", cwd=tmp_path).code == 0
    done = cli("diff", "a.log", "b.log", "--times", "3s", cwd=tmp_path)
    assert "time: B came 5 s after the message before, and 9 s" in done.out


def test_a_file_without_frames(trace: Path) -> None:
    """Says so."""
    (trace.parent / "empty.log").write_text("nothing", "utf-8")
    done = cli("diff", "a.jsonl", "empty.log", cwd=trace.parent)
    assert (done.code, done.err) == (5, "empty.log: there is no frame in it\n")


def _meter(value: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": value}]}]}


def _event(number: int, transaction: str = "t", **more: Any) -> dict[str, Any]:
    return {"eventType": "Updated", "seqNo": number, "transactionInfo": {"transactionId": transaction, **more}}


@pytest.mark.parametrize(
    ("action", "ours", "theirs", "different"),
    [
        ("MeterValues", _meter("12"), _meter("4711.5"), []),
        ("MeterValues", _meter("12"), _meter("twelve"), ["meterValue[0].sampledValue[0].value"]),
        ("MeterValues", _meter("12"), _meter(12), ["meterValue[0].sampledValue[0].value"]),
        ("StopTransaction", {"meterStop": 3}, {"meterStop": 9}, []),
        ("StopTransaction", {"meterStop": 3}, {}, ["meterStop"]),
        ("TransactionEvent", _event(0, remoteStartId=7), _event(0, "u", remoteStartId=9), []),
        ("TransactionEvent", _event(0, remoteStartId=7), _event(0, "u"), ["transactionInfo.remoteStartId"]),
        ("SignCertificate", {"csr": "-----BEGIN X-----\nA"}, {"csr": "-----BEGIN X-----\nB"}, []),
        ("SignCertificate", {"csr": "-----BEGIN X-----\nA"}, {"csr": "-----BEGIN Y-----\nA"}, ["csr"]),
        ("NotifyEvent", {"eventData": [{"actualValue": "1"}]}, {"eventData": [{"actualValue": "2"}]}, []),
        ("BootNotification", {"serialNumber": "1"}, {"serialNumber": "2"}, ["serialNumber"]),
        (
            "DeleteCertificate",
            {"certificateHashData": {"hashAlgorithm": "SHA256", "serialNumber": "1"}},
            {"certificateHashData": {"hashAlgorithm": "SHA256", "serialNumber": "2"}},
            [],
        ),
    ],
)
def test_what_is_another_in_every_session_is_compared_by_its_kind(
    action: str, ours: Any, theirs: Any, different: list[str], tmp_path: Path
) -> None:
    """Readings, ids, certificates: none is a difference unless it is another sort of thing."""
    for name, payload in (("a.log", ours), ("b.log", theirs)):
        (tmp_path / name).write_text(json.dumps([2, "1", action, payload]), "utf-8")
    done = cli("diff", "a.log", "b.log", "--json", cwd=tmp_path)
    assert [one["path"] for one in json.loads(done.out)] == different


def test_an_id_is_what_it_belongs_to(tmp_path: Path) -> None:
    """One more transaction changes nothing for those after it; an end of another transaction is a difference."""

    def session(*numbers: tuple[int, int]) -> str:
        lines: list[list[Any]] = []
        for began, ended in numbers:
            lines += [
                [2, f"s{began}", "StartTransaction", {"connectorId": 1, "idTag": f"CARD-{began % 10}"}],
                [3, f"s{began}", {"transactionId": began}],
                [2, f"e{began}", "StopTransaction", {"transactionId": ended}],
                [3, f"e{began}", {}],
            ]
        return "\n".join(map(json.dumps, lines))

    (tmp_path / "a.log").write_text(session((1, 1), (2, 2)), "utf-8")
    (tmp_path / "b.log").write_text(session((11, 11), (12, 12)), "utf-8")
    assert cli("diff", "a.log", "b.log", cwd=tmp_path).code == 0
    (tmp_path / "b.log").write_text(session((11, 11), (12, 11)), "utf-8")
    told = json.loads(cli("diff", "a.log", "b.log", "--json", cwd=tmp_path).out)
    (found,) = told
    assert (found["path"], found["a"], found["b"]) == ("transactionId", "(transaction 2)", "(transaction 1)")


def test_a_message_less_is_not_a_number_less_in_all_that_follow(tmp_path: Path) -> None:
    """``seqNo`` goes on from the one before; a gap is a difference."""
    for name, numbers in (("a.log", (0, 1, 2)), ("b.log", (0, 1)), ("c.log", (0, 2))):
        frames = [[2, str(one), "TransactionEvent", {**_event(one), "offline": one == numbers[-1]}] for one in numbers]
        (tmp_path / name).write_text("\n".join(map(json.dumps, frames)), "utf-8")
    done = json.loads(cli("diff", "a.log", "b.log", "--json", cwd=tmp_path).out)
    assert [one["path"] for one in done] == ["offline", ""]
    done = json.loads(cli("diff", "b.log", "c.log", "--json", cwd=tmp_path).out)
    assert [(one["path"], one["a"], one["b"]) for one in done] == [("seqNo", "+1", "+2")]
