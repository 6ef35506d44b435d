"""Which variables the station's device model has: OCPP 2.0.1 Part 2, Referenced Components and Variables.

A variable is writable only when writing it has an effect here; what the station does in one way only is read-only and
says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from ocpplab_runner.vocabulary.settings import SETTINGS

DataType = Literal["string", "integer", "boolean", "dateTime", "decimal", "OptionList", "SequenceList", "MemberList"]
Mutability = Literal["ReadOnly", "ReadWrite", "WriteOnly"]
#: Components, and variables, in the form in which they are compared: identifiers have no letter case.
PlaceKey = tuple[str, str | None, int | None, int | None]
NameKey = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A component: its name, instance, and the EVSE and connector it belongs to."""

    name: str
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None

    @property
    def key(self) -> PlaceKey:
        """In the form in which components are compared."""
        return self.name.casefold(), _folded(self.instance), self.evse_id, self.connector_id


@dataclass(frozen=True, slots=True)
class Name:
    """A variable's name and instance."""

    name: str
    instance: str | None = None

    @property
    def key(self) -> NameKey:
        """In the form in which variables are compared."""
        return self.name.casefold(), _folded(self.instance)


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """One variable of the device model.

    Attributes:
        place: its component.
        name: its name.
        type: OCPP 2.0.1 DataEnumType.
        mutability: what GetVariables and SetVariables may do with it.
        setting: the version-neutral setting behind it; its value then lives there.
        value: what it starts with where there is no setting; None: computed by the device model.
        minimum, maximum: limits of an integer.
        choices: what an OptionList or MemberList may hold; empty for anything.
        unit: as in VariableCharacteristicsType.
        settable: whether another value, set from inside, would change what the station does.
        key: of its place and its name.
    """

    place: Place
    name: Name
    type: DataType
    mutability: Mutability = "ReadOnly"
    setting: str | None = None
    value: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    settable: bool = True
    key: tuple[PlaceKey, NameKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.place.key, self.name.key))


#: Settings for which 0 makes no sense on this variable.
_MINIMUM = {"connection_timeout": 1, "transaction_message_attempts": 1, "heartbeat_interval": 1}
_TYPES: dict[str, DataType] = {
    "duration": "integer",
    "integer": "integer",
    "boolean": "boolean",
    "string": "string",
    "list": "MemberList",
}


@cache
def settings_variables(measurands: tuple[str, ...]) -> tuple[VariableSpec, ...]:
    """The variables that version-neutral settings stand behind; every list among them is one of measurands."""
    specs = []
    for setting in SETTINGS.values():
        if setting.v2 is None:
            continue
        specs.append(
            VariableSpec(
                Place(setting.v2.component),
                Name(setting.v2.name, setting.v2.instance),
                _TYPES[setting.type],
                "ReadWrite",
                setting.name,
                minimum=_MINIMUM.get(setting.name, 0) if setting.type in ("duration", "integer") else None,
                choices=measurands if setting.type == "list" else (),
                unit="s" if setting.type == "duration" else None,
            )
        )
    return tuple(specs)


#: What A01 and the table of required variables ask for, and this station does not have yet.
ABSENT = frozenset(
    {"SecurityCtrlr.BasicAuthPassword", "SecurityCtrlr.OrganizationName", "SecurityCtrlr.SecurityProfile"}
)
#: Where a transaction may begin and end (2.0.1 Part 2 section 2.5, TxStartPoint and TxStopPoint) in this slice.
TX_POINTS = ("EVConnected", "Authorized", "PowerPathClosed")


def _own(component: str, name: str, kind: DataType, value: str, instance: str | None = None) -> VariableSpec:
    return VariableSpec(Place(component), Name(name, instance), kind, value=value, settable=False)


def _limit(action: str) -> VariableSpec:
    return VariableSpec(Place("DeviceDataCtrlr"), Name("ItemsPerMessage", action), "integer", value="100")


def _writable(component: str, name: str, kind: DataType, value: str, choices: tuple[str, ...] = ()) -> VariableSpec:
    return VariableSpec(Place(component), Name(name), kind, "ReadWrite", value=value, choices=choices)


@cache
def fixed_variables(measurands: tuple[str, ...]) -> tuple[VariableSpec, ...]:
    """The variables of every station, but for those of settings and of its own hardware.

    Args:
        measurands: what its meter has.
    """
    register = "Energy.Active.Import.Register"
    return (
        _own("AlignedDataCtrlr", "Available", "boolean", "true"),
        _own("AlignedDataCtrlr", "Enabled", "boolean", "true"),
        _own("AlignedDataCtrlr", "SendDuringIdle", "boolean", "false"),
        _own("AlignedDataCtrlr", "TxEndedInterval", "integer", "0"),
        _own("AlignedDataCtrlr", "TxEndedMeasurands", "MemberList", ""),
        _own("AuthCacheCtrlr", "Available", "boolean", "true"),
        _writable("AuthCacheCtrlr", "DisablePostAuthorize", "boolean", "false"),
        _writable("AuthCtrlr", "Enabled", "boolean", "true"),
        _writable("AuthCtrlr", "DisableRemoteAuthorization", "boolean", "false"),
        _own("ClockCtrlr", "TimeSource", "SequenceList", "Heartbeat"),
        _own("DeviceDataCtrlr", "BytesPerMessage", "integer", "65536", "GetReport"),
        _own("DeviceDataCtrlr", "BytesPerMessage", "integer", "65536", "GetVariables"),
        _own("DeviceDataCtrlr", "BytesPerMessage", "integer", "65536", "SetVariables"),
        _own("DeviceDataCtrlr", "ItemsPerMessage", "integer", "100", "GetReport"),
        _limit("GetVariables"),
        _limit("SetVariables"),
        _writable("LocalAuthListCtrlr", "DisablePostAuthorize", "boolean", "false"),
        _own("LocalAuthListCtrlr", "BytesPerMessage", "integer", "65536"),
        _own("OCPPCommCtrlr", "ActiveNetworkProfile", "integer", "1"),
        _own("OCPPCommCtrlr", "FileTransferProtocols", "MemberList", ""),
        _own("OCPPCommCtrlr", "MessageTimeout", "integer", "30", "Default"),
        _own("OCPPCommCtrlr", "NetworkConfigurationPriority", "SequenceList", "1"),
        _own("OCPPCommCtrlr", "NetworkProfileConnectionAttempts", "integer", "1"),
        _own("OCPPCommCtrlr", "QueueAllMessages", "boolean", "false"),
        _own("OCPPCommCtrlr", "ResetRetries", "integer", "0"),
        _writable("ReservationCtrlr", "Enabled", "boolean", "true"),
        VariableSpec(Place("ReservationCtrlr"), Name("NonEvseSpecific"), "boolean", value="true"),
        _own("SampledDataCtrlr", "Available", "boolean", "true"),
        _own("SampledDataCtrlr", "Enabled", "boolean", "true"),
        _own("SampledDataCtrlr", "TxEndedInterval", "integer", "0"),
        _writable("SampledDataCtrlr", "TxEndedMeasurands", "MemberList", register, measurands),
        _writable("SampledDataCtrlr", "TxStartedMeasurands", "MemberList", register, measurands),
        _own("SecurityCtrlr", "CertificateEntries", "integer", "0"),
        _own("TxCtrlr", "TxBeforeAcceptedEnabled", "boolean", "false"),
        _writable("TxCtrlr", "TxStartPoint", "MemberList", "PowerPathClosed", TX_POINTS),
        _writable("TxCtrlr", "TxStopPoint", "MemberList", "PowerPathClosed", TX_POINTS),
    )


def _folded(text: str | None) -> str | None:
    return None if text is None else text.casefold()
