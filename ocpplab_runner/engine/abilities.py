"""What a stage can do beyond what every stage can: the optional protocols of :mod:`ocpplab_runner.plugin.target`.

Looked up once for each class of stages: a look at all members of a protocol takes as long as a message.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeGuard

from ocpplab_runner.plugin.target import DoubtingStage, SettlingStage, Stage


def settles(stage: Stage) -> TypeGuard[SettlingStage]:
    """Whether what a step sets off takes its time to show there."""
    return _settles(type(stage))


def may_miss(stage: Stage) -> TypeGuard[DoubtingStage]:
    """Whether it may now and then have missed a fact."""
    return _doubts(type(stage))


@lru_cache(maxsize=16)
def _settles(kind: type) -> bool:
    return issubclass(kind, SettlingStage)


@lru_cache(maxsize=16)
def _doubts(kind: type) -> bool:
    return issubclass(kind, DoubtingStage)
