"""The results of commands that present a card: the verdict is in them, sooner or later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.gateway.client import CommandResult, Dialect, Fate, GatewayClient, GatewayError, Queued
from ocpplab_runner.targets.gateway.evidence import LogEvidence
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.gateway.presentations import Presentation
from ocpplab_runner.targets.gateway.verdicts import is_without_verdict, verdict_in
from ocpplab_runner.targets.gateway.watching import Watched

#: Seconds in which the verdict on a presented card must be there: a charger waits 30 s for its CSMS.
_VERDICT = 40.0
_FIRST_LOOK = 0.05
_LONGEST_LOOK = 1.0


def sees_inside(options: GatewayOptions, dialect: Dialect) -> bool:
    """Whether verdicts that no frame shows can be read from the results of commands."""
    return dialect.tells_outcomes and not options.shared_location


class CardResults:
    """Looks for the verdicts on the cards that are presented to one charger.

    Args:
        name: the scenario's name of it.
        client: the Gateway.
        watched: what is known of it.
        log: where its frames are read, unless our own CSMS sees them.
    """

    def __init__(self, name: str, client: GatewayClient, watched: Watched, log: LogEvidence | None) -> None:
        self.name, self.cards = name, watched.cards
        self._client, self._log = client, log
        self._following: set[asyncio.Task[None]] = set()

    def present(self, verb: str, fields: Mapping[str, Any]) -> PresentedCard:
        """A command is about to be sent that presents a card."""
        card = str(fields["id_tag"])
        leads = verb == "authorize_id_tag"
        return PresentedCard(self, card, self.cards.present(card, place=fields.get("evse_id"), leads=leads))

    async def stop(self) -> None:
        """Ask no more."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    def wait_for(self, card: PresentedCard, queued: Queued, result: CommandResult) -> None:
        """Take the verdict of a result, now or when it is there."""
        if _is_final(result) and (self._log is None or not _is_placeless(result)):
            self._conclude(card, result)
            return
        task = asyncio.get_running_loop().create_task(self._follow(card, queued, result))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow(self, card: PresentedCard, queued: Queued, result: CommandResult) -> None:
        presentation = card.presentation
        deadline, pause = presentation.begun + _VERDICT, _FIRST_LOOK
        try:
            while not _is_final(result) and not presentation.decided:
                if clock.now() >= deadline:
                    late = f"the Gateway has not told within {_VERDICT:g} s what has become of the card"
                    self.cards.unsure(presentation, late, for_ever=True)
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_LOOK)
                # From before the question: what became known while it was under way, the answer does not deny.
                asked = clock.now()
                rest = max(deadline - asked, _FIRST_LOOK)
                result = await self._client.result(queued, within=rest, until_received=True)
                if not _is_final(result):
                    self.cards.still_open(presentation, asked)
        except GatewayError as error:
            unreadable = f"the result of the command cannot be read: {error}"
            self.cards.unsure(presentation, unreadable, for_ever=True)
            return
        if self._log is not None and _is_placeless(result):
            # Frames tell who has judged: all up to now have been read before the verdict takes its place.
            read = clock.now()
            while self._log.watermark < read and not presentation.decided:
                await asyncio.sleep(_FIRST_LOOK)
        self._conclude(card, result)

    def _conclude(self, card: PresentedCard, result: CommandResult) -> None:
        verdict = verdict_in(result.result)
        if verdict is not None:
            self.cards.judged(card.presentation, self.name, card.name, verdict, self._client.moment(result))
        elif is_without_verdict(result.result):
            self.cards.nothing(card.presentation)
        else:
            self.cards.unsure(card.presentation, "the result of the command does not hold the verdict on the card")


class PresentedCard:
    """A card on its way to the charger.

    Attributes:
        name: as it is presented.
        presentation: what is known of it.
    """

    def __init__(self, results: CardResults, name: str, presentation: Presentation) -> None:
        self.name, self.presentation = name, presentation
        self._results = results
        self._awaited = False

    def wait_for(self, queued: Queued, result: CommandResult) -> None:
        """The charger has the command, or will have it; here is what is known of its result."""
        self._awaited = True
        self._results.wait_for(self, queued, result)

    def sent(self) -> None:
        """The command is sent; when no result is waited for, the charger has not got it."""
        if not self._awaited:
            self._results.cards.nothing(self.presentation)


def _is_final(result: CommandResult) -> bool:
    """Whether no more is to be learnt of a card."""
    return result.fate is not Fate.OPEN or verdict_in(result.result) is not None


def _is_placeless(result: CommandResult) -> bool:
    """Whether only frames tell who has given the verdict, if anybody has."""
    verdict = verdict_in(result.result)
    return verdict.via is None if verdict is not None else not is_without_verdict(result.result)
