"""Certificates that the charger trusts."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import INTEGER, TEXT, is_, sends
from ocpplab_runner.vocabulary.certificates import ROOT_TYPES, ROOTS

_TYPE = {"enum": sorted(ROOT_TYPES)}
# A chain is only listed: InstallCertificate installs roots.
_LISTED = {"enum": sorted({*ROOT_TYPES, "v2g_chain"})}
_CERTIFICATE = {
    "anyOf": [{"enum": list(ROOTS)}, {"type": "string", "pattern": "^-----BEGIN CERTIFICATE-----"}],
}
_HASH = {"enum": ["SHA256", "SHA384", "SHA512"]}
_INSTALLED = {"enum": ["Accepted", "Failed", "Rejected"]}
_DELETED = {"enum": ["Accepted", "Failed", "NotFound"]}
_CHECKED = {"enum": ["Accepted", "Failed"]}
_FOUND = {"enum": ["Accepted", "NotFound"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "ev_requests_certificate",
        "The EV asks for a contract certificate; the charger passes that on (Get15118EVCertificate).",
        "charger",
        (
            FieldSpec("action", {"enum": ["Install", "Update"]}, "Its first one, or another.", True),
            FieldSpec("request", TEXT, "The EV's EXI in Base64, passed on as it is.", True),
            FieldSpec("schema", TEXT, "iso15118SchemaVersion (default that of ISO 15118-2)."),
        ),
        example="ev_requests_certificate: {action: Install, request: gJgC}",
    ),
    VerbSpec(
        "install_certificate",
        "The CSMS has the charger trust another CA (InstallCertificate).",
        "csms",
        (
            FieldSpec("type", _TYPE, "For what.", True),
            FieldSpec(
                "certificate",
                _CERTIFICATE,
                "Its certificate in PEM; or `own`, that of the CSMS's CA (unless said for `csms_root`), `successor`, "
                "which `own` has signed, `another` (unless said for others), or one that must be refused.",
            ),
        ),
        shorthand="type",
        example="install_certificate: {type: csms_root, certificate: own}",
        actions=sends("InstallCertificate"),
    ),
    VerbSpec(
        "delete_certificate",
        "The CSMS has the charger trust a CA no longer (DeleteCertificate).",
        "csms",
        (
            FieldSpec(
                "certificate",
                {"anyOf": [*_CERTIFICATE["anyOf"], {"type": "object"}]},
                "Which, as of `install_certificate`, or its CertificateHashDataType; the last that was installed "
                "unless said.",
            ),
            FieldSpec("hash", _HASH, "The algorithm by which it is named (default SHA256)."),
        ),
        shorthand="certificate",
        example="delete_certificate: another",
        actions=sends("DeleteCertificate"),
    ),
    VerbSpec(
        "get_certificates",
        "The CSMS asks which certificates are installed (GetInstalledCertificateIds).",
        "csms",
        (
            FieldSpec(
                "type",
                {"anyOf": [_LISTED, {"type": "array", "items": _LISTED, "minItems": 1}]},
                "Of which types. Unless said all; in OCPP 1.6, which lists one at a time except for EVs, `csms_root`.",
            ),
        ),
        shorthand="type",
        example="get_certificates: csms_root",
        actions=sends("GetInstalledCertificateIds"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "certificate_installed",
        "The charger has answered InstallCertificate.",
        (is_(_INSTALLED, "Its status.", always=True), FieldSpec("type", _TYPE, "For what.", always=True)),
        value=_INSTALLED,
        event="certificate_installed",
        example="certificate_installed: Accepted",
    ),
    FacetSpec(
        "certificate_deleted",
        "The charger has answered DeleteCertificate.",
        (is_(_DELETED, "Its status.", always=True),),
        value=_DELETED,
        event="certificate_deleted",
        example="certificate_deleted: Accepted",
    ),
    FacetSpec(
        "certificate_checked",
        "The CSMS has answered whether a certificate of the charger is good (GetCertificateStatus).",
        (is_(_CHECKED, "Whether it had an answer of the responder.", always=True),),
        value=_CHECKED,
        event="certificate_checked",
        example="certificate_checked: Accepted",
    ),
    FacetSpec(
        "ev_certificate",
        "The CSMS has answered an EV that wants a contract certificate (Get15118EVCertificate).",
        (
            is_(_CHECKED, "Whether there is one.", always=True),
            FieldSpec("action", {"enum": ["Install", "Update"]}, "What the EV wanted.", always=True),
        ),
        value=_CHECKED,
        event="ev_certificate",
        example="ev_certificate: {is: Accepted, action: Install}",
    ),
    FacetSpec(
        "certificates",
        "The charger has answered GetInstalledCertificateIds.",
        (
            is_(_FOUND, "Its status.", always=True),
            FieldSpec("listed", INTEGER, "How many certificates it lists.", always=True),
            FieldSpec("types", {"type": "array", "items": _LISTED}, "Of which types they are, each once.", always=True),
        ),
        value=_FOUND,
        event="certificates",
        example="certificates: {is: Accepted, listed: 1}",
    ),
)
