"""Provisioning in OCPP 1.6: BootNotification, configuration (sections 5.3, 5.8, 9.1) and Reset (5.14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.charger.blocks.provisioning.block import Provisioning
from ocpplab_runner.charger.blocks.provisioning.configuration import ConfigurationKeys
from ocpplab_runner.charger.config import PROFILES
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered
from ocpplab_runner.charger.core.model import BootReason, Outgoing
from ocpplab_runner.charger.core.services.station import SUPPLY, Place
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult, Reply


class ProvisioningV16(Provisioning):
    """Variables are configuration keys."""

    versions = V16

    def assembled(self) -> None:
        """Every block has declared its variables."""
        super().assembled()
        self._keys = ConfigurationKeys(self.context.variables, self.context.config.features)

    def variables(self) -> Iterable[Variable]:
        """Section 9.1. A key that could have no effect (``BlinkRepeat``, ``LightIntensity``: no lamp) is not there."""
        config = self.context.config
        profiles = sorted(config.features & PROFILES | {"Core"})
        return (
            *super().variables(),
            _key("GetConfigurationMaxKeys", "50"),
            _key("NumberOfConnectors", str(config.evses), settable=False),
            Variable(
                name="SupportedFeatureProfiles",
                type="MemberList",
                default=",".join(profiles),
                key="SupportedFeatureProfiles",
                settable=False,
            ),
            _key("SupportedFeatureProfilesMaxLength", str(len(PROFILES)), settable=False),
        )

    def boot_notification(self, reason: BootReason) -> Outgoing:
        """BootNotification.req (section 6.3); 1.6 does not carry the reason."""
        config = self.context.config
        payload = {"chargePointVendor": config.vendor[:20], "chargePointModel": config.model[:20]}
        if config.serial_number:
            payload["chargePointSerialNumber"] = config.serial_number[:25]
        firmware = self.context.equipment.firmware_version
        if firmware:
            payload["firmwareVersion"] = firmware[:50]
        return Outgoing("BootNotification", payload)

    @answers("ChangeConfiguration")
    def change_configuration(self, payload: Payload) -> HandlerResult:
        """ChangeConfiguration.req."""
        return {"status": self._keys.change(payload["key"], payload["value"])}

    @answers("GetConfiguration")
    def get_configuration(self, payload: Payload) -> HandlerResult:
        """GetConfiguration.req."""
        return self._keys.get(payload.get("key", ()))

    @answers("Reset")
    def reset(self, payload: Payload) -> HandlerResult:
        """Reset.req."""
        supply, hard = self.context.ask(SUPPLY), payload["type"] == "Hard"
        return Reply({"status": "Accepted"}, then=lambda: supply.reset(hard=hard))

    @triggered("BootNotification")
    def trigger_boot_notification(self, _: Place) -> HandlerResult:
        """At any time (section 5.17)."""
        return Reply({"status": "Accepted"}, then=self.trigger_boot)

    def set_raw(self, key: str, value: str) -> None:
        """Set a configuration key from inside; raises Refused."""
        self._keys.set_raw(key, value)

    def remember_variables(self) -> Mapping[str, Any]:
        """Keys that were set."""
        return {"configuration": self._keys.remember()}

    def recall_variables(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        self._keys.recall(memory["configuration"])


def _key(name: str, value: str, *, settable: bool = True) -> Variable:
    return Variable(
        name=name,
        type="integer",
        default=value,
        key=name,
        settable=settable,
    )
