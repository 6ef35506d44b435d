"""Diagnostics: OCPP 1.6 sections 4.4 and 5.9 and its security whitepaper, N of OCPP 2.x."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, answers, operation
from ocpplab_runner.csms.core.datatypes_v2 import id_token
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.csms.core.requests import request_id
from ocpplab_runner.csms.core.transfers import ago, location, retries
from ocpplab_runner.ocppj.frames import Call


class DiagnosticsBlock(Block):
    """Takes reports that were asked for."""

    asks_for: ClassVar = {
        "CustomerInformation": "NotifyCustomerInformation",
        "GetLog": "LogStatusNotification",
        "GetMonitoringReport": "NotifyMonitoringReport",
    }

    def log_request(self, order: Order, kind: str, operation: str) -> Request:
        """GetLog: N01, and the security whitepaper of 1.6."""
        log = given(
            remoteLocation=location(order, operation),
            oldestTimestamp=ago(order, "since"),
            latestTimestamp=ago(order, "until"),
        )
        return "GetLog", given(logType=kind, requestId=request_id(self.station, order), log=log, **retries(order))

    @operation("get_log")
    def get_log(self, order: Order) -> Request:
        """GetLog."""
        return self.log_request(order, order.fields.get("log", "DiagnosticsLog"), "get_log")


class DiagnosticsV16(DiagnosticsBlock):
    """Diagnostics have a request of their own, without a number."""

    versions = V16

    @answers("DiagnosticsStatusNotification", "LogStatusNotification")
    def reported(self, call: Call) -> Payload:
        """DiagnosticsStatusNotification.req; the security whitepaper's LogStatusNotification.req names its request."""
        return self.requested(call)

    @operation("get_diagnostics")
    def get_diagnostics(self, order: Order) -> Request:
        """GetDiagnostics.req."""
        return "GetDiagnostics", given(
            location=location(order, "get_diagnostics"),
            startTime=ago(order, "since"),
            stopTime=ago(order, "until"),
            **retries(order),
        )


class DiagnosticsV2(DiagnosticsBlock):
    """N01 to N10."""

    versions = V2

    @answers("LogStatusNotification", "NotifyCustomerInformation", "NotifyMonitoringReport")
    def reported(self, call: Call) -> Payload:
        """N01 to N03, N09."""
        return self.requested(call)

    @operation("customer_information")
    def customer_information(self, order: Order) -> Request:
        """N09, N10."""
        fields = order.fields
        card = fields.get("id_tag")
        return "CustomerInformation", given(
            requestId=request_id(self.station, order),
            report=fields.get("report", True),
            clear=fields.get("clear", False),
            idToken=None if card is None else id_token(card, fields.get("id_token_type")),
            customerIdentifier=fields.get("customer"),
        )

    @operation("get_diagnostics")
    def get_diagnostics(self, order: Order) -> Request:
        """N01, of the diagnostics log."""
        return self.log_request(order, "DiagnosticsLog", "get_diagnostics")


DIAGNOSTICS = (DiagnosticsV16, DiagnosticsV2)
