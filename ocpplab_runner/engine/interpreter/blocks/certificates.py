"""Certificates that the charger trusts."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import Fact
from ocpplab_runner.vocabulary.certificates import ROOT_TYPES

_NAMES = {
    **{word: name for name, word in ROOT_TYPES.items()},
    "CentralSystemRootCertificate": "csms_root",
    "V2GCertificateChain": "v2g_chain",
}


class Certificates(Block):
    """``certificate_installed``, ``certificate_deleted`` and ``certificates``."""

    versions = V16

    @shown_by_answer("InstallCertificate", by_csms=True)
    def installed(self, request: Any, answer: Any) -> list[Fact]:
        """With its type."""
        return [("certificate_installed", {"is": answer["status"], "type": _name(request["certificateType"])})]

    @shown_by_answer("DeleteCertificate", by_csms=True)
    def deleted(self, _: Any, answer: Any) -> list[Fact]:
        """With the charger's status."""
        return [("certificate_deleted", {"is": answer["status"]})]

    @shown_by_answer("GetInstalledCertificateIds", by_csms=True, versions=V16)
    def listed_v16(self, request: Any, answer: Any) -> list[Fact]:
        """Of the one type that was asked for."""
        count = len(answer.get("certificateHashData", ()))
        types = [_name(request["certificateType"])] if count else []
        return [("certificates", {"is": answer["status"], "listed": count, "types": types})]

    @shown_by_answer("GetInstalledCertificateIds", by_csms=True, versions=V2)
    def listed_v2(self, _: Any, answer: Any) -> list[Fact]:
        """Of all types."""
        chains = answer.get("certificateHashDataChain", ())
        types = list(dict.fromkeys(_name(chain["certificateType"]) for chain in chains))
        return [("certificates", {"is": answer["status"], "listed": len(chains), "types": types})]


class CertificatesV2(Certificates):
    """``certificate_checked`` and ``ev_certificate``, besides."""

    versions = V2

    @shown_by_answer("GetCertificateStatus")
    def checked(self, _: Any, answer: Any) -> list[Fact]:
        """With the CSMS's status."""
        return [("certificate_checked", {"is": answer["status"]})]

    @shown_by_answer("Get15118EVCertificate")
    def requested(self, request: Any, answer: Any) -> list[Fact]:
        """With what the EV wanted."""
        return [("ev_certificate", {"is": answer["status"], "action": request["action"]})]


def _name(kind: str) -> str:
    return _NAMES.get(kind, kind)


CERTIFICATES = (Certificates, CertificatesV2)
