"""Security: events, and the charger's own certificate."""

from __future__ import annotations

from typing import Any, ClassVar

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, moment, put
from ocpplab_runner.ocppj.plug_and_charge import exchange
from ocpplab_runner.vocabulary.certificates import PURPOSES
from ocpplab_runner.vocabulary.security_events import neutral_name

_NAMES = {word: name for name, word in PURPOSES.items()}


class Security(Block):
    """``security_event``, ``certificate_requested`` and ``certificate_signed``."""

    #: What a certificate is for of which nothing is said.
    unsaid: ClassVar[str]

    @shown_by("SecurityEventNotification", "security_event")
    def event(self, payload: Any) -> list[Fact]:
        """By its name in 2.x."""
        fields = {"is": neutral_name(payload["type"])}
        put(fields, "info", payload.get("techInfo"))
        put(fields, "timestamp", moment(payload.get("timestamp")))
        return [("security_event", fields)]

    @shown_by_answer("SignCertificate")
    def requested(self, request: Any, answer: Any) -> list[Fact]:
        """With the CSMS's status."""
        return [("certificate_requested", self._of(request, answer))]

    @shown_by_answer("CertificateSigned", by_csms=True)
    def signed(self, request: Any, answer: Any) -> list[Fact]:
        """With the charger's status."""
        return [("certificate_signed", self._of(request, answer))]

    def _of(self, request: Any, answer: Any) -> dict[str, Any]:
        kind = request.get("certificateType")
        return {"is": answer["status"], "type": self.unsaid if kind is None else _NAMES.get(kind, kind)}


class SecurityV16(Security):
    """Certificates of one kind; by DataTransfer those that EVs are shown."""

    versions, unsaid = V16, "charging_station"

    @shown_by_answer("DataTransfer")
    def requested_for_evs(self, request: Any, answer: Any) -> list[Fact]:
        """SignCertificate of the application note on Plug & Charge."""
        told = exchange(request, answer)
        if told is None or told.message != "SignCertificate":
            return NO_FACTS
        return [("certificate_requested", {"is": told.answer["status"], "type": "v2g"})]

    @shown_by_answer("DataTransfer", by_csms=True)
    def signed_for_evs(self, request: Any, answer: Any) -> list[Fact]:
        """CertificateSigned of the application note on Plug & Charge."""
        told = exchange(request, answer)
        if told is None or told.message != "CertificateSigned":
            return NO_FACTS
        return [("certificate_signed", {"is": told.answer["status"], "type": "v2g"})]


class SecurityV2(Security):
    """Certificates for one purpose, or for both."""

    versions, unsaid = V2, "combined"


SECURITY = (SecurityV16, SecurityV2)
