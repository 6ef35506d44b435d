"""Who sends what."""

from __future__ import annotations

import pytest

from ocpplab_runner.ocppj.schemas import actions, send_actions
from ocpplab_runner.vocabulary.directions import FROM_STATION, sends
from ocpplab_runner.vocabulary.versions import OcppVersion


@pytest.mark.parametrize("version", OcppVersion, ids=str)
def test_every_name_is_an_action(version: OcppVersion) -> None:
    """And the CSMS has calls of its own."""
    known = actions(version) | send_actions(version)
    assert FROM_STATION[version] <= known
    assert {"Reset", "TriggerMessage", "DataTransfer"} <= {name for name in known if sends("csms", version, name)}
    assert not sends("csms", version, "Authorize")
    assert not sends("charger", version, "Reset")
    assert sends("charger", version, "DataTransfer")
