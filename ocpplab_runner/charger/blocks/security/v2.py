"""Security in OCPP 2.x: use cases A01 to A05."""

from __future__ import annotations

from ocpplab_runner.charger.blocks.security.block import STATION, SecurityBlock
from ocpplab_runner.charger.config import SECURITY as ABILITY
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services import Place
from ocpplab_runner.ocppj.records import HandlerResult


class SecurityV2(SecurityBlock):
    """A certificate is for one of several purposes."""

    versions = V2

    def sign_request(self, kind: str, csr: str) -> Outgoing:
        """A02.FR.02."""
        return Outgoing("SignCertificate", {"csr": csr, "certificateType": kind})

    @triggered("SignChargingStationCertificate")
    def trigger_sign(self, _: Place) -> HandlerResult:
        """A02."""
        return self.request_certificate() if self.there else {"status": "NotImplemented"}

    @answers("CertificateSigned", feature=ABILITY)
    def signed(self, payload: Payload) -> HandlerResult:
        """A02.FR.05."""
        return self.certificate_signed(payload["certificateChain"], payload.get("certificateType", STATION))
