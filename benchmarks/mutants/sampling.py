"""Which mutants are tried, and which cases each of them meets first."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.mutants.judge import Trial
from benchmarks.mutants.operators import QUOTAS, Site, sites_of
from benchmarks.mutants.product import PACKAGE, ROOT
from benchmarks.mutants.reach import Reach
from benchmarks.mutants.words import words_of


def trees(rooms: Sequence[str]) -> dict[str, ast.Module]:
    """The modules of some folders of the package, by the path that they are named by."""
    return dict(parsed(path for room in rooms for path in sorted((PACKAGE / room).rglob("*.py"))))


def parsed(files: Iterable[Path]) -> Iterator[tuple[str, ast.Module]]:
    """Each module by the path that it is named by."""
    for path in files:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def all_sites(files: Mapping[str, ast.Module]) -> list[Site]:
    """Every place of some modules where an operator applies."""
    words = words_of(PACKAGE)
    return [site for file, tree in files.items() for site in sites_of(tree, file, words)]


def draw(sites: Sequence[Site], count: int, seed: int) -> list[Site]:
    """So many of the places, each operator with its share; what one cannot fill is shared among the others."""
    random = Random(seed)
    of: defaultdict[str, list[Site]] = defaultdict(list)
    for site in sites:
        of[site.operator].append(site)
    for several in of.values():
        random.shuffle(several)
    drawn: list[Site] = []
    while len(drawn) < count and any(of.values()):
        left = count - len(drawn)
        shares = {operator: share for operator, share in QUOTAS.items() if of[operator]}
        whole = sum(shares.values())
        for operator, share in shares.items():
            take = min(max(1, round(left * share / whole)), count - len(drawn))
            drawn += of[operator][:take]
            del of[operator][:take]
    random.shuffle(drawn)  # the first of them are a sample too
    return drawn


def by_turns(cases: Sequence[str]) -> list[int]:
    """The order in which cases differ most from those just before: the first case of the first file of each folder,
    then of the second file of each; after the first case of every file the second ones."""
    of_file: Counter[str] = Counter()
    of_folder: Counter[str] = Counter()
    places: dict[str, int] = {}
    turns = []
    for index, case in enumerate(cases):
        file = case.partition("::")[0]
        of_file[file] += 1
        if file not in places:
            folder = file.rpartition("/")[0]
            of_folder[folder] += 1
            places[file] = of_folder[folder]
        turns.append((of_file[file], places[file], index))
    return [index for _, _, index in sorted(turns)]


class Docket:
    """Decides which cases a mutant is tried in.

    Args:
        found: what each case runs.
        wanted: which verdicts of the sound product make a case worth running.
    """

    def __init__(self, found: Reach, wanted: Collection[str] = ("passed",)) -> None:
        self._found = found
        self._good = sum(1 << index for index, (verdict, _) in enumerate(found.ran) if verdict in wanted)
        #: The first case of each file, then the second of each: what differs comes early.
        self._order = by_turns(found.cases)

    def trial(self, site: Site, tree: ast.Module) -> Trial:
        """The mutant's trial; without any case when nothing runs the place."""
        lines = range(site.lines[0], site.lines[1] + 1)
        mask = self._found.of_lines(site.file, lines) & self._good
        if any((site.file, line) in self._found.at_import for line in lines):
            for name in site.names:
                for file, line in _users().get(name, ()):
                    mask |= self._found.of_lines(file, [line])
            mask &= self._good
            return self._trial(site, tree, [*self._cases(mask), *self._cases(self._good & ~mask)])
        return self._trial(site, tree, self._cases(mask))

    def _trial(self, site: Site, tree: ast.Module, cases: Sequence[int]) -> Trial:
        return Trial(site, tree, cases, self._found.ran)

    def _cases(self, mask: int) -> list[int]:
        return [index for index in self._order if mask >> index & 1]


@cache
def _users() -> Mapping[str, Sequence[tuple[str, int]]]:
    """The lines of the whole package that name what another module may define."""
    users: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for file, tree in parsed(sorted(PACKAGE.rglob("*.py"))):
        for name, line in _uses(tree):
            users[name].append((file, line))
    return dict(users)


def _uses(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
