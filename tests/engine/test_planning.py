"""From scenarios to cases: ids, versions, rows, selection, what is blocked, and how long it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.planning.options import Selector, SuiteOptions
from ocpplab_runner.engine.planning.plan import Plan
from ocpplab_runner.engine.planning.planner import classname
from ocpplab_runner.engine.planning.render import render_plan
from ocpplab_runner.engine.planning.selection import read_last_failed, write_last_failed
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import language, plan_texts, run_plan, run_texts

TWO = "name: Two\nocpp: ['1.6', '2.0.1']\ntags: [auth, slow]\nsteps: [{log: x}]"
ROWS = """
name: Rows
ocpp: ['1.6', '2.0.1']
tags: [quick]
cases:
  - {name: expired, status: Expired}
  - {name: no credit, status: NoCredit, only: ['2.0.1']}
steps: [{log: '${{ status }}'}]
"""


def ids(plan: Plan) -> list[str]:
    """Names of the plan's cases behind their file."""
    return [case.info["name"] for case in plan.cases]


def test_one_case_per_version_and_row(tmp_path: Path) -> None:
    """The version is always in the name; a row with only exists in those versions."""
    plan = plan_texts(tmp_path, TWO, ROWS)
    assert ids(plan) == [
        "Two [ocpp1.6]",
        "Two [ocpp2.0.1]",
        "Rows [expired, ocpp1.6]",
        "Rows [expired, ocpp2.0.1]",
        "Rows [no credit, ocpp2.0.1]",
    ]
    first = plan.cases[0].info
    assert first["id"] == f"{first['file']}::Two [ocpp1.6]"
    assert (first["tags"], first["ocpp"], first["target"]) == (["auth", "slow"], "1.6", "simulated")


def test_without_versions_every_version_of_the_target(tmp_path: Path) -> None:
    """A scenario that names no version runs in all that the target speaks."""
    path = tmp_path / "x.yaml"
    path.write_text("name: X\nsteps: [{log: x}]")
    from ocpplab_runner.engine.running.suite import plan_suite
    from ocpplab_runner.scenario.loader import load_files

    plugins = language()
    target = plugins.target("simulated", "simulated", {})
    plan = plan_suite(load_files([path], plugins.registry).scenarios, SuiteOptions(), target, plugins)
    assert [case.version for case in plan.cases] == list(target.capabilities.versions)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("scenarios/auth/x.yaml", "scenarios.auth.x"),
        ("a.b/c.d.yaml", "a_b.c_d"),
        ("/abs/x.yml", "abs.x"),
        ("./x.yaml", "x"),
        ("../x.yaml", "__.x"),
    ],
)
def test_classname(path: str, expected: str) -> None:
    """Slashes become dots, so that Jenkins splits it into packages; other dots become underscores."""
    assert classname(Path(path)) == expected


def selected(tmp_path: Path, **options: object) -> list[str]:
    """What a plan of both files holds with these options."""
    return ids(plan_texts(tmp_path, TWO, ROWS, options=SuiteOptions(**options)))  # type: ignore[arg-type]


def test_selection_by_keyword_and_tag(tmp_path: Path) -> None:
    """-k looks at the id without letter case, --tag at whole tags."""
    assert selected(tmp_path, keyword="TWO and 2.0.1") == ["Two [ocpp2.0.1]"]
    assert selected(tmp_path, keyword="not two and 1.6") == ["Rows [expired, ocpp1.6]"]
    assert selected(tmp_path, tag_expression="slow") == ["Two [ocpp1.6]", "Two [ocpp2.0.1]"]
    assert selected(tmp_path, tag_expression="slo") == []
    assert len(selected(tmp_path, tag_expression="slow or quick")) == 5


def test_selection_by_version(tmp_path: Path) -> None:
    """Only cases of that version are planned."""
    assert selected(tmp_path, only_version=OcppVersion.V16) == ["Two [ocpp1.6]", "Rows [expired, ocpp1.6]"]


def test_selection_by_line_and_id(tmp_path: Path) -> None:
    """FILE:LINE picks the row that stands there, FILE::id a case, with or without brackets; other files stay whole."""
    rows = tmp_path / "b.yaml"
    two = ["Two [ocpp1.6]", "Two [ocpp2.0.1]"]
    assert selected(tmp_path, selectors=(Selector(rows, line=7),)) == [*two, "Rows [no credit, ocpp2.0.1]"]
    assert len(selected(tmp_path, selectors=(Selector(rows, line=1),))) == 5
    assert selected(tmp_path, selectors=(Selector(rows, name="Rows [expired, ocpp1.6]"),)) == [
        *two,
        "Rows [expired, ocpp1.6]",
    ]
    assert len(selected(tmp_path, selectors=(Selector(rows, name="Rows"),))) == 5
    assert selected(tmp_path, selectors=(Selector(rows, name="Nothing"),)) == two


def test_shards_share_everything_once(tmp_path: Path) -> None:
    """The shards together are the whole, and none overlaps another."""
    shards = [selected(tmp_path, shard=(number, 3)) for number in (1, 2, 3)]
    assert sorted(name for shard in shards for name in shard) == sorted(selected(tmp_path))


@pytest.mark.parametrize("shard", [(0, 3), (4, 3)])
def test_shard_outside_its_number_is_refused(tmp_path: Path, shard: tuple[int, int]) -> None:
    """--shard 4/3 is a mistake, not an empty run."""
    with pytest.raises(ValueError, match="--shard"):
        selected(tmp_path, shard=shard)


def test_shuffle_follows_the_seed(tmp_path: Path) -> None:
    """The same seed gives the same order, and nothing is lost."""
    assert selected(tmp_path, shuffle=True, seed=3) == selected(tmp_path, shuffle=True, seed=3)
    orders = {tuple(selected(tmp_path, shuffle=True, seed=seed)) for seed in range(5)}
    assert len(orders) > 1
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(selected(tmp_path)))}


def test_repeat_gives_every_turn_an_id(tmp_path: Path) -> None:
    """Names stay unique."""
    plan = plan_texts(tmp_path, TWO, options=SuiteOptions(repeat=2, only_version=OcppVersion.V16))
    assert ids(plan) == ["Two [ocpp1.6, #1]", "Two [ocpp1.6, #2]"]


def test_a_file_named_twice_is_planned_once(tmp_path: Path) -> None:
    """Ids are unique whatever the command line repeats."""
    from ocpplab_runner.engine.running.suite import plan_suite

    plan = plan_texts(tmp_path, TWO)
    scenarios = [plan.cases[0].scenario] * 2
    assert len(plan_suite(scenarios, SuiteOptions(), plan.target, plan.plugins).cases) == 2


def test_last_failed(tmp_path: Path) -> None:
    """Only what was bad the last time runs; a good run leaves it, what did not run stays."""
    state = tmp_path / "state"
    good, bad = "steps: [{log: x}]", "steps: [{fail: x}]"
    run_texts(tmp_path, good, bad, state_directory=state)
    failed = read_last_failed(state)
    assert [one.rsplit("/", 1)[1] for one in failed] == ["b.yaml::B [ocpp1.6]"]
    again = run_texts(tmp_path, good, bad, state_directory=state, last_failed=True)
    assert again.verdicts() == ["failed"]
    run_texts(tmp_path, good, good, state_directory=state, last_failed=True)
    assert read_last_failed(state) == frozenset()
    assert len(run_texts(tmp_path, good, bad, state_directory=state, last_failed=True).ends()) == 2


def test_last_failed_keeps_what_did_not_run(tmp_path: Path) -> None:
    """A partial run does not forget failures elsewhere; a broken record is no record."""
    write_last_failed(tmp_path, [], ["a", "b"])
    write_last_failed(tmp_path, ["a"], ["c"])
    assert read_last_failed(tmp_path) == {"b", "c"}
    (tmp_path / "last-failed.json").write_text("not json")
    assert read_last_failed(tmp_path) == frozenset()


def test_variables_from_the_command_line_win(tmp_path: Path) -> None:
    """--var goes before the row, the row before vars."""
    text = (
        "vars: {a: '1', b: '1', c: '1'}\ncases: [{name: r, b: '2', c: '2'}]\nsteps: [{log: '${{ a }}${{ b }}${{ c }}'}]"
    )
    assert run_texts(tmp_path, text, variables={"c": "3"}).logs() == ["123"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("steps: [{prompt: press the button}]", "prompt needs an operator, and nobody is there"),
        ("steps: [{if: {condition: 'true', then: [{prompt: x}]}}]", "prompt needs an operator, and nobody is there"),
        ("steps: [{log: x}]\nfinally: [{prompt: x}]", "prompt needs an operator, and nobody is there"),
    ],
)
def test_blocked_before_the_first_step(tmp_path: Path, text: str, reason: str) -> None:
    """What the target or the run cannot do is known beforehand, wherever it stands."""
    plan = plan_texts(tmp_path, text)
    assert [case.blocked for case in plan.cases] == [reason]
    outcome = run_plan(plan, SuiteOptions(jobs=0))
    assert (outcome.verdicts(), outcome.steps()) == (["blocked"], [])
    assert outcome.code == 5


CSMS = {"url": "ws://127.0.0.1:9", "within": "5s"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("steps: [{remote_start: CARD-1}]", "the target cannot remote_start: the CSMS is not ours"),
        ("steps: [{csms_reply: {to: Authorize, silence: true}}]", "the target cannot csms_reply: the CSMS is not ours"),
        ("given: {state: unavailable}\nsteps: [{log: x}]", "the target cannot bring a charger into the state"),
        ("steps: [{wait: 3m}]", "it takes at least 180 s of real time, and --max-real allows 120 s"),
        ("steps: [{repeat: {times: 3, steps: [{wait: 50s}]}}]", "it takes at least 150 s"),
        ("steps: [{parallel: [[{wait: 150s}], [{wait: 1s}]]}]", "it takes at least 150 s"),
        ("steps: [{never: {boot: Accepted}, for: 121s}]", "it takes at least 121 s"),
        ("steps: [{expect: {heartbeat: {count: 1}}, within: 5m}]", "it takes at least 300 s"),
        (
            "cases: [{name: long, how: wait}]\n"
            "steps: [{if: {condition: how == 'go', then: [{log: x}], else: [{wait: 10m}]}}]",
            "it takes at least 600 s",
        ),
        ("steps: [{if: {condition: true, then: [{wait: 10m}]}}]", "it takes at least 600 s"),
        (
            "cases: [{name: long, how: slow}]\nsteps: [{wait: \"${{ '10m' if how == 'slow' else '1s' }}\"}]",
            "it takes at least 600 s",
        ),
        ("vars: {t: 1}\nsteps: [{wait: '${{ str(t) + \"h\" }}'}]", "it takes at least 3600 s"),
        ("vars: {t: 1s}\ncases: [{name: long, t: 1h}]\nsteps: [{wait: '${{ t }}'}]", "it takes at least 3600 s"),
    ],
)
def test_blocked_against_a_foreign_csms(tmp_path: Path, text: str, reason: str) -> None:
    """A CSMS that is not ours does nothing at our word, and real time is dear."""
    target = language().target("csms", "csms", CSMS)
    (case,) = plan_texts(tmp_path, text, target=target).cases
    assert case.blocked is not None
    assert case.blocked.startswith(reason)


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{wait: 2m}]",
        "steps: [{parallel: [[{wait: 100s}], [{wait: 100s}]]}]",
        "steps: [{if: {condition: 'false', then: [{wait: 1h}]}}]",
        "vars: {t: 1}\nsteps: [{wait: '${{ str(t) + \"m\" }}'}]",
        "ocpp: ['1.6', '2.0.1']\nsteps: [{remote_start: CARD-1, only: ['2.0.1']}, {log: x}]",
    ],
)
def test_not_blocked_against_a_foreign_csms(tmp_path: Path, text: str) -> None:
    """Only what must happen counts."""
    target = language().target("csms", "csms", CSMS)
    assert plan_texts(tmp_path, text, target=target).cases[0].blocked is None


def test_dry_run_shows_the_resolved_plan(tmp_path: Path) -> None:
    """Every case with its variables and the steps of its version; secrets are hidden."""
    text = """
name: Shown
ocpp: ['1.6', '2.0.1']
vars: {pin: hunter2, card: CARD-1}
secrets: [pin]
steps:
  - name: drive in
    plug_connector: 1
  - authorize_id_tag: '${{ card }}'
    only: ['1.6']
    expect: {transaction: started}
    within: 10s
  - parallel: [[{wait: 1m}], [{log: x}]]
  - prompt: now
    only: ['2.0.1']
finally: [{unplug_connector: 1}]
"""
    shown = render_plan(plan_texts(tmp_path, text), SuiteOptions())
    assert "hunter2" not in shown
    assert "1. 'drive in'; plug_connector" in shown
    assert shown.count("authorize_id_tag") == 1
    assert "expect transaction started within 10s" in shown
    assert "3.1.1. wait" in shown
    assert "3.2.1. log" in shown
    assert "blocked: prompt needs an operator" in shown
    assert "finally.1. unplug_connector" in shown
    assert "takes at least 1m" in shown
    assert shown.endswith("2 cases, 0 deselected, target simulated")
