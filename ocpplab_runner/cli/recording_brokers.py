"""``ocpplab-runner record mqtt://…``: what is said on EVerest's broker."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.brokers import broker_of, refuse_others
from ocpplab_runner.cli.live_log import live_log
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import say
from ocpplab_runner.cli.trace import trace
from ocpplab_runner.reports.text import plural

if TYPE_CHECKING:
    from ocpplab_runner.everest.broker import Broker
    from ocpplab_runner.plugin.events import Event
    from ocpplab_runner.redaction.redactor import Redactor
    from ocpplab_runner.tools.recording.replay import Told

#: Options that a broker has no use for.
_OF_A_PROXY = {
    "versions": "--ocpp",
    "cert": "--cert",
    "key": "--key",
    "client_ca": "--client-ca",
    "insecure": "--insecure",
}
#: Seconds in which what was told last has its effect.
_EFFECT = 3.0
_UNREACHABLE = 3


def record_broker(
    context: click.Context,
    url: str,
    jsonl: Path | None,
    free: Callable[[], Path],
    redactor: Redactor,
    given: Mapping[str, Any],
) -> int:
    """Listen until Ctrl-C or SIGTERM, or until a recording has been replayed.

    Args:
        context: of the command.
        url: of the broker.
        jsonl: the trace; None takes a free name.
        free: finds one.
        redactor: takes out what nobody may see.
        given: other options of the command.

    Returns:
        The exit code: 3 where there is no way to the broker.

    Raises:
        click.UsageError: an option is wrong, or there is nothing to replay.
    """
    refuse_others(context, _OF_A_PROXY)
    files = {name: given[f"upstream_{name}"] for name in ("ca", "cert", "key")}
    broker = broker_of(url, limit=given["timeout"], user=None, **files)
    if broker.password is not None:
        redactor.add(broker.password)
    told = () if given["replay"] is None else _told(given["replay"])
    path, outlets = jsonl if jsonl is not None else free(), Outlets()
    inputs = [] if given["replay"] is None else [given["replay"]]
    with trace(path, "record", inputs, redactor, outlets) as record:
        return clock.run(_listen(broker, told, redactor, record, outlets, path, given), virtual=False)


async def _listen(
    broker: Broker,
    told: tuple[Told, ...],
    redactor: Redactor,
    record: Callable[[Event], None],
    outlets: Outlets,
    path: Path,
    given: Mapping[str, Any],
) -> int:
    from ocpplab_runner.everest.broker import BrokerError
    from ocpplab_runner.tools.recording.broker import BrokerRecording
    from ocpplab_runner.tools.recording.replay import replay
    from ocpplab_runner.tools.stopping import told_to_stop

    recording = BrokerRecording(broker, given["prefix"])
    recording.subscribe(record)
    if not given["quiet"]:
        recording.subscribe(outlets.take(live_log(given["color"], recording.moment, redactor)))
    try:
        await recording.start(given["timeout"])
    except BrokerError as error:
        say(str(error), err=True)
        return _UNREACHABLE
    try:
        ends = "what was recorded is told again" if told else "Ctrl-C ends it"
        say(f"listening to {broker.shown}; {ends}")
        sys.stdout.flush()
        if told:
            await replay(recording.bus, told, given["prefix"])
            await asyncio.sleep(_EFFECT)
        else:
            await told_to_stop(outlets.over)
    except BrokerError as error:
        say(str(error), err=True)
        return _UNREACHABLE
    finally:
        await recording.stop()
    outlets.check()
    heard = f"{plural(recording.messages, 'message')} of {plural(len(recording.everests), 'EVerest')}"
    say(f"{path}: {heard}, {plural(recording.frames, 'frame')} among them")
    if not recording.frames:
        say("no OCPP was heard, which takes an ocpp_consumer_API: no scenario can be made of this trace", err=True)
    return int(outlets.broken)


def _told(path: Path) -> tuple[Told, ...]:
    from ocpplab_runner.tools.recording.replay import NothingToReplayError, told_in

    try:
        with path.open(encoding="utf-8") as lines:
            return tuple(told_in(lines))
    except (NothingToReplayError, OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} cannot be replayed: {error}") from error
