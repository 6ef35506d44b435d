"""The variables of one attempt, and what ``${{ expressions }}`` mean there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.planning.plan import PlannedCase
from ocpplab_runner.scenario.expressions import ExpressionError, evaluate, render
from ocpplab_runner.scenario.model import Duration
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.numbers import is_number

_MAX_HEX = 4096
_NOTHING: Mapping[str, Any] = {}


class Scope:
    """Names and functions that expressions see.

    Args:
        case: its variables may themselves hold expressions that use the ones before them.
        random: for ``random_int`` and ``random_hex``.
    """

    def __init__(self, case: PlannedCase, random: Random) -> None:
        self._random = random
        self._names: dict[str, Any] = {
            "env": os.environ,
            "ocpp_version": case.version.value,
            "case_name": case.row or "",
        }
        self._unresolved = dict(case.variables)
        self._functions: dict[str, Callable[..., Any]] = {
            "now": clock.timestamp,
            "in_future": lambda text: clock.timestamp(clock.utcnow() + timedelta(seconds=parse_duration(text))),
            "in_past": lambda text: clock.timestamp(clock.utcnow() - timedelta(seconds=parse_duration(text))),
            "random_int": random.randint,
            "random_hex": self._hex,
        }

    def begin(self) -> None:
        """Compute the case's variables, in the order in which they are written.

        Raises:
            ExpressionError: one of them cannot be computed.
        """
        for name, value in self._unresolved.items():
            self._names[name] = render(value, self._names, self._functions)

    def set(self, name: str, value: Any) -> None:
        """Give a variable a value for all later steps."""
        self._names[name] = value

    def get(self, name: str) -> Any:
        """A variable's present value; None when there is none."""
        return self._names.get(name)

    def resolve(self, value: Any, overlay: Mapping[str, Any] = _NOTHING) -> Any:
        """The value with every expression in it computed.

        Raises:
            ExpressionError: one cannot be computed.
        """
        return render(value, self._seen(overlay), self._functions)

    def evaluate(self, expression: str, overlay: Mapping[str, Any] = _NOTHING) -> Any:
        """The value of a bare expression; raises as :meth:`resolve`."""
        return evaluate(expression, self._seen(overlay), self._functions)

    def duration(self, written: Duration | None, overlay: Mapping[str, Any] = _NOTHING) -> float | None:
        """A modifier's duration in seconds: a literal is so already, an expression gives one or its text.

        Raises:
            ExpressionError: the expression cannot be computed, or gives no duration.
        """
        if not isinstance(written, str):
            return written
        value = self.resolve(written, overlay)
        if isinstance(value, str):
            try:
                return parse_duration(value)
            except ValueError as error:
                raise ExpressionError(str(error)) from None
        if is_number(value) and value >= 0:
            return float(value)
        raise ExpressionError(f"{written!r} gives {value!r}, which is no duration")

    def _seen(self, overlay: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**self._names, **overlay} if overlay else self._names

    def _hex(self, digits: int) -> str:
        if not 0 < digits <= _MAX_HEX:
            raise ValueError(f"random_hex gives 1 to {_MAX_HEX} digits")
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"
