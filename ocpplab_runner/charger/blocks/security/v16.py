"""Security in OCPP 1.6: the security whitepaper, its use cases A01 to A05."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.blocks.security.block import SecurityBlock
from ocpplab_runner.charger.blocks.security.requests import STATION
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V16, Payload, answers, triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services import Place
from ocpplab_runner.charger.core.variables import Variable
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
        """SignCertificate.req; 1.6 has certificates of one kind."""
        return Outgoing("SignCertificate", {"csr": csr})

    @triggered("SignChargePointCertificate")
    def trigger_sign(self, _: Place) -> HandlerResult:
        """A02."""
        return self.request_certificate()

    @answers("CertificateSigned", feature=FEATURE)
    def signed(self, payload: Payload) -> HandlerResult:
        """CertificateSigned.req."""
        return self.certificate_signed(payload["certificateChain"], STATION)
