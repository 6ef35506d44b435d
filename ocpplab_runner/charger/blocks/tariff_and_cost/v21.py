"""Tariff and cost in OCPP 2.1, where the station may count by itself: I07 to I12."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.tariff_and_cost.assignment import FAILED, TariffAssignment
from ocpplab_runner.charger.blocks.tariff_and_cost.costs import Costs
from ocpplab_runner.charger.blocks.tariff_and_cost.v2 import CONTROLLER, TariffAndCostV2
from ocpplab_runner.charger.core.block import Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import (
    Authorized,
    ClockSet,
    PoweredUp,
    PowerFlows,
    Reserved,
    Resumed,
    TransactionTold,
    WentDown,
)
from ocpplab_runner.charger.core.model import Transaction, UpdateKind
from ocpplab_runner.charger.core.services.payments import TARIFFS
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, TRANSACTIONS, Wait
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.tariffs.cost import Cost
from ocpplab_runner.tariffs.details import cost_details
from ocpplab_runner.tariffs.exact import rounded
from ocpplab_runner.tariffs.tariff import Tariff
from ocpplab_runner.vocabulary.versions import OcppVersion


class TariffAndCostV21(TariffAndCostV2):
    """Counts by the driver's tariff, else by the EVSE's default; without one the CSMS counts, as in 2.0.1."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._assignment = TariffAssignment(context)
        self._costs = Costs(context, self._assignment)
        context.offer(TARIFFS, self)

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
        yield of_2x(CONTROLLER, "Problem", "boolean", lambda: str(self._assignment.problem).lower())

    # -- what the CSMS asks -------------------------------------------------------------------------------------------

    @answers("SetDefaultTariff")
    def set_default_tariff(self, payload: Payload) -> HandlerResult:
        """I07."""
        evse_id = int(payload["evseId"])
        if evse_id != 0 and self.context.equipment.find(evse_id) is None:
            return rejected("UnknownEvse")
        refused, tariff = self._assignment.readable(payload["tariff"])
        if tariff is None:
            return refused
        evses = [one.evse_id for one in self.context.equipment.evses if evse_id in (0, one.evse_id)]
        if not self._assignment.set_default(tariff, evses):
            return {"status": "DuplicateTariffId"}

        def show() -> None:
            for place in evses:
                self.show_tariff(place, None, _text(tariff))

        return Reply({"status": "Accepted"}, then=show)

    @answers("GetTariffs")
    def get_tariffs(self, payload: Payload) -> HandlerResult:
        """I09."""
        evse_id = int(payload["evseId"])
        if evse_id != 0 and self.context.equipment.find(evse_id) is None:
            return rejected("UnknownEvse")
        found = self._assignment.listed(evse_id or None)
        return {"status": "Accepted", "tariffAssignments": found} if found else {"status": "NoTariff"}

    @answers("ClearTariffs")
    def clear_tariffs(self, payload: Payload) -> HandlerResult:
        """I10; a transaction keeps its own until it ends."""
        return self._assignment.clear(payload.get("tariffIds"), payload.get("evseId") or None)

    @answers("ChangeTransactionTariff")
    def change_transaction_tariff(self, payload: Payload) -> HandlerResult:
        """I11."""
        transaction = self.context.ask(OPEN_TRANSACTIONS).find(payload["transactionId"])
        if transaction is None:
            return {"status": "TxNotFound"}
        refused, tariff = self._assignment.readable(payload["tariff"])
        if tariff is None:
            return refused
        counting = self._costs.of(transaction.evse_id)
        if counting is None or counting.tariff is None:
            return rejected("NotFound", "the transaction has no tariff")
        if counting.tariff.currency != tariff.currency:
            return {"status": "NoCurrencyChange"}

        def change() -> None:
            counting.change(tariff, self.context.time.now())
            self.show_tariff(transaction.evse_id, transaction.token, _text(tariff))
            if not transaction.ended:
                self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.TARIFF)

        return Reply({"status": "Accepted"}, then=change)

    def driver_tariff(self, token: IdToken, wire: Mapping[str, Any]) -> bool:
        """I08: take a driver's own tariff, which is meant for at once; whether the driver may charge then."""
        return self._assignment.give(token, wire)

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def shows_tariffs(self) -> bool:
        """Always: here the variables say who counts."""
        return True

    @property
    def shows_costs(self) -> bool:
        """Always."""
        return True

    def text(self, event: Authorized) -> str:
        """What the tariff says that will be counted by, else what comes with the verdict."""
        own = self._assignment.held.of(event.token.id_token) if self._assignment.counts else None
        return (own and _text(own)) or super().text(event)

    def fallback(self) -> str:
        """Without a connection another one may be meant."""
        offline = self.context.variables.text(f"{CONTROLLER}.OfflineTariffFallbackMessage")
        return offline if offline and not self.context.online else super().fallback()

    def knows_cost(self, transaction: Transaction) -> bool:
        """Whether there is a tariff to count by."""
        return self._costs.known(transaction)

    # -- counting -----------------------------------------------------------------------------------------------------

    @hears(TransactionTold)
    def told(self, event: TransactionTold) -> None:
        """The CSMS is told of a transaction: with its tariff, and at its end with all that it costs (I12)."""
        transaction = event.transaction
        # Not before: the meter and the default tariff are an EVSE's.
        if event.at_evse:
            self._costs.begin(transaction, event.at)
            self._later(transaction.evse_id)
        counting = self._costs.of(transaction.evse_id)
        if counting is None:
            return
        self._costs.assign(transaction, counting)
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
            self._costs.end(transaction)

    def seconds_until_cost(self, evse_id: int, amount: float) -> Wait | None:
        """How long what runs at an EVSE may go on until it costs so much; None where the CSMS counts."""
        counting = self._costs.of(evse_id)
        if counting is None or counting.tariff is None:
            return None
        return Wait(counting.seconds_until(amount, self.context.time.now()))

    def cost_so_far(self, evse_id: int) -> float | None:
        """What it costs now; None where the CSMS counts."""
        counting = self._costs.of(evse_id)
        cost = None if counting is None else counting.cost(self.context.time.now())
        return None if cost is None else float(cost.total.incl)

    def _show_counted(self, transaction: Transaction, cost: Cost, *, final: bool) -> None:
        self.show_cost(transaction, rounded(cost.total.incl), final=final, currency=cost.currency)

    def _later(self, evse_id: int) -> None:
        interval = self.context.variables.integer(f"{CONTROLLER}.Interval.Cost")
        if interval > 0:
            self._timers.start(evse_id, interval, lambda: self._so_far(evse_id))

    def _so_far(self, evse_id: int) -> None:
        """The cost up to now is shown, and told where that is wanted (I12.FR.02)."""
        transaction, counting = self.context.equipment.evses[evse_id - 1].transaction, self._costs.of(evse_id)
        if counting is None:
            return
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
        counting = self._costs.of(event.evse.evse_id)
        if counting is not None:
            # What is given back is no part of the cost.
            counting.flow(max(event.evse.meter.power_w, 0.0), self.context.time.now())

    @hears(Reserved)
    def reserved(self, event: Reserved) -> None:
        """A reservation may have to be paid for."""
        self._costs.reserved(event.reservation_id)

    @hears(ClockSet)
    def clock_set(self, event: ClockSet) -> None:
        """Costs are of what has lasted, whatever the date is."""
        self._costs.clock_set(event.by)

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is shown without power."""
        self.stop()

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """What goes on after an interruption is counted on."""
        self._go_on()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """What is counted goes on."""
        self._go_on()

    def _go_on(self) -> None:
        for evse_id in self._costs.evses():
            self._later(evse_id)

    # -- memory -------------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Tariffs, and what is counted by them."""
        return self._assignment.out() | self._costs.out()

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        if "tariffs" not in memory:
            return
        self._assignment.recall(memory)
        self._costs.recall(memory)


def _text(tariff: Tariff) -> str:
    return tariff.description[0] if tariff.description else ""
