"""Small values of a station as JSON, and back. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ocpplab_runner.authorization.codec import from_json, to_json
from ocpplab_runner.authorization.types import IdToken, ValidationResult
from ocpplab_runner.charger.core.evse import ActiveFault
from ocpplab_runner.charger.core.model import Reading, SampledValue
from ocpplab_runner.vocabulary.faults import FAULTS


def token_out(token: IdToken | None) -> Any:
    """A token, or none."""
    return None if token is None else to_json(token)


def token_in(data: Any) -> IdToken | None:
    """The opposite of :func:`token_out`."""
    return None if data is None else from_json(IdToken, data).value


def known_token(data: Any) -> IdToken:
    """A token that is there."""
    return from_json(IdToken, data).value


def verdict_out(result: ValidationResult | None) -> Any:
    """A verdict, or none."""
    return None if result is None else to_json(result)


def verdict_in(data: Any) -> ValidationResult:
    """A verdict that is there."""
    return from_json(ValidationResult, data).value


def moment_out(moment: datetime | None) -> str | None:
    """A moment to the microsecond."""
    return None if moment is None else moment.isoformat()


def moment_in(text: str | None) -> datetime | None:
    """The opposite of :func:`moment_out`."""
    return None if text is None else datetime.fromisoformat(text)


def reading_out(reading: Reading) -> dict[str, Any]:
    """A reading of a meter."""
    return {
        "at": reading.at.isoformat(),
        "context": reading.context,
        "values": [[v.measurand, v.value, v.unit, v.phase, v.location] for v in reading.values],
        "signed": reading.signed,
    }


def reading_in(data: dict[str, Any]) -> Reading:
    """The opposite of :func:`reading_out`."""
    values = tuple(SampledValue(*value) for value in data["values"])
    return Reading(datetime.fromisoformat(data["at"]), data["context"], values, data.get("signed"))


def faults_out(faults: dict[str, ActiveFault]) -> list[list[str]]:
    """Active faults, the latest last."""
    return [[one.fault.name, one.info, one.vendor_error_code] for one in faults.values()]


def faults_in(data: list[list[str]]) -> dict[str, ActiveFault]:
    """The opposite of :func:`faults_out`."""
    active = [ActiveFault(FAULTS[name], info, code) for name, info, code in data]
    return {one.fault.error_code: one for one in active}
