"""The reference page of the authorization rules and quirks, written from their tables."""

from __future__ import annotations

from collections.abc import Iterator

from ocpplab_runner.vocabulary.quirks import QUIRKS
from ocpplab_runner.vocabulary.rules import RULES

_HEAD = """\
# Authorization rules

Written by `make docs` from the tables of rules and quirks; change them there.

By these rules the simulated charger decides who may charge, whichever OCPP version it speaks. The numbers are those of
EVerest's Auth module in the order in which it works; a letter is a part of a rule. A scenario names the rule that it
shows in `covers`, and `ocpplab-runner coverage` counts by rule. Options and quirks are explained in
[authorization.md](../authorization.md).
"""


def page() -> str:
    """The content of ``docs/reference/authorization-rules.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from ("## Rules", "", "| rule | what it says |", "| --- | --- |")
    for rule, sentence in RULES.items():
        yield f"| {rule} | {sentence} |"
    yield from ("", "## Quirks", "", "| quirk | rule | with it | without it |", "| --- | --- | --- | --- |")
    for quirk, facts in QUIRKS.items():
        yield f"| `{quirk.value}` | {facts.rule} | {facts.summary} | {facts.instead} |"
