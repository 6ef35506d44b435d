"""What can be broken, and which scenarios are to notice."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.mutants.operators import Site
from benchmarks.mutants.product import PACKAGE, ROOT, Product

SCENARIOS = ROOT / "scenarios"
#: What the tool remembers from one run to the next.
MEMORY = ROOT / ".ocpplab"


@dataclass(frozen=True, slots=True)
class Subject:
    """Rooms that are broken, and scenarios.

    Attributes:
        rooms: folders of the package.
        whole: those of them of which nearly every function must be entered.
        paths: of the scenarios.
        lenient: names of the scenario files that do not run under ``--strict``.
        wanted: verdicts of the sound product that make a case worth running.
        memory: where what each case runs is kept; None to trace it every time.
        bars: whether the run is measured by the bars.
    """

    rooms: Sequence[str]
    whole: Sequence[str]
    paths: Sequence[Path]
    lenient: Collection[str] = ()
    wanted: Collection[str] = ("passed",)
    memory: Path | None = None
    bars: bool = True

    def product(self, loaded: Sequence[Any] | None = None) -> Product:
        """What is imported at this moment, with the scenarios."""
        return Product(self.paths, loaded, self.lenient)

    def maker(self) -> Callable[[Site], Product]:
        """What makes the product with a fault in it. Scenarios are read anew only where the language is broken."""
        loaded = self.product().scenarios
        return lambda site: self.product(None if is_in(site.file, ["steps"]) else loaded)


def shipped() -> Subject:
    """Charger, CSMS and authorization, before the shipped scenarios."""
    return Subject(("charger", "csms", "authorization"), ("charger", "csms"), [SCENARIOS], memory=MEMORY)


def engine() -> Subject:
    """Engine and steps, before the corpus of scenarios that must not pass, and the shipped ones."""
    from tests.engine.corpus import corpus

    folder = MEMORY / "corpus"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lenient = set()
    for number, entry in enumerate(corpus(), 1):
        file = folder / f"c{number:04}.yaml"
        file.write_text(entry.text, "utf-8")
        if not entry.strict:
            lenient.add(file.name)
    verdicts = ("passed", "failed", "error", "skipped", "xfailed", "xpassed", "blocked")
    rooms = ("engine", "steps")
    return Subject(rooms, rooms, [folder, SCENARIOS], lenient, verdicts, MEMORY, bars=False)


def is_in(file: str, places: Sequence[str]) -> bool:
    """Whether a file is, or lies in, one of some places, relative to the project or to the package."""
    full = [place if place.startswith(f"{PACKAGE.name}/") else f"{PACKAGE.name}/{place}" for place in places]
    return any(file == place or file.startswith(f"{place}/") for place in full)
