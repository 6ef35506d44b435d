"""What certification asks, by case id: catalogues as data, and what a device is said to be capable of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

#: Name on the command line → file.
_FILES: Mapping[str, str] = {"ocpp1.6": "ocpp16.yaml", "ocpp2.0.1": "ocpp201.yaml", "ocpp2.1": "ocpp21.yaml"}
CATALOGUES = tuple(_FILES)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PROFILES = (
    "core",
    "local_list",
    "firmware",
    "reservation",
    "trigger",
    "smart_charging",
    "security",
    "advanced_security",
    "device_management",
    "user_interface",
    "iso15118",
    "payment",
    "tariffs",
    "bidirectional",
    "der_control",
    "battery_swap",
)
BLOCKS: Mapping[str, str] = {
    "A": "security",
    "B": "provisioning",
    "C": "authorization",
    "D": "local list",
    "E": "transactions",
    "F": "remote control",
    "G": "availability",
    "H": "reservation",
    "I": "cost",
    "J": "metering",
    "K": "smart charging",
    "L": "firmware",
    "M": "certificates",
    "N": "diagnostics",
    "O": "display",
    "P": "data transfer",
    "Q": "bidirectional charging",
    "R": "control of the grid",
    "S": "battery swap",
}


@dataclass(frozen=True, slots=True)
class CertificationCase:
    """One case.

    Attributes:
        id: as certifiers have it.
        title: what it is about, in our words.
        profiles: the parts of the protocol that it belongs to, of :data:`PROFILES`; whoever has one must show it.
        need: ``mandatory`` for whoever has the profile, ``conditional`` on something that a device may have, or
            ``optional``; empty where nobody has said.
        obligations: what whoever is tested must show. Of each a test of this project knows a peer that breaks just
            that, and the step that notices; without any the case is named by scenarios and not proven.
        missing: why no scenario of this project shows it; empty where one does.
    """

    id: str
    title: str
    profiles: tuple[str, ...]
    need: str = ""
    obligations: tuple[str, ...] = ()
    missing: str = ""

    @property
    def side(self) -> str:
        """Who is tested: ``CS`` or ``CSMS``."""
        return self.id.rpartition("_")[2]

    @property
    def block(self) -> str:
        """The functional block of OCPP 2.x, in words; empty for OCPP 1.6, which has none."""
        return BLOCKS.get(self.id.split("_")[1], "")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The cases of one protocol.

    Attributes:
        protocol: its name.
        version: of OCPP, as scenarios have it.
        edition: of the list of cases.
        cases: by id, in their order.
    """

    protocol: str
    version: str
    edition: str
    cases: Mapping[str, CertificationCase]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a device is said to be capable of, as a PICS says it.

    Attributes:
        profiles: the parts of the protocol that it has.
        lacks: case id → why it does not apply to the device.
    """

    profiles: frozenset[str] = frozenset(PROFILES)
    lacks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Any) -> Capabilities:
        """From the contents of a capabilities file.

        Raises:
            ValueError: they are none; the text says what is wrong.
        """
        if not isinstance(data, Mapping) or set(data) - {"capabilities"}:
            raise ValueError("a capabilities file has `capabilities`, and nothing else at its top")
        told = data.get("capabilities")
        if not isinstance(told, Mapping) or set(told) - {"profiles", "lacks"}:
            raise ValueError("`capabilities` has `profiles` and `lacks`")
        profiles = told.get("profiles", list(PROFILES))
        if not isinstance(profiles, list) or (wrong := [one for one in profiles if one not in PROFILES]):
            shown = repr(wrong[0]) if isinstance(profiles, list) else repr(profiles)
            raise ValueError(f"`profiles` lists some of {', '.join(PROFILES)}, not {shown}")
        lacks = told.get("lacks") or {}
        if not isinstance(lacks, Mapping) or not all(isinstance(why, str) and why for why in lacks.values()):
            raise ValueError("`lacks` maps ids of cases to the reason why they do not apply")
        return cls(frozenset(profiles), {str(case): why for case, why in lacks.items()})

    def why_not(self, case: CertificationCase) -> str | None:
        """Why a case does not apply to the device; None when it does."""
        if self.profiles.isdisjoint(case.profiles):
            return f"it has no {' and no '.join(case.profiles)}"
        return self.lacks.get(case.id)


@cache
def every_id() -> frozenset[str]:
    """The ids of the cases of all versions."""
    return frozenset(case for name in CATALOGUES for case in catalogue(name).cases)


@cache
def catalogue(name: str) -> Catalogue:
    """The catalogue of that name.

    Args:
        name: one of :data:`CATALOGUES`.
    """
    data = _read(_FILES[name])
    cases = _read(data["adds_to"])["cases"] if "adds_to" in data else {}
    # What 2.1 does not tell anew of a case of 2.0.1 is as it was.
    cases |= {case: cases.get(case, {}) | told for case, told in data["cases"].items()}
    return Catalogue(
        data["protocol"],
        str(data["version"]),
        str(data["edition"]),
        {case: _case(case, told) for case, told in cases.items()},
    )


def _read(file: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load((resources.files(__name__) / file).read_text("utf-8"), _LOADER)
    return data


def _case(case: str, told: Mapping[str, Any]) -> CertificationCase:
    profile = told["profile"]
    return CertificationCase(
        case,
        told["title"],
        tuple(profile) if isinstance(profile, list) else (profile,),
        told.get("need", ""),
        tuple(told.get("obligations") or ()),
        told.get("missing", ""),
    )
