"""A suite in shards, and their reports as one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


def test_many_reports_at_once_and_again(tmp_path: Path) -> None:
    """Of a run, and of its recording: the same by both."""
    here = workspace(tmp_path)
    forms = {"junit": "out.xml", "markdown": "out.md", "tap": "out.tap", "html": "out.html"}
    live = [f"--report={form}=live/{file}" for form, file in forms.items()]
    again = [f"--report={form}=again/{file}" for form, file in forms.items()]
    run = cli("run", "suite", "-q", "--report", "jsonl=run.jsonl", "--report", "allure=live/allure", *live, cwd=here)
    report = cli("report", "run.jsonl", "-q", "--report", "allure=again/allure", *again, cwd=here)
    assert (run.code, report.code) == (1, 1)
    written = sorted(path.relative_to(here / "live") for path in (here / "live").rglob("*.*"))
    assert len(written) > len(forms) + 5
    for file in written:
        if file.suffix != ".html":  # says where the run stood when it was made
            assert (here / "live" / file).read_bytes() == (here / "again" / file).read_bytes(), file


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--report", "junit"), "'junit' is not NAME=FILE"),
        (("--report", "pdf=a"), "'pdf=a': the reports are jsonl, junit"),
        (("--report", "tap=a", "--report", "tap=b"), "tap is given twice"),
        (("--report", "junit=a", "--junit", "b"), "--junit and --report junit= say the same: give one of them"),
        (("--report", "tap=a", "--junit", "a"), "name the same file"),
        (("--report", "tap=suite/passing.yaml"), "would overwrite"),
        (("--report", "allure=suite/passing.yaml"), "is a file, and allure needs a directory"),
    ],
)
def test_reports_that_contradict_each_other(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    """Wrong usage, before anything runs."""
    run = cli("run", "suite", *options, cwd=workspace(tmp_path))
    assert run.code == 2
    assert told in " ".join(run.err.split())
