"""The built-in kinds of target, made through the hook that a plugin uses; each is imported when it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.target import Target


@hookimpl
def ocpplab_target(kind: str, name: str, options: Mapping[str, Any]) -> Target | None:
    """Make a ``simulated`` or ``csms`` target.

    Raises:
        ValueError: an option is unknown or wrong.
    """
    if kind == "simulated":
        from ocpplab_runner.targets.simulated import SimulatedTarget

        unknown = sorted(set(options) - {"realtime"})
        if unknown:
            raise ValueError(f"a simulated target has no option {', '.join(unknown)}")
        return SimulatedTarget(name, realtime=bool(options.get("realtime", False)))
    if kind == "csms":
        from ocpplab_runner.targets.csms import CsmsTarget, CsmsTargetOptions

        return CsmsTarget(name, CsmsTargetOptions.from_mapping(options))
    return None
