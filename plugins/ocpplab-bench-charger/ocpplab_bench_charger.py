"""An example plugin: a target for one charger that somebody else has made, which dials our CSMS and stays connected."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import ocpplab_runner.api as api


class BenchTarget(api.Target):
    """Listens on a port for a charger; all cases of a worker are served over the connection that is there.

    Args:
        name: as chosen on the command line.
        identity: of the charger.
        port: that it dials.
        patience: seconds that a case waits for its boot.
    """

    max_workers = 1  # there is one charger

    def __init__(self, name: str, identity: str, port: int, patience: float) -> None:
        self._name, self._identity, self._port, self._patience = name, identity, port, patience

    @property
    def name(self) -> str:
        """As chosen on the command line."""
        return self._name

    @property
    def capabilities(self) -> api.Capabilities:
        """What the CSMS can do, and see of the charger."""
        return api.served_capabilities()

    async def begin_worker(self) -> None:
        """Listen."""
        self._csms = api.BuiltInCsms.for_nobody(Random())
        await self._csms.start("127.0.0.1", self._port)

    async def end_worker(self) -> None:
        """Close the connection and the port."""
        await self._csms.stop()

    async def set_up(self, request: api.StageRequest) -> api.ServedStage:
        """Wait for the charger, unless it is there."""
        stage = api.ServedStage(self._csms, self._identity, request)
        await stage.begin(self._patience)
        return stage


@api.hookimpl
def ocpplab_target(kind: str, name: str, options: Mapping[str, Any]) -> api.Target | None:
    """`kind: bench` with the options identity, port and patience."""
    if kind != "bench":
        return None
    return BenchTarget(name, str(options["identity"]), int(options["port"]), float(options.get("patience", 30)))
