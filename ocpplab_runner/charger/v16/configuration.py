"""Reading and changing OCPP 1.6 configuration keys: sections 5.3, 5.8 and 9."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ocpplab_runner.charger.config import FEATURES
from ocpplab_runner.charger.model import Refused
from ocpplab_runner.charger.readings import is_measurand
from ocpplab_runner.charger.v16.keys import KEYS, Key
from ocpplab_runner.charger.wire_values import MAX_INTEGER, members, whole_number

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

ConfigurationStatus = Literal["Accepted", "Rejected", "NotSupported"]
_ROTATION = re.compile(r"[0-9]+\.(NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR)")


class Configuration:
    """The station's keys; values that the CSMS or a scenario has set survive power cycles."""

    __slots__ = ("_station", "_values")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._values: dict[str, str] = {}

    def value(self, name: str) -> str:
        """The value of a key as text."""
        return self._value(KEYS[name.lower()])

    def integer(self, name: str) -> int:
        """The value of an integer key."""
        return int(self.value(name))

    def items(self, name: str) -> tuple[str, ...]:
        """The entries of a list key."""
        return members(self.value(name))

    def boolean(self, name: str) -> bool:
        """The value of a boolean key."""
        return self.value(name) == "true"

    def get(self, names: Sequence[str]) -> dict[str, Any]:
        """GetConfiguration.conf: the keys asked for, all of them for an empty list, at most GetConfigurationMaxKeys."""
        if not names:
            return {"configurationKey": [self._entry(key) for key in KEYS.values() if self._has(key)]}
        asked = names[: self.integer("GetConfigurationMaxKeys")]
        known: list[dict[str, Any]] = []
        unknown: list[str] = []
        for name in asked:
            key = self._find(name)
            if key is None:
                unknown.append(name)
            else:
                known.append(self._entry(key))
        answer: dict[str, Any] = {"configurationKey": known}
        if unknown:
            answer["unknownKey"] = unknown
        return answer

    def change(self, name: str, value: str) -> ConfigurationStatus:
        """ChangeConfiguration.req: takes effect at once when it is accepted."""
        key = self._find(name)
        if key is None:
            return "NotSupported"
        if key.readonly or self._problem(key, value) is not None:
            return "Rejected"
        self._store(key, value)
        return "Accepted"

    def set_raw(self, name: str, value: str) -> None:
        """Set a key from inside the station, read-only or not.

        Raises:
            Refused: an unknown key, one that follows from the station's make, or a value that does not fit.
        """
        key = self._find(name)
        if key is None:
            raise Refused(f"the charger has no configuration key {name}")
        if key.setting is None and key.default is None and key.name in _COMPUTED:
            raise Refused(f"{key.name} follows from the charger's make and cannot be set")
        problem = self._problem(key, value)
        if problem is not None:
            raise Refused(f"{key.name} {problem}, not {value!r}")
        self._store(key, value)

    def remember(self) -> dict[str, str]:
        """Values that were set and are no neutral settings."""
        return dict(self._values)

    def recall(self, values: Mapping[str, str]) -> None:
        """Put them back."""
        for name, value in values.items():
            self._store(KEYS[name.lower()], value)

    def _find(self, name: str) -> Key | None:
        key = KEYS.get(name.lower())
        return key if key is not None and self._has(key) else None

    def _has(self, key: Key) -> bool:
        return key.feature in self._station.config.features or key.feature == "Core"

    def _entry(self, key: Key) -> dict[str, Any]:
        return {"key": key.name, "readonly": key.readonly, "value": self._value(key)[:500]}

    def _value(self, key: Key) -> str:
        if key.setting is not None:
            return self._station.settings.text(key.setting)
        value = self._values.get(key.name)
        if value is not None:
            return value
        return key.default if key.default is not None else self._computed(key.name)

    def _computed(self, name: str) -> str:
        station = self._station
        match name:
            case "NumberOfConnectors":
                return str(len(station.evses))
            case "SupportedFeatureProfiles":
                return ",".join(sorted(station.config.features | {"Core"}))
            case "ConnectorPhaseRotation":
                rotation = "RST" if station.config.phases == 3 else "NotApplicable"
                return ",".join(f"{number}.{rotation}" for number in range(len(station.evses) + 1))
            case "SupportedFeatureProfilesMaxLength":
                return str(len(FEATURES))
            case "ConnectorPhaseRotationMaxLength":
                return str(len(station.evses) + 1)
            case _:  # LocalAuthListMaxLength, SendLocalListMaxLength
                return str(station.local_list.max_entries)

    def _store(self, key: Key, value: str) -> None:
        if key.setting is not None:
            self._station.settings.set(key.setting, value)
            return
        if key.type == "boolean":
            text = value.lower()
        elif key.type == "integer":
            text = str(int(value))
        else:
            text = ",".join(members(value))
        self._values[key.name] = text
        if key.name == "LocalAuthListMaxLength":
            self._station.local_list.max_entries = int(text)

    def _problem(self, key: Key, value: str) -> str | None:
        """Why a value does not fit, as the end of a sentence; None when it does. Values have no letter case (7.11)."""
        if key.type == "integer":
            return None if whole_number(value) is not None else f"takes a whole number from 0 to {MAX_INTEGER}"
        if key.type == "boolean":
            return None if value.lower() in ("true", "false") else "takes true or false"
        try:
            items = members(value)
        except ValueError as error:
            return f"has {error}"
        if key.limit is not None and len(items) > self.integer(key.limit):
            return f"takes at most {self.integer(key.limit)} entries"
        if key.type == "measurands":
            strange = next((item for item in items if not is_measurand(item, self._station.config.phases)), None)
            return None if strange is None else f"has no measurand {strange}"
        if key.type == "phases" and not all(_ROTATION.fullmatch(item) for item in items):
            return "takes entries such as 1.RST"
        return None


_COMPUTED = frozenset(
    {
        "NumberOfConnectors",
        "SupportedFeatureProfiles",
        "SupportedFeatureProfilesMaxLength",
        "ConnectorPhaseRotationMaxLength",
    }
)
