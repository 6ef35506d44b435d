"""``--target local-gateway`` and a configured Gateway, as users call them: real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.cli_kit import ROOT, Done, cli
from tests.acceptance.forking import forker
from tests.fixtures.peers import reference_csms
from tests.thoroughness import at_least, part, sample

TOKEN = "token-for-acceptance-tests"
_PATIENCE = 60.0
#: Shipped scenarios that take seconds on a real clock and between them use many of the commands.
QUICK = (
    "each_error_code",
    "fault_and_repair",
    "read_and_write",
    "unplugged_at_the_ev",
    "ev_suspends_and_resumes",
    "any_message_by_proxy",
    "two_chargers",
)
PESSIMISTIC = """
tenants: {local: {tokens: ["${{ env.OCPPLAB_GATEWAY_TOKEN }}"]}}
pessimism:
  log_delay: 1s
  shuffle_logs: true
  provisioning_delay: 2s
  result_delay: 500ms
  partial_fanout: 0.5
"""
SESSION = """
name: A session seen in the log
ocpp: ["1.6", "2.0.1"]
given: {csms: {id_tokens: {CARD-1: Accepted, CARD-2: Blocked}}, state: ev_connected}
steps:
  - authorize_id_tag: CARD-2
    expect: {auth_status: Blocked}
  - authorize_id_tag: CARD-1
    expect: {auth_status: Accepted, transaction: started}
  - stop_session: 1
    expect: {transaction: ended, connector_status: Available}
"""


def workspace(directory: Path, **targets: Any) -> Path:
    """A directory with our scenarios and an ocpplab.yaml."""
    (directory / "scenarios").symlink_to(ROOT / "scenarios")
    (directory / "session.yaml").write_text(SESSION, "utf-8")
    (directory / "pessimistic.yaml").write_text(PESSIMISTIC, "utf-8")
    (directory / "ocpplab.yaml").write_text(json.dumps({"targets": targets}), "utf-8")
    return directory


def quick() -> list[str]:
    """The paths of the quick scenarios."""
    found = {path.stem: path for path in (ROOT / "scenarios").rglob("*.yaml")}
    return [str(found[name].relative_to(ROOT)) for name in QUICK]


@contextmanager
def gateway(*arguments: str) -> Iterator[str]:
    """A Gateway process; its URL."""
    process = forker().start(
        ("-m", "ocpplab_runner", "gateway", "--port", "0", *arguments),
        env={**os.environ, "OCPPLAB_GATEWAY_TOKEN": TOKEN, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        match = re.search(r"http://\S+", line)
        assert match, line
        yield match.group()
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def chargers(url: str) -> list[str]:
    """The identities that the Gateway has."""
    answer = httpx.get(f"{url}/ocpp/chargers", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False)
    return [charger["identity"] for charger in answer.json()["data"]]


def wait_for(number: int, url: str) -> None:
    """Until the Gateway has so many chargers, or none."""
    deadline = time.monotonic() + _PATIENCE
    while (len(chargers(url)) < number) if number else chargers(url):
        assert time.monotonic() < deadline, chargers(url)
        time.sleep(0.1)


def assert_passed(done: Done) -> None:
    """No case failed, and some ran."""
    assert done.code == 0, done.out[-3000:] + done.err
    assert " passed" in done.out


def everything_that_can_run(here: Path, target: str, api: str, share: int) -> None:
    """Run the library, and hold the result against what the list says of that generation's own target.

    Each configuration has a part of its own, or everything under ``make test-thorough``.
    """
    cases = part(share, 48)
    listed = cli("run", *cases, "--target", api, "--list", cwd=here).out.splitlines()
    done = cli("run", *cases, "--target", target, "-j", "2", "--jsonl", "run.jsonl", cwd=here)
    assert_passed(done)
    assert TOKEN not in done.out + done.err
    ends = [one for one in records(here / "run.jsonl") if one["type"] == "case" and one["phase"] == "end"]
    assert sorted(one["id"] for one in ends if one["verdict"] == "passed") == sorted(listed)
    assert len({name.partition("::")[0] for name in listed}) >= max(1, at_least(60, 48))


@pytest.mark.parametrize(("target", "share"), [("local-gateway", 1), ("local-gateway-g4", 2)])
def test_everything_that_can_run_passes(tmp_path: Path, target: str, share: int) -> None:
    """All that the list holds: none fails, and none turns out to be blocked."""
    everything_that_can_run(workspace(tmp_path), target, target, share)


@pytest.mark.parametrize("target", sample(["local-gateway", "local-gateway-g4"], 1, 2))
def test_the_same_seed_gives_the_same_records(tmp_path: Path, target: str) -> None:
    """Ids of the Gateway's objects, times and frames included."""
    here = workspace(tmp_path)
    for name in ("one", "two"):
        assert_passed(cli("run", *quick(), "--target", target, "--jsonl", f"{name}.jsonl", cwd=here))
    one, two = (
        [record for record in records(here / f"{name}.jsonl") if record["type"] != "run"] for name in ("one", "two")
    )
    assert one == two


@pytest.mark.parametrize("target", sample(["local-gateway", "local-gateway-g4"], 1, 2))
def test_on_the_real_clock(tmp_path: Path, target: str) -> None:
    """The Gateway is a process that is started for the run, and gone after it."""
    here = workspace(tmp_path)
    done = cli("run", *quick(), "--target", target, "--realtime", "-j", "8", "--max-real", "10s", cwd=here)
    assert_passed(done)
    assert "--max-real allows 10 s" in done.out


@pytest.mark.parametrize(("target", "share"), [("local-gateway", 0), ("local-gateway-g4", 1)])
def test_the_list_holds_what_can_run(tmp_path: Path, target: str, share: int) -> None:
    """At least 60 scenarios, in both versions; the others have a reason each."""
    here, cases = workspace(tmp_path), part(share, 8)
    listed = cli("run", *cases, "--target", target, "--list", cwd=here)
    assert listed.code == 0
    names = listed.out.splitlines()
    assert len({name.partition("::")[0] for name in names}) >= at_least(60, 8)
    assert {re.sub(r".*(ocpp[\d.]+)\]$", r"\1", name) for name in names} == {"ocpp1.6", "ocpp2.0.1"}
    plan = cli("run", *cases, "--target", target, "--dry-run", cwd=here).out
    reasons = re.findall(r"^ +blocked: (.*)$", plan, re.MULTILINE)
    count = re.match(r"(\d+) of \d+ cases are blocked here", listed.err)
    assert count is not None
    assert len(reasons) == int(count.group(1))
    assert all(re.search(": |Gateway|does not speak OCPP 2.1$", reason) for reason in reasons)
    assert not any("real time" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("dialect", "address", "share"), [("g2", "charger", 3), ("g2", "subset", 4), ("g4", "charger", 5)]
)
def test_a_pessimistic_gateway(tmp_path: Path, dialect: str, address: str, share: int) -> None:
    """Slow to provision and to answer, its log late and shuffled, its fan-outs partial: no false verdict anywhere."""
    bad = {
        "kind": "gateway",
        "local": True,
        "local_config": "pessimistic.yaml",
        "dialect": dialect,
        "address": address,
    }
    api = "local-gateway" if dialect == "g2" else "local-gateway-g4"
    everything_that_can_run(workspace(tmp_path, bad=bad), "bad", api, share)


def test_somebody_elses_csms(tmp_path: Path) -> None:
    """The Gateway's log is all there is to see of a CSMS that is not ours; it comes late and in no order."""
    with reference_csms() as peer:
        far = {
            "kind": "gateway",
            "local": True,
            "local_config": "pessimistic.yaml",
            "csms": peer.url,
            "cards": {"CARD-OK": "Accepted", "CARD-OK-2": "Accepted", "CARD-BLOCKED": "Blocked"},
            "log_delay": "800ms",
        }
        here = workspace(tmp_path, far=far)
        less = PESSIMISTIC.replace("2s", "500ms").replace("1s", "300ms")  # a real clock's, which is waited for
        (here / "pessimistic.yaml").write_text(less, "utf-8")
        done = cli("run", "session.yaml", "--target", "far", "-j", "2", "--jsonl", "run.jsonl", cwd=here)
    assert_passed(done)
    assert "CARD-BLOCKED" not in json.dumps(facts(here / "run.jsonl"))


KEYED = """
name: A CSMS that asks for a password
ocpp: %s
given: {charger: {basic_auth: {password: "${{ env.%s }}"}}}
steps: [{plug_connector: 1, expect: {connector_status: Preparing}}]
"""


def test_a_csms_that_asks_for_a_password(tmp_path: Path) -> None:
    """Generation 4 gives it to the charger; without it the charger stays outside. Nothing shows it."""
    key = "key-of-a-charger-1"
    with reference_csms(password=key) as peer:
        far = {"kind": "gateway", "local": True, "dialect": "g4", "csms": peer.url, "log_delay": "500ms"}
        here = workspace(tmp_path, far={**far, "provisioning": "5s"})
        (here / "right.yaml").write_text(KEYED % ('["1.6", "2.0.1"]', "CHARGER_KEY"), "utf-8")
        (here / "wrong.yaml").write_text(KEYED % ('["1.6"]', "WRONG_KEY"), "utf-8")
        arguments = ("right.yaml", "wrong.yaml", "--target", "far", "-j", "3", "--jsonl", "run.jsonl")
        done = cli("run", *arguments, cwd=here, CHARGER_KEY=key, WRONG_KEY="another")
    ends = [one for one in records(here / "run.jsonl") if one["type"] == "case" and one["phase"] == "end"]
    verdicts = {(one["id"].partition("::")[0], one["verdict"]) for one in ends}
    assert len(ends) == 3
    assert verdicts - {("wrong.yaml", "failed"), ("wrong.yaml", "error")} == {("right.yaml", "passed")}, done.out
    assert len(verdicts) == 2
    assert key not in done.out + done.err + (here / "run.jsonl").read_text("utf-8")
    assert done.code in (1, 3), done.out


@pytest.mark.parametrize("real", [False, True])
def test_verdicts_inside_the_charger(tmp_path: Path, real: bool) -> None:
    """Of a pessimistic Gateway of generation 4, on a virtual clock and on a real one."""
    bad = {"kind": "gateway", "local": True, "local_config": "pessimistic.yaml", "dialect": "g4", "realtime": real}
    here = workspace(tmp_path, bad=bad)
    listed = "scenarios/local_list/listed_card_starts_without_asking.yaml"
    done = cli("run", listed, "--target", "bad", "-j", "2", "--jsonl", "run.jsonl", cwd=here)
    assert_passed(done)
    verdicts = [fact["fields"].get("via") for fact in facts(here / "run.jsonl") if fact["name"] == "auth_status"]
    assert "local_list" in verdicts


def records(trace: Path) -> list[Any]:
    """What a run has written."""
    return [json.loads(line) for line in trace.read_text("utf-8").splitlines()]


def facts(trace: Path) -> list[Any]:
    """The facts of a run."""
    return [one["event"] for one in records(trace) if one["type"] == "event" and one["event"]["kind"] == "fact"]


LONG = 'name: Long\nocpp: ["1.6"]\ntimeout: 5m\nsteps: [{wait: 100s}]\n'


@pytest.mark.parametrize("end", ["ctrl-c", "worker killed"])
def test_nothing_is_left_behind(tmp_path: Path, end: str) -> None:
    """After Ctrl-C, and after a worker was killed, the Gateway has no charger of ours."""
    here = workspace(
        tmp_path, lab={"kind": "gateway", "base_url": "${{ env.LAB_URL }}", "token": "${{ env.LAB_TOKEN }}"}
    )
    (here / "long.yaml").write_text(LONG, "utf-8")
    with gateway() as url:
        run = forker().start(
            ("-m", "ocpplab_runner", "run", "long.yaml", "--target", "lab", "--repeat=3", "-j3"),
            cwd=here,
            env={**os.environ, "LAB_URL": url, "LAB_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_for(3, url)
        if end == "worker killed":
            os.kill(workers_of(run.pid)[0], signal.SIGKILL)
            time.sleep(0.5)
        os.kill(run.pid, signal.SIGINT)
        output, _ = run.communicate(timeout=_PATIENCE)
        assert run.returncode == 130, output
        assert chargers(url) == []
        assert TOKEN not in output


def workers_of(parent: int) -> list[int]:
    """The processes that a run has forked."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("utf-8")
    return [int(pid) for pid in children.split()]


def test_a_gateway_that_is_not_there(tmp_path: Path) -> None:
    """Is infrastructure: exit code 3, and the request is named."""
    lab = {"kind": "gateway", "base_url": "http://127.0.0.1:9", "token": "${{ env.LAB_TOKEN }}"}
    here = workspace(tmp_path, lab=lab)
    done = cli("run", "session.yaml", "--target", "lab", "--ocpp", "1.6", cwd=here, LAB_TOKEN=TOKEN)
    assert done.code == 3
    assert "no connection to http://127.0.0.1:9" in done.out
    assert TOKEN not in done.out + done.err


def test_a_wrong_token(tmp_path: Path) -> None:
    """Is infrastructure too; the token is not shown."""
    with gateway() as url:
        here = workspace(tmp_path, lab={"kind": "gateway", "base_url": url, "token": "${{ env.LAB_TOKEN }}"})
        done = cli("run", "session.yaml", "--target", "lab", cwd=here, LAB_TOKEN="another-token")
    assert done.code == 3
    assert "HTTP 401" in done.out
    assert "another-token" not in done.out + done.err


@pytest.mark.parametrize(
    ("options", "config", "told"),
    [
        ({}, "pessimism: {log_delay: 1s}", None),
        ({}, 'tenants: {acme: {tokens: ["${{ env.LAB_TOKEN }}"]}}', "the run has no organization there"),
        ({"brand": "nobrand"}, "", "no brand 'nobrand': abb"),
        ({"brand": "abb", "model": "nope"}, "", "no model 'nope': "),
    ],
)
def test_what_a_local_gateway_is_told(tmp_path: Path, options: Any, config: str, told: str | None) -> None:
    """A mistake is an error that says what would be right, not a case that is blocked."""
    lab = {"kind": "gateway", "local": True, **({"local_config": "lab.yaml"} if config else {}), **options}
    here = workspace(tmp_path, lab=lab)
    (here / "lab.yaml").write_text(config, "utf-8")
    done = cli("run", "session.yaml", "--target", "lab", "--ocpp", "1.6", cwd=here, LAB_TOKEN=TOKEN)
    if told is None:
        assert_passed(done)
    else:
        assert done.code in (1, 3)
        assert told in done.out


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """Is infrastructure; the option is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        here = workspace(tmp_path, lab={"kind": "gateway", "local": True, "listen": f"127.0.0.1:{port}"})
        done = cli("run", "session.yaml", "--target", "lab", "--ocpp", "1.6", cwd=here)
    assert done.code == 3
    assert f"cannot listen on 127.0.0.1:{port} (option `listen`)" in done.out
    assert "Traceback" not in done.out + done.err
