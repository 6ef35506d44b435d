"""The events of a run's one ledger.

Every event has the same shape, so that one matcher, one JSON form and one report serve them all. Nobody changes one
that has been made: the classes are not frozen only because making a frozen one takes five times as long, and a case
makes a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: frame: an OCPP-J text. fact: its meaning, or what a charger says from inside. command: a step's act and its outcome.
#: violation: the other side broke the protocol. note: anything a reader of the trace wants (connection opened, log).
EventKind = Literal["frame", "fact", "command", "violation", "note"]
#: Where the knowledge comes from. A fact with source "inside" was shown by no frame.
Source = Literal["wire", "inside"]


@dataclass(slots=True)
class Observation:
    """What a target reports; the ledger makes an :class:`Event` of it.

    Attributes:
        kind: see :data:`EventKind`.
        name: a frame's action, a fact's name, a command's verb, a violation's code.
        fields: plain JSON data. Frames carry ``direction`` (``to_csms`` | ``to_charger``), ``type`` (``call`` |
            ``result`` | ``error`` | ``send`` | ``result_error`` | ``malformed``), ``message_id``, ``payload``; errors
            also ``error_code`` and ``error_description``; malformed text stands under ``text``. ``invalid`` says how
            the payload breaks its schema, ``ignored`` why its receiver took no notice of an answer.
        charger: the scenario's name of the charger it is about.
        at: when it happened, in seconds on the run's clock.
        source: see :data:`Source`.
        evidence: name of the evidence source whose watermark governs it (``charger``, ``csms``, ``gateway-log`` …).
        answerable: of a call: whether its answer could be seen here. What a call says is a fact once it has been
            answered; where that cannot be seen, a valid call suffices.
        tie: what it shares with all events of which it is not known whether they came before it or after; None where
            the order is known.
    """

    kind: EventKind
    name: str
    charger: str
    at: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    source: Source = "wire"
    evidence: str = "charger"
    answerable: bool = True
    tie: float | None = None


@dataclass(slots=True)
class Event:
    """An observation with its place on the ledger.

    Attributes:
        seq: 0, 1, 2 … in the order of arrival.
        arrived: when it reached the ledger, seconds on the run's clock; never before ``at``.
        cause: ``seq`` of the frame event that a wire fact was read from, else None. The fact of a call comes onto the
            ledger with the call's answer; it happened when, and where, the call did.
        tie: see :class:`Observation`; of a wire fact that of its frame.
    """

    seq: int
    kind: EventKind
    name: str
    charger: str
    at: float
    arrived: float
    fields: Mapping[str, Any]
    source: Source
    evidence: str
    cause: int | None = None
    tie: float | None = None

    @property
    def place(self) -> int:
        """Where on the ledger it happened: at its own number, or at that of the frame that shows it."""
        return self.seq if self.cause is None else self.cause

    def to_json(self) -> dict[str, Any]:
        """The event as a JSON Lines record without its ``type``."""
        record: dict[str, Any] = {
            "seq": self.seq,
            "kind": self.kind,
            "name": self.name,
            "charger": self.charger,
            "at": round(self.at, 6),
            "fields": dict(self.fields),
        }
        if self.arrived != self.at:
            record["arrived"] = round(self.arrived, 6)
        if self.source != "wire":
            record["source"] = self.source
        if self.cause is not None:
            record["cause"] = self.cause
        return record
