"""Nonsense sent to a 2.0.1 charger: answered or ignored as OCPP-J says, and never more than that."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any

from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.schemas import request_schema
from ocpplab_runner.ocppj.validation import actions
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, play

V201 = OcppVersion.V201
COUNT = 2000
BUILT = [
    "CancelReservation",
    "ChangeAvailability",
    "ClearCache",
    "GetBaseReport",
    "GetTransactionStatus",
    "GetVariables",
    "Reset",
    "RequestStartTransaction",
    "RequestStopTransaction",
    "ReserveNow",
    "SendLocalList",
    "SetVariables",
    "TriggerMessage",
    "UnlockConnector",
]
TEXTS = ["", "A", "CARD", "2026-01-01T01:00:00Z", "1", "true", "Ä" * 3, "x" * 40, "\u0000", "AuthCtrlr", "Enabled"]


def invent(schema: dict[str, Any], root: dict[str, Any], random: Random, depth: int = 0) -> Any:
    """A value that mostly fits its schema."""
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].split("/")[-1]]
    if random.random() < 0.01:
        return random.choice([None, True, -1, 1e30, "?", [], {}, [[]]])
    if "enum" in schema:
        return random.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        required = set(schema.get("required", ()))
        return {
            name: invent(part, root, random, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name != "customData" and (name in required or random.random() < 0.5)
        }
    if kind == "array":
        return [invent(schema["items"], root, random, depth + 1) for _ in range(random.randint(1, 3))]
    if kind == "integer":
        return random.choice([0, 1, 2, 3, -1, 64, 2**31 - 1, 2**40])
    if kind == "number":
        return random.choice([0, 1, 1.5, -2.25])
    if kind == "boolean":
        return random.random() < 0.5
    return random.choice(TEXTS) if schema.get("format") != "date-time" else "2026-01-01T00:30:00Z"


def test_thousands_of_calls_do_no_harm() -> None:
    """Every call that fits its schema, and many that do not: no InternalError, no hang, and the charger still works."""
    random = Random(4711)
    names = sorted(actions(V201))
    schemas = {name: request_schema(V201, name) for name in names}
    codes: dict[str, int] = {}

    async def scene(it: Rig) -> None:
        session = it.session
        assert session is not None
        await it.charge("A")
        for number in range(COUNT):
            if not it.charger.online:
                await asyncio.sleep(60)
            action = random.choice(BUILT if random.random() < 0.8 else names)
            payload = invent(schemas[action], schemas[action], random)
            text = json.dumps([2, f"fuzz-{number}", action, payload])
            if random.random() < 0.1:
                cut = random.randrange(len(text))
                text = text[:cut] + random.choice(["", "\\", "]", '"', "\u2028"]) + text[cut + random.randrange(4) :]
            session = it.session
            if session is not None:
                session.send_raw(text)
            if number % 50 == 0:
                await asyncio.sleep(1)
        await asyncio.sleep(120)
        for record in it.frames:
            if isinstance(record.message, CallError) and record.direction == "to_csms":
                codes[record.message.code] = codes.get(record.message.code, 0) + 1
        assert "InternalError" not in codes, codes
        assert await it.call("GetLocalListVersion", {}) != {}
        assert [record for record in it.frames if record.direction == "to_csms" and record.breach] == []

    play(scene, given={"evses": 2, "connectors_per_evse": 2}, minding=False)
    assert codes["NotSupported"] > 20
