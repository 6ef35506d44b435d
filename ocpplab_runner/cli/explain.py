"""``ocpplab-runner explain``."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ocpplab_runner.tools.explaining import Explanation

_WIDTH = 100
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def _complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    from ocpplab_runner.tools.explaining import explanations

    return [one.code for one in explanations() if one.code.startswith(begun)]


@click.command("explain")
@click.argument("codes", nargs=-1, metavar="[CODE]…", shell_complete=_complete)
def command(codes: tuple[str, ...]) -> None:
    """Explain the codes that this program prints, or list them all.

    CODE is a diagnostic of check, a violation of the protocol, a verdict, an exit code, the code of a CALLERROR, an
    authorization rule, a quirk, or a certification case, in any letter case; brackets around it do not matter.
    """
    from ocpplab_runner.tools.explaining import explanations

    known = explanations()
    if codes:
        found = [one for code in codes for one in _find(known, code)]
        click.echo("\n\n".join(f"{one.code} ({one.kind})\n\n{_plain(one.text)}" for one in found))
    else:
        click.echo("\n".join(_overview(known)))


def _find(known: list[Explanation], code: str) -> list[Explanation]:
    wanted = code.strip("[]`").casefold()
    found = [one for one in known if one.code.casefold() == wanted]
    if not found:
        from difflib import get_close_matches

        codes = {one.code.casefold(): one.code for one in known}
        close = get_close_matches(wanted, codes, 1)
        hint = f"did you mean {codes[close[0]]!r}?" if close else "`ocpplab-runner explain` lists all there are"
        raise click.UsageError(f"there is no code {code!r}; {hint}")
    return found


def _overview(known: list[Explanation]) -> Iterator[str]:
    for kind in dict.fromkeys(one.kind for one in known):
        codes = ", ".join(one.code for one in known if one.kind == kind)
        yield _wrapped(f"{kind}: {codes}", "  ")
        yield ""
    yield "`ocpplab-runner explain CODE` explains one."


def _plain(markdown: str) -> str:
    """For a terminal: examples indented instead of fenced, and links without where they lead."""
    lines: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            if fenced and (name := line.partition("file=")[2]):
                lines.append(f"    # {name}")
        elif fenced:
            lines.append(f"    {line}".rstrip())
        else:
            lines.append(_wrapped(_LINK.sub(r"\1", line), "  " if line.startswith("- ") else ""))
    return "\n".join(lines)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
