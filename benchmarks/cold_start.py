"""Cold start: `run` of one scenario, beside importing the libraries that such a run needs."""

from __future__ import annotations

import sys

from benchmarks.rows import OCPPLAB, Row, against, interleaved, wall_time

_ROUNDS = 9


def measure() -> list[Row]:
    """Both as whole processes."""
    imports = [sys.executable, "-c", "import ocpp.v16, websockets, yaml, jsonschema"]
    medians = interleaved(
        {
            "ours": lambda: wall_time([*OCPPLAB, "run", "benchmarks/scenarios/session.yaml"]),
            "imports": lambda: wall_time(imports),
        },
        _ROUNDS,
    )
    return [
        against(
            "cold start: run of one scenario",
            medians["ours"],
            ("import ocpp.v16, websockets, yaml, jsonschema", medians["imports"]),
            unit="s",
            most=2,
        )
    ]
