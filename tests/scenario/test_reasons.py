"""What check says of the reasons why transactions end."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj.validation import request_schema
from ocpplab_runner.vocabulary.statuses import WIRE_STOP_REASONS
from ocpplab_runner.vocabulary.versions import OcppVersion

from .kit import load, steps

V16, V201, BOTH = ('ocpp: ["1.6"]\n', 'ocpp: ["2.0.1"]\n', 'ocpp: ["1.6", "2.0.1"]\n')


def ended(reason: str) -> str:
    """A step that waits for an end."""
    return f"- expect: {{transaction: {{is: ended, reason: {reason}}}}}"


REFUSED = [
    (V16, ended("MasterPass"), "status-not-in-version", "1.6", "Other"),
    (BOTH, ended("MasterPass"), "status-not-in-version", "1.6", "only"),
    (BOTH, ended("SoftReset"), "status-not-in-version", "2.0.1", "HardReset"),
    (V201, ended("UnlockCommand"), "status-not-in-version", "2.0.1", "Other"),
    (V201, ended("ImmediateReset"), "value-not-allowed", "ImmediateReset", "HardReset"),
    (V16, ended("Foo"), "value-not-allowed", "Foo", "there are"),
    (V16, ended("Lokal"), "value-not-allowed", "Lokal", "'Local'"),
    (V16, ended("{$any_of: [Local, Foo]}"), "value-not-allowed", "Foo", ""),
    (V16, ended("{$not: Foo}"), "value-not-allowed", "Foo", ""),
    (V16, "- never: {transaction: {is: ended, reason: Foo}}\n  for: 1s", "value-not-allowed", "Foo", ""),
    (V16, "- stop_transaction: {reason: Foo}", "value-not-allowed", "Foo", ""),
]


@pytest.mark.parametrize(("head", "body", "code", "message", "hint"), REFUSED, ids=lambda value: str(value)[:60])
def test_refused(head: str, body: str, code: str, message: str, hint: str) -> None:
    """A reason that the version cannot say, or that there is not."""
    (found,) = load(steps(body, head)).diagnostics
    assert (found.code, message in found.message, hint in found.hint) == (code, True, True), found


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (V201, ended("MasterPass")),
        (BOTH, ended("HardReset")),
        (V16, ended("SoftReset")),
        (V16, ended("{$any_of: [MasterPass, Other]}")),
        ("", ended("MasterPass")),
        (V16, "- stop_transaction: {reason: MasterPass}"),
        (V16, "- stop_transaction: {reason: Foo}\n  raw: true"),
        (V16, ended("\"${{ upper('local') }}\"")),
    ],
)
def test_allowed(head: str, body: str) -> None:
    """What a version of the step says, neutral words, and what only the run knows."""
    assert load(steps(body, head)).diagnostics == []


@pytest.mark.parametrize("version", list(OcppVersion))
def test_the_table_is_the_schemas(version: OcppVersion) -> None:
    """The reasons are those of the version's schema, under their neutral names."""
    schema = request_schema(version, "StopTransaction" if version is OcppVersion.V16 else "TransactionEvent")
    listed = (
        schema["properties"]["reason"] if "reason" in schema["properties"] else schema["definitions"]["ReasonEnumType"]
    )
    assert WIRE_STOP_REASONS[version] == {"HardReset" if name == "ImmediateReset" else name for name in listed["enum"]}
