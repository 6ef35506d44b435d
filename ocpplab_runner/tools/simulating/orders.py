"""Lines of text as steps of a scenario: the same verbs, fields and checks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.loader import load_text
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Who does what such a line can say; ``wait`` is the only word of the flow.
_ACTORS = ("charger", "world")
_WAIT = "wait"
#: Of the text that a line is read in, the one with what the chargers are given.
_GIVEN_LINE = 4
_BARE = re.compile(r"[a-z_0-9]+")


class WrongLineError(ValueError):
    """A line that is no order; the text says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What chargers are to do.

    Attributes:
        verb: of a command.
        fields: of the command.
        charger: its name; None for all.
        raw: let through what breaks a schema.
        pause: seconds to wait; then there is no command.
    """

    verb: str
    fields: Mapping[str, Any]
    charger: str | None = None
    raw: bool = False
    pause: float | None = None


class Orders:
    """Reads lines.

    Args:
        registry: of the language.
        chargers: name → what it is given, as ``given.chargers`` has it.
        version: that they speak.
        actors: who may act.
    """

    def __init__(
        self,
        registry: Registry,
        chargers: Mapping[str, Mapping[str, Any]],
        version: OcppVersion,
        *,
        actors: Collection[str] = _ACTORS,
    ) -> None:
        self._registry, self._version, self._actors = registry, version, actors
        given = {"chargers": {name: dict(data) for name, data in chargers.items()}}
        self._head = f"name: simulate\nocpp: ['{version}']\nsmoke: true\ngiven: {json.dumps(given)}\nsteps:\n  - "

    def check(self) -> None:
        """See that the chargers can be what they are given.

        Raises:
            WrongLineError: they cannot.
        """
        self.read(f"{_WAIT}: 1s")

    def read(self, line: str) -> Order | None:
        """An order; None for a line without one.

        Raises:
            WrongLineError: it is none that a charger can carry out.
        """
        text = line.strip().removeprefix("- ").strip()
        if not text or text.startswith("#"):
            return None
        loaded = load_text(self._head + (f"{text}: {{}}" if _BARE.fullmatch(text) else text) + "\n", self._registry)
        for found in loaded.diagnostics:
            if found.severity == "error":
                raise WrongLineError(self._place(found) + found.message + (f" ({found.hint})" if found.hint else ""))
        steps = loaded.scenarios[0].steps
        step = steps[0]
        spec = None if step.verb is None else self._registry.verbs.get(step.verb)
        if len(steps) != 1 or spec is None or step.verb is None:
            raise WrongLineError("a line is one step that acts")
        if step.verb == _WAIT and isinstance(step.fields.get("for"), str):
            return Order(_WAIT, {}, pause=parse_duration(step.fields["for"]))
        if spec.actor not in self._actors:
            who = "the CSMS" if "csms" in self._actors else "a charger or the world around it"
            raise WrongLineError(f"{step.verb} is nothing that {who} does")
        if step.expect is not None or step.still is not None or step.never is not None or step.save:
            raise WrongLineError("nothing is judged here: a line only acts")
        return Order(step.verb, step.fields, step.charger, step.raw)

    def _place(self, found: Diagnostic) -> str:
        """What of the chargers' data is meant; nothing where it is the line itself."""
        lines = self._head.splitlines()
        if found.span.line != _GIVEN_LINE:
            return ""
        rest = lines[_GIVEN_LINE - 1][found.span.column - 1 :]
        try:
            value, _ = json.JSONDecoder().raw_decode(rest)
        except json.JSONDecodeError:
            return ""
        return f"{shortened(json.dumps(value, ensure_ascii=False))}: "
