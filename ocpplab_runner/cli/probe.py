"""``ocpplab-runner probe``."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.brokers import broker_of, is_broker, refuse_others
from ocpplab_runner.cli.dialling import chosen, dialling, dialling_options, ocpp_option, usage
from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.output import color_option, say_json, shown, use_color
from ocpplab_runner.redaction.redactor import Redactor

if TYPE_CHECKING:
    from ocpplab_runner.tools.probing.finding import Finding

_FINE = ("ok", "skipped", "no")
_COLORS = {"ok": "green", "warning": "yellow", "failed": "red", "unreachable": "red"}
#: Options that a broker has no use for.
_OF_OCPP = {
    "identity": "--identity",
    "headers": "--header",
    "proxy": "--proxy",
    "insecure": "--insecure",
    "versions": "--ocpp",
    "no_boot": "--no-boot",
}
#: Verdict → exit code; the worst counts.
_CODES = {"ok": 0, "skipped": 0, "no": 0, "warning": 0, "failed": 1, "unreachable": 3}


@click.command("probe")
@dialling_options
@ocpp_option("Ask for this version, several times for more; the first that is spoken boots. [default: all]")
@click.option("--no-boot", is_flag=True, help="Send no BootNotification, and learn nothing of the CSMS's clock.")
@click.option("--prefix", help="With mqtt:// look only at the EVerest of this mqtt_external_prefix.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--quiet", "-q", is_flag=True, help="Only what is not as it should be.")
@color_option
@click.pass_context
def command(context: click.Context, /, as_json: bool, quiet: bool, color: str, **given: Any) -> int:
    """Look at a CSMS as a charger would: name, TCP, TLS, HTTP, authentication, OCPP versions, boot and clock.

    One line for each. Exits with 0 when a charger can work there, 1 when its boot is refused, 3 when there is no way to
    an OCPP connection.

    With mqtt://[USER@]HOST or mqtts://… the broker of an EVerest is looked at: login, prefix, API modules and their
    versions, EVSEs, and what is lacking; 1 when there is no EVerest or an API of another version, 3 when there is no
    way to the broker.
    """
    look = _broker(context, given) if is_broker(given["url"]) else _csms(given)
    paint = use_color(color, sys.stdout)
    redactor = Redactor(look.secrets)

    async def go() -> list[Finding]:
        found: list[Finding] = []
        async with aclosing(look.findings()) as findings:
            async for one in findings:
                found.append(one)
                if not as_json and not (quiet and one.verdict in _FINE):
                    click.echo(_line(one, redactor, paint=paint), color=paint)
        return found

    with signals_interrupt(), usage(look.secrets):
        found = clock.run(go(), virtual=False)
    code = max(_CODES[one.verdict] for one in found)
    if as_json:
        said = {**look.about, "exit_code": code, "findings": [_as_data(one) for one in found]}
        say_json(json.dumps(redactor.redact(said), indent=2, ensure_ascii=False))
    return code


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at.

    Attributes:
        about: what it is, for programs.
        secrets: what nobody may see of it.
        findings: looks at it.
    """

    about: Mapping[str, Any]
    secrets: Sequence[Any]
    findings: Callable[[], AsyncGenerator[Finding, None]]


def _csms(given: Mapping[str, Any]) -> _Look:
    from ocpplab_runner.tools.probing.csms import probe

    if given["prefix"] is not None:
        raise click.UsageError("--prefix is for EVerest's broker, whose URL begins with mqtt://")
    way, versions = dialling(given), given["versions"]
    return _Look(
        {"url": way.dialled.shown, "identity": way.identity},
        way.secrets(),
        lambda: probe(way, chosen(versions), wanted=bool(versions), boot=not given["no_boot"]),
    )


def _broker(context: click.Context, given: Mapping[str, Any]) -> _Look:
    refuse_others(context, _OF_OCPP)
    own = {name: given[name] for name in ("ca", "cert", "key")}
    broker = broker_of(given["url"], limit=given["timeout"], user=given["basic_auth_user"], **own)
    from ocpplab_runner.tools.probing.everest import probe_everest

    secrets = () if broker.password is None else (broker.password,)
    return _Look({"url": broker.shown}, secrets, lambda: probe_everest(broker, given["prefix"], given["timeout"]))


def _line(found: Finding, redactor: Redactor, *, paint: bool) -> str:
    verdict = f"{found.verdict:<11}"
    if paint:
        verdict = click.style(verdict, fg=_COLORS.get(found.verdict))
    return f"{verdict}  {found.check:<9}  {shown(redactor.redact_text(found.text))}"


def _as_data(found: Finding) -> dict[str, Any]:
    return {"check": found.check, "verdict": found.verdict.value, "text": found.text, **found.details}
