"""Security and certificates: the security whitepaper of OCPP 1.6, A and M of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, V16, Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call


class Security(Block):
    """Takes notice of events."""

    versions = V16 | V2
    not_done = frozenset({"Get15118EVCertificate", "GetCertificateStatus", "SignCertificate"})

    @answers("SecurityEventNotification")
    def noted(self, _: Call) -> Payload:
        """A04."""
        return {}


SECURITY = (Security,)
