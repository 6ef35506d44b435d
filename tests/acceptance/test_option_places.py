"""What is wrong in the templates of ``ocpplab.yaml`` is told at load, with its place and with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.cli_kit import ROOT, cli

_CSMS = """\
targets:
  other: {kind: csms}
  mine:
    kind: csms
    url: ws://127.0.0.1:9/ocpp
    driver:
      base_url: http://127.0.0.1:9
"""
_STATION = """\
targets:
  mine:
    kind: station
    rig:
      base_url: http://127.0.0.1:9
"""


@pytest.mark.parametrize(
    ("head", "rest", "told"),
    [
        (
            _CSMS,
            '      operations:\n        reset: {url: /x}\n        remote_start:\n          json: {card: "{id_tga}"}\n'
            "          url: /x\n",
            "ocpplab.yaml:11:25: target mine: `driver.operations.remote_start`: remote_start has no {id_tga}; "
            "did you mean 'id_tag'?",
        ),
        (
            _CSMS,
            '      versions:\n        "1.6":\n          rmote_start: {url: /x}\n',
            "ocpplab.yaml:10:11: target mine: `driver.versions.1.6` has no rmote_start; did you mean 'remote_start'?",
        ),
        (
            _CSMS,
            '      operations:\n        "*": "/x/{stationn}"\n',
            "ocpplab.yaml:9:18: target mine: `driver.operations.*`: cancel_reservation has no {stationn}; "
            "did you mean 'station'?",
        ),
        (
            _CSMS,
            "      oprations: {}\n",
            "ocpplab.yaml:8:7: target mine: `driver` has no oprations; did you mean 'operations'?",
        ),
        (
            _STATION,
            "      verbs:\n        plug_conector: /x\n",
            "ocpplab.yaml:7:24: target mine: `rig.verbs.plug_conector`: a rig does what takes hands; "
            "did you mean 'plug_connector'?",
        ),
        (
            _STATION,
            '      verbs:\n        plug_connector: {url: "/x/{evse id}"}\n',
            "ocpplab.yaml:7:35: target mine: `rig.verbs.plug_connector.url`: {evse id} is no placeholder, "
            "and no URL has braces",
        ),
        (
            _STATION,
            '      verbs:\n        plug_connector: {url: "/x", headers: {X-At: "{evse_id}"}}\n',
            "ocpplab.yaml:7:54: target mine: `rig.verbs.plug_connector.headers`: {evse_id} is not filled in there",
        ),
        (
            _STATION,
            '      verbs:\n        plug_connector: {url: "/x", metod: PUT}\n',
            "ocpplab.yaml:7:37: target mine: `rig.verbs.plug_connector` has no metod; did you mean 'method'?",
        ),
    ],
)
def test_a_template_that_is_wrong(head: str, rest: str, told: str, tmp_path: Path) -> None:
    """Before anything is dialled."""
    (tmp_path / "ocpplab.yaml").write_text(head + rest, "utf-8")
    done = cli("run", str(ROOT / "scenarios" / "session"), "--target", "mine", "--list", cwd=tmp_path)
    assert done.code == 2
    assert done.err.splitlines()[-1].removeprefix("Error: ") == told
