"""Which chains are good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from ocpplab_runner.certificates.judging import wrong_chain, wrong_dates, wrong_root
from ocpplab_runner.certificates.mint import Mint, key_in, pem_of
from ocpplab_runner.certificates.reading import chain_in, hash_data, issuer_among, request_in

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = NOW - DAY, NOW + 9 * DAY
MINT = Mint("Owner", random=Random(4))
ROOT, OTHER = MINT.authority(NOW), MINT.authority(NOW)
BETWEEN = MINT.authority(NOW, signed_by=ROOT)
BELOW = MINT.authority(NOW, signed_by=BETWEEN)
DEEPEST = MINT.authority(NOW, signed_by=BELOW)


def test_a_chain_leads_to_a_root_by_way_of_whoever_is_there() -> None:
    """In any order; a root among them does no harm, nor does a stranger."""
    leaf = MINT.station(BETWEEN, "CP-1", SPAN).certificate
    for chain in ([leaf, BETWEEN.certificate], [leaf, OTHER.certificate, ROOT.certificate, BETWEEN.certificate]):
        assert wrong_chain(chain, [OTHER.certificate, ROOT.certificate], NOW, "client") is None
    assert wrong_chain([leaf], [BETWEEN.certificate], NOW) is None
    assert wrong_chain([leaf], [ROOT.certificate], NOW) == "leads to no CA that is trusted"
    assert wrong_chain([leaf, BETWEEN.certificate], [], NOW) == "leads to no CA that is trusted"


def test_dates_count_for_all_of_a_chain() -> None:
    """Of the first, of those between, and of the root."""
    leaf = MINT.station(BETWEEN, "CP-1", (NOW - DAY, NOW + 9999 * DAY)).certificate
    chain = [leaf, BETWEEN.certificate]
    assert wrong_chain(chain, [ROOT.certificate], NOW - 2 * DAY) == "is not valid yet"
    assert wrong_chain(chain, [ROOT.certificate], NOW + 9999 * DAY) == "leads to a CA whose certificate has expired"
    assert wrong_chain([leaf], [BETWEEN.certificate], NOW + 9999 * DAY) == "leads to a root that has expired"
    first, last = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    assert wrong_dates(leaf, first) is wrong_dates(leaf, last) is None
    second = timedelta(seconds=1)
    assert (wrong_dates(leaf, first - second), wrong_dates(leaf, last + second)) == ("is not valid yet", "has expired")


def test_a_ca_may_say_how_many_may_be_below() -> None:
    """One below each of ours."""
    leaf = MINT.station(BELOW, "CP-1", SPAN).certificate
    chain = [leaf, BELOW.certificate, BETWEEN.certificate]
    assert (
        wrong_chain(chain, [ROOT.certificate], NOW) == "leads to a root that allows 1 CAs below itself, and there are 2"
    )
    assert wrong_chain(chain, [BETWEEN.certificate], NOW) is None
    deep = [
        MINT.station(DEEPEST, "CP-1", SPAN).certificate,
        DEEPEST.certificate,
        BELOW.certificate,
        BETWEEN.certificate,
    ]
    assert wrong_chain(deep, [ROOT.certificate], NOW) == "leads to a CA that allows 1 CAs below itself, and there are 2"


def test_who_is_no_ca_signs_nothing_and_a_ca_is_no_station() -> None:
    """Basic constraints."""
    station = MINT.station(ROOT, "CP-1", SPAN)
    forged = MINT.station(station, "CP-2", SPAN).certificate
    assert wrong_chain([forged, station.certificate], [ROOT.certificate], NOW) == "is signed by one who is no CA"
    assert wrong_chain([forged], [station.certificate], NOW) == "leads to a root that is not of a CA"
    assert wrong_chain([BETWEEN.certificate], [ROOT.certificate], NOW) == "is of a CA"
    assert wrong_root(station.certificate, NOW) == "is not of a CA"
    assert wrong_root(ROOT.certificate, NOW) is None


def test_a_purpose_counts_where_it_is_asked_for() -> None:
    """A CSMS's certificate is none of a station's."""
    csms = MINT.csms(ROOT, ["localhost"], SPAN).certificate
    assert (
        wrong_chain([csms], [ROOT.certificate], NOW, "server") is wrong_chain([csms], [ROOT.certificate], NOW) is None
    )
    assert wrong_chain([csms], [ROOT.certificate], NOW, "client") == "is for another purpose"
    key = MINT.key().public_key()
    anything = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
    for_all = MINT.leaf(ROOT, MINT.name("CP-1"), key, SPAN, anything)
    assert wrong_chain([for_all], [ROOT.certificate], NOW, "client") is None


def test_what_is_not_looked_at_must_not_be_critical() -> None:
    """RFC 5280, section 4.2."""
    made = x509.CertificateBuilder(ROOT.certificate.subject, MINT.name("CP-1"), MINT.key().public_key(), 7, *SPAN)
    for critical, wrong in ((False, None), (True, "has a critical extension that is not known here (2.5.29.36)")):
        strange = made.add_extension(x509.PolicyConstraints(0, None), critical=critical)
        assert wrong_chain([strange.sign(ROOT.key, hashes.SHA256())], [ROOT.certificate], NOW) == wrong


def test_names_of_certificates_are_those_of_ocsp() -> None:
    """Serial number without leading zeros; by issuer's name and key."""
    leaf = MINT.station(ROOT, "CP-1", SPAN).certificate
    for algorithm, known in (("SHA256", hashes.SHA256()), ("SHA384", hashes.SHA384()), ("SHA512", hashes.SHA512())):
        asked = ocsp.OCSPRequestBuilder().add_certificate(leaf, ROOT.certificate, known).build()
        assert hash_data(leaf, ROOT.certificate, algorithm) == {  # type: ignore[arg-type]
            "hashAlgorithm": algorithm,
            "issuerNameHash": asked.issuer_name_hash.hex(),
            "issuerKeyHash": asked.issuer_key_hash.hex(),
            "serialNumber": f"{leaf.serial_number:x}",
        }
    rsa = Mint("Owner", "rsa").authority(NOW)
    asked = ocsp.OCSPRequestBuilder().add_certificate(rsa.certificate, rsa.certificate, hashes.SHA256()).build()
    assert hash_data(rsa.certificate, rsa.certificate)["issuerKeyHash"] == asked.issuer_key_hash.hex()


def test_texts_are_read_back() -> None:
    """Certificates, chains, keys and requests; a request that another key has signed is none."""
    leaf = MINT.station(ROOT, "CP-1", SPAN)
    assert chain_in(leaf.pem + ROOT.pem) == [leaf.certificate, ROOT.certificate]
    assert pem_of(chain_in(leaf.pem)[0]) == leaf.pem
    assert key_in(leaf.key_pem).public_key() == leaf.key.public_key()
    assert issuer_among(leaf.certificate, [OTHER.certificate, ROOT.certificate]) == ROOT.certificate
    assert issuer_among(leaf.certificate, [OTHER.certificate]) is None
    request = MINT.request(leaf.key, "CP-1")
    assert request_in(request).public_key() == leaf.key.public_key()
    for text in ("", "nothing", leaf.pem):
        with pytest.raises(ValueError):
            request_in(text)


def test_one_seed_gives_one_certificate_and_no_seed_another_each_time() -> None:
    """But for its signature, which is drawn."""

    def names(random: Random | None) -> list[dict[str, str]]:
        mint = Mint("Owner", random=random)
        made = [mint.authority(NOW).certificate for _ in range(2)]
        return [hash_data(one, one) for one in made]

    assert names(Random(7)) == names(Random(7))
    assert names(Random(7))[0] != names(Random(7))[1]
    assert names(None) != names(None)
