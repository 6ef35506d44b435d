"""A sample of ``python -m benchmarks.mutants``: the tool works, and the library notices most of what it is shown.

The bars themselves are for the whole run (``make mutants COUNT=500``): a sample of this size lies some ten percent
beside the truth, and its faults are others whenever a module changes.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from benchmarks.mutants import __main__ as tool
from benchmarks.mutants import judge
from benchmarks.mutants.judge import Judgement, Outcome, Trial, judge_all
from benchmarks.mutants.operators import Site
from benchmarks.mutants.product import ROOT, Product
from benchmarks.mutants.reach import Function
from benchmarks.mutants.report import Result, Summary, as_data, as_text
from benchmarks.mutants.sampling import all_sites, by_turns, parsed
from benchmarks.mutants.subjects import SCENARIOS, Subject
from tests.engine.corpus import corpus

STARTS = """
name: A session starts
ocpp: ["1.6"]
given:
  csms: {id_tokens: {CARD-1: Accepted}}
steps:
  - start_session: CARD-1
    expect: {transaction: started}
"""


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    """A library of one scenario."""
    (tmp_path / "starts.yaml").write_text(STARTS, "utf-8")
    return tmp_path


def judged(file: str, fault: str, library: Path) -> Judgement:
    """What becomes of a fault that is written at a module's end."""
    (judgement,) = judge_all([Trial(*fault_in(file, fault), [0])], lambda site: Product([library]), 1)
    return judgement


def fault_in(file: str, fault: str) -> tuple[Site, ast.Module]:
    """A fault at a module's end, and the module."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return Site(file, "<module>", "by hand", fault, (1, 1), False, frozenset(), lambda: extend(tree, fault)), tree


def extend(tree: ast.Module, text: str) -> None:
    """Write something at a module's end."""
    tree.body += ast.parse(text).body


_RESERVED = """
_sound = start_transaction
def start_transaction(*given, **named):
    return {**_sound(*given, **named), "reservationId": 77}
"""


@pytest.mark.parametrize(
    ("file", "fault", "outcome"),
    [
        ("csms/core/id_tokens.py", "pass", Outcome.SURVIVED),
        ("csms/core/datatypes_v16.py", "id_tag_info = lambda verdict: {'status': 'Blocked'}", Outcome.FAILED),
        ("charger/blocks/transactions/v16.py", _RESERVED, Outcome.VIOLATION),
        ("csms/core/datatypes_v16.py", "id_tag_info = lambda verdict: 1 / 0", Outcome.ERROR),
        ("csms/core/id_tokens.py", "raise RuntimeError('broken')", Outcome.CRASH),
        ("csms/core/id_tokens.py", "while True: pass", Outcome.CRASH),
        ("csms/core/id_tokens.py", "import os; os._exit(3)", Outcome.CRASH),
    ],
)
def test_a_mutant_is_judged_by_what_notices_it(
    file: str, fault: str, outcome: Outcome, starts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed expectation, a violation, an error, a crash, no end, or nothing."""
    if "while True" in fault:  # the others do end, however busy the machine is
        monkeypatch.setattr(judge, "CASE_LIMIT", 1)
    judgement = judged(f"ocpplab_runner/{file}", fault, starts)
    assert judgement.outcome is outcome, judgement


def test_a_fault_does_not_outlive_its_process(starts: Path) -> None:
    """The next mutant meets the product as it is."""
    assert judged("ocpplab_runner/csms/core/id_tokens.py", "raise RuntimeError('broken')", starts).outcome.caught
    assert not judged("ocpplab_runner/csms/core/id_tokens.py", "pass", starts).outcome.caught


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ("steps/acting.py", "_subject = lambda fields: None"),
        ("engine/judging/verdicts.py", "apply_strict = lambda result: None"),
        (
            "engine/judging/verdicts.py",
            "BAD = frozenset()\ndef apply_xfail(result, *mark): result.verdict = Verdict.PASSED",
        ),
    ],
)
def test_a_fault_of_the_engine_that_lets_fail_pass_is_seen(file: str, fault: str, tmp_path: Path) -> None:
    """The corpus has a scenario for it: the card of the step, strictness, the verdict itself."""
    rows = [entry for entry in corpus() if entry.name.startswith("row")]
    for number, entry in enumerate(rows):
        (tmp_path / f"{number:03}.yaml").write_text(entry.text, "utf-8")
    lenient = [f"{number:03}.yaml" for number, entry in enumerate(rows) if not entry.strict]
    expected = [(entry.verdict, entry.step or "") for entry in rows]
    site = fault_in(f"ocpplab_runner/{file}", fault)
    trial = Trial(*site, range(len(rows)), expected)
    (judgement,) = judge_all([trial], lambda site: Product([tmp_path], None, lenient), 1)
    assert judgement.outcome is Outcome.TURNED, judgement


def test_cases_come_by_turns_of_folders_and_files() -> None:
    """A folder of many files, or a file of many cases, keeps no other waiting."""
    cases = ["a/1::x", "a/1::y", "a/2::x", "a/3::x", "a/3::y", "b/1::x", "b/2::x", "b/2::y"]
    assert [cases[index] for index in by_turns(cases)] == [
        "a/1::x", "b/1::x", "a/2::x", "b/2::x", "a/3::x", "a/1::y", "b/2::y", "a/3::y",
    ]  # fmt: skip


def result(function: str, outcome: Outcome, equivalent: str = "") -> Result:
    """A mutant of which this became."""
    site = Site("a.py", function, "off by one", "1 → 2", (3, 3), True, frozenset(), lambda: None)
    return Result(site, Judgement(outcome, "a case", "a reason"), equivalent)


def test_the_report_counts_what_is_run() -> None:
    """What is not run is listed and does not count; an equivalent mutant counts as one that survived."""
    summary = Summary(
        seed=1,
        results=[
            result("f", Outcome.FAILED),
            result("g", Outcome.VIOLATION),
            result("h", Outcome.SURVIVED),
            result("i", Outcome.SURVIVED, "nobody reads it"),
            result("j", Outcome.NOT_RUN),
        ],
        entered=3,
        missed=[Function("a.py", "j", 9)],
        drawn=8,
    )
    assert (summary.caught, summary.by_expectation, summary.functions) == (50.0, 50.0, 75.0)
    text = "\n".join(as_text(summary))
    assert "a.py::h · off by one · 1 → 2\n" in text
    assert "a.py::i · off by one · 1 → 2   [equivalent: nobody reads it]" in text
    assert "a.py: j" in text
    assert text.count("UNDER") == 3
    assert text.endswith("5 of 8 mutants")
    data = json.loads(json.dumps(as_data(summary)))
    assert [one["outcome"] for one in data["mutants"]].count("survived") == 2
    assert data["functions_missed"] == [{"file": "a.py", "function": "j"}]


def test_known_equivalent_mutants_are_there() -> None:
    """The list names places that exist, each with its reason."""
    known = yaml.safe_load(tool.EQUIVALENT.read_text("utf-8"))
    files = {key.partition("::")[0] for key in known}
    there = {site.key for site in all_sites(dict(parsed(ROOT / file for file in sorted(files))))}
    assert sorted(set(known) - there) == []
    assert all(reason.strip() for reason in known.values())


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """What every sixth file of reservations runs, which is traced once."""
    traced = tmp_path_factory.mktemp("traced")
    files = sorted((SCENARIOS / "authorization" / "reservation").glob("*.yaml"))[::6]
    return Subject(["authorization"], [], files, memory=traced)


def test_an_interrupted_run_keeps_what_it_knows(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged by then is reported, and has been told one by one."""

    def interrupted(trials: Sequence[Trial], make: object, jobs: int, told: Callable[[int, Judgement], None]) -> None:
        told(1, Judgement(Outcome.FAILED))
        raise KeyboardInterrupt

    monkeypatch.setattr(tool, "judge_all", interrupted)
    told: list[Summary] = []
    summary = tool.try_mutants(subject, 20, 5, 1, told=told.append)
    assert [len(one.run) for one in told] == [0, 1]
    assert [one.judgement.outcome for one in summary.run] == [Outcome.FAILED]
    assert summary.drawn == 20


def test_a_sample_of_the_mutants(subject: Subject) -> None:
    """Of the faults in what reservations run, some are caught, most of these by an expectation: the tool works."""
    summary = tool.try_mutants(subject, 20, 5, 2)
    shown = "\n".join(as_text(summary))
    assert len(summary.run) >= 5, shown
    assert summary.caught > 30, shown
    assert summary.by_expectation > 40, shown
