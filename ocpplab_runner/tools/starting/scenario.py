"""The text of a scenario about one happening."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import indent

from ocpplab_runner.scenario.template import scalar
from ocpplab_runner.tools.starting.happenings import Follow, Happening
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.versions import OcppVersion


def scenario_about(
    happening: Happening, follows: Sequence[Follow], versions: Sequence[OcppVersion], title: str = ""
) -> str:
    """The scenario, without the comments at its top.

    Args:
        happening: what happens.
        follows: what must follow, of the happening's; at least one.
        versions: of OCPP, one test case for each.
        title: its ``name``; what happens, unless said.
    """
    return "\n".join(_lines(happening, follows, versions, title)) + "\n"


def _lines(
    happening: Happening, follows: Sequence[Follow], versions: Sequence[OcppVersion], title: str
) -> Iterator[str]:
    yield f"name: {scalar(' '.join(title.split()) or _capital(happening.says))}"
    yield f"tags: [{happening.block}]"
    yield f"ocpp: {json.dumps([version.value for version in versions])}"
    if happening.given:
        yield from ("", "given:                              # the world before the first step")
        yield indent(happening.given.rstrip(), "  ")
    yield from ("", "steps:                              # what is done, and what must follow")
    if happening.before:
        yield indent(happening.before.rstrip(), "  ")
    yield from _commented(f"  - {happening.step}", happening.says)
    expected = [follow for follow in follows if follow.expect]
    if expected:
        yield "    expect:"
        for follow in expected:
            yield from _commented(f"      {follow.expect}", follow.says)
    if limits := [follow.within for follow in expected if follow.within]:
        yield f"    within: {max(limits, key=parse_duration)}"
    if forbidden := [follow for follow in follows if follow.never]:
        yield "    never:"
        for follow in forbidden:
            yield from _commented(f"      {follow.never}", follow.says)
        yield f"    for: {max((follow.lasts for follow in forbidden), key=parse_duration)}"


def _commented(line: str, says: str) -> Iterator[str]:
    """A line of YAML with what it means, above it where there is no room beside it."""
    if len(line) < 60:
        yield f"{line:<60}# {says}"
    else:
        yield f"{line[: len(line) - len(line.lstrip())]}# {says}"
        yield line


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
