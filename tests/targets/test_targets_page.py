"""docs/targets.md says what a foreign CSMS blocks."""

from __future__ import annotations

import re
from pathlib import Path

from ocpplab_runner.steps.blocks import ACTING, FACETS
from ocpplab_runner.targets.capabilities import foreign_csms_capabilities
from ocpplab_runner.vocabulary.states import STATES

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "targets.md"


def rows() -> dict[str, str]:
    """The table of what is blocked: its first column, and its second."""
    table = PAGE.read_text("utf-8").partition("| what is blocked | because |")[2].partition("\n\n")[0]
    cells = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {what: because for what, because in cells if not what.startswith("---")}


def test_every_blocked_verb_facet_and_state_is_in_the_table() -> None:
    """By name, and nothing that can be done stands beside them."""
    can = foreign_csms_capabilities(default_within=30.0)
    blocked = {spec.name for spec in ACTING} - can.verbs | set(STATES) - can.states
    blocked |= {spec.name for spec in FACETS if spec.bound and spec.kind == "frame"}
    blocked |= {spec.event for spec in FACETS if spec.kind == "fact" and spec.event} - can.facts.keys()
    named = {name for what in rows() for name in re.findall(r"`(?:given\.[a-z]+[:.] ?)?([a-z_]+)`", what)}
    assert blocked <= named
    assert named - blocked <= {"boot", "heartbeat_interval", "passwords", "replies", "tls", "versions", "violation"}
