"""Security: the security whitepaper of OCPP 1.6, A of OCPP 2.x."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.core.block import V2, V16, Block, answered, answers, operation, replied, vendor
from ocpplab_runner.csms.core.operations import (
    NoAddressKnown,
    OperationNotAvailable,
    Order,
    Payload,
    Request,
    given,
)
from ocpplab_runner.csms.core.passwords import new_logins, new_passwords
from ocpplab_runner.csms.core.plug_and_charge import answer as pnc_answer
from ocpplab_runner.csms.core.plug_and_charge import message
from ocpplab_runner.ocppj import plug_and_charge
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.versions import OcppVersion

_LONGEST_PASSWORD = 40
#: As `url`: the CSMS at an address whose certificate another root has signed.
_OTHER = "another"


class SecurityBlock(Block):
    """Takes notice of events, follows passwords, and signs certificates."""

    violations: ClassVar = {
        "bad-certificate-request": ViolationRule(
            "asked for a certificate with what is no request for one, or for one with another name than its own",
            "1.6 security whitepaper A02, 2.0.1 A02.FR.02 and A00.FR.405",
        )
    }

    @answers("SecurityEventNotification")
    def noted(self, _: Call) -> Payload:
        """A04."""
        return {}

    @answers("SignCertificate")
    def sign_certificate(self, call: Call) -> Payload:
        """A02, A03: Accepted when there is something to sign."""
        return self.judge(call, call.payload["csr"])

    def judge(self, call: Call, csr: str) -> Payload:
        """SignCertificate's answer to a request for a certificate, which some call brings."""
        wrong = self._wrong_request(csr)
        if wrong is not None:
            self.station.report(call, "bad-certificate-request", wrong)
        return {"status": "Rejected" if wrong is not None or self.station.shared.signing == "refused" else "Accepted"}

    def _wrong_request(self, csr: str) -> str | None:
        from ocpplab_runner.certificates.reading import common_name, request_in

        try:
            name = common_name(request_in(csr).subject)
        except ValueError as error:
            return f"what should be signed cannot be: {error}"
        if name != self.station.identity:
            return f"the request is for {name!r}, and the charger is {self.station.identity!r}"
        return None

    @answered("SignCertificate")
    def signed(self, call: Call, answer: Mapping[str, Any], _: bool) -> None:
        """Send the certificate, once the answer is out."""
        chain = self.chain(call.payload["csr"], answer)
        if chain is not None:
            payload = given(certificateChain=chain, **self.purpose(call.payload))
            asyncio.get_running_loop().call_soon(self.station.send, "CertificateSigned", payload)

    def chain(self, csr: str, answer: Mapping[str, Any]) -> str | None:
        """The certificate that a request gets after that answer, in PEM; None where it gets none."""
        shared = self.station.shared
        if answer.get("status") != "Accepted" or shared.signing in ("never", "refused"):
            return None
        try:
            return shared.authorities.sign(csr, shared.signing, utcnow())
        except ValueError:
            return None

    def purpose(self, request: Mapping[str, Any]) -> Payload:
        """What the certificate is for, as the version says it."""
        return {}

    @replied("ChangeConfiguration", "SetVariables")
    def configured(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """It may have taken a new password."""
        action = "ChangeConfiguration" if "key" in payload else "SetVariables"
        for password in new_passwords(action, payload, answer):
            self.station.shared.passwords.taken(self.station.identity, password)
        self._will_take(action, payload, answer)

    @replied("SetNetworkProfile")
    def network_set(self, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """It may dial with another password from some day on."""
        self._will_take("SetNetworkProfile", payload, answer)

    def _will_take(self, action: str, payload: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        for identity, password in new_logins(action, payload, answer):
            self.station.shared.passwords.will_take(identity or self.station.identity, password)

    def password(self, order: Order) -> str:
        """The new password: the one that is named, else one that nobody can guess."""
        named: str | None = order.fields.get("password")
        return self.station.shared.authorities.secret(_LONGEST_PASSWORD) if named is None else named


class SecurityV16(SecurityBlock):
    """Configuration keys; and Plug & Charge by DataTransfer."""

    versions = V16

    @operation("change_password")
    def change_password(self, order: Order) -> Request:
        """A01."""
        return "ChangeConfiguration", {"key": "AuthorizationKey", "value": self.password(order)}

    @operation("set_security_profile")
    def set_security_profile(self, order: Order) -> Request:
        """A05."""
        return "ChangeConfiguration", {"key": "SecurityProfile", "value": str(order.fields["profile"])}

    @operation("renew_certificate")
    def renew_certificate(self, order: Order) -> Request:
        """A02."""
        wanted = order.fields.get("type", "charging_station")
        if wanted == "v2g":
            return message("TriggerMessage", {})
        if wanted != "charging_station":
            raise OperationNotAvailable("OCPP 1.6 has no certificate for both purposes")
        return "ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}

    @vendor(plug_and_charge.VENDOR, "SignCertificate")
    def sign_v2g(self, call: Call, data: Mapping[str, Any]) -> Payload:
        """A02, of the certificate that EVs are shown."""
        return pnc_answer("SignCertificate", data, lambda told: self.judge(call, told["csr"]))

    @answered("DataTransfer")
    def v2g_signed(self, call: Call, answer: Mapping[str, Any], _: bool) -> None:
        """Send that certificate, once the answer is out."""
        told = plug_and_charge.exchange(call.payload, answer)
        chain = self.chain(told.data["csr"], told.answer) if told and told.message == "SignCertificate" else None
        if chain is not None:
            signed = message("CertificateSigned", {"certificateChain": chain})
            asyncio.get_running_loop().call_soon(self.station.send, *signed)


class SecurityV2(SecurityBlock):
    """Variables; and certificates for several purposes."""

    versions = V2

    def purpose(self, request: Mapping[str, Any]) -> Payload:
        """As it was asked for."""
        return given(certificateType=request.get("certificateType"))

    @operation("change_password")
    def change_password(self, order: Order) -> Request:
        """A01."""
        variable = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        return "SetVariables", {"setVariableData": [{"attributeValue": self.password(order), **variable}]}

    @operation("set_security_profile")
    def set_security_profile(self, order: Order) -> Request:
        """B09, for A05: another network profile, which a station uses once it comes first and it has booted."""
        profile, fields = order.fields["profile"], order.fields
        url = self._url(profile, fields.get("url"))
        # To the schema of 2.0.1 it is OCPP20; 2.1 has a word for each version.
        version = {OcppVersion.V201: "OCPP20", OcppVersion.V21: "OCPP21"}
        data = {
            "ocppVersion": version[self.station.version or OcppVersion.V201],
            "ocppTransport": "JSON",
            "ocppCsmsUrl": url,
            "messageTimeout": 30,
            "securityProfile": profile,
            "ocppInterface": "Wired0",
            **given(identity=fields.get("identity"), basicAuthPassword=fields.get("password")),
        }
        if self.station.version is not OcppVersion.V21 and {"identity", "password"} & set(fields):
            raise OperationNotAvailable("a network profile of OCPP 2.0.1 has no identity and no password")
        return "SetNetworkProfile", {"configurationSlot": fields.get("slot", 2), "connectionData": data}

    def _url(self, profile: int, wanted: str | None) -> str:
        if wanted not in (None, _OTHER):
            return wanted
        config = self.station.shared.config
        address = config.address if wanted is None else config.other_address
        if address is None and wanted is None:
            raise NoAddressKnown("say with `url` where stations dial with that security profile")
        if address is None:
            raise NoAddressKnown("there is no other CSMS with a root of its own; say its `url`")
        return f"{'wss' if profile >= 2 else 'ws'}://{address}"

    @operation("renew_certificate")
    def renew_certificate(self, order: Order) -> Request:
        """A02."""
        kinds = {"charging_station": "SignChargingStationCertificate", "v2g": "SignV2GCertificate",
                 "combined": "SignCombinedCertificate"}  # fmt: skip
        return "TriggerMessage", {"requestedMessage": kinds[order.fields.get("type", "charging_station")]}


SECURITY = (SecurityV16, SecurityV2)
