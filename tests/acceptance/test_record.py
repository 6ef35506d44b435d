"""``record`` between a charger and a CSMS, each a process of its own: what is written down, and what is made of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.cli_kit import cli
from tests.acceptance.forking import Forked, forker
from tests.fixtures.csms import CsmsProcess, csms_process
from tests.fixtures.processes import PATIENCE, Served, serving

API_TOKEN = "a-token-for-tests"
PASSWORD, NEXT_PASSWORD = "first-Password-of-16", "second.Password.of-16"
VENDOR_TOKEN = "vendors-own-4711"
SECRETS = (PASSWORD, NEXT_PASSWORD, VENDOR_TOKEN)
CARD = "0A1B2C3D4E5F"
BEGIN = f"plug_connector\nauthorize_id_tag: {CARD}\n"
END = f"wait: 1s\nauthorize_id_tag: {CARD}\nunplug_connector\n"
ENVIRONMENT = {
    **os.environ,
    "OCPPLAB_CSMS_TOKEN": API_TOKEN,
    "OCPPLAB_BASIC_AUTH_PASSWORD": PASSWORD,
    "VENDOR_TOKEN": VENDOR_TOKEN,
}


def record_process(upstream: str, *arguments: str, cwd: Path) -> Any:
    """``record`` on a free port."""
    return serving(
        *("record", "127.0.0.1:0", upstream, "--jsonl", "trace.jsonl", *arguments),
        listens=r"chargers dial (\S+), which leads to",
        cwd=cwd,
        environment=ENVIRONMENT,
    )


@contextmanager
def charger_process(url: str, *arguments: str, cwd: Path) -> Iterator[Forked]:
    """``simulate`` with a pipe for what it shall do."""
    process = forker().start(
        ("-W", "error", "-m", "ocpplab_runner", "simulate", url, *arguments),
        cwd=cwd,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def pair(certificate: str, key: str) -> tuple[str, ...]:
    """Options for a charger's own certificate."""
    return (certificate, "certs/station-{identity}.pem", key, "certs/station-{identity}.key")


@dataclass(frozen=True, slots=True)
class Csms:
    """The CSMS by its API."""

    api: httpx.Client

    def wait_for(self, wanted: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Wait until its log has what is wanted."""
        end = time.monotonic() + PATIENCE
        while not wanted(self.api.get("/messages", params={"limit": 1000}).json()):
            assert time.monotonic() < end
            time.sleep(0.1)

    def ask_until_answered(self, operation: str, fields: dict[str, Any]) -> None:
        """Tell it to act, until the charger has answered: it may be just dialling anew."""
        end = time.monotonic() + PATIENCE
        while True:
            told = self.api.post(f"/stations/CP-1/{operation}", json=fields, params={"wait": 30})
            if told.status_code == 200 and "answer" in told.json():
                return
            assert time.monotonic() < end, told.text
            time.sleep(0.1)


def charge(csms: CsmsProcess, proxy: Served, *arguments: str, cwd: Path) -> str:
    """A charger gets another password and vendor data, and charges a car; what it has printed."""
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    with (
        charger_process(proxy.url, *arguments, cwd=cwd) as charger,
        httpx.Client(base_url=csms.api, headers=headers, timeout=PATIENCE) as api,
    ):
        known = Csms(api)
        known.wait_for(boots(1))
        known.ask_until_answered("change_password", {"password": NEXT_PASSWORD})
        known.ask_until_answered("data_transfer", {"vendor_id": "org.example", "data": VENDOR_TOKEN})
        assert charger.stdin is not None
        charger.stdin.write(BEGIN)
        known.wait_for(has_begun)
        out, err = charger.communicate(END, timeout=PATIENCE)
    assert (charger.returncode, err) == (0, ""), out
    return out


def check_trace(here: Path, log: str) -> None:
    """It is whole, from the first record to the last, and has no secret in it."""
    text = (here / "trace.jsonl").read_text("utf-8")
    assert text.endswith("}\n")
    records = [json.loads(line) for line in text.splitlines()]
    frames = [one["event"] for one in records[1:] if one["event"]["kind"] == "frame"]
    assert f"trace.jsonl: {len(frames)} frames of 1 station" in log
    assert not any("invalid" in one["fields"] for one in frames)
    assert records[-1]["event"]["fields"]["is"] == "closed"
    for secret in SECRETS:
        assert secret not in text


def boots(count: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether a charger has booted so often."""
    return lambda rows: sum(row["action"] == "BootNotification" for row in rows) >= count


def has_begun(rows: list[dict[str, Any]]) -> bool:
    """Whether a transaction has."""
    return any(row["action"] in ("StartTransaction", "TransactionEvent") for row in rows)


@pytest.mark.parametrize(("version", "profile"), [("1.6", 2), ("2.0.1", 3), ("2.1", 2)])
def test_a_session_between_two_processes(version: str, profile: int, tmp_path: Path) -> None:
    """TLS on both sides and passwords: what is written down is whole, tells no secret, and passes as a scenario."""
    assert cli("certs", "-q", cwd=tmp_path).code == 0
    (tmp_path / "stations.yaml").write_text(f"CP-1: {PASSWORD}\n", "utf-8")
    server = ["--cert", "certs/csms.pem", "--key", "certs/csms.key"]
    upstream, charger = ["--upstream-ca", "certs/ca.pem"], ["--ca", "certs/ca.pem"]
    if profile == 3:
        server += ["--client-ca", "certs/ca.pem"]
        upstream += pair("--upstream-cert", "--upstream-key")
        charger += pair("--cert", "--key")
    known = ("--path", "/ocpp", "--stations", "stations.yaml", "--http", "127.0.0.1:0", "--ocpp", version)
    with csms_process(*server, *known, cwd=tmp_path, environment=ENVIRONMENT) as csms:
        url = csms.url.removesuffix("/{identity}")
        with record_process(url, *server, *upstream, "--secret", "VENDOR_TOKEN", cwd=tmp_path) as proxy:
            out = charge(csms, proxy, *charger, "--ocpp", version, cwd=tmp_path)
            code, log, err = proxy.end()
        assert csms.end()[0] == 0
    assert (code, err) == (0, "")
    check_trace(tmp_path, log)
    assert VENDOR_TOKEN not in log
    assert not any(password in out + log for password in (PASSWORD, NEXT_PASSWORD))
    assert cli("frames", "trace.jsonl", "-q", cwd=tmp_path).code == 0
    done = cli("scenario", "trace.jsonl", "-o", "again.yaml", cwd=tmp_path)
    assert done.code == 0, done.err
    text = (tmp_path / "again.yaml").read_text("utf-8")
    for secret in (*SECRETS, CARD, "[redacted]"):
        assert secret not in text
    for wanted in ("change_password: {}", "authorize_id_tag: CARD-1", "is: ended, reason: Local", "is: Available"):
        assert wanted in text
    assert cli("check", "again.yaml", cwd=tmp_path).code == 0
    done = cli("run", "again.yaml", "--strict", cwd=tmp_path)
    assert done.code == 0, done.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "the CSMS's certificate leads to a CA that is not trusted"),
        (("--upstream-ca", "certs/ca.pem"), "the CSMS asks for a certificate, and was shown none"),
        (("--upstream-ca", "certs/ca.pem", *pair("--upstream-cert", "--upstream-key")), "connected, OCPP 1.6"),
        (("--insecure", *pair("--upstream-cert", "--upstream-key")), "connected, OCPP 1.6"),
    ],
)
def test_how_the_csms_is_trusted_and_what_it_is_shown(options: tuple[str, ...], told: str, tmp_path: Path) -> None:
    """A CSMS of profile 3 behind the proxy, a charger without TLS before it."""
    assert cli("certs", "-q", "--host", "127.0.0.1", cwd=tmp_path).code == 0
    server = ("--cert", "certs/csms.pem", "--key", "certs/csms.key", "--client-ca", "certs/ca.pem")
    with (
        csms_process(*server, cwd=tmp_path) as csms,
        record_process(csms.url.removesuffix("/{identity}"), *options, cwd=tmp_path) as proxy,
    ):
        boot = json.dumps({"chargePointVendor": "v", "chargePointModel": "m"})
        done = cli("call", proxy.url, "BootNotification", boot, "--ocpp", "1.6", "-q", cwd=tmp_path)
        code, out, err = proxy.end()
        csms.end()
    assert (code, err) == (0, "")
    assert told in out
    assert done.code == (0 if told.startswith("connected") else 3)
    assert done.code == 0 or "HTTP 502" in done.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_session(number: signal.Signals, tmp_path: Path) -> None:
    """The recording ends with it: a whole file, of which the last record says why the connection closed."""
    with (
        csms_process(cwd=tmp_path) as csms,
        record_process(csms.url.removesuffix("/{identity}"), cwd=tmp_path) as proxy,
        charger_process(proxy.url, cwd=tmp_path) as charger,
    ):
        assert charger.stdin is not None and charger.stdout is not None
        charger.stdin.write("plug_connector\n")
        charger.stdin.flush()
        assert any("Preparing" in line for line in iter(charger.stdout.readline, ""))
        code, log, err = proxy.end(number)
    assert (code, err) == (0, "")
    check_trace(tmp_path, log)
    records = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text("utf-8").splitlines()]
    assert records[-1]["event"]["fields"] == {"is": "closed", "reason": "the recording has ended"}


FIRMWARE_A = """\
firmware_version: "1.0.0"
vendors: {org.example: {"*": Accepted}}
"""
FIRMWARE_B = """\
firmware_version: "1.1.0"
vendors: {org.example: {"*": Rejected}}
settings: {authorize_remote_start: false}
"""
STARTED = {"1.6": "StartTransaction", "2.0.1": "TransactionEvent", "2.1": "TransactionEvent"}


def recorded(firmware: str, name: str, version: str, seconds: int, here: Path) -> None:
    """Record a firmware as it charges by remote start for so long."""
    (here / f"{name}.yaml").write_text(firmware, "utf-8")
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    with (
        csms_process("--http", "127.0.0.1:0", "--ocpp", version, cwd=here, environment=ENVIRONMENT) as csms,
        record_process(csms.url.removesuffix("/{identity}"), "--jsonl", f"{name}.jsonl", cwd=here) as proxy,
        charger_process(proxy.url, "--ocpp", version, "--given", f"{name}.yaml", cwd=here) as charger,
        httpx.Client(base_url=csms.api, headers=headers, timeout=PATIENCE) as api,
    ):
        assert charger.stdin is not None
        known = Csms(api)
        known.wait_for(said("Available", connector=1))
        known.ask_until_answered("data_transfer", {"vendor_id": "org.example"})
        charger.stdin.write("plug_connector\n")
        charger.stdin.flush()
        known.wait_for(said("Preparing" if version == "1.6" else "Occupied", connector=1))
        known.ask_until_answered("remote_start", {"id_tag": CARD, "evse_id": 1})
        known.wait_for(lambda rows: any(row["action"] == STARTED[version] and "answer" in row for row in rows))
        time.sleep(seconds)
        known.ask_until_answered("remote_stop", {})
        charger.communicate("unplug_connector\n", timeout=PATIENCE)
        assert charger.returncode == 0
        assert proxy.end()[0] == csms.end()[0] == 0


def said(status: str, connector: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether a connector has that status, and the charger knows that this has come."""
    return lambda rows: any(
        row["action"] == "StatusNotification"
        and row["payload"]["connectorId"] == connector
        and status in (row["payload"].get("status"), row["payload"].get("connectorStatus"))
        and "answer" in row
        for row in rows
    )


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_two_firmwares_that_differ_in_three_places(version: str, tmp_path: Path) -> None:
    """These are named, and nothing that is another in every session: ids, times, readings."""
    recorded(FIRMWARE_A, "a", version, 1, tmp_path)
    recorded(FIRMWARE_B, "b", version, 3, tmp_path)
    done = cli("diff", "a.jsonl", "b.jsonl", cwd=tmp_path)
    assert done.code == 1
    lines = [line.partition(": ")[2] for line in done.out.splitlines()]
    boot = ": firmwareVersion" if version == "1.6" else " (PowerUp): chargingStation.firmwareVersion"
    assert lines[:-1] == [
        f"BootNotification{boot} was 1.0.0, and is 1.1.0",
        "answer to DataTransfer: status was Accepted, and is Rejected",
        "only in A: Authorize",
    ]
    assert done.out.splitlines()[-1].startswith("3 differences; ")
