"""What a stage can do beyond what every stage can: which methods of its base class it has made its own."""

from __future__ import annotations

from typing import TypeGuard

from ocpplab_runner.plugin.former_protocols import DoubtingStage, SettlingStage
from ocpplab_runner.plugin.stage import Stage


def settles(stage: Stage) -> TypeGuard[SettlingStage]:
    """Whether what a step sets off takes its time to show there."""
    # None: a stage of the former protocols, which had no base class, need not have it.
    return getattr(type(stage), "settle", None) not in (None, Stage.settle)


def may_miss(stage: Stage) -> TypeGuard[DoubtingStage]:
    """Whether it may now and then have missed a fact."""
    return getattr(type(stage), "doubts", None) not in (None, Stage.doubts)
