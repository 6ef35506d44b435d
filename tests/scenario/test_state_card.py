"""The warning for a state whose card nobody knows."""

from __future__ import annotations

import pytest

from .kit import load

WARNED = [
    ("state: {charging: {id_tag: CARD-1}}", "CARD-1"),
    ("state: {authorized: {id_tag: CARD-1}}", "CARD-1"),
    ("csms: {id_tokens: {CARD-2: Accepted}}\n  state: {finishing: {id_tag: CARD-1}}", "CARD-1"),
    ("charger: {cache: {CARD-2: Accepted}}\n  state: {suspended_ev: {id_tag: CARD-1}}", "CARD-1"),
    ("state: {charging: {id_tag: '${{ card }}'}}", "ROW-2"),
]
SILENT = [
    "csms: {id_tokens: {card-1: Accepted}}\n  state: {charging: {id_tag: CARD-1}}",
    "csms: {unknown_id_token: Accepted}\n  state: {charging: {id_tag: CARD-1}}",
    "csms: {replies: [{to: Authorize, payload: {idTagInfo: {status: Accepted}}}]}\n"
    "  state: {charging: {id_tag: CARD-1}}",
    "charger: {local_list: {version: 1, entries: {CARD-1: Accepted}}}\n  state: {charging: {id_tag: CARD-1}}",
    "chargers: {A: {cache: {CARD-1: Accepted}}}\n  state: {charging: {id_tag: CARD-1}}",
    "state: {reserved: {id_tag: CARD-1}}",
    "state: {charging: {id_tag: '${{ env.CARD }}'}}",
    "state: ev_connected",
]


def text(given: str) -> str:
    rows = "cases:\n  - {name: a, card: CARD-9}\n  - {name: b, card: ROW-2}\n" if "card }}" in given else ""
    csms = "  csms: {id_tokens: {CARD-9: Accepted}}\n" if rows else ""
    return f"name: X\nocpp: ['1.6']\n{rows}given:\n{csms}  {given}\nsteps:\n  - clear_cache:\n"


@pytest.mark.parametrize(("given", "card"), WARNED)
def test_a_card_that_nobody_knows_is_warned_of(given: str, card: str) -> None:
    """One warning at the card; the file is sound all the same."""
    result = load(text(given))
    (found,) = result.diagnostics
    assert (found.severity, found.code) == ("warning", "unknown-card")
    assert f"needs the card '{card}'" in found.message
    assert result.ok and result.scenarios


@pytest.mark.parametrize("given", SILENT)
def test_a_card_that_somebody_may_accept_is_no_finding(given: str) -> None:
    """Letter case, other lists, programmed answers and values known only later."""
    assert load(text(given)).diagnostics == []
