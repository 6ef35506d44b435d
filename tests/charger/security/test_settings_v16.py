"""The configuration keys of the security whitepaper."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.charger.core.services.security import SECURITY
from tests.charger.rig import Rig, rig

PASSWORD, NEW = "0123456789abcdef", "fedcba9876543210-_=:+|@.*ABCDEFGHIJKLMNO"
LOGIN = {"basic_auth": {"password": PASSWORD}}


async def change(it: Rig, key: str, value: str) -> str:
    """The status of a ChangeConfiguration."""
    return str((await it.call("ChangeConfiguration", key=key, value=value))["status"])


async def read(it: Rig, key: str) -> dict[str, Any]:
    """A key as GetConfiguration has it."""
    (entry,) = (await it.call("GetConfiguration", key=[key]))["configurationKey"]
    return dict(entry)


def password(it: Rig) -> str | None:
    """What it dials with."""
    dial = it.charger.context.ask(SECURITY).dial()
    assert dial is not None
    return dial.password


def connections(it: Rig) -> list[str]:
    """What has become of the connection."""
    return [fields["is"] for fields in it.told("connection")]


def test_a_new_password_is_dialled_with_at_once_and_never_read() -> None:
    """A01: AuthorizationKey is write-only."""

    async def main() -> None:
        async with rig({"security_profile": 1, **LOGIN}) as it:
            assert await read(it, "AuthorizationKey") == {"key": "AuthorizationKey", "readonly": False}
            whole = (await it.call("GetConfiguration"))["configurationKey"]
            assert {"key": "AuthorizationKey", "readonly": False} in whole
            it.forget()
            assert await change(it, "AuthorizationKey", NEW) == "Accepted"
            await it.wait(0.1)
            assert connections(it) == ["closed", "opened"]
            assert password(it) == NEW
            assert it.sent("BootNotification") == []  # it was the connection only
            (entry,) = [one for one in it.charger.context.ask(SECURITY).log if "password" in one.info]
            assert entry.event == "ReconfigurationOfSecurityParameters"
            assert it.sent("SecurityEventNotification") == []
            it.forget()
            assert await change(it, "authorizationkey", NEW) == "Accepted"  # the same one changes nothing
            await it.wait(0.1)
            assert connections(it) == []

    clock.run(main())


@pytest.mark.parametrize(
    "wrong", ["", "x" * 15, "x" * 41, "0123456789abcde f", "0123456789abcdeö", "0123456789abcde\n"]
)
def test_what_is_no_password_is_refused(wrong: str) -> None:
    """A00.FR.205: 16 to 40 characters of those that a password may have; nobody repeats it."""

    async def main() -> None:
        async with rig({"security_profile": 1, **LOGIN}) as it:
            it.forget()
            assert await change(it, "AuthorizationKey", wrong) == "Rejected"
            await it.wait(0.1)
            assert connections(it) == []
            assert password(it) == PASSWORD
            inside = await it.do("set_configuration", configuration={"AuthorizationKey": wrong})
            assert inside.status == "refused"
            assert not wrong or wrong not in str(inside.reason)

    clock.run(main())


@pytest.mark.parametrize(
    ("given", "wanted", "status"),
    [
        ({"security_profile": 0}, "1", "Rejected"),
        ({"security_profile": 0, **LOGIN}, "1", "Accepted"),
        ({"security_profile": 0, **LOGIN}, "2", "Rejected"),
        ({"security_profile": 0, **LOGIN}, "3", "Rejected"),
        ({"security_profile": 0, **LOGIN}, "4", "Rejected"),
        ({"security_profile": 0, **LOGIN}, "-1", "Rejected"),
        ({"security_profile": 0, **LOGIN}, "x", "Rejected"),
        ({"security_profile": 1, **LOGIN}, "0", "Rejected"),
        ({"security_profile": 1, **LOGIN}, "1", "Accepted"),
    ],
)
def test_a_profile_is_raised_only_with_what_it_needs_and_never_lowered(
    given: dict[str, Any], wanted: str, status: str
) -> None:
    """A05; what is accepted is dialled with."""

    async def main() -> None:
        async with rig(given) as it:
            it.forget()
            assert await change(it, "SecurityProfile", wanted) == status
            await it.wait(0.1)
            now = wanted if status == "Accepted" else str(given["security_profile"])
            assert (await read(it, "SecurityProfile"))["value"] == now
            changed = now != str(given["security_profile"])
            assert connections(it) == (["closed", "opened"] if changed else [])

    clock.run(main())


def test_tls_needs_the_root_of_the_csms() -> None:
    """With it 2 is accepted; 3 needs a certificate of the station's own as well. What cannot be reached is given up."""

    async def main() -> None:
        async with rig({"security_profile": 1, **LOGIN, "reconnect": "1s"}) as it:
            root = Mint("Owner").authority(clock.utcnow()).pem
            kind = "CentralSystemRootCertificate"
            await it.call("InstallCertificate", certificateType=kind, certificate=root)
            assert await change(it, "SecurityProfile", "3") == "Rejected"
            assert await change(it, "SecurityProfile", "2") == "Accepted"
            await it.wait(0.1)
            dial = it.charger.context.ask(SECURITY).dial()
            assert dial is not None
            assert (dial.profile, dial.password, dial.roots, dial.chain) == (2, PASSWORD, (root,), None)
            assert PASSWORD not in repr(dial)

    clock.run(main())


@pytest.mark.parametrize(("name", "status"), [("Owner Ltd", "Accepted"), ("", "Rejected"), ("x" * 65, "Rejected")])
def test_the_owner_is_named_in_certificates(name: str, status: str) -> None:
    """CpoName."""

    async def main() -> None:
        async with rig({"security_profile": 0}) as it:
            before = (await read(it, "CpoName"))["value"]
            assert await change(it, "CpoName", name) == status
            assert (await read(it, "CpoName"))["value"] == (name if status == "Accepted" else before)

    clock.run(main())


def test_a_station_outlives_its_power_with_what_was_set() -> None:
    """Password and profile are no volatile memory."""

    async def main() -> None:
        async with rig({"security_profile": 0, **LOGIN}) as it:
            await change(it, "SecurityProfile", "1")
            await change(it, "AuthorizationKey", NEW)
            await it.do("power", off_for="5s")
            await it.wait(10)
            assert password(it) == NEW
            assert await change(it, "SecurityProfile", "0") == "Rejected"

    clock.run(main())
