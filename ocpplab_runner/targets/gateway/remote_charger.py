"""One charger of a case behind a Gateway: what it is told, and what became of that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.gateway.client import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    Fate,
    GatewayClient,
    GatewayError,
    PartialFanOutError,
    Queued,
)
from ocpplab_runner.plugin.stage import InfrastructureError, Outcome
from ocpplab_runner.targets.gateway.card_results import CardResults, PresentedCard, sees_inside
from ocpplab_runner.targets.gateway.evidence import LOG, LogEvidence
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.translation import event_of, field_objection
from ocpplab_runner.targets.gateway.watching import Watched
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Seconds in which a queued command shows its first effect, where nothing else tells that it has been carried out.
_EFFECT = 1.0
#: Seconds in which a command's result must be there.
_RESULT = 15.0
#: Commands that present a card. Their result says rejected when the card is refused, whoever refuses it.
CARD_COMMANDS = frozenset({"authorize_id_tag", "start_session"})
#: Commands whose result waits for the CSMS: it is enough that the charger has them.
_LASTING = CARD_COMMANDS | {"proxy_message"}


class RemoteCharger:
    """Speaks to one charger through the Gateway.

    Args:
        name: the scenario's name of it.
        charger: the Gateway's.
        client: the Gateway.
        version: that the charger speaks.
        options: how it is addressed.
        watched: what is known of it.
        log: where its frames are read, unless our own CSMS sees them.
    """

    def __init__(
        self,
        name: str,
        charger: Charger,
        client: GatewayClient,
        *,
        version: OcppVersion,
        options: GatewayOptions,
        watched: Watched,
        log: LogEvidence | None,
    ) -> None:
        self.name, self.charger, self.watched, self.log = name, charger, watched, log
        self._client, self._version, self._options = client, version, options
        self._commanded = self._due = 0.0
        self._restless = False
        self._heard = 0
        self._results = CardResults(name, client, watched, log) if sees_inside(options, client.dialect) else None

    @property
    def identity(self) -> str:
        """As the CSMS knows it."""
        return self.charger.identity

    async def boot(self, limit: float) -> None:
        """It has booted when it is made; see :mod:`~ocpplab_runner.targets.gateway.provisioning`."""

    async def present(self, card: str, evse_id: int) -> Outcome:
        """Present a card, at that EVSE where the API can say so."""
        fields: dict[str, Any] = {"id_tag": card, "evse_id": evse_id}
        if field_objection(self._client.dialect, self._version, "authorize_id_tag", fields) is not None:
            del fields["evse_id"]
        return await self.perform("authorize_id_tag", fields)

    def status(self, evse_id: int) -> str | None:
        """The status of an EVSE's first connector; None before it has been reported."""
        return self.watched.status(evse_id)

    def online(self) -> bool:
        """Whether it has booted: the API cannot cut a connection."""
        return self.watched.booting

    def accepted(self, card: str) -> bool:
        """Whether a frame or a command's result has shown that a card is accepted."""
        return card.lower() in self.watched.accepted

    async def until(self, holds: Callable[[], bool], what: str, limit: float, *, card: str | None = None) -> None:
        """Wait until something is true of it; what refuses a card need not be seen."""
        await self.watched.changes.until(holds, what, limit)

    def watermark(self, evidence: str) -> float:
        """Our own sockets do not lag; the log does. A verdict that is not known yet holds everything up."""
        known = self.watched.cards.watermark()
        return min(known, self.log.watermark) if self.log is not None and evidence == LOG else min(known, clock.now())

    async def perform(self, verb: str, fields: Mapping[str, Any], *, raw: bool = False) -> Outcome:
        """Send a command once and find out what can be known of its outcome.

        Raises:
            BlockedError: the API cannot say that.
            InfrastructureError: the Gateway is in trouble.
        """
        event = event_of(self._client.dialect, self._version, verb, fields)
        heard = self.watched.frames
        card: PresentedCard | None = None
        if self._results is not None and verb in CARD_COMMANDS:
            card = self._results.present(verb, fields)
        if self.log is not None:
            self.log.mark()
        try:
            told = await self._client.command(
                verb,
                self._address(verb),
                event,
                self._version,
                some_suffice=self._options.partial_fan_out,
            )
            outcome = await self._outcome(verb, told, card)
        except GatewayError as error:
            raise InfrastructureError(str(error), reached=error.reached) from error
        except PartialFanOutError as error:
            raise InfrastructureError(str(error), reached=True) from error
        finally:
            # After an error, too: the charger may have got the command.
            self.stirred()
            if card is not None:
                card.sent()
        if told.queued and not self._client.dialect.tells_outcomes:
            self._due, self._heard = clock.now() + _EFFECT, heard
        # The API need not name the message: the charger's next call of that action is taken to be it.
        if verb == "proxy_message" and outcome.status == "done" and "message_id" not in outcome.detail:
            sent = await self.watched.next_call(str(event["action"]), since=heard, limit=self.patience)
            if sent is not None:
                return Outcome(detail={**outcome.detail, "message_id": sent})
        return outcome

    def stirred(self) -> None:
        """Something has been set off."""
        self._commanded, self._restless = clock.now(), True

    async def stop(self) -> None:
        """Read no more, and let go of what is held back."""
        if self._results is not None:
            await self._results.stop()
        if self.log is not None:
            await self.log.stop()
        self.watched.cards.end()

    async def answered(self) -> None:
        """As :meth:`settle`: what the charger has still to say is not seen."""
        await self.settle()

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have shown."""
        await self.watched.cards.released()
        if clock.is_virtual() and self.log is None:
            await clock.settled()
            return
        if self.log is None:
            # While it has said nothing, its first effect may be yet to come.
            await self.watched.changes.quiet(
                self._options.settle, lambda: self._due if self.watched.frames == self._heard else 0.0
            )
            return
        # Nothing was set off since: the log's delay need not be waited out once more.
        if not self._restless:
            return
        target = max(self._commanded + self._options.settle, self._due)
        while self.log.watermark < target:
            await asyncio.sleep(0.1)
        self._restless = False

    @property
    def patience(self) -> float:
        """Seconds in which an effect can be seen."""
        return 2.0 if self.log is None else self._options.log_delay + 3.0

    def _address(self, verb: str) -> Address:
        location = self.charger.location_id
        if self._options.address == "charger" or location is None or not self._client.dialect.commands[verb].fleet:
            return Address(self.charger.id)
        return Address(
            location_id=location, charger_ids=(self.charger.id,) if self._options.address == "subset" else ()
        )

    async def _outcome(self, verb: str, told: Acknowledgement, card: PresentedCard | None) -> Outcome:
        if told.refusal is not None:
            return Outcome("refused", told.detail, told.refusal)
        if not told.queued:
            if told.failed:
                return Outcome("refused", told.detail, "; ".join(reason for _, reason in told.failed))
            return Outcome(detail=told.detail)
        if not self._client.dialect.tells_outcomes:
            return Outcome(detail=told.detail)
        detail = dict(told.detail)
        for queued in told.queued:
            result = await self._result(verb, queued)
            if card is not None and queued.charger_id in (None, self.charger.id):
                card.wait_for(queued, result)
            detail |= result.result
            if result.fate is Fate.APPLIED or (result.fate is Fate.OPEN and verb in _LASTING):
                continue
            reason = result.detail or f"the Gateway says {result.word}"
            if result.fate is Fate.REJECTED and (verb in CARD_COMMANDS or _is_answer(result)):
                # The card or the message was refused: that is what the command was to find out.
                detail["rejected"] = reason
                continue
            return Outcome("refused", detail, reason)
        return Outcome(detail=detail)

    async def _result(self, verb: str, queued: Queued) -> CommandResult:
        return await self._client.result(queued, within=_RESULT, until_received=verb in _LASTING)


def _is_answer(result: CommandResult) -> bool:
    """Whether a rejection is the CSMS's answer to a message, and not the charger's refusal to send it."""
    return "code" in result.result or "message_id" in result.result
