"""Which real card of a foreign CSMS stands for each card of a scenario. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocpplab_runner.csms import Card, wire_status
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The status that the CSMS answers with, and the token type.
_Sort = tuple[AuthorizationStatus, str]
_Kind = tuple[str | None, _Sort]
_Supply = dict[str | None, dict[_Sort, list[str]]]


class NoSuchCardsError(Exception):
    """The CSMS has no cards of the kinds that a scenario needs; the text names them."""


@dataclass(frozen=True, slots=True)
class Loan:
    """Real cards for the length of one case.

    Attributes:
        cards: a scenario's card → the real one, which may be the very same.
        groups: a scenario's group → the real one.
        listed: whether the cards' kinds are known, not only hoped for.
    """

    cards: Mapping[str, str]
    groups: Mapping[str, str]
    listed: bool


class CardBook:
    """What the CSMS knows of its cards.

    Without any listed card a scenario's cards are taken as they are written, unless they are mapped by hand.

    Args:
        cards: real card → what the CSMS knows of it.
        mapped: a scenario's card or group → the real one, fixed by hand. A mapped card that is also listed must be of
            the kind that the scenario wants; one that is not is trusted.
    """

    def __init__(self, cards: Mapping[str, Card], mapped: Mapping[str, str]) -> None:
        self._cards = _in_one_spelling(cards)
        self._known = {card.casefold(): data for card, data in self._cards.items()}
        self._mapped = {name.casefold(): real for name, real in mapped.items()}

    def lend(
        self,
        wanted: Mapping[str, Card],
        version: OcppVersion,
        *,
        free: Callable[[str], bool] = lambda _: True,
    ) -> Loan | None:
        """Real cards for a scenario's.

        A card is of the kind wanted when it is of the same type, when the CSMS answers with the same status in that
        OCPP version, and when it is in a group just if the scenario's card is. Each group of the scenario gets a
        group of its own.

        Args:
            wanted: ``given.csms.id_tokens``.
            version: decides which statuses there are.
            free: whether a real card may be lent now.

        Returns:
            The loan; None while cards that would do are not free.

        Raises:
            NoSuchCardsError: the CSMS has no such cards at all.
        """
        wanted = _in_one_spelling(wanted)
        loan = self._try(wanted, version, free)
        if loan is None:
            # Raises when it would not do either if every card were free.
            self._try(wanted, version, None)
        return loan

    def _try(self, wanted: Mapping[str, Card], version: OcppVersion, free: Callable[[str], bool] | None) -> Loan | None:
        certified = next((card for card, data in wanted.items() if data.certificate_status is not None), None)
        if certified is not None:
            raise NoSuchCardsError(
                f"what is said of the certificate of {certified} cannot be arranged: the CSMS is not ours"
            )
        fixed = {card: self._mapped[card.casefold()] for card in wanted if card.casefold() in self._mapped}
        _refuse_twins(fixed)
        groups = self._fixed_groups(wanted, fixed, version)
        if free is not None and not all(free(real) for real in fixed.values()):
            return None
        if not self._cards:
            trusted = {card: fixed.get(card, card) for card in wanted}
            return Loan(trusted, groups, False) if free is None or all(map(free, trusted.values())) else None
        needs: dict[_Kind, list[str]] = defaultdict(list)
        for card, data in wanted.items():
            if card not in fixed:
                if data.valid_for is not None and data.valid_for > 0:
                    raise NoSuchCardsError(
                        f"{card} must have a certain expiry date, which cannot be arranged: the CSMS is not ours"
                    )
                needs[data.parent_id_token, _sort(data, version)].append(card)
        supply = self._supply(version, taken=fixed.values(), free=free)
        chosen = _choose_groups({group for group, _ in needs if group is not None}, groups, needs, supply)
        if chosen is None or not _suffices(needs, None, supply, None):
            if free is None:
                raise NoSuchCardsError(_missing(needs, groups, supply))
            return None
        lent = dict(fixed)
        for (group, sort), cards in needs.items():
            lent.update(_hand_out(cards, supply[None if group is None else chosen[group]][sort]))
        return Loan(lent, {**groups, **chosen}, True)

    def _fixed_groups(
        self, wanted: Mapping[str, Card], fixed: Mapping[str, str], version: OcppVersion
    ) -> dict[str, str]:
        """The groups that cards mapped by hand imply, and those mapped by hand themselves."""
        groups: dict[str, str] = {}
        for card, data in wanted.items():
            group = data.parent_id_token
            if group is not None and group.casefold() in self._mapped:
                groups[group] = self._mapped[group.casefold()]
            known = self._known.get(fixed[card].casefold()) if card in fixed else None
            if known is None:
                continue
            want, have = _sort(data, version), _sort(known, version)
            alone = group is None, known.parent_id_token is None
            if want != have or alone[0] is not alone[1]:
                raise NoSuchCardsError(
                    f"{card} must be {_kind(want, alone[0], alone)} at the CSMS, and the token map gives it "
                    f"{fixed[card]}, which is {_kind(have, alone[1], alone)}"
                )
            if group is not None and known.parent_id_token is not None:
                groups.setdefault(group, known.parent_id_token)
        return groups

    def _supply(self, version: OcppVersion, *, taken: Iterable[str], free: Callable[[str], bool] | None) -> _Supply:
        gone = {card.casefold() for card in taken}
        supply: _Supply = defaultdict(lambda: defaultdict(list))
        for card, data in self._cards.items():
            if card.casefold() not in gone and (free is None or free(card)):
                supply[data.parent_id_token][_sort(data, version)].append(card)
        return supply


def _in_one_spelling(cards: Mapping[str, Card]) -> dict[str, Card]:
    """The cards with each group as it was first written: letter case makes no other group."""
    spelled: dict[str, str] = {}
    found: dict[str, Card] = {}
    for name, card in cards.items():
        group = card.parent_id_token
        if group is not None:
            group = spelled.setdefault(group.casefold(), group)
        found[name] = replace(card, parent_id_token=group)
    return found


def _refuse_twins(fixed: Mapping[str, str]) -> None:
    seen: dict[str, str] = {}
    for card, real in fixed.items():
        other = seen.setdefault(real.casefold(), card)
        if other != card:
            raise NoSuchCardsError(f"the token map gives {other} and {card} the same real card {real}")


def expected_status(card: Card, version: OcppVersion) -> AuthorizationStatus:
    """How a CSMS that knows this of a card answers for it on the wire."""
    over = card.status is AuthorizationStatus.ACCEPTED and card.valid_for is not None and card.valid_for <= 0
    return wire_status(AuthorizationStatus.EXPIRED if over else card.status, version)


def _sort(card: Card, version: OcppVersion) -> _Sort:
    return expected_status(card, version), card.type


def _word(sort: _Sort) -> str:
    status, kind = sort
    return status.value if kind == DEFAULT_TOKEN_TYPE else f"{status.value} of type {kind}"


def _choose_groups(
    groups: set[str], fixed: Mapping[str, str], needs: Mapping[_Kind, Sequence[str]], supply: _Supply
) -> dict[str, str] | None:
    """A real group for each group of the scenario, no two the same; None when there are too few."""
    left = sorted(groups)
    if not left:
        return {}
    group, *others = left
    taken = {real for name, real in fixed.items() if name != group}
    options = [fixed[group]] if group in fixed else [real for real in supply if real is not None and real not in taken]
    options.sort(key=lambda real: real.casefold() != group.casefold())
    for real in options:
        if _suffices(needs, group, supply, real):
            rest = _choose_groups(set(others), {**fixed, group: real}, needs, supply)
            if rest is not None:
                return {group: real, **rest}
    return None


def _suffices(needs: Mapping[_Kind, Sequence[str]], group: str | None, supply: _Supply, real: str | None) -> bool:
    stock = supply.get(real, {})
    return all(len(cards) <= len(stock.get(sort, ())) for (of, sort), cards in needs.items() if of == group)


def _hand_out(cards: Sequence[str], stock: Sequence[str]) -> dict[str, str]:
    """A real card for each: the one of the same name where there is one, then in the order of the list."""
    named = {real.casefold(): real for real in stock}
    lent = {card: named[card.casefold()] for card in cards if card.casefold() in named}
    others = (real for real in stock if real not in set(lent.values()))
    return {**lent, **{card: next(others) for card in cards if card not in lent}}


def _missing(needs: Mapping[_Kind, Sequence[str]], groups: Mapping[str, str], supply: _Supply) -> str:
    for (group, sort), cards in needs.items():
        stock = supply.get(None, {}).get(sort, ())
        if group is None and len(cards) > len(stock):
            return (
                f"{_names(cards)} must be {_word(sort)} at the CSMS, and the cards listed for it have "
                f"{len(stock) or 'none'} that {'are' if len(stock) > 1 else 'is'}"
            )
    parts = [f"{_names(cards)} {_word(sort)}" for (group, sort), cards in needs.items() if group is not None]
    named = sorted({group for group, _ in needs if group is not None})
    place = f"the group {groups[named[0]]}" if len(named) == 1 and named[0] in groups else "one group"
    each = "each group" if len(named) > 1 else place
    return (
        f"{' and '.join(parts)} must be in {each} at the CSMS"
        + (f" ({', '.join(named)} in groups of their own)" if len(named) > 1 else "")
        + ", and the cards listed for it have no such group"
    )


def _kind(sort: _Sort, alone: bool, both: tuple[bool, bool]) -> str:
    """Status and type, with its company where that is what differs."""
    if both[0] is both[1]:
        return _word(sort)
    return f"{_word(sort)} in no group" if alone else f"{_word(sort)} in a group"


def _names(cards: Sequence[str]) -> str:
    *first, last = cards
    return f"{', '.join(first)} and {last}" if first else last
