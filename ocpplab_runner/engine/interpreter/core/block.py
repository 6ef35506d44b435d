"""A functional block of the interpreter: which facts the frames of its messages show.

A block is a class for each generation of OCPP, or one for all. It says with decorators what it reads::

    @shown_by("MeterValues", "meter")           a call: gets the payload, and is asked when the answer is there
    @shown_by_answer("Authorize")               an answer: gets the payloads of call and answer
    @lost("StartTransaction")                   a call that was not taken, or of which nobody knows
"""

from __future__ import annotations

from collections.abc import Callable

from ocpplab_runner.engine.interpreter.core.traffic import Traffic
from ocpplab_runner.ocppj.blocks import V2, V16, M, Marked, marked
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = ["V2", "V16", "Block", "lost", "shown_by", "shown_by_answer"]

UP, DOWN = "to_csms", "to_charger"


def shown_by(action: str, *facts: str, versions: frozenset[OcppVersion] = V16 | V2) -> Callable[[M], M]:
    """The method reads a charger's call: it gets the payload and returns facts, of these kinds."""
    return marked("calls", (UP, action), versions=versions, more=frozenset(facts))


def shown_by_answer(
    action: str, *, by_csms: bool = False, versions: frozenset[OcppVersion] = V16 | V2
) -> Callable[[M], M]:
    """The method reads the answer to a call of the charger, or of the CSMS: it gets both payloads and returns facts."""
    return marked("answers", (DOWN if by_csms else UP, action), versions=versions)


def lost(action: str) -> Callable[[M], M]:
    """The method hears of a call that was refused or has been left without an answer: it gets the payload."""
    return marked("lost", action)


class Block(Marked):
    """The base of every block.

    Args:
        traffic: what it shares with the others.
    """

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
