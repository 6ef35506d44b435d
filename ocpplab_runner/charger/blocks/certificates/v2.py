"""Certificates in OCPP 2.x: use cases M01 to M06."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ocpplab_runner.charger.blocks.certificates.block import CHAIN, CertificatesBlock
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import reason
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult

#: Roots that it can hold.
_MOST = 10


class CertificatesV2(CertificatesBlock):
    """Roots of all kinds, and chains of the station's own."""

    versions = V2
    sends = frozenset({"GetCertificateStatus", "Get15118EVCertificate"})

    def variables(self) -> Iterable[Variable]:
        """SecurityCtrlr."""
        yield from super().variables()
        yield of_2x("SecurityCtrlr", "CertificateEntries", "integer", lambda: str(len(self._roots)), maximum=self.most)

    def ask(self, message: str, data: Payload, then: Callable[[Payload], None] | None = None) -> bool:
        """A call."""
        return self.context.post(Outgoing(message, data), then)

    @property
    def most(self) -> int:
        """The limit of SecurityCtrlr.CertificateEntries."""
        return _MOST

    @answers("InstallCertificate", feature=FEATURE, while_pending=True)
    def install_certificate(self, payload: Payload) -> HandlerResult:
        """M05."""
        status, why = self.install(payload["certificateType"], payload["certificate"])
        if not why:
            return {"status": status}
        return {"status": status, "statusInfo": reason("InvalidCertificate", why)}

    @answers("DeleteCertificate", feature=FEATURE, while_pending=True)
    def delete_certificate(self, payload: Payload) -> HandlerResult:
        """M04."""
        status, why = self.delete(payload["certificateHashData"])
        if not why:
            return {"status": status}
        return {"status": status, "statusInfo": reason("InUse", why)}

    @answers("GetInstalledCertificateIds", feature=FEATURE, while_pending=True)
    def get_installed_certificate_ids(self, payload: Payload) -> HandlerResult:
        """M03."""
        kinds = payload.get("certificateType")
        return self.listed(kinds or [*dict.fromkeys(root.kind for root in self._roots), CHAIN])
