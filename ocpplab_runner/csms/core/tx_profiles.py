"""The TxProfiles that a station has taken, which it may lose while its transaction goes on (OCPP 2.1 E17.FR.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Payload = Mapping[str, Any]


@dataclass(slots=True)
class TxProfiles:
    """What was sent for each transaction, as SetChargingProfile.

    Attributes:
        sent: transaction id → profile id → the call.
    """

    sent: dict[str, dict[int, Payload]] = field(default_factory=dict)

    def take(self, call: Payload) -> None:
        """The station has accepted a profile; what is no TxProfile is not kept."""
        profile = call["chargingProfile"]
        if profile["chargingProfilePurpose"] == "TxProfile" and "transactionId" in profile:
            self.sent.setdefault(profile["transactionId"], {})[profile["id"]] = call

    def clear(self, call: Payload) -> None:
        """The station has cleared what a ClearChargingProfile means."""
        number, criteria = call.get("chargingProfileId"), call.get("chargingProfileCriteria", {})
        for profiles in self.sent.values():
            for one, kept in list(profiles.items()):
                if (number is None or one == number) and _meets(kept, criteria):
                    del profiles[one]

    def of(self, transaction_id: str) -> Sequence[Payload]:
        """What a transaction has, the oldest first."""
        return tuple(self.sent.get(transaction_id, {}).values())

    def over(self, transaction_id: str) -> None:
        """It needs no profile any more."""
        self.sent.pop(transaction_id, None)


def _meets(call: Payload, criteria: Payload) -> bool:
    profile = call["chargingProfile"]
    there = {"evseId": call["evseId"], **{name: profile[name] for name in ("chargingProfilePurpose", "stackLevel")}}
    return all(there[name] == wanted for name, wanted in criteria.items() if name in there)
