"""How the CSMS meets a charger's request for a certificate."""

from typing import Literal, get_args

#: Who owns the chargers, as their certificates say, unless said.
ORGANIZATION = "ocpplab-runner"
Signing = Literal[
    "correctly",
    "by_another_ca",
    "expired",
    "not_yet_valid",
    "for_another_key",
    "for_another_name",
    "unreadable",
    "never",
    "refused",
]
SIGNINGS: tuple[Signing, ...] = get_args(Signing)
#: The certificate that a CSMS shows, or a charger with security profile 3: a good one, or what is wrong about it.
CsmsCertificate = Literal[
    "valid", "expired", "not_yet_valid", "by_another_ca", "by_successor", "for_another_host", "revoked"
]
ChargerCertificate = Literal[
    "valid", "expired", "not_yet_valid", "by_another_ca", "for_another_name", "revoked", "none"
]
CSMS_CERTIFICATES: tuple[CsmsCertificate, ...] = get_args(CsmsCertificate)
CHARGER_CERTIFICATES: tuple[ChargerCertificate, ...] = get_args(ChargerCertificate)
#: The only version of TLS that an end speaks.
TLS_VERSIONS = ("1.1", "1.2", "1.3")
#: A root certificate that the CSMS installs: its own; one that its own has signed; another; and what must be refused.
Root = Literal["own", "successor", "another", "expired", "not_yet_valid", "of_no_ca", "unreadable"]
ROOTS: tuple[Root, ...] = get_args(Root)
#: What scenarios call the kinds of certificates that a charger trusts → InstallCertificateUseEnumType of 2.x.
ROOT_TYPES = {
    "csms_root": "CSMSRootCertificate",
    "manufacturer_root": "ManufacturerRootCertificate",
    "v2g_root": "V2GRootCertificate",
    "mo_root": "MORootCertificate",
    "oem_root": "OEMRootCertificate",
}
#: Those of Plug & Charge, and of the charger's own: 1.6 speaks of them by DataTransfer.
PLUG_AND_CHARGE = frozenset({"v2g", "v2g_root", "v2g_chain", "mo_root"})
#: What a certificate of the charger's own is for → CertificateSigningUseEnumType of 2.x, which leaves `combined` out.
PURPOSES = {
    "charging_station": "ChargingStationCertificate",
    "combined": None,
    "v2g": "V2GCertificate",
}
