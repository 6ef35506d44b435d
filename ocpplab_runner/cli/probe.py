"""``ocpplab-runner probe``."""

from __future__ import annotations

import json
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.dialling import chosen, dialling, dialling_options, ocpp_option, usage
from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.output import color_option, say_json, shown, use_color
from ocpplab_runner.redaction.redactor import Redactor

if TYPE_CHECKING:
    from ocpplab_runner.tools.dialling import Dialling
    from ocpplab_runner.tools.probe import Finding

_FINE = ("ok", "skipped", "no")
_COLORS = {"ok": "green", "warning": "yellow", "failed": "red", "unreachable": "red"}
#: Verdict → exit code; the worst counts.
_CODES = {"ok": 0, "skipped": 0, "no": 0, "warning": 0, "failed": 1, "unreachable": 3}


@click.command("probe")
@dialling_options
@ocpp_option("Ask for this version, several times for more; the first that is spoken boots. [default: all]")
@click.option("--no-boot", is_flag=True, help="Send no BootNotification, and learn nothing of the CSMS's clock.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--quiet", "-q", is_flag=True, help="Only what is not as it should be.")
@color_option
def command(versions: tuple[str, ...], no_boot: bool, as_json: bool, quiet: bool, color: str, **given: Any) -> int:
    """Look at a CSMS as a charger would: name, TCP, TLS, HTTP, authentication, OCPP versions, boot and clock.

    One line for each. Exits with 0 when a charger can work there, 1 when its boot is refused, 3 when there is no way to
    an OCPP connection.
    """
    way = dialling(given)
    paint = use_color(color, sys.stdout)
    redactor = Redactor(way.secrets())

    async def look() -> list[Finding]:
        from ocpplab_runner.tools.probe import probe

        found: list[Finding] = []
        async with aclosing(probe(way, chosen(versions), wanted=bool(versions), boot=not no_boot)) as findings:
            async for one in findings:
                found.append(one)
                if not as_json and not (quiet and one.verdict in _FINE):
                    click.echo(_line(one, redactor, paint=paint), color=paint)
        return found

    with signals_interrupt(), usage(way):
        found = clock.run(look(), virtual=False)
    code = max(_CODES[one.verdict] for one in found)
    if as_json:
        say_json(json.dumps(redactor.redact(_as_data(way, found, code)), indent=2, ensure_ascii=False))
    return code


def _line(found: Finding, redactor: Redactor, *, paint: bool) -> str:
    verdict = f"{found.verdict:<11}"
    if paint:
        verdict = click.style(verdict, fg=_COLORS.get(found.verdict))
    return f"{verdict}  {found.check:<9}  {shown(redactor.redact_text(found.text))}"


def _as_data(way: Dialling, found: list[Finding], code: int) -> dict[str, Any]:
    findings = [{"check": one.check, "verdict": one.verdict.value, "text": one.text, **one.details} for one in found]
    return {"url": way.dialled.shown, "identity": way.identity, "exit_code": code, "findings": findings}
