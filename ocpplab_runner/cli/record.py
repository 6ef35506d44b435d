"""``ocpplab-runner record``."""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.brokers import is_broker
from ocpplab_runner.cli.dialling import chosen, ocpp_option
from ocpplab_runner.cli.live_log import live_log
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import color_option, hide, say, without_secrets
from ocpplab_runner.cli.recording_brokers import record_broker
from ocpplab_runner.cli.secrets import redactor_of, secret_option
from ocpplab_runner.cli.trace import trace
from ocpplab_runner.cli.values import REPORT_PATH, NamedPath, address, seconds
from ocpplab_runner.reports.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.redaction.redactor import Redactor
    from ocpplab_runner.tools.recording.proxy import ProxySettings

_FILE = NamedPath(dir_okay=False)


def listening(context: click.Context, parameter: click.Parameter, value: str) -> Any:
    """Where chargers dial, or the URL of EVerest's broker as it is."""
    return value if is_broker(value) else address(context, parameter, value)


@click.command("record")
@click.argument("listen", metavar="LISTEN", callback=listening)
@click.argument("upstream", metavar="UPSTREAM", required=False)
@click.option(
    "--jsonl",
    type=REPORT_PATH,
    metavar="FILE",
    help="The trace, as JSON Lines. [default: record.jsonl, or the next of record-2.jsonl … that is not there yet]",
)
@ocpp_option("Let pass this version only, several times for more. [default: whatever chargers offer]")
@click.option("--cert", type=_FILE, metavar="FILE", help="Serve wss:// to chargers with this certificate.")
@click.option("--key", type=_FILE, metavar="FILE", help="The certificate's key, unless it stands in the same file.")
@click.option("--client-ca", type=_FILE, metavar="FILE", help="Chargers must show a certificate of this CA.")
@click.option("--upstream-ca", type=_FILE, metavar="FILE", help="Trust this CA of the CSMS besides the system's.")
@click.option(
    "--upstream-cert",
    metavar="FILE",
    help="The certificate that the CSMS is shown; {identity} stands for the charger's identity.",
)
@click.option("--upstream-key", metavar="FILE", help="The key of that certificate, where it has a file of its own.")
@click.option("--insecure", is_flag=True, help="Take any certificate of the CSMS.")
@click.option(
    "--timeout",
    metavar="DURATION",
    callback=seconds,
    default="10s",
    show_default=True,
    help="For a connection to the CSMS.",
)
@click.option("--prefix", help="With mqtt:// only the EVerest of this mqtt_external_prefix.")
@click.option(
    "--replay",
    type=NamedPath(exists=True, dir_okay=False, path_type=Path),
    metavar="TRACE",
    help="With mqtt:// tell EVerest once more what it was told in this recording, and end then.",
)
@secret_option
@click.option("--quiet", "-q", is_flag=True, help="No live log; only where it listens, and the end.")
@color_option
@click.pass_context
def command(
    context: click.Context,
    /,
    listen: tuple[str, int] | str,
    upstream: str | None,
    jsonl: Path | None,
    secret_names: tuple[str, ...],
    **given: Any,
) -> int:
    """Stand between chargers and a CSMS until Ctrl-C or SIGTERM, and write a trace of what crosses.

    LISTEN is HOST:PORT, where chargers dial; UPSTREAM the ws:// or wss:// URL of the CSMS. A charger's path, identity,
    subprotocols, headers and basic authentication go to the CSMS, and whatever either end sends goes to the other
    unchanged, also what is no OCPP; so do refusals and the ends of connections. An UPSTREAM with a path of its own, or
    with {identity}, gets only the identity. The trace has no secret in it; `frames` reads it.

    `record mqtt://[USER@]HOST` writes down what is said on EVerest's broker; --upstream-ca, --upstream-cert and
    --upstream-key are for that then.
    """
    from ocpplab_runner.redaction.options import option_secrets

    if isinstance(listen, str):
        if upstream is not None:
            raise click.UsageError("a broker has no UPSTREAM")
        return record_broker(context, listen, jsonl, _free, redactor_of(secret_names), given)
    if upstream is None:
        raise click.UsageError("Missing argument 'UPSTREAM'.")
    if given["prefix"] is not None or given["replay"] is not None:
        raise click.UsageError("--prefix and --replay are for EVerest's broker: record mqtt://HOST")
    redactor = redactor_of(secret_names)
    redactor.add([*option_secrets([upstream])])
    hide(option_secrets([upstream]))
    settings = _settings(listen, upstream, given)
    path = jsonl if jsonl is not None else _free()
    outlets = Outlets()
    with trace(path, "record", [], redactor, outlets) as record:
        try:
            return clock.run(_serve(settings, redactor, record, outlets, path, given), virtual=False)
        except click.UsageError:
            if jsonl is None:
                path.unlink()  # the name was ours, and nothing has been recorded
            raise


async def _serve(
    settings: ProxySettings,
    redactor: Redactor,
    record: Callable[[Event], None],
    outlets: Outlets,
    path: Path,
    given: dict[str, Any],
) -> int:
    from ocpplab_runner.tools.recording.proxy import RecordingProxy
    from ocpplab_runner.tools.stopping import told_to_stop

    proxy = RecordingProxy(settings, redactor)
    frames = 0

    def hear(event: Event) -> None:
        nonlocal frames
        frames += event.kind == "frame"
        record(event)

    proxy.subscribe(hear)
    if not given["quiet"]:
        proxy.subscribe(outlets.take(live_log(given["color"], proxy.moment, redactor)))
    try:
        await proxy.start()
    except ValueError as error:
        raise click.UsageError(redactor.redact_text(str(error))) from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise click.UsageError(f"cannot listen on {settings.host} port {settings.port}: {why}") from error
    try:
        say(redactor.redact_text(f"chargers dial {proxy.url}, which leads to {settings.shown}; Ctrl-C ends it"))
        # Whoever starts this through a pipe waits for the address.
        sys.stdout.flush()
        await told_to_stop(outlets.over)
    finally:
        await proxy.stop()
    outlets.check()
    say(f"{path}: {plural(frames, 'frame')} of {plural(len(proxy.stations), 'station')}")
    return int(outlets.broken)


def _settings(listen: tuple[str, int], upstream: str, given: dict[str, Any]) -> ProxySettings:
    from ocpplab_runner.ocppj.tls import ClientTls
    from ocpplab_runner.ocppj.urls import forward
    from ocpplab_runner.tools.recording.proxy import ProxySettings

    try:
        forward(upstream, "/CP-1")
    except ValueError as error:
        raise click.UsageError(without_secrets(str(error))) from error
    if given["cert"] is None and (given["key"] or given["client_ca"]):
        raise click.UsageError("--key and --client-ca need --cert")
    theirs = {name: given[f"upstream_{name}"] for name in ("ca", "cert", "key")}
    if not upstream.startswith("wss://") and any(theirs.values()):
        raise click.UsageError("--upstream-ca, --upstream-cert and --upstream-key need a wss:// URL")
    if not given["timeout"] > 0:
        raise click.UsageError("--timeout is longer than nothing: in no time at all nobody can answer")
    return ProxySettings(
        upstream=upstream,
        host=listen[0],
        port=listen[1],
        versions=chosen(given["versions"]) if given["versions"] else None,
        tls=ClientTls(**theirs, verify=not given["insecure"]),
        limit=given["timeout"],
        cert=given["cert"],
        key=given["key"],
        client_ca=given["client_ca"],
    )


def _free() -> Path:
    """A name that nothing has: a recording is not made twice."""
    names = (Path("record.jsonl" if number == 1 else f"record-{number}.jsonl") for number in count(1))
    return next(path for path in names if not path.exists())
