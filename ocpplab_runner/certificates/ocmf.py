"""Signed meter values: the Open Charge Metering Format, version 1.0, and how OCPP carries it.

A text of OCMF is ``OCMF|{…}|{…}``: readings as JSON, and the signature over just these characters. OCPP 2.x has it in a
SignedMeterValueType beside the value; OCPP 1.6, by the application note on signed meter values, as the JSON of one in a
value of the format SignedData.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

METHOD = "ECDSA-secp256r1-SHA256"
Judged = Literal["valid", "invalid", "no_key", "unreadable"]
#: The application note, section 3.2.2: a public key as it is printed on the meter, and what that is.
_PRINTED = "oca:base16:asn1:"
#: Factors from units of OCMF to Wh.
_WH = {"Wh": 1.0, "kWh": 1000.0}


def meter_key(name: str) -> EllipticCurvePrivateKey:
    """The key of a simulated meter: the same for the same name, so that one seed gives one trace."""
    from cryptography.hazmat.primitives.asymmetric import ec

    # 31 bytes, whatever they are, are less than the order of the curve.
    return ec.derive_private_key(int.from_bytes(sha256(name.encode()).digest()[:31]), ec.SECP256R1())


def public_key_text(key: EllipticCurvePrivateKey) -> str:
    """Its public key as the application note has it: DER in hexadecimal digits with a mark before it, in Base64."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(f"{_PRINTED}{der.hex()}".encode()).decode()


def signed_value(readings: Mapping[str, Any], key: EllipticCurvePrivateKey) -> dict[str, str]:
    """A SignedMeterValueType for readings of OCMF, signed by RFC 6979, so with no randomness."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    text = json.dumps(readings, separators=(",", ":"))
    signature = key.sign(text.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    ocmf = f"OCMF|{text}|" + json.dumps({"SA": METHOD, "SD": signature.hex()}, separators=(",", ":"))
    return {
        "signedMeterData": b64encode(ocmf.encode()).decode(),
        "signingMethod": METHOD,
        "encodingMethod": "OCMF",
        "publicKey": public_key_text(key),
    }


def as_text(signed: Mapping[str, str]) -> str:
    """A SignedMeterValueType as a value of OCPP 1.6."""
    return json.dumps(signed, separators=(",", ":"))


def judge_signed_value(value: Any) -> tuple[Judged, float | None]:
    """What a signed value is worth by the public key in it, and the last register that it tells, in Wh.

    Args:
        value: a SignedMeterValueType, or its JSON.

    Returns:
        ``unreadable`` without a register for what has not this shape, ``no_key`` where it names no public key, which is
        its right, ``invalid`` where the signature is another's.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        told = value if isinstance(value, Mapping) else json.loads(value)
        mark, text, signature = b64decode(told["signedMeterData"], validate=True).decode().split("|")
        last = json.loads(text)["RD"][-1]
        register = float(last["RV"]) * _WH[last["RU"]]
        signed = json.loads(signature)
        # OCMF leaves SA out where it is this one, its default (tables 8 and 22).
        if mark != "OCMF" or signed.get("SA", METHOD) != METHOD:
            return "unreadable", None
        signature_bytes = bytes.fromhex(signed["SD"])
        if not told.get("publicKey"):
            return "no_key", register
        key = load_der_public_key(_der(told["publicKey"]))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return "unreadable", None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, UnsupportedAlgorithm):
        return "unreadable", None
    try:
        key.verify(signature_bytes, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return "invalid", register
    return "valid", register


def _der(public_key: str) -> bytes:
    """The DER in a public key of the application note, or in Base64 alone; raises ValueError for what is none."""
    told = b64decode(public_key, validate=True)
    if not told.startswith(b"oca:"):
        return told
    encoding, content, printed = told.decode().removeprefix("oca:").split(":", 2)
    if content != "asn1":
        raise ValueError(f"a public key as {content}")
    match encoding:
        case "base16":
            return bytes.fromhex("".join(re.findall("[0-9a-fA-F]", printed.removeprefix("0x"))))
        case "base64":
            return b64decode(printed, validate=True)
    raise ValueError(f"a public key in {encoding}")
