"""``ocpplab-runner csms``."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner.cli.live_log import live_log
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import color_option, hide, say
from ocpplab_runner.cli.trace import beginning, event_record, records_file
from ocpplab_runner.cli.values import REPORT_PATH, NamedPath, address, card_files, passwords_of, seconds
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus

if TYPE_CHECKING:
    from ocpplab_runner.reports.jsonl import JsonLinesReport
    from ocpplab_runner.tools.csms.api.app import CsmsApi
    from ocpplab_runner.tools.csms.program import CsmsProgram, CsmsSettings

#: The token of the API; one is made up when it is not set.
TOKEN_VARIABLE = "OCPPLAB_CSMS_TOKEN"
_FILE = NamedPath(dir_okay=False, path_type=Path)
#: How many boots `--boot Pending` is for: all of them.
_ALWAYS = 2**31


@click.command("csms")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:9000",
    show_default=True,
    callback=address,
    help="A numeric address; port 0 picks a free one.",
)
@click.option("--path", metavar="PATH", help="What must stand before the identity in the URL. [default: anything may]")
@click.option(
    "--ocpp", type=click.Choice(("1.6", "2.0.1", "2.1")), multiple=True, help="Speak this version; repeat it for more."
)
@click.option("--cards", type=_FILE, multiple=True, metavar="FILE", help="Cards, as in given.csms.id_tokens.")
@click.option(
    "--unknown-card",
    type=click.Choice([status.value for status in AuthorizationStatus]),
    metavar="STATUS",
    help="What every other card is. [default: Invalid, without --cards Accepted]",
)
@click.option(
    "--stations",
    type=_FILE,
    metavar="FILE",
    help="Only these may connect: a mapping of identities to passwords, `null` for none.",
)
@click.option(
    "--boot",
    type=click.Choice(("Accepted", "Pending", "Rejected")),
    default="Accepted",
    show_default=True,
    help="How every boot is answered.",
)
@click.option("--heartbeat", metavar="DURATION", callback=seconds, help="The interval in boot answers. [default: 300s]")
@click.option(
    "--answer-delay",
    metavar="[ACTION=]DURATION",
    multiple=True,
    help="Answer every call, or those of one action, so much later.",
)
@click.option("--cert", type=_FILE, metavar="FILE", help="Serve wss:// with this certificate.")
@click.option("--key", type=_FILE, metavar="FILE", help="The certificate's key, unless it stands in the same file.")
@click.option("--client-ca", type=_FILE, metavar="FILE", help="Stations must show a certificate of this CA.")
@click.option(
    "--http",
    metavar="HOST:PORT",
    callback=address,
    help=f"Serve the API and the live page there, for who has the token: that of {TOKEN_VARIABLE}, or a new one.",
)
@click.option("--strict", is_flag=True, help="Exit 1 when a station did what the specification forbids (`must`).")
@click.option("--jsonl", type=REPORT_PATH, metavar="FILE", help="Write every event as JSON Lines, as it happens.")
@click.option("--quiet", "-q", is_flag=True, help="No live log; only the summary at the end.")
@color_option
def command(**given: Any) -> int:
    """Run the built-in CSMS for any charger, until Ctrl-C or SIGTERM.

    The live log has a line for each call with its answer and how long that took, for each fact that the messages show,
    and for each violation of the protocol with its rule. Times are UTC.
    """
    from ocpplab_runner import clock

    settings = _settings(given)
    report = _report(given)
    try:
        return clock.run(_serve(settings, given, report), virtual=False)
    finally:
        if report is not None:
            report.close()


async def _serve(settings: CsmsSettings, given: Mapping[str, Any], report: JsonLinesReport | None) -> int:
    from ocpplab_runner.ocppj.tls import TlsFileError
    from ocpplab_runner.tools.csms.program import CsmsProgram
    from ocpplab_runner.tools.stopping import told_to_stop

    program, outlets = CsmsProgram(settings, random=Random()), Outlets()
    api, token = _api(program, given["http"])
    if report is not None:
        begun = outlets.write(lambda: report.handle(beginning("csms")))
        if begun:
            program.subscribe(outlets.take(lambda event: report.handle(event_record(event))))
    if not given["quiet"]:
        program.subscribe(outlets.take(live_log(given["color"], program.moment)))
    try:
        await program.start()
    except TlsFileError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        host, port = given["listen"]
        raise click.UsageError(f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}") from error
    try:
        if api is not None:
            await _start(api)
        say(f"the CSMS listens on {program.url}, OCPP {', '.join(settings.versions)}; Ctrl-C ends it")
        if api is not None:
            say(f"the API is at {api.url}, its routes are documented at {api.url}/docs, the live page is at {api.url}/")
        if token:
            say(f"bearer token of this run: {token}")
        sys.stdout.flush()
        await told_to_stop(outlets.over)
    finally:
        await program.stop()  # before the API, in which somebody may wait for a station's answer
        if api is not None:
            await api.stop()
    outlets.check()
    for line in program.summaries.lines():
        say(line)
    if not program.summaries.stations:
        say("no station has connected")
    code = int(outlets.broken or (given["strict"] and program.summaries.broken))
    if report is not None and not outlets.broken:
        outlets.write(lambda: _end(program, report, code))
    # The last record may be what could not be written.
    return code or int(outlets.broken)


def _api(program: CsmsProgram, listen: tuple[str, int] | None) -> tuple[CsmsApi | None, str]:
    """The API, and the token to print when it has just been made up."""
    if listen is None:
        return None, ""
    try:
        from ocpplab_runner.cli.rewriting import rewrite
        from ocpplab_runner.tools.csms.api.app import CsmsApi
    except ImportError as error:
        raise click.UsageError(
            f"--http needs more packages ({error.name} is missing): pip install 'ocpplab-runner[gateway]'"
        ) from error
    given = os.environ.get(TOKEN_VARIABLE)
    token = given or secrets.token_urlsafe(18)
    hide([token])
    return CsmsApi(program, *listen, token, rewrite=rewrite), "" if given else token


async def _start(api: CsmsApi) -> None:
    from ocpplab_runner.web.serving import ServingError

    try:
        await api.start()
    except ServingError as error:
        raise click.UsageError(str(error)) from error


def _settings(given: Mapping[str, Any]) -> CsmsSettings:
    from ocpplab_runner.csms import CsmsConfig
    from ocpplab_runner.tools.csms.program import CsmsSettings
    from ocpplab_runner.vocabulary.versions import OcppVersion

    passwords = None
    if given["stations"] is not None:
        passwords = passwords_of(given["stations"])
        hide([word for word in passwords.values() if word is not None])
    if given["heartbeat"] is not None and given["heartbeat"] % 1:
        raise click.UsageError("--heartbeat is whole seconds, which is what OCPP has for an interval")
    if given["path"] is not None and set(given["path"]) & set("?#"):
        raise click.UsageError(f"--path {given['path']}: a path has no ? and no #; what follows them stands behind it")
    if given["cert"] is None and (given["key"] or given["client_ca"]):
        raise click.UsageError("--key and --client-ca need --cert")
    try:
        config = CsmsConfig.from_given(_csms(given))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    host, port = given["listen"]
    return CsmsSettings(
        config=config,
        host=host,
        port=port,
        path=given["path"],
        versions=tuple(version for version in OcppVersion if not given["ocpp"] or version in given["ocpp"]),
        passwords=passwords,
        **{name: None if given[name] is None else str(given[name]) for name in ("cert", "key", "client_ca")},
    )


def _csms(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a scenario would say under ``given.csms``."""
    csms: dict[str, Any] = {"id_tokens": _cards(given["cards"])}
    csms["unknown_id_token"] = given["unknown_card"] or ("Invalid" if given["cards"] else "Accepted")
    csms["boot"] = {"status": given["boot"], "times": _ALWAYS}
    if given["heartbeat"] is not None:
        csms["heartbeat_interval"] = given["heartbeat"]
    if given["answer_delay"]:
        csms["answer_delay"] = dict(map(_answer_delay, given["answer_delay"]))
    return csms


def _answer_delay(text: str) -> tuple[str, float]:
    """Action and seconds; the action is empty for all others.

    Raises:
        click.UsageError: it is neither.
    """
    from ocpplab_runner.ocppj.schemas import actions
    from ocpplab_runner.scenario.suggest import did_you_mean
    from ocpplab_runner.vocabulary.directions import sends
    from ocpplab_runner.vocabulary.durations import parse_duration
    from ocpplab_runner.vocabulary.versions import OcppVersion

    action, equals, delay = text.rpartition("=")
    known = {one for version in OcppVersion for one in actions(version) if sends("charger", version, one)}
    if equals and action not in known:
        hint = did_you_mean(action, known)
        raise click.UsageError(f"--answer-delay {text}: stations send no {action!r}" + (f"; {hint}" if hint else ""))
    try:
        return action, parse_duration(delay)
    except ValueError as error:
        raise click.UsageError(f"--answer-delay {text}: {error}") from error


def _cards(paths: Iterable[Path]) -> dict[str, Any]:
    from ocpplab_runner.csms import Card

    cards: dict[str, Any] = {}
    for path in paths:
        for card, data in card_files([path]).items():
            status = data.get("status") if isinstance(data, Mapping) else data
            if status not in list(AuthorizationStatus):
                known = ", ".join(AuthorizationStatus)
                raise click.UsageError(f"--cards {path}: {card}: the status {status!r} is none of {known}")
            try:
                Card.from_given(data)
            except ValueError as error:
                raise click.UsageError(f"--cards {path}: {card}: {error}") from error
            cards[card] = data
    return cards


def _report(given: Mapping[str, Any]) -> JsonLinesReport | None:
    if given["jsonl"] is None:
        return None
    return records_file(given["jsonl"], [one for one in (*given["cards"], given["stations"]) if one is not None])


def _end(program: CsmsProgram, report: JsonLinesReport, code: int) -> None:
    from ocpplab_runner import clock
    from ocpplab_runner.plugin.lines import line_of

    for identity, summary in program.summaries.records().items():
        report.handle_lines(line_of({"type": "station", "identity": identity, **summary}))
    report.handle({"type": "run", "phase": "end", "wall_time": clock.wall_timestamp(), "exit_code": code})
