"""Security in OCPP 2.x: use cases A01 to A05."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.blocks.security.block import STATION, SecurityBlock
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services import Place
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult


class SecurityV2(SecurityBlock):
    """A certificate is for one of several purposes."""

    versions = V2

    def variables(self) -> Iterable[Variable]:
        """SecurityCtrlr."""
        yield from super().variables()
        yield of_2x("SecurityCtrlr", "SecurityProfile", "integer", lambda: str(self.profile), feature=FEATURE)

    def sign_request(self, kind: str, csr: str) -> Outgoing:
        """A02.FR.02."""
        return Outgoing("SignCertificate", {"csr": csr, "certificateType": kind})

    @triggered("SignChargingStationCertificate")
    def trigger_sign(self, _: Place) -> HandlerResult:
        """A02."""
        return self.request_certificate() if self.there else {"status": "NotImplemented"}

    @answers("CertificateSigned", feature=FEATURE)
    def signed(self, payload: Payload) -> HandlerResult:
        """A02.FR.05."""
        return self.certificate_signed(payload["certificateChain"], payload.get("certificateType", STATION))
