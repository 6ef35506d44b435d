"""How a station wants to reach its CSMS: its security profile, and what that needs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dial:
    """What a connection is opened with.

    Attributes:
        profile: the security profile: 0 is none, 1 a password, 2 a password over TLS, 3 certificates on both ends.
        identity: as whom; None for the identity that it was made with.
        url: where it was told to dial; None for where it was made to.
        password: of profiles 1 and 2.
        roots: certificates of the CAs that it trusts the CSMS's certificate by (profiles 2 and 3), in PEM.
        chain: its own certificate and those between it and its CA (profile 3), in PEM.
        key: of its own certificate, in PEM.
    """

    profile: int
    url: str | None = None
    password: str | None = field(default=None, repr=False)
    roots: tuple[str, ...] = ()
    chain: str | None = None
    key: str | None = field(default=None, repr=False)
    identity: str | None = None
