"""Prices and costs in OCPP 1.6, as DataTransfer: the application note "OCPP & California Pricing Requirements".

The CSMS counts. The station shows what it is told, estimates what it comes to until it is told again, and sends meter
values when the CSMS wants to count anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.tariff_and_cost.block import TariffAndCost
from ocpplab_runner.charger.blocks.tariff_and_cost.ended import Charged, by_evse, ended_in, ended_out
from ocpplab_runner.charger.blocks.tariff_and_cost.running import RunningCost
from ocpplab_runner.charger.blocks.tariff_and_cost.wanted import WantedReading
from ocpplab_runner.charger.core.block import V16, hears, vendor
from ocpplab_runner.charger.core.events import Authorized, PowerFlows, Resumed, TransactionOver, Unplugged
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, UpdateKind
from ocpplab_runner.charger.core.services.transactions import METERING, TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES, on_the_wire, structure

_ACCEPTED, _REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
#: Seconds between two estimates that the driver is shown.
_SHOWN_EVERY = 60
#: Transactions that have ended and may still get their final cost.
_MOST_OVER = 16
#: Drivers who have not come yet and whose prices are known.
_MOST_PRICES = 16


class TariffAndCostV16(TariffAndCost):
    """The CSMS says what is shown."""

    versions = V16
    sends = frozenset({"DataTransfer"})

    def assembled(self) -> None:
        """Nothing costs anything yet."""
        super().assembled()
        self._running: dict[int, RunningCost] = {}
        self._wanted: dict[int, WantedReading] = {}
        self._prices: dict[str, str] = {}
        self._over: list[Charged] = []
        self._unplugs: dict[int, Charged] = {}

    def variables(self) -> Iterable[Variable]:
        """The application note's configuration keys."""
        yield _key("CustomDisplayCostAndPrice", "boolean", "true")
        yield _key("CustomIdleFeeAfterStop", "boolean", "false")
        yield _key("NumberOfDecimalsForCostValues", "integer", "3")
        yield Variable(
            name="DefaultPrice", type="string", key="DefaultPrice", mutability="ReadWrite", wrong=_wrong_default_price
        )

    def currency(self) -> str | None:
        """1.6 has no word for it."""
        return None

    @property
    def there(self) -> bool:
        """CustomDisplayCostAndPrice."""
        return self.context.variables.boolean("CustomDisplayCostAndPrice")

    # -- what the CSMS says -----------------------------------------------------------------------------------------

    @vendor(COST_MESSAGES, "SetUserPrice")
    def set_user_price(self, data: Mapping[str, Any]) -> HandlerResult:
        """The tariff of a driver, as text: shown at once, or when the card has been granted an EVSE."""
        if not self.there:
            # Switched off, the station does not know the vendor at all.
            return {"status": "UnknownVendorId"}
        card, text = data.get("idToken"), data.get("priceText")
        if not isinstance(card, str) or not isinstance(text, str):
            return self._refused("SetUserPrice needs idToken and priceText")
        token = IdToken(card)
        evse = next((evse for evse in self.context.equipment.evses if _is_of(evse, token)), None)
        if evse is None:
            self._prices[token.value.casefold()] = text
            for old in list(self._prices)[:-_MOST_PRICES]:
                del self._prices[old]
            return _ACCEPTED
        place = evse.evse_id
        return Reply(_ACCEPTED, then=lambda: self.show_tariff(place, token, text))

    @vendor(COST_MESSAGES, "RunningCost")
    def running_cost(self, data: Mapping[str, Any]) -> HandlerResult:
        """What a transaction costs so far, how that grows, and when the CSMS wants to hear of the meter."""
        if not self.there:
            return {"status": "UnknownVendorId"}
        transaction = self.context.ask(TRANSACTIONS).find(data.get("transactionId", ""))
        if transaction is None:
            return self._refused(f"no running transaction has the id {data.get('transactionId')}")
        evse, time = self.context.equipment.evses[transaction.evse_id - 1], self.context.time
        try:
            running = RunningCost.told(data, time.now(), evse.meter.energy_wh(clock.now()))
            status = evse.charging_state(clock.now()).value
            wanted = WantedReading.told(data.get("triggerMeterValue") or {}, evse.meter.power_w, status)
        # No schema looks at the data of a DataTransfer: anything may stand there.
        except (ValueError, TypeError, KeyError, AttributeError):
            return self._refused("this RunningCost says no cost, or not in its way")
        return Reply(_ACCEPTED, then=lambda: self._follow(evse, running, wanted))

    @vendor(COST_MESSAGES, "FinalCost")
    def final_cost(self, data: Mapping[str, Any]) -> HandlerResult:
        """What a transaction has cost in all."""
        if not self.there:
            return {"status": "UnknownVendorId"}
        wanted, cost, text = str(data.get("transactionId")), data.get("cost"), data.get("priceText", "")
        transaction = next((one for one in reversed(self._over) if str(one.remote_id) == wanted), None)
        if transaction is None:
            return self._refused(f"no transaction that has ended here has the id {wanted}")
        if not is_number(cost) or not isinstance(text, str):
            return self._refused("this FinalCost says no cost, or not in its way")
        amount = self._rounded(cost)
        return Reply(_ACCEPTED, then=lambda: self.show_cost(transaction, amount, final=True, text=text))

    # -- what happens -----------------------------------------------------------------------------------------------

    @hears(Authorized)
    def authorized(self, event: Authorized) -> None:
        """Whoever comes is shown a price: the own one, or the default."""
        token, place = event.token.id_token, event.evse.evse_id
        own = self._prices.pop(token.value.casefold(), None)
        if own is not None and self.there:
            self.show_tariff(place, token, own)
            return
        price = structure(self.context.variables.text("DefaultPrice")) if self.there else None
        if price is not None:
            offline = None if self.context.online else price.get("priceTextOffline")
            self.show_tariff(place, token, offline or price.get("priceText", ""))

    @hears(PowerFlows)
    def power_flows(self, event: PowerFlows) -> None:
        """It may be what the CSMS waits for, and its energy will come at another time."""
        evse = event.evse
        wanted = self._wanted.get(evse.evse_id)
        if wanted is None or evse.transaction is None:
            return
        if wanted.met_by(evse.meter.power_w, evse.charging_state(clock.now()).value):
            self._send_reading(evse)
        self._await_energy(evse, wanted)

    @hears(TransactionOver)
    def over(self, event: TransactionOver) -> None:
        """Its cost grows no more; the cable may be kept in."""
        place = event.evse.evse_id
        self._running.pop(place, None)
        self._wanted.pop(place, None)
        for name in ("shown", "period", "energy", "time"):
            self._timers.stop((name, place))
        self._over = [*self._over[1 - _MOST_OVER :], event.transaction]
        if event.evse.plugged_connector is not None:
            self._unplugs[place] = event.transaction

    @hears(Unplugged)
    def unplugged(self, event: Unplugged) -> None:
        """With CustomIdleFeeAfterStop the CSMS counts until now."""
        transaction = self._unplugs.pop(event.evse.evse_id, None)
        if transaction is None or not self.there or not self.context.variables.boolean("CustomIdleFeeAfterStop"):
            return
        data = {"transactionId": transaction.remote_id, "timestamp": clock.timestamp(self.context.time.now())}
        self.context.post(
            Outgoing(
                "DataTransfer",
                {
                    "vendorId": COST_MESSAGES,
                    "messageId": "ConnectorUnplugged",
                    "data": on_the_wire(data, self.context.version),
                },
            )
        )

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """What grows goes on; a period that should have begun meanwhile begins now."""
        now = self.context.time.now()
        for place, running in list(self._running.items()):
            evse = self.context.equipment.evses[place - 1]
            if running.following is not None and running.following[0] <= now:
                running = self._running[place] = running.next_period(now, evse.meter.energy_wh(clock.now()))
            self._await(evse, running, self._wanted[place])

    # -- memory -----------------------------------------------------------------------------------------------------

    def remember(self) -> Mapping[str, Any]:
        """Costs that grow, prices of those who have not come yet, and what has ended and may still cost."""
        return {
            "costs": {
                "running": {place: one.out() for place, one in self._running.items()},
                "wanted": {place: one.out() for place, one in self._wanted.items()},
                "prices": dict(self._prices),
                "over": [ended_out(one) for one in self._over],
                "unplugs": {place: ended_out(one) for place, one in self._unplugs.items()},
            }
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put them back."""
        known = memory.get("costs")
        if known is None:
            return
        self._running = {place: RunningCost.recall(one) for place, one in by_evse(known["running"]).items()}
        self._wanted = {place: WantedReading.recall(one) for place, one in by_evse(known["wanted"]).items()}
        self._prices = dict(known["prices"])
        self._over = [ended_in(one) for one in known["over"]]
        self._unplugs = {place: ended_in(one) for place, one in by_evse(known["unplugs"]).items()}

    # -- between two messages of the CSMS -----------------------------------------------------------------------------

    def _follow(self, evse: Evse, running: RunningCost, wanted: WantedReading) -> None:
        if evse.transaction is None:
            return
        place = evse.evse_id
        self._running[place], self._wanted[place] = running, wanted
        self.show_cost(evse.transaction, self._rounded(running.cost), final=False)
        self._await(evse, running, wanted)

    def _await(self, evse: Evse, running: RunningCost, wanted: WantedReading) -> None:
        """What is shown next, and what changes then."""
        place = evse.evse_id
        if running.grows():
            self._timers.start(("shown", place), _SHOWN_EVERY, lambda: self._show_estimate(evse))
        else:
            self._timers.stop(("shown", place))
        self._at(("period", place), running.following and running.following[0], lambda: self._next_period(evse))
        self._at(("time", place), wanted.at, lambda: self._send_reading(evse))
        self._await_energy(evse, wanted)

    def _show_estimate(self, evse: Evse) -> None:
        running, transaction = self._running.get(evse.evse_id), evse.transaction
        if running is None or transaction is None:
            return
        amount = running.amount(self.context.time.now(), evse.meter.energy_wh(clock.now()))
        self.show_cost(transaction, self._rounded(amount), final=False)
        self._timers.start(("shown", evse.evse_id), _SHOWN_EVERY, lambda: self._show_estimate(evse))

    def _next_period(self, evse: Evse) -> None:
        running = self._running.get(evse.evse_id)
        if running is not None:
            energy = evse.meter.energy_wh(clock.now())
            self._running[evse.evse_id] = running.next_period(self.context.time.now(), energy)
            self._show_estimate(evse)

    def _await_energy(self, evse: Evse, wanted: WantedReading) -> None:
        name = ("energy", evse.evse_id)
        seconds = None if wanted.energy_wh is None else evse.meter.seconds_until(wanted.energy_wh, clock.now())
        # What has flowed already is not waited for any more.
        if seconds:
            self._timers.start(name, seconds, lambda: self._send_reading(evse))
        else:
            self._timers.stop(name)

    def _at(self, name: tuple[str, int], at: Any, action: Any) -> None:
        # Nor is a moment that has passed.
        if at is None or at <= self.context.time.now():
            self._timers.stop(name)
        else:
            self._timers.start(name, (at - self.context.time.now()) / timedelta(seconds=1), action)

    def _send_reading(self, evse: Evse) -> None:
        reading = self.context.ask(METERING).reading(evse, "sampled", "Other")
        if reading is not None and evse.transaction is not None:
            self.context.ask(TRANSACTIONS).updated(evse.transaction, UpdateKind.READINGS, reading)

    def _rounded(self, amount: float) -> float:
        return round(float(amount), self.context.variables.integer("NumberOfDecimalsForCostValues"))

    def _refused(self, why: str) -> HandlerResult:
        self.context.note(why)
        return _REJECTED


def _is_of(evse: Evse, token: IdToken) -> bool:
    holder = evse.transaction or evse.grant
    return holder is not None and holder.token.same_token(token)


def _key(name: str, type: Any, value: str) -> Variable:
    return Variable(name=name, type=type, default=value, key=name)


def _wrong_default_price(text: str) -> str | None:
    try:
        price = json.loads(text)
    except ValueError:
        return "takes JSON"
    texts = [price.get(name, "") for name in ("priceText", "priceTextOffline")] if isinstance(price, dict) else [None]
    return None if all(isinstance(one, str) for one in texts) else "takes an object with priceText"
