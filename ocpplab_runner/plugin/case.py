"""What a plugin sees of a case that runs, and what a check of its own finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.results import CaseInfo
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """What is wrong with a case.

    Attributes:
        message: one line: what was found, and what would have been right.
        event: of the case, where it shows: the failure is placed at the step that was running then.
    """

    message: str
    event: Event | None = None


class CaseView(Protocol):
    """A case (an attempt of it) while it runs."""

    @property
    def info(self) -> CaseInfo:
        """Who it is."""
        ...

    @property
    def version(self) -> OcppVersion:
        """Its OCPP version."""
        ...

    @property
    def chargers(self) -> tuple[str, ...]:
        """The names of its chargers, the default one first."""
        ...

    @property
    def began(self) -> float:
        """When it began, in seconds on the run's clock: what ``at`` of its events counts from in reports."""
        ...

    def events(self) -> Iterator[Event]:
        """Everything that has been observed so far, in order."""
        ...

    def sees(self, fact: str) -> bool:
        """Whether the target sees that fact; what it does not see has not surely not happened."""
        ...

    def log(self, text: str) -> None:
        """Put a line into the reports."""
        ...
