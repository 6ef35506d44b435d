"""Rules 15 to 19: sessions, faults, withdrawal, later verdicts and settings, as tables for ``bench.play``."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.authorization.types import AuthorizationType
from tests.authorization.bench import Bench, play, provided, rows

TWO = {"evses": 2}
NOWHERE = ["C Processing", "C Rejected", "C NoConnectorAvailable"]
WAITS = ["C Processing", "ask C", "C Accepted"]
PLUG_IN = {"plug_in_timeout_enabled": True, **TWO}


@rows(
    ("plug 1; card A; finish 1; card C", ["C Processing", "C Rejected", "C NoConnectorAvailable"]),
    ("plug 1; card A; finish 1; unplug 1; card C", [*WAITS, "grant 1", "C UsedToStart"]),
    ("plug 1; card C; unplug 1; plug 1", []),
    ("card C; unplug 1; card A", ["A Processing", "ask A", "A Accepted", "grant 1", "A UsedToStart"]),
    ("plug 1; disable 1; card C", NOWHERE),
    ("plug 1; card C; disable 1; unplug 1; card C", [*WAITS, "grant 1", "C UsedToStart"]),
    ("plug 1; time plug_in", ["withdraw 1"], PLUG_IN),
    ("plug 1; time plug_in; card C@1", NOWHERE, PLUG_IN),
    ("plug 1; time plug_in; unplug 1; plug 1; card C", [*WAITS, "grant 1", "start 1", "C UsedToStart"], PLUG_IN),
    ("plug 1; card C; time plug_in", ["no plug_in timer"], PLUG_IN),
    ("plug 1; time plug_in", ["no plug_in timer"], {"plug_in_timeout_enabled": True}),
    ("plug 1; time plug_in", ["no plug_in timer"], TWO),
)
def test_rule_15_sessions(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-15: a transaction occupies the EVSE until its car has gone; a car may have a time to be authorized in."""
    assert play(script, **options) == seen


@rows(
    ("fault 1; card C", NOWHERE),
    ("fault 1; plug 2; card C", [*WAITS, "grant 2", "start 2", "C UsedToStart"], TWO),
    ("fault 1; repair 1; plug 1; card C", [*WAITS, "grant 1", "start 1", "C UsedToStart"]),
    ("fault 1; plug 1; card C", [*WAITS, "grant 1", "start 1", "C UsedToStart"], {"ignore_connector_faults": True}),
    ("plug 1; card A; fault 1; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]),
    ("card C; fault 1; plug 1", [], {"evses": 3}),
    ("card C; fault 1; plug 1", ["grant 1", "start 1", "C UsedToStart"], {"evses": 3, "ignore_connector_faults": True}),
)
def test_rule_16_faults(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-16: a faulted EVSE is referred to, its transaction may be stopped, but nobody starts there."""
    assert play(script, **options) == seen


STOPPED = ["Accepted", "stop 1 DeAuthorized", "end 1"]
TAKEN_BACK = ["Accepted", "withdraw 1", "C Withdrawn"]


@rows(
    ("card C; withdraw", ["Accepted", "C Withdrawn"], TWO),
    ("card C; withdraw 2", ["Accepted", "C Withdrawn"], TWO),
    ("card C@1,2; withdraw 3", ["AuthorizationNotFound"], {"evses": 3}),
    ("card C; withdraw c", ["Accepted", "C Withdrawn"], TWO),
    ("card C; withdraw C; plug 1", [], TWO),
    ("card C; withdraw C; card C; plug 1", ["grant 1", "start 1", "C UsedToStart"], TWO),
    ("card C; withdraw 1", TAKEN_BACK),
    ("card C; withdraw c", TAKEN_BACK),
    ("card C; withdraw 1 c", TAKEN_BACK),
    ("card C; withdraw", TAKEN_BACK),
    ("card C; withdraw 1; plug 1", []),
    ("card C; withdraw 1; card C", [*WAITS, "grant 1", "C UsedToStart"]),
    ("card C; withdraw 1; time grant", ["no grant timer"]),
    ("card C; withdraw C:eMAID", ["AuthorizationNotFound"]),
    ("card C; withdraw A", ["AuthorizationNotFound"]),
    ("card C@1; withdraw 2 C", ["AuthorizationNotFound"], TWO),
    ("card C; withdraw 9", ["EvseNotFound"]),
    ("withdraw", ["AuthorizationNotFound"]),
    ("plug 1; card C; withdraw 1", STOPPED),
    ("plug 1; card C; withdraw C", STOPPED),
    ("plug 1; card C; withdraw", STOPPED),
    ("plug 1; card C; finish 1; withdraw", ["AuthorizationNotFound"]),
    (
        "plug 1; card A; card C@2; withdraw",
        ["Accepted", "stop 1 DeAuthorized", "end 1", "withdraw 2", "C Withdrawn"],
        TWO,
    ),
    ("card X; withdraw X; answer X Accepted", [], {"cards": {"X": None}}),
    ("card X; withdraw", ["Accepted", "X Withdrawn"], {"cards": {"X": None}}),
)
def test_rule_17_withdrawal(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-17: by EVSE, token with its type, both, or everything; what waits, what is granted, what runs."""
    assert play(script, **options) == seen


@rows(
    ("plug 1; card C; update 1 Accepted/FLEET", ["C Accepted"]),
    (
        "plug 1; card C; update 1 Accepted/FLEET; card B",
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
    ),
    ("plug 1; card A; update 1 Accepted; card B", ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"]),
    ("plug 1; card C; update 1 Blocked", []),
    (
        "plug 1; card C; update 1 Blocked/FLEET; card B",
        ["B Processing", "ask B", "stop 1 Local", "end 1", "B UsedToStop"],
    ),
    ("card C; update 1 Accepted", ["C Accepted"]),
    ("update 1 Accepted", []),
    ("plug 1; card C; finish 1; update 1 Accepted", []),
)
def test_rule_18_later_verdicts(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-18: for the holder of an EVSE; its group counts from then on."""
    assert play(script, **options) == seen


@rows(
    (
        "plug 1; card A; set master_pass_group_id MASTER; card M",
        ["M Processing", "ask M", "stop 1 MasterPass", "end 1", "M UsedToStop"],
    ),
    (
        "set master_pass_group_id MASTER; set master_pass_group_id OTHER; card M",
        ["M Processing", "ask M", "M Accepted", "grant 1", "M UsedToStart"],
    ),
    ("card X; set master_pass_group_id MASTER; answer X Accepted/MASTER", ["X UsedToStop"], {"cards": {"X": None}}),
)
def test_rule_19_settings(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-19: the master pass group counts at once, also for a token that is being validated."""
    assert play(script, **options) == seen


def test_rule_19_connection_timeout() -> None:
    """AUTH-19: the next wait and the next grant take the new connection timeout."""
    for evses in (1, 2):
        bench = Bench(evses)
        bench.know("C")
        bench.set("connection_timeout", "7")
        bench.do(bench.handler.present(provided("C", AuthorizationType.RFID)))
        assert list(bench.timers.values()) == [7.0]
