"""Security in OCPP 2.x: use cases A01 to A05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.charger.blocks.security.block import SecurityBlock
from ocpplab_runner.charger.blocks.security.network_profiles import NetworkProfiles
from ocpplab_runner.charger.blocks.security.requests import COMBINED, STATION, V2G
from ocpplab_runner.charger.config import SECURITY as FEATURE
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import Connected, ConnectFailed, PoweredUp
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult


class SecurityV2(SecurityBlock):
    """A certificate is for one of several purposes."""

    versions = V2

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._networks = self.networks(context)

    def networks(self, context: Context) -> NetworkProfiles:
        """Its network profiles."""
        return NetworkProfiles(context, self.wrong_profile)

    def variables(self) -> Iterable[Variable]:
        """SecurityCtrlr, and OCPPCommCtrlr as far as it says where to dial."""
        yield from super().variables()
        yield from self._networks.variables()
        yield of_2x("SecurityCtrlr", "SecurityProfile", "integer", lambda: str(self.profile), feature=FEATURE)

    @property
    def url(self) -> str | None:
        """Of the network profile that is used."""
        return self._networks.url

    @answers("SetNetworkProfile", feature=FEATURE, while_pending=True)
    def set_network_profile(self, payload: Payload) -> HandlerResult:
        """B09."""
        wrong = self._networks.set(int(payload["configurationSlot"]), payload["connectionData"], self.profile)
        return {"status": "Accepted"} if wrong is None else rejected(*wrong)

    def powered_up(self, event: PoweredUp) -> None:
        """The network profile that comes first is dialled by."""
        self._networks.begin()
        self._use()
        super().powered_up(event)

    def connected(self, event: Connected) -> None:
        """What is less secure is given up."""
        super().connected(event)
        self._networks.connected(self.profile)

    def connect_failed(self, event: ConnectFailed) -> None:
        """After some attempts the next network profile is tried."""
        super().connect_failed(event)
        if self._networks.failed():
            self._use()

    def _use(self) -> None:
        wanted = self._networks.security_profile(self._networks.active)
        self.use_profile(self.context.config.profile if wanted is None else wanted)

    def remember(self) -> Mapping[str, Any]:
        """Network profiles, besides."""
        return {**super().remember(), "network_profiles": self._networks.remember()}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Take them over again."""
        super().recall(memory)
        self._networks.recall(memory.get("network_profiles", {}))

    def sign_request(self, kind: str, csr: str) -> Outgoing:
        """A02.FR.02; of a certificate for both purposes none is told."""
        return Outgoing("SignCertificate", {"csr": csr} if kind == COMBINED else {"csr": csr, "certificateType": kind})

    @triggered("SignChargingStationCertificate")
    def trigger_sign(self, _: Place) -> HandlerResult:
        """A02."""
        return self.request_certificate()

    @triggered("SignV2GCertificate")
    def trigger_sign_v2g(self, _: Place) -> HandlerResult:
        """A02, of the certificate that EVs are shown."""
        return self.request_certificate(V2G)

    @triggered("SignCombinedCertificate")
    def trigger_sign_combined(self, _: Place) -> HandlerResult:
        """A02, of one for both."""
        return self.request_certificate(COMBINED)

    @answers("CertificateSigned", feature=FEATURE)
    def signed(self, payload: Payload) -> HandlerResult:
        """A02.FR.05."""
        # A certificate without a type is the combined one where that was asked for, which has no type, either.
        unsaid = COMBINED if COMBINED in self.awaited else STATION
        return self.certificate_signed(payload["certificateChain"], payload.get("certificateType", unsaid))
