"""Certificates for tests: what stands in them, and what becomes of files that are there."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ocpplab_runner.tools.certificates import CertificatesError, Wanted, make_certificates, station_path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(path: Path) -> x509.Certificate:
    """A certificate from its file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def name_of(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """One of the names of its subject."""
    return str(certificate.subject.get_attributes_for_oid(oid)[0].value)


def contents(directory: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_stands_in_them(tmp_path: Path) -> None:
    """Names, purpose, issuer and span are as OCPP and TLS want them."""
    wanted = Wanted(hosts=("csms.example.org", "10.1.2.3"), identities=("CP-7",), organization="Owner Ltd")
    made = make_certificates(tmp_path, wanted, NOW)
    assert [one.path.name for one in made] == ["ca.pem", "csms.pem", "station-CP-7.pem"]
    ca, csms, station = (read(one.path) for one in made)
    for leaf in (csms, station):
        leaf.verify_directly_issued_by(ca)
        assert leaf.not_valid_after_utc == NOW + timedelta(days=365)
        assert leaf.not_valid_before_utc < NOW
        assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert name_of(leaf, NameOID.ORGANIZATION_NAME) == "Owner Ltd"
    assert name_of(csms, NameOID.COMMON_NAME) == "csms.example.org"
    assert name_of(station, NameOID.COMMON_NAME) == "CP-7"
    names = csms.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["csms.example.org"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.1.2.3"]
    for leaf, purpose in ((csms, ExtendedKeyUsageOID.SERVER_AUTH), (station, ExtendedKeyUsageOID.CLIENT_AUTH)):
        assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [purpose]
    assert ca.not_valid_after_utc > csms.not_valid_after_utc


def test_nobody_else_reads_a_key(tmp_path: Path) -> None:
    """Whatever the umask lets others do."""
    old = os.umask(0)
    try:
        made = make_certificates(tmp_path, Wanted(wrong=True), NOW)
    finally:
        os.umask(old)
    assert {stat.S_IMODE(one.key_path.stat().st_mode) for one in made} == {0o600}


def test_the_ca_is_used_again_and_nothing_is_written_over(tmp_path: Path) -> None:
    """Another charger later: one more certificate of the same CA."""
    make_certificates(tmp_path, Wanted(), NOW)
    before = contents(tmp_path)
    made = make_certificates(tmp_path, Wanted(identities=("CP-2",)), NOW)
    assert {one.path.name: one.kept for one in made} == {"ca.pem": True, "csms.pem": True, "station-CP-2.pem": False}
    assert before.items() <= contents(tmp_path).items()
    read(tmp_path / "station-CP-2.pem").verify_directly_issued_by(read(tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(hosts=("example.org",)), r"csms\.pem is there already"),
        (Wanted(identities=("CP-2", "CP-1")), r"station-CP-1\.pem is there already"),
        (Wanted(identities=("x" * 65,)), "1 to 64 characters"),
        (Wanted(identities=("",)), "1 to 64 characters"),
        (Wanted(organization="x" * 65, identities=("CP-2",)), "1 to 64 characters"),
        *(
            (Wanted(hosts=(host,), identities=("CP-2",)), r"csms\.pem is there already|is no host")
            for host in ("wss://x", "x:9", "x/ocpp", "", "a b", "a..b")
        ),
    ],
)
def test_what_cannot_be_made_leaves_all_as_it_was(tmp_path: Path, wanted: Wanted, told: str) -> None:
    """And says why."""
    make_certificates(tmp_path, Wanted(), NOW)
    before = contents(tmp_path)
    with pytest.raises(CertificatesError, match=told):
        make_certificates(tmp_path, wanted, NOW)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("host", ["wss://x", "x:9", "x/ocpp", "", "a b", "a..b", "user@x", "300.1.1.1", "10.0.0"])
def test_a_host_is_a_name_or_an_address(tmp_path: Path, host: str) -> None:
    """A URL is none."""
    with pytest.raises(CertificatesError, match="is no host"):
        make_certificates(tmp_path, Wanted(hosts=(host,)), NOW)
    assert contents(tmp_path) == {}


def test_names_beyond_ascii(tmp_path: Path) -> None:
    """A host as DNS has it, an identity percent-encoded in the name of its file."""
    make_certificates(tmp_path, Wanted(hosts=("bücher.example", "[::1]"), identities=("CP 1/ä", "..")), NOW)
    names = read(tmp_path / "csms.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xn--bcher-kva.example"]
    for identity in ("CP 1/ä", ".."):
        assert name_of(read(station_path(tmp_path, identity)), NameOID.COMMON_NAME) == identity
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))


def test_half_a_pair_and_garbage_are_named(tmp_path: Path) -> None:
    """Somebody has tidied up."""
    make_certificates(tmp_path, Wanted(), NOW)
    (tmp_path / "csms.key").unlink()
    with pytest.raises(CertificatesError, match=r"csms\.pem is there without its other half"):
        make_certificates(tmp_path, Wanted(), NOW)
    (tmp_path / "csms.key").write_text("garbage")
    with pytest.raises(CertificatesError, match=r"csms\.pem and its key cannot be read"):
        make_certificates(tmp_path, Wanted(), NOW)


def test_a_key_of_another_certificate_signs_nothing(tmp_path: Path) -> None:
    """What it signed nobody would trust."""
    make_certificates(tmp_path / "one", Wanted(), NOW)
    make_certificates(tmp_path / "two", Wanted(), NOW)
    (tmp_path / "two/ca.key").replace(tmp_path / "one/ca.key")
    with pytest.raises(CertificatesError, match=r"ca\.key is the key of another certificate than .*ca\.pem"):
        make_certificates(tmp_path / "one", Wanted(identities=("CP-2",)), NOW)


def test_a_ca_that_has_expired_signs_nothing(tmp_path: Path) -> None:
    """Who makes certificates in ten years has to begin anew."""
    make_certificates(tmp_path, Wanted(), NOW)
    with pytest.raises(CertificatesError, match="the CA has expired"):
        make_certificates(tmp_path, Wanted(identities=("CP-2",)), NOW + timedelta(days=3651))


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """A link that leads nowhere is no file, and nothing is written through it."""
    (tmp_path / "station-CP-1.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        make_certificates(tmp_path, Wanted(), NOW)
    assert contents(tmp_path) == {}


def test_wrong_ones(tmp_path: Path) -> None:
    """Each is wrong in one way only."""
    make_certificates(tmp_path, Wanted(hosts=("example.org",), wrong=True), NOW)
    wrong, ca = tmp_path / "wrong", read(tmp_path / "ca.pem")
    names = {path.name for path in wrong.glob("*.pem")}
    kinds = ("expired", "not-yet-valid", "other")
    assert names == {"ca-other.pem", "csms-host.pem"} | {
        f"{who}-{k}.pem" for who in ("csms", "station-CP-1") for k in kinds
    }
    for who in ("csms", "station-CP-1"):
        expired, early, other = (read(wrong / f"{who}-{kind}.pem") for kind in kinds)
        assert expired.not_valid_before_utc < expired.not_valid_after_utc < NOW < early.not_valid_before_utc
        assert other.not_valid_before_utc < NOW < other.not_valid_after_utc
        expired.verify_directly_issued_by(ca)
        early.verify_directly_issued_by(ca)
        other.verify_directly_issued_by(read(wrong / "ca-other.pem"))
        assert other.issuer != ca.subject
