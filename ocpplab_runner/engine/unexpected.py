"""CALLERRORs to what the chargers sent, which nobody has programmed, caused on purpose or expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocpplab_runner.engine.deliberate import Deliberate
from ocpplab_runner.engine.ledger import Ledger
from ocpplab_runner.engine.refusals import is_judged
from ocpplab_runner.plugin.events import Event


def unexpected_errors(
    ledger: Ledger, replies: Sequence[Mapping[str, Any]], deliberate: Deliberate
) -> list[tuple[str, Event]]:
    """What is worth a warning, and fails the case with ``--strict``; each once, with how often it came, and the first.

    A charger whose own call breaks a rule is told so by a violation; the CALLERROR that it gets is then right.

    Args:
        ledger: all that was seen.
        replies: every programmed answer of the CSMS in the scenario, as the fields of ``csms_reply``.
        deliberate: what raw steps have sent.
    """
    causes = {violation.fields.get("message_id") for violation in ledger.violations}
    programmed = {str(reply.get("to")) for reply in replies if "error" in reply}
    found: dict[str, list[Event]] = {}
    for event in _errors(ledger):
        wanted = event.name in programmed or any("${{" in to for to in programmed)
        caused = event.fields.get("message_id") in causes or deliberate.has_sent(event.fields.get("message_id"))
        if not (wanted or caused or is_judged(event, ledger)):
            found.setdefault(_told(event), []).append(event)
    return [
        (text + (f" ({len(events)} times)" if len(events) > 1 else ""), events[0]) for text, events in found.items()
    ]


def _errors(ledger: Ledger) -> Iterator[Event]:
    for event in ledger.since(0):
        fields = event.fields
        if event.kind == "frame" and fields.get("type") == "error" and fields.get("direction") == "to_charger":
            yield event


def _told(event: Event) -> str:
    code, description = event.fields.get("error_code"), event.fields.get("error_description")
    text = f"the CSMS answered {event.name} of {event.charger} with CALLERROR {code}"
    return text + (f": {description}" if description else "")
