"""Rules 13 and 14: which EVSE, and for how long. Tables in the script language of ``bench.play``."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.authorization.types import SelectionAlgorithm
from tests.authorization.bench import play, rows

FIND_FIRST = {"evses": 3, "selection_algorithm": SelectionAlgorithm.FIND_FIRST}
FIFO = {"evses": 3, "selection_algorithm": SelectionAlgorithm.PLUG_EVENTS}
LIFO = {"evses": 3, "selection_algorithm": SelectionAlgorithm.PLUG_EVENTS_LIFO}
DRIVER = {"evses": 3, "selection_algorithm": SelectionAlgorithm.USER_INPUT}
WAITS = ["C Processing", "ask C", "C Accepted"]
MASTER = {"master_pass_group_id": "MASTER"}


def on(evse_id: int, *, started: bool = True) -> list[str]:
    """Card C is led to that EVSE at once."""
    start = [f"start {evse_id}"] if started else []
    return [*WAITS, f"grant {evse_id}", *start, "C UsedToStart"]


@rows(
    ("plug 3; plug 2; card C", on(3), FIND_FIRST),
    ("plug 3; plug 2; unplug 3; card C", on(2), FIND_FIRST),
    ("card C", on(1, started=False), FIND_FIRST),
    ("card C@3,2", on(3, started=False), FIND_FIRST),
    ("card A@1; card C", on(2, started=False), FIND_FIRST),
    ("plug 2; card A; card C", on(1, started=False), FIND_FIRST),
    (
        "card X; disable 1; disable 2; fault 3; answer X Accepted",
        ["X Rejected", "X NoConnectorAvailable"],
        {**FIND_FIRST, "cards": {"X": None}},
    ),
)
def test_rule_13a_find_first(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-13, 13a: the longest waiting car, else the first free EVSE in the token's order; it never waits."""
    assert play(script, **options) == seen


@rows(
    ("plug 3; plug 2; card C", on(3), FIFO),
    ("plug 3; plug 2; card C@1,2", on(2), FIFO),
    ("plug 3; plug 2; unplug 3; card C", on(2), FIFO),
    ("plug 3; plug 2; unplug 3; plug 3; card C", on(2), FIFO),
    ("plug 3; card A; plug 2; card C", on(2), FIFO),
    ("card C", WAITS, FIFO),
    ("card C; plug 2", ["grant 2", "start 2", "C UsedToStart"], FIFO),
    ("card C@1,3; plug 2", [], FIFO),
    ("card C; time wait", ["C TimedOut"], FIFO),
    ("card C; time wait; plug 2", [], FIFO),
    ("card C; card A; plug 2; plug 1", ["grant 1", "start 1", "A UsedToStart"], FIFO),
)
def test_rule_13b_plug_events(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-13b, 11c: the longest waiting car, else the next, else TimedOut."""
    assert play(script, **options) == seen


@rows(
    ("plug 3; plug 2; card C", on(2), LIFO),
    ("plug 3; plug 2; card C@3,1", on(3), LIFO),
    ("plug 3; plug 2; unplug 2; card C", on(3), LIFO),
    ("plug 3; plug 2; card A; card C", on(3), LIFO),
    ("card C", WAITS, LIFO),
    ("card C; plug 1", ["grant 1", "start 1", "C UsedToStart"], LIFO),
)
def test_rule_13c_plug_events_lifo(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-13c: the car that came last, else the next."""
    assert play(script, **options) == seen


@rows(
    ("plug 3; plug 2; card C", WAITS, DRIVER),
    ("plug 3; plug 2; card C; choose 2", ["grant 2", "start 2", "C UsedToStart"], DRIVER),
    ("plug 3; card C; choose 1", ["grant 1", "C UsedToStart"], DRIVER),
    ("card C; plug 3", [], DRIVER),
    ("card C@1,2; choose 3", ["nobody chooses"], DRIVER),
    ("card A@2; card C; choose 2", ["nobody chooses"], DRIVER),
    ("card C; choose 1; choose 2", ["nobody chooses"], DRIVER),
    ("choose 1", ["nobody chooses"], DRIVER),
    ("card C; time wait", ["C TimedOut"], DRIVER),
    ("card C; choose 1", ["nobody chooses"], FIFO),
)
def test_rule_13d_user_input(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-13d: only the driver decides, among what the token may have, within the connection timeout."""
    assert play(script, **options) == seen


@rows(
    *[
        (f"card C@{number}", on(number, started=False), setting)
        for number, setting in ((1, FIND_FIRST), (2, FIFO), (3, LIFO), (2, DRIVER))
    ],
    ("plug 1; card C@2", on(2, started=False), FIFO),
    ("fault 1; disable 3; card C", on(2, started=False), FIFO),
    ("card C", on(1, started=False), {}),
)
def test_rule_13e_a_single_candidate(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-13e: taken at once, whatever the algorithm, plugged or not."""
    assert play(script, **options) == seen


@rows(
    ("card C; time grant", ["withdraw 1", "C TimedOut"]),
    ("card C; time grant; plug 1", []),
    ("card C; time grant; plug 1; card C", [*WAITS, "grant 1", "start 1", "C UsedToStart"]),
    ("card C; plug 1; time grant", ["no grant timer"]),
    ("card C; plug 1; finish 1; time grant", ["no grant timer"]),
    (
        "card C@1; time grant; card A@1",
        ["A Processing", "ask A", "A Accepted", "grant 1", "A UsedToStart"],
        {"evses": 2},
    ),
)
def test_rule_14_grants(script: str, seen: list[str], options: dict[str, Any]) -> None:
    """AUTH-14: a grant lasts for the connection timeout; then the same token, or another, may start."""
    assert play(script, **options) == seen
