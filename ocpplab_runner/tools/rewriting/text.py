"""A script as the text of a scenario file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ocpplab_runner.tools.rewriting.script import Script

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
#: YAML reads these as no texts.
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})


def text_of(script: Script, name: str, source: str) -> str:
    """The file.

    Args:
        script: what happens.
        name: of the scenario.
        source: the recording, for people.
    """
    return "\n".join([*_lines(script, name, source), ""])


def _lines(script: Script, name: str, source: str) -> Iterator[str]:
    yield f"# Written from {source}."
    yield from (f"# Not taken over: {_one_line(one)}" for one in script.left)
    yield f"name: {_flow(name)}"
    yield "tags: [recorded]"
    yield f'ocpp: ["{script.version.value}"]'
    # Of a scenario that expects nothing the language wants to be told that it must merely run.
    if not any(step.expect for step in script.steps):
        yield "smoke: true"
    if script.given:
        yield ""
        yield "given:"
        yield from (f"  {key}: {_flow(value)}" for key, value in script.given.items())
    yield ""
    yield "steps:"
    if not script.steps:
        yield "  - log: nothing happens"
    for step in script.steps:
        yield from (f"  # {_one_line(comment)}" for comment in step.comments)
        fields = _flow(step.fields) if step.fields not in ({}, None) else "{}"
        yield f"  - {step.verb}: {fields}"
        if step.expect:
            yield f"    expect: {_flow(step.expect)}"
            yield "    within: 5m"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
