"""Codes that the station shows, each for an EVSE and for a short time: C25 of OCPP 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from ocpplab_runner.authorization.types import AuthorizationType
from ocpplab_runner.charger.blocks.web_payment.totp import totp
from ocpplab_runner.charger.core.block import Block, Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Authorized, ClockSet, Registered, Resumed, TransactionOver, WentDown
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Refused
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.payments import WEB_PAYMENTS
from ocpplab_runner.charger.core.services.transactions import TRANSACTION_LIMITS
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion

_CTRLR = "WebPaymentsCtrlr"
#: Limits as TransactionLimitType has them → as the code does (C25.FR.04 to .06).
_PARAMETERS = {"maxTime": "maxtime", "maxEnergy": "maxenergy", "maxCost": "maxcost"}


class WebPaymentV21(Block):
    """Shows where to pay, and lets nobody take the EVSE meanwhile."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        #: By EVSE: what its next driver wants, by fields of TransactionLimitType.
        self._wanted: dict[int, Mapping[str, float]] = {}
        context.offer(WEB_PAYMENTS, self)

    def variables(self) -> Iterable[Variable]:
        """WebPaymentsCtrlr; no code is shown as long as there is no secret."""
        shown = self._show_all
        yield of_2x(_CTRLR, "Enabled", "boolean", "false", mutability="ReadWrite", changed=shown)
        yield of_2x(_CTRLR, "URLTemplate", "string", "", mutability="ReadWrite", changed=shown)
        yield constant(_CTRLR, "URLParameters", "MemberList", ",".join(_PARAMETERS.values()))
        yield of_2x(_CTRLR, "TOTPVersion", "OptionList", "v1", mutability="ReadWrite", choices=("v1",))
        yield of_2x(
            _CTRLR,
            "ValidityTime",
            "integer",
            "60",
            mutability="ReadWrite",
            unit="s",
            minimum=6,
            maximum=3600,
            changed=shown,
        )
        yield of_2x(_CTRLR, "SharedSecret", "string", "", mutability="WriteOnly", changed=shown)
        yield of_2x(_CTRLR, "Length", "integer", "8", mutability="ReadWrite", minimum=6, maximum=32, changed=shown)

    @answers("NotifyWebPaymentStarted")
    def notify_web_payment_started(self, payload: Payload) -> HandlerResult:
        """C25.FR.21, .22: somebody pays for an EVSE, or with 0 for any."""
        wanted = payload["evseId"]
        evses = [evse for evse in self.context.equipment.evses if wanted in (0, evse.evse_id)]

        def hold() -> None:
            for evse in evses:
                self.context.ask(AUTHORIZATION).hold_for_payment(evse, payload["timeout"])

        return Reply({}, then=hold)

    @property
    def shows(self) -> bool:
        """Whether there are codes."""
        variables = self.context.variables
        filled = all(variables.text(f"{_CTRLR}.{name}") for name in ("URLTemplate", "SharedSecret"))
        return filled and variables.boolean(f"{_CTRLR}.Enabled")

    def limit(self, evse: Evse, wire: Mapping[str, float]) -> None:
        """C25.FR.03: the driver says what the transaction may come to, before it is paid."""
        lacking = [name for name in wire if name not in _PARAMETERS]
        if lacking:
            raise Refused(f"a code says no {', '.join(lacking)}")
        self._wanted[evse.evse_id] = dict(wire)
        self._show(evse)

    @hears(Authorized)
    def authorized(self, event: Authorized) -> None:
        """What was paid for begins, with what its driver wanted."""
        token, wanted = event.token, self._wanted.get(event.evse.evse_id)
        # Only the CSMS starts what was paid in a browser; a card that comes before has no part in it.
        paid = token.authorization_type is AuthorizationType.OCPP and token.id_token.type.value == "DirectPayment"
        if paid and wanted is not None:
            del self._wanted[event.evse.evse_id]
            self.context.ask(TRANSACTION_LIMITS).set_before(token.id_token, wanted)

    @hears(TransactionOver)
    def over(self, event: TransactionOver) -> None:
        """The next driver may pay."""
        self._show(event.evse)

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """The display is on."""
        self._show_all()

    @hears(ClockSet)
    def clock_set(self, _: ClockSet) -> None:
        """Another code is right at another time."""
        self._show_all()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """It was on all the time."""
        self._show_all()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """Nothing is shown, and nobody has wanted anything."""
        self.stop()
        self._wanted.clear()

    def _show_all(self) -> None:
        """Show a code at every free EVSE, and others when these are over."""
        if not self.shows or not self.context.powered:
            self._timers.stop_all()
            return
        for evse in self.context.equipment.evses:
            self._show(evse)
        validity = self.context.variables.integer(f"{_CTRLR}.ValidityTime")
        # Codes change at whole multiples of ValidityTime since 1970, at both ends alike.
        left = validity - self.context.time.now().timestamp() % validity
        self._timers.start("next", left, self._show_all)

    def _show(self, evse: Evse) -> None:
        if self.shows and evse.transaction is None:
            self.context.fact("price_display", {"is": "qr_code", "evse_id": evse.evse_id, "text": self._url(evse)})

    def _url(self, evse: Evse) -> str:
        """C25.FR.50 to .58."""
        variables = self.context.variables
        code = totp(
            variables.text(f"{_CTRLR}.SharedSecret"),
            self.context.time.now().timestamp(),
            variables.integer(f"{_CTRLR}.ValidityTime"),
            variables.integer(f"{_CTRLR}.Length"),
        )
        filled = {
            "{chargingstationid}": quote(self.context.config.identity, safe=""),
            "{evse}": str(evse.evse_id),
            "{totp}": code,
            "{version}": variables.text(f"{_CTRLR}.TOTPVersion"),
        }
        url = variables.text(f"{_CTRLR}.URLTemplate")
        for place, value in filled.items():
            url = url.replace(place, value)
        wanted = self._wanted.get(evse.evse_id, {})
        asked = {parameter: f"{wanted[name]:g}" for name, parameter in _PARAMETERS.items() if name in wanted}
        # A template may bring a query of its own.
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}" if asked else url
