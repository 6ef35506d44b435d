"""What an end of ours does not do blocks the case, unless the scenario wants the refusal or programmes the answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ocpplab_runner.charger import assembly, blocks
from ocpplab_runner.charger.blocks import DIAGNOSTICS, FIRMWARE, MONITORING
from ocpplab_runner.charger.blocks.provisioning.v2 import ProvisioningV2
from ocpplab_runner.csms import ANSWERED
from ocpplab_runner.csms import assembly as csms_assembly
from ocpplab_runner.engine.running.suite import SuiteOptions
from ocpplab_runner.targets import capabilities
from ocpplab_runner.targets.capabilities import both_built, charger_built, csms_built
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import failure, plan_texts, run_texts

_FIRMWARE = {
    "1.6": "{location: 'http://x', retrieveDate: '2026-01-01T00:00:00Z'}",
    "2.0.1": "{requestId: 7, firmware: {location: 'http://x', retrieveDateTime: '2026-01-01T00:00:00Z'}}",
}


@pytest.fixture
def without_firmware(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A charger without the blocks of firmware, diagnostics and monitoring, and a CSMS that knows no needs of EVs."""
    lacking = tuple(one for one in assembly.BLOCKS if one not in (FIRMWARE, DIAGNOSTICS, MONITORING))
    known = (assembly.classes_for, charger_built, both_built, csms_built)
    monkeypatch.setattr(assembly, "BLOCKS", lacking)
    dialect = csms_assembly.dialect_of(OcppVersion.V201)
    monkeypatch.delitem(dialect.answers, "NotifyEVChargingNeeds")
    monkeypatch.setattr(dialect, "not_done", frozenset({"NotifyEVChargingNeeds"}))
    answered = {**ANSWERED, OcppVersion.V201: ANSWERED[OcppVersion.V201] - {"NotifyEVChargingNeeds"}}
    monkeypatch.setattr(capabilities, "ANSWERED", answered)
    for each in known:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in known:
        each.cache_clear()


_V2 = "ocpp: ['2.0.1']\n"
_UPDATE = f"csms_call: {{action: UpdateFirmware, payload: {_FIRMWARE['2.0.1']}}}"
_ASK = (
    "proxy_message: {action: NotifyEVChargingNeeds, payload: {evseId: 1, chargingNeeds: {requestedEnergyTransfer: DC}}}"
)
_LOG = "csms_call: {action: TriggerMessage, payload: {requestedMessage: LogStatusNotification}}"
_COMPUTED = "csms_call: {action: \"${{ 'Update' + 'Firmware' }}\", payload: " + _FIRMWARE["2.0.1"] + "}"
_LATE_LOG = "csms_call: {action: TriggerMessage, payload: {requestedMessage: \"${{ 'Log' + 'StatusNotification' }}\"}}"


@pytest.mark.usefixtures("without_firmware")
@pytest.mark.parametrize(
    ("head", "steps", "why"),
    [
        ("", f"[{{csms_call: {{action: UpdateFirmware, payload: {_FIRMWARE['1.6']}}}}}]", "UpdateFirmware of OCPP 1.6"),
        (_V2, f"[{{{_UPDATE}}}]", "does not do UpdateFirmware of OCPP 2.0.1"),
        (_V2, f"[{{{_UPDATE}, expect: {{response: {{status: Accepted}}}}}}]", "UpdateFirmware"),
        (_V2, f"[{{{_UPDATE}, expect: {{message: {{action: Heartbeat}}}}}}]", "UpdateFirmware"),
        (_V2, f"[{{{_UPDATE}, never: {{transaction: started}}, for: 5s}}]", "UpdateFirmware"),
        (_V2, f"[{{group: [{{{_UPDATE}}}]}}]", "UpdateFirmware"),
        (_V2, f"[{{wait: 1s}}]\nfinally: [{{{_UPDATE}}}]", "UpdateFirmware"),
        (_V2, f"[{{include: '#f'}}]\nfragments: {{f: [{{{_UPDATE}}}]}}", "UpdateFirmware"),
        ("", "[{trigger_message: FirmwareStatusNotification}]", "cannot be triggered to send FirmwareStatusNotif"),
        (_V2, "[{trigger_message: LogStatusNotification}]", "cannot be triggered to send LogStatus"),
        (_V2, f"[{{{_LOG}, expect: {{response: {{status: Accepted}}}}}}]", "LogStatusNotification"),
        (_V2, "[{charger_reply: {to: GetLog, delay: 5s}}]", "GetLog of OCPP 2.0.1 yet, so that"),
        (_V2, "[{charger_reply: {to: GetLog, patch: {status: Rejected}}}]", "no answer to change or to delay"),
        (
            _V2,
            "[{csms_reply: {to: NotifyEVChargingNeeds, delay: 5s}}]",
            "built-in CSMS does not do NotifyEVChargingNeeds",
        ),
        (
            f"{_V2}given: {{csms: {{replies: [{{to: NotifyEVChargingNeeds, delay: 5s}}]}}}}\n",
            "[{wait: 1s}]",
            "NotifyEVChargingNeeds",
        ),
        (_V2, f"[{{{_ASK}}}]", "built-in CSMS does not do NotifyEVChargingNeeds"),
        (_V2, f"[{{{_ASK.replace('NotifyEVChargingNeeds', 'notify_ev_charging_needs')}}}]", "NotifyEVChargingNeeds"),
        (
            f"{_V2}vars: {{what: UpdateFirmware}}\n",
            f"[{{csms_call: {{action: '${{{{ what }}}}', payload: {_FIRMWARE['2.0.1']}}}}}]",
            "UpdateFirmware",
        ),
    ],
)
def test_what_is_written_is_blocked_ahead(head: str, steps: str, why: str, tmp_path: Path) -> None:
    """Nothing runs, and the reason names what is missing."""
    plan = plan_texts(tmp_path, f"{head}steps: {steps}\n", options=SuiteOptions(jobs=0))
    assert why in str(plan.cases[0].blocked)


@pytest.mark.usefixtures("without_firmware")
@pytest.mark.parametrize(
    "step",
    [
        _COMPUTED,
        f"{_COMPUTED}, expect: {{response: {{status: Accepted}}}}",
        f"{_COMPUTED}, expect: {{message: {{action: FirmwareStatusNotification}}}}",
        f"{_COMPUTED}, save: {{status: response.status}}",
        f"{_UPDATE}, expect: {{call_error: SecurityError}}",
        f"{_UPDATE}, expect: {{response: none}}",
        f"{_LATE_LOG}, expect: {{response: {{status: Accepted}}}}",
        f"{_LATE_LOG}, expect: {{message: {{action: LogStatusNotification}}}}",
        f"{_LATE_LOG}, never: {{message: {{action: LogStatusNotification}}}}, for: 5s",
        _LATE_LOG,
        f"{_ASK}".replace("NotifyEVChargingNeeds", "\"${{ 'Notify' + 'EVChargingNeeds' }}\""),
    ],
)
def test_what_only_the_run_shows_is_blocked_then(step: str, tmp_path: Path) -> None:
    """An action or a message that an expression names, and a refusal of another kind than the one that is expected."""
    outcome = run_texts(tmp_path, f"{_V2}steps: [{{{step}}}]\n")
    assert (outcome.verdicts(), outcome.code) == (["blocked"], 5)
    assert any(why in failure(outcome) for why in ("does not do", "cannot be triggered", "does not send"))


@pytest.mark.usefixtures("without_firmware")
@pytest.mark.parametrize(
    "steps",
    [
        f"[{{{_UPDATE}, expect: {{call_error: NotSupported}}}}]",
        f"[{{{_UPDATE}, expect: {{call_error: {{$not: FormationViolation}}}}}}]",
        f"[{{{_UPDATE}, expect: {{message: {{from: charger, type: error, error_code: NotSupported}}}}}}]",
        f"[{{{_UPDATE}, raw: true, expect: {{call_error: NotSupported}}}}]",
        f"[{{charger_reply: {{to: UpdateFirmware, payload: {{status: Accepted}}}}}},"
        f" {{{_UPDATE}, expect: {{response: {{status: Accepted}}}}}}]",
        f"[{{charger_reply: {{to: UpdateFirmware, silence: true}}}}, {{{_UPDATE}, expect: {{response: none}}}}]",
        f"[{{{_LOG}, expect: {{response: {{status: NotImplemented}}}}}}]",
        f"[{{{_LOG}, expect: {{response: {{status: {{$any_of: [Rejected, NotImplemented]}}}}}}}}]",
        f"[{{{_ASK}, expect: {{call_error: NotSupported}}}}]",
        f"[{{csms_reply: {{to: NotifyEVChargingNeeds, payload: {{status: Accepted}}}}}}, {{{_ASK}}}]",
        "[{charger_reply: {to: Reset, patch: {status: Rejected}}}]",
        "[{trigger_message: Heartbeat, expect: {response: {status: Accepted}}}]",
        "[{csms_call: {action: ClearCache, payload: {}}}]",
    ],
)
def test_a_wanted_refusal_or_a_programmed_answer_passes(steps: str, tmp_path: Path) -> None:
    """The scenario has what it asks for."""
    outcome = run_texts(tmp_path, f"{_V2}steps: {steps}\n")
    assert outcome.verdicts() == ["passed"], failure(outcome)


@pytest.mark.usefixtures("without_firmware")
@pytest.mark.parametrize(
    ("head", "steps", "why"),
    [
        # The station is told to have fewer profiles: that is what the scenario describes, and nothing that is missing.
        ("given: {charger: {features: [Core]}}\n", "[{trigger_message: Heartbeat}]", "NotSupported"),
        ("", "[{charger_reply: {to: Reset, error: NotSupported}}, {reset: Hard}]", "NotSupported"),
        ("", "[{csms_call: {action: Heartbeat, payload: {}}}]", "NotSupported"),
        ("", f"[{{{_UPDATE}, raw: true}}]", "NotSupported"),
    ],
)
def test_a_refusal_of_what_is_built_fails(head: str, steps: str, why: str, tmp_path: Path) -> None:
    """Only what is not built blocks."""
    outcome = run_texts(tmp_path, f"{_V2}{head}steps: {steps}\n")
    assert outcome.verdicts() == ["failed"]
    assert why in failure(outcome)


_WAIT = "expect: {message: %s}, within: 5s"
_NAMED = '{action: "${{ what }}"}'
_JOINED = "{action: \"${{ 'Notify' + 'Event' }}\"}"
_FIRMWARE_TEXT = '[2,"x","FirmwareStatusNotification",{"status":"Idle"}]'


@pytest.mark.usefixtures("without_firmware")
@pytest.mark.parametrize(
    ("head", "steps", "verdict"),
    [
        (_V2, f"[{{{_WAIT % '{action: PublishFirmwareStatusNotification}'}}}]", "blocked"),
        (_V2, f"[{{{_WAIT % '{action: NotifyEvent, from: charger}'}}}]", "blocked"),
        (_V2, f"[{{{_WAIT % '[{action: Heartbeat}, {action: LogStatusNotification}]'}}}]", "blocked"),
        (_V2, f"[{{{_WAIT % '{action: PublishFirmwareStatusNotification, type: result}'}}}]", "blocked"),
        ("", f"[{{{_WAIT % '{action: FirmwareStatusNotification}'}}}]", "blocked"),
        (_V2, f"[{{{_WAIT % '{action: DataTransfer, from: charger}'}}}]", "blocked"),
        ("vars: {what: NotifyEvent}\n" + _V2, f"[{{{_WAIT % _NAMED}}}]", "blocked"),
        (_V2, f"[{{{_WAIT % _JOINED}}}]", "blocked"),
        ("", f"[{{wait: 1s}}]\nfinally: [{{{_WAIT % '{action: FirmwareStatusNotification}'}}}]", "blocked"),
        # It could send these, and has not.
        ("", f"[{{{_WAIT % '{action: DataTransfer, from: charger}'}}}]", "failed"),
        (_V2, f"[{{{_WAIT % '{action: NotifyReport}'}}}]", "failed"),
        (_V2, f"[{{{_WAIT % '{action: TransactionEvent}'}}}]", "failed"),
        ("", f"[{{{_WAIT % '{action: StartTransaction}'}}}]", "failed"),
        ("", f"[{{{_WAIT % '{action: DataTransfer, from: csms}'}}}]", "failed"),
        ("", f"[{{{_WAIT % '{action: Reset}'}}}]", "failed"),
        # No version has it, or not this one; and what is not expected.
        (_V2, "[{never: {message: {action: NotifyEvent}}, for: 5s}]", "passed"),
        # The scenario sends it.
        (
            "",
            "[{proxy_message: {action: FirmwareStatusNotification, payload: {status: Idle}},"
            " expect: {message: {action: FirmwareStatusNotification}}}]",
            "passed",
        ),
        (
            "",
            f"[{{proxy_message: {{text: '{_FIRMWARE_TEXT}'}}, {_WAIT % '{action: FirmwareStatusNotification}'}}}]",
            "passed",
        ),
    ],
)
def test_a_message_that_our_charger_never_sends_blocks(head: str, steps: str, verdict: str, tmp_path: Path) -> None:
    """One that it could have sent, and has not, fails."""
    outcome = run_texts(tmp_path, f"{head}steps: {steps}\n")
    assert outcome.verdicts() == [verdict], failure(outcome)
    if verdict == "blocked":
        assert "the simulated charger does not send " in failure(outcome)


def test_what_is_declared_as_sent_is_all_that_is_sent() -> None:
    """Every call that the code of the charger's blocks makes, by its action."""
    own = {"1.6": ("v16",), "2.0.1": ("v2", "events_v2", "iso15118")}
    made: dict[OcppVersion, set[str]] = {OcppVersion.V16: set(), OcppVersion.V201: set()}
    for path in Path(blocks.__file__).parent.glob("*/*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        texts = {name: value for node in tree.body for name, value in _named_texts(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            for version, actions in made.items():
                if path.stem in own[version.value] or path.stem not in (
                    *own["1.6"],
                    *own["2.0.1"],
                    "v21",
                    "settlements",
                ):
                    actions.update(_called(node, texts, version))
    assert made == {version: both_built(version).sends for version in made}


#: What makes calls, and which of its arguments is their action.
_SENDERS = {"Outgoing": 0, "TransactionMessage": 0, "KeptMessages": 1}


def _named_texts(node: ast.stmt) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value.value


def _called(node: ast.Call, texts: Mapping[str, str], version: OcppVersion) -> Iterator[str]:
    """The action of a call that code makes; what is asked in words of 2.x, 1.6 says in a DataTransfer."""
    if isinstance(node.func, ast.Name) and node.func.id in _SENDERS:
        action = node.args[_SENDERS[node.func.id]]
        if isinstance(action, ast.Constant):
            yield str(action.value)
        elif isinstance(action, ast.Name) and action.id in texts:
            yield texts[action.id]
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "ask" and version is not OcppVersion.V16:
        yield from (str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant))


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A charger without two variables that it should have."""
    lacks = frozenset({"OCPPCommCtrlr.FieldLength", "ClockCtrlr.TimeAdjustmentReportingThreshold"})
    monkeypatch.setattr(ProvisioningV2, "absent", lacks)
    for each in (charger_built, both_built):
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in (charger_built, both_built):
        each.cache_clear()


@pytest.mark.usefixtures("lacking")
@pytest.mark.parametrize(
    ("head", "step", "wanted"),
    [
        (
            _V2,
            "csms_call: {action: SetVariables, payload: {setVariableData: [{component: {name: OCPPCommCtrlr},"
            " variable: {name: FieldLength}, attributeValue: '3'}]}}",
            "response: {setVariableResult: [{attributeStatus: %s}]}",
        ),
        (
            _V2,
            "csms_call: {action: GetVariables, payload: {getVariableData: [{component: {name: clockctrlr},"
            " variable: {name: TimeAdjustmentReportingThreshold}}]}}",
            "response: {getVariableResult: [{attributeStatus: %s}]}",
        ),
    ],
)
def test_a_variable_that_every_station_should_have(head: str, step: str, wanted: str, tmp_path: Path) -> None:
    """It blocks, unless the scenario asks for its absence; one that a station may lack fails."""
    absent = "UnknownVariable"
    for text, verdict in (
        (f"{{{step}, expect: {{{wanted % 'Accepted'}}}}}", "blocked"),
        (f"{{{step}}}", "blocked"),
        (f"{{{step}, expect: {{{wanted % absent}}}}}", "passed"),
        (f"{{{_renamed(step)}, expect: {{{wanted % 'Accepted'}}}}}", "failed"),
    ):
        outcome = run_texts(tmp_path, f"{head}steps: [{text}]\n")
        assert outcome.verdicts() == [verdict], (text, failure(outcome))


def _renamed(step: str) -> str:
    for name in ("FieldLength", "TimeAdjustmentReportingThreshold"):
        step = step.replace(name, "VendorsOwn")
    return step
