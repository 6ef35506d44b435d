"""What all targets that come with the runner have: a name, and what they can do."""

from __future__ import annotations

from ocpplab_runner.plugin.capabilities import Capabilities
from ocpplab_runner.plugin.target import Target


class NamedTarget(Target):
    """A target that knows both when it is made.

    Args:
        name: as chosen on the command line.
        capabilities: what it can do, and what can be seen there.
    """

    def __init__(self, name: str, capabilities: Capabilities) -> None:
        self._name, self._capabilities = name, capabilities

    @property
    def name(self) -> str:
        """As chosen on the command line."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, and what can be seen there."""
        return self._capabilities
