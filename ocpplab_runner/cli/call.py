"""``ocpplab-runner call``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpplab_runner import clock
from ocpplab_runner.cli.dialling import chosen, dialling, dialling_options, ocpp_option, usage
from ocpplab_runner.cli.ending import signals_interrupt
from ocpplab_runner.cli.outlets import Outlets
from ocpplab_runner.cli.output import say, say_json
from ocpplab_runner.cli.trace import trace
from ocpplab_runner.cli.values import REPORT_PATH
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.scenario.regular_files import read_regular

if TYPE_CHECKING:
    from ocpplab_runner.tools.asking import Outcome

#: Bytes of a payload's file; no CSMS takes more in one message.
_LONGEST = 1 << 26


@click.command("call")
@dialling_options
@click.argument("action")
@click.argument("payload", metavar="[JSON]", default="{}")
@ocpp_option("Offer this version, several times for more. [default: those in which the message is right]")
@click.option("--boot", is_flag=True, help="Send a BootNotification first, and no more unless it is accepted.")
@click.option("--raw", is_flag=True, help="Send it as it is, also what no version allows.")
@click.option("--jsonl", type=REPORT_PATH, metavar="FILE", help="Write every frame and violation as JSON Lines.")
@click.option("--quiet", "-q", is_flag=True, help="Print the answer, and nothing beside it.")
def command(
    action: str,
    payload: str,
    versions: tuple[str, ...],
    boot: bool,
    raw: bool,
    jsonl: Path | None,
    quiet: bool,
    **given: Any,
) -> int:
    """Send one message to a CSMS as a charger, and print the answer.

    JSON is the payload, @FILE, or - for the standard input; an empty object unless given. The answer goes to the
    standard output, everything else to the standard error. Exits with 0 when the CSMS has answered as OCPP wants it, 1
    when it answers with a CALLERROR, wrongly or not at all, 2 when the message is wrong, 3 when there is no connection.
    """
    from ocpplab_runner.ocppj.refusals import ConnectRefused
    from ocpplab_runner.tools.asking import WrongRequestError, ask, fitting

    if not action:
        raise click.UsageError("ACTION is empty: give a message of OCPP, such as BootNotification")
    data, inputs = _payload(payload), [Path(payload[1:])] if payload.startswith("@") else []
    offered = chosen(versions)
    if not raw:
        try:
            offered = fitting(action, data, offered)
        except WrongRequestError as error:
            raise click.UsageError(f"{error}\n--raw sends it all the same") from error
    way = dialling(given)
    redactor, outlets = Redactor(way.secrets()), Outlets()
    redactor.add_sensitive(data)
    with signals_interrupt(), usage(way.secrets()), trace(jsonl, "call", inputs, redactor, outlets) as record:
        try:
            outcomes = clock.run(ask(way, offered, action, data, boot=boot, listener=record), virtual=False)
        except ConnectRefused as refused:
            say(redactor.redact_text(str(refused)), err=True)
            return 3
    for outcome in outcomes:
        _print(outcome, redactor, quiet=quiet)
    asked = len(outcomes) > int(boot)
    if not asked:
        say(f"{action} was not sent: the boot was not accepted", err=True)
    return int(outlets.broken or not asked or not all(outcome.good for outcome in outcomes))


def _print(outcome: Outcome, redactor: Redactor, *, quiet: bool) -> None:
    from ocpplab_runner.ocppj.frames import CallError

    head = f"OCPP {outcome.version} {outcome.action}"
    answer = outcome.answer
    if answer is None:
        say(redactor.redact_text(f"{head}: {outcome.problem}"), err=True)
    elif not quiet:
        kind = "CALLERROR" if isinstance(answer, CallError) else "answered"
        say(f"{head}: {kind} in {outcome.seconds * 1000:.0f} ms", err=True)
    if isinstance(answer, CallError):
        if not answer.local:
            _print_json(
                redactor,
                {"errorCode": answer.code, "errorDescription": answer.description, "errorDetails": answer.details},
            )
    elif answer is not None:
        _print_json(redactor, answer.payload)
    for violation in outcome.violations:
        text = f"violation {violation.code} ({violation.weight}): {violation.description}"
        say(redactor.redact_text(text), err=True)


def _print_json(redactor: Redactor, data: Any) -> None:
    say_json(json.dumps(redactor.redact(data), indent=2, ensure_ascii=False))


def _payload(text: str) -> Any:
    """What the argument says, or the file, or the standard input.

    Raises:
        click.UsageError: it is no JSON, or cannot be read.
    """
    where = "the payload"
    try:
        if text == "-":
            where, text = "the standard input", sys.stdin.read()
        elif text.startswith("@"):
            where = text[1:]
            text = read_regular(Path(where), _LONGEST).decode("utf-8-sig")
        data = json.loads(text)
        json.dumps(data, allow_nan=False)  # Python reads NaN and 1e999 as numbers, which JSON does not have
        return data
    except OSError as error:
        raise click.UsageError(f"{where} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{where} is not JSON: {error}") from error
