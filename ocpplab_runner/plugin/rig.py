"""What does to a real charger what takes hands: it plugs cars in, presents cards, cuts networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ocpplab_runner.plugin.stage import Outcome


class Rig(ABC):
    """The way to the hardware around the chargers of a bench. Made before any event loop runs.

    Attributes:
        limit: seconds in which it must have done anything; a case whose rig takes longer is an error.
    """

    limit: float = 30.0

    @property
    @abstractmethod
    def verbs(self) -> Collection[str]:
        """The verbs of the charger and of the world that it can do, such as ``plug_connector``."""

    @abstractmethod
    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Do it; return when it is done, not when its effects have shown.

        Args:
            station: identity of the charger.
            verb: one of :attr:`verbs`.
            fields: of the verb, as a scenario gives them, with the real cards.

        Returns:
            ``done``, or ``refused`` where the hardware would not, with the reason.

        Raises:
            InfrastructureError: the rig is in trouble.
        """

    def why_not(self, verb: str, fields: Collection[str]) -> str | None:
        """Why it cannot do one of its verbs with these fields, in one sentence; None when it can.

        Args:
            verb: one of :attr:`verbs`.
            fields: names of the verb's fields that a scenario gives.
        """
        return None

    @property
    def secrets(self) -> Sequence[str]:
        """What it was told that must be shown nowhere, such as passwords."""
        return ()

    async def close(self) -> None:
        """The worker's last case is over."""
        return
