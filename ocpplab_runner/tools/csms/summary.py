"""What became of each station, for the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.plugin.events import Event
from ocpplab_runner.tools.traffic.exchanges import Exchange
from ocpplab_runner.vocabulary.texts import unbroken


@dataclass(slots=True)
class StationSummary:
    """What is counted of a station.

    Attributes:
        ocpp: the version of its latest connection.
        connections: how often it has connected.
        boots: what its BootNotifications were answered → how often.
        calls: made by it, to it, and how many of these two never got an answer.
        errors: calls that were answered with a CALLERROR.
        transactions: that it has begun.
        running: those of them that it has not ended, as far as its messages say.
        violations: code and weight of a violation → how often.
    """

    ocpp: str = ""
    connections: int = 0
    boots: Counter[str] = field(default_factory=Counter)
    from_it: int = 0
    to_it: int = 0
    unanswered: int = 0
    errors: int = 0
    transactions: set[Any] = field(default_factory=set)
    running: set[Any] = field(default_factory=set)
    violations: Counter[tuple[str, str]] = field(default_factory=Counter)


class Summaries:
    """Counts."""

    def __init__(self) -> None:
        self.stations: dict[str, StationSummary] = {}

    @property
    def broken(self) -> bool:
        """Whether a station has broken a rule that weighs ``must``."""
        return any(weight == "must" for one in self.stations.values() for _, weight in one.violations)

    def hear(self, event: Event) -> None:
        """Take the next event in."""
        found = self.stations.setdefault(event.charger, StationSummary())
        if event.kind == "violation":
            found.violations[event.name, str(event.fields.get("weight"))] += 1
        elif event.kind == "fact" and event.name == "boot":
            found.boots[str(event.fields.get("is"))] += 1
        elif event.kind == "fact" and event.name == "transaction":
            transaction = event.fields.get("transaction_id")
            if event.fields.get("is") == "ended":
                found.running.discard(transaction)
            elif transaction not in found.transactions:
                found.running.add(transaction)
            found.transactions.add(transaction)
        elif event.kind == "fact" and event.name == "connection" and event.fields.get("is") == "opened":
            found.connections += 1
            found.ocpp = str(event.fields.get("ocpp", ""))

    def exchange(self, exchange: Exchange) -> None:
        """A call has been made, or has ended."""
        found = self.stations.setdefault(exchange.station, StationSummary())
        match exchange.outcome:
            case "waiting" if exchange.direction == "to_csms":
                found.from_it += 1
            case "waiting":
                found.to_it += 1
            case "lost":
                found.unanswered += 1
            case "error":
                found.errors += 1

    def lines(self) -> Iterator[str]:
        """For people, station by station."""
        for identity, one in sorted(self.stations.items()):
            yield f"{unbroken(identity)}: {_head(one)}"
            count, running = len(one.transactions), len(one.running)
            if count:
                runs = f", of which {running} still {'runs' if running == 1 else 'run'}" if running else ""
                yield f"  {_plural(count, 'transaction')}{runs}"
            for (code, weight), times in sorted(one.violations.items()):
                yield f"  violation {code} ({weight}), {_times(times)}"

    def records(self) -> dict[str, Any]:
        """The same as plain data: identity → what was counted."""
        found = {}
        for identity, one in sorted(self.stations.items()):
            found[identity] = {
                "ocpp": one.ocpp,
                "connections": one.connections,
                "boots": dict(one.boots),
                "calls_from_it": one.from_it,
                "calls_to_it": one.to_it,
                "unanswered": one.unanswered,
                "errors": one.errors,
                "transactions": len(one.transactions),
                "transactions_running": len(one.running),
                "violations": [
                    {"code": code, "weight": weight, "times": times}
                    for (code, weight), times in sorted(one.violations.items())
                ],
            }
        return found


def _head(one: StationSummary) -> str:
    if not one.connections:
        return "did not connect"
    booted = ", ".join(f"{status} {_times(times)}" for status, times in one.boots.items())
    parts = [
        f"OCPP {one.ocpp}",
        f"connected {_times(one.connections)}",
        f"boot {booted}" if booted else "no boot",
        f"{_plural(one.from_it, 'call')} from it",
        f"{one.to_it} to it",
    ]
    if one.errors:
        parts.append(f"{_plural(one.errors, 'CALLERROR')}")
    if one.unanswered:
        parts.append(f"{one.unanswered} without an answer")
    return ", ".join(parts)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
