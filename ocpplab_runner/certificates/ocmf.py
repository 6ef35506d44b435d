"""Signed meter values: the Open Charge Metering Format, version 1.0, and how OCPP carries it.

A text of OCMF is ``OCMF|{…}|{…}``: readings as JSON, and the signature over just these characters. OCPP 1.6 has it, by
the application note on signed meter values, as the JSON of a SignedMeterValueType in a value of the format SignedData.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

METHOD = "ECDSA-secp256r1-SHA256"
Judged = Literal["valid", "invalid", "unreadable"]
#: Factors from units of OCMF to Wh.
_WH = {"Wh": 1.0, "kWh": 1000.0}


def meter_key(name: str) -> EllipticCurvePrivateKey:
    """The key of a simulated meter: the same for the same name, so that one seed gives one trace."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.derive_private_key(int.from_bytes(sha256(name.encode()).digest()[:31]), ec.SECP256R1())


def public_key_text(key: EllipticCurvePrivateKey) -> str:
    """Its public key, DER in Base64."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def signed_value(readings: Mapping[str, Any], key: EllipticCurvePrivateKey) -> str:
    """The JSON of a SignedMeterValueType for readings of OCMF, signed by RFC 6979, so with no randomness."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    text = json.dumps(readings, separators=(",", ":"))
    signature = key.sign(text.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    ocmf = f"OCMF|{text}|" + json.dumps({"SA": METHOD, "SD": signature.hex()}, separators=(",", ":"))
    return json.dumps(
        {
            "signedMeterData": b64encode(ocmf.encode()).decode(),
            "signingMethod": METHOD,
            "encodingMethod": "OCMF",
            "publicKey": public_key_text(key),
        },
        separators=(",", ":"),
    )


def judge_signed_value(value: Any) -> tuple[Judged, float | None]:
    """What a signed value is worth by the public key in it, and the last register that it tells, in Wh.

    Args:
        value: of a sampled value with the format SignedData.

    Returns:
        ``unreadable`` without a register for what has not this shape, ``invalid`` where the signature is another's.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        told = json.loads(value)
        mark, text, signature = b64decode(told["signedMeterData"], validate=True).decode().split("|")
        last = json.loads(text)["RD"][-1]
        register = float(last["RV"]) * _WH[last["RU"]]
        signed = json.loads(signature)
        key = load_der_public_key(b64decode(told["publicKey"], validate=True))
        if mark != "OCMF" or signed.get("SA", METHOD) != METHOD or not isinstance(key, ec.EllipticCurvePublicKey):
            return "unreadable", None
        signature_bytes = bytes.fromhex(signed["SD"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, UnsupportedAlgorithm):
        return "unreadable", None
    try:
        key.verify(signature_bytes, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return "invalid", register
    return "valid", register
