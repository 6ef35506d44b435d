"""docs/everest.md: its scenario and its configuration, on a stand-in behind a real broker."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.page_files import written
from tests.bench.kit import free_ports
from tests.everest.kit import broker, needs_mosquitto, standins

PAGE = ROOT / "docs" / "everest.md"


@needs_mosquitto
def test_the_page_s_configuration_runs_its_scenario(tmp_path: Path) -> None:
    """Only addresses are ours."""
    (configuration,) = written(PAGE, tmp_path)
    (port,) = free_ports(1)
    target = configuration["targets"]["sil"]
    (identity,) = target["stations"]
    standin = {"identity": identity, "url": f"ws://127.0.0.1:{port}/ocpp", "version": "2.0.1"}
    with broker(place=tmp_path) as mosquitto, standins(mosquitto.port, [standin]):
        target["broker"], target["listen"] = mosquitto.url, f"127.0.0.1:{port}"
        (tmp_path / "ocpplab.yaml").write_text(yaml.safe_dump(configuration))
        done = cli("run", "scenarios", "--target", "sil", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    assert "1 passed" in done.out
