"""One case through the real engine: what happens in it, and what its verdict is."""

from pathlib import Path

import pytest

from ocpplab_runner.engine.planning.options import ExitCode
from ocpplab_runner.scenario.loader import load_text
from tests.engine import rigs
from tests.engine.suite_kit import failure, language, run_texts

CARD = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}"


def test_met_expectations_pass(tmp_path: Path) -> None:
    """A scenario whose expectations are met is passed, and so is the run."""
    outcome = run_texts(
        tmp_path,
        f"""
        {CARD}
        steps:
          - authorize_id_tag: CARD-1
            expect: {{auth_status: Accepted, transaction: started, connector_status: Charging}}
        """,
    )
    assert (outcome.code, outcome.verdicts(), outcome.steps()) == (ExitCode.OK, ["passed"], [("1", "passed")])


def test_unmet_expectation_fails_and_ends_the_steps(tmp_path: Path) -> None:
    """The failure names the place, and later steps do not run."""
    outcome = run_texts(
        tmp_path,
        f"""
        {CARD}
        steps:
          - authorize_id_tag: CARD-1
            expect: Blocked
          - log: never
        """,
    )
    end = outcome.end()
    assert (outcome.code, end["verdict"], outcome.logs()) == (ExitCode.FAILED, "failed", [])
    assert end["failure"]["line"] == 7
    assert end["failure"]["file"].endswith("a.yaml")
    assert end["reason"] == "auth_status should be Blocked, and is Accepted"


def test_refused_command_is_an_error(tmp_path: Path) -> None:
    """A command that makes no sense has not been executed; that is never a pass."""
    outcome = run_texts(tmp_path, "steps: [{unplug_connector: 1}]")
    assert outcome.verdicts() == ["error"]
    assert failure(outcome).startswith("unplug_connector was refused")


def test_refusal_may_be_expected(tmp_path: Path) -> None:
    """A step that expects the refusal is passed."""
    outcome = run_texts(tmp_path, "steps: [{unplug_connector: 1, expect: {outcome: refused}}]")
    assert outcome.verdicts() == ["passed"]


def test_unexpected_call_error_fails(tmp_path: Path) -> None:
    """A CSMS call answered with a CALLERROR fails its step when nobody has expected one."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - charger_reply: {to: GetConfiguration, error: InternalError, description: broken}
          - csms_call: {action: GetConfiguration}
        """,
    )
    assert outcome.verdicts() == ["failed"]
    assert failure(outcome) == "GetConfiguration was answered with CALLERROR InternalError: broken"
    assert outcome.end()["failure"]["line"] == 6


def test_late_call_error_fails_the_step_that_sent_it(tmp_path: Path) -> None:
    """An answer that comes during a later step is still that call's."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - charger_reply: {to: GetConfiguration, error: InternalError}
          - group:
              - csms_call: {action: GetConfiguration}
              - network: down
        """.replace("              - network: down\n", ""),
    )
    assert outcome.verdicts() == ["failed"]


def test_expected_call_error_passes(tmp_path: Path) -> None:
    """A CALLERROR is a first-class answer."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - charger_reply: {to: GetConfiguration, error: InternalError}
          - csms_call: {action: GetConfiguration}
            expect: {call_error: InternalError}
        """,
    )
    assert outcome.verdicts() == ["passed"]


@pytest.mark.parametrize(("expected", "verdict"), [("Accepted", "xpassed"), ("Blocked", "xfailed")])
def test_xfail(tmp_path: Path, expected: str, verdict: str) -> None:
    """A declared failure that fails is xfailed; one that passes is xpassed and fails the run."""
    outcome = run_texts(
        tmp_path,
        f"""
        xfail: known bug 7
        {CARD}
        steps:
          - authorize_id_tag: CARD-1
            expect: {expected}
        """,
    )
    assert outcome.verdicts() == [verdict]
    assert outcome.code is (ExitCode.FAILED if verdict == "xpassed" else ExitCode.OK)
    assert "known bug 7" in failure(outcome)


def test_skip_and_fail_verbs(tmp_path: Path) -> None:
    """skip ends the scenario as skipped, fail as failed, each with its reason."""
    outcome = run_texts(
        tmp_path,
        "steps: [{group: [{if: {condition: 'true', then: [{skip: not here}]}}]}, {log: never}]",
        "steps: [{fail: on purpose}]",
    )
    assert outcome.verdicts() == ["skipped", "failed"]
    assert [end["reason"] for end in outcome.ends()] == ["not here", "on purpose"]
    assert outcome.logs() == []


def test_finally_runs_after_a_failure_and_hides_nothing(tmp_path: Path) -> None:
    """Every finally step runs; a failure there becomes a warning beside the first one."""
    outcome = run_texts(
        tmp_path,
        """
        steps: [{fail: first}]
        finally:
          - log: one
          - if: {condition: 'true', then: [{fail: second}]}
          - log: two
        """,
    )
    end = outcome.end()
    assert (end["verdict"], end["reason"]) == ("failed", "first")
    assert end["warnings"] == ["finally step 2: second"]
    assert outcome.logs() == ["one", "two"]


def test_failure_in_finally_counts_when_it_is_the_first(tmp_path: Path) -> None:
    """A scenario whose clean-up fails is not passed."""
    outcome = run_texts(tmp_path, "steps: [{log: fine}]\nfinally: [{fail: second}]")
    assert (outcome.verdicts(), failure(outcome)) == (["failed"], "second")


def test_state_that_is_not_reached_is_an_error(tmp_path: Path) -> None:
    """A card that the CSMS refuses cannot be charging at the start."""
    outcome = run_texts(
        tmp_path,
        """
        given: {csms: {id_tokens: {CARD-1: Blocked}}, state: {charging: {id_tag: CARD-1}}}
        steps: [{log: never}]
        """,
    )
    assert outcome.verdicts() == ["error"]
    assert failure(outcome).startswith("the given state was not reached")
    assert outcome.logs() == []


def test_events_of_the_recipe_lie_before_the_start(tmp_path: Path) -> None:
    """since: start does not reach into the state's recipe."""
    outcome = run_texts(
        tmp_path,
        """
        given: {state: ev_connected}
        steps:
          - expect: {connector_status: Preparing}
            since: start
            within: 1s
        """,
    )
    assert outcome.verdicts() == ["failed"]


def test_step_timeout_is_an_error(tmp_path: Path) -> None:
    """A step that does not end in its timeout has not been executed."""
    outcome = run_texts(tmp_path, "steps: [{wait: 1h, timeout: 10s}]")
    assert outcome.verdicts() == ["error"]
    assert failure(outcome) == "the step did not end within its timeout of 10 s"
    assert outcome.end()["elapsed"] == 10.0


def test_case_timeout_is_an_error_and_finally_still_runs(tmp_path: Path) -> None:
    """The scenario's own timeout is on the run's clock."""
    outcome = run_texts(
        tmp_path,
        """
        timeout: 30s
        steps: [{wait: 1h}]
        finally: [{log: cleaned up}]
        """,
    )
    assert outcome.verdicts() == ["error"]
    assert "within its timeout of 30 s" in failure(outcome)
    assert outcome.logs() == ["cleaned up"]


def test_never_watches_and_fails_at_once(tmp_path: Path) -> None:
    """A quiet never waits out its time; a broken one fails the moment the event appears."""
    quiet = run_texts(tmp_path, "steps: [{never: {transaction: started}, for: 60s}]")
    assert (quiet.verdicts(), quiet.end()["elapsed"]) == (["passed"], 60.0)
    broken = run_texts(
        tmp_path,
        f"""
        {CARD}
        steps:
          - parallel:
              - [{{wait: 5s}}, {{authorize_id_tag: CARD-1}}]
              - [{{never: {{transaction: started}}, for: 60s}}]
        """,
    )
    assert (broken.verdicts(), broken.end()["elapsed"]) == (["failed"], 5.0)


def test_throughout_guards_every_charger(tmp_path: Path) -> None:
    """A forbidden event ends the steps at once, whichever charger shows it."""
    outcome = run_texts(
        tmp_path,
        """
        given: {chargers: {A: {}, B: {}}}
        throughout: {never: {connector_status: Faulted}}
        steps:
          - inject_fault: GroundFailure
            charger: B
          - wait: 1h
        finally: [{log: cleaned up}]
        """,
    )
    assert outcome.verdicts() == ["failed"]
    assert failure(outcome).startswith("throughout: ")
    assert outcome.end()["elapsed"] < 60
    assert outcome.logs() == ["cleaned up"]


def test_several_chargers_have_windows_of_their_own(tmp_path: Path) -> None:
    """An expectation looks only at its own charger's events."""
    outcome = run_texts(
        tmp_path,
        """
        given: {chargers: {A: {}, B: {}}}
        steps:
          - plug_connector: 1
            charger: A
            expect: {connector_status: Preparing}
          - expect: {connector_status: Preparing}
            charger: B
            within: 5s
        """,
    )
    assert outcome.steps() == [("1", "passed"), ("2", "failed")]


def test_parallel_branches_run_side_by_side(tmp_path: Path) -> None:
    """Branches share the time; a failure in one cancels the others."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - parallel:
              - [{wait: 10s}, {log: first}]
              - [{wait: 20s}, {log: second}]
          - parallel:
              - [{wait: 1h}, {log: never}]
              - [{wait: 5s}, {fail: on purpose}]
        """,
    )
    assert outcome.logs() == ["first", "second"]
    assert outcome.verdicts() == ["failed"]
    assert outcome.end()["elapsed"] == 25.0
    assert ("2.1.1", "skipped") in outcome.steps()
    assert ("2.2.2", "failed") in outcome.steps()


def test_save_and_expressions(tmp_path: Path) -> None:
    """A saved value keeps its type and is there for all later steps."""
    outcome = run_texts(
        tmp_path,
        """
        vars: {base: 40}
        given: {charger: {settings: {heartbeat_interval: 7s}}, csms: {id_tokens: {CARD-1: Accepted}}}
        steps:
          - csms_call: {action: GetConfiguration, payload: {key: [HeartbeatInterval]}}
            save: {interval: "response.configurationKey[0].value"}
          - start_session: CARD-1
            expect: {transaction: started}
            save: {tx: transaction.transaction_id}
          - reset_auth_cache: {}
            save: {emptied: outcome.is}
          - log: "${{ int(interval) + base }} ${{ tx + 1 }} ${{ emptied }} ${{ ocpp_version }}"
        """,
    )
    assert outcome.verdicts() == ["passed"]
    assert outcome.logs() == ["47 2 done 1.6"]


def test_save_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    """A path that does not exist says so."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - csms_call: {action: GetConfiguration}
            save: {x: response.nothing}
        """,
    )
    assert outcome.verdicts() == ["error"]
    assert "there is no 'nothing'" in failure(outcome)


def test_non_boolean_condition_is_an_error(tmp_path: Path) -> None:
    """A condition is true or false, never truthy."""
    outcome = run_texts(tmp_path, "vars: {n: 1}\nsteps: [{if: {condition: n, then: [{log: x}]}}]")
    assert outcome.verdicts() == ["error"]


def test_flow_verbs(tmp_path: Path) -> None:
    """group, repeat, if and until do what they say."""
    outcome = run_texts(
        tmp_path,
        """
        steps:
          - group: [{log: in a group}]
          - repeat: {times: 3, as: i, steps: [{log: "turn ${{ i }}"}]}
          - if: {condition: ocpp_version == '1.6', then: [{log: then}], else: [{log: else}]}
          - if: {condition: ocpp_version == '2.1', then: [{log: then}], else: [{log: else}]}
          - until: {condition: 'true', deadline: 5s, steps: [{log: tried}]}
        """,
    )
    assert outcome.logs() == ["in a group", "turn 1", "turn 2", "turn 3", "then", "else", "tried"]
    assert outcome.verdicts() == ["passed"]


def test_until_fails_at_its_deadline(tmp_path: Path) -> None:
    """What does not come true in time is a failure, not an error."""
    outcome = run_texts(tmp_path, "steps: [{until: {condition: 'false', every: 2s, deadline: 9s, steps: [{log: x}]}}]")
    assert outcome.verdicts() == ["failed"]
    assert outcome.end()["elapsed"] == 9.0
    assert len(outcome.logs()) == 5


def test_programmed_csms_and_changed_cards(tmp_path: Path) -> None:
    """csms_reply and update_id_tokens change what the CSMS answers from now on."""
    outcome = run_texts(
        tmp_path,
        """
        given:
          charger: {settings: {cache_enabled: false}}
          csms: {id_tokens: {CARD-1: Accepted}}
        steps:
          - csms_reply: {to: Authorize, payload: {idTagInfo: {status: Expired}}}
          - authorize_id_tag: CARD-1
            expect: Expired
          - update_id_tokens: {CARD-1: Blocked}
          - authorize_id_tag: CARD-1
            expect: Blocked
        """,
    )
    assert outcome.verdicts() == ["passed"]


@pytest.mark.parametrize(
    ("steps", "verdict", "reason"),
    [
        ("[{csms: stopped}, {csms: started}]", "passed", ""),
        ("[{csms: started}]", "error", "the CSMS is in service already"),
        ("[{csms: stopped}, {csms: {down_for: 1m}}]", "error", "the CSMS is out of service already"),
        ("[{csms: {down_for: 1m}}, {wait: 1m}, {csms: stopped}]", "passed", ""),
        ("[{csms: stopped}, {csms: stopped, expect: {outcome: refused}}]", "passed", ""),
        ("[{csms: stopped}, {trigger_message: Heartbeat}]", "error", "not connected"),
    ],
)
def test_a_csms_out_of_service(tmp_path: Path, steps: str, verdict: str, reason: str) -> None:
    """What makes no sense in its present state is refused, and it can ask nobody for anything."""
    outcome = run_texts(tmp_path, f"steps: {steps}")
    assert outcome.verdicts() == [verdict], failure(outcome)
    assert reason in failure(outcome)


def test_strict_fails_on_a_violation(tmp_path: Path) -> None:
    """A violation is reported beside a pass, and fails it with --strict."""
    text = """
        steps:
          - charger_reply: {to: ClearCache, garbage: "[]"}
          - clear_cache: {}
            expect: {response: none}
        """
    lenient = run_texts(tmp_path, text)
    assert lenient.verdicts() == ["passed"]
    assert "charger" in [violation["by"] for violation in lenient.end()["violations"]]
    strict = run_texts(tmp_path, text, strict=True)
    assert strict.verdicts() == ["failed"]


@pytest.mark.parametrize(
    "steps",
    [
        "[{csms_call: {action: Reset, payload: {type: Gently}}, raw: true, expect: {call_error: {}}}]",
        "[{csms_reply: {to: Heartbeat, payload: {currentTime: yesterday}}, raw: true}, {trigger_message: Heartbeat}]",
        "[{charger_reply: {to: TriggerMessage, silence: true}}, {trigger_message: Heartbeat,"
        " expect: {response: none}, within: 31s}]",
    ],
)
def test_strict_forgives_what_the_scenario_does_on_purpose(tmp_path: Path, steps: str) -> None:
    """A breach that a raw step asks for is on the ledger, but no fault of the other side."""
    outcome = run_texts(tmp_path, f"steps: {steps}", strict=True)
    assert outcome.verdicts() == ["passed"], failure(outcome)
    assert any(record["type"] == "event" and record["event"]["kind"] == "violation" for record in outcome.records)


@pytest.mark.parametrize(("raw", "verdict"), [("raw: true", "passed"), ("timeout: 1s", "failed")])
def test_what_a_plugins_verb_programmes_is_the_scenarios_wish(tmp_path: Path, raw: str, verdict: str) -> None:
    """A programmed CALLERROR is nobody's fault; a breach is one, unless the step says raw."""
    outcome = run_texts(
        tmp_path,
        f"""
        steps:
          - rig.garble: {{}}
            {raw}
          - trigger_message: Heartbeat
          - trigger_message: {{message: StatusNotification, evse_id: 1}}
          - clear_cache: {{}}
        """,
        plugins=language(rigs=rigs),
        strict=True,
    )
    assert outcome.verdicts() == [verdict], failure(outcome)
    told = " ".join(outcome.end().get("warnings", ()))
    assert "GenericError" not in told


def test_secrets_are_redacted_everywhere(tmp_path: Path) -> None:
    """A declared secret, a saved one and a password appear in no record."""
    outcome = run_texts(
        tmp_path,
        """
        vars: {pin: hunter2}
        secrets: [pin, key]
        given: {charger: {basic_auth: {password: topsecret}}}
        steps:
          - csms_call: {action: GetConfiguration, payload: {key: [HeartbeatInterval]}}
            save: {key: "response.configurationKey[0].key"}
          - log: "${{ pin }} and ${{ key }} and topsecret"
          - fail: "${{ pin }}"
        """,
    )
    assert outcome.verdicts() == ["failed"]
    after_save = outcome.text().split('"index": "1"')[1]
    for secret in ("hunter2", "topsecret"):
        assert secret not in outcome.text()
    assert "HeartbeatInterval" not in after_save


def test_a_one_letter_secret_and_password(tmp_path: Path) -> None:
    """Very short secrets spoil neither the run nor its texts; the options called authorization hide nothing."""
    outcome = run_texts(
        tmp_path,
        """
        vars: {pin: e}
        secrets: [pin]
        given:
          charger:
            basic_auth: {password: t}
            authorization: {master_pass_group: MASTER, selection_algorithm: FindFirst}
        steps:
          - log: "it is ${{ pin }} and FindFirst"
          - fail: "the MASTER says ${{ pin }}"
        """,
    )
    assert outcome.verdicts() == ["failed"]
    assert "it is [redacted] and FindFirst" in outcome.text()
    assert "the MASTER says [redacted]" in outcome.text()


def test_a_wrong_answer_may_be_given(tmp_path: Path) -> None:
    """`raw: true` on an answer of `given.csms.replies` lets it through, and it is nobody's fault."""
    text = """
        ocpp: ["2.0.1"]
        given:
          csms:
            replies: [{to: BootNotification, payload: {status: Accepted}, raw: true}]
          state: disconnected
        steps:
          - power: "on"
            expect: {message: {action: BootNotification, from: charger, at_least: 2}}
            within: 2m
        """
    assert run_texts(tmp_path, text, strict=True).verdicts() == ["passed"]


def test_a_secret_is_hidden_before_a_text_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever place a line is cut, no beginning of a secret is left; `env.NAME` of a secret's name is one."""
    monkeypatch.setenv("SEEDED_TOKEN", "S3CR3T" * 8)
    for padding in range(0, 150, 25):
        directory = tmp_path / str(padding)
        directory.mkdir()
        outcome = run_texts(
            directory,
            f"""
            steps:
              - data_transfer: {{vendor_id: v, data: "{"x" * padding}${{{{ env.SEEDED_TOKEN }}}}"}}
                expect: {{response: {{status: Accepted}}}}
            """,
        )
        assert outcome.verdicts() == ["failed"]
        assert "S3CR3T" not in outcome.text()


@pytest.mark.parametrize("expression", ["env", "len(env)", "env['HOME']"])
def test_the_environment_as_a_whole_is_no_value(expression: str) -> None:
    """Nothing prints all of the environment: such a scenario is refused before it runs."""
    text = f'name: It\nsteps: [{{log: "${{{{ {expression} }}}}"}}]'
    (refusal,) = load_text(text, language().registry, path=Path("it.yaml"), versions=None).diagnostics
    assert refusal.code == "expression-error"
    assert "'env' is no value" in refusal.message
