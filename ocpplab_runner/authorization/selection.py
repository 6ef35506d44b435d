"""Which EVSE an accepted token may use: rule 13 of EVerest's Auth module."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.authorization.types import SelectionAlgorithm


class UserInputNotBuiltError(NotImplementedError):
    """``UserInput`` is a value of EVerest's enum that nothing can carry out, there or here."""

    def __init__(self) -> None:
        super().__init__(
            "selection_algorithm UserInput is not built: choose FindFirst, PlugEvents or PlugEventsLIFO, "
            "or name the EVSE with the card"
        )


def select_evse(algorithm: SelectionAlgorithm, candidates: Sequence[int], plug_ins: Sequence[int]) -> int | None:
    """The EVSE for a token, or None when no candidate qualifies yet.

    Args:
        algorithm: how to choose.
        candidates: EVSEs that could take the token, in the order in which it refers to them.
        plug_ins: EVSEs in the order in which cars were plugged in, those already used taken out.

    Raises:
        UserInputNotBuiltError: the algorithm is UserInput.
    """
    if algorithm is SelectionAlgorithm.USER_INPUT:
        raise UserInputNotBuiltError
    plugged = [evse for evse in plug_ins if evse in candidates]
    if plugged:
        return plugged[-1] if algorithm is SelectionAlgorithm.PLUG_EVENTS_LIFO else plugged[0]
    if algorithm is SelectionAlgorithm.FIND_FIRST and candidates:
        return candidates[0]
    return None


def waits_for_plug_in(algorithm: SelectionAlgorithm) -> bool:
    """Whether a token that found no EVSE waits for one to be plugged in; FindFirst never waits."""
    return algorithm is not SelectionAlgorithm.FIND_FIRST
