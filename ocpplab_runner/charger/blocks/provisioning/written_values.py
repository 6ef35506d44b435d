"""Values that are written to variables of OCPP 2.x: what fits one, and in which spelling it is kept. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from ocpplab_runner.charger.core.timestamps import moment
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.charger.core.wire_values import MAX_INTEGER, members, whole_number

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_LISTS = ("MemberList", "SequenceList", "OptionList")


class WrongValue(ValueError):
    """A value that a variable cannot have.

    Attributes:
        code: the reason code (2.x part 2, appendix 5).
    """

    def __init__(self, text: str, code: str = "InvalidValue") -> None:
        super().__init__(text)
        self.code = code


def checked(known: Variable, value: str, least: int | None = None, most: int | None = None) -> str:
    """The value in its canonical spelling.

    Args:
        known: the variable.
        value: that is written to it.
        least, most: what it may be at least and at most, where that is less than its own limits say.

    Raises:
        WrongValue: it has another type, is out of limits, is none of its choices, or is not taken now.
    """
    fitting = _fitting(known, value, least, most)
    if known.barred is not None and (why := known.barred(fitting)) is not None:
        raise WrongValue(why[1], why[0])
    return fitting


def _fitting(known: Variable, value: str, least: int | None, most: int | None) -> str:
    if known.wrong is not None and (wrong := known.wrong(value)) is not None:
        raise WrongValue(f"{known.variable} {wrong}")
    name = f"{'' if known.component is None else known.component.name}.{known.variable}"
    least = known.minimum if least is None else least
    most = known.maximum if most is None else most
    if known.type == "boolean":
        if value not in ("true", "false"):
            raise WrongValue(f"{name} takes true or false")
        return value
    if known.type == "integer":
        return _integer(name, value, least or 0, MAX_INTEGER if most is None else most)
    if known.type == "decimal":
        if _NUMBER.fullmatch(value) is None:
            raise WrongValue(f"{name} takes a number")
        _within(name, Decimal(value), least, most)
        return value
    if known.type == "dateTime":
        try:
            moment(value)
        except ValueError:
            raise WrongValue(f"{name} takes a date and time") from None
        return value
    if known.type in _LISTS:
        return _list(name, known, value)
    if most is not None and len(value) > most:
        raise WrongValue(f"{name} takes at most {most} characters", "TooLargeElement")
    return value


def _integer(name: str, value: str, least: int, most: int) -> str:
    number = whole_number(value)
    if number is None:
        raise WrongValue(f"{name} takes a whole number from {least} to {most}")
    _within(name, number, least, most)
    return str(number)


def _within(name: str, number: int | Decimal, least: int | None, most: int | None) -> None:
    if least is not None and number < least:
        raise WrongValue(f"{name} takes {least} at least", "ValueTooLow")
    if most is not None and number > most:
        raise WrongValue(f"{name} takes {most} at most", "ValueTooHigh")


def _list(name: str, known: Variable, value: str) -> str:
    try:
        chosen = members(value)
    except ValueError as error:
        raise WrongValue(f"{name} has {error}") from None
    strange = [member for member in chosen if known.choices and member not in known.choices]
    if strange:
        raise WrongValue(f"{name} has no {', '.join(strange)}: choose from {', '.join(known.choices)}")
    if known.type == "OptionList" and len(chosen) != 1:
        raise WrongValue(f"{name} takes one of {', '.join(known.choices)}")
    if len(set(chosen)) != len(chosen):
        raise WrongValue(f"{name} has a member twice")
    return ",".join(chosen)
