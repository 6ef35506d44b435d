"""Rules 8 to 12: what the verdicts lead to. Tables in the script language of ``bench.play``."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ValidationResult
from tests.authorization.bench import play, rows

MASTER = {"master_pass_group_id": "MASTER"}
PRIORITY = {"prioritize_authorization_over_stopping_transaction": True}
TWO = {"evses": 2}
THREE = {"evses": 3}


@rows(
    ("plug 1; card A; card M", ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "M UsedToStop"], MASTER),
    (
        "plug 1; plug 2; card A@1; card C@2; card M",
        ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "stop 2 MasterPass", "end 2", "M UsedToStop"],
        {**MASTER, **TWO},
    ),
    (
        "plug 1; plug 2; card A@1; card C@2; card M@2",
        ["M Processing", "ask M", "stop 2 MasterPass", "end 2", "M UsedToStop"],
        {**MASTER, **TWO},
    ),
    ("card M", ["M Processing", "ask M", "M UsedToStop"], MASTER),
    (
        "plug 1; card A; card M",
        ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "M UsedToStop"],
        {"master_pass_group_id": "master"},
    ),
    (
        "plug 1; card A; card M",
        ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "M UsedToStop"],
        {**MASTER, "stop_transaction_on_reswipe": False},
    ),
    ("plug 1; card A; Autocharge M", ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "M UsedToStop"], MASTER),
    ("plug 1; card A; card N", ["N Processing", "ask N", "N Rejected", "N NoConnectorAvailable"], MASTER),
    ("plug 1; card A; card M", ["M Processing", "ask M", "M Accepted", "grant 2", "M UsedToStart"], TWO),
    ("plug 1; card A@1; card M", ["M Processing", "ask M", "M Rejected"], {**MASTER, **PRIORITY, **TWO}),
    (
        "plug 1; plug 2; card A@1; card C@2; card M",
        ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "stop 2 MasterPass", "end 2", "M UsedToStop"],
        {**MASTER, **PRIORITY, **TWO},
    ),
)
def test_rule_8a_master_pass(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-8, 8a, 8c, 8d, 8e: stops everything, starts nothing; only when it is asked before starting."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; card A; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]),
    ("plug 1; card A; OCPP B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]),
    ("plug 1; card A; PlugAndCharge B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]),
    (
        "plug 1; card A; card B",
        ["B Processing", "ask B", "B UsedToReauthorize"],
        {"stop_transaction_on_reswipe": False},
    ),
    ("card A; card B", ["B Processing", "ask B", "B AlreadyInProcess"]),
    ("card A; card B; card B", ["B Processing", "ask B", "B AlreadyInProcess"]),
    ("plug 1; card A; card D", ["D Processing", "ask D", "D Rejected", "D NoConnectorAvailable"]),
    (
        "plug 1; card A; card E",
        ["E Processing", "ask E", "E Rejected", "E NoConnectorAvailable"],
        {"cards": {"E": ("Accepted", "OTHER")}},
    ),
    ("plug 1; card FLEET; card B", ["B Processing", "B Rejected", "B NoConnectorAvailable"]),
    ("plug 1; card FLEET; plug 2; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"], TWO),
    (
        "plug 1; card A; card E",
        ["E Processing", "ask E", "stop 1 Local", "end 1", "E UsedToStop"],
        {"cards": {"E": ("Accepted", "fleet")}},
    ),
)
def test_rule_8b_group(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-8b, 8c, 8d: an accepted token of the group of a running transaction, of whatever kind, stops it."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; card A; card C", ["C Processing", "ask C", "C Rejected", "C NoConnectorAvailable"]),
    ("card X; fault 1; answer X Accepted", ["X Rejected", "X NoConnectorAvailable"], {"cards": {"X": None}}),
    ("card X; disable 1; answer X Accepted", ["X Rejected", "X NoConnectorAvailable"], {"cards": {"X": None}}),
    ("card X@1; card C@1; answer X Accepted", ["X Rejected", "X NoConnectorAvailable"], {"cards": {"X": None}, **TWO}),
)
def test_rule_9_nothing_free_after_validation(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-9: what was taken or broke while a validator thought is not granted."""
    assert play(script, **options) == seen


@rows(
    ("card C@1; card A", ["A Processing", "ask A", "A Accepted", "grant 2", "A UsedToStart"], TWO),
    ("card C@1; card A@1,2", ["A Processing", "ask A", "A Accepted", "grant 2", "A UsedToStart"], TWO),
    ("card C@1; plug 1; card A", ["A Processing", "ask A", "A Accepted", "grant 2", "A UsedToStart"], TWO),
    ("card C@1; card A", ["A Processing", "ask A", "A Accepted"], THREE),
    ("card C@1; card A; plug 1", ["start 1"], THREE),
)
def test_rule_10_held_evses(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-10: an EVSE that a token holds is no candidate, with or without a car."""
    assert play(script, **options) == seen


ACCEPTED = AuthorizationStatus.ACCEPTED
REFUSED = ValidationResult(AuthorizationStatus.BLOCKED)
YES = ValidationResult(ACCEPTED)
ONLY_2 = ValidationResult(ACCEPTED, evse_ids=(2,))
ONLY_9 = ValidationResult(ACCEPTED, evse_ids=(9,))
OF_MASTER = ValidationResult(ACCEPTED, parent_id_token=IdToken("MASTER"))


@pytest.mark.parametrize(
    ("results", "script", "seen"),
    [
        pytest.param([REFUSED, YES], "plug 1; card X", ["X Accepted", "grant 1", "start 1", "X UsedToStart"], id="11"),
        pytest.param(
            [YES, REFUSED], "plug 1; card X", ["X Accepted", "grant 1", "start 1", "X UsedToStart"], id="11-b"
        ),
        pytest.param(
            [REFUSED, ValidationResult(AuthorizationStatus.NO_CREDIT)],
            "card X@1,2",
            ["deny 1 NoCredit", "deny 2 NoCredit", "X Rejected"],
            id="11g-the-last-decides",
        ),
        pytest.param([REFUSED], "plug 1; card X", ["X Rejected"], id="11g-nobody-named"),
        pytest.param([OF_MASTER], "plug 1; card X@1,2", ["X Rejected"], id="11a"),
        pytest.param([ONLY_2], "plug 1; card X", ["X Accepted", "grant 2", "X UsedToStart"], id="11d-the-other"),
        pytest.param([ONLY_9], "plug 1; card X", ["X Accepted", "deny 1 NotAtThisLocation", "X Rejected"], id="11d"),
        pytest.param(
            [ONLY_9],
            "card X@1,2",
            ["X Accepted", "deny 1 NotAtThisLocation", "deny 2 NotAtThisLocation", "X Rejected"],
            id="11g-each",
        ),
        pytest.param(
            [ONLY_9, YES],
            "plug 1; card X",
            ["X Accepted", "deny 1 NotAtThisLocation", "X Accepted", "grant 1", "start 1", "X UsedToStart"],
            id="11-goes-on",
        ),
        pytest.param([YES], "reserve C@1; plug 1; card X", ["X Accepted", "grant 2", "X UsedToStart"], id="11f-other"),
        pytest.param(
            [ONLY_2], "reserve C@2; plug 2; card X", ["X Accepted", "deny 2 NotAtThisTime", "X Rejected"], id="11f"
        ),
        pytest.param(
            [YES],
            "reserve X@2; plug 1; plug 2; card X@2",
            ["X Accepted", "reservation 1 used on 2", "grant 2", "start 2", "X UsedToStart"],
            id="11f-used",
        ),
        pytest.param([YES], "reserve C/G@any; reserve C@any; card X", ["X Accepted", "X Rejected"], id="11e"),
        pytest.param(
            [YES],
            "reserve X@any; reserve C@any; plug 2; card X",
            ["X Accepted", "reservation 1 used on 2", "grant 2", "start 2", "X UsedToStart"],
            id="11e-own",
        ),
    ],
)
def test_rule_11_start(results: list[ValidationResult], script: str, seen: list[str]) -> None:
    """AUTH-11, 11a to 11g, Accepted first (11b): a verdict that leads to an EVSE, else all who were named hear."""
    played = play(
        script,
        evses=2,
        cards={"X": results},
        master_pass_group_id="MASTER",
        prioritize_authorization_over_stopping_transaction=True,
    )
    assert played == ["X Processing", "ask X", *seen]


@rows(
    ("plug 1; card A; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"], TWO),
    ("plug 1; card A; plug 2; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"], TWO),
    (
        "plug 1; card A; plug 2; card B",
        ["B Processing", "ask B", "B Accepted", "grant 2", "start 2", "B UsedToStart"],
        {**TWO, **PRIORITY},
    ),
    (
        "plug 1; card A; plug 2; card C; card B",
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
        {**TWO, **PRIORITY},
    ),
    (
        "plug 1; card A; card B@1",
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
        {**TWO, **PRIORITY},
    ),
)
def test_rule_12_priority(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-12: a sibling stops first, or starts on a free EVSE and stops only when none is free."""
    assert play(script, **options) == seen
