"""The broker's password stands in no output of a run, right or wrong, with TLS or without."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ocpplab_runner import clock
from ocpplab_runner.tools.certificates import Wanted, make_certificates
from tests.acceptance.cli_kit import cli
from tests.bench.kit import free_ports
from tests.everest.kit import broker, needs_mosquitto, standins, with_passwords, with_tls

pytestmark = needs_mosquitto
PASSWORD = "kein-Wort-davon-4715"
_SCENARIO = """name: A blocked card starts nothing
ocpp: ["2.0.1"]
given: {csms: {id_tokens: {CARD-1: Blocked}}}
steps:
  - plug_connector: 1
  - authorize_id_tag: CARD-1
    expect: {auth_status: Blocked, token_status: [Processing, Rejected]}
"""


def _outputs(place: Path, url: str, port: int, password: str, **options: str) -> tuple[int, str]:
    """Run the scenario with every report; returns the exit code, and all that was printed and written."""
    station = {"versions": ["2.0.1"], "cars": 1, "charger": {"evses": 1}}
    target = {"kind": "everest", "broker": url, "listen": f"127.0.0.1:{port}", "stations": {"EV-1": station}}
    place.mkdir()
    (place / "ocpplab.yaml").write_text(yaml.safe_dump({"targets": {"sil": {**target, "reach": "2s", **options}}}))
    (place / "blocked.yaml").write_text(_SCENARIO)
    reports = ("--jsonl", "out/run.jsonl", "--junit", "out/run.xml", "--html", "out/run.html")
    done = cli("run", "blocked.yaml", "--target", "sil", *reports, cwd=place, MQTT_PASSWORD=password)
    written = [one for one in place.rglob("*") if one.is_file() and one.name != "ocpplab.yaml"]
    texts = [one.read_text("utf-8", "replace") for one in written]
    assert len(texts) > 3, done.out + done.err
    return done.code, "\n".join([done.out, done.err, *texts])


@pytest.mark.parametrize("tls", [False, True])
def test_a_broker_s_password_is_nowhere(tls: bool, tmp_path: Path) -> None:
    """Also where it is wrong, and the case is an error that says so."""
    (port,) = free_ports(1)
    make_certificates(tmp_path, Wanted(hosts=("127.0.0.1",)), clock.wall_now())
    everest = {"identity": "EV-1", "url": f"ws://127.0.0.1:{port}/ocpp", "version": "2.0.1"}
    lines = [*with_passwords(tmp_path, qa=PASSWORD, standin="s")]
    if tls:  # a listener of its own for the stand-ins, which speak none
        (plain,) = free_ports(1)
        lines = [*(line for line in with_tls(tmp_path) if "anonymous" not in line), *lines]
        lines += [f"listener {plain} 127.0.0.1"]
    options = {"broker_ca": str(tmp_path / "ca.pem")} if tls else {}
    scheme = "mqtts" if tls else "mqtt"
    with broker(lines, place=tmp_path) as mosquitto:
        inside = plain if tls else mosquitto.port
        with standins(inside, [everest], user="standin", password="s"):
            url = f"{scheme}://qa:${{{{ env.MQTT_PASSWORD }}}}@127.0.0.1:{mosquitto.port}"
            right, told = _outputs(tmp_path / "right", url, port, PASSWORD, **options)
            wrong, told_wrong = _outputs(tmp_path / "wrong", url, port, f"{PASSWORD}x", **options)
    assert (right, wrong) == (0, 3), told + told_wrong
    assert "refuses this user with this password" in told_wrong
    assert PASSWORD not in told + told_wrong
