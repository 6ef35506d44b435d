"""Every verb's example is a step that the engine runs."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from ocpplab_runner.engine.planning.options import SuiteOptions
from ocpplab_runner.scenario.registry import VerbSpec
from ocpplab_runner.steps.builtin import ocpplab_verbs
from tests.engine.suite_kit import plan_texts, run_plan

VERBS = [verb.spec for verb in ocpplab_verbs() if verb.spec.example]
GIVEN = """
given:
  charger: %s
  csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}
"""
#: What an example needs before it.
BEFORE = {
    "clear_external_limit": "  - external_limit: {limit: 8}\n",
    "final_cost": "  - stop_transaction: {}\n    expect: {transaction: ended}\n",
    "delete_certificate": "  - install_certificate: manufacturer_root\n",
    "priority_charging": "  - set_charging_profile: {purpose: PriorityCharging, limit: 16}\n",
    "select_evse": "  - authorize_id_tag: CARD-1\n",
    # Their examples do nothing.
    **dict.fromkeys(("if", "fail", "skip"), "  - wait: 1s\n"),
}
CHARGERS = {
    "set_security_profile": "{security_profile: 0, basic_auth: {password: a-password-to-dial-with}}",
    "select_evse": "{evses: 2, authorization: {selection_algorithm: UserInput}}",
}
STATES = {
    "plug_connector": "booted",
    "start_session": "booted",
    "reserve_now": "booted",
    "parallel": "booted",
    "group": "booted",
    "validation_result_update": "{charging: {id_tag: CARD-1}}",
    "select_evse": "booted",
    "parking_bay": "booted",
    "stop_transaction": "{charging: {id_tag: CARD-1}}",
    "stop_session": "{charging: {id_tag: CARD-1}}",
    **dict.fromkeys(
        ("final_cost", "update_cost", "limit_transaction", "use_priority_charging", "priority_charging"),
        "{charging: {id_tag: CARD-1}}",
    ),
    "change_transaction_tariff": "{charging: {id_tag: CARD-1}}",
    "remote_stop": "{charging: {id_tag: CARD-1}}",
    "power_update": "{charging: {id_tag: CARD-1}}",
    "ev_stops_energy": "{charging: {id_tag: CARD-1}}",
    "ev_requests_energy": "{suspended_ev: {id_tag: CARD-1}}",
    "clear_fault": "{faulted: {}}",
    "cancel_reservation": "{reserved: {id_tag: CARD-1}}",
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("spec", VERBS, ids=lambda spec: spec.name)
def test_example_of_a_verb_passes(
    tmp_path: Path, spec: VerbSpec, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the documentation shows can be pasted into a scenario."""
    state = STATES.get(spec.name, "ev_connected")
    example = indent(spec.example, "    ").lstrip()
    versions = "'1.6', '2.0.1'" if spec.name == "if" else f"'{version}'"
    if spec.name == "csms_call" and version != "1.6":
        pytest.skip("its payload is OCPP 1.6")
    if version == "2.1" and "2.0.1" in spec.versions:
        pytest.skip("it is tried in 2.0.1")
    if version not in spec.versions:
        pytest.skip(f"OCPP {version} has no such thing")
    # A manufacturer's own signature: whether it holds is the charger's to say.
    monkeypatch.setenv("SIGNATURE", "A" * 64)
    monkeypatch.setenv("CERTIFICATE", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    given = GIVEN % CHARGERS.get(spec.name, "{evses: 1, ev_side_unplug: allowed}")
    before = BEFORE.get(spec.name, "")
    text = f"ocpp: [{versions}]{given}  state: {state}\nsteps:\n{before}  - {example}\n"
    plan = plan_texts(tmp_path, text)
    outcome = run_plan(plan, SuiteOptions(jobs=0))
    assert set(outcome.verdicts()) == {"passed"}, [end.get("reason") for end in outcome.ends()]


def test_every_acting_verb_opens_a_window() -> None:
    """Rule 2: what acts on a charger opens one; programmed answers, cards and flow do not."""
    closed = {spec.name for spec in (verb.spec for verb in ocpplab_verbs()) if not spec.opens_window}
    assert closed == {
        "charger_reply",
        "csms_reply",
        "sign_certificates",
        "update_id_tokens",
        "wait",
        "group",
        "repeat",
        "until",
        "if",
        "include",
        "log",
        "fail",
        "skip",
    }
