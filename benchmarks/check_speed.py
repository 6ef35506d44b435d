"""`check` of 1,000 valid scenario files, beside PyYAML's C loader parsing the same files."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.rows import OCPPLAB, Row, against, interleaved, wall_time

_FILES = 1000
_ROUNDS = 3
_PARSE = (
    "import sys, pathlib, yaml\n"
    "for file in sorted(pathlib.Path(sys.argv[1]).rglob('*.yaml')):\n"
    "    yaml.load(file.read_text('utf-8'), Loader=yaml.CSafeLoader)\n"
)
_SCENARIO = """\
# yaml-language-server: $schema=../../schemas/scenario.schema.json
name: A blocked card never starts a session ({number})
description: The CSMS blocks the card; the charger refuses it and the connector stays idle.
tags: [auth, smoke]
covers: [TC_023_3_CSMS]
ocpp: ["1.6", "2.0.1"]

given:
  charger:
    evses: 2
    settings: {{connection_timeout: 20s}}
  csms:
    id_tokens:
      CARD-BLOCKED: Blocked
      CARD-FLEET-{number}: {{status: Accepted, parent_id_token: FLEET, expires_in: 1h}}
  state: {{ev_connected: {{evse_id: 1}}}}

steps:
  - authorize_id_tag: {{id_tag: CARD-BLOCKED}}
    expect: Blocked
  - never: {{transaction: started}}
    for: 60s
  - authorize_id_tag: {{id_tag: CARD-FLEET-{number}}}
    id: fleet
    expect:
      transaction: {{is: started, evse_id: 1, id_tag: CARD-FLEET-{number}}}
      connector_status: Charging
    within: 10s
  - csms_call: {{action: GetConfiguration, payload: {{key: [HeartbeatInterval]}}}}
    only: ["1.6"]
    expect: {{response: {{configurationKey: {{$contains: [{{key: HeartbeatInterval}}]}}}}}}
    save: {{interval: "response.configurationKey[0].value"}}
  - remote_stop: {{}}
    expect: {{response: {{status: Accepted}}, transaction: ended}}
  - unplug_connector: 1
    expect: {{connector_status: Available}}
    since: fleet
"""


def measure() -> list[Row]:
    """Both as whole processes, reading included."""
    with tempfile.TemporaryDirectory() as directory:
        for number in range(_FILES):
            Path(directory, f"{number:04d}.yaml").write_text(_SCENARIO.format(number=number), "utf-8")
        medians = interleaved(
            {
                "ours": lambda: wall_time([*OCPPLAB, "check", directory]),
                "yaml": lambda: wall_time([sys.executable, "-c", _PARSE, directory]),
            },
            _ROUNDS,
        )
    return [
        against(
            f"check of {_FILES:,} valid files", medians["ours"], ("yaml.CSafeLoader", medians["yaml"]), unit="s", most=3
        )
    ]
