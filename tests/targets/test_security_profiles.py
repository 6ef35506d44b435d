"""Every security profile with everything that can be wrong: whether the charger connects, and what it logs."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.targets.charger_host import ChargerHost
from ocpplab_runner.targets.secure import SecureWorld
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import Heard

PASSWORD, OTHER = "a-password-of-mine", "a-password-of-yours"
OURS, THEIRS = "FailedToAuthenticateAtCsms", "InvalidCsmsCertificate"
Verdict = tuple[bool, str | None]


def attempt(
    profile: int,
    *,
    csms: dict[str, str] | None = None,
    charger: dict[str, str] | None = None,
    wanted: str = PASSWORD,
    virtual: bool = True,
) -> Verdict:
    """Whether a charger comes in, and the event that it logs besides its boot.

    Args:
        profile: its security profile.
        csms: how the CSMS does TLS.
        charger: how the charger does.
        wanted: the password that the CSMS wants of profiles 1 and 2.
        virtual: whether under the virtual clock.
    """

    async def main() -> Verdict:
        passwords = {"passwords": {"CP-1": wanted}} if profile in (1, 2) else {}
        server = BuiltInCsms(CsmsConfig.from_given(passwords), observer=Heard(), random=Random(1), first_csms=True)
        await server.start("127.0.0.1", 0)
        secure = SecureWorld(server, OcppVersion.V16, csms)
        given: dict[str, Any] = {"security_profile": profile, "basic_auth": {"password": PASSWORD}}
        host = ChargerHost(
            "1",
            secure.equip(ChargerConfig.from_given(given), charger),
            version=OcppVersion.V16,
            url="ws://127.0.0.1:1",
            record=lambda _: None,
            random=Random(1),
            reach=partial(secure.reach, given=charger),
        )
        try:
            await host.charger.start()
            await (clock.settled() if virtual else _a_while(host))
            log = host.charger.context.ask(SECURITY).log
            events = [entry.event for entry in log if entry.event != "StartupOfTheDevice"]
            assert len(events) < 2
            assert all(PASSWORD not in entry.info and "PRIVATE" not in entry.info for entry in log)
            return host.charger.booted, events[0] if events else None
        finally:
            await host.charger.stop()
            await server.stop()

    return clock.run(main(), virtual=virtual)


async def _a_while(host: ChargerHost) -> None:
    await host.changes.until(lambda: host.charger.booted or host.charger.connect_error is not None, "done", 10.0)


ROWS: dict[str, dict[str, Any]] = {
    "right": {},
    "wrong password": {"wanted": OTHER},
    "wrong CA": {"csms": {"certificate": "by_another_ca"}},
    "expired": {"csms": {"certificate": "expired"}},
    "not yet valid": {"csms": {"certificate": "not_yet_valid"}},
    "wrong host": {"csms": {"certificate": "for_another_host"}},
    "revoked by list": {"csms": {"certificate": "revoked"}},
    "TLS 1.1": {"csms": {"version": "1.1"}},
    "TLS 1.2": {"csms": {"version": "1.2"}},
    "TLS 1.3": {"csms": {"version": "1.3"}},
}
IN: Verdict = (True, None)
UNTRUSTED: Verdict = (False, THEIRS)
TABLE: dict[str, tuple[Verdict, Verdict, Verdict, Verdict]] = {
    "right": (IN, IN, IN, IN),
    "wrong password": (IN, (False, OURS), (False, OURS), IN),
    "wrong CA": (IN, IN, UNTRUSTED, UNTRUSTED),
    "expired": (IN, IN, UNTRUSTED, UNTRUSTED),
    "not yet valid": (IN, IN, UNTRUSTED, UNTRUSTED),
    "wrong host": (IN, IN, UNTRUSTED, UNTRUSTED),
    "revoked by list": (IN, IN, UNTRUSTED, UNTRUSTED),
    "TLS 1.1": (IN, IN, (False, "InvalidTLSVersion"), (False, "InvalidTLSVersion")),
    "TLS 1.2": (IN, IN, IN, IN),
    "TLS 1.3": (IN, IN, IN, IN),
}


@pytest.mark.parametrize("profile", [0, 1, 2, 3])
@pytest.mark.parametrize("row", ROWS)
def test_what_is_wrong_about_the_csms(row: str, profile: int) -> None:
    """Its verdict, and its security event."""
    assert attempt(profile, **ROWS[row]) == TABLE[row][profile]


@pytest.mark.parametrize(
    ("charger", "event"),
    [
        ({"certificate": "none"}, OURS),
        ({"certificate": "by_another_ca"}, OURS),
        ({"certificate": "revoked"}, OURS),
        ({"certificate": "for_another_name"}, OURS),
        # By the run's clock, of which OpenSSL knows nothing: there is no alert, and the charger cannot know.
        ({"certificate": "expired"}, None),
        ({"certificate": "not_yet_valid"}, None),
        ({"version": "1.1"}, "InvalidTLSVersion"),
    ],
)
def test_what_is_wrong_about_the_charger(charger: dict[str, str], event: str | None) -> None:
    """Profile 3: the CSMS lets nobody in whose certificate is not good, and its own; 1.1 it does not speak."""
    assert attempt(3, charger=charger) == (False, event)
    trusted = "certificate" in charger  # which profile 2 shows none of
    assert attempt(2, charger=charger) == ((True, None) if trusted else (False, event))


@pytest.mark.parametrize(("certificate", "event"), [("valid", None), ("expired", OURS), ("by_another_ca", OURS)])
def test_on_a_real_clock_openssl_judges_the_dates(certificate: str, event: str | None) -> None:
    """And its alert tells the charger."""
    told = attempt(3, charger={"certificate": certificate}, virtual=False)
    assert told == (certificate == "valid", event)


def test_two_runs_of_one_seed_make_the_same_certificates() -> None:
    """But for the signatures."""

    async def main() -> list[int]:
        server = BuiltInCsms(CsmsConfig.from_given({}), observer=Heard(), random=Random(5))
        secure = SecureWorld(server, OcppVersion.V16, None)
        config = secure.equip(ChargerConfig.from_given({"security_profile": 3}), None)
        from ocpplab_runner.certificates.reading import chain_in

        assert config.credentials.chain is not None
        return [chain_in(pem)[0].serial_number for pem in (config.credentials.csms_roots[0], config.credentials.chain)]

    assert clock.run(main()) == clock.run(main())
