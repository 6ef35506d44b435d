"""Drivers that make CitrineOS, SteVe and ``ocpplab-runner csms`` act."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ocpplab_runner.api import BEGIN_CASE, BlockedError, CsmsDriver, CsmsOrder, HttpCsmsDriver, OcppVersion, hookimpl


@hookimpl
def ocpplab_csms_driver(kind: str, options: Mapping[str, Any]) -> CsmsDriver | None:
    """Make one of the three."""
    makers: Mapping[str, Callable[[Mapping[str, Any]], CsmsDriver]] = {
        "citrineos": CitrineOs,
        "steve": SteVe,
        "ocpplab-csms": own,
    }
    return makers[kind](options) if kind in makers else None


def known(options: Mapping[str, Any], *names: str) -> None:
    """Refuse what an option is called wrongly."""
    if unknown := sorted(set(options) - set(names)):
        raise ValueError(f"this driver has no option {', '.join(unknown)}; it has {', '.join(names)}")


# -- ocpplab-runner csms ----------------------------------------------------------------------------------------------


def own(options: Mapping[str, Any], **more: Any) -> HttpCsmsDriver:
    """The runner's own CSMS: verbs have a route each, with the fields that scenarios give them."""
    known(options, "base_url", "token")
    requests = {
        "*": {"url": "/stations/{station}/{operation}?raw={raw}", "json": "{fields}"},
        "csms_reply": {"url": "/stations/{station}/csms_reply", "json": "{fields}"},
        "update_id_tokens": {"url": "/cards?station={station}", "json": "{fields}"},
        "sign_certificates": {"url": "/signing?station={station}", "json": "{fields}"},
        BEGIN_CASE: {"method": "PUT", "url": "/case", "json": "{fields}"},
    }
    told = {
        "base_url": options.get("base_url", "http://127.0.0.1:9080"),
        "headers": {"Authorization": f"Bearer {options.get('token', '')}"},
        "message_id": "message_id",
        "operations": requests,
    }
    return HttpCsmsDriver(told, **more)


#: What becomes a call to the charger, verbs that are younger than this plugin too.
CALLING: Collection[str] = frozenset(own({}).operations) - {
    "csms_reply",
    "update_id_tokens",
    "sign_certificates",
    BEGIN_CASE,
}

# -- CSMSs whose requests depend on the OCPP call -----------------------------------------------------------------


class ByAction(CsmsDriver):
    """A CSMS that is told which OCPP call to make; :attr:`http` has one request for all of them."""

    name = ""
    http: HttpCsmsDriver
    #: OCPP version → verbs that it cannot do there.
    lacks: Mapping[OcppVersion, frozenset[str]] = {}

    @property
    def operations(self) -> Collection[str]:
        """Whatever becomes a call to the charger."""
        return CALLING

    @property
    def secrets(self) -> Sequence[str]:
        """What the requests hold."""
        return self.http.secrets

    def why_not(
        self, operation: str, fields: Collection[str], version: OcppVersion, *, raw: bool = False
    ) -> str | None:
        """A version or a verb that it does not have, and payloads that break their schema, which it refuses."""
        if version not in self.lacks:
            return f"{self.name} does not speak OCPP {version}"
        if operation in self.lacks[version]:
            return f"{self.name} has no {operation} in OCPP {version}"
        return f"{self.name} sends no payload that breaks its schema" if raw else None

    async def perform(self, order: CsmsOrder) -> str | None:
        """Send the one request, with what it says of this call."""
        return await self.way(order).perform(replace(order, operation="csms_call", fields=self.told(order)))

    def way(self, order: CsmsOrder) -> HttpCsmsDriver:
        """Which requests an order goes by; there is one for all unless said."""
        return self.http

    def told(self, order: CsmsOrder) -> Mapping[str, Any]:
        """What the request's placeholders ``{fields.…}`` are; raises BlockedError for a call that it cannot make."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()


def missing(name: str, order: CsmsOrder) -> BlockedError:
    """For a call that the API does not have."""
    return BlockedError(f"{name} cannot be asked to send {order.action} in OCPP {order.version}")


# -- CitrineOS ------------------------------------------------------------------------------------------------------


class CitrineOs(ByAction):
    """``POST /ocpp/VERSION/MODULE/action?identifier=…&tenantId=…`` with the OCPP payload as it is."""

    name = "CitrineOS"
    lacks: Mapping[OcppVersion, frozenset[str]] = {
        # No reservations, and nothing of the security extension but what goes by configuration keys.
        OcppVersion.V16: frozenset(
            {
                "reserve_now",
                "cancel_reservation",
                "renew_certificate",
                "install_certificate",
                "delete_certificate",
                "get_certificates",
                "get_log",
                "update_signed_firmware",
            }
        ),
        OcppVersion.V201: frozenset(),
    }
    #: Which of its modules has a call; there is no rule.
    modules: Mapping[OcppVersion, Mapping[str, str]] = {
        OcppVersion.V16: {
            **dict.fromkeys(
                (
                    "RemoteStartTransaction",
                    "RemoteStopTransaction",
                    "UnlockConnector",
                    "ClearCache",
                    "GetLocalListVersion",
                    "SendLocalList",
                ),
                "evdriver",
            ),
            **dict.fromkeys(
                (
                    "Reset",
                    "ChangeAvailability",
                    "GetConfiguration",
                    "ChangeConfiguration",
                    "TriggerMessage",
                    "UpdateFirmware",
                    "DataTransfer",
                ),
                "configuration",
            ),
            **dict.fromkeys(("SetChargingProfile", "GetCompositeSchedule", "ClearChargingProfile"), "smartcharging"),
            "GetDiagnostics": "reporting",
        },
        OcppVersion.V201: {
            **dict.fromkeys(
                (
                    "RequestStartTransaction",
                    "RequestStopTransaction",
                    "UnlockConnector",
                    "ClearCache",
                    "GetLocalListVersion",
                    "SendLocalList",
                    "ReserveNow",
                    "CancelReservation",
                ),
                "evdriver",
            ),
            **dict.fromkeys(
                (
                    "Reset",
                    "ChangeAvailability",
                    "TriggerMessage",
                    "UpdateFirmware",
                    "DataTransfer",
                    "SetNetworkProfile",
                ),
                "configuration",
            ),
            **dict.fromkeys(
                (
                    "GetVariables",
                    "SetVariables",
                    "SetVariableMonitoring",
                    "ClearVariableMonitoring",
                    "SetMonitoringBase",
                    "SetMonitoringLevel",
                ),
                "monitoring",
            ),
            **dict.fromkeys(
                ("SetChargingProfile", "GetCompositeSchedule", "GetChargingProfiles", "ClearChargingProfile"),
                "smartcharging",
            ),
            **dict.fromkeys(
                ("GetBaseReport", "GetReport", "GetMonitoringReport", "GetLog", "CustomerInformation"), "reporting"
            ),
            **dict.fromkeys(("InstallCertificate", "DeleteCertificate", "GetInstalledCertificateIds"), "certificates"),
        },
    }

    #: Calls that are answered by one confirmation, where the others have a list with one for each station.
    alone = frozenset({"GetReport", "GetMonitoringReport"})

    def __init__(self, options: Mapping[str, Any], **more: Any) -> None:
        known(options, "base_url", "tenant", "headers")
        path, tenant = "/ocpp/{ocpp}/{fields.module}/{fields.call}", options.get("tenant", 1)

        def driver(confirmation: str) -> HttpCsmsDriver:
            told = {
                "base_url": options.get("base_url", "http://localhost:8080"),
                "headers": options.get("headers"),
                # An answer of 200 may say that nothing was sent.
                "accepted_when": {f"{confirmation}success": True},
                "reason": f"{confirmation}payload",
                "operations": {
                    "csms_call": {
                        "url": f"{path}?identifier={{station}}&tenantId={tenant}",
                        "json": "{payload}",
                    }
                },
            }
            return HttpCsmsDriver(told, **more)

        self.http, self._alone = driver("0."), driver("")

    def way(self, order: CsmsOrder) -> HttpCsmsDriver:
        """By how the call is confirmed."""
        return self._alone if order.action in self.alone else self.http

    async def close(self) -> None:
        """Close the connections of both."""
        await super().close()
        await self._alone.close()

    def told(self, order: CsmsOrder) -> Mapping[str, Any]:
        """The module, and the call with a small letter at its beginning."""
        action = str(order.action)
        module = self.modules[order.version].get(action)
        if module is None:
            raise missing(self.name, order)
        return {"module": module, "call": action[:1].lower() + action[1:]}


# -- SteVe ----------------------------------------------------------------------------------------------------------


class SteVe(ByAction):
    """``POST /api/v1/operations/ACTION`` with the names of SteVe's own forms."""

    name = "SteVe"
    #: What it makes of its own data: lists of its own tags, profiles and certificates that it has stored. Firmware it
    #: has fetched at a time to come, by its own clock.
    lacks: Mapping[OcppVersion, frozenset[str]] = {
        OcppVersion.V16: frozenset(
            {
                "send_local_list",
                "set_charging_profile",
                "delete_certificate",
                "update_firmware",
                "update_signed_firmware",
            }
        )
    }
    #: Call → what its form is filled in with.
    forms: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
        "RemoteStartTransaction": lambda call: {"idTag": call["idTag"], "connectorId": call.get("connectorId")},
        "RemoteStopTransaction": lambda call: {"transactionId": call["transactionId"]},
        "UnlockConnector": lambda call: {"connectorId": call["connectorId"]},
        "Reset": lambda call: {"resetType": call["type"].upper()},
        "ChangeAvailability": lambda call: {"connectorId": call["connectorId"], "availType": call["type"].upper()},
        "ChangeConfiguration": lambda call: {
            "keyType": "CUSTOM",
            "customConfKey": call["key"],
            "value": call["value"],
        },
        "GetConfiguration": lambda call: {"commaSeparatedCustomConfKeys": ",".join(call.get("key", ())) or None},
        "ClearCache": lambda _: {},
        "GetLocalListVersion": lambda _: {},
        "ReserveNow": lambda call: {
            "connectorId": call["connectorId"],
            "idTag": call["idTag"],
            "expiry": call["expiryDate"],
        },
        "CancelReservation": lambda call: {"reservationId": call["reservationId"]},
        "TriggerMessage": lambda call: {
            "triggerMessage": call["requestedMessage"],
            "connectorId": call.get("connectorId"),
        },
        "DataTransfer": lambda call: {name: call.get(name) for name in ("vendorId", "messageId", "data")},
        "GetCompositeSchedule": lambda call: {
            "connectorId": call["connectorId"],
            "durationInSeconds": call["duration"],
            "chargingRateUnit": call.get("chargingRateUnit"),
        },
        "ClearChargingProfile": lambda call: {
            "filterType": "OtherParameters",
            **{name: call.get(name) for name in ("connectorId", "chargingProfilePurpose", "stackLevel")},
        },
        "GetDiagnostics": lambda call: {name: call.get(name) for name in ("location", "retries", "retryInterval")},
        "GetLog": lambda call: {
            "location": call["log"]["remoteLocation"],
            "logType": call["logType"],
            **{name: call.get(name) for name in ("retries", "retryInterval")},
        },
        "ExtendedTriggerMessage": lambda call: {
            "triggerMessage": call["requestedMessage"],
            "connectorId": call.get("connectorId"),
        },
        "GetInstalledCertificateIds": lambda call: {"certificateType": call["certificateType"]},
        "InstallCertificate": lambda call: {name: call[name] for name in ("certificateType", "certificate")},
    }
    #: Verb → fields that its form has no place for, and why.
    formless: Mapping[str, tuple[frozenset[str], str]] = {
        # It numbers them itself, and knows their groups from its own tags.
        "reserve_now": (frozenset({"reservation_id", "parent_id_token"}), "reserves"),
        "clear_charging_profile": (frozenset({"profile_id"}), "clears profiles"),
        "get_diagnostics": (frozenset({"since", "until"}), "is asked for logs"),
        "get_log": (frozenset({"since", "until", "request_id"}), "is asked for logs"),
    }
    #: The same of calls that scenarios write themselves.
    unsaid: Mapping[str, frozenset[str]] = {
        "ClearChargingProfile": frozenset({"id"}),
        "GetDiagnostics": frozenset({"startTime", "stopTime"}),
        "GetLog": frozenset({"oldestTimestamp", "latestTimestamp"}),
    }

    def __init__(self, options: Mapping[str, Any], **more: Any) -> None:
        known(options, "base_url", "user", "password")
        user, password = options.get("user", "admin"), options.get("password", "")
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        told = {
            "base_url": options.get("base_url", "http://localhost:8180/steve"),
            "headers": {"Authorization": f"Basic {credentials}"},
            # It answers when the charger has, or has not in time.
            "timeout": "60s",
            "operations": {"csms_call": {"url": "/api/v1/operations/{action}", "json": "{fields.form}"}},
        }
        self.http = HttpCsmsDriver(told, **more)
        self._password = str(password)

    @property
    def secrets(self) -> Sequence[str]:
        """The password too, not only what a header makes of it."""
        return (*self.http.secrets, self._password)

    def why_not(
        self, operation: str, fields: Collection[str], version: OcppVersion, *, raw: bool = False
    ) -> str | None:
        """What its forms have no place for."""
        without, does = self.formless.get(operation, (frozenset(), ""))
        if told := sorted(without & set(fields)):
            return f"SteVe {does} without {told[0]}"
        return super().why_not(operation, fields, version, raw=raw)

    def told(self, order: CsmsOrder) -> Mapping[str, Any]:
        """The form, and for whom."""
        form = self.forms.get(str(order.action))
        if form is None:
            raise missing(self.name, order)
        names = {*order.payload, *order.payload.get("log", ())}
        if lost := sorted(self.unsaid.get(str(order.action), frozenset()) & names):
            raise BlockedError(f"SteVe cannot be asked to send {order.action} with {lost[0]}")
        filled = {name: value for name, value in form(order.payload).items() if value is not None}
        return {"form": {"chargeBoxIdList": [order.station], **filled}}
