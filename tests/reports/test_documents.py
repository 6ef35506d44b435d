"""Reports that other tools read: TAP, Markdown, Allure."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.plugin.results import Record, Verdict
from ocpplab_runner.reports import markdown, tap
from ocpplab_runner.reports.allure import AllureReport
from ocpplab_runner.reports.at_the_end import DocumentReport
from ocpplab_runner.reports.collect import collect
from tests.reports.records import end, failing, failure, info, invalid, passing, run_end, run_start, start, step, wall

POINT = re.compile(r"(ok|not ok) (\d+) - (.*?)(?: # (SKIP|TODO) ?(.*))?$")
FLAKY: list[Record] = [
    *(start(), step("1", "failed", failed=failure()), end("failed", last=False, failure=failure())),
    *(start(attempt=2), step(), end(attempt=2, flaky=True)),
]


def a_case(verdict: Verdict, name: str = "It [ocpp1.6]", reason: str = "why") -> list[Record]:
    case = info(name)
    return [start(case), wall(case, 0.5), end(verdict.value, case, reason=reason)]


def points(text: str) -> list[tuple[str, str, str | None]]:
    """What a consumer of TAP 14 makes of it; its YAML blocks are YAML."""
    version, plan, *lines = text.splitlines()
    assert version == "TAP version 14"
    found = [match.groups() for line in lines if (match := POINT.match(line))]
    assert plan == f"1..{len(found)}"
    assert [int(number) for _, number, *_ in found] == list(range(1, len(found) + 1))
    for block in re.findall(r"^  ---\n(.*?)^  \.\.\.$", text, re.DOTALL | re.MULTILINE):
        assert isinstance(yaml.safe_load(block), dict)
    return [(ok, what, directive) for ok, _, what, directive, _ in found]


@pytest.mark.parametrize(
    ("verdict", "ok", "directive"),
    [
        (Verdict.PASSED, "ok", None),
        (Verdict.FAILED, "not ok", None),
        (Verdict.ERROR, "not ok", None),
        (Verdict.XPASSED, "not ok", None),
        (Verdict.XFAILED, "not ok", "TODO"),
        (Verdict.BLOCKED, "ok", "SKIP"),
        (Verdict.SKIPPED, "ok", "SKIP"),
    ],
)
def test_tap_has_each_verdict(verdict: Verdict, ok: str, directive: str | None) -> None:
    """Blocked and skipped are skips, a known failure is to be done."""
    text = tap.build(collect([run_start(), *a_case(verdict), run_end()]))
    assert points(text) == [(ok, info("It [ocpp1.6]")["id"], directive)]


def test_tap_tells_why() -> None:
    """With the place, in YAML; an invalid file is a point of its own, an unfinished run bails out."""
    text = tap.build(collect([run_start(), invalid(), *failing()]))
    assert [ok for ok, *_ in points(text)] == ["not ok", "not ok"]
    assert "auth_status is Blocked, expected Accepted" in text
    assert text.endswith("Bail out! the run did not finish\n")


@given(name=st.text(), reason=st.text(), verdict=st.sampled_from(Verdict))
def test_no_text_breaks_tap_or_markdown(name: str, reason: str, verdict: Verdict) -> None:
    """One point per case, whatever its name says; one folded text, whatever fences stand in it."""
    results = collect([run_start(), *a_case(verdict, f"{name} [ocpp1.6]", reason), run_end()])
    assert len(points(tap.build(results))) == 1
    text = markdown.build(results)
    assert text.count("<details>") == text.count("</details>") == (verdict in ("failed", "error", "xpassed"))


def test_markdown_says_what_went_wrong_and_what_was_blocked() -> None:
    """Counts first, then every failure with its difference, then flaky and blocked by reason."""
    blocked = [a_case(Verdict.BLOCKED, f"B {number} [ocpp1.6]", "no lock | here") for number in range(3)]
    records = [run_start(), *failing(), *FLAKY, *(record for case in blocked for record in case), run_end(1)]
    text = markdown.build(collect(records))
    assert text.startswith("## ❌ 1 passed, 1 failed, 3 blocked\n")
    assert "+ Blocked" in text
    assert "| 3 | no lock \\| here |" in text
    assert "### Flaky" in text


@pytest.mark.parametrize(("refused", "failed", "more"), [(60, 0, 10), (0, 60, 10), (60, 55, 15), (50, 50, 0)])
def test_markdown_counts_what_it_leaves_out(refused: int, failed: int, more: int) -> None:
    """Of each kind that has too many."""
    records: list[Record] = [run_start(), *(invalid(f"{number}.yaml") for number in range(refused))]
    for number in range(failed):
        records += a_case(Verdict.FAILED, f"It {number} [ocpp1.6]")
    text = markdown.build(collect([*records, run_end()]))
    assert re.findall(r"^and (-?\d+) more$", text, re.MULTILINE) == ([str(more)] if more else [])


def test_markdown_of_a_good_run() -> None:
    """Nothing is explained."""
    text = markdown.build(collect([run_start(), *passing(), run_end()]))
    assert text == "## ✅ 1 passed\n\ntarget simulated · seed 42 · took 0.500s\n"


def test_a_document_is_written_once(tmp_path: Path) -> None:
    """When the run is over; closing twice does no harm."""
    report = DocumentReport(tmp_path / "out.md", markdown.build)
    for record in [run_start(), *passing(), run_end()]:
        report.handle(record)
    report.close()
    report.close()
    assert (tmp_path / "out.md").read_text("utf-8").startswith("## ✅ 1 passed")


def allure(directory: Path, records: list[Record]) -> list[dict[str, Any]]:
    report = AllureReport(directory)
    for record in records:
        report.handle(record)
    report.close()
    return [json.loads(path.read_text("utf-8")) for path in sorted(directory.glob("*-result.json"))]


def test_allure_has_a_result_per_attempt_with_one_history(tmp_path: Path) -> None:
    """So that Allure shows the failed attempts as retries."""
    case = info()
    records: list[Record] = [run_start(), *FLAKY[:2], wall(case, 0.25), *FLAKY[2:5], wall(case, 0.5, 2), FLAKY[5]]
    results = allure(tmp_path, [*records, run_end()])
    assert sorted(result["status"] for result in results) == ["failed", "passed"]
    assert len({result["historyId"] for result in results}) == 1
    assert len({result["uuid"] for result in results}) == 2
    for result in results:
        assert result["stop"] - result["start"] in (250, 500)
        assert all(result["start"] <= one["start"] <= one["stop"] <= result["stop"] for one in result["steps"])


@pytest.mark.parametrize("verdict", Verdict)
def test_allure_knows_each_verdict(tmp_path: Path, verdict: Verdict) -> None:
    """An error is broken; blocked and known failures are skipped."""
    (result,) = allure(tmp_path, [run_start(), *a_case(verdict), run_end()])
    wanted = {"passed": "passed", "failed": "failed", "xpassed": "failed", "error": "broken"}
    assert result["status"] == wanted.get(verdict.value, "skipped")


def test_allure_of_a_case_that_did_not_finish(tmp_path: Path) -> None:
    """It is broken, and says so."""
    (result,) = allure(tmp_path, [run_start(), start(), step()])
    assert (result["status"], result["statusDetails"]["message"]) == ("broken", "did not finish")
