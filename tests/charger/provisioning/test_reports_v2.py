"""Reports of what a 2.x station is and has: B07."""

from __future__ import annotations

from tests.charger.rig import Rig, play


def test_a_base_report() -> None:
    """B07: every part has its number, only the last has no tbc, and every report is valid."""

    async def scene(it: Rig) -> None:
        answer = await it.call("GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"})
        assert answer == {"status": "Accepted"}

    reports = play(scene).sent("NotifyReport")
    assert [report["seqNo"] for report in reports] == list(range(len(reports)))
    assert [report.get("tbc", False) for report in reports] == [True] * (len(reports) - 1) + [False]
    names = {f"{d['component']['name']}.{d['variable']['name']}" for r in reports for d in r["reportData"]}
    assert {"AuthCtrlr.Enabled", "TxCtrlr.TxStartPoint", "EVSE.AvailabilityState", "SecurityCtrlr.Identity"} <= names


def test_a_summary_is_not_supported() -> None:
    """B07.FR.02 lets a station leave it out."""

    async def scene(it: Rig) -> None:
        answer = await it.call("GetBaseReport", {"requestId": 9, "reportBase": "SummaryInventory"})
        assert answer == {"status": "NotSupported"}

    assert play(scene).sent("NotifyReport") == []
