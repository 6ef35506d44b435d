"""What certification asks, by case id: catalogues as data, and what a device is said to be capable of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

#: Name on the command line → file.
_FILES: Mapping[str, str] = {"ocpp1.6": "ocpp16.yaml"}
CATALOGUES = tuple(_FILES)
PROFILES = ("core", "local_list", "firmware", "reservation", "trigger", "smart_charging", "security")


@dataclass(frozen=True, slots=True)
class CertificationCase:
    """One case.

    Attributes:
        id: as certifiers have it.
        title: what it is about, in our words.
        profile: the part of the protocol that it belongs to, one of :data:`PROFILES`.
        obligations: what whoever is tested must show. Of each a test of this project knows a peer that breaks just
            that, and the step that notices; without any the case is named by scenarios and not proven.
    """

    id: str
    title: str
    profile: str
    obligations: tuple[str, ...] = ()


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
        if case.profile not in self.profiles:
            return f"it has no {case.profile}"
        return self.lacks.get(case.id)


@cache
def catalogue(name: str) -> Catalogue:
    """The catalogue of that name.

    Args:
        name: one of :data:`CATALOGUES`.
    """
    text = (resources.files(__name__) / _FILES[name]).read_text("utf-8")
    data = yaml.safe_load(text)
    cases = {
        case: CertificationCase(case, told["title"], told["profile"], tuple(told.get("obligations") or ()))
        for case, told in data["cases"].items()
    }
    return Catalogue(data["protocol"], str(data["version"]), str(data["edition"]), cases)
