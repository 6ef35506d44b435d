"""Tariff and cost in OCPP 2.1, where the station may count by itself: I07 to I12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from ocpplab_runner.authorization.types import IdToken, MessageContent, MessageFormat
from ocpplab_runner.charger.blocks.tariff_and_cost.counting import Counting
from ocpplab_runner.charger.blocks.tariff_and_cost.held import HeldTariffs
from ocpplab_runner.charger.blocks.tariff_and_cost.payments import PaymentTerminal
from ocpplab_runner.charger.blocks.tariff_and_cost.v2 import CONTROLLER, TariffAndCostV2
from ocpplab_runner.charger.core.block import Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import (
    Authorized,
    PowerFlows,
    Reconnected,
    Registered,
    Reserved,
    Resumed,
    TransactionTold,
    WentDown,
)
from ocpplab_runner.charger.core.json_values import known_token, moment_out, token_out
from ocpplab_runner.charger.core.model import Transaction, UpdateKind
from ocpplab_runner.charger.core.services import OPEN_TRANSACTIONS, PAYMENTS, TARIFFS, TRANSACTIONS, Wait
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.tariffs.conditions import Place
from ocpplab_runner.tariffs.cost import Cost, Flow
from ocpplab_runner.tariffs.details import cost_details
from ocpplab_runner.tariffs.exact import rounded
from ocpplab_runner.tariffs.tariff import Tariff, tariff_of
from ocpplab_runner.vocabulary.versions import OcppVersion

#: What becomes of a driver whose tariff this station cannot count with (I08).
FAILED = ("Deauthorize", "UseDefaultTariff", "CentralCost")


class TariffAndCostV21(TariffAndCostV2):
    """Counts by the driver's tariff, else by the EVSE's default; without one the CSMS counts, as in 2.0.1."""

    versions = frozenset({OcppVersion.V21})
    sends = frozenset({"NotifySettlement", "VatNumberValidation"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._held = HeldTariffs()
        self._counting: dict[int, Counting] = {}
        #: By EVSE: the transaction that was counted there last.
        self._counted: dict[int, str] = {}
        self._reserved: dict[int, datetime] = {}
        #: Cards whose tariff could not be counted with, so that the CSMS counts (HandleFailedTariff CentralCost).
        self._central: list[IdToken] = []
        self._problem = False
        self._terminal = PaymentTerminal(context)
        context.offer(TARIFFS, self)
        context.offer(PAYMENTS, self._terminal)

    def variables(self) -> Iterable[Variable]:
        """TariffCostCtrlr, with what 2.1 adds."""
        yield from super().variables()
        yield of_2x(CONTROLLER, "OfflineTariffFallbackMessage", "string", "", mutability="ReadWrite")
        yield of_2x(CONTROLLER, "Enabled", "boolean", "false", instance="RunningCost", mutability="ReadWrite")
        yield of_2x(CONTROLLER, "Interval", "integer", "60", instance="Cost", mutability="ReadWrite", unit="s")
        yield constant(CONTROLLER, "Interval", "integer", "1", instance="Tariff")
        yield of_2x(CONTROLLER, "MaxElements", "integer", "10", instance="Tariff")
        yield of_2x(CONTROLLER, "ConditionsSupported", "boolean", "true", instance="Tariff")
        yield of_2x(
            CONTROLLER,
            "HandleFailedTariff",
            "OptionList",
            "UseDefaultTariff",
            instance="Tariff",
            mutability="ReadWrite",
            choices=FAILED,
        )
        yield of_2x(CONTROLLER, "Problem", "boolean", lambda: str(self._problem).lower())

    # -- what the CSMS asks -------------------------------------------------------------------------------------------

    @answers("SetDefaultTariff")
    def set_default_tariff(self, payload: Payload) -> HandlerResult:
        """I07."""
        evse_id = int(payload["evseId"])
        if evse_id != 0 and self.context.equipment.find(evse_id) is None:
            return rejected("UnknownEvse")
        refused, tariff = self._readable(payload["tariff"])
        if tariff is None:
            return refused
        now = self.context.time.now()
        if any(one.tariff_id == tariff.tariff_id for _, one in self._held.defaults(now)):
            return {"status": "DuplicateTariffId"}
        evses = [one.evse_id for one in self.context.equipment.evses if evse_id in (0, one.evse_id)]
        for place in evses:
            self._held.add_default(place, tariff, now)

        def show() -> None:
            for place in evses:
                self.show_tariff(place, None, _texts(tariff), "")

        return Reply({"status": "Accepted"}, then=show)

    @answers("GetTariffs")
    def get_tariffs(self, payload: Payload) -> HandlerResult:
        """I09."""
        evse_id = int(payload["evseId"])
        if evse_id != 0 and self.context.equipment.find(evse_id) is None:
            return rejected("UnknownEvse")
        found = [*self._default_assignments(evse_id or None), *self._driver_assignments(evse_id or None)]
        return {"status": "Accepted", "tariffAssignments": found} if found else {"status": "NoTariff"}

    @answers("ClearTariffs")
    def clear_tariffs(self, payload: Payload) -> HandlerResult:
        """I10; a transaction keeps its own until it ends."""
        wanted = payload.get("tariffIds")
        named = payload.get("evseId") or None
        gone = self._held.clear(None if wanted is None else frozenset(wanted), named, self.context.time.now())
        results: list[dict[str, Any]] = [{"tariffId": one, "status": "Accepted"} for one in gone]
        results += [{"tariffId": one, "status": "NoTariff"} for one in wanted or () if one not in gone]
        return {"clearTariffsResult": results or [{"status": "NoTariff"}]}

    @answers("ChangeTransactionTariff")
    def change_transaction_tariff(self, payload: Payload) -> HandlerResult:
        """I11."""
        transaction = self.context.ask(OPEN_TRANSACTIONS).find(payload["transactionId"])
        if transaction is None:
            return {"status": "TxNotFound"}
        refused, tariff = self._readable(payload["tariff"])
        if tariff is None:
            return refused
        counting = self._counting.get(transaction.evse_id)
        if counting is None or counting.tariff is None:
            return rejected("NotFound", "the transaction has no tariff")
        if counting.tariff.currency != tariff.currency:
            return {"status": "NoCurrencyChange"}

        def change() -> None:
            counting.change(tariff, self.context.time.now())
            self.show_tariff(transaction.evse_id, transaction.token, _texts(tariff), "")
            if not transaction.ended:
                self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.TARIFF)

        return Reply({"status": "Accepted"}, then=change)

    def driver_tariff(self, token: IdToken, wire: Mapping[str, Any]) -> bool:
        """I08: take a driver's own tariff, which is meant for at once; whether the driver may charge then."""
        self._held.take(token)
        self._central = [one for one in self._central if not one.same_token(token)]
        _, tariff = self._readable({key: value for key, value in wire.items() if key != "validFrom"})
        self._problem = tariff is None
        if tariff is not None:
            self._held.give(token, tariff)
            return True
        how = self.context.variables.text(f"{CONTROLLER}.HandleFailedTariff.Tariff")
        self.context.note(f"the tariff of {token.value} cannot be counted with: {how}")
        if how == "CentralCost":
            self._central.append(token)
        return how != "Deauthorize"

    def _readable(self, wire: Mapping[str, Any]) -> tuple[dict[str, Any], Tariff | None]:
        """A tariff that this station can count with, or the answer that says why it cannot."""
        variables = self.context.variables
        if not self._counts:
            return rejected("NotEnabled", "this station counts no costs"), None
        try:
            tariff = tariff_of(wire)
        except ValueError as error:
            return rejected("InvalidValue", str(error)), None
        if tariff.most_prices > variables.integer(f"{CONTROLLER}.MaxElements.Tariff"):
            return {"status": "TooManyElements"}, None
        if tariff.conditional and not variables.boolean(f"{CONTROLLER}.ConditionsSupported.Tariff"):
            return {"status": "ConditionNotSupported"}, None
        return {}, tariff

    @property
    def _counts(self) -> bool:
        variables = self.context.variables
        return all(variables.boolean(f"{CONTROLLER}.Enabled.{what}") for what in ("Tariff", "Cost"))

    def _default_assignments(self, evse_id: int | None) -> list[dict[str, Any]]:
        places: dict[str, list[int]] = {}
        tariffs: dict[str, Tariff] = {}
        for place, tariff in self._held.defaults(self.context.time.now(), evse_id):
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

    def _driver_assignments(self, evse_id: int | None) -> list[dict[str, Any]]:
        found = []
        for token, tariff in self._held.drivers():
            evses = [
                evse.evse_id
                for evse in self.context.equipment.evses
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

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def shows_tariffs(self) -> bool:
        """Always: here the variables say who counts."""
        return True

    @property
    def shows_costs(self) -> bool:
        """Always."""
        return True

    def texts(self, event: Authorized) -> Sequence[MessageContent]:
        """What the tariff says that will be counted by, else what comes with the verdict."""
        own = self._held.of(event.token.id_token) if self._counts else None
        if own is not None and own.description:
            return _texts(own)
        return super().texts(event)

    def fallback(self) -> str:
        """Without a connection another one may be meant."""
        offline = self.context.variables.text(f"{CONTROLLER}.OfflineTariffFallbackMessage")
        return offline if offline and not self.context.online else super().fallback()

    def knows_cost(self, transaction: Transaction) -> bool:
        """Whether there is a tariff to count by."""
        counting = self._counting.get(transaction.evse_id)
        return self._counted.get(transaction.evse_id) == transaction.local_id or (
            counting is not None and counting.tariff is not None
        )

    # -- counting -----------------------------------------------------------------------------------------------------

    @hears(TransactionTold)
    def told(self, event: TransactionTold) -> None:
        """The CSMS is told of a transaction: with its tariff, and at its end with all that it costs (I12)."""
        transaction = event.transaction
        if event.at_evse:
            self._begin(event)
        counting = self._counting.get(transaction.evse_id)
        if counting is None:
            return
        self._assign(transaction, counting)
        tariff = counting.tariff
        if tariff is not None and counting.told != tariff.tariff_id:
            counting.told = event.info["tariffId"] = tariff.tariff_id
        over = event.kind == "stop"
        if over or event.trigger == "RunningCost":
            cost = counting.cost(event.at)
            if cost is not None:
                event.more["costDetails"] = cost_details(cost, periods=over)
                self._show_counted(transaction, cost, final=over)
        if over:
            self._end(transaction)

    def seconds_until_cost(self, evse_id: int, amount: float) -> Wait | None:
        """How long what runs at an EVSE may go on until it costs so much; None where the CSMS counts."""
        counting = self._counting.get(evse_id)
        if counting is None or counting.tariff is None:
            return None
        return Wait(counting.seconds_until(amount, self.context.time.now()))

    def _begin(self, event: TransactionTold) -> None:
        transaction = event.transaction
        evse = self.context.equipment.evses[transaction.evse_id - 1]
        counting = Counting(self._place(transaction.token), [Flow(event.at, evse.meter.power_w)])
        since = None if transaction.reservation_id is None else self._reserved.pop(transaction.reservation_id, None)
        if since is not None:
            counting.reserved_s = Fraction((event.at - since) // timedelta(microseconds=1), 1_000_000)
        self._counting[evse.evse_id] = counting
        self._later(evse.evse_id)

    def _assign(self, transaction: Transaction, counting: Counting) -> None:
        """Until the driver is known the default holds, then the driver's own from the begin on."""
        if counting.driver_known or not self._counts:
            return
        token = transaction.token
        counting.driver_known = bool(token.value)
        if any(one.same_token(token) for one in self._central):
            counting.tariffs.clear()
            return
        own = self._held.of(token)
        if own is not None:
            counting.place = self._place(token)
            counting.choose(own)
        elif not counting.tariffs:
            default = self._held.default(transaction.evse_id, counting.flows[0].at)
            if default is not None:
                counting.choose(default)

    def _end(self, transaction: Transaction) -> None:
        evse_id, token = transaction.evse_id, transaction.token
        if self._counting.pop(evse_id).tariff is not None:
            self._counted[evse_id] = transaction.local_id
        self._timers.stop(evse_id)
        if not self.context.variables.boolean("cache_enabled"):
            running = self.context.ask(TRANSACTIONS).running()
            if not any(one is not transaction and one.token.same_token(token) for one in running):
                self._held.take(token)

    def _place(self, token: IdToken) -> Place:
        info = {one.type: one.value for one in token.additional_info}
        brand, recognition = info.get("PaymentBrand"), info.get("PaymentRecognition")
        return Place("AC", self.context.config.voltage_v, brand, recognition)

    def _show_counted(self, transaction: Transaction, cost: Cost, *, final: bool) -> None:
        self.show_cost(transaction, rounded(cost.total.incl), final=final, currency=cost.currency)

    def _later(self, evse_id: int) -> None:
        interval = self.context.variables.integer(f"{CONTROLLER}.Interval.Cost")
        if interval > 0:
            self._timers.start(evse_id, interval, lambda: self._so_far(evse_id))

    def _so_far(self, evse_id: int) -> None:
        """The cost up to now is shown, and told where that is wanted (I12.FR.02)."""
        transaction, counting = self.context.equipment.evses[evse_id - 1].transaction, self._counting[evse_id]
        cost = counting.cost(self.context.time.now())
        if transaction is not None and cost is not None:
            if self.context.variables.boolean(f"{CONTROLLER}.Enabled.RunningCost"):
                self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.RUNNING_COST)
            else:
                self._show_counted(transaction, cost, final=False)
        self._later(evse_id)

    @hears(PowerFlows)
    def flows(self, event: PowerFlows) -> None:
        """Another power flows."""
        counting = self._counting.get(event.evse.evse_id)
        if counting is not None:
            counting.flow(event.evse.meter.power_w, self.context.time.now())

    @hears(Reserved)
    def reserved(self, event: Reserved) -> None:
        """A reservation may have to be paid for."""
        self._reserved[event.reservation_id] = self.context.time.now()

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """What was settled meanwhile is told."""
        self._terminal.send()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What was settled without a connection is told."""
        self._terminal.send()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is shown without power."""
        self.stop()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """What is counted goes on."""
        for evse_id in self._counting:
            self._later(evse_id)

    # -- memory -------------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Tariffs, and what is counted by them."""
        return {
            "tariffs": self._held.out(),
            "counting": [[evse_id, counting.out()] for evse_id, counting in self._counting.items()],
            "reserved_since": [[number, moment_out(since)] for number, since in self._reserved.items()],
            "central_cost": [token_out(token) for token in self._central],
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        if "tariffs" not in memory:
            return
        self._held.recall(memory["tariffs"])
        self._central = [known_token(token) for token in memory["central_cost"]]
        self._reserved = {number: datetime.fromisoformat(since) for number, since in memory["reserved_since"]}
        place = self._place(IdToken(""))
        self._counting = {evse_id: Counting.recall(place, data) for evse_id, data in memory["counting"]}


def _texts(tariff: Tariff) -> Sequence[MessageContent]:
    return [MessageContent(text, MessageFormat.UTF8) for text in tariff.description]


def _only(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
