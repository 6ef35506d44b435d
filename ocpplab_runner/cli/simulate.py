"""``ocpplab-runner simulate``."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.dialling import dialling, fleet_options, usage
from ocpplab_runner.cli.live_log import live_log
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import color_option, is_terminal, say
from ocpplab_runner.cli.trace import trace
from ocpplab_runner.cli.values import REPORT_PATH, NamedPath
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.vocabulary.versions import OcppVersion

if TYPE_CHECKING:
    from ocpplab_runner.charger.config import ChargerConfig
    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.tools.dialling import Listener
    from ocpplab_runner.tools.simulating.fleet import Fleet
    from ocpplab_runner.tools.simulating.orders import Order, Orders

_FILE = NamedPath(dir_okay=False, path_type=Path)
_NUMBER = re.compile(r"\{n(?::0?(\d+))?\}")
_PROMPT = "> "


@click.command("simulate")
@fleet_options
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many chargers.")
@click.option(
    "--identity",
    metavar="PATTERN",
    help="{n} stands for the charger's number, {n:04} for one of four digits. [default: CP-{n}]",
)
@click.option(
    "--ocpp",
    "version",
    type=click.Choice([version.value for version in OcppVersion]),
    default="1.6",
    show_default=True,
    help="That they speak.",
)
@click.option("--given", "given_file", type=_FILE, metavar="FILE", help="What each is, as given.charger says it.")
@click.option("--script", type=_FILE, metavar="FILE", help="What to do, a step on each line. [default: standard input]")
@click.option("--stay", is_flag=True, help="Stay connected after the last line, until Ctrl-C or SIGTERM.")
@click.option("--jsonl", type=REPORT_PATH, metavar="FILE", help="Write every event as JSON Lines.")
@click.option("--quiet", "-q", is_flag=True, help="No live log; only what goes wrong.")
@color_option
def command(
    count: int,
    identity: str | None,
    version: str,
    given_file: Path | None,
    script: Path | None,
    stay: bool,
    jsonl: Path | None,
    quiet: bool,
    color: str,
    **given: Any,
) -> int:
    """Simulate chargers that dial a CSMS, and do what they are told: at a prompt, through a pipe or by a script.

    Each line is a step of a scenario that acts: `authorize_id_tag: CARD-1`, `plug_connector`, `wait: 10s`. All chargers
    do it, unless it names one: `{plug_connector: {}, charger: CP-2}`. At the end their transactions are ended. Exits
    with 0, 1 when something was refused or stays open, 2 when a line of a script is wrong, 3 when no charger gets to
    boot.
    """
    from ocpplab_runner.charger.config import ChargerConfig
    from ocpplab_runner.cli.plugins import load
    from ocpplab_runner.tools.simulating.fleet import Fleet
    from ocpplab_runner.tools.simulating.orders import Orders, WrongLineError

    if identity == "":
        raise click.UsageError("--identity is empty: a charger has a name, which goes into the URL")
    names = _identities(identity or "CP-{n}", count)
    way = dialling({**given, "identity": names[0]})
    data = {} if given_file is None else _given(given_file)
    chargers = {name: {**data, "identity": name} for name in names}
    spoken = OcppVersion(version)
    orders = Orders(load(()).registry, chargers, spoken)
    try:
        orders.check()
        configs: dict[str, ChargerConfig] = {
            name: ChargerConfig.from_given(charger, name=name) for name, charger in chargers.items()
        }
    except ValueError as error:
        raise click.UsageError(f"--given {given_file}: {error}" if given_file else str(error)) from error
    script_orders = None if script is None else _script(script, orders, WrongLineError)
    redactor, outlets = Redactor(way.secrets()), Outlets()
    redactor.add_sensitive(data)
    inputs = [path for path in (given_file, script) if path is not None]
    with usage(way.secrets()), trace(jsonl, "simulate", inputs, redactor, outlets) as record:

        async def main() -> int:
            hear = record if quiet else _both(record, outlets.take(_log(color, redactor)))
            fleet = Fleet(way, configs, spoken, hear)
            return await _run(fleet, orders, script_orders, redactor, outlets.over, stay=stay)

        code = clock.run(main(), virtual=False)
    outlets.check()
    return code or int(outlets.broken)


async def _run(
    fleet: Fleet,
    orders: Orders,
    script: Sequence[Order] | None,
    redactor: Redactor,
    over: asyncio.Event,
    *,
    stay: bool,
) -> int:
    from ocpplab_runner.tools.stopping import told_to_stop

    stop = asyncio.create_task(told_to_stop(over))
    work = asyncio.create_task(_work(fleet, orders, script, redactor))
    try:
        await asyncio.wait((stop, work), return_when=asyncio.FIRST_COMPLETED)
        if work.done() and stay and work.result() != 3:
            await stop
        cut = script is not None and not work.done()
        # It may wait for a line that nobody types.
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    finally:
        left = await fleet.stop()
        stop.cancel()
    for line in left:
        say(redactor.redact_text(line), err=True)
    if cut:
        return 130
    done = 0 if work.cancelled() else work.result()
    return done or int(bool(left))


async def _work(fleet: Fleet, orders: Orders, script: Sequence[Order] | None, redactor: Redactor) -> int:
    """Boot, and do what there is to do; gives the exit code."""
    absent = await fleet.start()
    for line in absent:
        say(redactor.redact_text(line), err=True)
    if len(absent) == fleet.size:
        return 3
    code = int(bool(absent))
    async for order in _orders(orders, script):
        if order is None:
            code = 1
            continue
        for line in await fleet.act(order):
            code = 1
            say(redactor.redact_text(line), err=True)
    return code


async def _orders(orders: Orders, script: Sequence[Order] | None) -> AsyncIterator[Order | None]:
    """What is to be done; None for a line that was wrong, of which has been told."""
    from ocpplab_runner.tools.simulating.orders import WrongLineError
    from ocpplab_runner.tools.simulating.reading import lines_of

    if script is not None:
        for order in script:
            yield order
        return
    prompt = is_terminal(sys.stdin)
    if prompt:
        click.echo(_PROMPT, nl=False, err=True)
    async for line in lines_of(sys.stdin.fileno()):
        if line.strip() in ("exit", "quit"):
            return
        try:
            read = orders.read(line)
        except WrongLineError as error:
            say(f"{line.strip()}: {error}", err=True)
            yield None
        else:
            if read is not None:
                yield read
        if prompt:
            click.echo(_PROMPT, nl=False, err=True)


def _script(path: Path, orders: Orders, wrong: type[ValueError]) -> list[Order]:
    """The orders of a file, all of them in order.

    Raises:
        click.UsageError: it cannot be read, or a line is none.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise click.UsageError(f"--script {path} cannot be read: {error}") from error
    found, told = [], []
    for number, line in enumerate(lines, 1):
        try:
            order = orders.read(line)
        except wrong as error:
            told.append(f"{path}:{number}: {error}")
        else:
            found += [] if order is None else [order]
    if told:
        raise click.UsageError("\n".join(told))
    return found


def _given(path: Path) -> Mapping[str, Any]:
    from ocpplab_runner.scenario.plain_yaml import PlainYamlError, read_plain_yaml

    try:
        data = read_plain_yaml(path)
    except PlainYamlError as error:
        raise click.UsageError(f"--given {error}") from error
    if not isinstance(data, Mapping):
        raise click.UsageError(f"--given {path}: it must hold a mapping, as given.charger does")
    return data


def _identities(pattern: str, count: int) -> list[str]:
    if count > 1 and not _NUMBER.search(pattern):
        raise click.UsageError("--identity needs {n} where there are several chargers")
    return [_identity(pattern, number) for number in range(1, count + 1)]


def _identity(pattern: str, number: int) -> str:
    return _NUMBER.sub(lambda match: f"{number:0{match[1] or 1}}", pattern)


def _log(color: str, redactor: Redactor) -> Listener:
    began, start = clock.wall_now(), clock.now()
    return live_log(color, lambda at: began + timedelta(seconds=at - start), redactor)


def _both(first: Listener, second: Listener) -> Listener:
    def hear(event: Event) -> None:
        first(event)
        second(event)

    return hear
