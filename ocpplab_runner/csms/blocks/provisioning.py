"""Provisioning: boot, heartbeat, reset, configuration; OCPP 1.6 sections 4.2, 4.6, 5.3, 5.8 and 5.14, B of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ocpplab_runner.clock import timestamp, utcnow
from ocpplab_runner.csms.core.block import V2, V16, Block, answered, answers, operation
from ocpplab_runner.csms.core.datatypes_v2 import place
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import request_id
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The reset after which transactions go on.
_RESUMES = "ImmediateAndResume"


@dataclass(slots=True)
class _Boots:
    """How many BootNotifications have been answered as the scenario's plan says, or as they would be."""

    count: int = 0


class ProvisioningBlock(Block):
    """Registers the station."""

    @answers("BootNotification")
    def boot_notification(self, _: Call) -> Payload:
        """As the scenario plans, and Accepted after that."""
        config, boots = self.station.shared.config, self.station.memory(_Boots)
        boots.count += 1
        status, interval = "Accepted", config.interval_of(self.station.identity)
        if config.boot is not None and boots.count <= config.boot.times:
            status, interval = config.boot.status, config.boot.interval
        return {"status": status, "currentTime": timestamp(), "interval": interval}

    @answered("BootNotification")
    def registered(self, _: Call, answer: Mapping[str, Any], __: bool) -> None:
        """Take over the registration status that the answer gave."""
        status = answer.get("status")
        if status in ("Accepted", "Pending", "Rejected"):
            self.station.register(status)
            # What was asked for before this boot is not asked for after it.
            self.station.triggered.clear()
        if self.station.earlier is not None:
            self.station.earlier.booted(status, utcnow())

    @answers("Heartbeat")
    def heartbeat(self, _: Call) -> Payload:
        """The time."""
        return {"currentTime": timestamp()}


class ProvisioningV16(ProvisioningBlock):
    """Configuration keys."""

    versions = V16

    @operation("reset")
    def reset(self, order: Order) -> Request:
        """Reset.req."""
        if order.fields.get("evse_id") is not None:
            raise OperationNotAvailable("OCPP 1.6 resets only the whole station, not one EVSE")
        kind = order.fields["type"]
        if kind == _RESUMES:
            raise OperationNotAvailable(f"OCPP 1.6 has no reset {kind}")
        return "Reset", {"type": {"OnIdle": "Soft", "Immediate": "Hard"}.get(kind, kind)}

    @operation("change_configuration")
    def change_configuration(self, order: Order) -> Request:
        """ChangeConfiguration.req."""
        setting, value = _one_setting(order)
        return "ChangeConfiguration", {"key": _key(setting), "value": _wire_text(setting, value)}

    @operation("get_configuration")
    def get_configuration(self, order: Order) -> Request:
        """GetConfiguration.req."""
        return "GetConfiguration", {"key": [_key(setting) for setting in _settings_of(order)]}


class ProvisioningV2(ProvisioningBlock):
    """Variables and reports of them."""

    versions = V2
    asks_for: ClassVar = {"GetBaseReport": "NotifyReport", "GetReport": "NotifyReport"}

    @operation("reset")
    def reset(self, order: Order) -> Request:
        """B11, B12."""
        kind = order.fields["type"]
        if kind == _RESUMES and self.station.version is not OcppVersion.V21:
            raise OperationNotAvailable(f"OCPP 2.0.1 has no reset {kind}")
        wanted = {"Soft": "OnIdle", "Hard": "Immediate"}.get(kind, kind)
        return "Reset", given(type=wanted, evseId=order.fields.get("evse_id"))

    @operation("change_configuration")
    def change_configuration(self, order: Order) -> Request:
        """B05."""
        setting, value = _one_setting(order)
        return "SetVariables", {
            "setVariableData": [{"attributeValue": _wire_text(setting, value), **_variable(setting)}],
        }

    @operation("get_configuration")
    def get_configuration(self, order: Order) -> Request:
        """B06."""
        return "GetVariables", {"getVariableData": [_variable(setting) for setting in _settings_of(order)]}

    @operation("get_base_report")
    def get_base_report(self, order: Order) -> Request:
        """B07."""
        return "GetBaseReport", {"requestId": request_id(self.station, order), "reportBase": order.fields["base"]}

    @operation("get_report")
    def get_report(self, order: Order) -> Request:
        """B08."""
        fields = order.fields
        wanted = [
            place(name, fields.get("evse_id"), fields.get("connector_id")) for name in _listed(fields.get("variables"))
        ]
        return "GetReport", given(
            requestId=request_id(self.station, order),
            componentCriteria=_listed(fields.get("criteria")) or None,
            componentVariable=wanted or None,
        )

    @answers("NotifyReport")
    def notify_report(self, call: Call) -> Payload:
        """B07, B08."""
        return self.requested(call)


def _listed(value: Any) -> list[Any]:
    """One or several, as a list."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _one_setting(order: Order) -> tuple[Setting, Any]:
    """The setting that is changed, and its new value."""
    if len(order.fields) != 1:
        raise ValueError("change_configuration changes exactly one setting")
    ((name, value),) = order.fields.items()
    return _setting(name), value


def _settings_of(order: Order) -> list[Setting]:
    """The settings that are read."""
    names = order.fields["settings"]
    return [_setting(name) for name in ([names] if isinstance(names, str) else names)]


def _setting(name: str) -> Setting:
    if name not in SETTINGS:
        raise ValueError(f"there is no setting {name!r}")
    return SETTINGS[name]


def _key(setting: Setting) -> str:
    if setting.v16 is None:
        raise OperationNotAvailable(f"OCPP 1.6 has no configuration key for {setting.name}")
    return setting.v16


def _variable(setting: Setting) -> Payload:
    if setting.v2 is None:
        raise OperationNotAvailable(f"OCPP 2.x has no variable for {setting.name}")
    return {
        "component": {"name": setting.v2.component},
        "variable": given(name=setting.v2.name, instance=setting.v2.instance),
    }


def _wire_text(setting: Setting, value: Any) -> str:
    """A setting's value as it travels: durations in whole seconds, lists with commas."""
    if setting.type == "duration":
        return str(round(seconds_of(value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(str(item) for item in value)
    return str(value)


PROVISIONING = (ProvisioningV16, ProvisioningV2)
