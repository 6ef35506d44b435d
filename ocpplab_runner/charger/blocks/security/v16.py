"""Security in OCPP 1.6: the security whitepaper, its use cases A01 to A05, and the certificate for Plug & Charge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.charger.blocks.security.block import SecurityBlock
from ocpplab_runner.charger.blocks.security.requests import STATION, V2G
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core import plug_and_charge
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered, vendor
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.plug_and_charge import VENDOR, answered
from ocpplab_runner.ocppj.records import HandlerResult


class SecurityV16(SecurityBlock):
    """Everything is set by configuration keys."""

    versions = V16

    def variables(self) -> Iterable[Variable]:
        """The whitepaper's table of configuration keys."""
        yield from super().variables()
        yield Variable(
            name="security_profile",
            type="integer",
            default=str(self.profile),
            key="SecurityProfile",
            mutability="ReadWrite",
            wrong=self.wrong_profile,
            feature=FEATURE,
            changed=lambda: self.change_profile(self.context.variables.integer("security_profile")),
        )

    def fell_back(self) -> None:
        """The key says what is the case."""
        self.context.variables.set("security_profile", str(self.profile))

    def sign_request(self, kind: str, csr: str) -> Outgoing:
        """SignCertificate.req; that of the certificate for EVs is a DataTransfer."""
        if kind == V2G:
            return plug_and_charge.message("SignCertificate", {"csr": csr})
        return Outgoing("SignCertificate", {"csr": csr})

    def granted(self, kind: str, answer: Mapping[str, Any]) -> bool:
        """SignCertificate.conf; that of the certificate for EVs is in DataTransfer.conf."""
        if kind != V2G:
            return super().granted(kind, answer)
        try:
            return super().granted(kind, answered("SignCertificate", answer))
        except ValueError:
            return False

    @triggered("SignChargePointCertificate")
    def trigger_sign(self, _: Place) -> HandlerResult:
        """A02."""
        return self.request_certificate()

    @vendor(VENDOR, "TriggerMessage")
    def trigger_sign_v2g(self, data: Payload) -> HandlerResult:
        """A02, of the certificate that EVs are shown: there is nothing else to ask for."""
        return plug_and_charge.answer(self.context, "TriggerMessage", data, lambda _: self.request_certificate(V2G))

    @answers("CertificateSigned", feature=FEATURE)
    def signed(self, payload: Payload) -> HandlerResult:
        """CertificateSigned.req."""
        return self.certificate_signed(payload["certificateChain"], STATION)

    @vendor(VENDOR, "CertificateSigned")
    def v2g_signed(self, data: Payload) -> HandlerResult:
        """A03, of the certificate that EVs are shown."""
        return plug_and_charge.answer(
            self.context, "CertificateSigned", data, lambda told: self.certificate_signed(told["certificateChain"], V2G)
        )
