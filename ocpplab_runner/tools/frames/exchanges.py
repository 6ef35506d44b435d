"""Recorded frames as exchanges: each call with its answer, station by station, in the order of the calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.ocppj.frames import Call, CallError, CallResult, CallResultError, Send
from ocpplab_runner.tools.frames.judging import Frame
from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(slots=True)
class Exchange:
    """One call.

    Attributes:
        line: of the recording, where the call stands.
        station: whose it is, as the recording says.
        version: of OCPP.
        direction: ``to_csms``, ``to_charger``, or None where nobody knows.
        action: what is called.
        payload: of the call.
        at: when, in seconds, where the recording has times.
        answer: payload of the CALLRESULT; None without one.
        error: code of the CALLERROR; empty without one.
        fault: what is first wrong with the call or its answer; empty where both are right.
    """

    line: int
    station: str
    version: OcppVersion
    direction: str | None
    action: str
    payload: Any
    at: float | None = None
    answer: Any = None
    error: str = ""
    fault: str = ""

    @property
    def status(self) -> Any:
        """What the answer says; None where it says nothing."""
        if not isinstance(self.answer, dict):
            return None
        token = self.answer.get("idTagInfo") or self.answer.get("idTokenInfo") or {}
        return self.answer.get("status", token.get("status"))


def exchanges_of(frames: Iterable[Frame]) -> tuple[dict[str, list[Exchange]], list[Frame]]:
    """By station; and the frames that belong to none: texts that are no messages, answers without their call."""
    found: dict[str, list[Exchange]] = {}
    of_call: dict[int, Exchange] = {}
    left: list[Frame] = []
    for frame in frames:
        message, place = frame.message, frame.found
        if isinstance(message, Call | Send):
            exchange = Exchange(
                place.line,
                place.station,
                frame.version,
                frame.direction,
                message.action,
                message.payload,
                place.at,
                fault=next(iter(frame.errors), ""),
            )
            found.setdefault(place.station, []).append(exchange)
            of_call[id(frame)] = exchange
            continue
        answered = None if frame.call is None else of_call.get(id(frame.call))
        if answered is None:
            left.append(frame)
            continue
        answered.fault = answered.fault or next(iter(frame.errors), "")
        if isinstance(message, CallResult):
            answered.answer = message.payload
        elif isinstance(message, CallError | CallResultError):
            answered.error = message.code
    return found, left
