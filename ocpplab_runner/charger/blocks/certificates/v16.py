"""Certificates in OCPP 1.6: M03 to M05 of the security whitepaper."""

from __future__ import annotations

from collections.abc import Iterable

from ocpplab_runner.charger.blocks.certificates.block import CSMS_ROOT, CertificatesBlock
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult


class CertificatesV16(CertificatesBlock):
    """Roots of two kinds."""

    versions = V16

    def variables(self) -> Iterable[Variable]:
        """The whitepaper's table of configuration keys."""
        yield from super().variables()
        yield Variable(
            name="CertificateStoreMaxLength",
            type="integer",
            default="10",
            key="CertificateStoreMaxLength",
            feature=FEATURE,
        )

    @property
    def most(self) -> int:
        """CertificateStoreMaxLength."""
        return self.context.variables.integer("CertificateStoreMaxLength")

    @answers("InstallCertificate", feature=FEATURE)
    def install_certificate(self, payload: Payload) -> HandlerResult:
        """InstallCertificate.req."""
        status, why = self.install(_kind(payload), payload["certificate"])
        if why:
            self.context.note(f"the certificate is not installed: {why}")
        return {"status": status}

    @answers("DeleteCertificate", feature=FEATURE)
    def delete_certificate(self, payload: Payload) -> HandlerResult:
        """DeleteCertificate.req."""
        status, why = self.delete(payload["certificateHashData"])
        if why:
            self.context.note(f"the certificate is not deleted: {why}")
        return {"status": status}

    @answers("GetInstalledCertificateIds", feature=FEATURE)
    def get_installed_certificate_ids(self, payload: Payload) -> HandlerResult:
        """GetInstalledCertificateIds.req."""
        names = self.named(_kind(payload))
        return {"status": "Accepted", "certificateHashData": names} if names else {"status": "NotFound"}


def _kind(payload: Payload) -> str:
    kind: str = payload["certificateType"]
    return CSMS_ROOT if kind == "CentralSystemRootCertificate" else kind
