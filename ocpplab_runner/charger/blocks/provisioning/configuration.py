"""The station's variables as OCPP 1.6 configuration keys: sections 5.3, 5.8 and 9."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Literal

from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.variables import Variable, Variables
from ocpplab_runner.charger.core.wire_values import MAX_INTEGER, members, whole_number
from ocpplab_runner.vocabulary.settings import SETTINGS

ConfigurationStatus = Literal["Accepted", "Rejected", "NotSupported"]


class ConfigurationKeys:
    """Reads and changes them; every change has its effect at once, so that none is answered RebootRequired.

    Args:
        variables: of the station; every block must have declared its own.
        features: that it has.
    """

    __slots__ = ("_keys", "_values")

    def __init__(self, variables: Variables, features: Set[str]) -> None:
        self._values = variables
        features = features | {"Core"}
        there = [one for one in variables if one.key is not None and one.feature in features]
        self._keys = {str(one.key).lower(): one for one in sorted(there, key=lambda one: str(one.key))}

    def get(self, names: Sequence[str]) -> dict[str, Any]:
        """GetConfiguration.conf: the keys asked for, all of them for an empty list, at most GetConfigurationMaxKeys."""
        if not names:
            return {"configurationKey": [self._entry(key) for key in self._keys.values()]}
        asked = names[: self._values.integer("GetConfigurationMaxKeys")]
        known: list[dict[str, Any]] = []
        unknown: list[str] = []
        for name in asked:
            key = self._keys.get(name.lower())
            if key is None:
                unknown.append(name)
            else:
                known.append(self._entry(key))
        answer: dict[str, Any] = {"configurationKey": known}
        if unknown:
            answer["unknownKey"] = unknown
        return answer

    def change(self, name: str, value: str) -> ConfigurationStatus:
        """ChangeConfiguration.req."""
        key = self._keys.get(name.lower())
        if key is None:
            return "NotSupported"
        if key.mutability == "ReadOnly" or self._problem(key, value) is not None:
            return "Rejected"
        self._store(key, value)
        return "Accepted"

    def set_raw(self, name: str, value: str) -> None:
        """Set a key from inside the station, read-only or not.

        Raises:
            Refused: an unknown key, one that follows from the station's make, or a value that does not fit.
        """
        key = self._keys.get(name.lower())
        if key is None:
            raise Refused(f"the charger has no configuration key {name}")
        if not key.settable:
            raise Refused(f"{key.key} follows from the charger's make and cannot be set")
        problem = self._problem(key, value)
        if problem is not None:
            # What was tried as a password stands in no message.
            raise Refused(f"{key.key} {problem}{'' if key.mutability == 'WriteOnly' else f', not {value!r}'}")
        self._store(key, value)

    def remember(self) -> dict[str, str]:
        """Values that were set and are no neutral settings, by key."""
        kept = {str(one.key): self._values.kept(one.name) for one in self._keys.values() if _is_own(one)}
        return {key: value for key, value in kept.items() if value is not None}

    def recall(self, values: Mapping[str, str]) -> None:
        """Put them back."""
        for name, value in values.items():
            self._store(self._keys[name.lower()], value)

    def _entry(self, key: Variable) -> dict[str, Any]:
        entry = {"key": key.key, "readonly": key.mutability == "ReadOnly"}
        # A value has 500 characters on the wire (CiString500Type), and may be longer here.
        return entry if key.mutability == "WriteOnly" else {**entry, "value": self._values.text(key.name)[:500]}

    def _store(self, key: Variable, value: str) -> None:
        # In one spelling: letter case, leading zeros and blanks beside commas do not count in a value.
        if key.type == "boolean":
            value = value.lower()
        elif key.type == "integer":
            value = str(int(value))
        elif key.type == "MemberList":
            value = ",".join(members(value))
        self._values.set(key.name, value)

    def _problem(self, key: Variable, value: str) -> str | None:
        """Why a value does not fit, as the end of a sentence; None when it does. Values have no letter case (7.11)."""
        if key.type == "integer" and whole_number(value) is None:
            return f"takes a whole number from 0 to {MAX_INTEGER}"
        # Asked after the type, so that it is given a number where it wants one.
        if key.wrong is not None and (wrong := key.wrong(value)) is not None:
            return wrong
        if key.type in ("integer", "string"):
            return None
        if key.type == "boolean":
            return None if value.lower() in ("true", "false") else "takes true or false"
        try:
            entries = members(value)
        except ValueError as error:
            return f"has {error}"
        if key.most is not None:
            most = self._values.integer(key.most)
            if len(entries) > most:
                return f"takes at most {most} entries"
        return None if key.problem is None else key.problem(entries)


def _is_own(variable: Variable) -> bool:
    return variable.name not in SETTINGS
