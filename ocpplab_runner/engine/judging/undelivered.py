"""Messages of transactions that the CSMS was sent and has never answered: it may know nothing of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.judging.intended_violations import IntendedViolations
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event

_ANSWERS = frozenset({"result", "error"})
_OF_TRANSACTIONS = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})


@dataclass(slots=True)
class _Message:
    """One message, however often it was sent: its sendings that nobody has answered, and when each was cut off."""

    sendings: list[Event] = field(default_factory=list)
    cut: dict[int, float] = field(default_factory=dict)
    answered: bool = False

    def overdue(self, now: float, patience: float) -> Event | None:
        """The first sending that the CSMS had the whole time to answer; None when there is none."""
        for event in self.sendings:
            due = event.at + patience
            if due <= now and self.cut.get(event.seq, due) >= due:
                return event
        return None


class Sendings:
    """The messages of transactions on a ledger, which is read as it grows.

    Args:
        ledger: what was seen.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._read = 0
        self._known: dict[Any, _Message] = {}
        self._waiting: dict[tuple[str, Any], tuple[_Message, Event]] = {}
        self._seen: set[str] = set()

    def messages(self) -> Iterator[_Message]:
        """Every message so far of the chargers whose answers can be seen."""
        since, self._read = self._read, self.ledger.position
        for event in self.ledger.since(since):
            self._take(event)
        return (message for (charger, *_), message in self._known.items() if charger in self._seen)

    def _take(self, event: Event) -> None:
        waiting = self._waiting
        if event.kind != "frame":
            if _cuts(event):
                for key in [key for key in waiting if key[0] == event.charger]:
                    message, sending = waiting.pop(key)
                    message.cut[sending.seq] = event.at
        elif _is_answer(event):
            self._seen.add(event.charger)
            sent = waiting.pop((event.charger, event.fields.get("message_id")), None)
            if sent is not None:
                sent[0].answered = True
        elif (what := message_of(event)) is not None:
            message = self._known.setdefault((event.charger, event.name, what), _Message())
            message.sendings.append(event)
            waiting[event.charger, event.fields.get("message_id")] = message, event


def undelivered(sendings: Sendings, intended: IntendedViolations, patience: float) -> list[tuple[str, Event]]:
    """What is not answered, by charger and action, with the first that was sent.

    Args:
        sendings: all that was seen.
        intended: silence that the scenario wants.
        patience: seconds that a charger waits for an answer.
    """
    now = clock.now()
    lost: dict[tuple[str, str | None], list[Event]] = {}
    for message in sendings.messages():
        event = None if message.answered else message.overdue(now, patience)
        if event is not None and not intended.wants_silence(event):
            lost.setdefault((event.charger, event.name), []).append(event)
    return [
        (
            f"the CSMS has never answered {name} of {charger}"
            + (f" ({len(events)} messages)" if len(events) > 1 else "")
            + ", so that the transaction may be lost",
            events[0],
        )
        for (charger, name), events in lost.items()
    ]


async def all_answered(sendings: Sendings, patience: float) -> None:
    """Return when no message of a transaction waits for its answer any more: it has come, or its time is over."""
    now = clock.now()
    waiting = {
        (event.charger, event.fields.get("message_id")): event.at + patience
        for message in sendings.messages()
        if not message.answered
        for event in message.sendings
        if event.at + patience > now and event.seq not in message.cut
    }
    if not waiting:
        return
    done = asyncio.Event()

    def listen(event: Event) -> None:
        if _is_answer(event):
            waiting.pop((event.charger, event.fields.get("message_id")), None)
        elif _cuts(event):
            for key in [key for key in waiting if key[0] == event.charger]:
                del waiting[key]
        if not waiting:
            done.set()

    unsubscribe = sendings.ledger.subscribe(listen)
    try:
        async with asyncio.timeout_at(max(waiting.values())):
            await done.wait()
    except TimeoutError:
        # An answer of this very instant still counts.
        await clock.settled()
    finally:
        unsubscribe()


def message_of(frame: Event) -> str | None:
    """What a message of a transaction has in common with itself when it is sent again; None for other frames."""
    if frame.name not in _OF_TRANSACTIONS:
        return None
    payload = frame.fields.get("payload")
    if (
        frame.fields.get("type") != "call"
        or frame.fields.get("direction") != "to_csms"
        or not isinstance(payload, dict)
    ):
        return None
    match frame.name:
        # It has no id before it is answered: only all that it says tells it from another one.
        case "StartTransaction":
            return repr(payload)
        case "StopTransaction":
            return repr((payload.get("transactionId"), payload.get("timestamp")))
        case "MeterValues" if "transactionId" in payload:
            return repr(payload)
        case "TransactionEvent":
            info = payload.get("transactionInfo")
            return repr((info.get("transactionId") if isinstance(info, dict) else info, payload.get("seqNo")))
    return None


def _is_answer(event: Event) -> bool:
    fields = event.fields
    return event.kind == "frame" and fields.get("type") in _ANSWERS and fields.get("direction") == "to_charger"


def _cuts(event: Event) -> bool:
    return event.kind == "fact" and event.name == "connection" and event.fields.get("is") == "closed"
