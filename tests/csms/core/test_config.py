"""`given.csms` as configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ocpplab_runner.csms.core.config import BootPlan, CsmsConfig
from ocpplab_runner.csms.core.id_tokens import Card
from ocpplab_runner.ocppj.reply_rules import Error
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus


def test_an_empty_mapping_gives_the_documented_defaults() -> None:
    """Nothing given: no cards, others Invalid, boot accepted, a heartbeat every five minutes, instant answers."""
    config = CsmsConfig.from_given({})
    assert (config.id_tokens, config.replies, config.concurrent_tx, config.boot) == ({}, (), "refuse", None)
    assert config.unknown_id_token is AuthorizationStatus.INVALID
    assert config.interval_of("CP-1") == 300
    assert config.delay_of("Heartbeat") == 0


def test_everything_given() -> None:
    """Every key of the language arrives."""
    config = CsmsConfig.from_given(
        {
            "id_tokens": {"A": "Blocked", "B": {"status": "Accepted", "parent_id_token": "G", "expires_in": "1h"}},
            "unknown_id_token": "Unknown",
            "concurrent_tx": "allow",
            "boot": {"status": "Pending", "interval": "10s", "times": 2},
            "heartbeat_interval": "1m",
            "answer_delay": {"Authorize": "2s", "BootNotification": "500ms"},
            "replies": [{"to": "Authorize", "error": "GenericError", "raw": True}],
        }
    )
    assert config.id_tokens == {
        "A": Card(AuthorizationStatus.BLOCKED),
        "B": Card(AuthorizationStatus.ACCEPTED, "G", 3600.0),
    }
    assert config.unknown_id_token is AuthorizationStatus.UNKNOWN
    assert config.concurrent_tx == "allow"
    assert config.boot == BootPlan("Pending", 10, 2)
    assert config.interval_of("CP-1") == 60
    assert [config.delay_of(action) for action in ("Authorize", "BootNotification", "Heartbeat")] == [2, 0.5, 0]
    assert [rule.answer for rule in config.replies] == [Error("GenericError")]


@pytest.mark.parametrize(("given", "interval"), [({}, 0), ({"heartbeat_interval": "1m"}, 60)])
def test_a_station_with_an_interval_of_its_own(given: dict[str, Any], interval: int) -> None:
    """0 leaves it alone, unless the scenario says an interval for the CSMS too."""
    config = replace(CsmsConfig.from_given(given), own_heartbeat=frozenset({"CP-1"}))
    assert config.interval_of("CP-1") == interval
    assert config.interval_of("CP-2") == (interval or 300)


@pytest.mark.parametrize(
    ("value", "plan"),
    [
        ("Accepted", None),
        ("Pending", BootPlan("Pending", 10, 1)),
        ({"status": "Rejected", "interval": "2m"}, BootPlan("Rejected", 120, 1)),
        ({"status": "Accepted", "interval": "2m"}, None),
    ],
)
def test_boot_plans(value: Any, plan: BootPlan | None) -> None:
    """A plan is a status or a mapping; Accepted needs no plan."""
    assert BootPlan.from_given(value) == plan


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"boot": "Maybe"},
        {"boot": {"status": "Pending", "times": 0}},
        {"boot": {"status": "Pending", "colour": 1}},
        {"boot": 5},
        {"concurrent_tx": "sometimes"},
        {"unknown_id_token": "Happy"},
        {"id_tokens": {"A": "Happy"}},
        {"heartbeat_interval": "soon"},
        {"answer_delay": "soon"},
        {"answer_delay": {"Authorize": "soon"}},
        {"replies": [{"to": "Authorize"}]},
    ],
)
def test_what_is_refused(given: dict[str, Any]) -> None:
    """What the language does not have is refused."""
    with pytest.raises(ValueError):
        CsmsConfig.from_given(given)
