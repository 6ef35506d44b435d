"""docs/bench.md: its scenarios and its configurations, on a charger in another process and a rig behind HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.acceptance.cli_kit import ROOT, cli
from tests.acceptance.page_files import written
from tests.bench.kit import bench, free_ports

PAGE = ROOT / "docs" / "bench.md"


@pytest.mark.parametrize("chapter", [0, 1], ids=["by hand", "with the rig"])
def test_the_page_s_configuration_runs_its_scenarios(tmp_path: Path, chapter: int) -> None:
    """Only addresses are ours; by hand nobody is there, and what takes hands is blocked for that reason."""
    configuration = list(written(PAGE, tmp_path))[chapter]
    (port,) = free_ports(1)
    with bench([{"identity": "CP-1", "url": f"ws://127.0.0.1:{port}/ocpp", "version": "1.6"}]) as there:
        target = configuration["targets"]["bench"]
        target["listen"] = f"127.0.0.1:{port}"
        if "rig" in target:
            target["rig"]["base_url"] = there.rig
            for verb, request in target["rig"]["verbs"].items():
                request |= there.option()["verbs"][verb] | {"method": "POST"}
        (tmp_path / "ocpplab.yaml").write_text(yaml.safe_dump(configuration))
        done = cli("run", "scenarios", "--target", "bench", cwd=tmp_path, RIG_TOKEN="token-of-the-rig")
    told = done.out + done.err
    assert done.code == 0, told
    assert "token-of-the-rig" not in told
    assert ("2 passed" in done.out) if chapter else ("1 passed, 1 blocked" in done.out), told
    assert chapter or "nobody is there to plug_connector; a `rig` in ocpplab.yaml could do it" in done.out
