"""Contract certificates: how to ask after them, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.vocabulary.described import DescribedEnum


class CertificateStatus(DescribedEnum):
    """Verdict on a contract certificate."""

    ACCEPTED = "Accepted", "It is good."
    SIGNATURE_ERROR = "SignatureError", "Its signature is wrong."
    CERTIFICATE_EXPIRED = "CertificateExpired", "Its time is over."
    CERTIFICATE_REVOKED = "CertificateRevoked", "It has been revoked."
    NO_CERTIFICATE_AVAILABLE = "NoCertificateAvailable", "There is none to judge."
    CERT_CHAIN_ERROR = "CertChainError", "It does not lead to a root that is trusted."
    CONTRACT_CANCELLED = "ContractCancelled", "The contract behind it has ended."


class HashAlgorithm(DescribedEnum):
    """How the hashes of a certificate were made."""

    SHA256 = "SHA256", "SHA-256."
    SHA384 = "SHA384", "SHA-384."
    SHA512 = "SHA512", "SHA-512."


@dataclass(frozen=True, slots=True)
class CertificateHashDataInfo:
    """One certificate as OCSP knows it; OCPP 2.0.1 ``OCSPRequestDataType``."""

    hash_algorithm: Annotated[
        HashAlgorithm | UnknownValue, Property("How the hashes were made.", required=True, name="hashAlgorithm")
    ]
    issuer_name_hash: Annotated[
        str, Property("Hash of the issuer's name.", required=True, name="issuerNameHash", max_length=128)
    ]
    issuer_key_hash: Annotated[
        str, Property("Hash of the issuer's public key.", required=True, name="issuerKeyHash", max_length=128)
    ]
    serial_number: Annotated[
        str, Property("The certificate's serial number.", required=True, name="serialNumber", max_length=40)
    ]
    responder_url: Annotated[str, Property("Where to ask.", required=True, name="responderURL", max_length=512)]
