"""The station's version-neutral settings, kept as the text that travels on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner.charger.wire_values import members, whole_number
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting


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


class Settings:
    """Current values; what was never set has its default. Survives power cycles.

    Args:
        values: setting name → value as a scenario writes it.

    Raises:
        ValueError: an unknown name or a value that does not fit.
    """

    __slots__ = ("_listener", "_values")

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, str] = {}
        self._listener: Callable[[str], None] | None = None
        for name, value in (values or {}).items():
            self._values[name] = wire_text(_setting(name), value)

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener(name)`` after each change."""
        self._listener = listener

    def text(self, name: str) -> str:
        """The value in wire form."""
        value = self._values.get(name)
        return _setting(name).default if value is None else value

    def integer(self, name: str) -> int:
        """The value of an integer or duration (whole seconds) setting."""
        return int(self.text(name))

    def boolean(self, name: str) -> bool:
        """The value of a boolean setting."""
        return self.text(name) == "true"

    def items(self, name: str) -> tuple[str, ...]:
        """The entries of a list setting."""
        return tuple(item for item in self.text(name).split(",") if item)

    def set(self, name: str, text: str) -> None:
        """Change a setting to a wire value; what depends on it follows at once.

        Raises:
            ValueError: an unknown name or a value that does not fit.
        """
        value = normalized(_setting(name), text)
        if value != self.text(name) or name not in self._values:
            self._values[name] = value
            if self._listener is not None:
                self._listener(name)


def _setting(name: str) -> Setting:
    setting = SETTINGS.get(name)
    if setting is None:
        raise ValueError(f"there is no setting {name!r}")
    return setting
