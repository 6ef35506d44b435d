"""Options of a plugin's own: declared once, given on the command line or in its section of ``ocpplab.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ocpplab_runner.scenario.registry import JsonSchema
from ocpplab_runner.scenario.suggest import did_you_mean

Kind = Literal["string", "integer", "number", "boolean"]
_KINDS: tuple[Kind, ...] = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """An option.

    Attributes:
        name: with the plugin's prefix: ``wallbox.serial_port`` is ``--wallbox-serial-port``, and ``serial_port`` under
            ``plugins: {wallbox: …}``.
        schema: draft-07 schema of the value; its ``type`` is string, integer, number or boolean, or array with such
            ``items``. An array is given by repeating the option.
        description: one sentence, for ``--help``.
        default: the value where nobody gives one.
    """

    name: str
    schema: JsonSchema
    description: str
    default: Any = None

    @property
    def flag(self) -> str:
        """As it stands on the command line."""
        return f"--{self.name.replace('.', '-').replace('_', '-')}"

    @property
    def repeated(self) -> bool:
        """Whether it is a list."""
        return self.schema.get("type") == "array"

    @property
    def kind(self) -> Kind:
        """The type of the value, or of each value of a list.

        Raises:
            ValueError: it is none that a command line can give.
        """
        kind = (self.schema.get("items", {}) if self.repeated else self.schema).get("type")
        for one in _KINDS:
            if kind == one:
                return one
        raise ValueError(f"the option {self.name!r} has the type {kind!r}, which is none of {', '.join(_KINDS)}")


class OptionError(ValueError):
    """A value is wrong, or is for an option that does not exist; the message names it."""


def option_values(
    specs: Sequence[OptionSpec], given: Mapping[str, Any], configured: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Every option's value: as given, else as configured, else its default.

    Args:
        specs: what there is.
        given: name → value, those of the command line.
        configured: the sections of ``ocpplab.yaml``: prefix → name without it → value.

    Raises:
        OptionError: a value is not as its schema says, or a section has a key that is no option.
    """
    by_name = {spec.name: spec for spec in specs}
    values = {spec.name: spec.default for spec in specs}
    prefixes = {name.partition(".")[0] for name in by_name}
    for prefix, section in configured.items():
        if prefix not in prefixes:
            continue  # its plugin is not here, or has been told to stay away
        for key, value in section.items():
            name, where = f"{prefix}.{key}", f"ocpplab.yaml: plugins.{prefix}"
            if name not in by_name:
                hint = did_you_mean(key, [one.partition(".")[2] for one in by_name if one.startswith(f"{prefix}.")])
                raise OptionError(f"{where} has no option {key!r}{f'; {hint}' if hint else ''}")
            values[name] = _checked(by_name[name], value, f"{where}.{key}")
    for name, value in given.items():
        if name not in by_name:
            hint = did_you_mean(name, by_name)
            raise OptionError(f"there is no option {name!r}{f'; {hint}' if hint else ''}")
        values[name] = _checked(by_name[name], value, by_name[name].flag)
    return values


def _checked(spec: OptionSpec, value: Any, where: str) -> Any:
    import jsonschema

    if isinstance(value, str) and not spec.repeated and spec.kind != "string":
        value = _read(value)  # what the environment has given is text
    problem = next(iter(jsonschema.Draft7Validator(dict(spec.schema)).iter_errors(value)), None)
    if problem is not None:
        raise OptionError(f"{where}: {problem.message}")
    return value


def _read(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text
