"""Frames that would have shown a fact, had they been valid and had their receiver taken them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ocpplab_runner.plugin.events import Event

#: A fact's name → the actions whose calls or answers show it, in any version.
_SHOWN_BY: dict[str, frozenset[str]] = {
    "auth_status": frozenset({"Authorize", "StartTransaction", "StopTransaction", "TransactionEvent"}),
    "boot": frozenset({"BootNotification"}),
    "configuration": frozenset({"ChangeConfiguration", "GetConfiguration", "GetVariables", "SetVariables"}),
    "connector_status": frozenset({"StatusNotification", "TransactionEvent"}),
    "heartbeat": frozenset({"Heartbeat"}),
    "local_list": frozenset({"GetLocalListVersion", "SendLocalList"}),
    "meter": frozenset({"MeterValues", "StopTransaction", "TransactionEvent"}),
    "transaction": frozenset({"StartTransaction", "StopTransaction", "TransactionEvent"}),
}

#: Violations that tell why a valid message of a transaction shows none.
_CONTRADICTIONS = frozenset(
    {
        "duplicate-transaction-id",
        "transaction-already-ended",
        "unknown-transaction-id",
    }
)


def unproven(events: Iterable[Event], facts: Collection[str]) -> Iterator[tuple[Event, str]]:
    """The frames that proved nothing, in the order in which that came out.

    Args:
        events: of one charger, in order.
        facts: names of the facts that were looked for.

    Yields:
        A frame, and why it shows none of them.
    """
    actions = frozenset().union(*(_SHOWN_BY.get(name, frozenset()) for name in facts))
    calls: dict[str, Event] = {}
    frames: dict[str, Event] = {}
    for event in events:
        fields = event.fields
        if event.kind == "violation" and "transaction" in facts and event.name in _CONTRADICTIONS:
            if (frame := frames.get(str(fields.get("message_id")))) is not None:
                yield frame, f"{fields.get('description')}, so it shows no transaction ({event.name})"
            continue
        if event.kind != "frame" or event.name not in actions:
            continue
        kind, message_id = fields.get("type"), str(fields.get("message_id"))
        frames[message_id] = event
        if kind == "call":
            calls[message_id] = event
        if kind == "error" and message_id in calls:
            refusal = f"{fields.get('error_code')} {fields.get('error_description') or ''}".rstrip()
            call = calls.pop(message_id)
            flaw = f"{call.fields['invalid']}; " if "invalid" in call.fields else ""
            yield call, f"{flaw}it was answered with CALLERROR {refusal}, so it proves nothing"
        elif "invalid" in fields:
            yield event, f"{fields['invalid']}: it breaks its schema, so it proves nothing"
        elif "ignored" in fields:
            yield event, f"nobody was waiting for it any more ({fields['ignored']}), so it proves nothing"
