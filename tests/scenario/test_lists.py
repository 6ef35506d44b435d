"""Warnings of contiguous lists that are bound to be broken, and refusals of modifiers that exclude each other."""

from pathlib import Path

import pytest

from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.loader import load_files
from tests.engine.suite_kit import language


def findings(directory: Path, step: str) -> list[Diagnostic]:
    """What check says of one step."""
    path = directory / "a.yaml"
    path.write_text(f"name: A\nocpp: ['1.6']\nsteps:\n  - reset: Hard\n{step}", "utf-8")
    return list(load_files([path], language().registry).diagnostics)


@pytest.mark.parametrize(
    ("expect", "warned"),
    [
        ("[{connection: closed}, {boot: Accepted}]", True),
        ("[{connection: closed}, {message: {action: Heartbeat}}]", True),
        ("[{connection: {is: closed}}, {heartbeat: {}}, {connection: opened}]", True),
        ("[{connection: closed}, {connection: closed}]", True),
        ("{connection: [closed, closed]}", True),
        ("[{connection: closed}, {connection: opened}, {boot: Accepted}]", False),
        ("[{boot: Accepted}, {connection: closed}]", False),
        ("[{connection: closed}, {token_status: Accepted}]", False),
        ("{connection: closed, boot: Accepted}", False),
        ("{connection: [closed, opened, closed]}", False),
    ],
)
def test_what_must_come_between(tmp_path: Path, expect: str, warned: bool) -> None:
    """A warning with the cure, and none where the list can be met or the order is loosened."""
    found = findings(tmp_path, f"    expect: {expect}\n")
    assert [(one.code, one.severity) for one in found] == ([("gap-in-list", "warning")] if warned else [])
    assert all("in_order: true" in one.hint for one in found)
    idle = "[" not in expect
    for loosened in ("in_order", "in_any_order"):
        found = findings(tmp_path, f"    expect: {expect}\n    {loosened}: true\n")
        assert [one.code for one in found] == (["no-sequence"] if idle else [])


@pytest.mark.parametrize(
    ("expect", "idle"),
    [
        ("{connector_status: Preparing}", True),
        ("{connector_status: [Preparing]}", True),
        ("{connector_status: Preparing, transaction: started}", True),
        ("Accepted", True),
        ("[{connector_status: Preparing}]", True),
        ("[{connector_status: Preparing}, {transaction: started}]", False),
        ("{connector_status: [Preparing, Charging]}", False),
        ("{heartbeat: {}, connector_status: [Preparing, Charging]}", False),
    ],
)
@pytest.mark.parametrize("word", ["in_order", "in_any_order"])
def test_an_order_needs_a_sequence(tmp_path: Path, expect: str, idle: bool, word: str) -> None:
    """Without one the word does nothing, which is said."""
    found = findings(tmp_path, f"    expect: {expect}\n    {word}: true\n")
    assert [(one.code, one.severity) for one in found] == ([("no-sequence", "warning")] if idle else [])


def test_the_two_orders_exclude_each_other(tmp_path: Path) -> None:
    """One keeps the order, the other drops it."""
    text = "    expect: {connection: [closed, opened]}\n    in_order: true\n    in_any_order: true\n"
    assert [one.code for one in findings(tmp_path, text)] == ["conflicting-keys"]
