"""What a part has seen, and expectations of it, in the words of scenarios."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from textwrap import dedent, indent
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.matching.items import Item
from ocpplab_runner.engine.matching.views import Binding, describe, describe_fields, view_of
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.loader import load_text
from ocpplab_runner.scenario.model import FacetExpectation
from ocpplab_runner.scenario.registry import Registry
from ocpplab_runner.scenario.values import is_unsure
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Of the events that came instead, so many of the latest are shown.
_SHOWN = 20


class Watching:
    """Events in the order in which they came. Expectations look at those since the window was opened, each counts once.

    Args:
        registry: the language.
        version: in which expectations are written, asked for each time.
    """

    def __init__(self, registry: Registry, version: Callable[[], OcppVersion]) -> None:
        self._registry, self._version = registry, version
        self._events: list[Event] = []
        self._consumed: set[int] = set()
        self._opened = 0
        self._more = asyncio.Event()

    def hear(self, event: Event) -> None:
        """Take the next event in; on the loop's thread."""
        self._events.append(event)
        self._more.set()

    def open(self) -> None:
        """What has come so far counts no more."""
        self._opened = len(self._events)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All of them, as in records."""
        # A copy: the thread of the loop goes on adding while the test reads.
        return [event.to_json() for event in list(self._events)]

    async def expect(self, line: str, within: str) -> dict[str, Any]:
        """Wait until everything has come that a line of ``expect`` asks for.

        Args:
            line: facets, as in a scenario.
            within: a duration.

        Returns:
            facet → the fields of the event that met it.

        Raises:
            AssertionError: something did not come in time.
            ValueError: it is no such line.
        """
        wanted = [self._item(one) for one in self._read("expect", line)]
        met: dict[str, Any] = {}
        limit = clock.now() + parse_duration(within)
        while True:
            for item in list(wanted):
                if found := [place for place in self._window() if item.is_met_by(self._events[place])]:
                    self._consumed.add(found[0])
                    met[item.facet.facet] = dict(item.view.fields(self._events[found[0]]))
                    wanted.remove(item)
            if not wanted:
                return met
            if not await self._another(limit):
                lacking = ", ".join(describe(item.facet) for item in wanted)
                raise AssertionError(f"{lacking} did not come within {within}; {self._came()}")

    async def never(self, line: str, lasts: str) -> None:
        """See that nothing comes of what a line of ``never`` forbids.

        Args:
            line: facets, as in a scenario.
            lasts: for how long from now on, a duration; what has come since the window was opened counts too.

        Raises:
            AssertionError: something came, or something of which nobody can say whether it is forbidden.
            ValueError: it is no such line.
        """
        forbidden = [self._item(one) for one in self._read("never", line)]
        limit = clock.now() + parse_duration(lasts)
        while True:
            for item in forbidden:
                for event in (self._events[place] for place in self._window()):
                    different = item.differences(event) if item.view.sees(event) else None
                    if different is not None and (not different or is_unsure(different)):
                        raise AssertionError(
                            f"{describe(item.facet)} must not come within {lasts}; {_shown(event)} came"
                        )
            if not await self._another(limit):
                return

    def _window(self) -> Sequence[int]:
        return [place for place in range(self._opened, len(self._events)) if place not in self._consumed]

    async def _another(self, limit: float) -> bool:
        """Wait for one more event; False when the time is over."""
        # Nothing has come since the window was looked at: there is no await in between.
        self._more.clear()
        try:
            async with asyncio.timeout(limit - clock.now()):
                await self._more.wait()
        except TimeoutError:
            return False
        return True

    def _item(self, facet: FacetExpectation) -> Item:
        return Item.of(facet, view_of(self._registry.facets[facet.facet], Binding()), facet.fields, {})

    def _read(self, key: str, line: str) -> tuple[FacetExpectation, ...]:
        limit = "within" if key == "expect" else "for"
        body = indent(dedent(line).strip(), "      ")
        # A never without a `for` is none; how long is really watched the caller knows.
        text = f"name: test\nocpp: ['{self._version()}']\nsteps:\n  - {key}:\n{body}\n    {limit}: 30s\n"
        loaded = load_text(text, self._registry)
        if wrong := [one for one in loaded.diagnostics if one.severity == "error"]:
            hints = (f"{one.message}{f' ({one.hint})' if one.hint else ''}" for one in wrong)
            raise ValueError(f"{line.strip()}: {'; '.join(hints)}")
        step = loaded.scenarios[0].steps[0]
        asked = step.expect or step.never
        facets = () if asked is None else asked.facets
        for facet in facets:
            if facet.sequence or facet.count is not None or facet.at_least is not None:
                raise ValueError(
                    f"{line.strip()}: sequences and counts are for scenarios; here each event is asked for"
                )
            if self._registry.facets[facet.facet].bound:
                raise ValueError(f"{line.strip()}: {facet.facet} is of a step; here `do` returns it")
        return facets

    def _came(self) -> str:
        seen = [event for event in self._events[self._opened :] if event.kind in ("fact", "violation")]
        if not seen:
            return "nothing came"
        more = [f"  … {len(seen) - _SHOWN} before"] if len(seen) > _SHOWN else []
        return "\n".join(["what came:", *more, *(f"  {_shown(event)}" for event in seen[-_SHOWN:])])


def _shown(event: Event) -> str:
    return f"{event.name} {describe_fields(event.fields)}".rstrip()
