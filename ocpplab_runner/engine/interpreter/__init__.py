"""From OCPP frames to version-neutral facts: one stateful, pure interpreter per charger.

Feed it the frame events of one charger in order; it answers with the facts that each frame shows. Which frame makes
which fact is listed in :mod:`.v16` and :mod:`.v2`; the fields are those of ``docs/reference/facets.md``.
"""

from __future__ import annotations

from ocpplab_runner.engine.interpreter.common import Fact, Interpreter, Shown
from ocpplab_runner.engine.interpreter.v2 import V2Interpreter
from ocpplab_runner.engine.interpreter.v16 import V16Interpreter
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = ["Fact", "Interpreter", "Shown", "interpreter_for"]


def interpreter_for(version: OcppVersion) -> Interpreter:
    """A fresh interpreter for a charger that speaks ``version``."""
    return V16Interpreter() if version is OcppVersion.V16 else V2Interpreter()
