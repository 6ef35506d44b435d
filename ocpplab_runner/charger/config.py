"""What a simulated charging station is made of: ``given.charger`` of a scenario as checked data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    IdToken,
    ValidationResult,
    token_type,
)
from ocpplab_runner.charger.authorization_options import AuthorizationOptions
from ocpplab_runner.charger.core.variables import Variables
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, ID_TOKEN_TYPES
from ocpplab_runner.vocabulary.durations import seconds_of
from ocpplab_runner.vocabulary.vendors import Vendors

#: The security extension of 1.6, A and M of 2.x: no profile of 1.6's, but as optional.
SECURITY = "Security"
#: Transactions of 2.1 that go on after an interruption.
RESUMPTION = "Resumption"
#: The profiles of 1.6.
PROFILES = frozenset(
    {"Core", "FirmwareManagement", "LocalAuthListManagement", "RemoteTrigger", "Reservation", "SmartCharging"}
)
FEATURES = PROFILES | {RESUMPTION, SECURITY}
_MAX_EVSES, _MAX_CONNECTORS = 64, 8


@dataclass(frozen=True, slots=True)
class CardData:
    """A card of ``given.charger.local_list`` or ``cache``; its expiry counts from the start of the scenario.

    Attributes:
        status: what is known of it.
        parent: its group.
        expires_in: seconds until its expiry date, negative when that has passed; None without one.
        type: OCPP 2.x token type.
    """

    status: AuthorizationStatus
    parent: str | None = None
    expires_in: float | None = None
    type: str = DEFAULT_TOKEN_TYPE

    def token(self, number: str) -> IdToken:
        """The token that has this number."""
        return IdToken(number, token_type(self.type))

    def result(self, start: datetime) -> ValidationResult:
        """The verdict that it stands for."""
        expiry = None if self.expires_in is None else start + timedelta(seconds=self.expires_in)
        return ValidationResult(self.status, expiry, None if self.parent is None else IdToken(self.parent))

    def as_given(self) -> dict[str, Any]:
        """As a scenario writes it."""
        card: dict[str, Any] = {"status": self.status.value}
        if self.parent is not None:
            card["parent_id_token"] = self.parent
        if self.expires_in is not None:
            key = "expires_in" if self.expires_in >= 0 else "expired_for"
            card[key] = f"{abs(self.expires_in):g}s"
        if self.type != DEFAULT_TOKEN_TYPE:
            card["type"] = self.type
        return card

    @classmethod
    def from_given(cls, value: Any) -> CardData:
        """From a bare status or a mapping.

        Raises:
            ValueError: it is neither, or has a type that there is not.
        """
        if isinstance(value, str):
            return cls(AuthorizationStatus(value))
        if not isinstance(value, Mapping):
            raise ValueError(f"a card is a status or a mapping, not {value!r}")
        expires: float | None = None
        if value.get("expires_in") is not None:
            expires = seconds_of(value["expires_in"])
        elif value.get("expired_for") is not None:
            expires = -seconds_of(value["expired_for"])
        kind = value.get("type", DEFAULT_TOKEN_TYPE)
        if kind not in ID_TOKEN_TYPES:
            raise ValueError(f"a card's type is one of {', '.join(ID_TOKEN_TYPES)}, not {kind!r}")
        return cls(AuthorizationStatus(value.get("status", "Accepted")), value.get("parent_id_token"), expires, kind)


@dataclass(frozen=True, slots=True)
class EvData:
    """The EV at the end of the cable.

    Attributes:
        demand: whether it wants energy.
        power_w: what it draws at most, in W.
        discharge_w: what it gives back at most, in W; 0 for an EV that is only charged.
        energy_needed_wh: energy in Wh after which it is full; None for never.
        phases: on which it charges; None for as many as the supply has.
        battery_wh: what its battery holds; with it the EV tells its state of charge.
        soc_percent: its state of charge when it comes.
    """

    demand: bool = True
    power_w: float = 11000.0
    energy_needed_wh: float | None = None
    phases: int | None = None
    battery_wh: float | None = None
    soc_percent: float = 50.0
    discharge_w: float = 0.0

    @property
    def wanted_wh(self) -> float | None:
        """Energy in Wh after which it wants no more; None for never."""
        if self.battery_wh is None:
            return self.energy_needed_wh
        room = self.battery_wh * max(0.0, 100.0 - self.soc_percent) / 100
        return room if self.energy_needed_wh is None else min(room, self.energy_needed_wh)

    def updated(self, given: Mapping[str, Any] | None) -> EvData:
        """The same EV with what a scenario's ``ev`` mapping says of it."""
        given = given or {}
        needed = given.get("energy_needed_wh", self.energy_needed_wh)
        return EvData(
            bool(given.get("demand", self.demand)),
            float(given.get("power_w", self.power_w)),
            None if needed is None else float(needed),
            given.get("phases", self.phases),
            given.get("battery_wh", self.battery_wh),
            float(given.get("soc_percent", self.soc_percent)),
            float(given.get("discharge_w", self.discharge_w)),
        )


@dataclass(frozen=True, slots=True)
class ClockData:
    """The station's clock.

    Attributes:
        ahead: of the run's clock in seconds when the station is made; below 0 it is behind.
        follows: whether the station takes over the time that its CSMS says.
    """

    ahead: float = 0.0
    follows: bool = True

    @classmethod
    def from_given(cls, value: Mapping[str, Any] | None) -> ClockData:
        """From ``{ahead, behind, follows}``."""
        value = value or {}
        return cls(ahead_of(value), bool(value.get("follows", True)))


def ahead_of(fields: Mapping[str, Any]) -> float:
    """Seconds that a clock is ahead by ``{ahead, behind}``: below 0 it is behind."""
    return seconds_of(fields.get("ahead") or 0) - seconds_of(fields.get("behind") or 0)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a station has been given for its security profile when it was made; each certificate and key in PEM.

    Attributes:
        csms_roots: of the CAs that it trusts its CSMS's certificate by.
        manufacturer_roots: of those that it trusts its firmware's signature by.
        chain: its own certificate, and those between it and its CA.
        key: of that certificate.
    """

    csms_roots: tuple[str, ...] = ()
    manufacturer_roots: tuple[str, ...] = ()
    chain: str | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChargerConfig:
    """A station's make and first contents; ``docs/language.md`` describes each field under ``given.charger``.

    Attributes:
        dials_with: the security profile that comes of the way in which its target dials, where it is given none.
        credentials: what it has for its security profile.
    """

    identity: str = "CP-1"
    vendor: str = "ocpplab"
    model: str = "Simulated"
    serial_number: str = "SIM-0001"
    firmware_version: str = "1.0.0"
    evses: int = 1
    connectors_per_evse: int = 1
    max_power_w: float = 11000.0
    phases: int = 3
    voltage_v: float = 230.0
    meter_start_wh: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)
    authorization: AuthorizationOptions = field(default_factory=AuthorizationOptions)
    local_list_version: int = 0
    local_list: Mapping[str, CardData] = field(default_factory=dict)
    cache: Mapping[str, CardData] = field(default_factory=dict)
    ev: EvData = field(default_factory=EvData)
    ev_side_unplug: Literal["allowed", "locked"] = "allowed"
    unlock: Literal["works", "fails", "not_supported"] = "works"
    failed_resets: int = 0
    clock: ClockData = field(default_factory=ClockData)
    local_reason: Literal["sent", "left_out"] = "sent"
    features: frozenset[str] = FEATURES
    basic_auth: tuple[str, str] | None = None
    reconnect: float = 5.0
    local_list_max: int = 1000
    firmware: Mapping[str, Any] = field(default_factory=dict)
    vendors: Vendors = field(default_factory=Vendors)
    security_profile: int | None = None
    dials_with: int = 0
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def profile(self) -> int:
        """Its security profile, be it by the way in which it dials."""
        if self.security_profile is not None:
            return self.security_profile
        return self.dials_with or (1 if self.basic_auth is not None else 0)

    @classmethod
    def from_given(cls, given: Mapping[str, Any], *, name: str = "1") -> ChargerConfig:
        """The configuration that ``given.charger`` describes.

        Args:
            given: the mapping, expressions already evaluated.
            name: the charger's name in the scenario; gives the identity ``CP-<name>`` unless it has its own.

        Raises:
            ValueError: a key or a value that makes no station; the text says which.
        """
        data = dict(given)
        data.pop("tls", None)  # how it dials is not its own doing
        plain: dict[str, Any] = {"identity": data.pop("identity", f"CP-{name}")}
        authorization = dict(data.pop("authorization", {}) or {})
        if "master_pass_group" in authorization:
            group = authorization.pop("master_pass_group")
            # A setting, as AuthCtrlr.MasterPassGroupId of 2.x is: it can be changed while the station runs.
            data["settings"] = {"master_pass_group": group, **(data.get("settings") or {})}
        plain["authorization"] = AuthorizationOptions.from_given(authorization)
        local_list = data.pop("local_list", {}) or {}
        entries = local_list.get("entries", {}) or {}
        plain["local_list"] = {card: CardData.from_given(value) for card, value in entries.items()}
        # Not 0 where there are cards: that says that the list is empty (1.6 section 5.10).
        plain["local_list_version"] = int(local_list.get("version", 1 if entries else 0))
        cache = data.pop("cache", {}) or {}
        plain["cache"] = {card: CardData.from_given(value) for card, value in cache.items()}
        plain["ev"] = EvData().updated(data.pop("ev", None))
        plain["features"] = frozenset(data.pop("features", FEATURES))
        plain["vendors"] = Vendors.from_given(data.pop("vendors", {}) or {})
        plain["clock"] = ClockData.from_given(data.pop("clock", None))
        plain["reconnect"] = seconds_of(data.pop("reconnect", "5s"))
        login = data.pop("basic_auth", None)
        if login is not None:
            plain["basic_auth"] = (login.get("user", plain["identity"]), login["password"])
        # These two come from the target: a scenario must not set them.
        known = {entry.name for entry in fields(cls)} - {"credentials", "dials_with"}
        unknown = sorted(map(str, set(data) - known))
        if unknown:
            raise ValueError(f"a charger has no {', '.join(unknown)}")
        config = cls(**plain, **data)
        config._check()
        return config

    def _check(self) -> None:
        if not 1 <= self.evses <= _MAX_EVSES:
            raise ValueError(f"evses is 1 to {_MAX_EVSES}, not {self.evses}")
        if not 1 <= self.connectors_per_evse <= _MAX_CONNECTORS:
            raise ValueError(f"connectors_per_evse is 1 to {_MAX_CONNECTORS}, not {self.connectors_per_evse}")
        if self.phases not in (1, 3):
            raise ValueError(f"phases is 1 or 3, not {self.phases}")
        if self.ev_side_unplug not in ("allowed", "locked"):
            raise ValueError(f"ev_side_unplug is allowed or locked, not {self.ev_side_unplug}")
        if self.unlock not in ("works", "fails", "not_supported"):
            raise ValueError(f"unlock is works, fails or not_supported, not {self.unlock}")
        if self.local_reason not in ("sent", "left_out"):
            raise ValueError(f"local_reason is sent or left_out, not {self.local_reason}")
        if self.security_profile not in (None, 0, 1, 2, 3):
            raise ValueError(f"security_profile is 0 to 3, not {self.security_profile}")
        strange = sorted(self.features - FEATURES)
        if strange:
            raise ValueError(f"there is no feature {', '.join(strange)}: choose from {', '.join(sorted(FEATURES))}")
        Variables(self.settings)
