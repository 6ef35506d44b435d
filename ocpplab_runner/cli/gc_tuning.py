"""When garbage is looked for: neither while a command starts nor, later, among what its start has made.

Modules, the language and the plan stay to the end. Looking for garbage among these tens of thousands of objects, while
they are made, in every worker and at exit, took a fifth of the time of a short run.
"""

from __future__ import annotations

import gc

#: New objects before they are looked through: about what a case makes, nearly all of which is gone by its end anyway.
_YOUNG = 5000


def postpone() -> None:
    """Look for no garbage until :func:`resume`."""
    gc.disable()


def resume() -> None:
    """Look for garbage from now on, among what is made from now on. Comes before workers are forked."""
    gc.freeze()
    gc.set_threshold(_YOUNG)
    gc.enable()
