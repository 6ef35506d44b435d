"""A suite in shards, and their reports as one."""

from __future__ import annotations

import re
from pathlib import Path

from tests.acceptance.cli_kit import cli, workspace


def test_the_report_of_shards_is_that_of_the_run(tmp_path: Path) -> None:
    """JUnit byte for byte, but for wall times."""
    here = workspace(tmp_path)
    run = ("run", "suite", "--quiet")
    whole = cli(*run, "--jsonl", "whole.jsonl", cwd=here).code
    for index in (1, 2):
        cli(*run, "--shard", f"{index}/2", "--jsonl", f"{index}.jsonl", cwd=here)
    assert cli("report", "whole.jsonl", "--junit", "whole.xml", "--traces", "whole", cwd=here).code == whole
    (here / "whole").rename(here / "kept")
    assert cli("report", "2.jsonl", "1.jsonl", "--junit", "merged.xml", "--traces", "whole", cwd=here).code == whole

    def told(name: str) -> str:
        return re.sub(r' (?:time|timestamp)="[^"]*"', "", (here / name).read_text("utf-8"))

    assert told("merged.xml").count("<testcase") > 5
    assert told("merged.xml") == told("whole.xml")
    traces = sorted(path.name for path in (here / "kept").iterdir())
    assert traces
    assert sorted(path.name for path in (here / "whole").iterdir()) == traces
    for name in traces:
        alone = cli("report", f"kept/{name}", cwd=here)
        assert (alone.code, alone.out.count("did not finish")) == (1, 0), alone.out
