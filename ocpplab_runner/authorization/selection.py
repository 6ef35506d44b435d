"""Which EVSE an accepted token may use: rule 13 of EVerest's Auth module."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner.authorization.types import SelectionAlgorithm


def select_evse(algorithm: SelectionAlgorithm, candidates: Sequence[int], plug_ins: Sequence[int]) -> int | None:
    """The EVSE for a token, or None when no candidate qualifies yet.

    Args:
        algorithm: how to choose.
        candidates: EVSEs that could take the token, in the order in which it refers to them.
        plug_ins: EVSEs in the order in which cars were plugged in, those already used taken out.
    """
    if algorithm is SelectionAlgorithm.USER_INPUT:  # 13d: nobody but the driver chooses
        return None
    plugged = [evse for evse in plug_ins if evse in candidates]
    if plugged:  # 13c, else 13a and 13b
        return plugged[-1] if algorithm is SelectionAlgorithm.PLUG_EVENTS_LIFO else plugged[0]
    if algorithm is SelectionAlgorithm.FIND_FIRST and candidates:  # 13a
        return candidates[0]
    return None


def waits(algorithm: SelectionAlgorithm) -> bool:
    """Whether a token that found no EVSE waits, for a car or for the driver's choice; FindFirst never does."""
    return algorithm is not SelectionAlgorithm.FIND_FIRST
