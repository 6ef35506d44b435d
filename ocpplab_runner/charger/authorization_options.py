"""How a simulated station handles tokens: ``given.charger.authorization`` as checked data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ocpplab_runner.authorization.types import SelectionAlgorithm
from ocpplab_runner.authorization.validators import CsmsValidator, Validator, validators_from_given
from ocpplab_runner.vocabulary.quirks import Quirk

E = TypeVar("E", bound=StrEnum)

_TRUTHS = (
    "prioritize_authorization_over_stopping_transaction",
    "ignore_connector_faults",
    "stop_transaction_on_reswipe",
    "plug_in_timeout",
)


@dataclass(frozen=True, slots=True)
class AuthorizationOptions:
    """The options of EVerest's Auth module, with our defaults; ``docs/authorization.md`` gives the reason of each.

    Attributes:
        selection_algorithm: how an EVSE is found.
        prioritize_authorization_over_stopping_transaction: start on a free EVSE rather than stop a sibling's.
        ignore_connector_faults: a faulted EVSE may be granted.
        stop_transaction_on_reswipe: the card of a transaction, or of its group, stops it.
        plug_in_timeout: a plugged car waits only the connection timeout for a token.
        quirks: oddities that are on.
        validators: who judges tokens, in this order.
    """

    selection_algorithm: SelectionAlgorithm = SelectionAlgorithm.PLUG_EVENTS
    prioritize_authorization_over_stopping_transaction: bool = False
    ignore_connector_faults: bool = False
    stop_transaction_on_reswipe: bool = True
    plug_in_timeout: bool = False
    quirks: frozenset[Quirk] = frozenset()
    validators: tuple[Validator, ...] = (CsmsValidator(),)

    @classmethod
    def from_given(cls, given: Mapping[str, Any]) -> AuthorizationOptions:
        """From the mapping of a scenario, without ``master_pass_group``, which is a setting.

        Raises:
            ValueError: a key or value that is none.
        """
        data = dict(given)
        wanted = data.pop("selection_algorithm", SelectionAlgorithm.PLUG_EVENTS)
        algorithm = _one_of(SelectionAlgorithm, wanted, "selection_algorithm")
        names = data.pop("quirks", None) or ()
        if not isinstance(names, list | tuple):
            raise ValueError(f"authorization.quirks: {names!r} is no list of quirks")
        quirks = frozenset(_one_of(Quirk, name, "quirks") for name in names)
        validators = validators_from_given(data.pop("validators", None))
        truths = {name: bool(data.pop(name)) for name in _TRUTHS if name in data}
        if data:
            raise ValueError(f"a charger's authorization has no {', '.join(sorted(data))}")
        return cls(algorithm, quirks=quirks, validators=validators, **truths)


def _one_of(kind: type[E], value: Any, option: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"authorization.{option}: {value!r} is none of {', '.join(kind)}") from None
