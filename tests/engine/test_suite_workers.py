"""A suite in worker processes: order, crashes, hangs, interruption, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.plugin.manager import Plugins
from ocpplab_runner.targets.simulated import SimulatedTarget
from tests.acceptance.cli_kit import ROOT
from tests.acceptance.forking import Forked, forker
from tests.engine import rigs
from tests.engine.suite_kit import language, run_texts

LOG = "steps: [{log: fine}]"


@pytest.fixture
def rig() -> Plugins:
    """The language with misbehaving verbs."""
    return language(rigs=rigs)


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_records_come_in_the_order_of_the_plan(tmp_path: Path, jobs: int) -> None:
    """However many workers there are, a reader sees one case after the other."""
    texts = [f"steps: [{{log: '{number}'}}, {{wait: 1h}}]" for number in range(7)]
    outcome = run_texts(tmp_path, *texts, jobs=jobs)
    assert outcome.logs() == [str(number) for number in range(7)]
    assert outcome.verdicts() == ["passed"] * 7
    current = None
    for record in outcome.records[1:-1]:
        if record["type"] == "case" and record["phase"] == "start":
            current = record["case"]["id"]
        assert record.get("case", record.get("id")) in (current, record.get("case")) or record["id"] == current


def test_same_seed_same_records(tmp_path: Path) -> None:
    """Two runs with one seed differ in nothing but the run records, also across workers."""
    text = """
        given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}
        steps:
          - authorize_id_tag: CARD-1
            expect: {transaction: started}
          - log: "${{ random_hex(8) }} ${{ random_int(1, 1000000) }} ${{ now() }}"
          - wait: 3h
          - remote_stop: {}
            expect: {transaction: ended}
        """
    texts = [text] * 3
    runs = [run_texts(tmp_path, *texts, seed=5, jobs=jobs).text() for jobs in (0, 1, 2)]
    assert len(set(runs)) == 1
    assert run_texts(tmp_path, *texts, seed=6, jobs=0).text() != runs[0]


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_run_without_event_records_has_all_the_others(tmp_path: Path, jobs: int) -> None:
    """Nothing but the event records is gone."""
    text = "steps: [{plug_connector: 1, expect: {connector_status: Preparing}}]"
    full, terse = (
        [record for record in run_texts(tmp_path, text, jobs=jobs, events=events).records if record["type"] != "run"]
        for events in (True, False)
    )
    assert "event" in {record["type"] for record in full}
    assert terse == [record for record in full if record["type"] != "event"]


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_every_attempt_says_what_real_time_it_has_taken(tmp_path: Path, jobs: int) -> None:
    """On a `run` record before its end, however many hours the scenario has taken."""
    text = "steps: [{wait: 3h}, {plug_connector: 1, expect: {connector_status: Charging}, within: 1h}]"
    records = run_texts(tmp_path, text, text, jobs=jobs, retries=1).records
    ends = [place for place, record in enumerate(records) if record["type"] == "case" and record["phase"] == "end"]
    assert len(ends) == 4
    for place in ends:
        told, end = records[place - 1], records[place]
        assert (told["type"], told["phase"], told["case"], told["attempt"]) == (
            "run",
            "case",
            end["id"],
            end["attempt"],
        )
        assert 0 < told["elapsed"] < 60 < end["elapsed"]


def test_crashed_worker_is_one_error(tmp_path: Path, rig: Plugins) -> None:
    """A worker that ends in the middle of a case costs that case only."""
    outcome = run_texts(tmp_path, LOG, "steps: [{rig.exit: {}}]", "steps: [{rig.killed: {}}]", LOG, plugins=rig, jobs=1)
    assert outcome.verdicts() == ["passed", "error", "error", "passed"]
    assert outcome.ends()[1]["reason"] == "did not finish: its worker process ended with exit code 7"
    assert outcome.ends()[2]["reason"] == "did not finish: its worker process was killed by SIGKILL"
    assert outcome.code is ExitCode.FAILED


def test_stuck_worker_is_killed(tmp_path: Path, rig: Plugins) -> None:
    """A case that never gives control back is ended by the wall clock, and the suite goes on."""
    outcome = run_texts(tmp_path, "steps: [{rig.spin: {}}]", LOG, plugins=rig, jobs=1, case_timeout=0.3, grace=0.2)
    assert outcome.verdicts() == ["error", "passed"]
    assert outcome.ends()[0]["reason"].startswith("did not finish")


def test_case_that_is_too_slow_cleans_up(tmp_path: Path, rig: Plugins) -> None:
    """A case that runs out of wall time but still listens runs its finally and tells why."""
    text = "steps: [{repeat: {times: 1000, steps: [{rig.sleep: {seconds: 0.02}}]}}]\nfinally: [{log: cleaned up}]"
    outcome = run_texts(tmp_path, text, plugins=rig, jobs=1, case_timeout=0.3, grace=5)
    assert outcome.verdicts() == ["error"]
    assert outcome.logs() == ["cleaned up"]
    reason = outcome.end()["reason"]
    assert reason.startswith("did not finish: out of real time; step 1.")
    assert reason.endswith("a.yaml:3) was running")


def test_plugin_that_raises_is_an_error_with_a_traceback(tmp_path: Path, rig: Plugins) -> None:
    """The reader sees where the plugin broke."""
    outcome = run_texts(tmp_path, "steps: [{rig.raise: {}}]", plugins=rig)
    assert outcome.verdicts() == ["error"]
    assert outcome.end()["reason"] == "rig.raise raised LookupError: the rig is on fire"
    assert "Traceback" in outcome.logs()[0]


def test_a_signal_that_comes_just_before_the_loop_waits_is_heard(tmp_path: Path, rig: Plugins) -> None:
    """It is not put off until something else happens: here, until the time of the case is up."""
    outcome = run_texts(
        tmp_path,
        "steps: [{rig.interrupt_beside: {}}, {wait: 1h}]\nfinally: [{log: cleaned up}]",
        plugins=rig,
        target=SimulatedTarget(realtime=True),
        jobs=1,
        max_real=7200.0,
        case_timeout=8.0,
    )
    assert outcome.end()["reason"].startswith("did not finish: interrupted; step 2 ")
    assert outcome.logs() == ["cleaned up"]


def test_crash_in_the_background_is_an_error_at_once(tmp_path: Path, rig: Plugins) -> None:
    """What nobody caught makes the case impossible to judge; it neither passes nor waits out its time."""
    outcome = run_texts(tmp_path, "steps: [{rig.crash_later: {}}, {wait: 1h}]", plugins=rig)
    assert outcome.verdicts() == ["error"]
    assert outcome.end()["reason"] == "something crashed in the background: RuntimeError: loose wire"
    assert outcome.end()["elapsed"] == 1.0


def test_retry_makes_a_pass_flaky(tmp_path: Path, rig: Plugins) -> None:
    """Each attempt is reported, with a seed of its own; the pass is marked."""
    mark = tmp_path / "mark"
    outcome = run_texts(tmp_path, f"steps: [{{rig.flaky: {{file: '{mark}'}}}}]", plugins=rig, retries=2, jobs=1)
    assert [(end["verdict"], end["attempt"], end["flaky"], end["last"]) for end in outcome.ends()] == [
        ("failed", 1, False, False),
        ("passed", 2, True, True),
    ]
    starts = [record for record in outcome.records if record["type"] == "case" and record["phase"] == "start"]
    assert starts[0]["seed"] != starts[1]["seed"]
    assert outcome.code is ExitCode.OK


def test_retry_after_a_crash(tmp_path: Path, rig: Plugins) -> None:
    """A crashed attempt is retried in a new worker."""
    outcome = run_texts(tmp_path, "steps: [{rig.exit: {}}]", plugins=rig, retries=1, jobs=1)
    assert [(end["attempt"], end["last"]) for end in outcome.ends()] == [(1, False), (2, True)]


@pytest.mark.parametrize("jobs", [0, 1, 2, 3])
def test_fail_fast_ends_after_the_first_bad_case(tmp_path: Path, jobs: int) -> None:
    """Later cases are absent, whatever ran beside it."""
    outcome = run_texts(tmp_path, LOG, "steps: [{wait: 1s}, {fail: x}]", LOG, LOG, jobs=jobs, max_failures=1)
    assert outcome.verdicts() == ["passed", "failed"]
    assert outcome.code is ExitCode.FAILED


@pytest.mark.parametrize("jobs", [0, 1, 2, 4])
def test_max_failures_ends_after_so_many(tmp_path: Path, jobs: int) -> None:
    """The first so many of the plan, whichever has ended first."""
    slow, bad = "steps: [{wait: 1s}, {fail: x}]", "steps: [{fail: x}]"
    outcome = run_texts(tmp_path, LOG, slow, bad, LOG, bad, LOG, jobs=jobs, max_failures=2)
    assert outcome.verdicts() == ["passed", "failed", "failed"]
    rest = run_texts(tmp_path, LOG, slow, LOG, jobs=jobs, max_failures=2)
    assert rest.verdicts() == ["passed", "failed", "passed"]


def test_each_attempt_has_randomness_of_its_own(tmp_path: Path, rig: Plugins) -> None:
    """What a case draws does not depend on what ran before it."""
    alone = run_texts(tmp_path, "steps: [{rig.draw: {}}]", plugins=rig).logs()
    (tmp_path / "more").mkdir()
    again = run_texts(tmp_path, "steps: [{rig.draw: {}}]", "steps: [{rig.draw: {}}]", plugins=rig).logs()
    assert again[0] == alone[0]
    assert again[0] != again[1]


@pytest.mark.parametrize("jobs", [0, 1])
def test_operator_is_asked(tmp_path: Path, jobs: int) -> None:
    """A prompt reaches the parent's terminal, secrets hidden, and the scenario waits for the answer."""
    asked: list[str] = []

    def ask(question: str, limit: float | None) -> str:
        asked.append(question)
        return ""

    text = "vars: {pin: '4711'}\nsecrets: [pin]\nsteps: [{prompt: 'type ${{ pin }}'}, {log: after}]"
    outcome = run_texts(tmp_path, text, jobs=jobs, ask=ask)
    assert (outcome.verdicts(), outcome.logs()) == (["passed"], ["after"])
    assert len(asked) == 1
    assert asked[0].startswith("type ")
    assert "4711" not in asked[0]


@pytest.mark.parametrize("jobs", [0, 1])
def test_pause_on_failure(tmp_path: Path, jobs: int) -> None:
    """The operator is asked once per failure, with its place, before anything is taken down."""
    asked: list[str] = []

    def ask(question: str, limit: float | None) -> str:
        asked.append(question)
        return ""

    text = "steps: [{group: [{if: {condition: 'true', then: [{fail: here}]}}]}]"
    outcome = run_texts(tmp_path, text, jobs=jobs, ask=ask, pause_on_failure=True)
    assert outcome.verdicts() == ["failed"]
    assert len(asked) == 1
    assert "a.yaml:3" in asked[0]


_PARENT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.engine import rigs
from tests.engine.suite_kit import language, plan_texts
from ocpplab_runner.engine.running.suite import SuiteOptions, run_suite
directory = Path({directory!r})
options = SuiteOptions(jobs=1, grace=5)
plan = plan_texts(
    directory,
    "steps:\\n"
    "  - rig.pid: {{file: '{directory}/pid'}}\\n"
    "  - repeat: {{times: 100000, steps: [{{rig.sleep: {{seconds: 0.02}}}}]}}\\n"
    "finally: [{{log: cleaned up}}]",
    "steps: [{{log: never}}]",
    options=options,
    plugins=language(rigs=rigs),
)
def sink(record):
    print(record, flush=True)
sys.exit(run_suite(plan, options, sink))
"""


def _started(directory: Path, program: str) -> Forked:
    """A process of its own that runs this."""
    script = directory / "program.py"
    script.write_text(program, "utf-8")
    return forker().start((str(script),), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _parent(directory: Path) -> tuple[Forked, int]:
    parent = _started(directory, _PARENT.format(root=str(ROOT), directory=str(directory)))
    mark = directory / "pid"
    deadline = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline, "the worker has not started"
        assert parent.poll() is None, parent.stderr.read() if parent.stderr else ""
        time.sleep(0.02)
    return parent, int(mark.read_text())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel must tell the worker that its parent has died")
def test_no_orphan_when_the_parent_is_killed(tmp_path: Path) -> None:
    """kill -9 of the parent ends its workers."""
    parent, worker = _parent(tmp_path)
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while _is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _is_alive(worker)


def test_interruption_cleans_up(tmp_path: Path) -> None:
    """SIGINT: the running case runs its finally and is an error, the others are absent, the exit code is 130."""
    parent, worker = _parent(tmp_path)
    parent.send_signal(signal.SIGINT)
    output, errors = parent.communicate(timeout=20)
    assert parent.returncode == 130, errors
    assert "cleaned up" in output
    assert "'verdict': 'error'" in output
    assert "interrupted" in output
    assert "never" not in output
    assert not _is_alive(worker)


_FORKING = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.engine import rigs
from tests.engine.suite_kit import language, run_texts
outcome = run_texts(Path({directory!r}), *{texts!r}, plugins=language(rigs=rigs), jobs=1)
print(*outcome.verdicts(), *outcome.logs(), sep="\\n")
"""


def _forking(directory: Path, *texts: str) -> tuple[list[str], str, float]:
    """Verdicts and logs, what was said besides, and the seconds until nobody could say more."""
    program = _FORKING.format(root=str(ROOT), directory=str(directory), texts=texts)
    began = time.monotonic()
    started = _started(directory, program)
    output, errors = started.communicate(timeout=100)
    assert started.returncode == 0, errors
    return output.splitlines(), errors, time.monotonic() - began


@pytest.mark.parametrize("then", ["log: fine", "rig.exit: {}"])
def test_a_child_of_a_plugin_delays_nothing(tmp_path: Path, then: str) -> None:
    """Neither the end of a worker nor who reads the run's output waits for it, and it is gone afterwards."""
    verbs = ("rig.start_child", "rig.fork_child", "rig.fork_child_in_c")
    texts = [f"steps: [{{{verb}: {{file: '{tmp_path}/{verb}'}}}}]" for verb in verbs]
    said, _, took = _forking(tmp_path, *texts, f"steps: [{{{then}}}]")
    assert said == (["passed"] * 4 + ["fine"] if then == "log: fine" else ["passed"] * 3 + ["error"])
    assert took < 30
    assert [verb for verb in verbs if _is_alive(int((tmp_path / verb).read_text()))] == []


def test_a_child_that_comes_back_from_a_plugin_is_ended(tmp_path: Path) -> None:
    """It says nothing in the name of the case."""
    said, errors, _ = _forking(tmp_path, "steps: [{rig.fork_and_return: {}}, {log: once}]", LOG)
    assert said == ["passed", "passed", "once", "fine"]
    assert "os._exit" in errors
