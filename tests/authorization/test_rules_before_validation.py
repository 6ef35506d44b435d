"""Rules 1 to 7: what happens to a token before a validator has spoken, as tables for ``bench.play``."""

from __future__ import annotations

from typing import Any

from tests.authorization.bench import play, rows

STARTED = ["A Processing", "ask A", "A Accepted", "grant 1", "start 1", "A UsedToStart"]
NOWHERE = ["A Processing", "A Rejected", "A NoConnectorAvailable"]
IGNORED = ["A AlreadyInProcess"]
TWO = {"evses": 2}


@rows(
    ("plug 1; card A", STARTED),
    ("plug 1; plug 2; card A@2", [line.replace("1", "2") for line in STARTED], TWO),
    ("plug 1; card A@7,1", STARTED),
    ("plug 1; card A@7", NOWHERE),
    ("disable 1; card A@1", NOWHERE, TWO),
    ("plug 1; disable 2; card A@2,1", STARTED, TWO),
    ("disable 1; disable 2; card A", NOWHERE, TWO),
    ("disable 1; enable 1; plug 1; card A@1", STARTED, TWO),
)
def test_rule_1_referenced_evses(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-1: those that the token names, else all; unknown ones and those out of service do not count."""
    assert play(script, **options) == seen


@rows(
    ("card A; card A", IGNORED, {"cards": {"A": None}, "evses": 2}),
    ("card A; card a", ["a AlreadyInProcess"], TWO),
    ("card A; card A:eMAID", IGNORED, TWO),
    ("card A; card a", ["a AlreadyInProcess"]),
    ("card A@1; card A@2", [*STARTED[:3], "grant 2", "A UsedToStart"], TWO),
    ("card C@1; card C:eMAID@1", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("card A; card C", ["C Processing", "ask C", "C Accepted"], TWO),
    ("plug 1; card A; card A", ["A Processing", "stop 1 Local", "end 1", "A UsedToStop"]),
)
def test_rule_2_duplicates(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-2: while it is handled, by value; while it holds an EVSE without a transaction, by value and type."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; card A", STARTED),
    ("card D", ["D Processing", "ask D", "D Rejected"]),
    ("disable 1; card A", NOWHERE),
    ("plug 1; card A; card a", ["a Processing", "stop 1 Local", "end 1", "a UsedToStop"]),
)
def test_rule_3_processing_comes_first(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-3: Processing opens every handling that is published at all."""
    assert play(script, **options) == seen
    assert seen[0].endswith("Processing")


STOPPED = ["A Processing", "stop 1 Local", "end 1", "A UsedToStop"]
REAUTHORIZED = {"stop_transaction_on_reswipe": False}


@rows(
    ("plug 1; card A; card A", STOPPED),
    ("plug 1; card A; card A:MacAddress", STOPPED),
    ("plug 1; card A; card FLEET", [line.replace("A P", "FLEET P").replace("A U", "FLEET U") for line in STOPPED]),
    ("plug 1; plug 2; card A@1; card A", STOPPED, TWO),
    ("plug 1; card A; Autocharge A", ["A Processing", "ask A", "stop 1 Local", "end 1", "A UsedToStop"]),
    ("plug 1; card C; Autocharge C", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("plug 1; card C; PlugAndCharge C", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("plug 1; card C; BankCard C", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("plug 1; card C; OCPP C", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("plug 1; card A; card A", ["A Processing", "A UsedToReauthorize"], REAUTHORIZED),
    ("plug 1; card A; card A; card A", ["A Processing", "A UsedToReauthorize"], REAUTHORIZED),
    (
        "plug 1; plug 2; card A@1; card A@2",
        [line.replace("1", "2") for line in STARTED],
        {**TWO, "prioritize_authorization_over_stopping_transaction": True},
    ),
)
def test_rule_4_the_same_card_stops(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-4: an RFID token by its value or the group's, without validation; no other kind of token."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; card C; card A", NOWHERE),
    ("fault 1; card A", NOWHERE),
    ("plug 1; card C; finish 1; card A", NOWHERE),
    ("plug 1; card A; card C", ["C Processing", "ask C", "C Rejected", "C NoConnectorAvailable"]),
    (
        "plug 1; card C; card A",
        ["A Processing", "ask A", "A Rejected", "A NoConnectorAvailable"],
        {"master_pass_group_id": "MASTER"},
    ),
    (
        "plug 1; card C; plug 2; card A",
        ["A Processing", "ask A", "A Accepted", "grant 2", "start 2", "A UsedToStart"],
        TWO,
    ),
)
def test_rule_5_nothing_free(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-5: nobody is asked when no EVSE is free and no group could stop anything."""
    assert play(script, **options) == seen


@rows(
    ("reserve C@1; plug 1; card A", NOWHERE),
    (
        "reserve C@1; plug 1; card c",
        ["c Processing", "ask c", "c Accepted", "reservation 1 used on 1", "grant 1", "start 1", "c UsedToStart"],
    ),
    (
        "reserve C/FLEET@1; plug 1; card A",
        ["A Processing", "ask A", "A Accepted", "reservation 1 used on 1", "grant 1", "start 1", "A UsedToStart"],
    ),
    (
        "reserve C/OTHER@1; plug 1; card A",
        ["A Processing", "ask A", "A Accepted", "deny 1 NotAtThisTime", "A Rejected"],
    ),
    ("reserve C@1; reserve C@2; card A", NOWHERE, TWO),
    ("reserve C@any; card A", NOWHERE),
    ("reserve C@any; reserve B@1; card A", NOWHERE, TWO),
    ("reserve C@1; plug 1; card A", NOWHERE, {"master_pass_group_id": "MASTER"}),
)
def test_rule_6_all_reserved(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-6: nobody is asked when every EVSE is kept for others and no group could change that."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; prevalidated X/FLEET", ["X Processing", "X Accepted", "grant 1", "start 1", "X UsedToStart"]),
    ("plug 1; prevalidated D", ["D Processing", "D Accepted", "grant 1", "start 1", "D UsedToStart"]),
    ("plug 1; card A; prevalidated X/FLEET", ["X Processing", "stop 1 Local", "end 1", "X UsedToStop"]),
    ("plug 1; card X", ["X Processing", "ask X"]),
    ("plug 1; card X; answer X Accepted", ["X Accepted", "grant 1", "start 1", "X UsedToStart"]),
    ("plug 1; card X; answer X Unknown", ["X Rejected"]),
)
def test_rule_7_validation(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-7: a prevalidated token asks nobody and brings its own group."""
    assert play(script, **options) == seen
