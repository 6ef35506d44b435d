"""The settings of a station: read over OCPP, changed for cases, and put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.targets.raw_settings import raw_name
from ocpplab_runner.targets.station.journal import RestoreJournal
from ocpplab_runner.targets.station.questions import Questions, RefusedError, accepted
from ocpplab_runner.targets.station.reports import Reports
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Ask for no more variables at once: 2.x ItemsPerMessage of GetVariables may be as low as this.
_AT_ONCE = 4


class StationSettings:
    """What one station is set to, as long as the worker lives.

    Args:
        questions: to the station.
        version: that it speaks.
        journal: where is noted what must be put back.
        reports: where the parts of its base report arrive.
        limit: seconds that it has for each of them.

    Attributes:
        values: key, of 2.x ``Component.Variable``, → value, as last read or set; empty before the first reading.
        read_only: keys that nobody can write.
    """

    def __init__(
        self, questions: Questions, version: OcppVersion, journal: RestoreJournal, reports: Reports, limit: float
    ) -> None:
        self._questions, self._version, self._journal = questions, version, journal
        self._reports, self._limit = reports, limit
        self.values: dict[str, str] = {}
        self.read_only: set[str] = set()
        self._originals: dict[str, str] = {}
        #: The original values of what has been changed.
        self.changed: dict[str, str] = {}
        #: Whether a report that it has promised never came; then it is asked for one variable after the other.
        self._reports_nothing = False

    async def read(self) -> None:
        """Take over what it is set to.

        Raises:
            InfrastructureError: it does not answer.
        """
        try:
            read = await (self._keys() if self._version is OcppVersion.V16 else self._variables())
        except RefusedError:
            # A station that cannot be asked is taken as it is: nobody knows what there is to put back.
            read = {}
        self.values = {key: value for key, (value, _) in read.items() if value is not None}
        self.read_only = {key for key, (_, writable) in read.items() if not writable}
        for key, value in self.values.items():
            # As it was when it first came: later readings find what cases have set.
            self._originals.setdefault(key, value)

    def will_change(self, keys: Iterable[str]) -> None:
        """Have on disk what these are now, before somebody changes them; nobody changes those that can only be read."""
        known = [one for key in keys if (one := self._known(key)) is not None and one not in self.read_only]
        new = {key: self._originals[key] for key in known if key not in self.changed}
        if new:
            self.changed |= new
            self._journal.write(self.changed)

    def will_change_settings(self, names: Iterable[str]) -> None:
        """As :meth:`will_change`, of version-neutral settings."""
        known = (SETTINGS[name] for name in names if name in SETTINGS)
        self.will_change(raw_name(one, self._version) for one in known if one.exists_in(self._version))

    async def change(self, key: str, value: str) -> bool:
        """Set one; returns whether it takes a restart.

        Raises:
            RefusedError: the station will not.
            InfrastructureError: it does not answer.
        """
        self.will_change([key])
        if self._version is OcppVersion.V16:
            status = accepted(
                f"ChangeConfiguration of {key}",
                await self._questions.ask("ChangeConfiguration", {"key": key, "value": value}),
            )
        else:
            answer = await self._questions.ask(
                "SetVariables", {"setVariableData": [{"attributeValue": value, **variable(key)}]}
            )
            results = answer.get("setVariableResult") or [{}]
            status = accepted(f"SetVariables of {key}", {"status": results[0].get("attributeStatus")})
        self.values[self._known(key) or key] = value
        return status == "RebootRequired"

    async def put_back(self) -> list[str]:
        """Set everything to what it was; returns what could not be, which stays in the journal.

        Raises:
            InfrastructureError: it does not answer.
        """
        await self.read()
        left, told = {}, []
        for key, value in self.changed.items():
            if self.get(key) == value:
                continue
            try:
                await self.change(key, value)
            except RefusedError as refusal:
                left[key] = value
                told.append(f"{key} could not be set back to {value!r}: {refusal}")
        self.changed = left
        self._journal.write(left)
        return told

    async def put_back_earlier(self) -> list[str]:
        """Set what an earlier run has left to what it was; returns the keys, and what was refused is forgotten.

        Raises:
            InfrastructureError: it does not answer.
            ValueError: the journal cannot be read.
        """
        left = self._journal.read()
        if not left:
            return []
        # All of them, and before the first is set: whatever ends this half-way, each is still to be put back. Reading
        # finds what the killed run had set; the journal knows what was there before.
        self.changed |= left
        self._originals |= left
        await self.read()
        told = []
        for key, value in left.items():
            if self.get(key) == value:
                continue
            try:
                await self.change(key, value)
                told.append(f"{key} = {value}")
            except RefusedError as refusal:
                told.append(f"{key} = {value}, which it has refused: {refusal}")
        self.changed = {}
        self._journal.write({})
        return told

    def get(self, key: str) -> str | None:
        """What a key is set to, whatever its letter case; None when nobody knows."""
        known = self._known(key)
        return None if known is None else self.values[known]

    def _known(self, key: str) -> str | None:
        if key in self.values:
            return key
        # A key is a CiString50Type, which letter case makes no other.
        return next((one for one in self.values if one.casefold() == key.casefold()), None)

    async def _keys(self) -> dict[str, tuple[str | None, bool]]:
        answer = await self._questions.ask("GetConfiguration", {})
        listed = answer.get("configurationKey") or ()
        return {one["key"]: (one.get("value"), not one["readonly"]) for one in listed}

    async def _variables(self) -> dict[str, tuple[str | None, bool]]:
        if self._reports_nothing:
            return await self._of_the_table()
        with self._reports.expect() as parts:
            try:
                answer = await self._questions.ask(
                    "GetBaseReport", {"requestId": parts.request_id, "reportBase": "FullInventory"}
                )
                accepted("GetBaseReport", answer)
            except RefusedError:
                return await self._of_the_table()
            if not await parts.arrived(self._limit):
                self._reports_nothing = True
        return await self._of_the_table() if self._reports_nothing else dict(reported(parts.data))

    async def _of_the_table(self) -> dict[str, tuple[str | None, bool]]:
        keys = [raw_name(one, self._version) for one in SETTINGS.values() if one.exists_in(self._version)]
        found: dict[str, tuple[str | None, bool]] = {}
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            answer = await self._questions.ask("GetVariables", {"getVariableData": [variable(key) for key in some]})
            for key, one in zip(some, answer.get("getVariableResult") or (), strict=False):
                if one.get("attributeStatus") == "Accepted":
                    found[key] = (one.get("attributeValue"), True)
        return found


def variable(key: str) -> dict[str, Any]:
    """The 2.x component and variable of ``Component.Variable`` or ``Component.Variable.Instance``."""
    component, _, rest = key.partition(".")
    name, _, instance = rest.partition(".")
    return {
        "component": {"name": component},
        "variable": {"name": name, **({"instance": instance} if instance else {})},
    }


def keys_of(version: OcppVersion, action: str, payload: Any) -> list[str]:
    """The settings that a call changes; none for any other call, and for one that is nonsense."""
    if not isinstance(payload, Mapping):
        return []
    if action == "ChangeConfiguration":
        return [str(payload.get("key"))]
    if action != "SetVariables" or not isinstance(payload.get("setVariableData"), list | tuple):
        return []
    return [key for one in payload["setVariableData"] if (key := _key(one)) is not None]


def reported(data: Iterable[Any]) -> Iterable[tuple[str, tuple[str | None, bool]]]:
    """Key, value and whether it can be written, of 2.x ReportDataType."""
    for one in data:
        key = _key(one)
        for attribute in one.get("variableAttribute") or () if key is not None else ():
            if attribute.get("type", "Actual") == "Actual":
                yield str(key), (attribute.get("value"), attribute.get("mutability", "ReadWrite") == "ReadWrite")


def _key(one: Any) -> str | None:
    """Of a component of the station as a whole; those of its EVSEs no setting of the language stands for."""
    if not isinstance(one, Mapping):
        return None
    component, named = one.get("component"), one.get("variable")
    if not isinstance(component, Mapping) or not isinstance(named, Mapping) or component.get("evse"):
        return None
    parts = (component.get("name"), named.get("name"), named.get("instance"))
    return ".".join(str(part) for part in parts if part)
