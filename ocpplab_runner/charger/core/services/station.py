"""What concerns the station as a whole: its boot, variables, log, firmware and power, and what others may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import BootReason, Registration
from ocpplab_runner.charger.core.services.service import Service
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult


@dataclass(frozen=True, slots=True)
class Place:
    """What a TriggerMessage is about: an EVSE, a connector of it, or neither; ``connector_id`` as it was sent."""

    evse: Evse | None
    connector_id: int | None = None


Trigger = Callable[[Place], HandlerResult]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of the security log: what has happened, as 2.x calls it, and when by the station's clock."""

    at: datetime
    event: str
    info: str = ""


class Registrar(Protocol):
    """Where the boot stands; ``status`` is None before the CSMS has said anything of it."""

    status: Registration | None

    @property
    def accepted(self) -> bool:
        """Whether the CSMS has accepted the present boot."""


class Configuration(Protocol):
    """The station's variables under their names of one OCPP version."""

    def set_raw(self, key: str, value: str) -> None:
        """Set a configuration key or ``Component.Variable`` from inside the station, read-only or not.

        Raises:
            Refused: there is no such one, or it cannot have that value.
        """


class Status(Protocol):
    """What connectors report of themselves."""

    def refresh(self, evse: Evse | None = None) -> None:
        """Something may have changed: at an EVSE, or anywhere."""

    def prepared(self, evse: Evse) -> None:
        """Those who prepared to charge at an EVSE are done: they charge, or they are gone."""


class Model(Protocol):
    """The station's variables as 2.x's device model."""

    def find(self, item: Mapping[str, Any]) -> tuple[Variable | None, str]:
        """The variable that ``component`` and ``variable`` name, or why there is none: Unknown…"""

    def matching(self, item: Mapping[str, Any]) -> Iterator[Variable]:
        """Every variable of a ComponentVariableType, which may leave instance, EVSE, connector and variable open."""


class Log(Protocol):
    """What the station has lived through."""

    def lines(self, now: datetime, since: datetime | None, until: datetime | None) -> list[str]:
        """What has happened within a time, a line for each entry, the oldest first."""


class FirmwareWorkings(Protocol):
    """How firmware updates go."""

    def change_workings(self, fields: Mapping[str, Any]) -> None:
        """Let them go otherwise from now on: the fields of the verb ``firmware``."""


class Supply(Protocol):
    """The station's power."""

    def switch_on(self, reason: BootReason = BootReason.POWER_UP) -> None:
        """Power up and boot."""

    def switch_off(self) -> None:
        """Lose the power."""

    def reset(
        self,
        *,
        hard: bool,
        deliver_first: bool = False,
        goes_on: bool = False,
        reason: BootReason = BootReason.REMOTE_RESET,
    ) -> None:
        """Restart because the CSMS says so; see :meth:`~ocpplab_runner.charger.core.power.PowerSupply.reset`."""

    def restart(self, *, hard: bool, deliver_first: bool = False, goes_on: bool = False, reason: BootReason) -> None:
        """Restart; see :meth:`~ocpplab_runner.charger.core.power.PowerSupply.restart`."""


class Replies(Protocol):
    """Programmed answers to the CSMS."""

    def program(self, fields: Mapping[str, Any]) -> None:
        """Add a rule from the fields of ``charger_reply``.

        Raises:
            ValueError: they do not make a rule.
        """


SUPPLY: Service[Supply] = Service("supply")

REPLIES: Service[Replies] = Service("replies")

#: What a TriggerMessage can ask for.
TRIGGERS: Service[Mapping[str, Trigger]] = Service("triggers")

#: Vendor and message → what answers a DataTransfer of it, by its data.
VENDOR_MESSAGES: Service[Mapping[tuple[str, str], Callable[[Mapping[str, Any]], HandlerResult]]] = Service(
    "vendor_messages"
)

REGISTRATION: Service[Registrar] = Service("registration")

CONFIGURATION: Service[Configuration] = Service("configuration")

STATUS: Service[Status] = Service("status")

MODEL: Service[Model] = Service("model")

DIAGNOSTICS_LOG: Service[Log] = Service("diagnostics_log")

FIRMWARE: Service[FirmwareWorkings] = Service("firmware")
