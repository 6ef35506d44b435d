"""Certificates in OCPP 1.6: M03 to M05 of the security whitepaper, and as DataTransfer those of Plug & Charge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ocpplab_runner.charger.blocks.certificates.block import (
    CHAIN,
    CSMS_ROOT,
    MANUFACTURER_ROOT,
    CertificatesBlock,
)
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core import plug_and_charge
from ocpplab_runner.charger.core.block import V16, Payload, answers, vendor
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.plug_and_charge import VENDOR
from ocpplab_runner.ocppj.records import HandlerResult

_PNC_ROOTS = ("V2GRootCertificate", "MORootCertificate")
#: What each of the two messages that delete may mean: the whitepaper's, and that of Plug & Charge. The station's
#: own is among them for its deletion to be refused, and not to be NotFound (whitepaper M04.FR.05).
_DELETABLE = (CSMS_ROOT, MANUFACTURER_ROOT, "ChargingStationCertificate")
_PNC_DELETABLE = (*_PNC_ROOTS, "V2GCertificate")


class CertificatesV16(CertificatesBlock):
    """Roots of two kinds, and as DataTransfer of two others."""

    versions = V16
    sends = frozenset({"DataTransfer"})

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

    def ask(self, message: str, data: Payload, then: Callable[[Payload], None] | None = None) -> bool:
        """A DataTransfer, where Plug & Charge is on."""
        return plug_and_charge.enabled(self.context) and plug_and_charge.post(self.context, message, data, then)

    @property
    def most(self) -> int:
        """CertificateStoreMaxLength."""
        return self.context.variables.integer("CertificateStoreMaxLength")

    @answers("InstallCertificate", feature=FEATURE)
    def install_certificate(self, payload: Payload) -> HandlerResult:
        """InstallCertificate.req."""
        return self._installed(_kind(payload), payload)

    @vendor(VENDOR, "InstallCertificate")
    def install_of_plug_and_charge(self, data: Payload) -> HandlerResult:
        """M05, of V2G and of mobility operators."""
        return self._answer("InstallCertificate", data, lambda told: self._installed(told["certificateType"], told))

    def _installed(self, kind: str, payload: Payload) -> dict[str, Any]:
        status, why = self.install(kind, payload["certificate"])
        if why:
            self.context.note(f"the certificate is not installed: {why}")
        return {"status": status}

    @answers("DeleteCertificate", feature=FEATURE)
    def delete_certificate(self, payload: Payload) -> HandlerResult:
        """DeleteCertificate.req."""
        return self._deleted(payload, _DELETABLE)

    @vendor(VENDOR, "DeleteCertificate")
    def delete_of_plug_and_charge(self, data: Payload) -> HandlerResult:
        """M04, of V2G and of mobility operators."""
        return self._answer("DeleteCertificate", data, lambda told: self._deleted(told, _PNC_DELETABLE))

    def _deleted(self, payload: Payload, among: Iterable[str]) -> dict[str, Any]:
        status, why = self.delete(payload["certificateHashData"], among)
        if why:
            self.context.note(f"the certificate is not deleted: {why}")
        return {"status": status}

    @answers("GetInstalledCertificateIds", feature=FEATURE)
    def get_installed_certificate_ids(self, payload: Payload) -> HandlerResult:
        """GetInstalledCertificateIds.req."""
        names = self.named(_kind(payload))
        return {"status": "Accepted", "certificateHashData": names} if names else {"status": "NotFound"}

    @vendor(VENDOR, "GetInstalledCertificateIds")
    def list_of_plug_and_charge(self, data: Payload) -> HandlerResult:
        """M03, of V2G and of mobility operators; all of them unless said."""
        every = (*_PNC_ROOTS, CHAIN)
        return self._answer(
            "GetInstalledCertificateIds", data, lambda told: self.listed(told.get("certificateType", every))
        )

    def _answer(self, message: str, data: Payload, handle: Callable[[Payload], HandlerResult]) -> HandlerResult:
        return plug_and_charge.answer(self.context, message, data, handle)


def _kind(payload: Payload) -> str:
    kind: str = payload["certificateType"]
    return CSMS_ROOT if kind == "CentralSystemRootCertificate" else kind
