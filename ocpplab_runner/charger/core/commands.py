"""Commands to the station as a whole: its power, its network, messages past its state, programmed answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.station import REPLIES, SUPPLY
from ocpplab_runner.ocppj.frames import Call, parse
from ocpplab_runner.ocppj.names import camel_case, payload_names
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.durations import seconds_of


def power(context: Context, fields: Fields, raw: bool) -> None:
    """Cut the supply, for a while or for good, or restore it."""
    supply, off_for = context.ask(SUPPLY), fields.get("off_for")
    if fields.get("state") == "on":
        if context.powered:
            raise Refused("the power is on already")
        context.timers.stop("power")
        supply.switch_on()
        return
    # A station that restarts counts as without power, but its supply can fail all the same: then it stays down.
    if not context.powered and not context.restarting:
        raise Refused("the power is off already")
    context.timers.stop("power")
    supply.switch_off()
    if off_for is not None:
        context.timers.start("power", seconds_of(off_for), supply.switch_on)


def network(context: Context, fields: Fields, raw: bool) -> None:
    """Cut the network, for a while or for good, or restore it."""
    # An earlier ``down_for`` must not restore what this command cuts.
    context.timers.stop("network")
    down_for = fields.get("down_for")
    context.connection.set_network(down_for is None and fields.get("state") == "up")
    if down_for is not None:
        context.timers.start("network", seconds_of(down_for), lambda: context.connection.set_network(True))


def program_reply(context: Context, fields: Fields, raw: bool) -> None:
    """Answer the CSMS's next calls as the fields say."""
    try:
        context.ask(REPLIES).program(fields)
    except ValueError as error:
        raise Refused(str(error)) from None


def raw_message(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Send any message past the station's own state."""
    session = context.connection.session
    if session is None:
        raise Refused("the charger is not connected")
    wanted = fields.get("ocpp_version")
    if wanted is not None and wanted != context.version.subprotocol:
        raise Refused(f"the charger speaks {context.version.subprotocol}, not {wanted}")
    if "text" in fields:
        return _send_text(context, session, fields["text"], binary=fields.get("binary", False))
    # Names that OCPP does not have stay as they are: a test may want just these.
    action = camel_case(context.version, fields["action"])
    payload = dict(payload_names(context.version, action, fields["payload"], "request"))
    breach = None if raw else validate_request(context.version, action, payload)
    if breach is not None and breach.weight == "must":
        raise Refused(f"{action} breaks its schema: {breach}")
    # Judged above; here even what breaks the schema may go, since ``raw`` wants just that.
    sent = session.enqueue(action, payload, validate=False)
    return {"message_id": sent.message_id, "action": action}


def _send_text(context: Context, session: Session, text: str, *, binary: bool) -> dict[str, Any]:
    """Send a WebSocket message as it stands; one that is a CALL is the command's own call."""
    try:
        session.send_raw(text, binary=binary)
    except ValueError:
        raise Refused("the text cannot be written as UTF-8") from None
    message = parse(text, context.version)
    return {"message_id": message.message_id, "action": message.action} if isinstance(message, Call) else {}


CORE_COMMANDS: Mapping[str, Command] = {
    "power": Command(power, without_power=True),
    "network": Command(network, without_power=True),
    "charger_reply": Command(program_reply, without_power=True),
    "proxy_message": Command(raw_message),
}
