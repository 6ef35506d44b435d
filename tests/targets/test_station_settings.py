"""A station's settings across runs: what a killed one has changed is lost by nothing that comes between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.targets.station.journal import RestoreJournal
from ocpplab_runner.targets.station.questions import Questions
from ocpplab_runner.targets.station.reports import Reports
from ocpplab_runner.targets.station.settings import StationSettings
from ocpplab_runner.vocabulary.versions import OcppVersion

LEFT = {"ConnectionTimeOut": "77", "HeartbeatInterval": "300"}


class Answers:
    """A station of 1.6 that falls silent after so many calls."""

    def __init__(self, patience: int = 100) -> None:
        self.keys = {"ConnectionTimeOut": "20", "HeartbeatInterval": "20", "MeterValueSampleInterval": "60"}
        self.patience = patience

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what it is set to, or set it."""
        self.patience -= 1
        if self.patience < 0:
            raise InfrastructureError("silent")
        if action == "GetConfiguration":
            return {"configurationKey": [{"key": k, "value": v, "readonly": False} for k, v in self.keys.items()]}
        self.keys[payload["key"]] = payload["value"]
        return {"status": "Accepted"}


def settings_of(station: Answers, journal: RestoreJournal) -> StationSettings:
    """What a worker has of it."""
    return StationSettings(cast(Questions, station), OcppVersion.V16, journal, Reports(), limit=1)


@pytest.mark.parametrize("patience", [0, 1, 2])
def test_a_station_that_falls_silent_loses_no_original(tmp_path: Path, patience: int) -> None:
    """Neither a change in between nor the end of the run writes over what is still to be put back."""
    journal, station = RestoreJournal(tmp_path, "CP-1"), Answers(patience)
    journal.write(LEFT)

    async def main() -> None:
        settings = settings_of(station, journal)
        with pytest.raises(InfrastructureError):
            await settings.put_back_earlier()
        station.patience = 100
        await settings.read()
        await settings.change("MeterValueSampleInterval", "10")
        assert journal.read().items() >= LEFT.items()
        assert await settings.put_back() == []

    asyncio.run(main())
    assert station.keys == {**LEFT, "MeterValueSampleInterval": "60"}
    assert journal.read() == {}


def test_what_an_earlier_run_has_left_is_told(tmp_path: Path) -> None:
    """Each key that is put back; nothing where nothing was left."""
    journal, station = RestoreJournal(tmp_path, "CP-1"), Answers()
    journal.write(LEFT)

    async def main() -> None:
        settings = settings_of(station, journal)
        assert await settings.put_back_earlier() == ["ConnectionTimeOut = 77", "HeartbeatInterval = 300"]
        assert await settings.put_back_earlier() == []

    asyncio.run(main())
    assert station.keys.items() >= LEFT.items()
