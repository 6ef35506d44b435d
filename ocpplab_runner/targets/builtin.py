"""The built-in kinds of target, made through the hook that a plugin uses; each is imported when it is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ocpplab_runner.plugin.csms_driver import CsmsDriver
from ocpplab_runner.plugin.hookspecs import hookimpl
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.target import Target


@hookimpl
def ocpplab_target(kind: str, name: str, options: Mapping[str, Any]) -> Target | None:
    """Make a ``simulated``, ``csms``, ``gateway``, ``station`` or ``everest`` target.

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
    if kind == "station":
        from ocpplab_runner.targets.station.options import StationOptions
        from ocpplab_runner.targets.station.target import StationTarget

        return StationTarget(name, StationOptions.from_mapping(options))
    if kind == "everest":
        return _everest(name, options)
    return None


@hookimpl
def ocpplab_rig(kind: str, options: Mapping[str, Any]) -> Rig | None:
    """Make an ``http`` rig.

    Raises:
        ValueError: an option is unknown or wrong.
    """
    if kind != "http":
        return None
    with _extra():
        from ocpplab_runner.targets.rigs.http import HttpRig
    return HttpRig(options)


@hookimpl
def ocpplab_csms_driver(kind: str, options: Mapping[str, Any]) -> CsmsDriver | None:
    """Make an ``http`` driver.

    Raises:
        ValueError: an option is unknown or wrong.
    """
    if kind != "http":
        return None
    with _extra():
        from ocpplab_runner.targets.drivers.http import HttpCsmsDriver
    return HttpCsmsDriver(options)


def _gateway(name: str, options: Mapping[str, Any]) -> Target:
    with _extra():
        from ocpplab_runner.targets.gateway.options import GatewayOptions
        from ocpplab_runner.targets.gateway.target import GatewayTarget
    return GatewayTarget(name, GatewayOptions.from_mapping(options))


def _everest(name: str, options: Mapping[str, Any]) -> Target:
    with _extra("everest"):
        from ocpplab_runner.targets.everest.at_csms import EverestAtCsmsTarget
        from ocpplab_runner.targets.everest.target import EverestTarget
    if options.get("csms", "built-in") != "built-in":
        return EverestAtCsmsTarget.from_mapping(name, options)
    return EverestTarget.from_mapping(name, {key: value for key, value in options.items() if key != "csms"})


@contextmanager
def _extra(extra: str = "gateway") -> Iterator[None]:
    """Imports that need an extra; raises ValueError, which names it, where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ValueError(f"it needs {error.name}: install ocpplab-runner[{extra}]") from error
