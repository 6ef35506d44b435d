"""What can be said of a charger that does not do what it should (the G4 route ``diagnostics``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.deployment import Deployment

_LEVELS = {"failed": "error", "stuck": "warning"}
_ORDER = ("debug", "info", "warning", "error", "critical")
#: How the CSMS says no: reasons of :class:`~ocpplab_runner.ocppj.websocket.ConnectRefused` as codes, with `_` for `-`.
_REJECTIONS = frozenset({"unauthorized", "not_found", "subprotocol", "http"})


def diagnose(
    deployment: Deployment, since: datetime, until: datetime, *, level: str | None, tail: int
) -> dict[str, Any]:
    """The diagnosis of a charger as it stands now, with what has happened in a window of time."""
    stage, outcome, code, hint = deployment.stage()
    start, end = clock.timestamp(since), clock.timestamp(until)
    events = [event for event in deployment.events if start <= event.at <= end]
    least = _ORDER.index(level or "debug")
    lines = [
        {
            "ts": event.at,
            "level": _LEVELS.get(event.outcome, "info"),
            "text": f"{event.stage}: {event.outcome}" + (f" ({event.hint})" if event.hint else ""),
        }
        for event in events
        if _ORDER.index(_LEVELS.get(event.outcome, "info")) >= least
    ]
    running = int(deployment.running)
    return {
        "window": {"since": start, "until": end},
        "verdict": _verdict(stage, outcome, code, hint),
        "deployment": {"replicas": int(not deployment.record.stopped), "ready_replicas": running},
        "pods": [],
        "events": [
            {
                "ts": event.at,
                "type": "Warning" if event.outcome in _LEVELS else "Normal",
                "reason": event.code,
                "message": event.hint or f"{event.stage}: {event.outcome}",
                "count": 1,
            }
            for event in events
        ],
        "logs": {
            "source": "current" if lines else "none",
            "truncated": len(lines) > tail,
            "lines": lines[-tail:],
        },
        "notes": ["The charger runs in this process; there is no cluster that could be looked into."],
    }


def _verdict(stage: str, outcome: str, code: str | None, hint: str | None) -> dict[str, Any]:
    if stage == "stopped":
        return _said("stopped", "info", "The charger is stopped", "Start its runtime.")
    if outcome == "failed":
        return _said("unknown", "error", "The charger could not be built", "See the evidence.", hint)
    if outcome == "stuck" and code in _REJECTIONS:
        advice = "Check the charger's identity, credentials and OCPP version at the CSMS."
        return _said("csms_rejected", "error", "The CSMS refuses the charger", advice, hint)
    if outcome == "stuck":
        advice = "Check ws_url, and whether the CSMS runs and can be reached from here."
        return _said("csms_unreachable", "error", "The CSMS cannot be reached", advice, hint)
    if stage == "online":
        return _said("connected", "ok", "The CSMS has accepted the charger", "Nothing is to be done.")
    if stage == "registering":
        advice = "The charger waits until the CSMS accepts its BootNotification."
        return _said("starting", "warning", "Connected, not accepted yet", advice)
    return _said("starting", "info", "The charger starts", "Wait a moment.")


def _said(code: str, severity: str, title: str, hint: str, evidence: str | None = None) -> dict[str, Any]:
    return {"code": code, "severity": severity, "title": title, "hint": hint, "evidence": evidence}
