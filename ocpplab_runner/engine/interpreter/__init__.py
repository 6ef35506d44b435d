"""From OCPP frames to version-neutral facts: one stateful, pure interpreter per charger.

Feed it the frame events of one charger in order; it answers with the facts that each frame shows. Which frame makes
which fact is said in :mod:`.blocks`; the fields are those of ``docs/reference/facets.md``.
"""

from __future__ import annotations

from ocpplab_runner.engine.interpreter.core.facts import Fact
from ocpplab_runner.engine.interpreter.interpreter import Interpreter, Shown

__all__ = ["Fact", "Interpreter", "Shown"]
