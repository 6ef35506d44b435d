"""Signed meter values: what is signed can be judged, and nothing else is good."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest

from ocpplab_runner.certificates.ocmf import as_text, judge_signed_value, meter_key, public_key_text, signed_value

RECORD = {"FV": "1.0", "RD": [{"RV": 1.0, "RU": "kWh"}, {"RV": 2.5, "RU": "kWh"}]}
SIGNED = signed_value(RECORD, meter_key("A"))

#: The DER of the meter's public key.
DER = bytes.fromhex(b64decode(public_key_text(meter_key("A"))).decode().removeprefix("oca:base16:asn1:"))
#: The same on a curve that nobody knows: the last arc of secp256r1's identifier is another.
UNKNOWN_CURVE = DER.replace(b"\x2a\x86\x48\xce\x3d\x03\x01\x07", b"\x2a\x86\x48\xce\x3d\x03\x01\x7f")


def in_base64(text: str | bytes) -> str:
    """How SignedMeterValueType carries a text, or bytes."""
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def changed(**more: Any) -> str:
    """The signed value with other fields."""
    return json.dumps({**SIGNED, **more})


def with_text(before: str, after: str) -> str:
    """The signed value with another OCMF text."""
    text = b64decode(SIGNED["signedMeterData"]).decode()
    assert before in text
    return changed(signedMeterData=b64encode(text.replace(before, after).encode()).decode())


def test_what_a_meter_signs_is_valid_and_the_same_each_time() -> None:
    """The last register counts; one seed gives one trace."""
    assert judge_signed_value(SIGNED) == ("valid", 2500.0)
    assert judge_signed_value(as_text(SIGNED)) == ("valid", 2500.0)
    assert signed_value(RECORD, meter_key("A")) == SIGNED
    assert public_key_text(meter_key("A")) != public_key_text(meter_key("B"))


@pytest.mark.parametrize(
    ("value", "judged"),
    [
        (changed(publicKey=public_key_text(meter_key("B"))), ("invalid", 2500.0)),
        (with_text("2.5", "9.5"), ("invalid", 9500.0)),
        (with_text('"FV":"1.0"', '"FV":"1.1"'), ("invalid", 2500.0)),
        (with_text('"SD":"', '"SD":"0'), ("unreadable", None)),
        (with_text('"SD":"', '"SD":"00'), ("invalid", 2500.0)),
        (with_text("OCMF", "OCMG"), ("unreadable", None)),
        (with_text("secp256r1", "secp192r1"), ("unreadable", None)),
        (with_text("kWh", "kvarh"), ("unreadable", None)),
        (with_text("|", "/"), ("unreadable", None)),
        (changed(publicKey="?"), ("unreadable", None)),
        (changed(publicKey=""), ("no_key", 2500.0)),
        (changed(publicKey=None), ("no_key", 2500.0)),
        (changed(publicKey=in_base64(f"oca:base16:x509:{DER.hex()}")), ("unreadable", None)),
        (changed(publicKey=in_base64(f"oca:base58:asn1:{DER.hex()}")), ("unreadable", None)),
        (changed(publicKey=in_base64("oca:base16")), ("unreadable", None)),
        (changed(signedMeterData="?"), ("unreadable", None)),
        ("{}", ("unreadable", None)),
        ("[]", ("unreadable", None)),
        ("[" * 100_000, ("unreadable", None)),
        (changed(publicKey=in_base64(UNKNOWN_CURVE)), ("unreadable", None)),
        ("1234", ("unreadable", None)),
        ("", ("unreadable", None)),
        (None, ("unreadable", None)),
        (7, ("unreadable", None)),
    ],
)
def test_what_is_no_meter_s_word(value: Any, judged: tuple[str, float | None]) -> None:
    """Another key, another text, another shape."""
    assert judge_signed_value(value) == judged


@pytest.mark.parametrize(
    "key",
    [
        in_base64(DER),
        in_base64(f"oca:base64:asn1:{in_base64(DER)}"),
        in_base64(f"oca:base16:asn1:0x{DER.hex(' ').upper()}"),
    ],
)
def test_a_public_key_in_any_of_its_shapes(key: str) -> None:
    """As the application note has it, and as its DER."""
    assert judge_signed_value(changed(publicKey=key)) == ("valid", 2500.0)
