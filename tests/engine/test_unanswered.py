"""A call that nobody expects an answer of: refused or never answered, it fails the case; and what ``never`` covers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.suite_kit import failure, run_texts

_GIVEN = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}\n"
_SILENT = "{charger_reply: {to: TriggerMessage, silence: true}}"
_REFUSED = "{charger_reply: {to: TriggerMessage, error: InternalError}}"
_MUTE = "{csms_reply: {to: Heartbeat, silence: true}}"
_PROXY = "proxy_message: {action: Heartbeat, payload: {}}"


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (f"[{_SILENT}, {{trigger_message: Heartbeat}}]", "was not answered within 30 s"),
        (f"[{_SILENT}, {{trigger_message: Heartbeat}}, {{wait: 5m}}]", "was not answered"),
        (
            f"[{_SILENT}, {{csms_call: {{action: TriggerMessage, payload: {{requestedMessage: Heartbeat}}}}}}]",
            "was not answered",
        ),
        (f"[{_SILENT}, {{parallel: [[{{trigger_message: Heartbeat}}], [{{log: x}}]]}}]", "was not answered"),
        (
            f"[{_SILENT}, {{group: [{{trigger_message: Heartbeat}}], never: {{transaction: started}}, for: 1s}}]",
            "was not",
        ),
        (f"[{_SILENT}, {{trigger_message: Heartbeat}}, {{skip: no}}]", "was not answered"),
        (f"[{_REFUSED}, {{trigger_message: Heartbeat}}]", "CALLERROR InternalError"),
        (f"[{_REFUSED}, {{repeat: {{times: 1, steps: [{{trigger_message: Heartbeat}}]}}}}]", "CALLERROR InternalError"),
        (f"[{{csms_reply: {{to: Heartbeat, error: InternalError}}}}, {{{_PROXY}}}]", "CALLERROR InternalError"),
        (f"[{_MUTE}, {{{_PROXY}}}]", "Heartbeat was not answered"),
        (f"[{_MUTE}, {{{_PROXY}}}, {{wait: 2m}}]", "Heartbeat was not answered"),
        ("[{trigger_message: Heartbeat, expect: {response: none}}]", "response must not come"),
        (f"[{_REFUSED}, {{trigger_message: Heartbeat, expect: {{response: none}}}}]", "call_error must not come"),
        (f"[{{wait: 1s}}]\nfinally: [{_SILENT}, {{trigger_message: Heartbeat}}]", "was not answered"),
    ],
)
def test_what_is_refused_or_not_answered_fails(steps: str, why: str, tmp_path: Path) -> None:
    """Wherever the call is sent, and however long the case goes on."""
    outcome = run_texts(tmp_path, f"{_GIVEN}steps: {steps}\n")
    assert outcome.verdicts() == ["failed"]
    assert why in failure(outcome)


@pytest.mark.parametrize(
    "steps",
    [
        "[{trigger_message: Heartbeat}]",
        f"[{{{_PROXY}}}]",
        f"[{_SILENT}, {{trigger_message: Heartbeat, expect: {{response: none}}}}]",
        f"[{_SILENT}, {{trigger_message: Heartbeat, expect: {{response: none}}, within: 2s}}]",
        f"[{_MUTE}, {{{_PROXY}, expect: {{response: none}}}}]",
        f"[{_REFUSED}, {{trigger_message: Heartbeat, expect: {{call_error: InternalError}}}}]",
        f"[{_REFUSED}, {{trigger_message: Heartbeat, expect: {{message: {{from: charger, type: error}}}}}}]",
        "[{cancel_reservation: 7}]",
    ],
)
def test_an_answer_or_a_wanted_silence_passes(steps: str, tmp_path: Path) -> None:
    """A status that refuses is an answer."""
    outcome = run_texts(tmp_path, f"{_GIVEN}steps: {steps}\n")
    assert outcome.verdicts() == ["passed"], failure(outcome)


_STUCK = f"{_SILENT}, {{trigger_message: Heartbeat, expect: {{response: none}}, within: 2s}}"
_STUCK_OUT = (
    f"{{csms_reply: {{to: Heartbeat, silence: true, times: 9}}}}, {{{_PROXY}, expect: {{response: none}}, within: 2s}}"
)


@pytest.mark.parametrize(
    ("steps", "verdict", "why"),
    [
        (f"[{_STUCK}, {{clear_cache: {{}}, expect: {{response: none}}, within: 5s}}]", "failed", "TriggerMessage"),
        (f"[{_STUCK}, {{clear_cache: {{}}, expect: {{response: none}}}}]", "failed", "response must not come"),
        (
            f"[{_STUCK}, {{charger_reply: {{to: ClearCache, silence: true}}}},"
            " {clear_cache: {}, expect: {response: none}, within: 20s}]",
            "failed",
            "not sent within 20s",
        ),
        (
            f"[{_STUCK}, {{csms_call: {{action: ClearCache, payload: {{}}}}, expect: {{response: none}}, within: 5s}}]",
            "failed",
            "not sent within 5s",
        ),
        (f"[{_STUCK_OUT}, {{{_PROXY}, expect: {{response: none}}, within: 5s}}]", "failed", "not sent within 5s"),
        ("[{proxy_message: {text: hello}, expect: {response: none}}]", "error", "no call that could be answered"),
        ("[{proxy_message: {text: '[3,\"1\",{}]'}, raw: true, expect: {response: none}}]", "error", "no call"),
        (
            f"[{_STUCK}, {{charger_reply: {{to: ClearCache, silence: true}}}},"
            " {clear_cache: {}, expect: {response: none}}]",
            "passed",
            "",
        ),
        (f"[{_STUCK_OUT}, {{{_PROXY}, expect: {{response: none}}}}]", "passed", ""),
    ],
)
def test_silence_is_that_of_a_call_that_was_sent(steps: str, verdict: str, why: str, tmp_path: Path) -> None:
    """One that waits behind another is none, and what is no call has no answer to lack."""
    outcome = run_texts(tmp_path, f"{_GIVEN}steps: {steps}\n")
    assert outcome.verdicts() == [verdict], failure(outcome)
    assert why in failure(outcome)


_AUTHORIZE = "[{authorize_id_tag: CARD-1}, {wait: 1s}]"
_NEVER = "never: {transaction: started}, for: 2s"


@pytest.mark.parametrize(
    "block",
    [
        f"group: {_AUTHORIZE}",
        "repeat: {times: 2, steps: [{authorize_id_tag: CARD-1}]}",
        f"if: {{condition: 'ocpp_version != \"2.1\"', then: {_AUTHORIZE}}}",
        f"until: {{condition: 'true', deadline: 5s, steps: {_AUTHORIZE}}}",
        f"parallel: [{_AUTHORIZE}, [{{wait: 1s}}]]",
        "include: '#swipe'",
        f"group: [{{group: {_AUTHORIZE}}}, {{unplug_connector: 1}}]",
    ],
)
def test_never_covers_the_whole_block(block: str, tmp_path: Path) -> None:
    """From its beginning, also where a later step of it has opened a window of its own."""
    end = f"fragments: {{swipe: {_AUTHORIZE}}}\n" if "include" in block else ""
    given = _GIVEN.replace("{csms", "{charger: {ev_side_unplug: allowed}, csms")
    outcome = run_texts(tmp_path, f"{given}steps: [{{{block}, {_NEVER}}}]\n{end}")
    assert outcome.verdicts() == ["failed"]
    assert "transaction started must not come" in failure(outcome)
    calm = f"{given}steps: [{{authorize_id_tag: CARD-1}}, {{group: [{{wait: 1s}}], {_NEVER}}}]\n"
    assert run_texts(tmp_path, calm).verdicts() == ["passed"]


@pytest.mark.parametrize(
    ("never", "verdict"),
    [
        ("never: {transaction: started}, since: start, for: 2s", "failed"),
        ("never: {transaction: started}, for: 2s", "failed"),
        ("never: {transaction: started}, charger: B, for: 2s", "failed"),
        ("never: {transaction: started}, charger: A, since: start, for: 2s", "passed"),
    ],
)
def test_never_without_a_charger_speaks_of_all(never: str, verdict: str, tmp_path: Path) -> None:
    """One that names its charger speaks of that one."""
    given = "given: {chargers: {A: {}, B: {}}, csms: {id_tokens: {CARD-1: Accepted}}}\n"
    steps = f"[{{plug_connector: 1, charger: B}}, {{authorize_id_tag: CARD-1, charger: B}}, {{{never}}}]"
    assert run_texts(tmp_path, f"{given}steps: {steps}\n").verdicts() == [verdict]


@pytest.mark.parametrize(("silent", "verdict"), [("A", "failed"), ("B", "failed"), (None, "passed")])
def test_message_ids_are_a_chargers_own(silent: str | None, verdict: str, tmp_path: Path) -> None:
    """The answer to another charger's call under the same id is none to this one."""
    call = '{proxy_message: {text: \'[2,"1","Heartbeat",{}]\'}, charger: %s}'
    mute = [f"{{csms_reply: {{to: Heartbeat, silence: true}}, charger: {silent}}}"] if silent else []
    steps = ", ".join([*mute, call % "A", call % "B"])
    assert run_texts(tmp_path, f"given: {{chargers: {{A: {{}}, B: {{}}}}}}\nsteps: [{steps}]\n").verdicts() == [verdict]
