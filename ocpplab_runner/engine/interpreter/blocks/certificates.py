"""Certificates that the charger trusts."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact
from ocpplab_runner.ocppj.plug_and_charge import Exchange, exchange
from ocpplab_runner.vocabulary.certificates import ROOT_TYPES

_NAMES = {
    **{word: name for name, word in ROOT_TYPES.items()},
    "CentralSystemRootCertificate": "csms_root",
    "V2GCertificateChain": "v2g_chain",
}


class Certificates(Block):
    """``certificate_installed`` and its like, ``certificate_checked`` and ``ev_certificate``."""

    @shown_by_answer("InstallCertificate", by_csms=True)
    def installed(self, request: Any, answer: Any) -> list[Fact]:
        """With its type."""
        return [("certificate_installed", {"is": answer["status"], "type": _name(request["certificateType"])})]

    @shown_by_answer("DeleteCertificate", by_csms=True)
    def deleted(self, _: Any, answer: Any) -> list[Fact]:
        """With the charger's status."""
        return [("certificate_deleted", {"is": answer["status"]})]

    def listed(self, answer: Any) -> list[Fact]:
        """Of all types that were asked for."""
        chains = answer.get("certificateHashDataChain", ())
        types = list(dict.fromkeys(_name(chain["certificateType"]) for chain in chains))
        return [("certificates", {"is": answer["status"], "listed": len(chains), "types": types})]

    @shown_by_answer("GetCertificateStatus", versions=V2)
    def checked(self, _: Any, answer: Any) -> list[Fact]:
        """With the CSMS's status."""
        return [("certificate_checked", {"is": answer["status"]})]

    @shown_by_answer("Get15118EVCertificate", versions=V2)
    def requested(self, request: Any, answer: Any) -> list[Fact]:
        """With what the EV wanted."""
        return [("ev_certificate", {"is": answer["status"], "action": request["action"]})]


class CertificatesV16(Certificates):
    """Some of them by DataTransfer, as the application note on Plug & Charge has it."""

    versions = V16

    @shown_by_answer("GetInstalledCertificateIds", by_csms=True)
    def listed_v16(self, request: Any, answer: Any) -> list[Fact]:
        """Of the one type that was asked for."""
        count = len(answer.get("certificateHashData", ()))
        types = [_name(request["certificateType"])] if count else []
        return [("certificates", {"is": answer["status"], "listed": count, "types": types})]

    @shown_by_answer("DataTransfer", by_csms=True)
    def answered_by_charger(self, request: Any, answer: Any) -> list[Fact]:
        """Of V2G and of mobility operators."""
        match exchange(request, answer):
            case Exchange("InstallCertificate", data, told):
                return self.installed(data, told)
            case Exchange("DeleteCertificate", data, told):
                return self.deleted(data, told)
            case Exchange("GetInstalledCertificateIds", _, told):
                return self.listed(told)
        return NO_FACTS

    @shown_by_answer("DataTransfer")
    def answered_by_csms(self, request: Any, answer: Any) -> list[Fact]:
        """What only a CSMS knows."""
        match exchange(request, answer):
            case Exchange("GetCertificateStatus", data, told):
                return self.checked(data, told)
            case Exchange("Get15118EVCertificate", data, told):
                return self.requested(data, told)
        return NO_FACTS


class CertificatesV2(Certificates):
    """All of them by messages of their own."""

    versions = V2

    @shown_by_answer("GetInstalledCertificateIds", by_csms=True)
    def listed_v2(self, _: Any, answer: Any) -> list[Fact]:
        """Of all types that were asked for."""
        return self.listed(answer)


def _name(kind: str) -> str:
    return _NAMES.get(kind, kind)


CERTIFICATES = (CertificatesV16, CertificatesV2)
