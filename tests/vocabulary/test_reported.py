"""The closed lists of words are those of the OCPP schemas."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.ocppj.schemas import request_schema
from ocpplab_runner.vocabulary.reported import (
    BOOT_REASONS,
    CHARGING_STATES,
    CONNECTOR_ERROR_CODES,
    READING_CONTEXTS,
    TRIGGER_REASONS,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

V2 = (OcppVersion.V201, OcppVersion.V21)


def definition(version: OcppVersion, action: str, name: str) -> list[str]:
    """An enumeration of a 2.x schema."""
    values: list[str] = request_schema(version, action)["definitions"][name]["enum"]
    return sorted(values)


@pytest.mark.parametrize("version", V2, ids=str)
def test_the_words_of_2x(version: OcppVersion) -> None:
    """Every list of a 2.x report."""
    assert sorted(CHARGING_STATES) == definition(version, "TransactionEvent", "ChargingStateEnumType")
    assert sorted(TRIGGER_REASONS[version]) == definition(version, "TransactionEvent", "TriggerReasonEnumType")
    assert sorted(READING_CONTEXTS) == definition(version, "MeterValues", "ReadingContextEnumType")
    assert sorted(BOOT_REASONS) == definition(version, "BootNotification", "BootReasonEnumType")


def test_the_words_of_16() -> None:
    """The error codes of a status and the contexts of a reading."""
    status: Any = request_schema(OcppVersion.V16, "StatusNotification")["properties"]
    assert sorted(CONNECTOR_ERROR_CODES) == sorted(status["errorCode"]["enum"])
    meter: Any = request_schema(OcppVersion.V16, "MeterValues")["properties"]["meterValue"]["items"]["properties"]
    sample = meter["sampledValue"]["items"]["properties"]
    assert sorted(READING_CONTEXTS) == sorted(sample["context"]["enum"])
