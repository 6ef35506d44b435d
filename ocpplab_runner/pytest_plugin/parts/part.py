"""What a charger and a CSMS have in common in a Python test."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ocpplab_runner.pytest_plugin.parts.background import Background
from ocpplab_runner.pytest_plugin.parts.watching import Watching

T = TypeVar("T")


class World:
    """What the parts of one test share: the loop that they live on, and whose act was the latest."""

    def __init__(self) -> None:
        self._background = Background()
        self._watching: list[Watching] = []
        self._ends: list[Callable[[], Coroutine[Any, Any, Any]]] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run on the loop to its end."""
        __tracebackhide__ = True
        return self._background.run(work)

    def joins(self, watching: Watching, end: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """A part has come; ``end`` is called when the test is over."""
        self._watching.append(watching)
        self._ends.append(end)

    async def acts(self) -> None:
        """Somebody acts: what every part has seen before counts no more."""
        for one in self._watching:
            one.open()

    def close(self) -> None:
        """End the parts, the latest first, and the loop."""
        try:
            for end in reversed(self._ends):
                self._background.run(end())
        finally:
            self._background.close()


class Part:
    """A charger or a CSMS.

    Args:
        world: of the test.
        watching: what it has seen.
    """

    def __init__(self, world: World, watching: Watching) -> None:
        self._world, self._watching = world, watching

    @property
    def events(self) -> list[dict[str, Any]]:
        """Everything that it has seen, as the ``event`` of records."""
        return self._watching.events

    def expect(self, line: str, *, within: str = "30s") -> dict[str, Any]:
        """Wait until everything has come that a line asks for.

        Args:
            line: what stands under ``expect`` in a scenario (``transaction: {is: started}``); several facets on a line
                each.
            within: a duration.

        Returns:
            facet → the fields of the event that met it.

        Raises:
            AssertionError: it did not come after the latest ``do`` of the test, whichever part's, within that time.
            ValueError: it is no such line.
        """
        __tracebackhide__ = True
        return self._world.run(self._watching.expect(line, within))

    def never(self, line: str, *, lasts: str) -> None:
        """See that nothing comes of what a line forbids, neither since the latest ``do`` nor from now on.

        Args:
            line: what stands under ``never`` in a scenario.
            lasts: a duration, in real time.

        Raises:
            AssertionError: it came.
            ValueError: it is no such line.
        """
        __tracebackhide__ = True
        self._world.run(self._watching.never(line, lasts))

    def forget(self) -> None:
        """What has come so far counts no more: say so before something acts that is none of these parts."""
        self._world.run(self._world.acts())
