"""Cards of a CSMS that somebody else runs, lent to one case; where the CSMS is ours, nothing is exchanged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner.csms import Card, CsmsConfig
from ocpplab_runner.plugin.stage import BlockedError, Recorder, StageRequest
from ocpplab_runner.targets.cards import CardBook, Loan, NoSuchCardsError
from ocpplab_runner.targets.gateway.options import GatewayOptions
from ocpplab_runner.targets.known_data import known_data
from ocpplab_runner.targets.leases import Lease, Leases, NothingLeftError
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

_ARRANGEABLE = frozenset({"id_tokens"})


@dataclass(frozen=True, slots=True)
class Lent:
    """A case's request as it looks to the chargers.

    Attributes:
        request: with the real cards.
        record: puts the scenario's own cards back into what is observed.
        tokens: exchanges them in commands.
        lease: what must be given back, or None.
    """

    request: StageRequest
    record: Recorder
    tokens: TokenMap
    lease: Lease | None = None

    def give_back(self, left_open: Collection[str]) -> None:
        """Let others have the cards, unless something may be left open that was done with them."""
        if self.lease is not None and left_open:
            self.lease.lose()
        elif self.lease is not None:
            self.lease.give_back()


def cards_objection(
    csms: Mapping[str, Any], version: OcppVersion, variables: Mapping[str, Any], options: GatewayOptions
) -> str | None:
    """Why ``given.csms`` cannot be had of somebody else's CSMS, as far as its text tells; None when it can."""
    if options.csms is None:
        return None
    try:
        CardBook(options.cards, options.tokens).lend(_wanted(known_data(dict(csms), variables)), version)
    except (BlockedError, NoSuchCardsError) as error:
        return str(error)
    # What is computed, or makes no sense, shows when the case runs.
    except (LookupError, ValueError):
        return None
    return None


def _wanted(csms: Mapping[str, Any]) -> Mapping[str, Card]:
    """The cards; raises BlockedError for all else."""
    for key in csms:
        if key not in _ARRANGEABLE:
            raise BlockedError(f"given.csms.{key} cannot be arranged: the CSMS is not ours")
    return CsmsConfig.from_given(csms).id_tokens


async def lend(request: StageRequest, options: GatewayOptions, leases: Leases) -> Lent:
    """Borrow the cards that a case needs.

    Raises:
        BlockedError: ``given.csms`` asks for what only the CSMS's operators can arrange, or there are no such cards.
    """
    if options.csms is None:
        return Lent(request, request.record, TokenMap({}, request.version))
    book = CardBook(options.cards, options.tokens)
    wanted = _wanted(request.csms)

    def choose(free: Callable[[str], bool]) -> tuple[Collection[str], Loan] | None:
        try:
            loan = book.lend(wanted, request.version, free=lambda card: free(f"card {card}"))
        except NoSuchCardsError as error:
            raise BlockedError(str(error)) from error
        return None if loan is None else ([f"card {card}" for card in loan.cards.values()], loan)

    try:
        lease, loan = await leases.borrow(choose)
    except NothingLeftError as error:
        raise BlockedError(
            f"an earlier case has left something open at the CSMS, and no other can be lent: {error}"
        ) from error
    exchanged: Mapping[str, str] = {**options.tokens, **loan.cards, **loan.groups}
    tokens = TokenMap({ours: real for ours, real in exchanged.items() if ours != real}, request.version)
    changed = replace(request, chargers=tokens.outwards(request.chargers))
    return Lent(changed, tokens.recorder(request.record), tokens, lease)
