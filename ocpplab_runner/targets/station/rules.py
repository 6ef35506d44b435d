"""Which rules of the protocol the traffic of a run could have shown: broken, held, or never exercised.

A rule that nothing has put to the test is not one that a station keeps.
"""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.plugin.events import Observation

#: Whether a frame that a station has sent, with that action and these fields, could have broken a rule.
_Chance = Callable[[str, Mapping[str, Any]], bool]


def _any(action: str, fields: Mapping[str, Any]) -> bool:
    return True


def _call(action: str, fields: Mapping[str, Any]) -> bool:
    return fields.get("type") == "call"


def _answer(action: str, fields: Mapping[str, Any]) -> bool:
    return fields.get("type") in ("result", "error")


def _of(*actions: str) -> _Chance:
    return lambda action, fields: _call(action, fields) and action in actions


def _with(*names: str) -> _Chance:
    return lambda action, fields: _call(action, fields) and not _names(fields.get("payload")).isdisjoint(names)


def _names(data: Any) -> set[str]:
    if isinstance(data, Mapping):
        return set(data).union(*(_names(value) for value in data.values()))
    if isinstance(data, list | tuple):
        return set().union(*(_names(value) for value in data))
    return set()


_TRANSACTION = _with("transactionId")
_BEGINNING = _of("StartTransaction", "TransactionEvent")
#: Code of a rule → when it is put to the test.
CHANCES: Mapping[str, _Chance] = {
    "binary-frame": _any,
    "malformed-frame": _any,
    "unexpected-message-type": _any,
    "schema": _any,
    "message-id-too-long": _any,
    "duplicate-message-id": _call,
    "not-implemented-action": _call,
    "overlapping-call": _call,
    "wrong-direction": _call,
    "message-before-boot": _of("BootNotification"),
    "duplicate-answer": _answer,
    "late-answer": _answer,
    "no-answer": _answer,
    "unknown-message-id": _answer,
    "error-for-answer": _call,
    "missing-offset": _with("timestamp"),
    "sequence-number-gap": _with("seqNo"),
    "sequence-number-repeated": _of("TransactionEvent"),
    "unknown-evse": _with("connectorId", "evseId", "evse"),
    "unknown-request-id": _with("requestId"),
    "duplicate-transaction-id": _BEGINNING,
    "transaction-already-running": _BEGINNING,
    "transaction-already-ended": _TRANSACTION,
    "unknown-transaction-id": _TRANSACTION,
    "wrong-transaction-id": _TRANSACTION,
    "unknown-reservation-id": _with("reservationId"),
    "unknown-remote-start-id": _with("remoteStartId"),
    "bad-certificate-request": _of("SignCertificate"),
}
#: Rules in the order in which they are told.
RULES = (*FRAME_VIOLATIONS, *VIOLATIONS)


class RuleTally:
    """What the traffic of all workers has shown; made before they are forked, so that all share it."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp(prefix="ocpplab-")
        os.close(descriptor)
        self._file = os.open(name, os.O_RDWR | os.O_APPEND)
        # Without a name it goes with the last process of the run, however that ends.
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)
        self._chances: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()

    def hear(self, observation: Observation) -> None:
        """Take what was observed of a station."""
        fields = observation.fields
        if observation.kind == "violation" and fields.get("by") == "charger":
            self._broken[observation.name] += 1
        elif observation.kind == "frame" and fields.get("direction") == "to_csms":
            self._chances.update(rule for rule, chance in CHANCES.items() if chance(observation.name, fields))

    def write(self) -> None:
        """Let the run have what was heard since the last time."""
        if self._chances or self._broken:
            # One write of less than a page to a file that is open for appending is not interleaved with others.
            os.write(self._file, json.dumps([self._chances, self._broken]).encode() + b"\n")
        self._chances.clear()
        self._broken.clear()

    def summary(self) -> str:
        """What is known of the rules, in a few lines; empty where no station has said anything."""
        chances: Counter[str] = Counter()
        broken: Counter[str] = Counter()
        for line in os.pread(self._file, os.fstat(self._file).st_size, 0).splitlines():
            told, wrong = json.loads(line)
            chances.update(told)
            broken.update(wrong)
        if not chances:
            return ""
        rules = [rule for rule in RULES if rule in CHANCES]
        bad = [f"{rule} ({broken[rule]})" for rule in rules if broken[rule]]
        held = [rule for rule in rules if chances[rule] and not broken[rule]]
        never = [rule for rule in rules if not chances[rule] and not broken[rule]]
        lines = [f"rules of the protocol: {len(bad)} broken, {len(held)} held, {len(never)} never put to the test"]
        for word, some in (("broken", bad), ("never put to the test", never)):
            if some:
                lines.append(f"  {word}: {', '.join(some)}")
        return "\n".join(lines)
