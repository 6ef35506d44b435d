"""Who judges tokens (rule 7): validators that a scenario scripts, and the one that stands for the CSMS over OCPP.

A scripted validator is EVerest's ``auth_token_validator`` without a CSMS behind it: it may give any of EVerest's
verdicts, take its time, or break down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ocpplab_runner.authorization.codec import from_json
from ocpplab_runner.authorization.types import AuthorizationStatus, IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.vocabulary.authorization import CSMS_VALIDATOR
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.statuses import VALIDATION_STATUSES


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scripted validator says of a token.

    Attributes:
        result: the verdict.
        expires_in: seconds from the verdict to its expiry, None for none or the one in ``result``.
        delay: seconds that it takes.
        fails: it breaks down instead.
    """

    result: ValidationResult
    expires_in: float | None = None
    delay: float = 0.0
    fails: bool = False

    def at(self, now: datetime) -> ValidationResult:
        """The verdict given at that time; a validator that breaks down counts as Unknown (rule 7)."""
        if self.fails:
            return ValidationResult(AuthorizationStatus.UNKNOWN)
        result = self.result
        if self.expires_in is not None:
            result = replace(result, expiry_time=now + timedelta(seconds=self.expires_in))
        return result.at(now)

    @classmethod
    def from_given(cls, given: Any) -> Verdict:
        """From a bare status or a mapping of a scenario.

        Raises:
            ValueError: it is neither, or no verdict.
        """
        fields = {"status": given} if isinstance(given, str) else dict(given)
        delay = fields.pop("delay", None)
        fails = bool(fields.pop("fails", False))
        result, expires_in = validation_result(fields)
        return cls(result, expires_in, 0.0 if delay is None else _seconds(delay), fails)


@dataclass(frozen=True, slots=True)
class ScriptedValidator:
    """A validator of the scenario.

    Attributes:
        name: the ``via`` of its verdicts.
        verdicts: by token value in lower case.
        otherwise: on every other token.
    """

    name: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    otherwise: Verdict = Verdict(ValidationResult(AuthorizationStatus.UNKNOWN))

    def judge(self, token: ProvidedIdToken) -> Verdict:
        """Its verdict on a token."""
        return self.verdicts.get(token.id_token.key, self.otherwise)

    @classmethod
    def from_given(cls, given: Mapping[str, Any]) -> ScriptedValidator:
        """From a mapping of ``given.charger.authorization.validators``.

        Raises:
            ValueError: it makes no validator.
        """
        verdicts = {str(card).casefold(): Verdict.from_given(said) for card, said in given.get("verdicts", {}).items()}
        if "otherwise" not in given:
            return cls(given["name"], verdicts)
        return cls(given["name"], verdicts, Verdict.from_given(given["otherwise"]))


@dataclass(frozen=True, slots=True)
class CsmsValidator:
    """The CSMS over OCPP, with the station's list, cache and rule for unknown cards before it."""

    name: str = CSMS_VALIDATOR


Validator: TypeAlias = ScriptedValidator | CsmsValidator


def validators_from_given(given: Any) -> tuple[Validator, ...]:
    """The validators in the order in which they are called; without any, the CSMS alone.

    Raises:
        ValueError: one of them makes no validator.
    """
    if not given:
        return (CsmsValidator(),)
    if not isinstance(given, list | tuple):
        raise ValueError(f"authorization.validators: {given!r} is no list of validators")
    made: list[Validator] = []
    for one in given:
        if one == CSMS_VALIDATOR:
            made.append(CsmsValidator())
        elif isinstance(one, Mapping):
            made.append(ScriptedValidator.from_given(one))
        else:
            raise ValueError(
                f"authorization.validators: a validator is {CSMS_VALIDATOR} or a mapping with a name, not {one!r}"
            )
    return tuple(made)


def id_token(given: Any, kind: str = "ISO14443") -> IdToken:
    """The token of a scenario: its value, or a mapping with its type.

    Args:
        given: the value or the mapping.
        kind: its type where none is given.

    Raises:
        ValueError: it makes no token.
    """
    fields = {"value": given} if isinstance(given, str) else given
    return from_json(IdToken, {"type": kind, **fields}).value


def validation_result(given: Any) -> tuple[ValidationResult, float | None]:
    """The verdict of a scenario: a bare status, or EVerest's ValidationResult with our short forms.

    Returns:
        The verdict, and the seconds in which it expires where these are given.

    Raises:
        ValueError: it makes no verdict.
    """
    fields = {"authorization_status": given} if isinstance(given, str) else dict(given)
    expires_in = fields.pop("expires_in", None)
    status = fields.pop("status", None)
    fields.setdefault("authorization_status", status or "Accepted")
    if fields["authorization_status"] not in VALIDATION_STATUSES:
        known = ", ".join(VALIDATION_STATUSES)
        raise ValueError(f"{fields['authorization_status']!r} is no verdict of a validator; there are {known}")
    parent = fields.get("parent_id_token")
    if isinstance(parent, str):
        fields["parent_id_token"] = {"value": parent, "type": "Central"}
    elif parent is not None:
        fields["parent_id_token"] = {"type": "Central", **parent}
    result = from_json(ValidationResult, fields).value
    return result, None if expires_in is None else _seconds(expires_in)


def _seconds(given: Any) -> float:
    return float(given) if isinstance(given, int | float) else parse_duration(given)
