"""Network connection profiles of OCPP 2.1, which are variables, too: the component NetworkConfiguration (B09.FR.10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from ocpplab_runner.charger.blocks.security.network_profiles import SLOTS, NetworkProfiles
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.variables import Component, DataType, Mutability, Variable, Variables, constant_of

_COMPONENT = "NetworkConfiguration"
_INTERFACES = (*(f"{kind}{number}" for kind in ("Wired", "Wireless") for number in range(4)), "Any")
#: Characters of an identity (2.x Part 4).
_LONGEST_IDENTITY = 48
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class _Field:
    """Of NetworkConnectionProfileType, and the variable that says it."""

    wire: str
    variable: str
    type: DataType
    default: str = ""
    mutability: Mutability = "ReadWrite"
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unit: str | None = None


_FIELDS = (
    _Field("ocppCsmsUrl", "OcppCsmsUrl", "string"),
    _Field("ocppInterface", "OcppInterface", "OptionList", "Any", choices=_INTERFACES),
    _Field("ocppTransport", "OcppTransport", "OptionList", "JSON", choices=("JSON",)),
    _Field("messageTimeout", "MessageTimeout", "integer", str(_TIMEOUT), minimum=1, unit="s"),
    _Field("securityProfile", "SecurityProfile", "integer", minimum=0, maximum=3),
    _Field("identity", "Identity", "string", maximum=_LONGEST_IDENTITY),
    _Field("basicAuthPassword", "BasicAuthPassword", "string", mutability="WriteOnly", maximum=40),
)
_NUMBERS = frozenset(one.wire for one in _FIELDS if one.type == "integer")


def _name(slot: int | str, variable: str) -> str:
    return f"{_COMPONENT}.{slot}.{variable}"


class ConfiguredSlots(MutableMapping[int, Mapping[str, Any]]):
    """What is in the slots, as NetworkConnectionProfileType; a slot without a URL is empty.

    Args:
        variables: of the station.
    """

    def __init__(self, variables: Variables) -> None:
        self._variables = variables

    def __getitem__(self, slot: int) -> Mapping[str, Any]:
        said = {one.wire: self._variables.text(_name(slot, one.variable)) for one in _FIELDS}
        if not said["ocppCsmsUrl"]:
            raise KeyError(slot)
        return {name: int(text) if name in _NUMBERS else text for name, text in said.items() if text}

    def __setitem__(self, slot: int, data: Mapping[str, Any]) -> None:
        for one in _FIELDS:
            said = data.get(one.wire, self._default(slot, one))
            # To JSON Schema 30.0 is an integer; written so, the variable could not be read as one.
            self._variables.set(_name(slot, one.variable), str(int(said) if one.wire in _NUMBERS else said))

    def __delitem__(self, slot: int) -> None:
        self[slot] = {}

    def __iter__(self) -> Iterator[int]:
        return (int(slot) for slot in SLOTS if self._variables.text(_name(slot, "OcppCsmsUrl")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _default(self, slot: int, field: _Field) -> str:
        declared = next(one for one in self._variables if one.name == _name(slot, field.variable))
        return declared.default if isinstance(declared.default, str) else declared.default()


class NetworkConfigurations(NetworkProfiles):
    """The slots, which can be read and written as variables.

    Args:
        context: of the station.
        lacks: as of :class:`NetworkProfiles`.
        present: the security profile that is used now.
        wrong_password: what is wrong with a password, as the end of a sentence; None where nothing is.
    """

    downgrade = "NoSecurityDowngrade"

    def __init__(
        self,
        context: Context,
        lacks: Callable[[str, str], str | None],
        present: Callable[[], int],
        wrong_password: Callable[[str], str | None],
    ) -> None:
        super().__init__(context, lacks, ConfiguredSlots(context.variables))
        self._present, self._wrong_password = present, wrong_password

    def variables(self) -> Iterable[Variable]:
        """Also one NetworkConfiguration for each slot."""
        yield from super().variables()
        for slot in SLOTS:
            place = Component(_COMPONENT, slot)
            for one in _FIELDS:
                yield Variable(
                    name=_name(slot, one.variable),
                    type=one.type,
                    # Filled in variable by variable, a slot of a lower profile could never be put into the order (A05).
                    default=str(self._context.config.profile) if one.variable == "SecurityProfile" else one.default,
                    component=place,
                    variable=one.variable,
                    mutability=one.mutability,
                    unit=one.unit,
                    minimum=one.minimum,
                    maximum=one.maximum,
                    choices=one.choices,
                    wrong=self._wrong_of(one),
                    barred=self._barred_at(int(slot), one),
                    feature=FEATURE,
                )
            # This station has neither a modem nor a VPN.
            for absent in ("ApnEnabled", "VpnEnabled"):
                yield constant_of(place, _name(slot, absent), absent, "boolean", "false", feature=FEATURE)

    def said(self, name: str) -> str:
        """What the slot that is used says; empty for nothing."""
        return self._context.variables.text(_name(self.active, name))

    def forget(self, name: str) -> None:
        """What the slot that is used said of this is no longer so (B09.FR.26, .27)."""
        self._context.variables.set(_name(self.active, name), "")

    def password(self, slot: int) -> str:
        """Its own."""
        return self._context.variables.text(_name(slot, "BasicAuthPassword"))

    def problem(self, data: Mapping[str, Any]) -> str | None:
        """Also of what 2.1 adds."""
        if "vpn" in data or "apn" in data:
            return "this station has neither a modem nor a VPN"
        if data["messageTimeout"] < 1:
            return "the message timeout is 1 s at least"
        password = data.get("basicAuthPassword")
        if password is not None and (wrong := self._wrong_password(password)) is not None:
            return f"the password {wrong}"
        if data["ocppInterface"] not in _INTERFACES:
            return f"there is no interface {data['ocppInterface']}"
        return super().problem(data)

    def _wrong_of(self, field: _Field) -> Callable[[str], str | None] | None:
        if field.wire == "basicAuthPassword":
            # Empty takes the slot's own password away: the station's counts again.
            return lambda text: self._wrong_password(text) if text else None
        if field.wire == "ocppCsmsUrl":
            return lambda text: None if not text or text.startswith(("ws://", "wss://")) else "is ws:// or wss://"
        return None

    def _barred_at(self, slot: int, field: _Field) -> Callable[[str], tuple[str, str] | None]:
        def barred(text: str) -> tuple[str, str] | None:
            # What is written to the order holds after a reboot only: the slot in use may be out of it already.
            if slot in self.priority or slot == self.active:  # B09.FR.22
                return "ActiveNetworkConf", f"slot {slot} is in use: take it out of NetworkConfigurationPriority first"
            if field.wire == "securityProfile" and int(text) < self._present():  # B09.FR.35
                return self.downgrade, f"the security profile is {self._present()}, and is not lowered by OCPP"
            return None

        return barred
