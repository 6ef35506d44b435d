"""The built-in kinds of target, made through the hook that a plugin uses; each is imported when it is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.target import Target


@hookimpl
def ocpplab_target(kind: str, name: str, options: Mapping[str, Any]) -> Target | None:
    """Make a ``simulated``, ``csms`` or ``gateway`` target.

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
    if kind == "gateway":
        return _gateway(name, options)
    return None


def _gateway(name: str, options: Mapping[str, Any]) -> Target:
    try:
        from ocpplab_runner.targets.gateway.options import GatewayOptions
        from ocpplab_runner.targets.gateway.target import GatewayTarget
    except ModuleNotFoundError as error:
        raise ValueError(f"it needs {error.name}: install ocpplab-runner[gateway]") from error
    return GatewayTarget(name, GatewayOptions.from_mapping(options))
