"""What a new scenario is to be about: from options, and from questions where somebody is there to answer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import click

from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.tools.starting.happenings import Follow, Happening, happenings
from ocpplab_runner.vocabulary.versions import OcppVersion

_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a scenario is about.

    Attributes:
        happening: what happens.
        follows: what must follow.
        versions: of OCPP.
    """

    happening: Happening
    follows: tuple[Follow, ...]
    versions: tuple[OcppVersion, ...]


def subject(happens: str, follows: Sequence[str], versions: Sequence[str]) -> Subject:
    """From options.

    Args:
        happens: the name of what happens.
        follows: the names of what must follow; all that may, unless any is given.
        versions: of OCPP; all, unless any is given.

    Raises:
        click.UsageError: there is no such name.
    """
    found = _named(happenings(), happens, "--happens")
    known = {follow.name: follow for follow in found.follows}
    chosen = tuple(_named(known, name, "--follows") for name in dict.fromkeys(follows))
    return Subject(found, chosen or found.follows, _versions(versions))


def ask(follows: Sequence[str], versions: Sequence[str]) -> Subject | None:
    """From questions.

    Args:
        follows, versions: as for :func:`subject`; what is given there is not asked for.

    Returns:
        None where a commented example is wanted instead.
    """
    by_block: dict[str, list[Happening]] = {}
    for one in happenings().values():
        by_block.setdefault(one.block, []).append(one)
    blocks = list(by_block)
    chosen = _choose("What is to be tested?", blocks, "a commented example")
    if not chosen:
        return None
    members = by_block[blocks[chosen[0]]]
    happening = members[_choose("What happens?", [one.says for one in members], "1")[0] if len(members) > 1 else 0]
    if follows:
        wanted = subject(happening.name, follows, ()).follows
    else:
        offered = happening.follows
        numbers = _choose("What must follow?", [one.says for one in offered], "all of it", several=True)
        wanted = tuple(offered[number] for number in numbers) or offered
    if versions:
        return Subject(happening, wanted, _versions(versions))
    numbers = _choose("In which version of OCPP?", [one.value for one in OcppVersion], "all", several=True)
    return Subject(happening, wanted, tuple(tuple(OcppVersion)[number] for number in numbers) or tuple(OcppVersion))


def overview() -> Iterator[str]:
    """What the options know, line by line."""
    block = ""
    for one in happenings().values():
        if one.block != block:
            block = one.block
            yield block
        yield f"  {one.name:<22}{one.says}"
        yield from (f"    {follow.name:<20}{follow.says}" for follow in one.follows)


def _versions(names: Sequence[str]) -> tuple[OcppVersion, ...]:
    return tuple(version for version in OcppVersion if not names or version.value in names)


def _named(known: Mapping[str, _Known], name: str, option: str) -> _Known:
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
        raise click.UsageError(f"{option} knows no {name!r}; {hint}")
    return known[name]


def _choose(question: str, offered: Sequence[str], otherwise: str, *, several: bool = False) -> list[int]:
    """Ask for one of them, or several, by number.

    Args:
        question: what is asked.
        offered: what there is.
        otherwise: what Enter means; a number of the list is taken for that.
        several: whether more than one may be chosen.

    Returns:
        places in the list; none for Enter, unless that means one of them.
    """
    click.echo(question, err=True)
    for number, one in enumerate(offered, 1):
        click.echo(f"  {number:>2}  {one}", err=True)
    numbers = "numbers, separated by commas" if several else "number"

    def read(answer: str) -> list[int]:
        parts = [part for part in answer.replace(",", " ").split() if part]
        if answer == otherwise and not answer.isdigit():
            return []
        if not parts or not all(part.isdigit() and 1 <= int(part) <= len(offered) for part in parts):
            raise click.BadParameter(f"1 to {len(offered)}")
        if len(parts) > 1 and not several:
            raise click.BadParameter("only one")
        return list(dict.fromkeys(int(part) - 1 for part in parts))

    chosen: list[int] = click.prompt(numbers.capitalize(), default=otherwise, value_proc=read, err=True)
    return chosen
