"""What can be set at a station, or asked of it: each variable declared once, with its name in every OCPP version.

A functional block declares its variables (:meth:`~ocpplab_runner.charger.core.block.Block.variables`); here are their
values, kept as the text that travels on the wire. How one version reads and writes them is in ``blocks/provisioning``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ocpplab_runner.charger.core.wire_values import members, whole_number
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting

DataType = Literal["string", "integer", "boolean", "dateTime", "decimal", "OptionList", "SequenceList", "MemberList"]
Mutability = Literal["ReadOnly", "ReadWrite", "WriteOnly"]


@dataclass(frozen=True, slots=True)
class Component:
    """A component of OCPP 2.x's device model: its name, instance, and the EVSE and connector it belongs to."""

    name: str
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Variable:
    """One variable of a station.

    Attributes:
        name: inside the station; that of the version-neutral setting where it is one.
        type: OCPP 2.x DataEnumType; a list is one in 1.6, too.
        default: the first value, or what computes the present one.
        key: its OCPP 1.6 configuration key; None where 1.6 has none.
        component, variable, instance: its place in 2.x's device model; None where 2.x has none.
        mutability: what the CSMS may do with it.
        unit, minimum, maximum, choices: its 2.x characteristics; 1.6 has no limits but those of its types.
        most: the name of the variable that limits how many entries a list has (1.6 ``…MaxLength``).
        problem: what is wrong with the entries of a list in 1.6, as the end of a sentence, or None.
        wrong: what is wrong with a value, as the end of a sentence, or None; beyond what its type says.
        barred: why a value that fits is not taken now, as reason code and in words; None where it is.
        feature: the 1.6 profile that it belongs to.
        bounded: whether it has the attributes MinSet and MaxSet in 2.x.
        reboot: whether another value works only after a reboot.
        settable: whether another value, set from inside, would change what the station does.
        changed: called when it has got another value.
    """

    name: str
    type: DataType
    default: str | Callable[[], str] = ""
    key: str | None = None
    component: Component | None = None
    variable: str = ""
    instance: str | None = None
    mutability: Mutability = "ReadOnly"
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    most: str | None = None
    problem: Callable[[Sequence[str]], str | None] | None = None
    wrong: Callable[[str], str | None] | None = None
    barred: Callable[[str], tuple[str, str] | None] | None = None
    feature: str = "Core"
    bounded: bool = False
    reboot: bool = False
    settable: bool = True
    changed: Callable[[], None] | None = None


_TYPES: Mapping[str, DataType] = {"duration": "integer", "list": "MemberList"}


def setting(
    name: str,
    *,
    minimum: int = 0,
    choices: tuple[str, ...] = (),
    most: str | None = None,
    problem: Callable[[Sequence[str]], str | None] | None = None,
    feature: str = "Core",
    changed: Callable[[], None] | None = None,
) -> Variable:
    """The variable of a version-neutral setting: name, type, default and wire names stand in the vocabulary.

    Args:
        name: of the setting.
        minimum: in 2.x, of a number.
        choices, most, problem, feature, changed: as of :class:`Variable`.
    """
    known = SETTINGS[name]
    numeric = known.type in ("duration", "integer")
    return Variable(
        name=name,
        type=_TYPES.get(known.type) or known.type,  # type: ignore[arg-type]
        default=known.default,
        key=known.v16,
        component=None if known.v2 is None else Component(known.v2.component),
        variable="" if known.v2 is None else known.v2.name,
        instance=None if known.v2 is None else known.v2.instance,
        mutability="ReadWrite",
        unit="s" if known.type == "duration" else None,
        bounded=known.type == "duration",
        minimum=minimum if numeric else None,
        choices=choices,
        most=most,
        problem=problem,
        feature=feature,
        changed=changed,
    )


def of_2x(
    component: str | Component,
    variable: str,
    type: DataType,
    default: str | Callable[[], str],
    *,
    instance: str | None = None,
    mutability: Mutability = "ReadOnly",
    choices: tuple[str, ...] = (),
    unit: str | None = None,
    minimum: int | None = None,
    maximum: int | None = None,
    settable: bool = True,
    reboot: bool = False,
    feature: str = "Core",
    changed: Callable[[], None] | None = None,
) -> Variable:
    """A variable that only 2.x has; inside the station it is called ``Component.Variable``, or with its instance too.

    Args:
        component: its component, or the name of one that the station has once.
        variable, type, default, instance, mutability, choices, unit: as of :class:`Variable`.
        minimum, maximum, settable, reboot, feature, changed: as of :class:`Variable`.
    """
    place = Component(component) if isinstance(component, str) else component
    where = [place.name, *(str(one) for one in (place.evse_id, place.connector_id) if one is not None)]
    return Variable(
        name=".".join([*where, variable, *([] if instance is None else [instance])]),
        type=type,
        default=default,
        component=place,
        variable=variable,
        instance=instance,
        mutability=mutability,
        choices=choices,
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        # What is computed says what is the case: another value would only make it a lie.
        settable=settable and isinstance(default, str),
        reboot=reboot,
        feature=feature,
        changed=changed,
    )


def constant(
    component: str, variable: str, type: DataType, value: str, *, instance: str | None = None, feature: str = "Core"
) -> Variable:
    """A variable of 2.x that says what the station does, in one way only."""
    return of_2x(component, variable, type, value, instance=instance, settable=False, feature=feature)


def constant_of(
    component: Component, name: str, variable: str, type: DataType, value: str, *, feature: str = "Core"
) -> Variable:
    """The same of a component that has an instance.

    Args:
        component: which.
        name: inside the station.
        variable, type, value, feature: as of :func:`constant`.
    """
    return Variable(
        name=name, type=type, default=value, component=component, variable=variable, settable=False, feature=feature
    )


class Variables:
    """The present values; what was never set has its default. Survives power cycles.

    Args:
        settings: version-neutral setting → value as a scenario writes it.

    Raises:
        ValueError: an unknown setting or a value that does not fit.
    """

    __slots__ = ("_declared", "_values")

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self._declared: dict[str, Variable] = {}
        self._values: dict[str, str] = {}
        for name, value in (settings or {}).items():
            self._values[name] = wire_text(_setting(name), value)

    def declare(self, variables: Iterable[Variable]) -> None:
        """Add the variables of a block."""
        for variable in variables:
            assert variable.name not in self._declared, f"{variable.name} is declared twice"
            self._declared[variable.name] = variable

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._declared.values())

    def has(self, name: str) -> bool:
        """Whether a block of this station has declared it."""
        return name in self._declared

    def text(self, name: str) -> str:
        """The value in wire form."""
        value = self._values.get(name)
        if value is not None:
            return value
        declared = self._declared.get(name)
        default = _setting(name).default if declared is None else declared.default
        return default if isinstance(default, str) else default()

    def integer(self, name: str) -> int:
        """The value of an integer or duration (whole seconds) variable."""
        return int(self.text(name))

    def boolean(self, name: str) -> bool:
        """The value of a boolean variable."""
        return self.text(name) == "true"

    def items(self, name: str) -> tuple[str, ...]:
        """The entries of a list."""
        return tuple(item for item in self.text(name).split(",") if item)

    def set(self, name: str, text: str) -> None:
        """Change a variable to a wire value; what depends on it follows at once.

        Raises:
            ValueError: an unknown setting, or a value that does not fit one.
        """
        declared = self._declared.get(name)
        known = SETTINGS.get(name)
        if known is None and declared is None:
            raise ValueError(f"there is no setting {name!r}")
        value = text if known is None else normalized(known, text)
        # Also the default's own value counts as set: until then something else may stand for it (``BackOff``).
        if value != self.text(name) or name not in self._values:
            self._values[name] = value
            if declared is not None and declared.changed is not None:
                declared.changed()

    def kept(self, name: str) -> str | None:
        """The value that was set; None where that was never done."""
        return self._values.get(name)


def wire_text(setting: Setting, value: Any) -> str:
    """What a scenario's value of a setting is on the wire: durations in whole seconds, lists with commas.

    Raises:
        ValueError: the value does not fit the setting.
    """
    if setting.type == "duration":
        text = str(round(seconds_of(value)))
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list | tuple):
        text = ",".join(str(item) for item in value)
    else:
        text = str(value)
    return normalized(setting, text)


def normalized(setting: Setting, text: str) -> str:
    """A wire value in its canonical spelling.

    Raises:
        ValueError: it is not a value of the setting's type.
    """
    if setting.type in ("duration", "integer"):
        number = whole_number(text)
        if number is None:
            raise ValueError(f"{setting.name} takes a whole number of 0 or more, not {text!r}")
        return str(number)
    if setting.type == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{setting.name} takes true or false, not {text!r}")
        return text.lower()
    if setting.type == "list":
        try:
            return ",".join(members(text))
        except ValueError as error:
            raise ValueError(f"{setting.name} has {error}: {text!r}") from None
    return text


def _setting(name: str) -> Setting:
    known = SETTINGS.get(name)
    if known is None:
        raise ValueError(f"there is no setting {name!r}")
    return known
