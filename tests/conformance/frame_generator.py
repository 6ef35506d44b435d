"""Frames to throw at a peer: valid ones of every action, random ones, and valid ones that went wrong somewhere.

Everything follows from the one ``Random``.
"""

from __future__ import annotations

import copy
import json
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.conformance import ocpp_schemas as schemas
from tests.conformance.frame_oracle import CODES, goes_to
from tests.conformance.ocpp_schemas import Samples


def _words(text: str) -> list[str]:
    return text.split()


CARDS = ("GOOD", "good", "LISTED", "CACHED", "BLOCKED", "NOBODY", "x" * 20)
_KEYS_16 = _words(
    "HeartbeatInterval MeterValueSampleInterval ClockAlignedDataInterval ConnectionTimeOut LocalPreAuthorize "
    "LocalAuthorizeOffline AllowOfflineTxForUnknownId AuthorizeRemoteTxRequests StopTransactionOnInvalidId "
    "StopTransactionOnEVSideDisconnect UnlockConnectorOnEVSideDisconnect MeterValuesSampledData StopTxnSampledData "
    "TransactionMessageAttempts TransactionMessageRetryInterval WebSocketPingInterval LocalAuthListEnabled "
    "ConnectorPhaseRotation MinimumStatusDuration NumberOfConnectors heartbeatinterval Nonsense"
)
_COMPONENTS = _words(
    "OCPPCommCtrlr AuthCtrlr AuthCacheCtrlr LocalAuthListCtrlr TxCtrlr SampledDataCtrlr AlignedDataCtrlr ClockCtrlr "
    "ChargingStation EVSE Connector DeviceDataCtrlr ReservationCtrlr SecurityCtrlr Nonsense"
)
_VARIABLES = _words(
    "HeartbeatInterval WebSocketPingInterval OfflineThreshold Enabled LocalPreAuthorize AuthorizeRemoteStart "
    "OfflineTxForUnknownIdEnabled LifeTime EVConnectionTimeOut StopTxOnInvalidId StopTxOnEVSideDisconnect TxStartPoint "
    "TxStopPoint TxUpdatedInterval TxUpdatedMeasurands TxStartedMeasurands Interval Measurands DateTime Available "
    "AvailabilityState ItemsPerMessage MessageAttempts MessageAttemptInterval ResetRetries Nonsense"
)
_VALUES = _words(
    "true false TRUE 0 1 10 30 86400 -1 2147483647 2147483648 1.5 ٣ GetVariables TransactionEvent "
    "Energy.Active.Import.Register Power.Active.Import,Current.Import.L1 PowerPathClosed EVConnected,Authorized , 1.RST"
)
_INTERVALS = (0, 0, 1, 5, 30, 300, 86400)
_NUMBERS = (0, 1, 1, 2, 2, 3, -1)
#: What a field may become: wrong in type, size or value, or odd but right. DEEP is replaced in the text.
_DEEP, _NAN, _HUGE = "@deep@", "@nan@", "@huge@"
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.0, 2.0, 0.5, 1e16, 2**31, 2**63, 2**64, -(2**64), 10**30, 10**400),
    *("", "x" * 51, "x" * 1001, "\u0000", "\ud800", "\U0001f600" * 20, "accepted", "٣", "NaN", _DEEP, _NAN, _HUGE),
    *("2026-02-30T00:00:00Z", "2026-01-01T00:00:60Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"),
    *("2026-01-01T00:00:00", "2026-01-01t00:00:00z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "now"),
    *([], [[]], {}, {"": {}}, [None], ["x"] * 300, {"status": "Accepted"}, {"customData": {}}),
)
_ODD_TYPES: tuple[Any, ...] = (0, 1, 3, 4, 5, 6, 7, -2, 20, 256, 10**30, 2.0, "2", True, None, [2], {}, "Call", _NAN)
_ODD_IDS: tuple[Any, ...] = (
    *(0, 1, None, True, 1.5, [], {}, ["1"], "", "-1", " ", "null", "é" * 36, "\u0000", "\ud800", '"', "\\", "1\n2"),
    *("x" * 36, "x" * 37, "x" * 255, "x" * 256, "x" * 5000, "\U0001f600" * 36, _DEEP),
)
_ODD_ACTIONS: tuple[Any, ...] = (
    *("", " ", "heartbeat", "HEARTBEAT", "Heartbeat ", "HeartbeatRequest", "HeartbeatResponse", "Nonsense", "__init__"),
    *("../Reset", "Reset.json", "x" * 10_000, "\u0000", "\ud800", None, 1, True, [], {}, ["Reset"], _DEEP),
)
_SNIPPETS = (
    "",
    "",
    '"',
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\\",
    "\\u",
    "\\ud800",
    "NaN",
    "-",
    "1e999",
    "\x00",
    "é",
    "//",
    "\ufeff",
)
_BYTES = (b"", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"[", b'"')


@dataclass(slots=True)
class Memory:
    """What the two sides have said, for frames that refer to it."""

    ids: deque[str] = field(default_factory=lambda: deque(["1", "2"], maxlen=20))
    peer_ids: deque[str] = field(default_factory=lambda: deque(["1"], maxlen=5))
    transactions: deque[int | str] = field(default_factory=lambda: deque([1, "1"], maxlen=5))


class FrameGenerator:
    """An endless supply of frames for one receiver.

    Args:
        version: of the connection.
        role: the receiver.
        random: decides everything.
    """

    def __init__(self, version: OcppVersion, role: str, random: Random) -> None:
        self._version, self._random = version, random
        self.memory = Memory()
        self._right = goes_to(role, version)
        self._all = schemas.actions(version)
        self._sends = schemas.sends(version)
        transactions = _Live(self.memory.transactions)
        self._samples = Samples(
            version,
            random,
            {
                **dict.fromkeys(("connectorId", "evseId", "id", "reservationId", "remoteStartId"), _NUMBERS),
                **dict.fromkeys(("idTag", "parentIdTag", "idToken"), CARDS),
                **dict.fromkeys(("interval", "heartbeatInterval"), _INTERVALS),
                **dict.fromkeys(("listVersion", "versionNumber", "requestId", "seqNo"), (0, 1, 2, 3, 4)),
                **dict.fromkeys(("value", "attributeValue"), _VALUES),
                "key": _KEYS_16,
                "name": (*_COMPONENTS, *_VARIABLES),
                "transactionId": transactions,
            },
        )
        self._number = 0

    def payload(self, action: str, *, answer: bool = False) -> dict[str, Any]:
        """A payload that fits its schema."""
        made = self._samples.payload(action, answer=answer)
        if not answer and "Variables" in action:
            self._aim_variables(made)
        return made

    def frame(self) -> str | bytes:
        """The next frame."""
        (make,) = self._random.choices(
            (
                self._valid,
                self._mutated,
                self._garbled,
                self._text,
                self._json,
                self._stray,
                self._binary,
                self._giant,
                self._unconfirmed,
            ),
            (42, 28, 12, 3, 4, 7, 3.9, 0.1, 6 if self._sends else 0),
        )
        return make()

    def mutate(self, frame: list[Any]) -> str:
        """A frame with one to three things wrong."""
        frame = copy.deepcopy(frame)
        for _ in range(self._random.choice((1, 1, 1, 2, 3))):
            if not isinstance(frame, list) or not frame:
                break
            (change,) = self._random.choices((self._payload_odd, self._element_odd, self._shape_odd), (6, 2, 1))
            frame = change(frame)
        return self.dump(frame)

    def garble(self, text: str) -> str:
        """A text with a few letters lost, added or repeated."""
        random = self._random
        for _ in range(random.choice((1, 1, 2, 4))):
            start = random.randrange(len(text) + 1)
            end = min(len(text), start + random.choice((0, 0, 1, 2, 8, 1000)))
            text = text[:start] + random.choice(_SNIPPETS) + random.choice(("", "", text[:end])) + text[end:]
        return text.replace("\ud800", "")

    def call(self) -> list[Any]:
        """A valid CALL, mostly one that is meant for the receiver, now and then under an id that was used before."""
        random = self._random
        action = random.choice(self._right if random.random() < 0.9 else self._all)
        self._number += 1
        message_id = random.choice(self.memory.ids) if random.random() < 0.04 else f"t{self._number}"
        self.memory.ids.append(message_id)
        return [2, message_id, action, self.payload(action)]

    # -- the kinds of frames --------------------------------------------------------------------------------------

    def _valid(self) -> str:
        return self.dump(self.call())

    def _mutated(self) -> str:
        return self.mutate(self.call())

    def _garbled(self) -> str:
        return self.garble(self.dump(self.call() if self._random.random() < 0.8 else self._answer()))

    def _unconfirmed(self) -> str:
        """A SEND of 2.1, right or wrong."""
        random = self._random
        self._number += 1
        action = random.choice(self._sends)
        frame: list[Any] = [6, f"s{self._number}", action, self.payload(action)]
        match random.randrange(4):
            case 0:
                return self.mutate(frame)
            case 1:
                return self.garble(self.dump(frame))
        return self.dump(frame)

    def _text(self) -> str:
        random = self._random
        letters = random.choice(('[]{},:"\\ 0123456789.eE+-truefalsn', "abc é€😀\u0000\u202e", '[2,"1"]'))
        return "".join(random.choice(letters) for _ in range(random.choice((0, 1, 3, 20, 200))))

    def _json(self) -> str:
        return self.dump(self._value(4))

    def _stray(self) -> str:
        answer = self._answer()
        return self.dump(answer) if self._random.random() < 0.6 else self.mutate(answer)

    def _binary(self) -> bytes:
        random = self._random
        text = self.dump(self.call()).encode()
        if random.random() < 0.4:
            return text
        if random.random() < 0.2:
            return random.randbytes(random.choice((0, 1, 8, 100)))
        if random.random() < 0.1:
            return text.decode().encode("utf-16")
        start = random.randrange(len(text))
        return text[:start] + random.choice(_BYTES) + text[start + random.choice((0, 1, 5)) :]

    def _giant(self) -> str:
        random = self._random
        call: list[Any] = self.call()
        size = random.choice((100_000, 1_000_000, 8_000_000))
        match random.randrange(6):
            case 0:
                return "[" * size
            case 1:
                return self.dump([*call[:3], {"idTag": "x" * size}])
            case 2:
                return self.dump([2, "x" * size, *call[2:]])
            case 3:
                return self.dump([2, call[1], "x" * size, {}])
            case 4:
                return f'[2,"{call[1]}","Heartbeat",{{"n":{"9" * min(size, 200_000)}}}]'
            case _:
                return self.dump([*call[:3], {f"k{number}": number for number in range(size // 100)}])

    # -- what goes wrong ------------------------------------------------------------------------------------------

    def _payload_odd(self, frame: list[Any]) -> list[Any]:
        random = self._random
        node: Any = frame[-1]
        if not isinstance(node, dict | list) or not node:
            return [*frame[:-1], self._odd(_ODD_VALUES)]
        while True:
            key: Any = random.choice(list(node) if isinstance(node, dict) else range(len(node)))
            inner = node[key]
            if isinstance(inner, dict | list) and inner and random.random() < 0.7:
                node = inner
                continue
            break
        match random.randrange(10):
            case 0 | 1:
                del node[key]
            case 2 if isinstance(node, dict):
                node[random.choice(("extra", "", "idtag", "customData", "\ud800", key[:-1]))] = inner
            case 2 | 3 if isinstance(node, list):
                node.extend(copy.deepcopy(node) * random.choice((1, 10, 60)))
            case _:
                node[key] = self._odd(_ODD_VALUES)
        return frame

    def _element_odd(self, frame: list[Any]) -> list[Any]:
        random = self._random
        position = random.randrange(len(frame))
        value = self._odd((_ODD_TYPES, _ODD_IDS, _ODD_ACTIONS, _ODD_VALUES)[min(position, 3)])
        if position == 1 and isinstance(value, str):
            self.memory.ids.append(value[:36])
        return [*frame[:position], value, *frame[position + 1 :]]

    def _shape_odd(self, frame: list[Any]) -> Any:
        random = self._random
        match random.randrange(6):
            case 0:
                return frame[: random.randrange(len(frame))]
            case 1:
                return [*frame, self._odd(_ODD_VALUES)]
            case 2:
                return [frame]
            case 3:
                return random.sample(frame, len(frame))
            case 4:
                return dict(zip(("messageTypeId", "messageId", "action", "payload"), frame, strict=False))
            case _:
                position = random.randrange(len(frame) + 1)
                return [*frame[:position], None, *frame[position:]]

    def _answer(self) -> list[Any]:
        """An answer: to nothing, to something of long ago, or to what the receiver has just asked."""
        random, memory = self._random, self.memory
        message_id = random.choice(("nobody", "-1", random.choice(memory.peer_ids), random.choice(memory.ids)))
        if random.random() < 0.6:
            return [3, message_id, self.payload(random.choice(self._all), answer=True)]
        kind = random.choice((4, 5)) if self._sends else 4
        return [kind, message_id, random.choice(sorted(CODES[self._version])), "as it is", {}]

    def _value(self, depth: int) -> Any:
        random = self._random
        kind = random.randrange(8 if depth else 5)
        if kind < 3:
            return self._odd(_ODD_VALUES)
        if kind < 5:
            return random.choice((2, 3, 4, "1", "Reset", {}))
        if kind < 7:
            return [self._value(depth - 1) for _ in range(random.randrange(6))]
        return {str(number): self._value(depth - 1) for number in range(random.randrange(4))}

    def _odd(self, values: tuple[Any, ...]) -> Any:
        return copy.deepcopy(self._random.choice(values))

    def _aim_variables(self, payload: dict[str, Any]) -> None:
        for items in payload.values():
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict) and "variable" in item:
                    item["component"]["name"] = self._random.choice(_COMPONENTS)
                    item["variable"]["name"] = self._random.choice(_VARIABLES)

    def dump(self, value: Any) -> str:
        """Some JSON text of a value, with its marks for what JSON has no word for replaced."""
        random = self._random
        text = json.dumps(
            value,
            ensure_ascii=random.random() < 0.5 or "\\ud800" in json.dumps(value),
            separators=random.choice(((",", ":"), (", ", ": "), (" , ", " :\t"))),
        )
        if "@" in text:
            depth = random.choice((30, 300, 1500, 100_000))
            text = text.replace(f'"{_DEEP}"', "[" * depth + "]" * depth, 1)
            text = text.replace(f'"{_NAN}"', random.choice(("NaN", "Infinity", "-Infinity", "nan", "undefined")))
            text = text.replace(
                f'"{_HUGE}"', random.choice(("1e999", "-1e400", "1e-999", "1" * 5000, "0.1" + "0" * 999))
            )
        return text


class _Live(list[Any]):
    """A sequence whose members are those of another one, whenever it is looked at."""

    def __init__(self, source: deque[Any]) -> None:
        super().__init__()
        self._source = source

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: Any) -> Any:
        return self._source[index]
