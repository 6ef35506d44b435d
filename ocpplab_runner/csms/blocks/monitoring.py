"""Monitoring of variables: N02 to N08 of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, Block, answers, operation
from ocpplab_runner.csms.core.datatypes_v2 import place
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import request_id
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion

_ONLY_2_1 = frozenset({OcppVersion.V21})


class Monitoring(Block):
    """Has variables watched, and hears what has happened to them."""

    versions = V2

    @answers("NotifyEvent")
    def noted(self, _: Call) -> Payload:
        """N07, N08."""
        return {}

    @answers("OpenPeriodicEventStream", versions=_ONLY_2_1)
    def opened(self, _: Call) -> Payload:
        """N11."""
        return {"status": "Accepted"}

    @answers("ClosePeriodicEventStream", versions=_ONLY_2_1)
    def closed(self, _: Call) -> Payload:
        """N13."""
        return {}

    @operation("set_monitor")
    def set_monitor(self, order: Order) -> Request:
        """SetVariableMonitoring (N04)."""
        fields = order.fields
        monitor = given(
            id=fields.get("monitor_id"),
            transaction=fields.get("in_transaction"),
            value=fields["value"],
            type=fields["type"],
            severity=fields.get("severity", 5),
            periodicEventStream=fields.get("stream"),
            **place(fields["variable"], fields.get("evse_id"), fields.get("connector_id")),
        )
        return "SetVariableMonitoring", {"setMonitoringData": [monitor]}

    @operation("clear_monitors")
    def clear_monitors(self, order: Order) -> Request:
        """ClearVariableMonitoring (N06)."""
        wanted = order.fields["monitor_ids"]
        return "ClearVariableMonitoring", {"id": wanted if isinstance(wanted, list) else [wanted]}

    @operation("get_monitors")
    def get_monitors(self, order: Order) -> Request:
        """GetMonitoringReport (N02)."""
        fields = order.fields
        variables = None
        if "variable" in fields:
            variables = [place(fields["variable"], fields.get("evse_id"), fields.get("connector_id"))]
        return "GetMonitoringReport", given(
            requestId=request_id(self.station, order),
            monitoringCriteria=fields.get("criteria"),
            componentVariable=variables,
        )

    @operation("set_monitoring_base")
    def set_monitoring_base(self, order: Order) -> Request:
        """N03."""
        return "SetMonitoringBase", {"monitoringBase": order.fields["base"]}

    @operation("set_monitoring_level")
    def set_monitoring_level(self, order: Order) -> Request:
        """N05."""
        return "SetMonitoringLevel", {"severity": order.fields["severity"]}


MONITORING = (Monitoring,)
