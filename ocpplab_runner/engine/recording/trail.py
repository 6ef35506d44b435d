"""Which step was running when something happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from ocpplab_runner.plugin.results import FailureInfo
from ocpplab_runner.scenario.model import Step


@dataclass(slots=True)
class Stretch:
    """A step's part of the ledger.

    Attributes:
        step: the step.
        index: its path in the plan.
        charger: whom it is about.
        seq: the ledger's position when it began.
        at: when it began, in seconds on the run's clock.
        end: the ledger's position when it ended; infinite while it runs.
    """

    step: Step
    index: str
    charger: str
    seq: int
    at: float
    end: float = inf

    @property
    def place(self) -> str:
        """For people: ``step 2 (a.yaml:5)``."""
        return f"step {self.index} ({self.step.path.as_posix()}:{self.step.span.line})"

    def located(self, failure: FailureInfo) -> FailureInfo:
        """The failure at the place of this step."""
        span = self.step.span
        return FailureInfo({**failure, "file": self.step.path.as_posix(), "line": span.line, "column": span.column})


class Trail:
    """Remembers when each step began and ended.

    Args:
        position: gives the ledger's next sequence number.
        now: the run's clock.

    Attributes:
        broken_off: the innermost step that was running when the case was ended early.
    """

    def __init__(self, position: Callable[[], int], now: Callable[[], float]) -> None:
        self._position = position
        self._now = now
        self._stretches: list[Stretch] = []
        self.broken_off: Stretch | None = None

    def begin(self, step: Step, index: str, charger: str) -> Stretch:
        """A step begins."""
        stretch = Stretch(step, index, charger, self._position(), self._now())
        self._stretches.append(stretch)
        return stretch

    def end(self, stretch: Stretch) -> None:
        """A step has ended."""
        stretch.end = self._position()

    def break_off(self, stretch: Stretch) -> None:
        """A step is cancelled; those around it are afterwards."""
        self.broken_off = self.broken_off or stretch

    def at(self, seq: int, charger: str) -> Stretch | None:
        """The innermost step that was running at a place of the ledger, one about that charger before others.

        What comes between two steps, or after the last, is that of the step before. None before the first.
        """
        latest: Stretch | None = None
        running: Stretch | None = None
        for stretch in reversed(self._stretches):
            if stretch.seq > seq:
                continue
            latest = latest or stretch
            if stretch.end > seq:
                if stretch.charger == charger:
                    return stretch
                running = running or stretch
        return running or latest
