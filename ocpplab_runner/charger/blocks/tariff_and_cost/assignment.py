"""Which tariff holds for whom in OCPP 2.1: the defaults of EVSEs, drivers' own, and whom the CSMS counts for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.tariff_and_cost.held import HeldTariffs
from ocpplab_runner.charger.blocks.tariff_and_cost.v2 import CONTROLLER
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.json_values import known_token, token_out
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.tariffs.tariff import Tariff, tariff_of

#: What becomes of a driver whose tariff this station cannot count with (I08).
FAILED = ("Deauthorize", "UseDefaultTariff", "CentralCost")


class TariffAssignment:
    """The tariffs of a station, and who has which.

    Args:
        context: of the station.

    Attributes:
        held: the tariffs.
        problem: whether the last tariff of a driver could not be counted with.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.held = HeldTariffs()
        self.problem = False
        #: Cards whose tariff could not be counted with, so that the CSMS counts (HandleFailedTariff CentralCost).
        self._central: list[IdToken] = []

    @property
    def counts(self) -> bool:
        """Whether the station counts at all."""
        variables = self._context.variables
        return all(variables.boolean(f"{CONTROLLER}.Enabled.{what}") for what in ("Tariff", "Cost"))

    def readable(self, wire: Mapping[str, Any]) -> tuple[dict[str, Any], Tariff | None]:
        """A tariff that this station can count with, or the answer that says why it cannot."""
        variables = self._context.variables
        if not self.counts:
            return rejected("NotEnabled", "this station counts no costs"), None
        try:
            tariff = tariff_of(wire)
        except ValueError as error:
            return rejected("InvalidValue", str(error)), None
        if not tariff.elements:
            return rejected("InvalidValue", "it has no price"), None
        if tariff.most_prices > variables.integer(f"{CONTROLLER}.MaxElements.Tariff"):
            return {"status": "TooManyElements"}, None
        if tariff.conditional and not variables.boolean(f"{CONTROLLER}.ConditionsSupported.Tariff"):
            return {"status": "ConditionNotSupported"}, None
        return {}, tariff

    def set_default(self, tariff: Tariff, evses: Sequence[int]) -> bool:
        """Install a default (I07); False where a default of that id is there already."""
        now = self._context.time.now()
        if any(one.tariff_id == tariff.tariff_id for _, one in self.held.defaults(now)):
            return False
        for evse_id in evses:
            self.held.add_default(evse_id, tariff, now)
        return True

    def clear(self, wanted: Collection[str] | None, evse_id: int | None) -> HandlerResult:
        """Take defaults out (I10): those of these ids or all, at an EVSE or at every one."""
        gone = self.held.clear(None if wanted is None else frozenset(wanted), evse_id, self._context.time.now())
        results: list[dict[str, Any]] = [{"tariffId": one, "status": "Accepted"} for one in gone]
        results += [{"tariffId": one, "status": "NoTariff"} for one in wanted or () if one not in gone]
        return {"clearTariffsResult": results or [{"status": "NoTariff"}]}

    def give(self, token: IdToken, wire: Mapping[str, Any]) -> bool:
        """Take a driver's own tariff, which is meant for at once (I08); whether the driver may charge then."""
        # A good tariff of before must not stand in for one that cannot be counted by.
        self.held.take(token)
        self._central = [one for one in self._central if not one.same_token(token)]
        _, tariff = self.readable({key: value for key, value in wire.items() if key != "validFrom"})
        self.problem = tariff is None
        if tariff is not None:
            self.held.give(token, tariff)
            return True
        how = self._context.variables.text(f"{CONTROLLER}.HandleFailedTariff.Tariff")
        self._context.note(f"the tariff of {token.value} cannot be counted with: {how}")
        if how == "CentralCost":
            self._central.append(token)
        return how != "Deauthorize"

    def central(self, token: IdToken) -> bool:
        """Whether the CSMS counts for that driver, since this station cannot."""
        return any(one.same_token(token) for one in self._central)

    def listed(self, evse_id: int | None) -> list[dict[str, Any]]:
        """All of them as GetTariffs has them (I09), or those of an EVSE."""
        return [*self._defaults(evse_id), *self._drivers(evse_id)]

    def _defaults(self, evse_id: int | None) -> list[dict[str, Any]]:
        places: dict[str, list[int]] = {}
        tariffs: dict[str, Tariff] = {}
        for place, tariff in self.held.defaults(self._context.time.now(), evse_id):
            places.setdefault(tariff.tariff_id, []).append(place)
            tariffs[tariff.tariff_id] = tariff
        return [
            {
                "tariffId": tariff_id,
                "tariffKind": "DefaultTariff",
                "evseIds": evses,
                **_only(validFrom=tariffs[tariff_id].wire.get("validFrom")),
            }
            for tariff_id, evses in places.items()
        ]

    def _drivers(self, evse_id: int | None) -> list[dict[str, Any]]:
        found = []
        for token, tariff in self.held.drivers():
            evses = [
                evse.evse_id
                for evse in self._context.equipment.evses
                if evse.transaction is not None and evse.transaction.token.same_token(token)
            ]
            if evse_id is None or evse_id in evses:
                found.append(
                    {
                        "tariffId": tariff.tariff_id,
                        "tariffKind": "DriverTariff",
                        "idTokens": [token.value],
                        **_only(evseIds=evses or None),
                    }
                )
        return found

    def out(self) -> dict[str, Any]:
        """All of it as JSON data."""
        return {"tariffs": self.held.out(), "central_cost": [token_out(token) for token in self._central]}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """The opposite of :meth:`out`."""
        self.held.recall(memory["tariffs"])
        self._central = [known_token(token) for token in memory["central_cost"]]


def _only(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
