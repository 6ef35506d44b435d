"""Scenario files as items of pytest: found, named, selected, and with the verdicts of ``run``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from anyio.abc import SocketAttribute

from ocpplab_runner.api import run_scenario
from ocpplab_runner.pytest_plugin import fixtures
from tests.acceptance.cli_kit import HERE, cli
from tests.acceptance.suites import run_suite

pytest_plugins = ("pytester",)
#: A pytest in this process forgets the modules that it has imported: extension modules cannot be imported twice, and
#: what AnyIO calls an attribute of a socket is another one after that, so that no connection has any.
_ = (
    fixtures,
    SocketAttribute,
    run_scenario("name: x\nsteps: [{plug_connector: {}, expect: {message: {action: StatusNotification}}}]"),
)

PLUG = """
name: A car is plugged in
tags: [smoke, auth:deep, skip, two words]
covers: [TC_001_CS]
ocpp: ["1.6", "2.0.1"]
steps:
  - plug_connector: {}
    expect: {connector_status: Preparing}
"""
REFUSED = """
name: A blocked card
tags: [auth]
ocpp: ["1.6"]
given: {csms: {id_tokens: {CARD-1: Blocked}}}
steps:
  - authorize_id_tag: CARD-1
    expect: Accepted
"""
MISSPELT = """
name: A wrong verb
ocpp: ["1.6"]
steps:
  - plug_conector: 1
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Callable[..., pytest.Pytester]:
    """Files of a suite: path → text."""

    def make(**files: str) -> pytest.Pytester:
        for name, text in files.items():
            path = pytester.path / name.replace("__", "/")
            path = path.with_name(path.name.replace("_yaml", ".yaml").replace("_py", ".py"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return pytester

    return make


def here_again(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in this process, which has rewritten assertions already; Schemathesis is dear to import anew."""
    return pytester.runpytest_inprocess("--assert=plain", "-p", "no:schemathesis", *arguments)


def ids(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """What is collected."""
    done = here_again(pytester, "--collect-only", "-q", *arguments)
    return [line for line in done.outlines if "::" in line and not line.startswith("ERROR")]


def test_cases_have_the_ids_of_run(suite: Callable[..., pytest.Pytester]) -> None:
    """A name of one serves the other."""
    here = suite(scenarios__deep__plug_yaml=PLUG)
    listed = cli("run", "scenarios", "--list", cwd=here.path).out.splitlines()
    assert ids(here) == listed
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("-k", "ocpp1.6"), 1),
        (("-k", "plugged and not ocpp1.6"), 1),
        (("-m", "smoke"), 2),
        (("-m", "not smoke"), 0),
        (("-k", "skip"), 2),
        (("scenarios/plug.yaml::A car is plugged in [ocpp2.0.1]",), 1),
    ],
    ids=str,
)
def test_cases_are_selected_as_tests_are(
    suite: Callable[..., pytest.Pytester], arguments: tuple[str, ...], left: int
) -> None:
    """By words, by tags and by id; a tag named like a mark that acts is a word only."""
    here = suite(scenarios__plug_yaml=PLUG)
    done = here_again(here, "--strict-markers", *arguments)
    done.assert_outcomes(passed=left, deselected=2 - left if "::" not in arguments[0] else 0)


def test_only_scenarios_of_the_configured_paths_are_collected(suite: Callable[..., pytest.Pytester]) -> None:
    """Other YAML, and what lies elsewhere, is somebody else's; a file that is named is not."""
    here = suite(
        scenarios__plug_yaml=PLUG,
        scenarios___shared__parts_yaml=PLUG,
        scenarios__compose_yaml="name: app\nservices: {}\n",
        scenarios__api_yaml="openapi: 3.1.0\ninfo: {title: x, version: '1'}\ntags: []\n",
        scenarios__fragments_yaml="fragments: {plug: [{plug_connector: 1}]}\n",
        elsewhere__plug_yaml=PLUG,
        elsewhere__list_yaml="- 1\n",
    )
    assert ids(here) == ids(here, "scenarios") != []
    assert {one.partition("::")[0] for one in ids(here)} == {"scenarios/plug.yaml"}
    assert ids(here, "elsewhere") == []
    assert len(ids(here, "elsewhere/plug.yaml")) == 2
    here.makeini("[pytest]\nocpplab_scenarios =\n    else*\n")
    assert {one.partition("::")[0] for one in ids(here)} == {"elsewhere/plug.yaml"}


@pytest.mark.parametrize(
    "text",
    [MISSPELT, "name: no steps\nstep: []\n", "{name: in braces, steps: [{plug_connector: {}}]", "steps: [\n"],
    ids=("verb", "key", "braces", "syntax"),
)
def test_a_wrong_file_is_one_error_and_the_others_run(suite: Callable[..., pytest.Pytester], text: str) -> None:
    """As ``run`` has it; and what is wrong stands there as ``check`` says it."""
    here = suite(scenarios__plug_yaml=PLUG, scenarios__wrong_yaml=text)
    done = here_again(here)
    done.assert_outcomes(passed=2, errors=1)
    told = cli("check", "scenarios/wrong.yaml", cwd=here.path).out.splitlines()
    done.stdout.fnmatch_lines([told[0].replace("[", "[[]")])


def test_a_failure_is_told_as_ours(suite: Callable[..., pytest.Pytester]) -> None:
    """Where, what was expected and came, and the sequence; no line of Python."""
    here = suite(scenarios__blocked_yaml=REFUSED)
    done = here_again(here)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "auth_status should be Accepted, and is Blocked",
            "at scenarios/blocked.yaml:8:5",
            "expected  auth_status Accepted",
            "    - Accepted",
            "    + Blocked",
            "sequence",
            "FAILED scenarios/blocked.yaml::A blocked card [[]ocpp1.6] - auth_status sho*",
        ]
    )
    assert ".py" not in done.stdout.str().partition("FAILURES")[2]


def test_last_failed_runs_what_failed(suite: Callable[..., pytest.Pytester]) -> None:
    """Only that, until it passes."""
    here = suite(scenarios__plug_yaml=PLUG, scenarios__blocked_yaml=REFUSED)
    here_again(here).assert_outcomes(passed=2, failed=1)
    here_again(here, "--lf").assert_outcomes(failed=1)
    (here.path / "scenarios/blocked.yaml").write_text(REFUSED.replace("expect: Accepted", "expect: Blocked"))
    here_again(here, "--lf").assert_outcomes(passed=1)


def verdicts_of_pytest(here: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """Case → verdict, from JUnit."""
    run_suite(here.path, "scenarios", "--junitxml=pytest.xml", *arguments)
    found = {}
    for case in ElementTree.parse(here.path / "pytest.xml").iter("testcase"):
        properties = {one.get("name"): one.get("value") for one in case.iter("property")}
        kind = next((one.tag for one in case if one.tag != "properties"), "passed")
        verdict = properties.get("ocpplab_verdict", kind)
        found[f"{case.get('classname')}::{case.get('name')}"] = verdict
        expected = {"failed": "failure", "xpassed": "failure", "error": "error", "passed": "passed"}
        assert kind == expected.get(str(verdict), "skipped")
    return found


def verdicts_of_run(here: Path) -> dict[str, str]:
    """The same from ``run``."""
    cli("run", "scenarios", "--jsonl", "run.jsonl", cwd=here)
    records = [json.loads(line) for line in (here / "run.jsonl").read_text("utf-8").splitlines()]
    ended = {one["id"]: one["verdict"] for one in records if one["type"] == "case" and one["phase"] == "end"}
    ended |= {f"{one['file']}::is a valid scenario": "error" for one in records if one["type"] == "invalid"}
    return {f"{file.replace('/', '.')}::{name}": verdict for file, _, name in _parts(ended) for verdict in [_]}


def _parts(ended: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(one.partition("::")[0], verdict, one.partition("::")[2]) for one, verdict in ended.items()]


def test_verdicts_are_those_of_run(pytester: pytest.Pytester) -> None:
    """Every kind of them, and of every file that is refused; side by side, too."""
    shutil.copytree(HERE / "suite", pytester.path / "scenarios")
    shutil.copytree(HERE / "broken", pytester.path / "scenarios" / "broken")
    expected = verdicts_of_run(pytester.path)
    assert set(expected.values()) == {"passed", "failed", "error", "blocked", "skipped", "xfailed", "xpassed"}
    assert verdicts_of_pytest(pytester) == expected
    assert verdicts_of_pytest(pytester, "-n", "2") == expected


def test_a_skip_stands_where_its_scenario_does(pytester: pytest.Pytester) -> None:
    """Not in our plugin."""
    shutil.copytree(HERE / "suite", pytester.path / "scenarios")
    done = here_again(pytester, "-rs", "scenarios/blocked.yaml")
    done.stdout.fnmatch_lines(["SKIPPED * scenarios/blocked.yaml:1: blocked: *"])


def test_a_known_failure_fails_with_runxfail(pytester: pytest.Pytester) -> None:
    """As a test that is expected to fail does."""
    shutil.copytree(HERE / "suite", pytester.path / "scenarios")
    here_again(pytester, "scenarios/xfail.yaml").assert_outcomes(xfailed=1)
    here_again(pytester, "scenarios/xfail.yaml", "--runxfail").assert_outcomes(failed=1)


def test_warnings_that_a_suite_forbids_change_no_verdict(suite: Callable[..., pytest.Pytester]) -> None:
    """They are for its tests."""
    here_again(suite(scenarios__plug_yaml=PLUG), "-W", "error").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--ocpplab-target", "nowhere"), "there is no target 'nowhere'; there are: *"),
        (("--ocpplab-plugin", "no_such_plugin"), "*no_such_plugin*"),
        (("--ocpplab-var", "x"), "*'x' is not NAME=TEXT or NAME:=JSON*"),
    ],
    ids=str,
)
def test_a_wrong_option_is_told(suite: Callable[..., pytest.Pytester], arguments: tuple[str, ...], told: str) -> None:
    """And nothing runs."""
    done = here_again(suite(scenarios__plug_yaml=PLUG), *arguments)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([told])


def test_a_variable_that_no_scenario_has_is_wrong_usage(suite: Callable[..., pytest.Pytester]) -> None:
    """It would change nothing without a word."""
    here = suite(
        scenarios__vars_yaml=REFUSED.replace("name:", "vars: {card: CARD-1}\nname:").replace(
            "tag: CARD-1", "tag: ${{ card }}"
        )
    )
    here_again(here, "--ocpplab-var", "card=CARD-2").assert_outcomes(failed=1)
    done = here_again(here, "--ocpplab-var", "crad=CARD-2")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*no scenario has a variable 'crad'; did you mean 'card'?*"])


def test_nothing_changes_in_a_suite_without_scenarios(suite: Callable[..., pytest.Pytester]) -> None:
    """The language is not even loaded."""
    here = suite(
        data__steps_yaml=PLUG,
        test_it_py="""
import sys

def test_it():
    assert {one for one in sys.modules if one.startswith("ocpplab_runner.")} == {
        "ocpplab_runner.pytest_plugin", "ocpplab_runner.pytest_plugin.files"
    }
""",
    )
    here.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(passed=1)


def test_a_python_test_calls_a_scenario(suite: Callable[..., pytest.Pytester]) -> None:
    """A text or a file beside it; it fails and is skipped with it."""
    here = suite(
        deep__plug_yaml=PLUG,
        deep__refused_yaml=REFUSED,
        deep__test_it_py='''
import pytest

def test_file(scenario):
    assert scenario("plug.yaml").verdicts == ["passed", "passed"]

def test_text(scenario):
    run = scenario("""
        name: Inline
        vars: {wanted: Charging}
        ocpp: ["1.6"]
        steps:
          - plug_connector: {}
            expect: {connector_status: "${{ wanted }}"}
    """, variables={"wanted": "Preparing"})
    assert any(event["name"] == "connector_status" for event in run.events)

def test_failing(scenario):
    scenario("refused.yaml")

def test_wrong(scenario):
    scenario("name: x\\nocpp: ['1.6']\\nsteps: [{plug_conector: 1}]")

def test_skipped(scenario):
    scenario("name: x\\nocpp: ['1.6']\\nsteps: [{skip: because}]")
''',
    )
    done = here_again(here, "-rs")
    done.assert_outcomes(passed=2, failed=2, skipped=1)
    done.stdout.fnmatch_lines(
        ["deep/refused.yaml::A blocked card * failed: auth_status should be Accepted, and is Blocked"]
    )
    done.stdout.fnmatch_lines(["*there is no verb 'plug_conector'*", "*did you mean 'plug_connector'?"])
    done.stdout.fnmatch_lines(["SKIPPED * skipped: because"])
